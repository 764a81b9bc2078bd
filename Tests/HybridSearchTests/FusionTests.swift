import Foundation
import HybridSearch
import SearchCore
import Testing

/// The rules of docs/semantics.md written down as plainly as possible.
struct FusionOracle {
    let alpha: Double
    let rrfK: Double
    let cosineFloor: Double

    func scores(_ pool: [Candidate], _ normalizer: SearchRequest.Normalizer, ids: [DocID: String]) -> [Double] {
        let lexical = pool.contains { $0.lexical != nil } ? leg(pool.map { $0.lexical ?? 0 }, floor: 0, normalizer) : pool.map { _ in 0 }
        let present = pool.compactMap(\.semantic)
        var rest = present.isEmpty ? [] : leg(present, floor: cosineFloor, normalizer)
        let semantic = pool.map { $0.semantic == nil ? 0 : rest.removeFirst() }
        if normalizer == .reciprocalRank {
            let l = ranks(pool, \.lexical, ids)
            let s = ranks(pool, \.semantic, ids)
            return pool.map { alpha * (s[$0.doc].map { 1 / (rrfK + $0) } ?? 0) + (1 - alpha) * (l[$0.doc].map { 1 / (rrfK + $0) } ?? 0) }
        }
        return zip(lexical, semantic).map { alpha * $1 + (1 - alpha) * $0 }
    }

    private func leg(_ scores: [Double], floor: Double, _ normalizer: SearchRequest.Normalizer) -> [Double] {
        let (low, high) = (scores.min()!, scores.max()!)
        switch normalizer {
        case .minMax: return scores.map { high == low ? 1 : ($0 - low) / (high - low) }
        case .theoretical: return scores.map { high <= floor ? 0 : max(0, ($0 - floor) / (high - floor)) }
        case .distribution:
            if high == low { return scores.map { _ in 0.5 } }
            let mean = scores.reduce(0, +) / Double(scores.count)
            let sd = sqrt(scores.map { pow($0 - mean, 2) }.reduce(0, +) / Double(scores.count))
            return scores.map { min(1, max(0, ($0 - (mean - 3 * sd)) / (6 * sd))) }
        case .reciprocalRank: return scores
        }
    }

    private func ranks(_ pool: [Candidate], _ score: KeyPath<Candidate, Double?>, _ ids: [DocID: String]) -> [DocID: Double] {
        let sorted = pool.filter { $0[keyPath: score] != nil }.sorted { a, b in
            let x = (a[keyPath: score]!, a.lexical ?? -.infinity, a.semantic ?? -.infinity)
            let y = (b[keyPath: score]!, b.lexical ?? -.infinity, b.semantic ?? -.infinity)
            return x == y ? ids[a.doc]! < ids[b.doc]! : x > y
        }
        return Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.doc, Double($0 + 1)) })
    }
}

private func candidate(_ doc: UInt32, _ lexical: Double?, _ semantic: Double?) -> Candidate {
    var candidate = Candidate(doc: DocID(doc))
    candidate.lexical = lexical
    candidate.semantic = semantic
    candidate.hasVector = semantic != nil
    return candidate
}

private var anyOrder: ResultOrder { ResultOrder { $0.map { "id\($0.rawValue)" } } }

@Suite("Fusion")
struct FusionTests {
    func fuse(_ pool: [Candidate], _ normalizer: SearchRequest.Normalizer, alpha: Double = 0.5, rrfK: Double = 60, floor: Double = 0) throws
        -> (pool: [Candidate], outcome: Fusion.Outcome)
    {
        var pool = pool
        let outcome = try Fusion(alpha: alpha, normalizer: normalizer, rrfK: rrfK, cosineFloor: floor).apply(to: &pool, order: anyOrder)
        return (pool, outcome)
    }

    @Test("every normaliser agrees with the plain rules on random pools", arguments: SearchRequest.Normalizer.allCases)
    func oracle(normalizer: SearchRequest.Normalizer) throws {
        var random = SeededGenerator("fusion \(normalizer)")
        for _ in 0..<500 {
            // Few distinct values, so that ties and equal legs are common; from full pools down to one candidate.
            let coarse = Bool.random(using: &random)
            func score(_ range: ClosedRange<Double>) -> Double? {
                if Int.random(in: 0..<4, using: &random) == 0 { return nil }
                let value = Double.random(in: range, using: &random)
                return coarse ? (value * 2).rounded() / 2 : value
            }
            let pool = (0..<UInt32.random(in: 1...40, using: &random)).map { candidate($0, score(0.1...20), score(-1...1)) }
            let alpha = Double.random(in: 0...1, using: &random)
            let oracle = FusionOracle(alpha: alpha, rrfK: 7, cosineFloor: 0.1)
            let expected = oracle.scores(pool, normalizer, ids: Dictionary(uniqueKeysWithValues: pool.map { ($0.doc, "id\($0.doc.rawValue)") }))
            let fused = try fuse(pool, normalizer, alpha: alpha, rrfK: 7, floor: 0.1).pool
            for (a, b) in zip(fused, expected) { #expect(abs(a.fused - b) < 1e-9, "\(normalizer): \(a.fused) against \(b)") }
        }
    }

    @Test("min-max gives 1 to all of an all-equal leg")
    func allEqual() throws {
        let (pool, outcome) = try fuse([candidate(0, 3, 0.5), candidate(1, 3, 0.5)], .minMax)
        #expect(pool.map(\.fused) == [1, 1])
        #expect(outcome.lexicalBounds == .init(floor: 3, ceiling: 3))
    }

    @Test(
        "one candidate gets 1 by min-max and theoretical, a half by distribution",
        arguments: [
            (SearchRequest.Normalizer.minMax, 1.0), (.theoretical, 1.0), (.distribution, 0.5),
        ])
    func one(normalizer: SearchRequest.Normalizer, expected: Double) throws {
        #expect(try fuse([candidate(0, 2.5, 0.7)], normalizer).pool[0].fused == expected)
    }

    @Test("equal scores that rounding could tell apart get a half by distribution")
    func equalByDistribution() throws {
        let pool = try fuse((0..<3).map { candidate($0, 0.1, 0.1) }, .distribution).pool
        #expect(pool.allSatisfy { $0.fused == 0.5 })
    }

    @Test("an empty leg keeps its weight: the best score is the other leg's share", arguments: [SearchRequest.Normalizer.minMax, .theoretical])
    func emptyLeg(normalizer: SearchRequest.Normalizer) throws {
        let (lexicalOnly, a) = try fuse([candidate(0, 9, nil), candidate(1, 4, nil)], normalizer, alpha: 0.3)
        #expect(lexicalOnly[0].fused == 0.7)
        #expect(a.semanticBounds == nil)
        let (semanticOnly, b) = try fuse([candidate(0, nil, 0.9), candidate(1, nil, 0.1)], normalizer, alpha: 0.3)
        #expect(semanticOnly[0].fused == 0.3)
        #expect(b.lexicalBounds == nil)
    }

    @Test("a document without a vector gets the semantic floor, one without a term BM25 0")
    func floors() throws {
        let (pool, outcome) = try fuse([candidate(0, 4, nil), candidate(1, nil, 0.9), candidate(2, 2, 0.5)], .minMax)
        #expect(pool[0].semanticNormalized == 0)
        #expect(pool[1].lexicalNormalized == 0)
        #expect(pool[2].lexicalNormalized == 0.5)
        #expect(outcome.lexicalBounds == .init(floor: 0, ceiling: 4))
        #expect(outcome.semanticBounds == .init(floor: 0.5, ceiling: 0.9))
    }

    @Test("theoretical: a maximum at or below the floor gives 0, a score below it too")
    func theoreticalFloor() throws {
        #expect(try fuse([candidate(0, nil, 0.2), candidate(1, nil, 0.1)], .theoretical, floor: 0.2).pool.map(\.fused) == [0, 0])
        #expect(try fuse([candidate(0, nil, -0.2)], .theoretical).pool[0].fused == 0)
        #expect(try fuse([candidate(0, nil, 0.6), candidate(1, nil, -0.2)], .theoretical, alpha: 1).pool.map(\.fused) == [1, 0])
    }

    @Test("distribution clamps an outlier beyond three deviations to 1")
    func clamp() throws {
        let pool = (0..<30).map { candidate($0, $0 == 0 ? 1000 : 1 + Double($0) / 1000, nil) }
        let fused = try fuse(pool, .distribution, alpha: 0).pool
        #expect(fused[0].fused == 1)
        #expect(fused.allSatisfy { (0...1).contains($0.fused) })
    }

    @Test("reciprocal rank is weighted by alpha and has no bounds")
    func reciprocalRank() throws {
        let (pool, outcome) = try fuse([candidate(0, 9, 0.1), candidate(1, 5, 0.9), candidate(2, nil, 0.5)], .reciprocalRank, alpha: 0.25, rrfK: 10)
        let (first, second, third) = (1.0 / 11, 1.0 / 12, 1.0 / 13)
        #expect(pool[0].fused == 0.25 * third + 0.75 * first)
        #expect(pool[1].fused == 0.25 * first + 0.75 * second)
        #expect(pool[2].fused == 0.25 * second)
        #expect(outcome.lexicalBounds == nil && outcome.semanticBounds == nil)
    }

    @Test("an empty pool is legal", arguments: SearchRequest.Normalizer.allCases)
    func empty(normalizer: SearchRequest.Normalizer) throws {
        #expect(try fuse([], normalizer).pool.isEmpty)
        #expect(minMaxNormalized([]) == [] && minMaxNormalized([2, 2]) == [1, 1] && minMaxNormalized([1, 3, 2]) == [0, 1, 0.5])
    }
}

@Suite("ResultOrder")
struct ResultOrderTests {
    let ids = ["b", "a", "é", "z", "Z"]
    var order: ResultOrder { ResultOrder { [ids] in $0.map { ids[Int($0.rawValue)] } } }

    @Test("ties fall by lexical, then semantic, then the bytes of the id")
    func ties() throws {
        var pool = [candidate(0, 1, 0.5), candidate(1, 1, 0.5), candidate(2, 1, 0.5), candidate(3, 2, 0.1), candidate(4, 1, 0.6)]
        try order.sort(&pool) { _ in 1 }
        #expect(pool.map { ids[Int($0.doc.rawValue)] } == ["z", "Z", "a", "b", "é"])
    }

    @Test("a missing score stands behind every present one")
    func missing() throws {
        var pool = [candidate(0, nil, 0.9), candidate(1, 0.1, nil), candidate(2, 0.1, -1)]
        try order.sort(&pool) { _ in 0 }
        #expect(pool.map(\.doc.rawValue) == [2, 1, 0])
    }

    @Test("ids are read only where everything before them is equal")
    func readsFew() throws {
        var pool = [candidate(0, 1, nil), candidate(1, 2, nil)]
        let none = ResultOrder { _ in throw TandemError(.internal, "read") }
        try none.sort(&pool) { $0.lexical! }
        #expect(pool.map(\.doc.rawValue) == [1, 0])
    }

    @Test("at the border of K the smallest ids of those with the last score stay", arguments: 1...5)
    func boundary(k: Int) throws {
        let all: [(doc: DocID, score: Double)] = [(DocID(3), 2), (DocID(0), 1), (DocID(1), 1), (DocID(2), 1), (DocID(4), 1)]
        let kept = try order.resolveBoundary(Array(all.prefix(k)), ties: Array(all.dropFirst(k)).filter { $0.score == all[k - 1].score }, k: k)
        #expect(Set(kept.map { ids[Int($0.doc.rawValue)] }) == Set(["z", "Z", "a", "b", "é"].prefix(k)))
    }
}
