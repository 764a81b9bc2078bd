import SearchCore
import TextAnalysis

/// What a collection's rules say instead of some words of a query: best of them, or the words themselves, counts.
struct SynonymGroup {
    /// Indexes of the words' terms, each once.
    var originals: [Int]
    /// Those whose word stands elsewhere in the query, too: there it has to match by itself, where all words have to.
    var repeated: Set<Int> = []
    /// The alternatives that are one word, as forms of one term; nil: there are none, or they are forms of the only original.
    var word: QueryTerm?
    /// Searched as phrases, each with the factor of its score.
    var phrases: [(text: String, boost: Double)]
}

extension QueryAnalysis {
    /// Adds the collection's synonyms.
    ///
    /// A word for a word is one more form of its group: their frequencies add up under one idf, as in Lucene's SynonymQuery, and a text that says both is not
    /// counted twice. Where several words are on either side, the best of the sides counts.
    /// - Parameters:
    ///   - terms: get the forms.
    ///   - dropped: counts alternatives beyond ``SynonymIndex/alternativesOfQueryMax``.
    /// - Throws: `DATA_LOSS` for a damaged dictionary.
    func synonyms(
        of text: String, _ terms: inout [QueryTerm], _ languages: [Language], _ analyzer: Analyzer, _ vocabulary: Vocabulary, dropped: inout Int
    ) throws -> [SynonymGroup] {
        guard let synonyms, !synonyms.isEmpty, analyzer.configuration.synonymWeight > 0 else { return [] }
        let words = analyzer.words(of: text).map(\.text)
        let weight = analyzer.configuration.synonymWeight
        var groups: [SynonymGroup] = []
        var left = SynonymIndex.alternativesOfQueryMax
        let matches = synonyms.matches(in: words, analyzer)
        let covered = Set(matches.flatMap(\.words))
        // Words that no rule is about, where they stand.
        let alone = Set(words.indices.filter { !covered.contains($0) }.map { words[$0] })
        for match in matches {
            let originals = words[match.words].compactMap { word in terms.firstIndex { $0.text == word && Self.stands($0) } }
            // Words beyond the limit of groups have no term.
            guard originals.count == match.words.count else { continue }
            let distinct = originals.enumerated().filter { originals[..<$0.offset].contains($0.element) == false }.map(\.element)
            let repeated = Set(distinct.filter { alone.contains(terms[$0].text) })
            let alternatives = match.alternatives.prefix(left)
            left -= alternatives.count
            dropped += match.dropped + match.alternatives.count - alternatives.count
            var forms: [QueryForm] = []
            for alternative in alternatives where alternative.isOneWord {
                guard let term = analyzer.analyzeQuery(alternative.text, languages: languages).last(where: Self.stands) else { continue }
                forms += term.forms.map { QueryForm(term: $0.term, weight: $0.weight * weight) }
            }
            // What is written counts most: a phrase, whose idf is the sum of its words', has no more than that.
            let said = try words[match.words].reduce(0) { try $0 + vocabulary.idf(of: $1) }
            let boost = originals.map { terms[$0].boost }.max()!
            let phrases = try alternatives.filter { !$0.isOneWord }.map { alternative in
                let meant = try analyzer.words(of: alternative.text).reduce(0) { try $0 + vocabulary.idf(of: $1.text) }
                return (text: alternative.text, boost: boost * weight * min(1, said / max(meant, 1e-9)))
            }
            if distinct.count == 1, match.words.count == 1 {
                Self.add(forms, to: &terms[originals[0]])
                if !phrases.isEmpty, !groups.contains(where: { $0.originals == distinct }) {
                    groups.append(SynonymGroup(originals: distinct, word: nil, phrases: phrases))
                }
                continue
            }
            var word: QueryTerm?
            if !forms.isEmpty {
                let name = alternatives.filter(\.isOneWord).map(\.text).joined(separator: "|")
                word = QueryTerm(text: name, boost: boost, forms: [], position: terms[originals[0]].position)
                Self.add(forms, to: &word!)
            }
            // Said twice it counts once, as the words themselves do.
            if groups.contains(where: { $0.originals == distinct }) { continue }
            groups.append(SynonymGroup(originals: distinct, repeated: repeated, word: word, phrases: phrases))
        }
        return groups
    }

    /// It stands for a word of its own, symbols included.
    private static func stands(_ term: QueryTerm) -> Bool { term.kind == .word || term.kind == .joined(words: 1) }

    private static func add(_ forms: [QueryForm], to term: inout QueryTerm) {
        for form in forms where !term.forms.contains(where: { $0.term == form.term }) { term.forms.append(form) }
    }
}
