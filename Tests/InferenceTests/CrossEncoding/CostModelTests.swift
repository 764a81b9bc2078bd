import Inference
import Testing

@Suite struct CostModelTests {
    @Test("the estimate follows what batches cost, per token")
    func follows() {
        let cost = CostModel()
        #expect(cost.estimate(tokens: 100) == .zero)
        cost.record(tokens: 100, nanoseconds: 10_000_000)
        #expect(cost.estimate(tokens: 50) == .milliseconds(5))
        for _ in 0..<200 { cost.record(tokens: 100, nanoseconds: 20_000_000) }
        #expect(abs(cost.estimate(tokens: 100) / .milliseconds(20) - 1) < 0.01)
    }

    @Test("one hiccup moves the estimate by less than a fifth")
    func hiccup() {
        let cost = CostModel()
        cost.record(tokens: 100, nanoseconds: 10_000_000)
        cost.record(tokens: 100, nanoseconds: 10_000_000_000)
        #expect(cost.estimate(tokens: 100) < .milliseconds(12))
    }

    @Test("an estimate that stops all work sinks back to the least cost seen")
    func relaxes() {
        let cost = CostModel()
        cost.record(tokens: 100, nanoseconds: 10_000_000)
        for _ in 0..<100 { cost.record(tokens: 100, nanoseconds: 400_000_000) }
        #expect(cost.estimate(tokens: 100) > .milliseconds(300))
        for _ in 0..<200 { cost.relax() }
        #expect(cost.estimate(tokens: 100) < .milliseconds(11))
    }
}
