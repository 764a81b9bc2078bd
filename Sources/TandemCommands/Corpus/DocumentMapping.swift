import Foundation
import TandemClient

/// Why a line is no document, in words that name the key.
public struct LineProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}

/// Turns a JSON object into a document of a collection's schema.
///
/// Default, as in BEIR's `corpus.jsonl`: the id is `_id` or `id`; every field of the schema is read from the key of its name,
/// attributes also from inside `metadata`. `--map field=key` names other keys; the key may be a path with dots. A field that is
/// mapped several times gets all the values. Keys that no field takes are ignored and collected.
public struct DocumentMapping: Sendable {
    public static let idName = "id"

    enum Kind: Sendable, Equatable {
        case text
        case attribute(ValueType)
        case vector(dimension: Int)
    }

    struct Field: Sendable {
        var name: String
        var kind: Kind
        /// Read in this order; the values are put together.
        var paths: [[String]]
        /// Where none of them is there, look inside `metadata`.
        var alsoInMetadata: Bool
    }

    let idPaths: [[String]]
    let fields: [Field]
    private let knownKeys: Set<String>
    private let documentIDBytesMax: Int

    /// - Parameter pairs: of `--map`, field and key.
    /// - Throws: ``CommandFailure`` for a field that the schema does not have.
    public init(schema: CollectionSchema, pairs: [(field: String, key: String)] = [], documentIDBytesMax: Int = 512) throws {
        var mapped: [String: [[String]]] = [:]
        for pair in pairs { mapped[pair.field, default: []].append(Self.path(pair.key)) }
        var fields: [Field] = []
        func add(_ name: String, _ kind: Kind) {
            let paths = mapped.removeValue(forKey: name)
            let isAttribute = if case .attribute = kind { true } else { false }
            fields.append(Field(name: name, kind: kind, paths: paths ?? [[name]], alsoInMetadata: isAttribute && paths == nil))
        }
        let ids = mapped.removeValue(forKey: Self.idName)
        for field in schema.textFields { add(field.name, .text) }
        for field in schema.attributes { add(field.name, .attribute(field.type)) }
        for field in schema.vectorFields { add(field.name, .vector(dimension: Int(field.dimension))) }
        if let unknown = mapped.keys.min() {
            let names = ([Self.idName] + fields.map(\.name)).joined(separator: ", ")
            throw CommandFailure("--map \(unknown)=…: the collection has no field '\(unknown)'; it has \(names)")
        }
        idPaths = ids ?? [["_id"], ["id"]]
        self.fields = fields
        self.documentIDBytesMax = documentIDBytesMax
        // `metadata` is looked into only where there is an attribute, but it belongs to the layout: no notice for it.
        knownKeys = Set((idPaths + fields.flatMap(\.paths)).map { $0[0] } + ["metadata", "id", "_id"])
    }

    /// `a.b` → a, then b; a key that really contains a dot is found as well, see ``value(at:in:)``.
    private static func path(_ key: String) -> [String] { key.split(separator: ".", omittingEmptySubsequences: false).map(String.init) }

    /// One line of JSON as a document.
    ///
    /// - Parameter ignored: gets the keys that no field takes.
    public func document(_ line: UnsafeRawBufferPointer, ignored: inout Set<String>) throws(LineProblem) -> Document {
        let object = try Self.object(line)
        for key in object.keys where !knownKeys.contains(key) { ignored.insert(key) }

        var document = Document(id: try id(of: object))
        for field in fields {
            var values = field.paths.compactMap { Self.value(at: $0, in: object) }
            if values.isEmpty, field.alsoInMetadata, let value = (object["metadata"] as? [String: Any])?[field.name], !(value is NSNull) {
                values = [value]
            }
            if values.isEmpty { continue }
            switch field.kind {
            case .text:
                let text = try Self.text(values, field.name)
                if !text.isEmpty { document.texts.append(TextField(name: field.name, text: text)) }
            case .attribute(let type):
                if let attribute = try Self.attribute(field.name, type, values) { document.attributes.append(attribute) }
            case .vector(let dimension):
                for value in values {
                    for vector in try Self.vectors(value, field.name, dimension) { document.vectors.append(VectorField(name: field.name, values: vector)) }
                }
            }
        }
        return document
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func object(_ line: UnsafeRawBufferPointer) throws(LineProblem) -> [String: Any] {
        guard let base = line.baseAddress else { throw LineProblem("an empty line where a JSON object was expected") }
        let value: Any
        do {
            // SAFETY: the bytes outlive the call, and JSONSerialization keeps nothing of them.
            var data = Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: line.count, deallocator: .none)
            // Foundation takes U+FEFF at the beginning of a string for a byte order mark and drops it; escaped, it stays.
            if memchr(base, 0xEF, line.count) != nil, data.firstRange(of: Self.byteOrderMark) != nil {
                var escaped = Data(capacity: line.count + 3)
                var rest = data[...]
                while let mark = rest.firstRange(of: Self.byteOrderMark) {
                    escaped.append(rest[..<mark.lowerBound])
                    escaped.append(contentsOf: "\\uFEFF".utf8)
                    rest = rest[mark.upperBound...]
                }
                escaped.append(rest)
                data = escaped
            }
            value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String ?? "it cannot be parsed"
            throw LineProblem("not JSON: \(reason.hasSuffix(".") ? String(reason.dropLast()) : reason)")
        }
        guard let object = value as? [String: Any] else { throw LineProblem("\(JSONKind.name(of: value)) where an object was expected") }
        return object
    }

    private func id(of object: [String: Any]) throws(LineProblem) -> String {
        let names = idPaths.map { "'\($0.joined(separator: "."))'" }.joined(separator: " or ")
        guard let value = idPaths.lazy.compactMap({ Self.value(at: $0, in: object) }).first else {
            throw LineProblem("no \(names), which is the document's id (another key: --map id=KEY)")
        }
        let id: String
        switch JSONKind(value) {
        case .string(let text): id = text
        case .number(let number): id = number.stringValue
        default: throw LineProblem("the id \(names) is \(JSONKind.name(of: value)), expected a string or a number")
        }
        if id.isEmpty { throw LineProblem("the id \(names) is empty") }
        if id.utf8.count > documentIDBytesMax {
            throw LineProblem("the id \(names) has \(id.utf8.count) bytes, the daemon takes \(documentIDBytesMax)")
        }
        return id
    }

    /// Nil where it is missing or null.
    private static func value(at path: [String], in object: [String: Any]) -> Any? {
        func present(_ value: Any?) -> Any? { value is NSNull ? nil : value }
        if path.count == 1 { return present(object[path[0]]) }
        if let whole = object[path.joined(separator: ".")] { return present(whole) }
        var value: Any? = object
        for key in path { value = (value as? [String: Any])?[key] }
        return present(value)
    }
}
