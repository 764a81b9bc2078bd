import Foundation
import SearchCore
import Synchronization
import VectorIndex

/// Searches by several threads, and searches under filters.
extension DenseEngine {
    /// Queries a second that `threads` threads answer together, each beginning at another query.
    func throughput(threads: Int, effort: Double, k: Int, seconds: Double) throws -> [String: Any] {
        let effort = VectorSearchEffort.breadth(Self.breadth(effort, k))
        let (indexed, queries, accept) = (indexed, queries, accept)
        let answered = Atomic<Int>(0)
        let failed = Atomic<Bool>(false)
        let began = wallSeconds()
        let cpu = processSeconds()
        // Threads of their own: the pool has no more than the process had processors when it began.
        let group = DispatchGroup()
        for thread in 0..<threads {
            group.enter()
            Thread.detachNewThread {
                defer { group.leave() }
                var number = queries.count * thread / threads
                var count = 0
                while wallSeconds() - began < seconds {
                    do {
                        _ = try VectorSearcher([indexed], query: queries[number % queries.count])
                            .topK(k, accept: accept, minScore: nil, effort: effort, control: .unlimited)
                    } catch { failed.store(true, ordering: .relaxed) }
                    number += 1
                    count += 1
                }
                answered.add(count, ordering: .relaxed)
            }
        }
        group.wait()
        guard !failed.load(ordering: .relaxed) else { throw TandemError(.internal, "a search failed") }
        let wall = wallSeconds() - began
        return ["queries_per_s": Double(answered.load(ordering: .relaxed)) / wall, "cpu_s": processSeconds() - cpu, "wall_s": wall]
    }

    /// Recall and time under filters that pass a share of the vectors: any, those nearest to the query, those farthest from it.
    ///
    /// "flat" is the exact search of what passes, measured in between.
    func filters(effort: Double, k: Int, queryCount: Int) throws -> [String: Any] {
        let breadth = VectorSearchEffort.breadth(Self.breadth(effort, k))
        let count = indexed.segment.count
        var random = UInt64(20_261_128)
        func next() -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random
        }
        var rows: [[String: Any]] = []
        let docs = (0..<count).map { DocID(UInt32($0)) }
        let chosen = queries.prefix(queryCount)
        let orders = try chosen.map { query -> [Int] in
            let scores = try VectorSearcher([indexed], query: query).score(docs: docs)
            return (0..<count).sorted { scores[$0]! > scores[$1]! }
        }
        for kind in ["uncorrelated", "correlated", "anti-correlated"] {
            for share in [0.5, 0.1, 0.01, 0.001] {
                let wanted = max(k, Int(share * Double(count)))
                var (time, flatTime, hits, expected, graphs, abandoned, visited) = (0.0, 0.0, 0, 0, 0, 0, 0)
                for (query, order) in zip(chosen, orders) {
                    var accept = DocBitSet(capacity: count)
                    switch kind {
                    case "correlated": for ordinal in order.prefix(wanted) { _ = accept.insert(DocID(UInt32(ordinal))) }
                    case "anti-correlated": for ordinal in order.suffix(wanted) { _ = accept.insert(DocID(UInt32(ordinal))) }
                    default: for ordinal in 0..<count where Double(next() >> 11) * 0x1p-53 < share { _ = accept.insert(DocID(UInt32(ordinal))) }
                    }
                    func run(_ effort: VectorSearchEffort) throws -> (VectorTopK, Double) {
                        // Once to warm, the better of two.
                        var best = Double.infinity
                        var found: VectorTopK?
                        for _ in 0..<3 {
                            let began = wallSeconds()
                            found = try VectorSearcher([indexed], query: query).topK(k, accept: accept, minScore: nil, effort: effort, control: .unlimited)
                            best = min(best, (wallSeconds() - began) * 1e6)
                        }
                        return (found!, best)
                    }
                    let (truth, flat) = try run(.exact)
                    let (found, walked) = try run(breadth)
                    time += walked
                    flatTime += flat
                    expected += truth.hits.count
                    if let last = truth.hits.last { hits += found.hits.count { $0.score >= last.score } }
                    graphs += found.work.graphSegments
                    abandoned += found.work.abandonedGraphs
                    visited += found.work.visited
                }
                let n = Double(chosen.count)
                rows.append([
                    "filter": kind, "share": share, "recall": Double(hits) / Double(max(1, expected)), "mean_us": time / n, "flat_us": flatTime / n,
                    "graphs": Double(graphs) / n, "abandoned": Double(abandoned) / n, "visited": Double(visited) / n,
                ])
            }
        }
        return ["filters": rows]
    }
}
