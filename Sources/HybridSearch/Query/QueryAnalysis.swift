import Glibc
import LexicalIndex
import SearchCore
import TextAnalysis

/// How a query's texts become terms: by the chains of the fields that they are looked up in, for the languages that they may be in.
package struct QueryAnalysis: Sendable {
    let analyzers: FieldAnalyzers
    /// The likeliest first.
    let languages: [Language]
    /// Nil: none.
    let synonyms: SynonymIndex?

    package init(analyzers: FieldAnalyzers, languages: [Language] = [], synonyms: SynonymIndex? = nil) {
        self.analyzers = analyzers
        self.languages = languages
        self.synonyms = synonyms
    }

    /// What one chain makes of a text.
    struct ChainTerms {
        var terms: [QueryTerm]
        var synonyms: [SynonymGroup]
        /// With the fields that the groups keep to.
        var chain: FieldAnalyzers.Chain
        /// Synonyms that were left out.
        var dropped: Int
    }

    /// Groups of terms by chain, each with the fields that its groups keep to. Where all fields have one chain, that is all.
    ///
    /// Fields of different chains are scored apart, since their terms have nothing in common: their groups' scores add up. Variants of words
    /// that no document has are left out: most words have none. Compounds are divided by the words that documents have.
    /// - Throws: `DATA_LOSS` for a damaged dictionary.
    func terms(of text: String, in fields: Set<Int>?, _ views: [LexicalSegmentView]) throws -> [ChainTerms] {
        try analyzers.chains(of: fields).map { chain in
            let vocabulary = Vocabulary(views: views, fields: chain.fields)
            let (all, plausible) = chain.analyzer.analyzeQuery(text, held: languages)
            var terms = try all.filter { term in
                try term.kind != .variant
                    || term.forms.contains { form in
                        try (form.term.form != .surface || form.term.text != term.text) && vocabulary.documents(with: form.term.key) > 0
                    }
            }
            terms += try compounds(of: terms, plausible, chain.analyzer, vocabulary)
            var dropped = 0
            let synonyms = try synonyms(of: text, &terms, plausible, chain.analyzer, vocabulary, dropped: &dropped)
            return ChainTerms(terms: terms, synonyms: synonyms, chain: chain, dropped: dropped)
        }
    }
}

/// The words that live documents have.
struct Vocabulary {
    let views: [LexicalSegmentView]
    /// Nil: all.
    let fields: Set<Int>?

    /// BM25's, of a word as it is written or, with symbols, joined; of all live documents.
    func idf(of word: String) throws -> Double {
        let found = try max(documents(with: Term(form: .surface, word).key), documents(with: Term(form: .whole, word).key))
        let all = views.reduce(0) { $0 + $1.segment.documentCount - $1.dead.documentCount }
        return log(1 + (Double(max(all - found, 0)) + 0.5) / (Double(found) + 0.5))
    }

    /// Documents that have a term, counted once for each field that has it.
    /// - Complexity: O(segments · fields · log terms).
    func documents(with key: [UInt8]) throws -> Int {
        var sum = 0
        for view in views {
            for field in 0..<view.segment.fieldCount where fields?.contains(field) != false {
                let found = try view.segment.documentFrequency(of: key, field: field)
                if found > 0 { sum += max(found - view.dead.deadDocuments(containing: key, field: field), 0) }
            }
        }
        return sum
    }
}
