import SearchCore

/// Answer of the lexical leg.
public struct LexicalTopK: Sendable {
    /// At most k, score falling, then DocID rising.
    public var hits: [LexicalHit]
    /// Other documents with exactly the last hit's score, DocID rising, the first 1,024; empty unless there are k hits.
    public var boundaryTies: [LexicalHit]
    /// Accepted documents that have any term of the query, whatever their score; at least so many where not ``isCounted``.
    public var matched: Int
    /// Every match was looked at.
    public var isCounted: Bool
    /// A document that was not looked at might be among the best: only with proximity, see ``LexicalSearcher/topK(_:accept:strategy:minScore:control:)``.
    public var isApproximate = false
    /// Postings scored, those of documents that are not accepted included where whole windows were.
    public var postingsRead: Int
}

extension LexicalSearcher {
    /// How the best documents are found; hits, order, bits and ties are the same either way.
    public enum Strategy: Sendable {
        /// Scores every match, and so counts them.
        case exhaustive
        /// Skips what cannot be among the best, where that pays.
        case pruned
        /// Skips always: for tests, which have few postings.
        case alwaysPruned
    }

    /// The k best accepted documents.
    ///
    /// - Parameters:
    ///   - k: 0 is legal and only counts; more than there are matches is legal.
    ///   - accept: live ∧ filter, over the whole DocID space; documents past its capacity are not accepted.
    ///   - strategy: `pruned` is many times faster on long lists, but does not count all matches.
    ///     With proximity, the 4 k and at least 256 best by the groups alone are looked at.
    ///   - minScore: hits below it are left out (they still count as matched); nil: none.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED` (asked per window of 4,096 documents); `DATA_LOSS`.
    /// - Complexity: exhaustive: O(postings in windows with accepted documents), 2 to 3 ns each with two forms per group; O(accepted
    ///   documents · lists) when few are accepted.
    public func topK(
        _ k: Int, accept: DocBitSet, strategy: Strategy = .exhaustive, minScore: Double? = nil, control: QueryControl
    ) throws -> LexicalTopK {
        precondition(k >= 0, "k is \(k)")
        try control.checkpoint()
        if let tree { return try topK(k, of: tree, accept: accept, prunes: k > 0 && strategy != .exhaustive, minScore: minScore, control: control) }
        if k > 0, !query.proximity.isEmpty {
            return try topKByProximity(k, accept: accept, strategy: strategy, minScore: minScore, control: control)
        }
        return try bagTopK(k, accept: accept, strategy: strategy, minScore: minScore, control: control)
    }

    /// By the groups alone.
    func bagTopK(
        _ k: Int, accept: DocBitSet, strategy: Strategy, minScore: Double?, control: QueryControl
    ) throws -> LexicalTopK {
        var floor = Double.leastNonzeroMagnitude
        if let minScore, minScore > floor { floor = minScore }
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: floor)
        // Made where it is needed.
        var exact: WindowScorerBox?
        var pruned: PrunedScorerPool.Lease?
        var matched = 0
        var isCounted = true
        let postingsInAll = plans.reduce(0) { $1.groups.reduce($0) { $1.lists.reduce($0) { $0 + $1.list.count } } }
        let prunes = k > 0 && (strategy == .alwaysPruned || (strategy == .pruned && postingsInAll > Self.pruningPays))
        var postingsRead = 0
        for plan in plans {
            let documents = Int(plan.segment.firstDoc.rawValue)..<Int(plan.segment.endDoc.rawValue)
            let lists = plan.groups.reduce(0) { $0 + $1.lists.count }
            let postings = plan.groups.reduce(0) { $1.lists.reduce($0) { $0 + $1.list.count } }
            let fewEnough = postings / (lists * Self.seekCost)
            let accepted = accept.count(in: documents, upTo: fewEnough + 1)
            if accepted == 0 { continue }
            if accepted <= fewEnough {
                // A narrow filter: seek the few accepted documents instead of scoring whole windows. Same sums, same bits.
                let docs = Self.documents(of: accept, in: documents)
                var scores = [Double](repeating: 0, count: docs.count)
                for start in stride(from: 0, to: docs.count, by: Self.seekBatch) {
                    try control.checkpoint()
                    postingsRead += try seek(plan, docs[start..<min(start + Self.seekBatch, docs.count)], &scores)
                }
                for (doc, score) in zip(docs, scores) where score > 0 {
                    matched += 1
                    collector.offer(doc, score)
                }
            } else if prunes, Self.canBound(plan) {
                if pruned == nil { pruned = PrunedScorerPool.take() }
                isCounted = false
                try accept.words.withUnsafeBufferPointer {
                    try pruned!.scorer.run(plan, searcher: self, accept: $0, collector: &collector, control: control)
                }
            } else {
                if exact == nil { exact = WindowScorerBox() }
                try accept.words.withUnsafeBufferPointer {
                    try exact!.scorer.run(plan, searcher: self, accept: $0, collector: &collector, control: control)
                }
            }
        }
        let (hits, ties) = collector.finish()
        if let pruned {
            matched += pruned.scorer.matched
            postingsRead += pruned.scorer.postingsRead
            PrunedScorerPool.giveBack(pruned)
        }
        if let exact {
            matched += exact.scorer.matched
            postingsRead += exact.scorer.postingsRead
        }
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: isCounted, postingsRead: postingsRead)
    }

    /// Postings of all lists together from which on bounds cost less than scores.
    private static let pruningPays = 16_384

    /// A window's sums have 16 bits: with very many groups, or lists of one, the units of rounding up would be most of them.
    static func canBound(_ plan: SegmentPlan) -> Bool {
        plan.groups.count <= 2048 && plan.groups.allSatisfy { $0.lists.count <= GroupBound.listsMax }
    }

    private final class WindowScorerBox {
        var scorer = WindowScorer()
    }

    /// What seeking a document in a list costs in terms of a posting scored in a window: 20 to 60 ns against 3.
    private static let seekCost = 16
    /// Documents between two looks at the deadline.
    private static let seekBatch = 4096

    private static func documents(of set: DocBitSet, in range: Range<Int>) -> [DocID] {
        var docs: [DocID] = []
        var word = range.lowerBound / 64
        while word * 64 < range.upperBound, word < set.words.count {
            var bits = set.words[word]
            while bits != 0 {
                let d = word * 64 + bits.trailingZeroBitCount
                bits &= bits &- 1
                if range.contains(d) { docs.append(DocID(UInt32(d))) }
            }
            word += 1
        }
        return docs
    }
}
