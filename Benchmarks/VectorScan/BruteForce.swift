import CKernels
import Dispatch
import Glibc
import SearchCore
import VectorIndex

/// The oracle: scores every accepted row against every query in full, and keeps the best k by (score, then document).
///
/// Blocked: a few rows stay in the first-level cache while all queries pass by. It reads the stored float32 rows and
/// nothing of the codes or bounds.
final class BruteForce: Sendable {
    private let segment: VectorSegment
    private let data: VectorData
    private let k: Int
    private let metric: VectorMetric
    private let accept: DocBitSet
    private let queryCount: Int
    private let rowsPerTile = 24

    /// Answers the first `queryCount` queries.
    init(segment: VectorSegment, data: VectorData, k: Int, metric: VectorMetric, accept: DocBitSet, queryCount: Int) {
        self.accept = accept
        self.queryCount = queryCount
        self.segment = segment
        self.data = data
        self.k = k
        self.metric = metric
    }

    func run() -> [[VectorHit]] {
        let parts = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let size = (queryCount + parts - 1) / parts
        nonisolated(unsafe) let results = UnsafeMutablePointer<[[VectorHit]]>.allocate(capacity: parts)
        results.initialize(repeating: [], count: parts)
        // Each part writes its own slot.
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let first = min(part * size, self.queryCount)
            results[part] = self.run(first..<min(first + size, self.queryCount))
        }
        defer {
            results.deinitialize(count: parts)
            results.deallocate()
        }
        return (0..<parts).flatMap { results[$0] }
    }

    private func run(_ range: Range<Int>) -> [[VectorHit]] {
        var best = [[VectorHit]](repeating: [], count: range.count)
        var bars = [Double](repeating: -.infinity, count: range.count)
        let queries = range.map { prepared(Array(data.query($0))) }
        var scores = [Double](repeating: 0, count: rowsPerTile)
        let accepted = (0..<segment.count).filter { accept.contains(segment.document(at: $0)) }
        var first = 0
        while first < accepted.count {
            let count = min(rowsPerTile, accepted.count - first)
            let ordinals = accepted[first..<(first + count)]
            let rows = ordinals.map { segment.vector(at: $0).baseAddress }
            for q in queries.indices {
                tandem_dot_f32_each(queries[q], queries[q].count, rows, count, &scores)
                for r in 0..<count where scores[r] > bars[q] {
                    // Rows come in document order, so an equal score comes after those that are there.
                    let hit = VectorHit(doc: segment.document(at: ordinals[first + r]), score: scores[r])
                    let place = best[q].firstIndex { $0.score < hit.score } ?? best[q].count
                    best[q].insert(hit, at: place)
                    if best[q].count > k { best[q].removeLast() }
                    if best[q].count == k { bars[q] = best[q][k - 1].score }
                }
            }
            first += count
        }
        return best
    }

    /// As the index does it: norm in double, each component rounded to float32 once.
    private func prepared(_ query: [Float]) -> [Float] {
        guard metric == .cosine else { return query }
        let norm = tandem_dot_f32(query, query, query.count).squareRoot()
        return query.map { Float(Double($0) / norm) }
    }
}
