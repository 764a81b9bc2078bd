import ColumnIndex
import SearchCore

/// One search of one collection. Defaults are those of docs/semantics: hybrid, min-max, the collection's alpha, rerank depth 50.
public struct SearchRequest: Sendable {
    public enum Mode: String, Sendable, CaseIterable { case lexical, semantic, hybrid }

    /// How a leg's scores are brought to [0, 1] before they are added; see ``Fusion``.
    public enum Normalizer: String, Sendable, CaseIterable {
        case minMax = "min_max"
        case theoretical
        case distribution = "dbsf"
        case reciprocalRank = "rrf"
    }

    /// What to do when the query cannot be embedded.
    public enum EmbedderFailure: String, Sendable, CaseIterable {
        case fail
        case lexicalOnly = "lexical_only"
    }

    public struct Rerank: Sendable {
        /// Candidates to rerank, best first; 0 switches reranking off; nil: 50 in hybrid mode where the collection has a reranker, else 0.
        public var depth: Int?
        /// Share of the cross-encoder in the final score; nil: the collection's.
        public var weight: Double?
        /// Time after which no further batch is begun; nil: 250 ms; see `isUnbounded`.
        public var budget: Duration?
        /// No budget at all, as in evaluations; the call's deadline still holds.
        public var isUnbounded: Bool
        /// Folder name of another cross-encoder than the collection's.
        public var model: String?

        public init(depth: Int? = nil, weight: Double? = nil, budget: Duration? = nil, isUnbounded: Bool = false, model: String? = nil) {
            self.depth = depth
            self.weight = weight
            self.budget = budget
            self.isUnbounded = isUnbounded
            self.model = model
        }
    }

    /// Each on its own scale; nil: no threshold. A leg's threshold affects that leg only.
    public struct Thresholds: Sendable {
        public var lexical: Double?
        public var semantic: Double?
        public var fused: Double?
        public var rerank: Double?

        public init(lexical: Double? = nil, semantic: Double? = nil, fused: Double? = nil, rerank: Double? = nil) {
            self.lexical = lexical
            self.semantic = semantic
            self.fused = fused
            self.rerank = rerank
        }
    }

    /// A stored document as a part of a query.
    public struct Example: Sendable, Hashable {
        /// External id.
        public var id: String
        /// How much its vector counts; below 0: hits are to be unlike it.
        public var weight: Double

        public static let weightMax = 1e6

        public init(id: String, weight: Double = 1) {
            self.id = id
            self.weight = weight
        }
    }

    /// How hard the semantic leg looks.
    public enum SemanticEffort: Sendable, Hashable {
        /// Every vector that passes the filter is compared.
        case exact
        /// The share of the best hits that are to be found, 0 to below 1: what that takes was measured on each graph.
        case recall(Double)
        /// From 0 to 1: of the best hits a fifth may be missing at 0, two in a hundred at ½, two in a thousand at 1.
        case effort(Double)

        public static let standard = SemanticEffort.recall(0.99)
    }

    /// What to do about words that no document has.
    public struct Spelling: Sendable, Hashable {
        public enum Mode: String, Sendable, CaseIterable {
            case off
            /// The answer says what may have been meant; the search is for the text as it is.
            case suggest
            /// Where a word is in no document, the search is for the corrected text, and the answer says so.
            case retry
        }

        public var mode: Mode
        /// Also words with digits or capitals inside, or joined to others by symbols: mostly codes and names, which are meant as they are.
        public var includesCodes: Bool

        public init(mode: Mode = .off, includesCodes: Bool = false) {
            self.mode = mode
            self.includesCodes = includesCodes
        }
    }

    /// What `text` is.
    public enum Syntax: String, Sendable, CaseIterable {
        /// Words; no character has a meaning of its own.
        case plain
        /// The syntax of docs/query-syntax.md; a mistake is an error that names the column.
        case strict
        /// The same; a text with a mistake is searched as plain words, and the answer says so.
        case lenient
    }

    /// A filter as nodes, or as the text of a filter expression (docs/filters.md).
    public enum FilterInput: Sendable {
        case nodes(Filter)
        case expression(String)
    }

    public var text: String
    public var syntax = Syntax.plain
    /// What the keyword leg looks for, instead of `text`'s words; an empty `text` then becomes the words that the query asks for.
    public var query: QueryNode?
    /// External id of a stored document: search for others like it, instead of for a text, a vector or a tree. Not reranked unless a depth is named.
    public var like: String?
    /// Stored documents whose weighted vectors, summed, are the query vector (``Searcher/recommendation(_:)``); at most ``Limits/examplesMax``. They are
    /// no hits themselves. A text beside them is the keyword leg's; without one the semantic leg runs alone.
    public var recommend: [Example] = []
    /// A query vector that the client computed; then `text` is not embedded.
    public var vector: [Float]?
    /// Where the semantic leg searches; nil: the first vector field, which is the model's. Any other one takes a vector, or a document to be like.
    public var vectorField: String?
    /// Matters for large collections only: small segments are compared vector by vector.
    public var semanticEffort = SemanticEffort.standard
    public var mode: Mode
    /// Weight of the semantic leg in [0, 1]; nil: the collection's. 0 and 1 run one leg only.
    public var alpha: Double?
    public var normalizer: Normalizer
    /// k of reciprocal rank fusion, > 0.
    public var rrfK: Double
    /// Hits of the page, 0 … ``Limits/depthMax``.
    public var limit: Int
    public var offset: Int
    /// Candidates of each leg; nil: 100, or the page's where one leg runs alone without a reranker. Raised to offset + limit and to the rerank depth.
    public var depth: Int?
    public var rerank: Rerank
    public var filter: FilterInput?
    public var thresholds: Thresholds
    public var k1: Double?
    /// How much neighbours of a plain query count that are neighbours in a document, too: 0 (not at all) to 1 (as much as the two words together).
    /// Nil: ``QueryPlan/defaultProximity``. Queries with clauses have phrases instead.
    public var proximity: Double?
    public var b: Double?
    /// Weights by text field that replace the schema's.
    public var fieldWeights: [String: Double]
    /// The search sees at least this write.
    public var after: SequenceNumber?
    public var embedderFailure: EmbedderFailure
    public var explain: Bool
    /// Stored fields that hits carry; nil: all; empty: none.
    public var fields: [String]?
    /// Count every match of the keyword leg; else what cannot be among the best is skipped where that pays. A search for no hits
    /// counts, too.
    public var countsMatches = false
    /// Passages of the hits' texts with the query's words marked, also of fields that `fields` leaves out; nil: none.
    public var highlight: HighlightOptions?
    /// The language of the text, by its ISO 639-1 code: its words are stemmed for that alone. Nil: for any language that the documents are in.
    public var language: String?
    /// The collection's synonyms of the text's words are searched for, too.
    public var usesSynonyms = true
    public var spelling = Spelling()

    public init(
        text: String, vector: [Float]? = nil, mode: Mode = .hybrid, alpha: Double? = nil, normalizer: Normalizer = .minMax,
        rrfK: Double = 60, limit: Int = 10, offset: Int = 0, depth: Int? = nil, rerank: Rerank = Rerank(),
        filter: FilterInput? = nil, thresholds: Thresholds = Thresholds(), k1: Double? = nil, b: Double? = nil,
        fieldWeights: [String: Double] = [:], after: SequenceNumber? = nil, embedderFailure: EmbedderFailure = .lexicalOnly,
        explain: Bool = false, fields: [String]? = nil
    ) {
        self.text = text
        self.vector = vector
        self.mode = mode
        self.alpha = alpha
        self.normalizer = normalizer
        self.rrfK = rrfK
        self.limit = limit
        self.offset = offset
        self.depth = depth
        self.rerank = rerank
        self.filter = filter
        self.thresholds = thresholds
        self.k1 = k1
        self.b = b
        self.fieldWeights = fieldWeights
        self.after = after
        self.embedderFailure = embedderFailure
        self.explain = explain
        self.fields = fields
    }
}
