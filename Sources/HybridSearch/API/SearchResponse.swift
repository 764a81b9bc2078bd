import SearchCore

/// Answer to a ``SearchRequest``: the page, and how it came about.
public struct SearchResponse: Sendable {
    /// Floor and ceiling that a leg's scores were normalised with.
    public struct Bounds: Sendable, Equatable {
        public var floor: Double
        public var ceiling: Double

        public init(floor: Double, ceiling: Double) {
            self.floor = floor
            self.ceiling = ceiling
        }
    }

    /// Time and traffic of one stage: queue (in the daemon), spelling, analyze, filter, embed, lexical, semantic, true_scores, fuse, rerank, fetch, highlight.
    public struct Stage: Sendable {
        public var name: String
        public var microseconds: Int64
        /// Items that came in (terms, documents, vectors, candidates: whatever the stage handles).
        public var seen: Int
        /// Items that it let go.
        public var dropped: Int
    }

    public struct Reranked: Sendable {
        public enum StopReason: String, Sendable { case complete, budget, deadline, error, noModel = "no_model" }
        /// Candidates that were to be reranked.
        public var requested: Int
        public var reranked: Int
        public var stopReason: StopReason
        public var model: String
        public var weight: Double
    }

    /// A stage that did less than was asked.
    public struct Degradation: Sendable, Equatable {
        public var stage: String
        public var reason: String
        /// Hits that were reranked before it happened.
        public var reranked: Int
    }

    /// What the semantic leg did to find its candidates, and what it touched.
    public struct SemanticWork: Sendable, Equatable {
        /// Segments whose vectors were gone through one after another; of those, the ones of which most were passed over because of the filter.
        public var flatSegments = 0
        public var filteredFlatSegments = 0
        /// Segments whose graph was walked.
        public var graphSegments = 0
        /// Segments whose graph was walked in vain, because the filter leaves too little near the query.
        public var abandonedGraphs = 0
        /// Vectors estimated one after another from 1-bit codes, of which the promising ones count among ``scanned``.
        public var estimated = 0
        /// Vectors compared one by one in 8 bits.
        public var scanned = 0
        /// Nodes visited in graphs.
        public var visited = 0
        /// Vectors scored in full precision.
        public var refined = 0
        /// The candidates are those of comparing every vector.
        public var isExact = true
    }

    /// "Did you mean".
    public struct Spelling: Sendable, Equatable {
        /// A word of the query, and what may have been meant.
        public struct Correction: Sendable, Hashable {
            /// As the query has it.
            public var original: String
            /// In the case of the original: one word, or two where a space was forgotten.
            public var corrected: String
            /// In UTF-8 bytes of the request's text; nil where the words came as clauses.
            public var range: Range<Int>?
            /// Live documents with either, counted once for each field that has it.
            public var originalDocuments: Int
            public var correctedDocuments: Int
        }

        /// The request's text with every correction made; nil where the words came as clauses.
        public var text: String?
        /// The search was for the corrected words.
        public var isApplied: Bool
        public var corrections: [Correction]
    }

    public var hits: [Hit]
    /// Mode that was run: alpha 0 and 1, or a missing embedder, narrow hybrid to one leg.
    public var mode: SearchRequest.Mode
    public var alpha: Double
    public var normalizer: SearchRequest.Normalizer
    /// Nil where the leg did not run or the normaliser has no bounds.
    public var lexicalBounds: Bounds?
    public var semanticBounds: Bounds?
    /// Candidates of both legs together.
    public var poolSize: Int
    /// Documents that match a query term, pass the filter and are live; nil where the lexical leg did not run.
    public var lexicalMatched: Int?
    /// There may be more than ``lexicalMatched``: not all were looked at.
    public var isLexicalMatchedAtLeast = false
    /// Legs that ran and found nothing: "lexical", "semantic".
    public var emptyLegs: [String]
    public var stages: [Stage]
    /// Nil where the semantic leg did not run.
    public var semantic: SemanticWork?
    public var rerank: Reranked?
    /// Nil where nothing is to be corrected, or nobody asked.
    public var spelling: Spelling?
    public var degraded: [Degradation]
    /// The snapshot includes every write up to here, for keywords …
    public var applied: SequenceNumber
    /// … and for vectors.
    public var vectorApplied: SequenceNumber
    public var generation: UInt64
    /// False: budgets and approximation aside, the hits are those of an exhaustive search.
    public var isApproximate: Bool
    public var microseconds: Int64

    /// Puts what passed between a request's arrival and its search in front, as a stage of its own, and into the whole time.
    public mutating func addQueue(_ duration: Duration) {
        stages.insert(Stage(name: "queue", microseconds: duration.microseconds, seen: 1, dropped: 0), at: 0)
        microseconds += duration.microseconds
    }
}

/// One hit of a page.
public struct Hit: Sendable {
    public var id: String
    /// Sequence of the version found; usable as `if_version`.
    public var version: SequenceNumber
    /// What the page is ordered by, descending, within reranked hits and within the rest.
    public var score: Double
    /// alpha · semantic + (1 − alpha) · lexical, normalised; in one-leg modes that leg's raw score.
    public var fused: Double
    /// BM25; nil: no query term in the document, or the leg did not run.
    public var lexical: Double?
    /// Cosine or dot product; nil: no vector, or the leg did not run.
    public var semantic: Double?
    /// Logit of the cross-encoder; nil: not reranked.
    public var rerank: Double?
    public var hasVector: Bool
    public var document: Document?
    public var explanation: Explanation?
    /// Fields in the schema's order; empty where no word of the query stands in any, or none was asked for.
    public var highlights: [HighlightedField] = []
}

/// Why a hit scored as it did; made only on request.
public struct Explanation: Sendable {
    /// A form of a term in a field, or a phrase.
    public struct FormMatch: Sendable {
        public var field: String
        /// "surface", "stem", "part", "whole"; "phrase".
        public var form: String
        public var term: String
        /// Occurrences; of a phrase the sum of 1 / (1 + d) over its matches, d being by how much its words are out of place.
        public var frequency: Double
        public var fieldLength: Int
        public var averageLength: Double
        /// w_field · w_form
        public var weight: Double
    }

    /// Name of the term that stands for clauses without words: all, exists, and constants. They have neither idf nor frequency.
    public static let constantTerm = "*"

    /// One query term's part of the BM25 score; a phrase is one term, in quotes.
    public struct TermMatch: Sendable {
        public var term: String
        /// That of the term, times those of the clauses above it.
        public var boost: Double
        public var idf: Double
        /// Live documents with the term, and in all. Of a phrase 0: its idf is the sum of its words'.
        public var documentFrequency: Int
        public var documentCount: Int
        /// Weighted, length-normalised frequency before saturation.
        public var frequency: Double
        /// `boost · idf · x / (k1 + x)`; 0 where it does not count: under a filter or a constant, or in a part of the query that does not match.
        public var score: Double
        public var matches: [FormMatch]
    }

    public var terms: [TermMatch]
    /// Normalised to [0, 1] as they entered the sum; nil where the leg did not run.
    public var lexicalNormalized: Double?
    public var semanticNormalized: Double?
    /// Ranks in the pool, 1-based, where reciprocal rank fusion was used.
    public var lexicalRank: Int?
    public var semanticRank: Int?
    /// Normalised over the reranked candidates.
    public var rerankNormalized: Double?
    /// The fused score normalised over the reranked candidates.
    public var fusedNormalized: Double?
    /// Passage that the cross-encoder read; nil where it did not.
    public var passage: String?
    /// The scores as one line of arithmetic for people.
    public var summary: String
}
