import SearchCore

/// A chain that turns the text of a field into terms, as data: character filters, one normaliser, one tokenizer, and which forms of a word become terms.
///
/// Part of a collection's schema, under a name that text fields refer to. Built-in ones are in ``builtIn``.
public struct AnalyzerDefinition: Sendable, Hashable, Codable {
    /// Changes the text before anything else; offsets go on to point into the original.
    public enum CharacterFilter: Sendable, Hashable, Codable {
        /// Drops tags, comments, scripts and styles, and decodes character references.
        case html
        /// Replaces what a regular expression (ICU's syntax) matches; `$1` in the replacement is what the first group matched.
        case pattern(String, replacement: String)
    }

    public enum Normalizer: String, Sendable, Hashable, Codable, CaseIterable {
        /// NFKC, case folded, ignorable characters dropped.
        case nfkcCasefold = "nfkc_casefold"
        case nfkc
        case nfc
        case none
    }

    public enum Tokenizer: Sendable, Hashable, Codable {
        /// UAX #29's words, with dictionaries for Thai, Lao, Khmer, Burmese, Chinese and Japanese.
        case standard
        /// The whole text is one term.
        case keyword
        /// Words end at white space.
        case whitespace
        /// Identifiers, paths and versions, whole and by their pieces.
        case code
        /// All runs of so many characters without white space: `min` to `max`, 1 to ``AnalyzerDefinition/gramMax``.
        case ngram(min: Int, max: Int)
    }

    /// What becomes a term besides the word itself.
    public enum Filter: String, Sendable, Hashable, Codable, CaseIterable {
        /// Words without their inflections, for the language of each passage.
        case stem
        /// Words without accents, vowel signs and script variants.
        case fold
        /// Pieces of words such as `node.js`.
        case parts
        /// Joined forms such as `c++` and `libfoo-dev`.
        case wholes
        /// Neighbouring characters of Chinese, Japanese and Korean.
        case bigrams
    }

    public static let gramMax = 16
    public static let characterFiltersMax = 16
    public static let patternBytesMax = 1024

    public var characterFilters: [CharacterFilter]
    public var normalizer: Normalizer
    public var tokenizer: Tokenizer
    public var filters: Set<Filter>
    /// The only language to stem for, by its ISO 639-1 code or Snowball's name; nil: as the collection's analyzer says.
    public var language: String?

    public init(
        characterFilters: [CharacterFilter] = [], normalizer: Normalizer = .nfkcCasefold, tokenizer: Tokenizer = .standard,
        filters: Set<Filter> = Set(Filter.allCases), language: String? = nil
    ) {
        self.characterFilters = characterFilters
        self.normalizer = normalizer
        self.tokenizer = tokenizer
        self.filters = filters
        self.language = language
    }

    public static let standardName = "standard"

    /// `standard`, `keyword`, `whitespace`, `code`, `ngram`; and for each language one of its Snowball name (`german`; `korean`), which is `standard` for that language alone.
    public static let builtIn: [String: AnalyzerDefinition] = {
        var chains = [
            standardName: AnalyzerDefinition(),
            "keyword": AnalyzerDefinition(tokenizer: .keyword, filters: [.fold]),
            "whitespace": AnalyzerDefinition(tokenizer: .whitespace, filters: [.fold]),
            "code": AnalyzerDefinition(tokenizer: .code, filters: [.parts]),
            "ngram": AnalyzerDefinition(tokenizer: .ngram(min: 2, max: 3), filters: []),
        ]
        for language in Language.all where language.isStemmed {
            chains[language.name] = AnalyzerDefinition(language: language.code)
        }
        return chains
    }()

    /// `standard`, `keyword`, `whitespace`, `code`, `ngram`.
    public var tokenizerName: String {
        switch tokenizer {
        case .standard: "standard"
        case .keyword: "keyword"
        case .whitespace: "whitespace"
        case .code: "code"
        case .ngram: "ngram"
        }
    }

    /// `\1` to `\9`, `\k<name>`: one step of such a match compares any number of characters, which the limit of steps does not see.
    static func hasBackReference(_ pattern: String) -> Bool {
        var isEscaped = false
        for scalar in pattern.unicodeScalars {
            if isEscaped, ("1"..."9").contains(scalar) || scalar == "k" { return true }
            isEscaped = scalar == "\\" && !isEscaped
        }
        return false
    }

    /// - Throws: `invalidArgument` with what is wrong and, where it helps, what there is.
    public func validate() throws {
        guard characterFilters.count <= Self.characterFiltersMax else {
            throw TandemError.invalidArgument("analyzer: \(characterFilters.count) character filters; at most \(Self.characterFiltersMax) are taken")
        }
        for case .pattern(let pattern, let replacement) in characterFilters {
            guard pattern.utf8.count <= Self.patternBytesMax, replacement.utf8.count <= Self.patternBytesMax else {
                throw TandemError.invalidArgument("analyzer: a pattern or replacement of more than \(Self.patternBytesMax) bytes")
            }
            guard !Self.hasBackReference(pattern) else {
                throw TandemError.invalidArgument("analyzer: the pattern '\(pattern.prefix(64))' has a back-reference, whose time has no bound")
            }
        }
        if case .ngram(let least, let most) = tokenizer, !(1...Self.gramMax ~= least && least...Self.gramMax ~= most) {
            throw TandemError.invalidArgument("analyzer: n-grams of \(least) to \(most) characters; expected 1 to \(Self.gramMax), the smaller number first")
        }
        if let language, Language(language)?.isStemmed != true {
            throw TandemError.invalidArgument("analyzer: unknown language '\(language.prefix(64))'; known: \(Analyzer.languages.joined(separator: ", "))")
        }
    }
}
