import SearchCore
import WireProtocol

extension SearchCore.Document {
    /// Values are checked against the schema later, by the engine; here only what the message itself says twice or not at all.
    /// - Throws: `INVALID_ARGUMENT` naming the field, never its content.
    init(_ message: WireProtocol.Document) throws {
        self.init(id: message.id)
        texts = message.texts.map { ($0.name, $0.text) }
        attributes = try message.attributes.map { ($0.name, try $0.values()) }
        vectors = message.vectors.map { ($0.name, $0.values) }
    }
}

extension WireProtocol.Document {
    init(_ document: SearchCore.Document) {
        self.init(id: document.id)
        texts = document.texts.map { TextField(name: $0.name, text: $0.text) }
        attributes = document.attributes.map { WireProtocol.AttributeField($0.name, $0.values) }
        vectors = document.vectors.map { VectorField(name: $0.name, values: $0.values) }
    }
}

extension WireProtocol.AttributeField {
    /// Values of one field have one type, which the engine sees to when the document comes in.
    init(_ name: String, _ values: [FieldValue]) {
        self.init(name: name)
        for value in values {
            switch value {
            case .keyword(let text): keywords.append(text)
            case .int64(let number): int64s.append(number)
            case .float64(let number): float64s.append(number)
            case .bool(let flag): bools.append(flag)
            case .timestamp(let microseconds): timestampsMicroseconds.append(microseconds)
            }
        }
    }

    /// No list at all is legal: the field without a value.
    func values() throws -> [FieldValue] {
        let lists: [[FieldValue]] = [
            keywords.map(FieldValue.keyword), int64s.map(FieldValue.int64), float64s.map(FieldValue.float64),
            bools.map(FieldValue.bool), timestampsMicroseconds.map { .timestamp(microseconds: $0) },
        ].filter { !$0.isEmpty }
        guard lists.count <= 1 else {
            throw Mapping.refuse("attribute '\(name.prefix(64))'", "has values of \(lists.count) types; expected one list")
        }
        return lists.first ?? []
    }
}

extension SearchCore.Document {
    /// Leaves out every stored field that `names` lacks; nil keeps all.
    mutating func select(_ names: Set<String>?) {
        guard let names else { return }
        texts.removeAll { !names.contains($0.name) }
        attributes.removeAll { !names.contains($0.name) }
        vectors.removeAll { !names.contains($0.name) }
    }
}
