/// What decides a text's terms, and the weights of their forms in a query. Part of a generation: documents and queries of one
/// index must be analysed with equal ``version``, ``stemmer``, ``indexParts`` and ``indexWholes``. Weights may change freely.
public struct AnalyzerConfiguration: Sendable, Hashable, Codable {
    /// Raised whenever the terms of any text change; a generation of another version is built anew.
    public static let currentVersion: UInt32 = 1

    public var version: UInt32
    /// Snowball's name of an algorithm (`english`, `german`, ...), or nil for none.
    public var stemmer: String?
    /// Whether the pieces of words like `node.js` become terms (``TermForm/part``).
    public var indexParts: Bool
    /// Whether joined forms like `c++` become terms (``TermForm/whole``).
    public var indexWholes: Bool
    /// Weight of the exact word. The others are relative to it.
    public var surfaceWeight: Double
    public var stemWeight: Double
    /// Weight of a query word where it is only a piece of a document's word; and boost of the pieces of a query's word.
    public var partWeight: Double
    /// Weight of a joined form of one word and its symbols (`c++`, `.net`), which the word alone does not stand for.
    public var wholeWeight: Double
    /// Weight of a joined form of several words (`libfoo-dev`, `user@host`). Lower, because its words count as well.
    public var chainWeight: Double
    /// Boost of an English stop word beside other words; 1 treats it like them. A query of stop words alone is not touched.
    /// Applies where ``stemmer`` is English's. The sweep behind the defaults is in docs/analysis.md.
    public var stopWordBoost: Double

    public init(
        version: UInt32 = currentVersion,
        stemmer: String? = "english",
        indexParts: Bool = true,
        indexWholes: Bool = true,
        surfaceWeight: Double = 1,
        stemWeight: Double = 0.75,
        partWeight: Double = 0.75,
        wholeWeight: Double = 1,
        chainWeight: Double = 0.25,
        stopWordBoost: Double = 0.5
    ) {
        self.version = version
        self.stemmer = stemmer
        self.indexParts = indexParts
        self.indexWholes = indexWholes
        self.surfaceWeight = surfaceWeight
        self.stemWeight = stemWeight
        self.partWeight = partWeight
        self.wholeWeight = wholeWeight
        self.chainWeight = chainWeight
        self.stopWordBoost = stopWordBoost
    }
}
