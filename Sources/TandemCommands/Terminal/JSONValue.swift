import Foundation

/// A JSON value to print. Keys come out sorted, so the same answer gives the same bytes.
public enum JSONValue: Sendable, Hashable, Encodable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    /// Not a number and infinities become null, which JSON has.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .uint(let value): try container.encode(value)
        case .double(let value): if value.isFinite { try container.encode(value) } else { try container.encodeNil() }
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }

    /// - Parameter pretty: over several lines, for people; else on one.
    public func text(pretty: Bool) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Prints to standard output: on a terminal indented, else on one line.
    func print() throws { Output.line(try text(pretty: Terminal.outputIsTerminal)) }

    /// An object without the members that are nil.
    static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for (key, value) in members { if let value { object[key] = value } }
        return .object(object)
    }

    static func number(_ value: UInt32) -> JSONValue { .uint(UInt64(value)) }
    static func number(_ value: UInt64) -> JSONValue { .uint(value) }
    static func number(_ value: Int) -> JSONValue { .int(Int64(value)) }
    static func number(_ value: Double) -> JSONValue { .double(value) }
    static func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
}
