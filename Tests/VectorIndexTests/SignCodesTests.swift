import CKernels
import SearchCore
import Testing
import VectorIndex

/// Scans that read 1-bit codes first, against the exact ones.
@Suite struct SignCodesTests {
    private func segment(_ rows: [(doc: UInt32, values: [Float])], dimension: Int, metric: VectorMetric) throws -> VectorSegment {
        var builder = VectorSegmentBuilder(dimension: dimension, metric: metric)
        for row in rows { try builder.append(doc: DocID(row.doc), row.values) }
        return try VectorSegment(MappedFile(copying: builder.finish()))
    }

    /// Around a few hundred centres, so that near neighbours are nearer than chance.
    private func clustered(_ count: Int, _ dimension: Int, _ random: inout SeededRandom) -> [[Float]] {
        let centres = (0..<max(1, count / 20)).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) } }
        return (0..<count).map { _ in
            let centre = centres.randomElement(using: &random)!
            return centre.map { $0 + Float.random(in: -0.7...0.7, using: &random) }
        }
    }

    @Test("hardly a hit is lost, and what is found has its exact score", arguments: [VectorMetric.cosine, .dot], [65, 384])
    func recall(_ metric: VectorMetric, _ dimension: Int) throws {
        var random = SeededRandom(testSeed("SignCodesTests.recall"))
        let vectors = clustered(5000, dimension, &random)
        let segment = try segment(vectors.enumerated().map { (UInt32($0), $1) }, dimension: dimension, metric: metric)
        let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
        let accept = DocBitSet(capacity: 5000, full: true)
        var (found, expected, compared) = (0, 0, 0)
        for query in clustered(100, dimension, &random) {
            let searcher = try VectorSearcher([indexed], query: query)
            let truth = try searcher.topK(10, accept: accept, minScore: nil, control: .unlimited)
            let answer = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(0.99), control: .unlimited)
            #expect(truth.work.isExact && truth.work.estimated == 0 && truth.work.scanned == 5000)
            #expect(!answer.work.isExact && answer.work.estimated == 5000 && answer.work.flatSegments == 1 && answer.hits.count == 10)
            let scores = try searcher.score(docs: answer.hits.map(\.doc).sorted())
            #expect(Set(answer.hits.map { Optional($0.score) }) == Set(scores))
            expected += truth.hits.count
            found += answer.hits.count { $0.score >= truth.hits.last!.score }
            compared += answer.work.scanned
        }
        #expect(Double(found) >= 0.995 * Double(expected), "\(found) of \(expected)")
        #expect(compared < 100 * 5000 / 2, "\(compared) of 500000 vectors were compared")
    }

    /// Twenty centres, and vectors so near to them that they have the same signs: their estimates err alike, and a query misses all of a centre's or none.
    @Test("of vectors that are nearly alike as many are found as are asked for, and more asks for more comparisons")
    func nearlyAlike() throws {
        var random = SeededRandom(testSeed("SignCodesTests.nearlyAlike"))
        func point() -> [Float] { (0..<64).map { _ in Float.random(in: -1...1, using: &random) } }
        let centres = (0..<20).map { _ in point() }
        let rows = (0..<8000).map { row in (UInt32(row), centres[row % 20].map { $0 + Float.random(in: -0.001...0.001, using: &random) }) }
        let segment = try segment(rows, dimension: 64, metric: .cosine)
        let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
        let accept = DocBitSet(capacity: 8000, full: true)
        let searchers = try (0..<500).map { _ in try VectorSearcher([indexed], query: point()) }
        let truth = try searchers.map { try $0.topK(10, accept: accept, minScore: nil, control: .unlimited).hits }
        var before = 0
        for target in [0.8, 0.95, 0.99, 0.999] {
            var (found, compared) = (0, 0)
            for (searcher, truth) in zip(searchers, truth) {
                let answer = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(target), control: .unlimited)
                found += answer.hits.count { $0.score >= truth.last!.score }
                compared += answer.work.scanned
            }
            #expect(Double(found) >= target * 5000, "\(target): \(found) of 5000")
            #expect(compared > before)
            before = compared
        }
    }

    @Test("vectors of few components get no codes; of as few as get some, as many are found as are asked for, though all lie in one direction")
    func fewComponents() throws {
        var random = SeededRandom(testSeed("SignCodesTests.fewComponents"))
        func normal(_ dimension: Int) -> [Float] { (0..<dimension).map { _ in random.normal() } }
        func around(_ centre: [Float], _ count: Int) throws -> VectorSegment {
            try segment((0..<count).map { (UInt32($0), zip(centre, normal(centre.count)).map { $0 + 0.01 * $1 }) }, dimension: centre.count, metric: .cosine)
        }
        #expect(try [1, 2, 8, 16, 31].allSatisfy { try !SignCodes.areWorthwhile(for: around(normal($0), 5000)) })
        #expect(try !SignCodes.areWorthwhile(for: around(normal(32), 127)) && SignCodes.areWorthwhile(for: around(normal(32), 128)))

        let accept = DocBitSet(capacity: 5000, full: true)
        for target in [0.9, 0.99] {
            var found = 0
            for _ in 0..<8 {
                let segment = try around(normal(32), 5000)
                let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
                for _ in 0..<60 {
                    let searcher = try VectorSearcher([indexed], query: normal(32))
                    let truth = try searcher.topK(10, accept: accept, minScore: nil, control: .unlimited).hits
                    let answer = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(target), control: .unlimited)
                    #expect(answer.work.estimated == 5000)
                    found += answer.hits.count { $0.score >= truth.last!.score }
                }
            }
            #expect(Double(found) >= target * 4800, "\(target): \(found) of 4800")
        }
    }

    @Test("a search of few vectors is exact")
    func few() throws {
        var random = SeededRandom(testSeed("SignCodesTests.few"))
        let segment = try segment(clustered(4096, 32, &random).enumerated().map { (UInt32($0), $1) }, dimension: 32, metric: .cosine)
        let searcher = try VectorSearcher([IndexedVectors(segment, signs: SignCodes(over: segment))], query: clustered(1, 32, &random)[0])
        let found = try searcher.topK(10, accept: DocBitSet(capacity: 4096, full: true), minScore: nil, effort: .recall(0.9), control: .unlimited)
        #expect(found.work.isExact && found.work.scanned == 4096)
    }

    @Test("the same hits at every level of the kernels")
    func levels() throws {
        var random = SeededRandom(testSeed("SignCodesTests.levels"))
        let vectors = clustered(4500, 100, &random)
        let segment = try segment(vectors.enumerated().map { (UInt32($0), $1) }, dimension: 100, metric: .cosine)
        let queries = clustered(20, 100, &random)
        let accept = DocBitSet(capacity: 4500, full: true)
        defer { tandem_kernels_set_level(Int32.max) }
        var answers: [[VectorTopK]] = []
        for level in Int32(TANDEM_LEVEL_BASELINE)...tandem_kernels_supported_level() {
            tandem_kernels_set_level(level)
            let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
            answers.append(
                try queries.map {
                    try VectorSearcher([indexed], query: $0).topK(10, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
                })
        }
        for answer in answers {
            #expect(answer.map(\.hits) == answers[0].map(\.hits))
            #expect(answer.map(\.work) == answers[0].map(\.work))
        }
    }

    @Test("codes that were made at one level are searched at every other")
    func levelChanges() throws {
        var random = SeededRandom(testSeed("SignCodesTests.levelChanges"))
        let vectors = clustered(4500, 100, &random)
        let segment = try segment(vectors.enumerated().map { (UInt32($0), $1) }, dimension: 100, metric: .cosine)
        let query = clustered(1, 100, &random)[0]
        let accept = DocBitSet(capacity: 4500, full: true)
        defer { tandem_kernels_set_level(Int32.max) }
        let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
        var answers: [VectorTopK] = []
        for level in Int32(TANDEM_LEVEL_BASELINE)...tandem_kernels_supported_level() {
            tandem_kernels_set_level(level)
            answers.append(try VectorSearcher([indexed], query: query).topK(10, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited))
        }
        #expect(answers.allSatisfy { $0.hits == answers[0].hits && $0.work == answers[0].work && $0.work.estimated == 4500 })
    }

    @Test(
        "every number of rows: borders of blocks, filters that leave parts of them, several vectors of a document",
        arguments: [1, 31, 32, 33, 511, 512, 513, 1100, 2047, 2049, 4200])
    func borders(_ count: Int) throws {
        var random = SeededRandom(testSeed("SignCodesTests.borders"))
        // Documents 3, 3, 5, 8, 8, 8 …: gaps, and up to three vectors each.
        var rows: [(doc: UInt32, values: [Float])] = []
        var doc: UInt32 = 3
        while rows.count < count {
            for _ in 0..<Int.random(in: 1...3, using: &random) { rows.append((doc, (0..<64).map { _ in Float.random(in: -1...1, using: &random) })) }
            doc += UInt32.random(in: 1...3, using: &random)
        }
        let segment = try segment(Array(rows.prefix(count)), dimension: 64, metric: .cosine)
        // Others, none of which is accepted: fewer vectors in all would be compared exactly.
        let others = (0..<4096).map { (UInt32(100_000 + $0), (0..<64).map { _ in Float.random(in: -1...1, using: &random) }) }
        let indexed = [
            IndexedVectors(segment, signs: try SignCodes(over: segment)), IndexedVectors(try self.segment(others, dimension: 64, metric: .cosine)),
        ]
        for round in 0..<20 {
            var accept = DocBitSet(capacity: Int(doc) + 1)
            let share = [1.0, 0.9, 0.5, 0.1][round % 4]
            for d in 0...doc where Double.random(in: 0..<1, using: &random) < share { _ = accept.insert(DocID(d)) }
            let searcher = try VectorSearcher(indexed, query: (0..<64).map { _ in Float.random(in: -1...1, using: &random) })
            let truth = try searcher.topK(5, accept: accept, minScore: nil, control: .unlimited)
            let answer = try searcher.topK(5, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
            #expect(answer.hits.count == truth.hits.count && answer.hits.allSatisfy { accept.contains($0.doc) })
            #expect(Set(answer.hits.map(\.doc)).count == answer.hits.count, "a document is found once")
            // More than are there: nothing can be lost, since there is no bar.
            let all = try searcher.topK(count + 1, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
            let every = try searcher.topK(count + 1, accept: accept, minScore: nil, control: .unlimited)
            #expect(all.hits == every.hits)
        }
    }

    @Test("vectors of length 0 and lengths that float32 cannot multiply are found as by an exact search")
    func extremes() throws {
        var random = SeededRandom(testSeed("SignCodesTests.extremes"))
        var rows = clustered(4200, 32, &random)
        rows[7] = [Float](repeating: 0, count: 32)
        let plain = try segment(rows.enumerated().map { (UInt32($0), $1) }, dimension: 32, metric: .dot)
        let query = rows[20].map { -$0 }
        let accept = DocBitSet(capacity: 4200, full: true)
        let some = try VectorSearcher([IndexedVectors(plain, signs: SignCodes(over: plain))], query: query)
        // The zero vector is beyond most others, whose scores are negative.
        let truth = try some.topK(4200, accept: accept, minScore: nil, control: .unlimited)
        #expect(try some.topK(4200, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited).hits == truth.hits)
        rows[30] = [Float](repeating: 1e37, count: 32)
        let huge = try segment(rows.enumerated().map { (UInt32($0), $1) }, dimension: 32, metric: .dot)
        let searcher = try VectorSearcher([IndexedVectors(huge, signs: SignCodes(over: huge))], query: rows[30])
        let found = try searcher.topK(3, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
        let expected = try searcher.topK(3, accept: accept, minScore: nil, control: .unlimited)
        #expect(found.work.estimated == 0 && found.hits == expected.hits)
    }

    @Test("queries whose norm alone leaves float32 are answered by an exact search", arguments: [(Float(1e-10), Float(1e37)), (1e15, 1e-30), (1, 1e25)])
    func queriesBeyondFloat(vectorScale: Float, queryScale: Float) throws {
        var random = SeededRandom(testSeed("SignCodesTests.queriesBeyondFloat"))
        let rows = clustered(4200, 16, &random).map { $0.map { $0 * vectorScale } }
        let segment = try segment(rows.enumerated().map { (UInt32($0), $1) }, dimension: 16, metric: .dot)
        #expect(segment.canBeCoded)
        let accept = DocBitSet(capacity: 4200, full: true)
        let indexed = IndexedVectors(segment, signs: try SignCodes(over: segment))
        for query in clustered(5, 16, &random) {
            let searcher = try VectorSearcher([indexed], query: query.map { $0 * queryScale })
            let found = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
            #expect(found.work.estimated == 0 && found.work.isExact)
            #expect(found.hits == (try searcher.topK(10, accept: accept, minScore: nil, control: .unlimited)).hits)
        }
    }

    @Test("vectors whose squares leave float32 cannot be coded", arguments: [Float(1e20), 1e-24])
    func lengths(scale: Float) throws {
        var random = SeededRandom(testSeed("SignCodesTests.lengths"))
        let rows = clustered(20, 16, &random).map { $0.map { $0 * scale } }
        #expect(try !segment(rows.enumerated().map { (UInt32($0), $1) }, dimension: 16, metric: .dot).canBeCoded)
    }
}
