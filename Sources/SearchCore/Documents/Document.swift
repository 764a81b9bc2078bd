/// A document as the caller sent it: what the log stores, the indexes are built from and `get` returns.
public struct Document: Sendable, Equatable {
    /// External id: 1 to ``Limits/documentIDBytesMax`` bytes of UTF-8, unique in its collection.
    public var id: String
    /// Text fields in the order sent; a name may occur once.
    public var texts: [(name: String, text: String)]
    /// Attribute fields; every value of a field has the type that the schema declares.
    public var attributes: [(name: String, values: [FieldValue])]
    /// Vectors that the client computed itself, per vector field; they take the place of the model's. A name that occurs several times has several.
    public var vectors: [(name: String, values: [Float])]

    public init(
        id: String,
        texts: [(name: String, text: String)] = [],
        attributes: [(name: String, values: [FieldValue])] = [],
        vectors: [(name: String, values: [Float])] = []
    ) {
        self.id = id
        self.texts = texts
        self.attributes = attributes
        self.vectors = vectors
    }

    public func text(_ name: String) -> String? { texts.first { $0.name == name }?.text }

    public static func == (a: Document, b: Document) -> Bool {
        a.id == b.id
            && a.texts.elementsEqual(b.texts) { $0.name == $1.name && $0.text == $1.text }
            && a.attributes.elementsEqual(b.attributes) { $0.name == $1.name && $0.values == $1.values }
            && a.vectors.elementsEqual(b.vectors) { $0.name == $1.name && $0.values == $1.values }
    }
}

extension Document {
    /// Bytes of all values, names and framing left out: for limits on what is held or sent at a time.
    public var approximateBytes: Int {
        id.utf8.count + texts.reduce(0) { $0 + $1.text.utf8.count } + vectors.reduce(0) { $0 + $1.values.count * 4 }
            + attributes.reduce(0) { sum, attribute in
                sum + attribute.values.reduce(0) { if case .keyword(let text) = $1 { $0 + text.utf8.count } else { $0 + 8 } }
            }
    }
}
