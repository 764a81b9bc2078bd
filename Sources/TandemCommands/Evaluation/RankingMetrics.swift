import Foundation

/// Measures of one ranking against judgements.
///
/// As trec_eval and pytrec_eval compute them: nDCG with linear gain, rel / log2(rank + 1), over the ideal ranking of all
/// judged documents; reciprocal rank of the first relevant hit; share of the relevant documents that were found. Relevant is
/// what was judged above 0; what was not judged counts as 0.
public enum RankingMetrics {
    /// - Parameters:
    ///   - ranking: ids, best first, each once.
    ///   - judgements: id to relevance.
    /// - Returns: 0 to 1; 0 where nothing is relevant.
    public static func ndcg(_ ranking: [String], _ judgements: [String: Int], at depth: Int) -> Double {
        let ideal = gain(judgements.values.filter { $0 > 0 }.sorted(by: >).prefix(depth))
        return ideal == 0 ? 0 : gain(ranking.prefix(depth).map { judgements[$0] ?? 0 }) / ideal
    }

    public static func reciprocalRank(_ ranking: [String], _ judgements: [String: Int], at depth: Int) -> Double {
        let first = ranking.prefix(depth).firstIndex { (judgements[$0] ?? 0) > 0 }
        return first.map { 1 / Double($0 + 1) } ?? 0
    }

    public static func recall(_ ranking: [String], _ judgements: [String: Int], at depth: Int) -> Double {
        let relevant = judgements.values.count { $0 > 0 }
        return relevant == 0 ? 0 : Double(ranking.prefix(depth).count { (judgements[$0] ?? 0) > 0 }) / Double(relevant)
    }

    private static func gain(_ relevances: some Collection<Int>) -> Double {
        relevances.enumerated().reduce(0) { sum, item in
            item.element > 0 ? sum + Double(item.element) / log2(Double(item.offset + 2)) : sum
        }
    }
}

/// Means of the measures over queries.
public struct MetricMeans: Sendable, Equatable {
    public private(set) var queries = 0
    private var sums = (ndcg: 0.0, reciprocalRank: 0.0, recall: 0.0)

    public init() {}

    public var ndcgAt10: Double { mean(sums.ndcg) }
    public var mrrAt10: Double { mean(sums.reciprocalRank) }
    public var recallAt100: Double { mean(sums.recall) }

    public mutating func add(_ ranking: [String], _ judgements: [String: Int]) {
        queries += 1
        sums.ndcg += RankingMetrics.ndcg(ranking, judgements, at: 10)
        sums.reciprocalRank += RankingMetrics.reciprocalRank(ranking, judgements, at: 10)
        sums.recall += RankingMetrics.recall(ranking, judgements, at: 100)
    }

    private func mean(_ sum: Double) -> Double { queries == 0 ? 0 : sum / Double(queries) }

    public static func == (a: MetricMeans, b: MetricMeans) -> Bool { a.queries == b.queries && a.sums == b.sums }

    var json: [String: JSONValue] {
        ["ndcg@10": .double(ndcgAt10), "mrr@10": .double(mrrAt10), "recall@100": .double(recallAt100), "queries": .number(queries)]
    }
}
