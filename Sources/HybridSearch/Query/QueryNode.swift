/// What the keyword leg looks for, as a tree: written by a person (``QueryString``), or built by a program.
///
/// Depth and number of nodes are bounded by ``QueryCompiler``; the wire has the same as a flat list.
public indirect enum QueryNode: Sendable, Hashable {
    /// A text, analysed like a plain query. `field`: only there; nil: in all text fields.
    case words(String, field: String?, match: Match)
    /// The words that begin with a text, which the analyzer must take for one word. They count as one word, as common as the commonest of them.
    case prefix(String, field: String?)
    /// A text's words as they are written, in this order and side by side, up to a slop (``LexicalPhrase``).
    case phrase(String, field: String?, slop: Int)
    /// The words within some edits of a text, which the analyzer must take for one word; nearer ones count more. They count as one word, as common
    /// as the commonest of them. `distance`: 0 to 2 edits of a code point, or swaps of neighbours; nil: 0 up to two code points, 1 up to five, else 2.
    /// `prefixLength`: so many code points at the beginning are taken as they are.
    case fuzzy(String, field: String?, distance: Int?, prefixLength: Int)
    /// Every document, with a score of 1.
    case all
    /// Documents that have the text field, with a score of 1.
    case exists(field: String)
    /// The node's documents, each with this score.
    case constant(Double, QueryNode)
    /// The node's scores times a factor.
    case boost(Double, QueryNode)
    case boolean(Boolean)
    /// The best of the nodes counts, and `tieBreaker` (0 to 1) times the others.
    case best([QueryNode], tieBreaker: Double)

    /// Which of a text's words have to be there.
    public enum Match: String, Sendable, Hashable, CaseIterable {
        /// One is enough; each adds to the score.
        case any
        /// All of them, in any order.
        case all
        /// All of them as they are written: no stems, no parts.
        case exact
    }

    public struct Boolean: Sendable, Hashable {
        /// All have to match; scores add up.
        public var must: [QueryNode]
        /// Scores of those that match are added.
        public var should: [QueryNode]
        /// All have to match; no scores.
        public var filter: [QueryNode]
        /// None may match.
        public var mustNot: [QueryNode]
        /// How many of `should` have to match; nil: 1 where there is neither `must` nor `filter`, else 0.
        public var minimumShouldMatch: Int?

        public init(
            must: [QueryNode] = [], should: [QueryNode] = [], filter: [QueryNode] = [], mustNot: [QueryNode] = [], minimumShouldMatch: Int? = nil
        ) {
            self.must = must
            self.should = should
            self.filter = filter
            self.mustNot = mustNot
            self.minimumShouldMatch = minimumShouldMatch
        }
    }

    /// The texts that are asked for, not those that are excluded: what the semantic leg and the reranker read.
    var askedFor: [String] {
        switch self {
        case .words(let text, _, _), .phrase(let text, _, _), .fuzzy(let text, _, _, _): [text]
        case .prefix, .all, .exists: []
        case .constant(_, let node), .boost(_, let node): node.askedFor
        case .boolean(let boolean): (boolean.must + boolean.should + boolean.filter).flatMap(\.askedFor)
        case .best(let nodes, _): nodes.flatMap(\.askedFor)
        }
    }

    /// What every hit has to fulfil, of whatever leg it is: `must`, `filter`, `mustNot` and an explicit minimum at the tree's root.
    /// Nil: nothing. The rest of the tree says what the keyword leg prefers.
    var constraint: QueryNode? {
        switch self {
        case .words(_, _, let match): return match == .any ? nil : .boolean(Boolean(filter: [self]))
        case .phrase: return .boolean(Boolean(filter: [self]))
        case .prefix, .fuzzy, .all, .exists, .best: return nil
        case .constant(_, let node), .boost(_, let node): return node.constraint
        case .boolean(let boolean):
            let others = boolean.must.count + boolean.filter.count + boolean.mustNot.count
            // Parentheses around everything change nothing.
            if others == 0, boolean.should.count == 1 { return boolean.should[0].isWrapper ? boolean.should[0].constraint : nil }
            let asksForSome = (boolean.minimumShouldMatch ?? 0) > 0
            guard asksForSome || others > 0 else { return nil }
            return .boolean(
                Boolean(
                    should: asksForSome ? boolean.should : [], filter: boolean.must + boolean.filter, mustNot: boolean.mustNot,
                    minimumShouldMatch: asksForSome ? boolean.minimumShouldMatch : nil))
        }
    }

    /// It says what its nodes say; a text says more, since one that is alone is still only preferred.
    private var isWrapper: Bool {
        switch self {
        case .boolean, .constant, .boost: true
        default: false
        }
    }
}
