import Foundation
import Inference
import SearchCore
import Testing

@Suite(.serialized, .enabled(if: Fixtures.hasModels, Fixtures.needsModels))
struct CrossEncoderTests {
    let encoder: CrossEncoder
    static let query = "How many people live in Berlin?"
    static let answer = "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers."
    static let other = "New York City is famous for the Metropolitan Museum of Art."

    init() throws { encoder = try RealModels.crossEncoder.get() }

    @Test("the answer scores 9.3, another city's museum -11.2: the model's own values")
    func knownScores() throws {
        let scores = try encoder.score(query: Self.query, passages: [Self.answer, Self.other])
        #expect(abs(scores[0] - 9.27) < 0.15)
        #expect(abs(scores[1] + 11.19) < 0.15)
    }

    @Test("scores do not depend on the batch, and come in the order of the passages")
    func order() throws {
        let passages = RealModels.texts + [Self.answer] + RealModels.texts.reversed() + [Self.other, ""]
        let together = try encoder.score(query: Self.query, passages: passages)
        #expect(together.count == passages.count)
        for index in Array(stride(from: 0, to: passages.count, by: 9)) + [40, 81, 82] {
            let alone = try encoder.score(query: Self.query, passages: [passages[index]])[0]
            #expect(abs(alone - together[index]) < 0.2, "passage \(index)")
        }
        #expect(together.firstIndex(of: together.max()!) == 40)
    }

    @Test("no passages, an empty query and a passage beyond the limit are legal")
    func edges() throws {
        #expect(try encoder.score(query: "x", passages: []).isEmpty)
        #expect(try encoder.score(query: "", passages: [""]).count == 1)
        let long = String(repeating: Self.answer + " ", count: 60)
        #expect(try encoder.score(query: Self.query, passages: [long])[0] > 0)
        #expect(try encoder.score(query: long, passages: [long]).count == 1)
    }

    @Test("a budget gives a prefix with the same scores, and says why it stopped")
    func budget() throws {
        let passages = (0..<200).map { "passage \($0) " + Self.answer + Self.other + Self.answer + Self.other }
        let clock = ContinuousClock()
        var progress: RerankProgress!
        let time = try clock.measure { progress = try encoder.score(query: Self.query, passages: passages, budget: .milliseconds(300)) }
        #expect(progress.stop == .budget)
        #expect(progress.scores.count < passages.count)
        #expect(time < .milliseconds(900), "took \(time) of a budget of 300 ms")
        print("budget 300 ms: \(progress.scores.count) passages in \(time), estimate for 1000 tokens \(encoder.estimatedCost(tokens: 1000))")
        if let first = progress.scores.first {
            #expect(abs(first - (try encoder.score(query: Self.query, passages: [passages[0]])[0])) < 0.2)
        }
        let none = try encoder.score(query: Self.query, passages: passages, budget: .zero)
        #expect(none.scores.isEmpty && none.stop == .budget)
    }

    @Test("a deadline ends the progress; a cancelled call throws; the caller may stop")
    func stops() throws {
        let passages = (0..<100).map { "passage \($0) " + Self.answer }
        let late = try encoder.score(query: Self.query, passages: passages, budget: nil, control: QueryControl(timeout: .milliseconds(100)))
        #expect(late.stop == .deadline && late.scores.count < passages.count)
        let cancelled = QueryControl()
        cancelled.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try encoder.score(query: Self.query, passages: passages, budget: nil, control: cancelled) }
        var ranges: [Range<Int>] = []
        let stopped = try encoder.score(query: Self.query, passages: passages, budget: nil) { range, scores in
            ranges.append(range)
            #expect(scores.count == range.count && scores.startIndex == range.lowerBound)
            return ranges.count < 2
        }
        #expect(stopped.stop == .caller)
        #expect(ranges.count == 2 && ranges[0].lowerBound == 0 && ranges[0].upperBound == ranges[1].lowerBound)
        #expect(stopped.scores.count == ranges[1].upperBound)
        let load = try RealModels.runtime.get().load
        #expect(load.runningReranks == 0 && load.waitingReranks == 0)
    }

    @Test("the estimate is above zero and grows with the tokens")
    func estimate() {
        #expect(encoder.estimatedCost(tokens: 0) == .zero)
        #expect(encoder.estimatedCost(tokens: 100) > .zero)
        #expect(encoder.estimatedCost(tokens: 200) > encoder.estimatedCost(tokens: 100))
    }
}
