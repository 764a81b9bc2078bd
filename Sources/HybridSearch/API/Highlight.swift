/// What a search wants to be shown of its hits' texts: docs/highlighting.md.
public struct HighlightOptions: Sendable, Hashable {
    /// Text fields to look into; nil: all of the schema, in its order.
    public var fields: [String]?
    /// Passages of a field, ``passagesRange``.
    public var passages: Int
    /// Longest passage, in characters (Unicode code points), ``charactersRange``.
    public var characters: Int
    /// What to give of the beginning of a field in which no word of the query stands, in characters, at most those of the above; 0: nothing.
    public var noMatchCharacters: Int

    public static let passagesRange = 1...16
    public static let charactersRange = 20...4096

    public init(fields: [String]? = nil, passages: Int = 1, characters: Int = 200, noMatchCharacters: Int = 0) {
        self.fields = fields
        self.passages = passages
        self.characters = characters
        self.noMatchCharacters = noMatchCharacters
    }
}

/// The passages of one text field of a hit. A field without any is not among the hit's.
public struct HighlightedField: Sendable, Equatable {
    public var field: String
    /// Best first; none overlaps another.
    public var passages: [Passage]
}

/// A part of a text. All offsets are in bytes of the stored text's UTF-8, half-open, and lie on borders of grapheme clusters.
public struct Passage: Sendable, Equatable {
    /// One word of the text, or several that overlap, which the query asks for.
    public struct Match: Sendable, Equatable {
        /// In the text, not in the passage.
        public var start: Int
        public var end: Int
        /// The query's terms that it matches, as explanations name them; at least one.
        public var terms: [String]

        public init(start: Int, end: Int, terms: [String]) {
            self.start = start
            self.end = end
            self.terms = terms
        }
    }

    public var start: Int
    public var end: Int
    /// The text's bytes from `start` to `end`.
    public var text: String
    /// Sum over the query's terms in it of boost · idf · (1.2 − 0.2 / occurrences). Comparable within one search.
    public var score: Double
    /// In the order of the text, without overlaps.
    public var matches: [Match]
}

extension HighlightedField {
    /// Bytes of what is sent, framing left out.
    var approximateBytes: Int {
        passages.reduce(0) { sum, passage in
            passage.matches.reduce(sum + passage.text.utf8.count) { $0 + 16 + $1.terms.reduce(0) { $0 + $1.utf8.count } }
        }
    }
}
