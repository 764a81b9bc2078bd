import CKernels
import Glibc
import SearchCore

/// What breadth reached which recall in a graph, measured on the graph itself when it was built: so that a recall can be
/// asked for, and means the same in a small graph and in a large one.
public struct GraphCalibration: Sendable, Hashable, Codable {
    public struct Point: Sendable, Hashable, Codable {
        /// Hits asked for.
        public var k: Int
        public var breadth: Int
        /// Of the k best vectors, the share that was found; mean of all queries.
        public var recall: Double

        public init(k: Int, breadth: Int, recall: Double) {
            self.k = k
            self.breadth = breadth
            self.recall = recall
        }
    }

    /// By k, then by breadth, both rising; recall does not fall.
    public var points: [Point]

    public init(points: [Point]) { self.points = points }

    /// Where nothing was measured: what a graph over embeddings needs, about.
    public static let typical = GraphCalibration(points: [
        Point(k: 10, breadth: 16, recall: 0.80), Point(k: 10, breadth: 32, recall: 0.92), Point(k: 10, breadth: 64, recall: 0.965),
        Point(k: 10, breadth: 128, recall: 0.985), Point(k: 10, breadth: 256, recall: 0.993), Point(k: 10, breadth: 512, recall: 0.997),
    ])

    /// The least breadth that reaches `recall` for the k best, interpolated between what was measured (the share of misses
    /// over the breadth, both on a logarithmic scale), and for other k than were measured in proportion to k.
    /// - Parameter recall: 0 … 1; what no measured breadth reached is extrapolated, to at most four times the largest one.
    /// - Returns: at least k.
    public func breadth(recall: Double, k: Int) -> Int {
        // The nearest smaller k that was measured, else the smallest.
        let measured = points.map(\.k).filter { $0 <= k }.max() ?? points.map(\.k).min()
        guard let measured else { return Self.typical.breadth(recall: recall, k: k) }
        let curve = points.filter { $0.k == measured }
        let scale = max(1, Double(k) / Double(measured))
        func miss(_ recall: Double) -> Double { log(max(1 - recall, 1e-4)) }
        let wanted = miss(recall)
        var breadth = Double(curve[0].breadth)
        if let upper = curve.firstIndex(where: { miss($0.recall) <= wanted }) {
            if upper > 0 {
                let (a, b) = (curve[upper - 1], curve[upper])
                let share = (wanted - miss(a.recall)) / min(-1e-9, miss(b.recall) - miss(a.recall))
                breadth = exp(log(Double(a.breadth)) + max(0, min(1, share)) * log(Double(b.breadth) / Double(a.breadth)))
            }
        } else if curve.count > 1 {
            let (a, b) = (curve[curve.count - 2], curve[curve.count - 1])
            let slope = log(Double(b.breadth) / Double(a.breadth)) / max(1e-3, miss(a.recall) - miss(b.recall))
            breadth = Double(b.breadth) * min(4, exp(slope * (miss(b.recall) - wanted)))
        }
        return max(k, Int((breadth * scale).rounded(.up)))
    }
}

extension VectorGraph {
    private static let calibratedK = [10, 100]
    private static let calibratedBreadths = [10, 16, 24, 40, 64, 100, 160, 256, 400, 640]

    /// Measures which breadth reaches which recall. Queries are some of the graph's own vectors, each searched as if it and its copies were not there: neither
    /// found nor walked through. With nine copies left, which every walk finds at once, the least breadth seemed to find all, and of real queries' hits only .73 were found.
    ///
    /// Disturbed copies of vectors, the obvious queries, are far too easy: noise leaves what the vectors have in common, and on embeddings the
    /// breadth that gave them .99 gave others .95. Queries that resemble no document are harder still: whoever searches
    /// has to see what they find, and to ask for more.
    /// - Parameter queries: more make it steadier. Seven graphs of 17,000 to 24,000 embeddings had searches for .99 visit 71 to 121 nodes by a hundred queries each, 72 to 90 by four hundred,
    ///   which take a twentieth of the time that the graph takes.
    /// - Throws: as `control`.
    /// - Complexity: O(queries × vectors) for the truth, which dominates.
    public func calibrate(queries: Int = 400, control: QueryControl = .unlimited) throws -> GraphCalibration {
        guard count > 1 else { return .typical }
        let indexed = IndexedSegments([IndexedVectors(segment, graph: self)])
        var hits: [Int: [Int: Int]] = [:]
        var expectedHits: [Int: Int] = [:]
        let largestK = Self.calibratedK.max()!
        for number in 0..<queries {
            try control.checkpoint()
            let ordinal = number * count / queries
            let query = Array(segment.vector(at: ordinal))
            guard query.contains(where: { $0 != 0 }) else { continue }
            var accept = DocBitSet(capacity: Int(segment.lastDoc.rawValue) + 1, full: true)
            let searcher = try VectorSearcher(indexed, query: query)
            let hidden = try copies(of: ordinal, searcher, accept: accept, control: control)
            for copy in hidden { accept.remove(segment.document(at: Int(copy))) }
            let truth = try searcher.topK(largestK, accept: accept, minScore: nil, control: control).hits
            for k in Self.calibratedK {
                let best = truth.prefix(k)
                guard let last = best.last else { continue }
                expectedHits[k, default: 0] += best.count
                for breadth in Self.calibratedBreadths where breadth >= k {
                    let found = try searcher.topK(
                        k, accept: accept, minScore: nil, effort: .breadth(breadth), hidden: hidden, control: control
                    ).hits
                    hits[k, default: [:]][breadth, default: 0] += found.filter { $0.score >= last.score }.count
                }
            }
        }
        var points: [GraphCalibration.Point] = []
        for k in Self.calibratedK {
            guard let expected = expectedHits[k], expected > 0 else { continue }
            var recall = 0.0
            for breadth in Self.calibratedBreadths where breadth >= k {
                recall = max(recall, min(1, Double(hits[k]?[breadth] ?? 0) / Double(expected)))
                points.append(GraphCalibration.Point(k: k, breadth: breadth, recall: recall))
            }
        }
        return points.isEmpty ? .typical : GraphCalibration(points: points)
    }

    /// More copies than this are not looked for.
    private static let copiesMax = 4096
    /// Of the squared length: nearer vectors count as copies.
    private static let copyDistance = 1e-6

    /// Ordinals of the vectors that are the same as one, itself among them.
    private func copies(of ordinal: Int, _ searcher: VectorSearcher, accept: DocBitSet, control: QueryControl) throws -> [UInt32] {
        func product(_ other: Int) -> Double { tandem_dot_f32(searcher.query, segment.rows.baseAddress! + other * segment.rowStride, segment.dimension) }
        let own = product(ordinal)
        var found = [UInt32(ordinal)]
        // Under `dot` also longer vectors are above this; they are no copies.
        let near = try searcher.topK(Self.copiesMax, accept: accept, minScore: own * (1 - Self.copyDistance), control: control)
        for hit in near.hits {
            for other in segment.ordinals(of: hit.doc) where other != ordinal {
                let norm = Double(segment.norms[other])
                if norm * norm + own - 2 * product(other) <= 4 * Self.copyDistance * own { found.append(UInt32(other)) }
            }
        }
        return found
    }
}
