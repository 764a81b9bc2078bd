import ColumnIndex
import SearchCore
import TextAnalysis
import VectorIndex

extension CollectionSchema.VectorField {
    func vectorMetric() throws -> VectorMetric {
        switch metric {
        case "cosine": return .cosine
        case "dot": return .dot
        default: throw TandemError.invalidArgument("vector field '\(name)': metric '\(metric)' is unknown; expected cosine or dot")
        }
    }

    func graphQuantization() throws -> GraphQuantization {
        guard let known = GraphQuantization.allCases.first(where: { "\($0)" == quantization }) else {
            throw TandemError.invalidArgument("vector field '\(name)': quantization '\(quantization)' is unknown; expected binary or int4")
        }
        return known
    }
}

extension CollectionSchema {
    func attributeFields() throws -> [AttributeField] {
        try attributes.map { attribute in
            let types: [String: ValueType] = ["keyword": .keyword, "int64": .int64, "float64": .float64, "bool": .bool, "timestamp": .timestamp]
            guard let type = types[attribute.type] else {
                throw TandemError.invalidArgument(
                    "attribute '\(attribute.name)': type '\(attribute.type)' is unknown; expected keyword, int64, float64, bool or timestamp")
            }
            return AttributeField(name: attribute.name, type: type)
        }
    }

    /// - Throws: `INVALID_ARGUMENT` naming the part that cannot be.
    public func validate() throws {
        let names = textFields.map(\.name) + attributes.map(\.name) + vectorFields.map(\.name)
        guard names.count <= Limits.fieldsMax else {
            throw TandemError.invalidArgument("the schema has \(names.count) fields, at most \(Limits.fieldsMax) are allowed")
        }
        for name in names { try Self.validate(fieldName: name) }
        guard !names.contains("_id") else {
            throw TandemError.invalidArgument("the schema has a field '_id', which is where documents bear their id")
        }
        if let twice = Dictionary(grouping: names, by: \.self).filter({ $0.value.count > 1 }).keys.min() {
            throw TandemError.invalidArgument("the schema names field '\(twice)' twice")
        }
        guard !textFields.isEmpty || !vectorFields.isEmpty else {
            throw TandemError.invalidArgument("the schema has neither a text field nor a vector field; nothing could be searched")
        }
        for field in textFields { try Self.check("text field '\(field.name)': weight", field.weight, Self.weightRange) }
        _ = try attributeFields()
        for field in vectorFields {
            _ = try field.vectorMetric()
            _ = try field.graphQuantization()
            guard (1...Limits.dimensionsMax).contains(field.dimension) else {
                throw TandemError.invalidArgument(
                    "vector field '\(field.name)': dimension \(field.dimension); expected 1 to \(Limits.dimensionsMax)")
            }
        }
        for (name, definition) in analyzers.sorted(by: { $0.key < $1.key }) {
            guard AnalyzerDefinition.builtIn[name] == nil else { throw TandemError.invalidArgument("analyzer '\(name)' is built in; give yours another name") }
            try Self.validate(fieldName: name)
            do { _ = try Analyzer(analyzer, definition) } catch let error as TandemError where error.code == .invalidArgument {
                throw TandemError.invalidArgument("analyzer '\(name)': \(error.message)")
            }
        }
        _ = try FieldAnalyzers(analyzer, try analyzerDefinitions())
        try Self.check("alpha", alpha, 0...1)
        try Self.check("k1", k1, 0...100)
        try Self.check("b", b, 0...1)
        try Self.check("rerank weight", rerankWeight, 0...1)
    }

    /// Of text fields; beyond, the sums of BM25F would leave the range of doubles.
    static let weightRange = 0.0...1e9

    static func check(_ name: String, _ value: Double, _ range: ClosedRange<Double>) throws {
        guard range.contains(value) else {
            throw TandemError.invalidArgument("\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private static func validate(fieldName name: String) throws {
        let first = name.unicodeScalars.first
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "_.-".unicodeScalars.contains($0))
        }
        guard let first, isPlain, first.properties.isAlphabetic || first == "_", name.utf8.count <= 64 else {
            throw TandemError.invalidArgument(
                "field name '\(name.prefix(80))': expected 1 to 64 of A-Z a-z 0-9 _ . - beginning with a letter or _")
        }
    }

    /// Checks a document against the schema: known fields, right types, sound vectors.
    /// - Throws: `INVALID_ARGUMENT` naming the field; never the content.
    func validate(_ document: Document) throws {
        func fail(_ reason: String) -> TandemError {
            TandemError.invalidArgument(reason, detail: "document \(document.id)")
        }
        for text in document.texts where !textFields.contains(where: { $0.name == text.name }) {
            throw fail("text field '\(text.name)' is not in the schema; it has \(list(textFields.map(\.name)))")
        }
        do {
            try AttributeField.check(document.attributes, against: try attributeFields())
        } catch let error as TandemError {
            throw fail(error.message)
        }
        for vector in document.vectors {
            guard let field = vectorFields.first(where: { $0.name == vector.name }) else {
                throw fail("vector field '\(vector.name)' is not in the schema; it has \(list(vectorFields.map(\.name)))")
            }
            do {
                try VectorValidation.check(vector.values, dimension: field.dimension, metric: try field.vectorMetric())
            } catch let error as TandemError {
                throw fail("vector field '\(vector.name)': \(error.message)")
            }
        }
    }

    /// Number of the vector field that a search means.
    /// - Parameter name: nil: the first.
    /// - Returns: nil where the schema has no vector field and none is named.
    /// - Throws: `INVALID_ARGUMENT` for a name that the schema lacks.
    func vectorFieldNumber(_ name: String?) throws -> Int? {
        guard let name else { return vectorFields.isEmpty ? nil : 0 }
        guard let number = vectorFields.firstIndex(where: { $0.name == name }) else {
            throw TandemError.invalidArgument("vector field '\(name.prefix(64))' is not in the schema; it has \(list(vectorFields.map(\.name)))")
        }
        return number
    }

    private func list(_ names: [String]) -> String {
        names.isEmpty ? "none" : names.map { "'\($0)'" }.joined(separator: ", ")
    }
}
