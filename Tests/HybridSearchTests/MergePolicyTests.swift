import HybridSearch
import Testing

@Suite("MergePolicy")
struct MergePolicyTests {
    func segment(_ bytes: Int, documents: Int = 10_000, live: Int? = nil) -> MergePolicy.Segment {
        .init(bytes: bytes, documents: documents, liveDocuments: live ?? documents)
    }

    @Test("an import of many equal seals rewrites each byte about log₈ times and keeps few segments", arguments: [(1, 4000), (3, 3000), (8, 5000)])
    func amplification(sealBytes: Int, seals: Int) {
        let policy = MergePolicy(unitBytes: sealBytes, largestBytes: .max)
        var segments: [MergePolicy.Segment] = []
        var written = 0
        var most = 0
        for _ in 0..<seals {
            segments.append(segment(sealBytes))
            while let run = policy.choose(segments) {
                let merged = segment(segments[run].reduce(0) { $0 + $1.bytes })
                written += merged.bytes
                segments.replaceSubrange(run, with: [merged])
            }
            most = max(most, segments.count)
        }
        var levels = 1
        while sealBytes << (3 * levels) < sealBytes * seals { levels += 1 }
        let amplification = Double(written) / Double(sealBytes * seals)
        print("merge policy: \(seals) seals, amplification \(amplification), at most \(most) segments")
        #expect(amplification <= Double(levels))
        #expect(most <= 8 * (levels + 1))
    }

    @Test("seals of random sizes stay within twice the bound")
    func randomSizes() {
        var random = SeededGenerator()
        let policy = MergePolicy(unitBytes: 1000, largestBytes: .max)
        var segments: [MergePolicy.Segment] = []
        var (written, total, most) = (0, 0, 0)
        for _ in 0..<5000 {
            let bytes = 1 << Int.random(in: 7...16, using: &random)
            total += bytes
            segments.append(segment(bytes))
            while let run = policy.choose(segments) {
                let merged = segment(segments[run].reduce(0) { $0 + $1.bytes })
                written += merged.bytes
                segments.replaceSubrange(run, with: [merged])
            }
            most = max(most, segments.count)
        }
        print("merge policy: random sizes, amplification \(Double(written) / Double(total)), at most \(most) segments")
        #expect(Double(written) / Double(total) < 10)
        #expect(most < 200)
    }

    @Test("one large neighbour is not rewritten for every few small ones")
    func largeStays() {
        let policy = MergePolicy(unitBytes: 100, largestBytes: .max)
        #expect(policy.choose([segment(51_200)] + (0..<7).map { _ in segment(100) }) == nil)
        #expect(policy.choose([segment(51_200)] + (0..<8).map { _ in segment(100) }) == 1..<9)
    }

    @Test("the largest are left alone unless a third is dead")
    func dead() {
        let policy = MergePolicy(unitBytes: 10, largestBytes: 100)
        #expect(policy.choose((0..<20).map { _ in segment(100) }) == nil)
        #expect(policy.choose([segment(100), segment(100, live: 6000)]) == 1..<2)
        #expect(policy.choose([segment(100, documents: 900, live: 0)]) == nil)
        #expect(policy.choose([]) == nil)
    }
}
