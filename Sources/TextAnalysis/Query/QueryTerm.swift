public import SearchCore

/// One spelling under which a query term is looked up.
public struct QueryForm: Sendable, Hashable {
    public var term: Term
    /// Factor of the form's frequency inside its group, before saturation.
    public var weight: Double

    public init(term: Term, weight: Double) {
        self.term = term
        self.weight = weight
    }
}

/// One group of a query in the sense of BM25F: forms whose frequencies add up before they saturate, under one idf.
public struct QueryTerm: Sendable, Hashable {
    /// The folded word, for explanations.
    public var text: String
    /// Factor of the group's score: how often the query says it, lowered for a stop word or a piece of a word.
    public var boost: Double
    public var forms: [QueryForm]
    /// Position of the word's first occurrence in the query.
    public var position: Int
    public var kind: Kind
    /// Among other words, it says little by itself.
    public var isStopWord = false

    /// What the query has to say to get such a group.
    public enum Kind: Sendable, Hashable {
        /// The word itself, somewhere.
        case word
        /// Only a longer word of which it is a part.
        case piece
        /// The word before it, with other accents or none: where that has to match, this will do.
        case variant
        /// So many words, written together with symbols: `c++` is one, `libfoo-dev` two.
        case joined(words: Int)
    }

    public init(text: String, boost: Double, forms: [QueryForm], position: Int, kind: Kind = .word) {
        self.text = text
        self.boost = boost
        self.forms = forms
        self.position = position
        self.kind = kind
    }
}
