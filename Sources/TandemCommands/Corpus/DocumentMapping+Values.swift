import Foundation
import TandemClient

/// A JSON value with numbers and booleans told apart.
///
/// Foundation hands out both as NSNumber, and `as? Bool` also takes 0 and 1; only the Objective-C type letter tells.
enum JSONKind {
    case string(String)
    case bool(Bool)
    case number(NSNumber)
    case array([Any])
    case object
    case null

    init(_ value: Any) {
        switch value {
        case let text as String: self = .string(text)
        case let array as [Any]: self = .array(array)
        case let number as NSNumber: self = number.objCType.pointee == CChar(UInt8(ascii: "c")) ? .bool(number.boolValue) : .number(number)
        case is NSNull: self = .null
        default: self = .object
        }
    }

    static func name(of value: Any) -> String {
        switch JSONKind(value) {
        case .string: "a string"
        case .bool: "a boolean"
        case .number: "a number"
        case .array: "an array"
        case .object: "an object"
        case .null: "null"
        }
    }
}

extension DocumentMapping {
    /// Strings and numbers, and arrays of them; several are joined with line breaks.
    static func text(_ values: [Any], _ name: String) throws(LineProblem) -> String {
        if values.count == 1, let text = values[0] as? String { return text }
        var parts: [String] = []
        for value in flat(values) {
            switch JSONKind(value) {
            case .string(let text): if !text.isEmpty { parts.append(text) }
            case .number(let number): parts.append(number.stringValue)
            case .null: break
            default: throw LineProblem("text field '\(name)' got \(JSONKind.name(of: value)), expected a string")
            }
        }
        return parts.joined(separator: "\n")
    }

    /// Nil where there is no value.
    static func attribute(_ name: String, _ type: ValueType, _ values: [Any]) throws(LineProblem) -> AttributeField? {
        var field = AttributeField(name: name)
        var count = 0
        for value in flat(values) {
            let kind = JSONKind(value)
            if case .null = kind { continue }
            count += 1
            func wrong(_ expected: String) -> LineProblem {
                var found = JSONKind.name(of: value)
                if case .string(let text) = kind, text.count <= 60 { found = "\"\(text)\"" }
                if case .number(let number) = kind { found = number.stringValue }
                return LineProblem("\(type) field '\(name)' got \(found), expected \(expected)")
            }
            switch type {
            case .keyword:
                switch kind {
                case .string(let text): field.keywords.append(text)
                case .number(let number): field.keywords.append(number.stringValue)
                case .bool(let bool): field.keywords.append(bool ? "true" : "false")
                default: throw wrong("a string")
                }
            case .int64:
                guard let number = integer(kind) else { throw wrong("an integer of 64 bits") }
                field.int64s.append(number)
            case .float64:
                switch kind {
                case .number(let number): field.float64s.append(number.doubleValue)
                case .string(let text):
                    guard let number = Double(text), number.isFinite else { throw wrong("a number") }
                    field.float64s.append(number)
                default: throw wrong("a number")
                }
            case .bool:
                switch kind {
                case .bool(let bool): field.bools.append(bool)
                case .string("true"): field.bools.append(true)
                case .string("false"): field.bools.append(false)
                default: throw wrong("true or false")
                }
            case .timestamp:
                if case .string(let text) = kind, let time = TimestampText.parse(text) {
                    field.timestampsMicroseconds.append(time)
                } else if case .number = kind, let time = integer(kind) {
                    field.timestampsMicroseconds.append(time)
                } else {
                    throw wrong("\(TimestampText.expected), or microseconds since 1970")
                }
            default:
                throw LineProblem("field '\(name)' has type \(type), which this version of the tool does not know")
            }
        }
        return count == 0 ? nil : field
    }

    /// One vector, or an array of them: those of a document's chunks.
    static func vectors(_ value: Any, _ name: String, _ dimension: Int) throws(LineProblem) -> [[Float]] {
        guard case .array(let elements) = JSONKind(value), let first = elements.first, case .array = JSONKind(first) else {
            return [try vector(value, name, dimension)]
        }
        var vectors: [[Float]] = []
        for element in elements { vectors.append(try vector(element, name, dimension)) }
        return vectors
    }

    /// Finite numbers, as many as the field's dimension if that is known.
    static func vector(_ value: Any, _ name: String, _ dimension: Int) throws(LineProblem) -> [Float] {
        guard case .array(let components) = JSONKind(value) else {
            throw LineProblem("vector field '\(name)' got \(JSONKind.name(of: value)), expected an array of numbers, or an array of such arrays")
        }
        if dimension > 0, components.count != dimension {
            throw LineProblem("vector field '\(name)' got \(components.count) numbers, expected \(dimension)")
        }
        var vector: [Float] = []
        vector.reserveCapacity(components.count)
        for (index, component) in components.enumerated() {
            guard case .number(let number) = JSONKind(component) else {
                throw LineProblem("vector field '\(name)': component \(index) is \(JSONKind.name(of: component)), expected a number")
            }
            let float = Float(number.doubleValue)
            if !float.isFinite { throw LineProblem("vector field '\(name)': component \(index) is beyond 32-bit numbers") }
            vector.append(float)
        }
        return vector
    }

    private static func integer(_ kind: JSONKind) -> Int64? {
        switch kind {
        case .number(let number):
            // "Q": above Int64.max; "d": written with a decimal point or exponent, or very long.
            switch UInt8(bitPattern: number.objCType.pointee) {
            case UInt8(ascii: "Q"): return Int64(exactly: number.uint64Value)
            case UInt8(ascii: "d"), UInt8(ascii: "f"): return Int64(exactly: number.doubleValue)
            default: return number.int64Value
            }
        case .string(let text): return Int64(text)
        default: return nil
        }
    }

    /// Arrays opened, one level.
    private static func flat(_ values: [Any]) -> [Any] {
        values.flatMap { value in if let array = value as? [Any] { array } else { [value] } }
    }
}
