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
        /// Name of the chain that makes its terms: one of ``CollectionSchema/analyzers``, or a built-in one (``AnalyzerDefinition/builtIn``).
        public var analyzer: String

        public init(name: String, weight: Double = 1, analyzer: String = AnalyzerDefinition.standardName) {
            self.name = name
            self.weight = weight
            self.analyzer = analyzer
        }

        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            weight = try fields.decode(Double.self, forKey: .weight)
            // Manifests of before there was a choice have none.
            analyzer = try fields.decodeIfPresent(String.self, forKey: .analyzer) ?? AnalyzerDefinition.standardName
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

    /// Whether there are vectors that clients must bring, since no model makes them.
    var documentsBringVectors: Bool { vectorFields.count > (model == nil ? 0 : 1) }

    public var textFields: [TextField]
    public var attributes: [Attribute]
    /// Searches that name none mean the first.
    public var vectorFields: [VectorField]
    /// Folder name of the bi-encoder in the models folder; nil: nothing is embedded.
    public var model: String?
    /// Folder name of the cross-encoder; nil: searches are not reranked unless they name one.
    public var reranker: String?
    public var analyzer: AnalyzerConfiguration
    /// Chains of the collection's own, by the name that text fields refer to them by. Names of built-in ones are taken.
    public var analyzers: [String: AnalyzerDefinition]
    /// The keyword attribute that says which language a document is in, by its ISO 639-1 code. Where the schema has none of that name, or a document no
    /// value, the language is detected.
    public var languageAttribute: String
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
        analyzers: [String: AnalyzerDefinition] = [:],
        languageAttribute: String = "lang",
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
        self.analyzers = analyzers
        self.languageAttribute = languageAttribute
        self.alpha = alpha
        self.k1 = k1
        self.b = b
        self.rerankWeight = rerankWeight
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            textFields: try fields.decode([TextField].self, forKey: .textFields), attributes: try fields.decode([Attribute].self, forKey: .attributes),
            vectorFields: try fields.decode([VectorField].self, forKey: .vectorFields), model: try fields.decodeIfPresent(String.self, forKey: .model),
            reranker: try fields.decodeIfPresent(String.self, forKey: .reranker), analyzer: try fields.decode(AnalyzerConfiguration.self, forKey: .analyzer),
            alpha: try fields.decode(Double.self, forKey: .alpha), k1: try fields.decode(Double.self, forKey: .k1),
            b: try fields.decode(Double.self, forKey: .b), rerankWeight: try fields.decode(Double.self, forKey: .rerankWeight))
        // Manifests of analyzer version 1 have none of these.
        analyzers = try fields.decodeIfPresent([String: AnalyzerDefinition].self, forKey: .analyzers) ?? [:]
        languageAttribute = try fields.decodeIfPresent(String.self, forKey: .languageAttribute) ?? languageAttribute
    }

    /// The chain of each text field, in their order.
    /// - Throws: `INVALID_ARGUMENT` for a name that there is no chain of.
    func analyzerDefinitions() throws -> [AnalyzerDefinition] {
        try textFields.map { field in
            guard let definition = AnalyzerDefinition.builtIn[field.analyzer] ?? analyzers[field.analyzer] else {
                let known = (analyzers.keys.sorted() + AnalyzerDefinition.builtIn.keys.sorted()).joined(separator: ", ")
                throw TandemError.invalidArgument("text field '\(field.name)': unknown analyzer '\(field.analyzer.prefix(64))'; there are \(known)")
            }
            return definition
        }
    }

    /// What is known of the language of a document's texts before they are analysed.
    func languageContext(of document: Document, _ analyzers: FieldAnalyzers) -> LanguageContext {
        var stated: String?
        if case .keyword(let code)? = document.attributes.first(where: { $0.name == languageAttribute })?.values.first { stated = code }
        return analyzers.main.context(of: document.texts.lazy.map(\.text), stated: stated)
    }
}
