import HybridSearch
import Testing

/// Method: segments come one after another, and after each the policy is asked until it is content.
@Suite("VectorMergePolicy")
struct VectorMergePolicyTests {
    private func segment(_ vectors: Int, live: Int? = nil) -> MergePolicy.Segment {
        .init(bytes: vectors * 2000, documents: vectors, liveDocuments: live ?? vectors)
    }

    @Test("of a stream of equal segments few remain, and bytes are written about five times", arguments: [1000, 8000])
    func stream(vectors: Int) {
        let policy = VectorMergePolicy(largestBytes: .max)
        var segments: [MergePolicy.Segment] = []
        var (written, most) = (0, 0)
        for _ in 0..<500 {
            segments.append(segment(vectors))
            while let run = policy.choose(segments) {
                #expect(run.upperBound == segments.count && run.count > 1)
                let merged = segment(segments[run].reduce(0) { $0 + $1.documents })
                written += merged.documents
                segments.replaceSubrange(run, with: [merged])
            }
            most = max(most, segments.count)
        }
        #expect(segments.reduce(0) { $0 + $1.documents } == 500 * vectors)
        #expect(most <= 4, "\(most) segments")
        #expect(written <= 8 * 500 * vectors, "written \(Double(written) / Double(500 * vectors)) times")
    }

    @Test("a small tail waits until it is a fourth of what it is merged into")
    func waits() {
        let policy = VectorMergePolicy(largestBytes: .max)
        #expect(policy.choose([segment(100_000), segment(24_000)]) == nil)
        #expect(policy.choose([segment(100_000), segment(25_000)]) == 0..<2)
        // What is dead does not count.
        #expect(policy.choose([segment(100_000, live: 80_000), segment(20_000)]) == 0..<2)
        #expect(policy.choose([segment(100_000), segment(25_000, live: 20_000)]) == nil)
        #expect(policy.choose([]) == nil)
        #expect(policy.choose([segment(10)]) == nil)
    }

    @Test("a segment that is dead for more than a third is rewritten alone, small ones aside")
    func dead() {
        let policy = VectorMergePolicy(largestBytes: .max)
        #expect(policy.choose([segment(100_000, live: 60_000), segment(5000)]) == 0..<1)
        #expect(policy.choose([segment(900, live: 0)]) == nil)
    }

    @Test("no merge exceeds the largest size, and what reached it is left alone")
    func largest() {
        let policy = VectorMergePolicy(largestBytes: 100_000 * 2000)
        #expect(policy.choose([segment(90_000), segment(30_000)]) == nil)
        #expect(policy.choose([segment(90_000), segment(30_000), segment(8000)]) == 1..<3)
    }
}
