import ColumnIndex
import SearchCore
import TextAnalysis
import VectorIndex

/// What a collection holds and how it is searched. Stored as JSON in the collection's manifest and in each generation's.
public struct CollectionSchema: Sendable, Hashable, Codable {
    /// A field whose words are indexed and, joined with the others, embedded and reranked.
    public struct TextField: Sendable, Hashable, Codable {
        public var name: String
        /// Share in the BM25F sum; 1 is neutral, 0 keeps the field out of keyword search.
        public var weight: Double

        public init(name: String, weight: Double = 1) {
            self.name = name
            self.weight = weight
        }
    }

    /// A typed value field for filters; a document may have none, one or several values in it.
    public struct Attribute: Sendable, Hashable, Codable {
        public var name: String
        /// `keyword`, `int64`, `float64`, `bool` or `timestamp`.
        public var type: String

        public init(name: String, type: String) {
            self.name = name
            self.type = type
        }
    }

    /// A dense field. A document may have none, one or several vectors in it, of which the best one counts. The client gives them; those of the
    /// first field (``modelField``) come from the collection's embedding model where the client gives none.
    public struct VectorField: Sendable, Hashable, Codable {
        public var name: String
        /// 1 … ``Limits/dimensionsMax``. That of the first field must be the model's, if there is one.
        public var dimension: Int
        /// `cosine` or `dot`.
        public var metric: String
        /// What graphs over the vectors hold: `binary`, the fastest, or `int4`, which takes two fifths of the memory.
        public var quantization: String

        public init(name: String = "embedding", dimension: Int, metric: String = "cosine", quantization: String = "binary") {
            self.name = name
            self.dimension = dimension
            self.metric = metric
            self.quantization = quantization
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            dimension = try fields.decode(Int.self, forKey: .dimension)
            metric = try fields.decode(String.self, forKey: .metric)
            // Manifests of before there was a choice have none.
            quantization = try fields.decodeIfPresent(String.self, forKey: .quantization) ?? "binary"
        }
    }

    /// Number of the vector field that the model fills.
    static let modelField = 0

    public var textFields: [TextField]
    public var attributes: [Attribute]
    /// Searches that name none mean the first.
    public var vectorFields: [VectorField]
    /// Folder name of the bi-encoder in the models folder; nil: nothing is embedded.
    public var model: String?
    /// Folder name of the cross-encoder; nil: searches are not reranked unless they name one.
    public var reranker: String?
    public var analyzer: AnalyzerConfiguration
    /// Weight of the semantic leg, 0 … 1.
    public var alpha: Double
    /// Saturation of term frequency, ≥ 0.
    public var k1: Double
    /// Weight of the length normalisation, 0 … 1.
    public var b: Double
    /// Share of the cross-encoder in a reranked hit's final score, 0 … 1. The default is measured: docs/decisions, "rerank weight".
    public var rerankWeight: Double

    public init(
        textFields: [TextField] = [TextField(name: "title"), TextField(name: "text")],
        attributes: [Attribute] = [],
        vectorFields: [VectorField] = [],
        model: String? = nil,
        reranker: String? = nil,
        analyzer: AnalyzerConfiguration = AnalyzerConfiguration(),
        alpha: Double = 0.5,
        k1: Double = 1.2,
        b: Double = 0.75,
        rerankWeight: Double = 0.3
    ) {
        self.textFields = textFields
        self.attributes = attributes
        self.vectorFields = vectorFields
        self.model = model
        self.reranker = reranker
        self.analyzer = analyzer
        self.alpha = alpha
        self.k1 = k1
        self.b = b
        self.rerankWeight = rerankWeight
    }
}
