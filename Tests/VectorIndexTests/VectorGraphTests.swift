import CKernels
import Foundation
import SearchCore
import Synchronization
import Testing
import VectorIndex

/// Method: graphs over mixed vectors against brute force, for recall where it is promised and for equality where it is;
/// damage and filters by property. Recall on real embeddings is tools/bench-dense's affair.
@Suite struct VectorGraphTests {
    private func indexed(_ vectors: TestVectors, options: GraphBuildOptions = GraphBuildOptions(breadth: 64)) throws -> IndexedVectors {
        let segment = try vectors.segment(0..<vectors.rows.count)
        return IndexedVectors(segment, graph: try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment, options: options)), over: segment))
    }

    private func recall(_ found: [VectorHit], _ expected: [VectorHit]) -> Double {
        guard let last = expected.last else { return 1 }
        return Double(found.filter { $0.score >= last.score }.count) / Double(expected.count)
    }

    @Test(
        "a graph finds nearly what brute force finds, with its exact scores in its order", arguments: GraphQuantization.allCases,
        [(VectorMetric.cosine, VectorShape.random), (.cosine, .mixed), (.cosine, .duplicates), (.cosine, .signs), (.dot, .random), (.dot, .mixed)])
    func recallBesideBruteForce(quantization: GraphQuantization, kind: (VectorMetric, VectorShape)) throws {
        let (metric, shape) = kind
        var random = SeededRandom(testSeed("VectorGraphTests.recallBesideBruteForce"))
        let vectors = makeVectors(shape, count: 4000, dimension: 48, metric: metric, random: &random)
        let one = try indexed(vectors, options: GraphBuildOptions(breadth: 64, quantization: quantization))
        try one.graph!.validate()
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var total = 0.0
        for number in 0..<50 {
            var query = vectors.rows[number * 71].vector
            for i in query.indices { query[i] += 0.4 * random.normal() }
            let expected = vectors.bruteForce(query, k: 10, accept: accept).hits
            let found = try VectorSearcher([one], query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(90), control: .unlimited)
            #expect(found.work.graphSegments == 1 && found.work.scanned == 0 && found.work.visited > 0 && !found.work.isExact)
            total += recall(found.hits, expected)
            // What is found has its true score, and is in order.
            let truth = Dictionary(uniqueKeysWithValues: vectors.bruteForce(query, k: vectors.rows.count, accept: accept).hits.map { ($0.doc, $0.score) })
            #expect(found.hits.allSatisfy { truth[$0.doc] == $0.score })
            #expect(zip(found.hits, found.hits.dropFirst()).allSatisfy { $0.score != $1.score ? $0.score > $1.score : $0.doc < $1.doc })
        }
        // Independent components in 48 dimensions are the hardest there is: no structure to follow.
        #expect(total / 50 > (shape == .random ? 0.85 : 0.95), "recall \(total / 50)")
    }

    @Test("forty threads at once, more than the graph keeps memory for, find what one finds")
    func manyThreads() async throws {
        var random = SeededRandom(testSeed("VectorGraphTests.manyThreads"))
        let vectors = makeVectors(.mixed, count: 2000, dimension: 32, metric: .cosine, random: &random)
        let one = try indexed(vectors)
        let queries = (0..<20).map { vectors.rows[$0 * 97].vector }
        @Sendable func answers() throws -> [[VectorHit]] {
            let accept = DocBitSet(capacity: vectors.capacity, full: true)
            return try queries.map {
                let found = try VectorSearcher([one], query: $0).topK(10, accept: accept, minScore: nil, effort: .breadth(60), control: .unlimited)
                #expect(found.work.graphSegments == 1)
                return found.hits
            }
        }
        let expected = try answers()
        let arrivals = DispatchGroup()
        let found = Mutex<[[[VectorHit]]]>([])
        for _ in 0..<40 { arrivals.enter() }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            let ended = DispatchGroup()
            for _ in 0..<40 {
                ended.enter()
                Thread.detachNewThread {
                    arrivals.leave()
                    arrivals.wait()
                    for _ in 0..<10 { if let answer = try? answers() { found.withLock { $0.append(answer) } } }
                    ended.leave()
                }
            }
            ended.notify(queue: .global()) { done.resume() }
        }
        let all = found.withLock { $0 }
        #expect(all.count == 400 && all.allSatisfy { $0 == expected })
    }

    @Test("exact effort ignores the graph and equals brute force")
    func exactEffort() throws {
        var random = SeededRandom(testSeed("VectorGraphTests.exactEffort"))
        let vectors = makeVectors(.mixed, count: 2000, dimension: 32, metric: .cosine, random: &random)
        let one = try indexed(vectors)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let query = (0..<32).map { _ in random.normal() }
        let found = try VectorSearcher([one], query: query).topK(10, accept: accept, minScore: nil, control: .unlimited)
        #expect(found.hits == vectors.bruteForce(query, k: 10, accept: accept).hits)
        #expect(found.work.isExact && found.work.flatSegments == 1 && found.work.visited == 0)
    }

    @Test("the same bytes with one thread and with three; the same hits at every SIMD level", arguments: GraphQuantization.allCases)
    func determinism(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.determinism"))
        let vectors = makeVectors(.mixed, count: 3000, dimension: 70, metric: .dot, random: &random)
        let segment = try vectors.segment(0..<vectors.rows.count)
        let bytes = try VectorGraph.build(over: segment, options: GraphBuildOptions(breadth: 40, quantization: quantization, threads: 1))
        #expect(try VectorGraph.build(over: segment, options: GraphBuildOptions(breadth: 40, quantization: quantization, threads: 3)) == bytes)
        let one = IndexedVectors(segment, graph: try VectorGraph(MappedFile(copying: bytes), over: segment))
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let queries = (0..<20).map { _ in (0..<70).map { _ in random.normal() } }
        defer { tandem_kernels_set_level(Int32.max) }
        var answers: [[[VectorHit]]] = []
        for level in Int32(TANDEM_LEVEL_BASELINE)...tandem_kernels_supported_level() {
            tandem_kernels_set_level(level)
            #expect(try VectorGraph.build(over: segment, options: GraphBuildOptions(breadth: 40, quantization: quantization)) == bytes, "level \(level)")
            answers.append(
                try queries.map {
                    try VectorSearcher([one], query: $0).topK(10, accept: accept, minScore: nil, effort: .breadth(50), control: .unlimited).hits
                })
        }
        #expect(answers.allSatisfy { $0 == answers[0] })
    }

    @Test(
        "filters keep recall, whatever they have to do with the query", arguments: [0.5, 0.1, 0.01, 0.001],
        ["uncorrelated", "correlated", "anti-correlated", "uncorrelated, int4", "correlated, int4"])
    func filters(share: Double, kind: String) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.filters"))
        let vectors = makeVectors(.mixed, count: 12_000, dimension: 32, metric: .cosine, random: &random)
        let quantization = kind.hasSuffix("int4") ? GraphQuantization.int4 : .binary
        let one = try indexed(vectors, options: GraphBuildOptions(breadth: 64, quantization: quantization))
        var total = 0.0
        for number in 0..<10 {
            var query = vectors.rows[number * 997].vector
            for i in query.indices { query[i] += 0.4 * random.normal() }
            // The nearest, the farthest, or any documents.
            let all = vectors.bruteForce(query, k: vectors.rows.count, accept: DocBitSet(capacity: vectors.capacity, full: true)).hits.map(\.doc)
            let wanted = Int(share * Double(all.count))
            let chosen =
                switch kind.split(separator: ",")[0] {
                case "correlated": Array(all.prefix(wanted))
                case "anti-correlated": Array(all.suffix(wanted))
                default: Array(all.shuffled(using: &random).prefix(wanted))
                }
            var accept = DocBitSet(capacity: vectors.capacity)
            for doc in chosen { accept.insert(doc) }
            let expected = vectors.bruteForce(query, k: 10, accept: accept).hits
            let found = try VectorSearcher([one], query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(60), control: .unlimited)
            #expect(found.hits.allSatisfy { accept.contains($0.doc) })
            total += recall(found.hits, expected)
        }
        #expect(total / 10 > 0.95, "\(kind) \(share): recall \(total / 10)")
    }

    @Test("where scanning what passes is cheaper, a walk of a few visits tells whether it passes near the query", arguments: GraphQuantization.allCases)
    func probe(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.probe"))
        let vectors = makeVectors(.mixed, count: 45_000, dimension: 16, metric: .cosine, random: &random)
        let one = try indexed(vectors, options: GraphBuildOptions(breadth: 48, quantization: quantization))
        var (walked, givenUp, total) = (0, 0, 0.0)
        for number in 0..<8 {
            var query = vectors.rows[number * 5003].vector
            for i in query.indices { query[i] += 0.2 * random.normal() }
            let all = vectors.bruteForce(query, k: vectors.rows.count, accept: DocBitSet(capacity: vectors.capacity, full: true)).hits.map(\.doc)
            func search(_ chosen: ArraySlice<DocID>) throws -> (found: VectorTopK, expected: [VectorHit]) {
                var accept = DocBitSet(capacity: vectors.capacity)
                for doc in chosen { accept.insert(doc) }
                let found = try VectorSearcher([one], query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(200), control: .unlimited)
                return (found, vectors.bruteForce(query, k: 10, accept: accept).hits)
            }
            let wanted = all.count * 3 / 10
            let near = try search(all.prefix(wanted))
            walked += near.found.work.graphSegments
            total += recall(near.found.hits, near.expected)
            let any = try search(all.shuffled(using: &random).prefix(wanted))
            #expect(any.found.work.graphSegments == 0 && any.found.hits == any.expected)
            // Twenty visits at most were in vain.
            #expect(any.found.work.visited <= 20)
            givenUp += any.found.work.abandonedGraphs
        }
        #expect(walked >= 7 && givenUp == 8 && total / 8 > 0.97, "walked \(walked), given up \(givenUp), recall \(total / 8)")
    }

    @Test("a hundred of tight clusters: a full page of what was promised, although a node is in the pool many times", arguments: GraphQuantization.allCases)
    func tightClusters(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.tightClusters"))
        var vectors = makeVectors(.random, count: 6000, dimension: 64, metric: .cosine, random: &random)
        let centres = (0..<100).map { _ in (0..<64).map { _ in random.normal() } }
        for row in vectors.rows.indices { vectors.rows[row].vector = centres[row % 100].map { $0 + 0.6 * random.normal() } }
        let one = try indexed(vectors, options: GraphBuildOptions(quantization: quantization))
        let calibrated = IndexedVectors(one.segment, graph: one.graph, calibration: try one.graph!.calibrate())
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var total = 0.0
        for number in 0..<20 {
            let query = centres[number].map { $0 + 0.6 * random.normal() }
            let expected = vectors.bruteForce(query, k: 100, accept: accept).hits
            let found = try VectorSearcher([calibrated], query: query)
                .topK(100, accept: accept, minScore: nil, effort: .recall(0.99), control: .unlimited)
            #expect(found.hits.count == 100)
            total += recall(found.hits, expected)
            let narrow = try VectorSearcher([one], query: query).topK(50, accept: accept, minScore: nil, effort: .breadth(50), control: .unlimited)
            #expect(narrow.hits.count == 50)
        }
        // Between two measured breadths recall jumps by a whole cluster.
        #expect(total / 20 > 0.9, "recall \(total / 20)")
    }

    @Test("a graph over vectors that are each there many times finds what it promises for other queries", arguments: [2, 10])
    func copies(times: Int) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.copies"))
        let distinct = makeVectors(.random, count: 12_000 / times, dimension: 48, metric: .cosine, random: &random)
        var vectors = distinct
        vectors.rows = (0..<12_000).map { (UInt32($0), distinct.rows[$0 % distinct.rows.count].vector) }
        let one = try indexed(vectors)
        let calibrated = IndexedVectors(one.segment, graph: one.graph, calibration: try one.graph!.calibrate())
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var total = 0.0
        for _ in 0..<100 {
            let query = (0..<48).map { _ in random.normal() }
            let searcher = try VectorSearcher([calibrated], query: query)
            let expected = try searcher.topK(10, accept: accept, minScore: nil, control: .unlimited)
            let found = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(0.99), control: .unlimited)
            // Copies tie: any of them will do.
            total += Double(found.hits.count { $0.score >= expected.hits[9].score }) / 10
        }
        #expect(total / 100 > 0.975, "recall \(total / 100)")
    }

    @Test("vectors of few components are found, and of one component without the graph", arguments: [1, 2, 3, 8], VectorMetric.allCases)
    func fewComponents(dimension: Int, metric: VectorMetric) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.fewComponents"))
        let vectors = makeVectors(.random, count: 8000, dimension: dimension, metric: metric, random: &random)
        let one = try indexed(vectors)
        let calibrated = IndexedVectors(one.segment, graph: one.graph, calibration: try one.graph!.calibrate())
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var total = 0.0
        for _ in 0..<200 {
            let searcher = try VectorSearcher([calibrated], query: (0..<dimension).map { _ in random.normal() })
            let expected = try searcher.topK(10, accept: accept, minScore: nil, control: .unlimited)
            let found = try searcher.topK(10, accept: accept, minScore: nil, effort: .recall(0.98), control: .unlimited)
            total += Double(found.hits.count { $0.score >= expected.hits[9].score }) / 10
            #expect(dimension > 1 || found.work.isExact)
        }
        #expect(total / 200 > 0.96, "recall \(total / 200)")
    }

    @Test("vectors and queries whose similarities leave float32 are compared one by one", arguments: [Float(1e25), 1e-25])
    func beyondFloat(scale: Float) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.beyondFloat"))
        var vectors = makeVectors(.random, count: 3000, dimension: 16, metric: .dot, random: &random)
        let plain = try indexed(vectors)
        #expect(plain.segment.canBeCoded)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        // A graph that a merge or another version has left is not walked either.
        let query = (0..<16).map { _ in random.normal() * scale * scale.squareRoot() }
        let found = try VectorSearcher([plain], query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(20), control: .unlimited)
        #expect(found.work.isExact == (scale > 1 || scale < 1e-20) && found.hits == vectors.bruteForce(query, k: 10, accept: accept).hits)
        for row in vectors.rows.indices { vectors.rows[row].vector = vectors.rows[row].vector.map { $0 * scale } }
        #expect(try !vectors.segment(0..<3000).canBeCoded)
    }

    @Test("graphs of several segments are searched as one: as much is found, for less than each by itself costs", arguments: GraphQuantization.allCases)
    func severalGraphs(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.severalGraphs"))
        let vectors = makeVectors(.mixed, count: 20_000, dimension: 32, metric: .cosine, random: &random)
        let parts = try vectors.segments(cutAt: [3000, 9000, 13_000]).map { segment in
            let options = GraphBuildOptions(breadth: 64, quantization: quantization)
            return IndexedVectors(segment, graph: try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment, options: options)), over: segment))
        }
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var (total, together, apart) = (0.0, 0, 0)
        for number in 0..<40 {
            var query = vectors.rows[number * 490].vector
            for i in query.indices { query[i] += 0.4 * random.normal() }
            let expected = vectors.bruteForce(query, k: 10, accept: accept).hits
            func search(_ parts: [IndexedVectors]) throws -> VectorTopK {
                try VectorSearcher(parts, query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(90), control: .unlimited)
            }
            let found = try search(parts)
            #expect(found.work.graphSegments == 4 && found.work.scanned == 0)
            total += recall(found.hits, expected)
            together += found.work.visited
            apart += try parts.reduce(0) { $0 + (try search([$1])).work.visited }
        }
        #expect(total / 40 > 0.95, "recall \(total / 40)")
        #expect(Double(together) < 0.8 * Double(apart), "\(together) visits, \(apart) apart")
    }

    @Test("several vectors of a document: each document once, with its best")
    func severalVectors() throws {
        var random = SeededRandom(testSeed("VectorGraphTests.severalVectors"))
        let vectors = makeVectors(.mixed, count: 3000, dimension: 24, metric: .cosine, rowsPerDocument: 1...5, random: &random)
        let one = try indexed(vectors)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        var total = 0.0
        for number in 0..<30 {
            let query = vectors.rows[number * 90].vector
            let expected = vectors.bruteForce(query, k: 10, accept: accept).hits
            let found = try VectorSearcher([one], query: query).topK(10, accept: accept, minScore: nil, effort: .breadth(90), control: .unlimited)
            #expect(Set(found.hits.map(\.doc)).count == found.hits.count)
            total += recall(found.hits, expected)
        }
        #expect(total / 30 > 0.95, "recall \(total / 30)")
    }

    @Test("what is said of a hit is its document's true score, unless a document has several vectors", arguments: GraphQuantization.allCases)
    func trueScores(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.trueScores"))
        let vectors = makeVectors(.mixed, count: 6000, dimension: 48, metric: .cosine, random: &random)
        let parts = try vectors.segments(cutAt: [3000])
        let graph = try VectorGraph(
            MappedFile(copying: VectorGraph.build(over: parts[0], options: GraphBuildOptions(breadth: 64, quantization: quantization))), over: parts[0])
        // A graph and a scan by 1-bit codes.
        let both = try [IndexedVectors(parts[0], graph: graph), IndexedVectors(parts[1], signs: SignCodes(over: parts[1]))]
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        for number in 0..<20 {
            let searcher = try VectorSearcher(both, query: vectors.rows[number * 250].vector)
            #expect(searcher.hasOneVectorPerDocument)
            let found = try searcher.topK(10, accept: accept, minScore: nil, effort: .breadth(60), control: .unlimited)
            #expect(found.work.visited > 0 && found.work.estimated > 0 && found.hits.count == 10)
            let hits = found.hits.sorted { $0.doc < $1.doc }
            #expect(try searcher.score(docs: hits.map(\.doc)) == hits.map { $0.score })
        }
        // Within a segment, and at the border of two.
        let repeated = TestVectors(dimension: 48, metric: .cosine, rows: vectors.rows.map { ($0.doc / 2, $0.vector) })
        let within = try VectorSearcher(segments: repeated.segments(), query: vectors.rows[0].vector)
        #expect(!within.hasOneVectorPerDocument)
        let border = TestVectors(dimension: 48, metric: .cosine, rows: vectors.rows.enumerated().map { ($0 == 3000 ? $1.doc - 1 : $1.doc, $1.vector) })
        let across = try VectorSearcher(segments: border.segments(cutAt: [3000]), query: vectors.rows[0].vector)
        #expect(!across.hasOneVectorPerDocument)
    }

    @Test("tiny graphs find everything", arguments: [1, 2, 3, 31, 32, 33, 34, 100])
    func tiny(count: Int) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.tiny"))
        let vectors = makeVectors(.random, count: count, dimension: 5, metric: .cosine, random: &random)
        let segment = try vectors.segment(0..<count)
        let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment)), over: segment)
        try graph.validate()
        #expect(graph.count == count)
        // Every node can be reached from every other one.
        var reached: Set<UInt32> = [0]
        var open: [UInt32] = [0]
        while let next = open.popLast() {
            for neighbour in graph.neighbours(of: Int(next)) where reached.insert(neighbour).inserted { open.append(neighbour) }
        }
        #expect(reached.count == count)
    }

    @Test("an empty segment has an empty graph")
    func empty() throws {
        let segment = try VectorSegment(MappedFile(copying: VectorSegmentBuilder(dimension: 3, metric: .cosine).finish()))
        let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment)), over: segment)
        #expect(graph.count == 0)
    }

    @Test("a cancelled build ends, and so does a cancelled search")
    func cancellation() throws {
        var random = SeededRandom(1)
        let vectors = makeVectors(.random, count: 5000, dimension: 8, metric: .cosine, random: &random)
        let segment = try vectors.segment(0..<5000)
        let control = QueryControl()
        control.cancel()
        #expect(throws: TandemError.self) { try VectorGraph.build(over: segment, control: control) }
    }

    @Test("a graph of another segment, of another kind, or cut short is refused")
    func wrongFiles() throws {
        var random = SeededRandom(2)
        let a = try makeVectors(.random, count: 100, dimension: 8, metric: .cosine, random: &random).segment(0..<100)
        let b = try makeVectors(.random, count: 100, dimension: 8, metric: .cosine, random: &random).segment(0..<100)
        let bytes = try VectorGraph.build(over: a)
        #expect(throws: TandemError.self) { try VectorGraph(MappedFile(copying: bytes), over: b) }
        #expect(throws: TandemError.self) { try VectorGraph(MappedFile(copying: Array(bytes.dropLast(40))), over: a) }
        var wrong = bytes
        wrong[5] ^= 1
        #expect(throws: TandemError.self) { try VectorGraph(MappedFile(copying: wrong), over: a) }
    }

    @Test("whatever the nodes' bytes are, a search ends with an answer or an error, and validation notices", arguments: GraphQuantization.allCases)
    func damagedNodes(quantization: GraphQuantization) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.damagedNodes"))
        let vectors = makeVectors(.mixed, count: 2000, dimension: 16, metric: .cosine, random: &random)
        let segment = try vectors.segment(0..<2000)
        let bytes = try VectorGraph.build(over: segment, options: GraphBuildOptions(breadth: 32, quantization: quantization))
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let nodeBytes = quantization == .binary ? 64 + 128 + 64 + 64 + 256 : 64 + 128 + 64 + 64
        // The nodes lie behind the header, its section and the entries, and before the directory.
        let start = 64 + 64 + 512
        var noticed = 0
        for round in 0..<60 {
            var damaged = bytes
            for _ in 0..<(round < 30 ? 200 : 20_000) {
                let at = start + Int.random(in: 0..<(2000 * nodeBytes), using: &random)
                damaged[at] = UInt8.random(in: 0...255, using: &random)
            }
            let graph = try VectorGraph(MappedFile(copying: damaged), over: segment)
            #expect(throws: TandemError.self) { try graph.validate() }
            let query = vectors.rows[round * 31].vector
            let searcher = try VectorSearcher([IndexedVectors(segment, graph: graph)], query: query)
            let found = try searcher.topK(10, accept: accept, minScore: nil, effort: .breadth(40), control: .unlimited)
            #expect(found.hits.allSatisfy { accept.contains($0.doc) })
            #expect(found.work.visited <= 2000)
            guard graph.isDamaged else { continue }
            // It is scanned instead, then and from then on.
            noticed += 1
            #expect(found.work.isExact && found.hits == vectors.bruteForce(query, k: 10, accept: accept).hits)
            #expect(try searcher.topK(10, accept: accept, minScore: nil, effort: .breadth(40), control: .unlimited).work.isExact)
        }
        #expect(noticed > 0, "no damage led out of the graph")
    }

    @Test("a recall that is asked for is about what comes out, in a small graph and in a larger one", arguments: [3000, 12_000])
    func calibration(count: Int) throws {
        var random = SeededRandom(testSeed("VectorGraphTests.calibration"))
        let vectors = makeVectors(.random, count: count, dimension: 24, metric: .cosine, random: &random)
        let one = try indexed(vectors)
        let calibration = try one.graph!.calibrate()
        #expect(zip(calibration.points, calibration.points.dropFirst()).allSatisfy { $0.k < $1.k || $0.recall <= $1.recall })
        #expect(calibration.breadth(recall: 0.99, k: 10) > calibration.breadth(recall: 0.9, k: 10))
        #expect(calibration.breadth(recall: 0.9, k: 500) >= 500)
        let accept = DocBitSet(capacity: vectors.capacity, full: true)
        let calibrated = IndexedVectors(one.segment, graph: one.graph, calibration: calibration)
        var total = 0.0
        for number in 0..<60 {
            var query = vectors.rows[number * 37].vector
            for i in query.indices { query[i] += 0.5 * random.normal() }
            let expected = vectors.bruteForce(query, k: 10, accept: accept).hits
            let found = try VectorSearcher([calibrated], query: query)
                .topK(10, accept: accept, minScore: nil, effort: .recall(0.9), control: .unlimited)
            total += recall(found.hits, expected)
        }
        #expect(total / 60 > 0.84, "recall \(total / 60)")
    }
}
