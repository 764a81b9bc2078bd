import CKernels
import SearchCore
import Testing
import VectorIndex

/// Goal: the scan's answer is that of brute force by the final score — ids, order, score bits, ties — whatever the data,
/// the filter, the segmentation and the SIMD level. Method: an oracle that knows nothing of codes and bounds.
@Suite struct VectorSearcherTests {
    private func expectExact(
        _ vectors: TestVectors, _ segments: [VectorSegment], query: [Float], k: Int, accept: DocBitSet,
        minScore: Double? = nil, _ what: String
    ) throws {
        let searcher = try VectorSearcher(segments: segments, query: query)
        let found = try searcher.topK(k, accept: accept, minScore: minScore, control: .unlimited)
        let expected = vectors.bruteForce(query, k: k, accept: accept, minScore: minScore)
        #expect(found.hits == expected.hits, "\(what): hits")
        #expect(found.boundaryTies == expected.ties, "\(what): ties")
        #expect(found.hits.map(\.score.bitPattern) == expected.hits.map(\.score.bitPattern), "\(what): bits")
    }

    @Test("top k equals brute force", arguments: VectorShape.allCases, [VectorMetric.cosine, .dot])
    func exact(shape: VectorShape, metric: VectorMetric) throws {
        let seed = testSeed("VectorSearcherTests.exact \(shape) \(metric)")
        var random = SeededRandom(seed)
        for (count, dimension) in [(1, 3), (700, 1), (3000, 24), (2500, 65), (1200, 384)] {
            let vectors = makeVectors(shape, count: count, dimension: dimension, metric: metric, random: &random)
            let one = try vectors.segments()
            let many = try vectors.segments(cutAt: [0, count / 7, count / 3, count / 3, count / 2])
            for share in [1, 0.5, 0.1, 0.001, 0] {
                let accept = makeAccept(capacity: vectors.capacity, share: share, random: &random)
                for k in [1, 10, 150] {
                    // A stored vector as the query meets its own duplicates; a new one is the usual case.
                    let queries = [
                        vectors.rows[Int(random.next() % UInt64(count))].vector,
                        (0..<dimension).map { _ in random.normal() + 0.001 },
                    ]
                    for query in queries {
                        let what = "\(count) × \(dimension), share \(share), k \(k), seed \(seed)"
                        try expectExact(vectors, one, query: query, k: k, accept: accept, what)
                        try expectExact(vectors, many, query: query, k: k, accept: accept, what + ", 6 segments")
                    }
                }
            }
        }
    }

    /// Cauchy–Schwarz is loose on ordinary data, so that a bound too small by half would pass unnoticed. Here it is sharp:
    /// (1) all of a row's quantisation error lies along the query, (2) all of the query's error lies along the row.
    @Test("the answer is exact where the error bound is sharp", arguments: [VectorMetric.dot, .cosine])
    func sharpBounds(metric: VectorMetric) throws {
        let seed = testSeed("VectorSearcherTests.sharpBounds \(metric)")
        var random = SeededRandom(seed)
        for round in 0..<40 {
            var rowError = TestVectors(dimension: 2, metric: metric)
            var queryError = TestVectors(dimension: 3, metric: metric)
            for doc in 0..<400 {
                // The first component sets the scale and is coded exactly; the query sees only the second.
                let first = Float.random(in: 1...2, using: &random)
                rowError.rows.append((UInt32(doc), [first, Float.random(in: 0.3...0.31, using: &random)]))
                // Coded exactly, but along components that the query's codes round away.
                var row: [Float] = [0, 0, 0]
                row[1 + doc % 2] = Float.random(in: 1...1.2, using: &random)
                queryError.rows.append((UInt32(doc), row))
            }
            let accept = DocBitSet(capacity: 400, full: true)
            let fine = (0..<2).map { _ in Float.random(in: -3...3, using: &random) / 4095 }
            for k in [1, 7] {
                try expectExact(
                    rowError, rowError.segments(cutAt: [100]), query: [0, 1], k: k, accept: accept, "rows, round \(round), seed \(seed)")
                try expectExact(
                    queryError, queryError.segments(cutAt: [100]), query: [1] + fine, k: k, accept: accept,
                    "query, round \(round), seed \(seed)")
            }
        }
    }

    @Test("a document scores the maximum of its vectors, at borders of blocks and segments, too", arguments: VectorShape.allCases)
    func severalVectors(shape: VectorShape) throws {
        let seed = testSeed("VectorSearcherTests.severalVectors \(shape)")
        var random = SeededRandom(seed)
        for perDocument in [1...3, 0...40, 600...700] {
            let vectors = makeVectors(
                shape, count: 3000, dimension: 17, metric: .cosine, rowsPerDocument: perDocument, docStep: 5, random: &random)
            // Cuts fall inside documents.
            let segments = try vectors.segments(cutAt: [1, 500, 501, 1777])
            for share in [1, 0.3, 0.02] {
                let accept = makeAccept(capacity: vectors.capacity, share: share, random: &random)
                for k in [1, 20] {
                    let query = (0..<17).map { _ in random.normal() }
                    try expectExact(vectors, segments, query: query, k: k, accept: accept, "\(perDocument), share \(share), seed \(seed)")
                }
            }
        }
    }

    @Test("segments whose documents interleave give the same answer")
    func interleaved() throws {
        let seed = testSeed("VectorSearcherTests.interleaved")
        var random = SeededRandom(seed)
        for shape in [VectorShape.random, .duplicates, .clustered] {
            let vectors = makeVectors(shape, count: 2400, dimension: 20, metric: .cosine, rowsPerDocument: 1...3, random: &random)
            // Every third row to another segment, so a document's vectors lie in several.
            let parts = try (0..<3).map { part in
                var third = vectors
                third.rows = vectors.rows.enumerated().filter { $0.offset % 3 == part }.map(\.element)
                return try third.segment(0..<third.rows.count)
            }
            for share in [1, 0.1] {
                let accept = makeAccept(capacity: vectors.capacity, share: share, random: &random)
                for k in [1, 10, 500, 3000] {
                    let query = (0..<20).map { _ in random.normal() }
                    try expectExact(vectors, parts.reversed(), query: query, k: k, accept: accept, "\(shape), share \(share), k \(k), seed \(seed)")
                }
            }
        }
    }

    @Test("more equal vectors than the candidate list holds: lowest documents first, ties capped")
    func allEqual() throws {
        var random = SeededRandom(7)
        let vectors = makeVectors(.equal, count: 40_000, dimension: 2, metric: .dot, random: &random)
        let segments = try vectors.segments(cutAt: [10_000])
        let searcher = try VectorSearcher(segments: segments, query: [1, 2])
        let found = try searcher.topK(5, accept: DocBitSet(capacity: vectors.capacity, full: true), minScore: nil, control: .unlimited)
        #expect(found.hits.map(\.doc.rawValue) == Array(1...5))
        #expect(found.boundaryTies.map(\.doc.rawValue) == Array(6..<(6 + UInt32(VectorSearcher.boundaryTiesMax))))
    }

    @Test("a minimum score keeps what equals it and drops what is below")
    func minScore() throws {
        var random = SeededRandom(testSeed("VectorSearcherTests.minScore"))
        let vectors = makeVectors(.duplicates, count: 2000, dimension: 33, metric: .cosine, random: &random)
        let segments = try vectors.segments(cutAt: [900])
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let query = vectors.rows[77].vector
        let all = vectors.bruteForce(query, k: 2000, accept: accept).hits
        for bar in [all[0].score, all[40].score, all[40].score.nextUp, all[1999].score, 2, -2] {
            for k in [1, 30, 5000] {
                try expectExact(vectors, segments, query: query, k: k, accept: accept, minScore: bar, "minimum \(bar), k \(k)")
            }
        }
    }

    @Test("the same bits and the same work at every SIMD level")
    func levels() throws {
        var random = SeededRandom(testSeed("VectorSearcherTests.levels"))
        for dimension in [3, 100, 384] {
            let vectors = makeVectors(.clustered, count: 3000, dimension: dimension, metric: .cosine, random: &random)
            let accept = makeAccept(capacity: vectors.capacity, share: 0.6, random: &random)
            let query = (0..<dimension).map { _ in random.normal() }
            var results: [(bytes: [UInt8], hits: [VectorHit], refined: Int, scores: [UInt64?])] = []
            for level in Int(TANDEM_LEVEL_BASELINE)...Int(tandem_kernels_supported_level()) {
                tandem_kernels_set_level(Int32(level))
                var builder = VectorSegmentBuilder(dimension: dimension, metric: .cosine)
                for row in vectors.rows { try builder.append(doc: DocID(row.doc), row.vector) }
                let bytes = builder.finish()
                let searcher = try VectorSearcher(segments: [VectorSegment(MappedFile(copying: bytes))], query: query)
                let found = try searcher.topK(50, accept: accept, minScore: nil, control: .unlimited)
                let scores = try searcher.score(docs: (0..<40).map { DocID($0) }).map { $0?.bitPattern }
                results.append((bytes, found.hits, found.refined, scores))
            }
            tandem_kernels_set_level(Int32.max)
            for result in results {
                #expect(result.bytes == results[0].bytes)
                #expect(result.hits == results[0].hits)
                #expect(result.hits.map(\.score.bitPattern) == results[0].hits.map(\.score.bitPattern))
                #expect(result.refined == results[0].refined)
                #expect(result.scores == results[0].scores)
            }
        }
    }

    @Test("true scores are those of the hits; a document without a vector has none")
    func trueScores() throws {
        var random = SeededRandom(testSeed("VectorSearcherTests.trueScores"))
        let vectors = makeVectors(
            .random, count: 2000, dimension: 30, metric: .dot, rowsPerDocument: 0...3, docStep: 4, random: &random)
        let segments = try vectors.segments(cutAt: [3, 700, 1500])
        let searcher = try VectorSearcher(segments: segments, query: (0..<30).map { _ in random.normal() })
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let hits = try searcher.topK(3000, accept: accept, minScore: nil, control: .unlimited).hits
        let byDoc = Dictionary(uniqueKeysWithValues: hits.map { ($0.doc.rawValue, $0.score) })
        #expect(byDoc.count == Set(vectors.rows.map(\.doc)).count)
        let docs = (0..<UInt32(vectors.capacity + 5)).map { DocID($0) }
        #expect(try searcher.score(docs: docs) == docs.map { byDoc[$0.rawValue] })
        let some = docs.filter { _ in random.next() % 50 == 0 }
        #expect(try searcher.score(docs: some) == some.map { byDoc[$0.rawValue] })
        #expect(try searcher.score(docs: []).isEmpty)
    }

    @Test("a narrow filter reads only the accepted vectors")
    func narrowFilter() throws {
        var random = SeededRandom(5)
        let vectors = makeVectors(.random, count: 20_000, dimension: 8, metric: .cosine, random: &random)
        let segments = try vectors.segments(cutAt: [11_111])
        for share in [0.1, 0.001] {
            let accept = makeAccept(capacity: vectors.capacity, share: share, random: &random)
            let found = try VectorSearcher(segments: segments, query: vectors.rows[0].vector)
                .topK(10, accept: accept, minScore: nil, control: .unlimited)
            #expect(found.scanned == vectors.rows.filter { accept.contains(DocID($0.doc)) }.count)
        }
        let nothing = try VectorSearcher(segments: segments, query: vectors.rows[0].vector)
            .topK(10, accept: DocBitSet(capacity: vectors.capacity), minScore: nil, control: .unlimited)
        #expect(nothing.scanned == 0 && nothing.hits.isEmpty)
    }

    @Test("few rows are refined on ordinary data")
    func refinesFew() throws {
        var random = SeededRandom(9)
        let vectors = makeVectors(.random, count: 20_000, dimension: 128, metric: .cosine, random: &random)
        let found = try VectorSearcher(segments: vectors.segments(), query: (0..<128).map { _ in random.normal() })
            .topK(10, accept: DocBitSet(capacity: vectors.capacity, full: true), minScore: nil, control: .unlimited)
        #expect(found.scanned == 20_000)
        #expect(found.refined < 400, "\(found.refined)")
    }

    @Test("a cancelled call and a passed deadline stop the scan")
    func control() throws {
        var random = SeededRandom(3)
        let vectors = makeVectors(.random, count: 600, dimension: 8, metric: .cosine, random: &random)
        let searcher = try VectorSearcher(segments: vectors.segments(), query: vectors.rows[0].vector)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let cancelled = QueryControl()
        cancelled.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try searcher.topK(3, accept: accept, minScore: nil, control: cancelled) }
        let late = QueryControl(deadline: .now - .seconds(1))
        #expect(throws: TandemError(.deadlineExceeded, "")) { try searcher.topK(3, accept: accept, minScore: nil, control: late) }
    }

    @Test("edges: no segments, empty segments, k 0, k beyond the documents, a small accept set, a zero query under dot")
    func edges() throws {
        let accept = DocBitSet(capacity: 10, full: true)
        let none = try VectorSearcher(segments: [], query: [1, 2])
        #expect(try none.topK(3, accept: accept, minScore: nil, control: .unlimited).hits.isEmpty)
        #expect(try none.score(docs: [DocID(1)]) == [nil])
        let empty = try VectorSegment(MappedFile(copying: VectorSegmentBuilder(dimension: 2, metric: .dot).finish()))
        #expect(empty.count == 0 && empty.firstDoc == .end && empty.lastDoc == .end && empty.ordinals(of: DocID(0)).isEmpty)
        try empty.validate()
        var builder = VectorSegmentBuilder(dimension: 2, metric: .dot)
        for doc in 5..<15 { try builder.append(doc: DocID(UInt32(doc)), [Float(doc), 0]) }
        let segment = try VectorSegment(MappedFile(copying: builder.finish()))
        let searcher = try VectorSearcher(segments: [segment, empty], query: [1, 0])
        #expect(try searcher.topK(0, accept: accept, minScore: nil, control: .unlimited).hits.isEmpty)
        // Documents 10 … 14 are past the set's capacity.
        #expect(try searcher.topK(99, accept: accept, minScore: nil, control: .unlimited).hits.map(\.doc.rawValue) == [9, 8, 7, 6, 5])
        let zero = try VectorSearcher(segments: [segment], query: [0, 0]).topK(2, accept: accept, minScore: nil, control: .unlimited)
        #expect(zero.hits.map(\.doc.rawValue) == [5, 6] && zero.boundaryTies.map(\.doc.rawValue) == [7, 8, 9])
    }

    @Test("a query of the wrong length, and segments of different shapes, are refused")
    func refusals() throws {
        var builder = VectorSegmentBuilder(dimension: 2, metric: .cosine)
        try builder.append(doc: DocID(1), [1, 1])
        let a = try VectorSegment(MappedFile(copying: builder.finish()))
        let b = try VectorSegment(MappedFile(copying: VectorSegmentBuilder(dimension: 3, metric: .cosine).finish()))
        #expect(throws: TandemError(.invalidArgument, "")) { try VectorSearcher(segments: [a], query: [1]) }
        #expect(throws: TandemError(.invalidArgument, "")) { try VectorSearcher(segments: [a], query: [0, 0]) }
        #expect(throws: TandemError(.invalidArgument, "")) { try VectorSearcher(segments: [a], query: [1, .nan]) }
        #expect(throws: TandemError(.failedPrecondition, "")) { try VectorSearcher(segments: [a, b], query: [1, 1]) }
    }

    @Test("components at the ends of float32 keep the order", arguments: [VectorMetric.cosine, .dot])
    func extremeComponents(metric: VectorMetric) throws {
        var vectors = TestVectors(dimension: 3, metric: metric)
        let values: [Float] = [
            .greatestFiniteMagnitude, 1e30, 1, 1e-20, 1e-29, 1e-31, 1e-38, .leastNormalMagnitude, .leastNonzeroMagnitude,
        ]
        var doc: UInt32 = 0
        for value in values {
            for vector in [[value, value, -value], [value, 0, value / 3], [-value, value, 0]] {
                doc += 1
                vectors.rows.append((doc, vector))
            }
        }
        let segments = try vectors.segments(cutAt: [5])
        for segment in segments { try segment.validate() }
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        for value in values {
            for query in [[value, value, value], [value, -value, 0], [0, 0, -value]] {
                for k in [1, 4, 100] {
                    try expectExact(vectors, segments, query: query, k: k, accept: accept, "query of \(value), k \(k)")
                }
            }
        }
    }
}
