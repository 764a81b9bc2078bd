import SearchCore

/// Answer of the lexical leg.
public struct LexicalTopK: Sendable {
    /// At most k, score falling, then DocID rising.
    public var hits: [LexicalHit]
    /// Other documents with exactly the last hit's score, DocID rising, the first 1,024; empty unless there are k hits.
    public var boundaryTies: [LexicalHit]
    /// Accepted documents that have any term of the query, whatever their score.
    public var matched: Int
    /// Postings scored.
    public var postingsRead: Int
}

extension LexicalSearcher {
    /// The k best accepted documents, by exhaustive scoring.
    ///
    /// - Parameters:
    ///   - k: 0 is legal and only counts; more than there are matches is legal.
    ///   - accept: live ∧ filter, over the whole DocID space; documents past its capacity are not accepted.
    ///   - minScore: hits below it are left out (they still count as matched); nil: none.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED` (asked per window of 4,096 documents); `DATA_LOSS`.
    /// - Complexity: O(postings in windows with accepted documents), about 1.5 ns each, plus O(segments).
    public func topK(_ k: Int, accept: DocBitSet, minScore: Double? = nil, control: QueryControl) throws -> LexicalTopK {
        precondition(k >= 0, "k is \(k)")
        try control.checkpoint()
        var floor = Double.leastNonzeroMagnitude
        if let minScore, minScore > floor { floor = minScore }
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: floor)
        var scorer = WindowScorer()
        try accept.words.withUnsafeBufferPointer { words in
            for plan in plans {
                try scorer.run(plan, searcher: self, accept: words, collector: &collector, control: control)
            }
        }
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: scorer.matched, postingsRead: scorer.postingsRead)
    }
}
