import SearchCore
import TextAnalysis

/// Words that some write together and others apart: `pakketbeheer` and `pakket beheer`, `e-mail` and `email`.
extension QueryAnalysis {
    /// Words of a query that are looked at: each costs some dozens of look-ups.
    private static let compoundWordsMax = 32
    /// Two words joined, as a share of a part's boost: rare in an index, a joined word would outweigh the two. With the full boost Dutch fell from .804 to .790.
    private static let joinedShare = 0.25
    /// Compounds of which a word of the query is the last part: a kind of what was asked for, as a share of a part's boost.
    private static let headShare = 0.5
    /// Words with one ending, beyond which it is not looked for.
    private static let endingsMax = 1024
    /// The commonest that are looked at: each costs some look-ups.
    private static let compoundsOfWordMax = 16

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
                let parts = try CompoundSplitter.split(term.text, language) { try vocabulary.documents(with: Term(form: .surface, text: $0).key) }
                for part in parts { add(part, language, for: term) }
                if !parts.isEmpty { break }
            }
        }
        for term in words where !compounding.isEmpty && !term.isStopWord {
            guard let group = try compounds(endingWith: term, compounding, weight: weight, vocabulary) else { continue }
            found.append(group)
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

    /// The words of documents of which a word of the query is the last part, `speicherverwaltung` for `verwaltung`: one group, since they are kinds of one thing.
    private func compounds(
        endingWith term: QueryTerm, _ languages: [Language], weight: Double, _ vocabulary: Vocabulary
    ) throws -> QueryTerm? {
        let head = Array(term.text.utf8)
        guard term.text.count >= CompoundSplitter.partMin, head.allSatisfy({ $0 >= 0x80 || $0 &- UInt8(ascii: "a") < 26 }) else { return nil }
        // Live documents by word, all of them: what is found may not depend on how documents are spread over segments, or on dead ones.
        var candidates: [[UInt8]: Int] = [:]
        for view in vocabulary.views {
            for field in 0..<view.segment.fieldCount where vocabulary.fields?.contains(field) != false {
                try view.segment.forEachWord(endingWith: head, form: TermForm.surface.rawValue, field: field) { word, documents in
                    let live =
                        view.dead.isEmpty ? documents : documents - view.dead.deadDocuments(containing: Term(form: .surface, text: word).key, field: field)
                    if live > 0 { candidates[word, default: 0] += live }
                    return candidates.count <= Self.endingsMax
                }
            }
        }
        // So many words end with a suffix, hardly with another word.
        guard candidates.count <= Self.endingsMax else { return nil }
        let commonest = candidates.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key) }
        var forms: [QueryForm] = []
        for (word, _) in commonest.prefix(Self.compoundsOfWordMax) {
            let isCompound = try languages.contains { language in
                try CompoundSplitter.isCompound(word, of: head, language) { try vocabulary.documents(with: Term(form: .surface, text: $0).key) }
            }
            if isCompound { forms.append(QueryForm(term: Term(form: .surface, text: word), weight: 1)) }
        }
        guard !forms.isEmpty else { return nil }
        let boost = term.boost * weight * Self.headShare
        return QueryTerm(text: term.text, boost: boost, forms: forms, position: term.position, kind: .piece)
    }
}
