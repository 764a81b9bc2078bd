import Inference
import Testing

@Suite struct BatchPlanTests {
    @Test(
        "lengths are padded to few buckets, never beyond the limit",
        arguments: [(1, 16), (16, 16), (17, 32), (128, 128), (129, 160), (160, 160), (161, 192), (250, 250), (256, 256)])
    func buckets(tokens: Int, expected: Int) {
        #expect(BatchPlan.bucket(tokens, maxTokens: expected == 250 ? 250 : 512) == expected)
    }

    @Test("every sequence is in one batch that holds it, and no batch is too large")
    func plan() {
        var generator = SeededGenerator()
        for _ in 0..<200 {
            let lengths = (0..<Int.random(in: 0...80, using: &generator)).map { _ in Int.random(in: 2...512, using: &generator) }
            let tokensMax = Int.random(in: 64...2048, using: &generator)
            let batches = BatchPlan.plan(lengths: lengths, maxTokens: 512, tokensMax: tokensMax)
            #expect(batches.flatMap(\.members).sorted() == Array(lengths.indices))
            for batch in batches {
                #expect(batch.paddedTokens <= tokensMax || batch.members.count == 1)
                for member in batch.members {
                    #expect(lengths[member] <= batch.length)
                    #expect(batch.length <= max(16, lengths[member] * 2))
                }
            }
            #expect(batches.map(\.length) == batches.map(\.length).sorted(by: >))
        }
    }
}
