import HybridSearch
import SearchCore
import Testing
import VectorIndex

/// Method: a world in which searches miss by chance, more or less than what was asked of the graph, ten hits each.
@Suite("Correction of what is asked of graphs")
struct RecallCorrectionTests {
    /// Share of ten hits that are missed, each with the same chance.
    private func missed(_ chance: Double, _ random: inout SeededGenerator) -> Double {
        Double((0..<10).count { _ in Double.random(in: 0..<1, using: &random) < chance }) / 10
    }

    /// Means over `searches` after as many that are not counted, where a walk misses `factor` times what is asked of it: what was missed, and what was asked to be at most, both by what the
    /// target allows.
    private func run(_ correction: inout RecallCorrection, target: Double, factor: Double, searches: Int, _ random: inout SeededGenerator) -> (
        missed: Double, asked: Double
    ) {
        var (sum, asked) = (0.0, 0.0)
        for search in 0..<(2 * searches) {
            let allowed = 1 - correction.asked(for: target)
            let one = missed(min(1, factor * allowed), &random)
            if search >= searches { (sum, asked) = (sum + one, asked + allowed) }
            correction.add(missed: one, target: target)
        }
        return (sum / Double(searches) / (1 - target), asked / Double(searches) / (1 - target))
    }

    @Test("queries that miss more than was measured find what they ask for", arguments: [0.8, 0.9, 0.99], [2.0, 5, 15])
    func harder(target: Double, factor: Double) {
        var random = SeededGenerator("harder")
        var correction = RecallCorrection()
        let hard = run(&correction, target: target, factor: factor, searches: 2000, &random)
        #expect(abs(hard.missed - 1) < 0.35, "\(hard)")
        // And when they have become as easy as was thought, hardly more is asked than before.
        let easy = run(&correction, target: target, factor: 0.2, searches: 2000, &random)
        #expect(easy.asked > 0.8 && easy.missed < 0.35, "\(easy)")
    }

    @Test("nothing is asked beyond the target while that is reached, nor ever less")
    func easier() {
        var random = SeededGenerator("easier")
        var correction = RecallCorrection()
        #expect(correction.asked(for: 0.95) == 0.95)
        for _ in 0..<500 {
            correction.add(missed: missed(0.005, &random), target: 0.95)
            #expect(correction.asked(for: 0.95) >= 0.95 && correction.asked(for: 0) >= 0)
        }
        #expect(correction.asked(for: 0.95) < 0.965)
    }

    @Test("what no effort finds costs a bounded one")
    func hopeless() {
        var correction = RecallCorrection()
        for _ in 0..<1000 { correction.add(missed: 1, target: 0.9) }
        #expect(abs((1 - correction.asked(for: 0.9)) - 0.1 / 32) < 1e-9)
        #expect(correction.asked(for: 0) < 1 && correction.asked(for: 0.999_999) < 1)
    }

    @Test("one search in sixteen is sampled, of each kind as many, however often kinds alternate", arguments: [1, 2, 3, 7, 8, 13, 16, 21, 40, 64])
    func sampling(period: Int) {
        var sampled = [Int](repeating: 0, count: period)
        let count = 64_000 / period * period
        for number in 0..<count where RecallMonitor.isSampled(number) { sampled[number % period] += 1 }
        let expected = Double(count) / Double(period * RecallMonitor.sampledEvery)
        #expect(sampled.allSatisfy { abs(Double($0) - expected) <= 0.25 * expected + 2 }, "\(sampled), expected \(expected) each")
    }

    @Test("a monitor that sees misses makes the searches of that field look harder, until it is reset")
    func monitor() throws {
        var random = SeededGenerator("monitor")
        var builder = VectorSegmentBuilder(dimension: 24, metric: .cosine)
        for doc in 0..<3000 { try builder.append(doc: DocID(UInt32(doc)), (0..<24).map { _ in Float.random(in: -1...1, using: &random) }) }
        let segment = try VectorSegment(MappedFile(copying: builder.finish()))
        let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment)), over: segment)
        let searcher = try VectorSearcher([IndexedVectors(segment, graph: graph)], query: (0..<24).map { _ in Float.random(in: -1...1, using: &random) })
        let all = DocBitSet(capacity: 3000, full: true)
        var half = all
        for doc in stride(from: UInt32(0), to: 3000, by: 3) { half.remove(DocID(doc)) }
        // A walk that cannot find a third of what there is.
        let found = try searcher.topK(30, accept: half, minScore: nil, effort: .breadth(60), control: .unlimited)
        #expect(found.work.graphSegments == 1)

        let monitor = RecallMonitor()
        #expect(monitor.corrected(.recall(0.9), field: "v") == .recall(0.9))
        func observe(_ found: VectorTopK) {
            monitor.observe(field: "v", searcher, target: 0.9, k: 30, accept: all, minScore: nil, found: found, keeping: 0)
        }
        #expect(
            eventually(.seconds(60)) {
                for _ in 0..<RecallMonitor.sampledEvery { observe(found) }
                return monitor.estimates["v"]?.samples ?? 0 >= 30
            })
        let estimate = try #require(monitor.estimates["v"])
        #expect(estimate.recall > 0.3 && estimate.recall < 0.9 && abs(estimate.target - 0.9) < 1e-9, "\(estimate)")
        guard case .recall(let asked) = monitor.corrected(.recall(0.9), field: "v") else { throw TandemError(.internal, "no recall is asked for") }
        #expect(asked > 0.95 && asked < 1)
        #expect(monitor.corrected(.recall(0.9), field: "w") == .recall(0.9))
        #expect(monitor.corrected(.exact, field: "v") == .exact && monitor.corrected(.breadth(7), field: "v") == .breadth(7))
        monitor.reset()
        #expect(monitor.corrected(.recall(0.9), field: "v") == .recall(0.9) && monitor.estimates.isEmpty)
    }
}
