public import SearchCore

/// Checks that hold for every document of every schema: lengths, counts, duplicates.
///
/// What the schema asks for (known fields, their types, dimensions) is checked by the collection. Runs on the caller's
/// thread before anything is queued, so a bad document costs the committer nothing.
public enum DocumentValidation {
    /// Bytes of a field's name.
    public static let fieldNameBytesMax = 128

    /// - Throws: `INVALID_ARGUMENT` naming the field and the limit. Ids and contents stay out of the message.
    /// - Complexity: O(bytes of the document).
    public static func check(_ document: Document) throws {
        try check(id: document.id)
        let fields = document.texts.count + document.attributes.count
        guard fields <= Limits.fieldsMax else {
            throw TandemError.invalidArgument("the document has \(fields) fields, at most \(Limits.fieldsMax) are allowed")
        }
        var names = Set<String>()
        for (name, _) in document.texts { try check(name: name, &names) }
        for (name, values) in document.attributes {
            try check(name: name, &names)
            try check(values, of: name)
        }
        // A vector field occurs once for each of its vectors.
        var vectors: [String: Int] = [:]
        for (name, values) in document.vectors {
            let count = vectors[name, default: 0] + 1
            if count == 1 { try check(name: name, &names) }
            guard count <= Limits.vectorsPerFieldMax else {
                let all = document.vectors.count { $0.name == name }
                throw TandemError.invalidArgument("vector field '\(name)': \(all) vectors; a document has at most \(Limits.vectorsPerFieldMax) in a field")
            }
            vectors[name] = count
            guard (1...Limits.dimensionsMax).contains(values.count) else {
                throw TandemError.invalidArgument(
                    "vector \"\(name)\" has \(values.count) dimensions, expected 1 to \(Limits.dimensionsMax)")
            }
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw TandemError.invalidArgument("vector \"\(name)\": component \(bad) is \(values[bad]), expected a finite number")
            }
        }
        let bytes = OperationCodec.estimatedBytes(document)
        guard bytes <= Limits.documentBytesMax else {
            throw TandemError.invalidArgument(
                "the document has \(bytes) bytes, at most \(Limits.documentBytesMax) are allowed: split it into passages")
        }
    }

    /// An external id: 1 to ``Limits/documentIDBytesMax`` bytes.
    public static func check(id: String) throws {
        let bytes = id.utf8.count
        guard (1...Limits.documentIDBytesMax).contains(bytes) else {
            throw TandemError.invalidArgument("the document's id has \(bytes) bytes, expected 1 to \(Limits.documentIDBytesMax)")
        }
    }

    private static func check(name: String, _ seen: inout Set<String>) throws {
        guard (1...fieldNameBytesMax).contains(name.utf8.count) else {
            throw TandemError.invalidArgument("a field's name has \(name.utf8.count) bytes, expected 1 to \(fieldNameBytesMax)")
        }
        guard seen.insert(name).inserted else {
            throw TandemError.invalidArgument("field \"\(name)\" occurs twice in the document; give several values in one field")
        }
    }

    private static func check(_ values: [FieldValue], of name: String) throws {
        guard values.count <= Limits.valuesPerFieldMax else {
            throw TandemError.invalidArgument("field \"\(name)\" has \(values.count) values, at most \(Limits.valuesPerFieldMax) are allowed")
        }
        guard let type = values.first?.type else { return }
        for value in values {
            guard value.type == type else {
                throw TandemError.invalidArgument("field \"\(name)\" mixes values of types \(type) and \(value.type)")
            }
            switch value {
            case .keyword(let text) where text.utf8.count > Limits.keywordBytesMax:
                throw TandemError.invalidArgument(
                    "field \"\(name)\": a keyword of \(text.utf8.count) bytes, at most \(Limits.keywordBytesMax) are allowed: make it a text field")
            case .float64(let number) where number.isNaN:
                // NaN has no place in an order, so no range filter could treat it sensibly.
                throw TandemError.invalidArgument("field \"\(name)\": not a number; leave the value out instead")
            default: break
            }
        }
    }
}
