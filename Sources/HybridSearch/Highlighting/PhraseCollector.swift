import LexicalIndex
import SearchCore

/// Keeps where the words of a query's phrases stand in one text, and finds those that take part in a match.
///
/// Matching is the index's own (``PhraseOccurrences``), on the same positions: a field has marks of a phrase if and only if the phrase matches in it.
/// 12 bytes an occurrence, however many phrases have the word.
struct PhraseCollector {
    /// One occurrence of a word, in positions and in bytes of the text.
    struct Occurrence {
        var position: UInt32
        var start: UInt32
        var end: UInt32
    }

    private let phrases: [HighlightTerms.Phrase]
    /// By word.
    private var occurrences: [[Occurrence]]

    init(_ lookup: HighlightTerms.Lookup) {
        phrases = lookup.phrases
        occurrences = Array(repeating: [], count: lookup.wordCount)
    }

    mutating func add(_ occurrence: Occurrence, ofWord word: Int) { occurrences[word].append(occurrence) }

    /// Adds the places of the phrases' groups that take part in a match.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    /// - Complexity: that of ``PhraseOccurrences`` for each phrase all of whose words occur.
    mutating func appendMatches(to places: inout [TextMatches.Place], _ control: QueryControl) throws {
        guard !phrases.isEmpty else { return }
        var positions: [UInt32] = []
        var ranges: [Range<Int>] = []
        for word in occurrences.indices {
            // Forms of one word may come in another order than they stand in.
            if !zip(occurrences[word], occurrences[word].dropFirst()).allSatisfy({ $0.position <= $1.position }) {
                occurrences[word].sort { ($0.position, $0.start, $0.end) < ($1.position, $1.start, $1.end) }
            }
            let first = positions.count
            for occurrence in occurrences[word] where positions.count == first || positions.last != occurrence.position {
                positions.append(occurrence.position)
            }
            ranges.append(first..<positions.count)
        }
        try positions.withUnsafeBufferPointer { positions in
            let byWord = ranges.map { UnsafeBufferPointer(rebasing: positions[$0]) }
            for phrase in phrases {
                try control.checkpoint()
                try append(phrase, byWord, to: &places, control)
            }
        }
    }

    private func append(
        _ phrase: HighlightTerms.Phrase, _ positions: [UnsafeBufferPointer<UInt32>], to places: inout [TextMatches.Place], _ control: QueryControl
    ) throws {
        var terms: [(group: Int, word: Int)] = []
        for slot in phrase.slots where !terms.contains(where: { $0.group == slot.group }) { terms.append((slot.group, slot.word)) }
        terms.sort { positions[$0.word].count < positions[$1.word].count }
        guard let rarest = terms.first, !positions[rarest.word].isEmpty else { return }
        let byTerm = terms.map { positions[$0.word] }
        /// By term and position.
        var isMatched = byTerm.map { [Bool](repeating: false, count: $0.count) }
        var matches = PhraseOccurrences(
            slots: phrase.slots.map { slot in (terms.firstIndex { $0.group == slot.group }!, slot.offset) }, slop: phrase.slop, control: control)
        try matches.forEachMatch({ byTerm[$0] }) { _, slots in
            for slot in slots { isMatched[slot.term][slot.at] = true }
        }
        for (term, (group, word)) in terms.enumerated() {
            var index = 0
            for occurrence in occurrences[word] {
                while positions[word][index] != occurrence.position { index += 1 }
                if isMatched[term][index] {
                    places.append(TextMatches.Place(start: occurrence.start, end: occurrence.end, group: UInt32(group)))
                }
            }
        }
    }
}
