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
    /// that no document has are left out: most words have none.
    /// - Throws: `DATA_LOSS` for a damaged dictionary.
    func terms(of text: String, in fields: Set<Int>?, _ views: [LexicalSegmentView]) throws -> [(terms: [QueryTerm], fields: Set<Int>?)] {
        try analyzers.chains(of: fields).map { chain in
            let terms = try chain.analyzer.analyzeQuery(text, languages: languages).filter { term in
                guard term.kind == .variant else { return true }
                return try views.contains { view in
                    try (0..<view.segment.fieldCount).contains { field in
                        try chain.fields?.contains(field) != false && term.forms.contains { try view.segment.contains($0.term.key, field: field) }
                    }
                }
            }
            return (terms, chain.fields)
        }
    }
}
