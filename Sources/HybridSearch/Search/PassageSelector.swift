import SearchCore
import TextAnalysis

/// Cuts a long document down to the passage that speaks most of the query, for the cross-encoder.
///
/// A window of `words` surface words slides over the text; its worth is the sum of the idf of the distinct query terms in
/// it, matched by any form. The first best window wins, moved so that its matches stand in its middle. A text within the
/// limit is passed on whole.
package struct PassageSelector {
    private let analyzer: Analyzer
    /// Form key → (group, idf · boost) of the query's terms.
    private var groups: [[UInt8]: (group: Int, worth: Double)] = [:]
    private let words: Int

    package init(analyzer: Analyzer, query: [QueryTerm], idf: [Double], words: Int) {
        self.analyzer = analyzer
        self.words = words
        for (group, term) in query.enumerated() {
            for form in term.forms { groups[form.term.key] = (group, idf[group]) }
        }
    }

    /// - Returns: the whole text, or a part of it that begins and ends at word borders.
    /// - Complexity: O(text), one analysis.
    package func select(from text: String, scratch: inout AnalyzedText) -> String {
        // A word has at least one byte and one separator: short texts need no analysis.
        guard text.utf8.count > 2 * words else { return text }
        scratch.removeAll(keepingCapacity: true)
        analyzer.analyze(text, into: &scratch)
        guard scratch.length > words else { return text }

        // One entry per surface position: where the word lies, and which groups it matches.
        var spans = [(start: UInt32, end: UInt32)](repeating: (.max, 0), count: scratch.length)
        var matches: [(position: Int, group: Int, worth: Double)] = []
        scratch.termBytes.withUnsafeBufferPointer { bytes in
            for token in scratch.tokens where token.form != .language {
                let position = Int(token.position)
                spans[position].start = min(spans[position].start, token.start)
                spans[position].end = max(spans[position].end, token.end)
                let key = Array(bytes[Int(token.termStart)..<(Int(token.termStart) + Int(token.termLength))])
                if let match = groups[key] { matches.append((position, match.group, match.worth)) }
            }
        }
        guard !matches.isEmpty else { return slice(text, spans, 0, words) }
        matches.sort { $0.position < $1.position }

        var counts: [Int: Int] = [:]
        var worth = 0.0
        var best = (worth: -1.0, first: 0, last: 0)
        var left = 0
        for right in matches.indices {
            if counts[matches[right].group, default: 0] == 0 { worth += matches[right].worth }
            counts[matches[right].group, default: 0] += 1
            while matches[right].position - matches[left].position >= words {
                counts[matches[left].group]! -= 1
                if counts[matches[left].group] == 0 { worth -= matches[left].worth }
                left += 1
            }
            if worth > best.worth + 1e-9 { best = (worth, matches[left].position, matches[right].position) }
        }
        let slack = words - (best.last - best.first + 1)
        let start = max(0, min(best.first - slack / 2, scratch.length - words))
        return slice(text, spans, start, words)
    }

    private func slice(_ text: String, _ spans: [(start: UInt32, end: UInt32)], _ first: Int, _ count: Int) -> String {
        let covered = spans[first..<min(first + count, spans.count)].filter { $0.start < $0.end }
        guard let start = covered.map(\.start).min(), let end = covered.map(\.end).max() else { return text }
        let utf8 = text.utf8
        let from = utf8.index(utf8.startIndex, offsetBy: Int(start))
        let to = utf8.index(utf8.startIndex, offsetBy: Int(end))
        return String(text[from..<to])
    }
}
