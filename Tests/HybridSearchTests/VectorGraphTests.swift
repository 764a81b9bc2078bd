import Foundation
import HybridSearch
import SearchCore
import Testing

/// Goal: a collection large enough for graphs is searched through them, finds what a loop over all vectors finds but for what
/// was asked to be left to chance, and never fails or loses anything because of a graph.
/// Method: clustered vectors; small limits, so that graphs are built at once.
@Suite("Graphs over vectors", .serialized)
struct VectorGraphTests {
    static let schema = CollectionSchema(
        attributes: [.init(name: "size", type: "int64")], vectorFields: [.init(name: "v", dimension: 16)])
    static let count = 6000
    /// So many that a mean of theirs which misses a bound by chance is rare: with twenty it was one in some tens of runs.
    static let queries = 60

    private func settings() -> GenerationSettings {
        // Nothing is sealed before the test says so: then it is one segment, however slow the machine is.
        var settings = tinySettings(seal: 16 << 20, checkpoint: .seconds(60))
        settings.graphWorth = GraphWorth(alone: 1000, beside: 1000)
        settings.vectorSealCount = .max
        return settings
    }

    /// Few segments have a graph, and none that has one is merged.
    private func benchOfFewGraphs(beside: Int) throws -> Bench {
        var settings = settings()
        settings.graphWorth = GraphWorth(alone: 1000, beside: beside)
        settings.vectorMergeDelay = .seconds(3600)
        return try Bench(Self.schema, settings)
    }

    private func made(_ id: Int, _ random: inout SeededGenerator) -> Document {
        let centre = (0..<16).map { Float((id % 40 * 31 + $0 * 17) % 13) - 6 }
        let values = centre.map { $0 + Float.random(in: -4...4, using: &random) }
        return Document(
            id: "d\(id)", texts: [("text", "word\(id % 10)")], attributes: [("size", [.int64(Int64(id % 100))])], vectors: [("v", values)])
    }

    private func fill(_ collection: Collection, _ ids: Range<Int>, into documents: inout [String: Document], _ random: inout SeededGenerator) throws {
        for start in stride(from: ids.lowerBound, to: ids.upperBound, by: 500) {
            let batch = (start..<min(start + 500, ids.upperBound)).map { made($0, &random) }
            for document in batch { documents[document.id] = document }
            _ = try collection.write(WriteBatch(batch.map { .upsert($0) }), acknowledgement: .complete)
        }
    }

    private func request(_ vector: [Float], _ effort: SearchRequest.SemanticEffort = .effort(0.5), filter: String? = nil) -> SearchRequest {
        var request = SearchRequest(text: "", vector: vector, mode: .semantic, limit: 10)
        request.semanticEffort = effort
        request.filter = filter.map { .expression($0) }
        return request
    }

    /// Mean recall of the effort's answers against a loop over `documents`; exact answers must equal it.
    private func recall(
        _ collection: Collection, _ documents: [String: Document], _ random: inout SeededGenerator, filter: String? = nil,
        accepts: (Document) -> Bool = { _ in true }
    ) throws -> (recall: Double, graphs: Int) {
        var found = 0
        var expectedCount = 0
        var graphs = 0
        for _ in 0..<Self.queries {
            let query = made(Int.random(in: 0..<Self.count, using: &random), &random).vectors[0].values
            let scores = VectorFieldTests.scores(documents.filter { accepts($0.value) }, Self.schema.vectorFields[0], query)
            let best = scores.values.sorted(by: >).prefix(10)
            let exact = try collection.search(request(query, .exact, filter: filter))
            #expect(exact.semantic?.isExact == true && exact.semantic?.graphSegments == 0 && !exact.isApproximate)
            #expect(exact.hits.count == best.count)
            for (hit, score) in zip(exact.hits, best) { #expect(abs(hit.score - score) < 1e-5) }
            let answer = try collection.search(request(query, filter: filter))
            #expect(answer.isApproximate == (answer.semantic!.graphSegments > 0 || answer.semantic!.estimated > 0))
            #expect(answer.hits.allSatisfy { abs($0.score - (scores[$0.id] ?? 9)) < 1e-5 })
            graphs += answer.semantic!.graphSegments
            expectedCount += best.count
            found += answer.hits.count { $0.score >= best.last! - 1e-6 }
        }
        return (Double(found) / Double(expectedCount), graphs)
    }

    private func waitForGraphs(_ collection: Collection) -> Bool {
        eventually(.seconds(60)) {
            let field = collection.status().vectorFields[0]
            return field.graphs > 0 && field.vectorsInGraphs * 10 > field.vectors * 8
        }
    }

    @Test("graphs come by themselves, survive deletes, replacements, merges and a restart; recall is estimated", arguments: ["binary", "int4"])
    func life(quantization: String) throws {
        var random = SeededGenerator("graphs")
        var schema = Self.schema
        schema.vectorFields[0].quantization = quantization
        let bench = try Bench(schema, settings())
        var documents: [String: Document] = [:]
        try fill(bench.collection, 0..<Self.count, into: &documents, &random)
        try bench.collection.seal()
        #expect(waitForGraphs(bench.collection))
        var seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.95 && seen.graphs > 0, "filled: \(seen)")
        let status = bench.collection.status().vectorFields[0]
        #expect(status.graphBytes > 0 && status.mappedRowBytes > 0 && status.graphsBuilt > 0 && status.vectorsInGraphsBuilt >= status.vectorsInGraphs)

        // A third goes, a third is replaced.
        for start in stride(from: 0, to: Self.count / 3, by: 500) {
            let gone = (start..<min(start + 500, Self.count / 3)).map { "d\($0)" }
            for id in gone { documents[id] = nil }
            _ = try bench.collection.write(WriteBatch(gone.map { .delete(id: $0) }), acknowledgement: .complete)
        }
        seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.94, "a third deleted: \(seen)")
        try fill(bench.collection, Self.count / 3..<2 * Self.count / 3, into: &documents, &random)
        seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.94, "a third replaced: \(seen)")
        seen = try recall(bench.collection, documents, &random, filter: "size < 50") { $0.attributes[0].values[0] < 50 }
        #expect(seen.recall > 0.94, "half filtered: \(seen)")
        seen = try recall(bench.collection, documents, &random, filter: "size = 7") { $0.attributes[0].values[0] == 7 }
        #expect(seen.recall == 1, "a hundredth left: \(seen)")

        // What was searched through graphs is run again now and then.
        #expect(
            try eventually(.seconds(30)) {
                _ = try recall(bench.collection, documents, &random)
                return bench.collection.status().vectorFields[0].recallSamples > 2
            })
        #expect(bench.collection.status().vectorFields[0].recall! > 0.85)

        try bench.collection.merge()
        let merged = bench.collection.status().vectorFields[0]
        #expect(merged.graphs == 1 && merged.segments == 1 && merged.vectors == documents.count && merged.vectorsInGraphs == documents.count)
        seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.95 && seen.graphs == Self.queries, "merged: \(seen)")
        #expect(try bench.collection.check() == [])
        bench.close()

        let engine = try openEngine(bench.folder.path, settings())
        let collection = try engine.collection("c")
        seen = try recall(collection, documents, &random)
        #expect(seen.recall > 0.95 && seen.graphs == Self.queries, "opened: \(seen)")
        #expect(collection.status().vectorFields[0].graphsBuilt == 0)

        // The next generation does not serve before it has graphs, which may be of the other kind.
        let before = collection.status().vectorFields[0].graphBytes
        let number = try collection.rebuild(.init(analyzer: { $0.vectorFields[0].quantization = quantization == "int4" ? "binary" : "int4" }))
        #expect(eventually(.seconds(60)) { collection.status().generation == number })
        seen = try recall(collection, documents, &random)
        #expect(seen.recall > 0.95 && seen.graphs >= 20, "rebuilt: \(seen)")
        let after = collection.status().vectorFields[0].graphBytes
        #expect(quantization == "int4" ? after * 2 > before * 3 : after * 3 < before * 2, "\(before) bytes of graphs before, \(after) after")
        engine.close(within: .seconds(5))
    }

    @Test("a graph file that is damaged, cut or gone costs nothing but a new one", arguments: ["cut", "gone", "nodes", "header"])
    func damaged(how: String) throws {
        var random = SeededGenerator("damaged graphs")
        let bench = try Bench(Self.schema, settings())
        var documents: [String: Document] = [:]
        try fill(bench.collection, 0..<Self.count, into: &documents, &random)
        try bench.collection.merge()
        #expect(bench.collection.status().vectorFields[0].graphs == 1)
        bench.close()
        let root = bench.folder.path + "/collections/c/generations"
        let folder = root + "/" + (try FileSystem.list(root)[0])
        let name = try #require(try FileSystem.list(folder).first { $0.hasSuffix(".graph") })
        let path = folder + "/" + name
        switch how {
        case "gone": try FileSystem.remove(path)
        case "cut": try Data(FileSystem.read(path).dropLast(100)).write(to: URL(fileURLWithPath: path))
        case "header": try flipByte(of: path) { _ in 66 }
        default:
            var bytes = try FileSystem.read(path)
            // All neighbours' numbers: whoever follows one leaves the graph.
            for at in stride(from: bytes.count / 4, to: bytes.count * 3 / 4, by: 3) { bytes[at] = 0xFF }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        let engine = try openEngine(bench.folder.path, settings())
        let collection = try engine.collection("c")
        #expect(collection.status().generation == 1)
        // Nodes are not read on opening; a search, a check, or the copying into memory notices.
        let seen = try recall(collection, documents, &random)
        #expect(seen.recall > 0.95)
        #expect(
            try eventually(.seconds(60)) {
                _ = try recall(collection, documents, &random)
                return collection.status().vectorFields[0].graphsBuilt == 1
            })
        #expect(try collection.check() == [])
        #expect(try !FileSystem.list(folder).contains(name))
        engine.close(within: .seconds(5))
    }

    @Test("a check reads a graph's file although searches use a copy, and another one is built")
    func checkedBehindTheCopy() throws {
        var random = SeededGenerator("checked graphs")
        let bench = try Bench(Self.schema, settings())
        var documents: [String: Document] = [:]
        try fill(bench.collection, 0..<Self.count, into: &documents, &random)
        try bench.collection.merge()
        #expect(try bench.collection.check() == [])
        let folder = bench.folder.path + "/collections/c/generations/1"
        let name = try #require(try FileSystem.list(folder).first { $0.hasSuffix(".graph") })
        // In place, as a disk does it: what is mapped changes, too.
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/" + name))
        try handle.seek(toOffset: 200_000)
        try handle.write(contentsOf: Data([1, 2, 3, 4, 5, 6, 7, 8, 9]))
        try handle.close()
        let problems = try bench.collection.check()
        #expect(problems.count == 1 && problems[0].contains(name), "\(problems)")
        #expect(eventually(.seconds(30)) { (try? bench.collection.check()) == [] })
        let seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.95)
        bench.close()
    }

    @Test("vectors are sealed once they are so many, and have graphs, before a minute or 16 MB asks for it")
    func sealedByNumber() throws {
        var random = SeededGenerator("sealed by number")
        var settings = settings()
        settings.vectorSealCount = 2000
        // Nothing is quiet enough for a merge of segments that have graphs.
        settings.vectorMergeDelay = .seconds(3600)
        let bench = try Bench(Self.schema, settings)
        var documents: [String: Document] = [:]
        try fill(bench.collection, 0..<Self.count, into: &documents, &random)
        #expect(
            eventually(.seconds(30)) { bench.collection.status().vectorFields[0].vectorsInGraphs >= Self.count / 2 },
            "\(bench.collection.status().vectorFields[0])")
        let seen = try recall(bench.collection, documents, &random)
        #expect(seen.recall > 0.95 && seen.graphs > 0)
        bench.close()
    }

    @Test("beside a graph a segment is scanned until it is worth one of its own, and nothing is missed")
    func scannedBeside() throws {
        var random = SeededGenerator("scanned beside")
        let bench = try benchOfFewGraphs(beside: 3500)
        var documents: [String: Document] = [:]
        func fields() -> (graphs: Int, inGraphs: Int) {
            let field = bench.collection.status().vectorFields[0]
            return (field.graphs, field.vectorsInGraphs)
        }
        for (ids, inGraphs) in [(0..<1500, 1500), (1500..<4500, 1500), (4500..<Self.count, 6000)] {
            try fill(bench.collection, ids, into: &documents, &random)
            try bench.collection.seal()
            #expect(eventually(.seconds(60)) { fields().inGraphs == inGraphs }, "\(fields())")
            let seen = try recall(bench.collection, documents, &random)
            #expect(seen.recall > 0.95 && seen.graphs > 0, "\(seen)")
        }
        // The second and the third together: 4,500 are worth a graph.
        #expect(fields().graphs == 2)
        bench.close()
    }

    @Test("a segment that is rewritten for its dead goes on from its graph, although one that is scanned follows")
    func rewrittenBeside() throws {
        var random = SeededGenerator("rewritten beside")
        let bench = try benchOfFewGraphs(beside: 5000)
        var documents: [String: Document] = [:]
        for ids in [0..<3000, 3000..<4500] {
            try fill(bench.collection, ids, into: &documents, &random)
            try bench.collection.seal()
            #expect(eventually(.seconds(60)) { bench.collection.status().vectorFields[0].vectorsInGraphs == 3000 })
        }
        let built = bench.collection.status().vectorFields[0].vectorsInGraphsBuilt
        let gone = (0..<1200).map { "d\($0)" }
        for id in gone { documents[id] = nil }
        _ = try bench.collection.write(WriteBatch(gone.map { .delete(id: $0) }), acknowledgement: .complete)
        #expect(eventually(.seconds(60)) { bench.collection.status().vectorFields[0].vectorsInGraphs == 1800 }, "\(bench.collection.status().vectorFields[0])")
        #expect(bench.collection.status().vectorFields[0].vectorsInGraphsBuilt == built, "nothing was inserted again")
        #expect(try recall(bench.collection, documents, &random).recall > 0.95)
        bench.close()
    }

    @Test("effort out of range is refused")
    func ranges() throws {
        let bench = try Bench(Self.schema, settings())
        for effort in [SearchRequest.SemanticEffort.effort(1.1), .effort(-0.1), .effort(.nan), .recall(1), .recall(-0.5), .recall(.nan)] {
            #expect(throws: TandemError.self) { try bench.collection.search(request([Float](repeating: 1, count: 16), effort)) }
        }
        bench.close()
    }

    @Test("closing while a graph is built takes no time")
    func closing() throws {
        var random = SeededGenerator("closing graphs")
        let bench = try Bench(Self.schema, settings())
        var documents: [String: Document] = [:]
        try fill(bench.collection, 0..<Self.count, into: &documents, &random)
        try bench.collection.seal()
        let began = ContinuousClock.now
        bench.close()
        #expect(began.duration(to: .now) < .seconds(5))
        let engine = try openEngine(bench.folder.path, settings())
        let collection = try engine.collection("c")
        #expect(waitForGraphs(collection))
        #expect(try recall(collection, documents, &random).recall > 0.95)
        engine.close(within: .seconds(5))
    }
}

extension FieldValue {
    fileprivate static func < (value: FieldValue, bound: Int64) -> Bool { if case .int64(let number) = value { number < bound } else { false } }
    fileprivate static func == (value: FieldValue, bound: Int64) -> Bool { if case .int64(let number) = value { number == bound } else { false } }
}
