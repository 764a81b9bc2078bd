import LexicalIndex
import SearchCore
import TextAnalysis

/// How a query's texts become terms: by the chains of the fields that they are looked up in, for the languages that they may be in.
package struct QueryAnalysis: Sendable {
    let analyzers: FieldAnalyzers
    /// The likeliest first.
    let languages: [Language]

    package init(analyzers: FieldAnalyzers, languages: [Language] = []) {
        self.analyzers = analyzers
        self.languages = languages
    }

    /// Groups of terms by chain, each with the fields that its groups keep to. Where all fields have one chain, that is all.
    ///
    /// Fields of different chains are scored apart, since their terms have nothing in common: their groups' scores add up. Variants of words
    /// that no document has are left out: most words have none. Compounds are divided by the words that documents have.
    /// - Throws: `DATA_LOSS` for a damaged dictionary.
    func terms(of text: String, in fields: Set<Int>?, _ views: [LexicalSegmentView]) throws -> [(terms: [QueryTerm], fields: Set<Int>?)] {
        try analyzers.chains(of: fields).map { chain in
            let vocabulary = Vocabulary(views: views, fields: chain.fields)
            let (all, plausible) = chain.analyzer.analyzeQuery(text, held: languages)
            let terms = try all.filter { term in
                try term.kind != .variant || term.forms.contains { try vocabulary.documents(with: $0.term.key) > 0 }
            }
            return (terms + (try compounds(of: terms, plausible, chain.analyzer, vocabulary)), chain.fields)
        }
    }
}

/// The words that live documents have.
struct Vocabulary {
    let views: [LexicalSegmentView]
    /// Nil: all.
    let fields: Set<Int>?

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
