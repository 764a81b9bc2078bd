import HybridSearch
import WireProtocol

extension HybridSearch.HighlightOptions {
    /// Ranges and names are the engine's to judge.
    init(_ message: WireProtocol.HighlightOptions) {
        self.init(
            fields: message.fields.isEmpty ? nil : message.fields, passages: Int(message.passages), characters: Int(message.characters),
            noMatchCharacters: Int(message.noMatchCharacters))
    }
}

extension WireProtocol.HighlightedField {
    init(_ highlighted: HybridSearch.HighlightedField) {
        self.init(field: highlighted.field, passages: highlighted.passages.map(WireProtocol.Passage.init))
    }
}

extension WireProtocol.Passage {
    /// Offsets fit: a document has 4 MiB at most.
    fileprivate init(_ passage: HybridSearch.Passage) {
        self.init(
            start: UInt32(passage.start), end: UInt32(passage.end), text: passage.text, score: passage.score,
            matches: passage.matches.map { PassageMatch(start: UInt32($0.start), end: UInt32($0.end), terms: $0.terms) })
    }
}
