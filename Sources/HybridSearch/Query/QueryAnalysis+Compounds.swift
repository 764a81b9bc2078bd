import SearchCore
import TextAnalysis

/// Words that some write together and others apart: `pakketbeheer` and `pakket beheer`, `e-mail` and `email`.
extension QueryAnalysis {
    /// Words of a query that are looked at: each costs some dozens of look-ups.
    private static let compoundWordsMax = 32
    /// Two words joined, as a share of a part's boost: rare in an index, a joined word would outweigh the two. With the full boost Dutch fell from .804 to .790.
    private static let joinedShare = 0.25

    /// Groups for the parts of a query's compounds, and for neighbouring words that documents write as one.
    ///
    /// Only here, not in the index: what is a word depends on what else the collection holds, and a document's terms may not.
    func compounds(of terms: [QueryTerm], _ languages: [Language], _ analyzer: Analyzer, _ vocabulary: Vocabulary) throws -> [QueryTerm] {
        let weight = analyzer.configuration.compoundWeight
        guard weight > 0, analyzer.definition.tokenizer == .standard else { return [] }
        let words = terms.filter { $0.kind == .word }.prefix(Self.compoundWordsMax)
        var found: [QueryTerm] = []
        // Few queries have compounds; only those need to know which words there are.
        var seen: Set<String>?
        func add(_ word: String, _ language: Language?, for term: QueryTerm, share: Double = 1) {
            if seen == nil { seen = Set(terms.map(\.text)) }
            guard seen!.insert(word).inserted else { return }
            // A word by itself, by the same chain: its surface form and its stems.
            guard var group = analyzer.analyzeQuery(word, languages: language.map { [$0] } ?? languages).first(where: { $0.kind == .word }) else { return }
            (group.kind, group.boost, group.position) = (.piece, term.boost * weight * share, term.position)
            found.append(group)
        }
        let compounding = languages.filter(CompoundSplitter.writesTogether)
        for term in words where !compounding.isEmpty && !term.isStopWord {
            for language in compounding {
                let parts = try CompoundSplitter.split(term.text, language) { try vocabulary.documents(with: Term(form: .surface, $0).key) }
                for part in parts { add(part, language, for: term) }
                if !parts.isEmpty { break }
            }
        }
        for (first, second) in zip(words, words.dropFirst()) where second.position == first.position + 1 && !first.isStopWord && !second.isStopWord {
            guard CompoundSplitter.mayBeJoined(first.text, second.text) else { continue }
            let joined = first.text + second.text
            if try vocabulary.documents(with: Term(form: .surface, joined).key) > 0 {
                add(joined, nil, for: first.boost < second.boost ? first : second, share: Self.joinedShare)
            }
        }
        return found
    }
}
