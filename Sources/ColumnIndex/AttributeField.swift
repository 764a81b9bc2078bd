import SearchCore

/// A typed attribute of a schema. Every field may hold no, one or several values per document.
public struct AttributeField: Sendable, Hashable {
    public var name: String
    public var type: ValueType

    public init(name: String, type: ValueType) {
        self.name = name
        self.type = type
    }
}

extension AttributeField {
    /// Whether `attributes` can be stored under `fields`; asked before a write is logged and again by the builder.
    ///
    /// A field without values and a value given twice are legal; both leave no trace.
    /// - Throws: `INVALID_ARGUMENT` naming the field, for: an unknown field, a field given twice, a value of another type,
    ///   NaN, more than ``Limits/valuesPerFieldMax`` values, a keyword over ``Limits/keywordBytesMax`` bytes.
    public static func check(_ attributes: [(name: String, values: [FieldValue])], against fields: [AttributeField]) throws {
        for (at, (name, values)) in attributes.enumerated() {
            func refuse(_ reason: String) -> TandemError { .invalidArgument("attribute '\(name)': \(reason)") }
            guard let field = fields.first(where: { $0.name == name }) else { throw refuse("the schema has no such field") }
            guard !attributes[..<at].contains(where: { $0.name == name }) else { throw refuse("given twice in one document") }
            guard values.count <= Limits.valuesPerFieldMax else {
                throw refuse("\(values.count) values, at most \(Limits.valuesPerFieldMax) are taken")
            }
            for value in values {
                guard value.type == field.type else { throw refuse("has type \(field.type), found \(value.type)") }
                switch value {
                case .float64(let number) where number.isNaN: throw refuse("NaN has no place in an order; leave the value out")
                case .keyword(let text) where text.utf8.count > Limits.keywordBytesMax:
                    throw refuse("a keyword of \(text.utf8.count) bytes, at most \(Limits.keywordBytesMax) are taken")
                default: break
                }
            }
        }
    }
}
