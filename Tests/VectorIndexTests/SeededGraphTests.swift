import SearchCore
import Testing
import VectorIndex

/// Method: a graph that goes on from another one's edges, after vectors came and went, finds what one that was built at once finds.
@Suite("Graphs that go on from others")
struct SeededGraphTests {
    /// Two parts of a collection, of which the first has a graph; what lives of both; the merged segment with a seed.
    private struct Case {
        var vectors: TestVectors
        var live: DocBitSet
        var segment: VectorSegment
        var seed: GraphSeed

        init(share: Double, cut: Int, _ random: inout SeededRandom) throws {
            vectors = makeVectors(.mixed, count: 6000, dimension: 32, metric: .cosine, random: &random)
            let parts = try vectors.segments(cutAt: [cut])
            let options = GraphBuildOptions(breadth: 64)
            let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: parts[0], options: options)), over: parts[0])
            live = makeAccept(capacity: vectors.capacity, share: share, random: &random)
            let merged = try VectorMerge.merge(parts, live: live, control: .unlimited)
            segment = try VectorSegment(MappedFile(copying: merged.bytes))
            seed = GraphSeed(graph, ordinals: merged.ordinals(ofInput: 0))
        }

        func recall(_ graph: VectorGraph, _ random: inout SeededRandom) throws -> Double {
            let indexed = IndexedVectors(segment, graph: graph)
            var found = 0.0
            for number in 0..<60 {
                var query = vectors.rows[number * 97].vector
                for i in query.indices { query[i] += 0.4 * random.normal() }
                let expected = vectors.bruteForce(query, k: 10, accept: live).hits
                let hits = try VectorSearcher([indexed], query: query).topK(10, accept: live, minScore: nil, effort: .breadth(60), control: .unlimited).hits
                found += Double(hits.count { $0.score >= expected.last!.score }) / Double(expected.count)
            }
            return found / 60
        }
    }

    @Test(
        "recall is that of a build at once, whatever share was added or has died",
        arguments: [(share: 1.0, cut: 5000), (1.0, 3000), (1.0, 600), (0.7, 5000), (0.7, 5990), (0.3, 5000)])
    func recall(share: Double, cut: Int) throws {
        var random = SeededRandom(testSeed("SeededGraphTests.recall"))
        let one = try Case(share: share, cut: cut, &random)
        let options = GraphBuildOptions(breadth: 64)
        let seeded = try VectorGraph(MappedFile(copying: VectorGraph.build(over: one.segment, options: options, seed: one.seed)), over: one.segment)
        try seeded.validate()
        let fresh = try VectorGraph(MappedFile(copying: VectorGraph.build(over: one.segment, options: options)), over: one.segment)
        let (found, expected) = (try one.recall(seeded, &random), try one.recall(fresh, &random))
        #expect(found > 0.95 && found > expected - 0.01, "recall \(found), built at once \(expected)")
        // Nothing was lost on the way: every node can be reached from the entries by edges.
        var reached: Set<UInt32> = [0]
        var open: [UInt32] = [0]
        while let next = open.popLast() {
            for neighbour in seeded.neighbours(of: Int(next)) where reached.insert(neighbour).inserted { open.append(neighbour) }
        }
        #expect(Double(reached.count) > 0.999 * Double(seeded.count), "\(reached.count) of \(seeded.count) can be reached")
    }

    @Test("only what is new is inserted, and the bytes do not depend on the number of threads")
    func determinism() throws {
        var random = SeededRandom(testSeed("SeededGraphTests.determinism"))
        let one = try Case(share: 0.8, cut: 5000, &random)
        func build(threads: Int) throws -> ([UInt8], [Int]) {
            var told: [Int] = []
            let bytes = try VectorGraph.build(
                over: one.segment, options: GraphBuildOptions(breadth: 40, threads: threads), seed: one.seed, progress: { told.append($0) })
            return (bytes, told)
        }
        let (bytes, told) = try build(threads: 1)
        #expect(
            told.first == one.seed.keptCount && told.last == one.segment.count,
            "\(told.prefix(3)) … \(told.suffix(1)), \(one.seed.keptCount) of \(one.segment.count)")
        #expect(try build(threads: 3).0 == bytes)
    }

    @Test("a seed whose vectors are all gone, or that is all there is")
    func extremes() throws {
        var random = SeededRandom(testSeed("SeededGraphTests.extremes"))
        let vectors = makeVectors(.mixed, count: 400, dimension: 16, metric: .dot, random: &random)
        let segment = try vectors.segment(0..<400)
        let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment)), over: segment)
        for ordinals in [[UInt32](repeating: GraphSeed.dropped, count: 400), Array(0..<400)] {
            let seed = GraphSeed(graph, ordinals: ordinals)
            let again = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment, seed: seed)), over: segment)
            try again.validate()
            if seed.keptCount > 0 {
                for node in 0..<400 { #expect(again.neighbours(of: node) == graph.neighbours(of: node)) }
            }
        }
    }
}
