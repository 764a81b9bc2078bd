import Inference
import LexicalIndex
import SearchCore
import TextAnalysis

/// Reads the best candidates with the cross-encoder and blends its opinion in: `final = w · rerank + (1 − w) · fused`, each
/// min-max over the reranked candidates.
///
/// Anytime: candidates go best first in small batches, and no batch is begun that the budget or the deadline would cut.
/// What was not reached follows in fused order, strictly after. Replacing the order outright lowers quality outside the
/// cross-encoder's home ground (−5 points of nDCG@10 on tldr_en), blending keeps most of the gain.
///
/// An error, or a missing model, never fails a search: the fused order stands, and the reply says why.
struct Reranker {
    let searcher: Searcher
    let plan: QueryPlan
    let thresholds: SearchRequest.Thresholds
    let terms: [QueryTerm]
    /// Nil where the keyword leg did not run; then all query terms weigh alike.
    let lexical: LexicalSearcher?

    /// Words of a passage: about 210 word pieces. On scifact (100 queries, depth 20, w 0.3) .736 against .734 with 400 words,
    /// at half the cost.
    static let passageWords = 160

    /// Kept of a deadline for what comes after reranking: fetching the page and getting it to the caller, who counts, too.
    private static let answerTime = Duration.milliseconds(20)

    /// - Returns: nil when reranking was not asked for.
    func apply(
        to pool: inout [Candidate], order: ResultOrder, clock: inout StageClock, degraded: inout [SearchResponse.Degradation]
    ) throws -> SearchResponse.Reranked? {
        let depth = min(plan.rerankDepth, pool.count)
        guard plan.rerankDepth > 0, !plan.text.isEmpty else { return nil }
        var report = SearchResponse.Reranked(
            requested: depth, reranked: 0, stopReason: .complete, model: plan.rerankModel ?? "", weight: plan.rerankWeight)
        guard let name = plan.rerankModel else {
            report.stopReason = .noModel
            degraded.append(.init(stage: "rerank", reason: "the collection has no reranker, and the query names none", reranked: 0))
            return report
        }
        guard depth > 0 else { return report }

        let begin = ContinuousClock.now
        var scores: [Double] = []
        do {
            let encoder = try searcher.models.crossEncoder(name)
            let passages = try makePassages(pool.prefix(depth))
            for i in 0..<depth { pool[i].passage = passages[i] }
            let budget = plan.rerankBudget.map { max(.zero, $0 - begin.duration(to: .now)) }
            let result = try encoder.score(
                query: plan.text, passages: passages, budget: budget, reserve: Self.answerTime, control: searcher.control)
            scores = result.scores.map(Double.init)
            report.stopReason =
                switch result.stop {
                case .deadline: .deadline
                case .budget, .caller: .budget
                case .complete: .complete
                }
        } catch let error as TandemError where error.code == .cancelled {
            throw error
        } catch let error as TandemError where error.code == .deadlineExceeded {
            // While the passages were read; the fused order stands.
            report.stopReason = .deadline
        } catch {
            report.stopReason = .error
            let reason = (error as? TandemError)?.message ?? "\(error)"
            degraded.append(.init(stage: "rerank", reason: reason, reranked: scores.count))
        }
        report.reranked = scores.count
        try blend(scores, into: &pool, order: order)
        clock.add("rerank", begin.duration(to: .now), seen: depth, dropped: depth - scores.count)
        return report
    }

    private func makePassages(_ candidates: ArraySlice<Candidate>) throws -> [String] {
        let documents = try searcher.store.documents(at: candidates.map { searcher.snapshot.sequence(of: $0.doc) })
        let idf = terms.indices.map { (lexical?.inverseDocumentFrequency(group: $0) ?? 1) * terms[$0].boost }
        let selector = PassageSelector(analyzer: searcher.analyzers.main, query: terms, idf: idf, words: Self.passageWords)
        var scratch = AnalyzedText()
        return try documents.map { document in
            try searcher.control.checkpoint()
            guard let document else { throw TandemError(.internal, "a live candidate is not in the log") }
            return selector.select(from: document.modelText(searcher.schema), scratch: &scratch)
        }
    }

    private func blend(_ scores: [Double], into pool: inout [Candidate], order: ResultOrder) throws {
        guard !scores.isEmpty else { return }
        var head = Array(pool.prefix(scores.count))
        let rerank = minMaxNormalized(scores)
        let fused = minMaxNormalized(head.map(\.fused))
        for i in head.indices {
            head[i].rerank = scores[i]
            head[i].rerankNormalized = rerank[i]
            head[i].fusedNormalized = fused[i]
            head[i].final = plan.rerankWeight * rerank[i] + (1 - plan.rerankWeight) * fused[i]
        }
        try order.sort(&head) { $0.final }
        if let threshold = thresholds.rerank { head.removeAll { $0.rerank! < threshold } }
        pool.replaceSubrange(0..<scores.count, with: head)
    }
}
