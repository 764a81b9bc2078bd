import HybridSearch
import Testing

/// Method: segments come one after another, and after each the policy is asked until it is content.
@Suite("VectorMergePolicy")
struct VectorMergePolicyTests {
    private func segment(_ vectors: Int, live: Int? = nil) -> MergePolicy.Segment {
        .init(bytes: vectors * 2000, documents: vectors, liveDocuments: live ?? vectors)
    }

    @Test(
        "of a stream of equal segments few remain; what it costs to write and to insert",
        arguments: [(1000, true, 8, 8.0, 4.0), (8000, true, 5, 8.0, 4.0), (1000, false, 8, 5.5, 3.5), (8000, false, 8, 5.0, 3.2)])
    func stream(vectors: Int, isQuiet: Bool, segmentsMax: Int, writtenMax: Double, insertedMax: Double) {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        var segments: [MergePolicy.Segment] = []
        var (written, inserted, most) = (0, 500 * vectors, 0)
        for _ in 0..<500 {
            segments.append(segment(vectors))
            while let run = policy.choose(segments, isQuiet: isQuiet) {
                #expect(run.upperBound == segments.count && run.count > 1)
                let merged = segment(segments[run].reduce(0) { $0 + $1.documents })
                written += merged.documents
                inserted += merged.documents - segments[run].map(\.documents).max()!
                segments.replaceSubrange(run, with: [merged])
            }
            most = max(most, segments.count)
        }
        #expect(segments.reduce(0) { $0 + $1.documents } == 500 * vectors)
        #expect(most <= segmentsMax, "\(most) segments")
        let all = Double(500 * vectors)
        #expect(Double(written) < writtenMax * all, "written \(Double(written) / all) times")
        #expect(Double(inserted) < insertedMax * all, "inserted \(Double(inserted) / all) times")
    }

    @Test("a small tail waits until it is half of what it is merged into")
    func waits() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        #expect(policy.choose([segment(90_000), segment(44_000)], isQuiet: true) == nil)
        #expect(policy.choose([segment(90_000), segment(45_000)], isQuiet: true) == 0..<2)
        // What is dead does not count.
        #expect(policy.choose([segment(90_000, live: 70_000), segment(35_000)], isQuiet: true) == 0..<2)
        #expect(policy.choose([segment(90_000), segment(45_000, live: 40_000)], isQuiet: true) == nil)
        #expect(policy.choose([], isQuiet: true) == nil)
        #expect(policy.choose([segment(10)], isQuiet: true) == nil)
    }

    @Test("what is too small for a graph, even together, waits until there is too much of it")
    func tiny() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        #expect(policy.choose([segment(1000), segment(1000), segment(1000)], isQuiet: true) == nil)
        #expect(policy.choose([segment(1000), segment(1000), segment(3000)], isQuiet: true) == 0..<3)
        #expect(policy.choose((0..<9).map { _ in segment(10) }, isQuiet: true) == 0..<9)
    }

    @Test("while vectors come, merges wait until there are more than eight segments")
    func busy() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        #expect(policy.choose((0..<8).map { _ in segment(8000) }, isQuiet: false) == nil)
        #expect(policy.choose((0..<9).map { _ in segment(8000) }, isQuiet: false) == 0..<9)
        // What is mostly dead does not wait.
        #expect(policy.choose([segment(100_000, live: 60_000)], isQuiet: false) == 0..<1)
    }

    @Test("while vectors come, the last segments that have no graph are merged once they are large enough together")
    func busyTail() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: 6000 * 2000)
        #expect(policy.choose([segment(2000), segment(2000), segment(2000)], isQuiet: false) == 0..<3)
        #expect(policy.choose([segment(2000), segment(2000), segment(2001)], isQuiet: false) == nil, "the largest size holds here too")
        let large = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        #expect(large.choose([segment(90_000), segment(2000), segment(2000)], isQuiet: false) == nil)
        #expect(large.choose([segment(90_000), segment(2000), segment(2100)], isQuiet: false) == 1..<3)
        #expect(large.choose([segment(1000), segment(90_000), segment(2000), segment(2000), segment(2000)], isQuiet: false) == 2..<5)
        // What is dead makes no graph; what has one stays apart.
        #expect(large.choose([segment(90_000), segment(3000, live: 2100), segment(2000)], isQuiet: false) == 1..<3)
        #expect(large.choose([segment(90_000), segment(3000, live: 2000), segment(2000)], isQuiet: false) == nil)
        #expect(large.choose([segment(90_000), segment(2000), segment(4096), segment(2100)], isQuiet: false) == nil)
    }

    @Test("beside a segment with a graph the last ones are merged only once they are worth another")
    func besideGraphs() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 12_000), largestBytes: .max)
        #expect(policy.choose([segment(90_000), segment(4000), segment(4000)], isQuiet: false) == nil)
        #expect(policy.choose([segment(90_000), segment(5000), segment(5000)], isQuiet: false) == nil)
        #expect(policy.choose([segment(90_000), segment(5000), segment(7000)], isQuiet: false) == 1..<3)
        // Large enough by itself it waits for its graph, not for company.
        #expect(policy.choose([segment(90_000), segment(12_000), segment(3000)], isQuiet: false) == nil)
        // Where there is none, the smaller bound holds; then the first one has it.
        #expect(policy.choose([segment(2000), segment(2096)], isQuiet: false) == 0..<2)
        #expect(policy.choose([segment(4096), segment(2000), segment(3000)], isQuiet: false) == nil)
    }

    @Test("which segments are worth a graph: all large ones, else the first of those that are worth one alone")
    func graphWorth() {
        let worth = GraphWorth(alone: 100, beside: 300)
        #expect(worth.segments([]) == [])
        #expect(worth.segments([99, 50]) == [])
        #expect(worth.segments([50, 100, 299, 299]) == [1])
        #expect(worth.segments([50, 100, 300, 299, 301]) == [2, 4])
        #expect(worth.isWorth(100, beside: []) && worth.isWorth(100, beside: [99]) && !worth.isWorth(299, beside: [100]))
        #expect(worth.isWorth(300, beside: [100]) && !worth.isWorth(299, beside: [500]) && !worth.isWorth(99, beside: []))
        #expect(GraphWorth(alone: 100, beside: 10).beside == 100)
    }

    @Test("a segment that is dead for more than a third is rewritten alone, small ones aside")
    func dead() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: .max)
        #expect(policy.choose([segment(100_000, live: 60_000), segment(5000)], isQuiet: true) == 0..<1)
        #expect(policy.choose([segment(900, live: 0)], isQuiet: true) == nil)
    }

    @Test("no merge exceeds the largest size, and what reached it is left alone")
    func largest() {
        let policy = VectorMergePolicy(graphWorth: GraphWorth(alone: 4096, beside: 4096), largestBytes: 100_000 * 2000)
        #expect(policy.choose([segment(90_000), segment(50_000)], isQuiet: true) == nil)
        #expect(policy.choose([segment(90_000), segment(14_000), segment(8000)], isQuiet: true) == 1..<3)
    }
}
