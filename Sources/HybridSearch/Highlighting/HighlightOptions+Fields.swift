import SearchCore

extension HighlightOptions {
    /// Numbers of the fields to look into, in the schema's order; a name that is given twice counts once.
    /// - Throws: `INVALID_ARGUMENT` naming the parameter, what it is and what it may be.
    func fieldNumbers(_ schema: CollectionSchema) throws -> [Int] {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw TandemError.invalidArgument("highlight: \(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try check("passages", passages, Self.passagesRange)
        try check("characters", characters, Self.charactersRange)
        try check("no_match_characters", noMatchCharacters, 0...characters)
        let names = schema.textFields.map(\.name)
        guard let fields else { return Array(names.indices) }
        if let unknown = fields.first(where: { !names.contains($0) }) {
            throw TandemError.invalidArgument(
                "highlight: '\(unknown.prefix(64))' is no text field of the collection; it has \(names.joined(separator: ", "))")
        }
        return names.indices.filter { fields.contains(names[$0]) }
    }
}
