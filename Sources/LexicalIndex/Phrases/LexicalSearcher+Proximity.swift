import SearchCore

/// Neighbours of the query that are neighbours in a document add to its score.
///
/// What they can add is small beside the words themselves, so the best by the words are looked at, some times more than are wanted, and put in order
/// anew: rescoring, as in Büttcher, Clarke, Lushman, "Term Proximity Scoring for Ad-Hoc Retrieval on Very Large Text Collections", 2006. Scores are
/// the same on every path; only which documents are looked at depends on k.
extension LexicalSearcher {
    private static let candidatesPerHit = 4
    private static let candidatesMin = 256

    func topKByProximity(_ k: Int, accept: DocBitSet, strategy: Strategy, minScore: Double?, control: QueryControl) throws -> LexicalTopK {
        // x / (k1 + x) is 1 at most. Rounding must not cost a hit either.
        let most = query.proximity.reduce(0) { $0 + boostedIdf($1) }
        let floor = minScore.map { $0 - most - ($0 + most) * 1e-9 }
        let wanted = max(Self.candidatesPerHit * k, Self.candidatesMin)
        var top = try bagTopK(
            wanted, accept: accept, strategy: strategy, minScore: floor, control: control)
        let byDocument = top.hits.sorted { $0.doc < $1.doc }
        try control.checkpoint()
        let scores = try score(docs: byDocument.map(\.doc), control: control)
        var ranked: [LexicalHit] = []
        for (hit, score) in zip(byDocument, scores) {
            if let score, score >= minScore ?? 0 { ranked.append(LexicalHit(doc: hit.doc, score: score)) }
        }
        ranked.sort { $0.score != $1.score ? $0.score > $1.score : $0.doc < $1.doc }
        // The others have no higher score by the words than the last candidate.
        if let last = top.hits.last, top.hits.count == wanted {
            top.isApproximate = ranked.count < k || (last.score + most) * (1 + 1e-9) >= ranked[k - 1].score
        }
        top.hits = Array(ranked.prefix(k))
        let last = ranked.count > k ? ranked[k - 1].score : nil
        top.boundaryTies = Array(ranked.dropFirst(k).prefix { $0.score == last }.prefix(TopKCollector.tiesMax))
        return top
    }

    func boostedIdf(_ phrase: PreparedQuery.Phrase) -> Double { phrase.boost * phrase.slots.reduce(0) { $0 + idfs[$1.group] } }

    /// - Parameters:
    ///   - docs: rising, of the plan's segment.
    ///   - scores: at the indices of `docs`; 0 where no group matches.
    func addProximity(_ plan: SegmentPlan, _ docs: ArraySlice<DocID>, _ scores: inout [Double], _ control: QueryControl) throws {
        for phrase in query.proximity {
            let matcher = try PhraseMatcher(plan, self, phrase, control)
            let first = plan.segment.firstDoc.rawValue
            for i in docs.indices where scores[i] > 0 {
                let document = docs[i].rawValue - first
                if matcher.candidate(from: document) == document, let score = try matcher.score(document) { scores[i] += score }
            }
            try matcher.check()
        }
    }
}
