import LexicalIndex
import SearchCore
import TextAnalysis

/// Finds the best passages of hits' texts and marks the query's words in them: docs/highlighting.md has the contract.
///
/// ```
/// text → pieces → tokens whose key the query asks for (MatchCollector), of phrases those that stand together (PhraseCollector)
///      → spans (TextMatches) → best windows (PassageWindow) → sentences, words (PassageBorders) → grapheme clusters (GraphemeBorders)
/// ```
///
/// Made once per search; not thread-safe, because it keeps a buffer.
package struct Highlighter {
    private let options: HighlightOptions
    private let schema: CollectionSchema
    private let fields: [(number: Int, name: String)]
    private let terms: HighlightTerms
    private let analyzers: FieldAnalyzers
    private let control: QueryControl
    private var scratch = AnalyzedText()

    /// - Parameters:
    ///   - query: groups; those with a boost of 0 are never marked.
    ///   - searched: by group, the text fields that it keeps to; nil: all.
    ///   - idf: by group.
    ///   - phrases: their groups are marked only where they stand together, as in the index, and stand nowhere else in the query.
    /// - Throws: `INVALID_ARGUMENT` for fields that the schema lacks and numbers out of range.
    package init(
        _ options: HighlightOptions, schema: CollectionSchema, query: [QueryTerm], searched: [Set<Int>?], idf: [Double], phrases: [LexicalPhrase] = [],
        analyzers: FieldAnalyzers, control: QueryControl
    ) throws {
        self.options = options
        self.analyzers = analyzers
        self.schema = schema
        self.control = control
        let numbers = try options.fieldNumbers(schema)
        fields = numbers.map { ($0, schema.textFields[$0].name) }
        terms = HighlightTerms(query, searched: searched, idf: idf, phrases: phrases, fields: numbers)
    }

    /// The passages of a document, fields in the schema's order; those without any are left out.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    /// - Complexity: O(texts · passages).
    package mutating func highlights(of document: Document) throws -> [HighlightedField] {
        let context = schema.languageContext(of: document, analyzers)
        var result: [HighlightedField] = []
        for (number, name) in fields {
            guard let text = document.text(name), !text.isEmpty else { continue }
            let passages = try passages(of: text, context, field: number)
            if !passages.isEmpty { result.append(HighlightedField(field: name, passages: passages)) }
        }
        return result
    }

    /// Passages of one text, best first.
    private mutating func passages(of text: String, _ context: LanguageContext, field: Int) throws -> [Passage] {
        var native = text
        native.makeContiguousUTF8()
        let string = native
        return try native.withUTF8 { bytes in
            let analyzer = analyzers[field: field]
            let matches = try MatchCollector(analyzer: analyzer, context: context, control: control).matches(in: bytes, terms.lookup(field), scratch: &scratch)
            let ranges = try matches.spans.isEmpty ? beginning(of: bytes, matches) : best(bytes, matches)
            return align(ranges, string, bytes, matches)
        }
    }

    private mutating func beginning(of bytes: UnsafeBufferPointer<UInt8>, _ matches: TextMatches) -> [Range<Int>] {
        guard options.noMatchCharacters > 0 else { return [] }
        let borders = PassageBorders(analyzer: analyzers.main, text: bytes, matches: matches, characters: options.noMatchCharacters)
        return [borders.passage(around: 0..<0, in: 0..<bytes.count, scratch: &scratch)]
    }

    /// The best passages, each among what those before left free; ascending.
    private mutating func best(_ bytes: UnsafeBufferPointer<UInt8>, _ matches: TextMatches) throws -> [Range<Int>] {
        let window = PassageWindow(matches: matches, groups: terms.groups, characters: options.characters)
        let borders = PassageBorders(analyzer: analyzers.main, text: bytes, matches: matches, characters: options.characters)
        let control = control
        var taken: [Range<Int>] = []
        /// Free stretches of text, each with its spans and the best window among them.
        var free: [(bytes: Range<Int>, best: (spans: Range<Int>, worth: Int64))] = []
        func offer(_ bytes: Range<Int>) throws {
            // Only spans that lie in it whole: one that is longer than a passage is not begun twice.
            var spans = matches.spans(touching: bytes)
            if let first = spans.first, Int(matches.spans[first].start) < bytes.lowerBound { spans = spans.dropFirst() }
            if let last = spans.last, Int(matches.spans[last].end) > bytes.upperBound { spans = spans.dropLast() }
            if let best = try window.best(in: spans, control: control) { free.append((bytes, best)) }
        }
        try offer(0..<bytes.count)
        func isBetter(_ a: Int, _ b: Int) -> Bool {
            (free[b].best.worth, free[a].bytes.lowerBound) < (free[a].best.worth, free[b].bytes.lowerBound)
        }
        while taken.count < options.passages, let index = free.indices.min(by: isBetter) {
            let (stretch, best) = free.remove(at: index)
            let core = Int(matches.spans[best.spans.lowerBound].start)..<Int(matches.spans[best.spans.upperBound - 1].end)
            let passage = borders.passage(around: core, in: stretch, scratch: &scratch)
            taken.append(passage)
            guard taken.count < options.passages else { break }
            try offer(stretch.lowerBound..<passage.lowerBound)
            try offer(passage.upperBound..<stretch.upperBound)
        }
        return taken.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Ranges widened to whole grapheme clusters, with their matches. A cluster that two of them share belongs to the first.
    private func align(_ ranges: [Range<Int>], _ text: String, _ bytes: UnsafeBufferPointer<UInt8>, _ matches: TextMatches) -> [Passage] {
        let window = PassageWindow(matches: matches, groups: terms.groups, characters: options.characters)
        // Two, so that each is asked in ascending order.
        var (ends, marks) = (GraphemeBorders(text, bytes), GraphemeBorders(text, bytes))
        var passages: [Passage] = []
        var free = 0
        for range in ranges {
            let start = max(free, ends.floor(range.lowerBound))
            let end = max(start, ends.ceiling(range.upperBound))
            let spans = matches.spans(touching: start..<end)
            var found: [(range: Range<Int>, groups: Set<UInt32>)] = []
            for span in spans {
                // Cut off only where the match is longer than a passage, or begins in a cluster that the passage ends with.
                let low = max(start, marks.floor(Int(matches.spans[span].start)))
                let whole = low..<max(low, min(end, marks.ceiling(Int(matches.spans[span].end))))
                let groups = Set(matches.places(ofSpan: span).map(\.group))
                if let last = found.last, whole.lowerBound < last.range.upperBound {
                    found[found.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, whole.upperBound)
                    found[found.count - 1].groups.formUnion(groups)
                } else if !whole.isEmpty {
                    found.append((whole, groups))
                }
            }
            // All that it marks may lie in a cluster that the passage before it took.
            guard start < end, spans.isEmpty || !found.isEmpty else { continue }
            free = end
            passages.append(
                Passage(
                    start: start, end: end, text: String(decoding: bytes[start..<end], as: UTF8.self), score: window.score(of: spans),
                    matches: found.map { match in
                        Passage.Match(start: match.range.lowerBound, end: match.range.upperBound, terms: names(match.groups))
                    }))
        }
        return passages.sorted { ($1.score, $0.start) < ($0.score, $1.start) }
    }

    private func names(_ groups: Set<UInt32>) -> [String] {
        var names: [String] = []
        for group in groups.sorted() where !names.contains(terms.groups[Int(group)].text) { names.append(terms.groups[Int(group)].text) }
        return names
    }
}
