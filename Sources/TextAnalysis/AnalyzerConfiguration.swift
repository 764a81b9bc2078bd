/// What decides a text's terms, and the weights of their forms in a query. Part of a generation: documents and queries of one
/// index must be analysed with equal ``version``, ``stemmer`` and `index…` settings. Weights may change freely.
public struct AnalyzerConfiguration: Sendable, Hashable, Codable {
    /// Raised whenever the terms of any text change; a generation of another version is built anew.
    public static let currentVersion: UInt32 = 4
    /// Each passage is stemmed for the language that it is in.
    public static let detectedStemmer = "auto"

    public var version: UInt32
    /// `auto`; or the only language to stem for, by its ISO 639-1 code or Snowball's name (`de`, `german`); nil: no stems.
    public var stemmer: String?
    /// The language of short texts in Latin letters that do not show theirs; nil: their words have no stems.
    public var fallbackLanguageCode: String?
    /// Whether the pieces of words like `node.js` become terms (``TermForm/part``).
    public var indexParts: Bool
    /// Whether joined forms like `c++` become terms (``TermForm/whole``).
    public var indexWholes: Bool
    /// Whether words without their accents and script variants become terms (``TermForm/folded``).
    public var indexFolded: Bool
    /// Whether neighbouring characters of Chinese, Japanese and Korean become terms (``TermForm/bigram``).
    public var indexBigrams: Bool
    /// Weight of the exact word. The others are relative to it.
    public var surfaceWeight: Double
    public var stemWeight: Double
    /// Boost of words with accents or script variants for a word that the query has without.
    public var foldedWeight: Double
    /// Boost of the letters without accents of a word that the query has with accents: whoever typed them meant them.
    public var variantWeight: Double
    /// Weight of a query word where it is only a piece of a document's word; and boost of the pieces of a query's word.
    public var partWeight: Double
    /// Boost of a compound's parts, divided by the collection's vocabulary, and of two words that are written as one in it.
    public var compoundWeight: Double
    /// Boost of two neighbouring characters of a longer word, or of two words.
    public var bigramWeight: Double
    /// Weight of a joined form of one word and its symbols (`c++`, `.net`), which the word alone does not stand for.
    public var wholeWeight: Double
    /// Weight of a joined form of several words (`libfoo-dev`, `user@host`). Lower, because its words count as well.
    public var chainWeight: Double
    /// Boost of a stop word beside other words; 1 treats it like them. A query of stop words alone is not touched.
    /// The sweep behind the defaults is in docs/analysis.md.
    public var stopWordBoost: Double
    /// Weight of a synonym, beside the word that the query says.
    public var synonymWeight: Double

    public init(
        version: UInt32 = currentVersion,
        stemmer: String? = detectedStemmer,
        fallbackLanguageCode: String? = "en",
        indexParts: Bool = true,
        indexWholes: Bool = true,
        indexFolded: Bool = true,
        indexBigrams: Bool = true,
        surfaceWeight: Double = 1,
        stemWeight: Double = 0.75,
        foldedWeight: Double = 0.4,
        variantWeight: Double = 0.1,
        partWeight: Double = 0.75,
        compoundWeight: Double = 0.5,
        bigramWeight: Double = 0.5,
        wholeWeight: Double = 1,
        chainWeight: Double = 0.25,
        stopWordBoost: Double = 0.5,
        synonymWeight: Double = 0.8
    ) {
        self.version = version
        self.stemmer = stemmer
        self.fallbackLanguageCode = fallbackLanguageCode
        self.indexParts = indexParts
        self.indexWholes = indexWholes
        self.indexFolded = indexFolded
        self.indexBigrams = indexBigrams
        self.surfaceWeight = surfaceWeight
        self.stemWeight = stemWeight
        self.foldedWeight = foldedWeight
        self.variantWeight = variantWeight
        self.partWeight = partWeight
        self.compoundWeight = compoundWeight
        self.bigramWeight = bigramWeight
        self.wholeWeight = wholeWeight
        self.chainWeight = chainWeight
        self.stopWordBoost = stopWordBoost
        self.synonymWeight = synonymWeight
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(version: try fields.decode(UInt32.self, forKey: .version))
        stemmer = try fields.decodeIfPresent(String.self, forKey: .stemmer)
        indexParts = try fields.decode(Bool.self, forKey: .indexParts)
        indexWholes = try fields.decode(Bool.self, forKey: .indexWholes)
        surfaceWeight = try fields.decode(Double.self, forKey: .surfaceWeight)
        stemWeight = try fields.decode(Double.self, forKey: .stemWeight)
        partWeight = try fields.decode(Double.self, forKey: .partWeight)
        wholeWeight = try fields.decode(Double.self, forKey: .wholeWeight)
        chainWeight = try fields.decode(Double.self, forKey: .chainWeight)
        stopWordBoost = try fields.decode(Double.self, forKey: .stopWordBoost)
        // Manifests of version 1 have none of these.
        if version > 1 {
            fallbackLanguageCode = try fields.decodeIfPresent(String.self, forKey: .fallbackLanguageCode)
        } else if stemmer == "english" {
            // The default of then becomes that of now.
            stemmer = Self.detectedStemmer
        }
        indexFolded = try fields.decodeIfPresent(Bool.self, forKey: .indexFolded) ?? indexFolded
        indexBigrams = try fields.decodeIfPresent(Bool.self, forKey: .indexBigrams) ?? indexBigrams
        foldedWeight = try fields.decodeIfPresent(Double.self, forKey: .foldedWeight) ?? foldedWeight
        variantWeight = try fields.decodeIfPresent(Double.self, forKey: .variantWeight) ?? variantWeight
        compoundWeight = try fields.decodeIfPresent(Double.self, forKey: .compoundWeight) ?? compoundWeight
        bigramWeight = try fields.decodeIfPresent(Double.self, forKey: .bigramWeight) ?? bigramWeight
        synonymWeight = try fields.decodeIfPresent(Double.self, forKey: .synonymWeight) ?? synonymWeight
    }

    var fallbackLanguage: Language? { fallbackLanguageCode.flatMap { Language($0) } }
}
