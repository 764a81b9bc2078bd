import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// Goal: every vector field is searched by itself, a document scores the best of its vectors in it, and none are lost or counted twice by
/// seals, merges, restarts, crashes and rebuilds.
/// Method: documents with none to four vectors in each of two fields of different shape, against a loop over all of them.
@Suite("Vector fields", .serialized)
struct VectorFieldTests {
    static let schema = CollectionSchema(
        attributes: [.init(name: "size", type: "int64")],
        vectorFields: [.init(name: "a", dimension: 8), .init(name: "b", dimension: 5, metric: "dot")])

    static func made(_ id: String, _ counts: (a: Int, b: Int), _ random: inout SeededGenerator) -> Document {
        Document(
            id: id, texts: [("text", "common word\(random.zipf(50))")], attributes: [("size", [.int64(Int64.random(in: 0..<10, using: &random))])],
            vectors: (0..<counts.a).map { _ in ("a", vector(&random)) } + (0..<counts.b).map { _ in ("b", vector(&random, dimension: 5)) })
    }

    /// Writes versions of `ids` and deletes some; keeps what is current in `documents`.
    static func write(
        _ collection: Collection, _ rounds: Int, into documents: inout [String: Document], _ random: inout SeededGenerator, wait: Acknowledgement = .complete
    ) throws {
        for _ in 0..<rounds {
            var operations: [WriteOperation] = []
            for _ in 0..<100 {
                let id = "d\(Int.random(in: 0..<600, using: &random))"
                if Int.random(in: 0..<10, using: &random) == 0 {
                    operations.append(.delete(id: id))
                    documents[id] = nil
                } else {
                    // Mostly none in b: its segments are small beside a's.
                    let document = made(id, (Int.random(in: 0...4, using: &random), max(0, Int.random(in: -6...3, using: &random))), &random)
                    operations.append(.upsert(document))
                    documents[id] = document
                }
            }
            _ = try collection.write(WriteBatch(operations), acknowledgement: wait)
        }
    }

    static func unit(_ vector: [Float]) -> [Double] {
        let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return vector.map { Double($0) / norm }
    }

    static func scores(_ documents: [String: Document], _ field: CollectionSchema.VectorField, _ query: [Float]) -> [String: Double] {
        func shaped(_ vector: [Float]) -> [Double] { field.metric == "cosine" ? unit(vector) : vector.map(Double.init) }
        let query = shaped(query)
        return documents.compactMapValues { document in
            document.vectors.filter { $0.name == field.name }.map { zip(shaped($0.values), query).reduce(0) { $0 + $1.0 * $1.1 } }.max()
        }
    }

    /// - Parameter filter: documents with a size below.
    func compare(_ collection: Collection, _ documents: [String: Document], _ random: inout SeededGenerator, _ when: Comment) throws {
        for field in Self.schema.vectorFields {
            let query = vector(&random, dimension: field.dimension)
            var request = SearchRequest(text: "", vector: query, mode: .semantic, limit: 10_000)
            request.vectorField = field.name
            let expected = Self.scores(documents, field, query)
            let hits = try collection.search(request).hits
            #expect(Set(hits.map(\.id)) == Set(expected.keys), when)
            #expect(hits.allSatisfy { abs($0.semantic! - expected[$0.id]!) < 1e-5 }, when)
            #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >), when)
            request.filter = .expression("size < 5")
            request.limit = 7
            let best = try collection.search(request).hits
            let accepted = expected.filter { documents[$0.key]!.attributes[0].values[0].isBelow5 }
            #expect(best.count == min(7, accepted.count) && best.allSatisfy { accepted[$0.id] != nil }, when)
            for (hit, score) in zip(best, accepted.values.sorted(by: >)) { #expect(abs(hit.score - score) < 1e-5, when) }
        }
    }

    func counts(_ documents: [String: Document]) -> [Int] {
        Self.schema.vectorFields.map { field in documents.values.reduce(0) { $0 + $1.vectors.count { $0.name == field.name } } }
    }

    @Test("each field's hits are those of a loop over all vectors: in memory, sealed, merged, opened again, rebuilt")
    func likeALoop() throws {
        var random = SeededGenerator("vector fields")
        let bench = try Bench(Self.schema, tinySettings(seal: 32 << 10))
        var documents: [String: Document] = [:]
        for round in 0..<6 {
            try Self.write(bench.collection, 5, into: &documents, &random)
            try compare(bench.collection, documents, &random, "round \(round)")
        }
        try bench.collection.seal()
        try compare(bench.collection, documents, &random, "sealed")
        #expect(try bench.collection.check() == [])
        try bench.collection.merge()
        try compare(bench.collection, documents, &random, "merged")
        let status = bench.collection.status()
        #expect(status.vectorFields.map(\.name) == ["a", "b"] && status.vectorFields.map(\.vectors) == counts(documents))
        #expect(status.vectorFields.map(\.segments) == [1, 1] && status.vectorSegments == 2 && status.vectors == counts(documents).reduce(0, +))
        #expect(status.vectorFields.allSatisfy { $0.bytes > 0 })
        bench.close()
        let engine = try openEngine(bench.folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(collection.status().replayed == 0)
        // Samples of recall come in idle time, and are not kept.
        var before = status.vectorFields
        for field in before.indices { (before[field].recallSamples, before[field].recall, before[field].recallTarget) = (0, nil, nil) }
        #expect(collection.status().vectorFields == before)
        try compare(collection, documents, &random, "opened")
        let number = try collection.rebuild()
        #expect(eventually { collection.status().generation == number && collection.status().vectorApplied == collection.status().lastSequence })
        try compare(collection, documents, &random, "rebuilt")
        #expect(try collection.get(["d1"])[0]?.document == documents["d1"])
        let backup = try TemporaryFolder()
        _ = try engine.backup(to: backup.path + "/copy")
        engine.close(within: .seconds(5))
        _ = try SearchEngine.restore(from: backup.path + "/copy", to: backup.path + "/data")
        let restored = try openEngine(backup.path + "/data", tinySettings())
        try compare(restored.collection("c"), documents, &random, "restored")
        restored.close(within: .seconds(5))
    }

    @Test("a copy of the index files taken at any moment opens with every vector, each once")
    func copiedLive() throws {
        var random = SeededGenerator("vector fields copied")
        let bench = try Bench(Self.schema, tinySettings(seal: 16 << 10, checkpoint: .milliseconds(20)))
        var documents: [String: Document] = [:]
        for round in 0..<8 {
            try Self.write(bench.collection, 6, into: &documents, &random, wait: .logged)
            let copy = try TemporaryFolder()
            let (source, target) = (bench.folder.path + "/collections/c", copy.path + "/data/collections/c")
            try FileSystem.createFolder(target)
            var copied = false
            // The manifest names files that a copy begun before it was written may lack.
            func manifest() throws -> [UInt8] {
                try FileSystem.list(source + "/generations").flatMap { try FileSystem.read(source + "/generations/" + $0 + "/MANIFEST") }
            }
            while !copied {
                try? FileSystem.removeTree(target + "/generations")
                let before = try? manifest()
                copied = (try? copyFolder(source + "/generations", to: target + "/generations")) != nil && before == (try? manifest())
            }
            try copyFolder(source + "/COLLECTION", to: target + "/COLLECTION")
            try bench.collection.checkpointStore(to: target + "/store")
            let log = LogLines()
            let engine = try openEngine(copy.path + "/data", tinySettings(), log: log)
            let collection = try engine.collection("c")
            #expect(collection.status().generation == 1, "\(log.all)")
            // Nobody waits: given vectors are complete when the opening returns.
            #expect(collection.status().vectorApplied == collection.status().lastSequence)
            try compare(collection, documents, &random, "copy \(round)")
            try collection.merge()
            #expect(collection.status().vectorFields.map(\.vectors) == counts(documents), "copy \(round)")
            engine.close(within: .seconds(5))
        }
        bench.close()
    }

    func manifest(_ folder: TemporaryFolder) -> String { folder.path + "/collections/c/generations/1/MANIFEST" }
    func payload(_ path: String, _ kind: String) throws -> String {
        String(decoding: try ManifestFile.read(path, kind: .init(kind, version: 2)).payload, as: UTF8.self)
    }

    // Fields are sealed one by one, so one may be ahead of what the manifest says of all.
    @Test("a replay of vectors leaves fields alone that have them already")
    func heldFields() throws {
        var random = SeededGenerator("held")
        let settings = tinySettings(seal: 8 << 20, checkpoint: .seconds(1000))
        let bench = try Bench(Self.schema, settings)
        var documents: [String: Document] = [:]
        for _ in 0..<3 {
            try Self.write(bench.collection, 3, into: &documents, &random)
            try bench.collection.seal()
        }
        bench.close()
        let path = manifest(bench.folder)
        let text = try payload(path, "TGEN")
        let behind = text.replacing(try Regex(#""vectorApplied":\d+"#), with: "\"vectorApplied\":100")
        #expect(behind != text)
        try ManifestFile.write(path, kind: .init("TGEN", version: 2), payload: Array(behind.utf8))
        let engine = try openEngine(bench.folder.path, settings)
        let collection = try engine.collection("c")
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        try compare(collection, documents, &random, "held")
        try Self.write(collection, 3, into: &documents, &random)
        try collection.merge()
        #expect(collection.status().vectorFields.map(\.vectors) == counts(documents))
        try compare(collection, documents, &random, "more")
        engine.close(within: .seconds(5))
    }

    @Test("manifests of version 1, which name no field, are taken as they are; the next ones name it")
    func oldManifests() throws {
        var random = SeededGenerator("old manifests")
        let bench = try Bench(vectorSchema, tinySettings())
        _ = try bench.collection.write(
            WriteBatch((0..<300).map { .upsert(document("d\($0)", "common", vector: vector(&random))) }), acknowledgement: .complete)
        let request = SearchRequest(text: "common", vector: vector(&random), limit: 300)
        let answer = Outline(try bench.collection.search(request))
        bench.close()
        let (index, collectionFile) = (manifest(bench.folder), bench.folder.path + "/collections/c/COLLECTION")
        let text = try payload(index, "TGEN")
        #expect(text.contains(#""field":"v","#))
        try ManifestFile.write(index, kind: .init("TGEN", version: 1), payload: Array(text.replacing(#""field":"v","#, with: "").utf8))
        try ManifestFile.write(collectionFile, kind: .init("TCOL", version: 1), payload: Array(payload(collectionFile, "TCOL").utf8))
        let engine = try openEngine(bench.folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(collection.status().generation == 1 && collection.status().replayed == 0)
        #expect(collection.status().vectorFields.map(\.vectors) == [300])
        #expect(Outline(try collection.search(request)) == answer)
        #expect(try collection.check() == [])
        try collection.seal()
        #expect(try payload(index, "TGEN").contains(#""field":"v","#) && ManifestFile.read(index, kind: .init("TGEN", version: 2)).version == 2)
        engine.close(within: .seconds(5))
    }

    @Test("a manifest that names a field which the schema lacks is damaged: the indexes are built anew")
    func strangeField() throws {
        var random = SeededGenerator("strange field")
        let bench = try Bench(Self.schema, tinySettings())
        var documents: [String: Document] = [:]
        try Self.write(bench.collection, 2, into: &documents, &random)
        bench.close()
        let path = manifest(bench.folder)
        let text = try payload(path, "TGEN")
        try ManifestFile.write(path, kind: .init("TGEN", version: 2), payload: Array(text.replacing(#""field":"b""#, with: #""field":"z""#).utf8))
        let log = LogLines()
        let engine = try openEngine(bench.folder.path, tinySettings(), log: log)
        let collection = try engine.collection("c")
        #expect(log.contains("vector field 'z', which the schema lacks") && collection.status().generation == 2)
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        try compare(collection, documents, &random, "built anew")
        engine.close(within: .seconds(5))
    }

    @Test("documents with vectors that no field takes, or too many of them, are refused by the field's name")
    func refusedDocuments() throws {
        let bench = try Bench(Self.schema)
        defer { bench.close() }
        func write(_ vectors: [(name: String, values: [Float])]) throws {
            _ = try bench.collection.write(WriteBatch([.upsert(Document(id: "x", vectors: vectors))]), acknowledgement: .complete)
        }
        expectError(.invalidArgument, naming: "vector field 'c' is not in the schema; it has 'a', 'b'") { try write([("c", [1])]) }
        expectError(.invalidArgument, naming: "vector field 'b': the vector has 8 components, expected 5") {
            try write([("a", [1, 0, 0, 0, 0, 0, 0, 0]), ("b", [1, 0, 0, 0, 0, 0, 0, 0])])
        }
        let many = [(name: String, values: [Float])](repeating: ("b", [1, 0, 0, 0, 0]), count: 1025)
        expectError(.invalidArgument, naming: "vector field 'b': 1025 vectors; a document has at most 1024 in a field") { try write(many) }
        try write(Array(many.dropLast()))
        #expect(bench.collection.status().vectorFields.map(\.vectors) == [0, 1024])
    }

    @Test("searches that name no field mean the first; unknown ones and vectors of another length are refused by name")
    func searches() throws {
        let bench = try Bench(Self.schema)
        defer { bench.close() }
        let a: [Float] = [1, 0, 0, 0, 0, 0, 0, 0]
        let documents = [
            Document(id: "both", texts: [("text", "apples")], vectors: [("a", a), ("b", [0, 0, 0, 0, 2]), ("b", [3, 0, 0, 0, 0])]),
            Document(id: "first", texts: [("text", "apples and pears")], vectors: [("a", [1, 1, 0, 0, 0, 0, 0, 0])]),
            Document(id: "second", texts: [("text", "pears")], vectors: [("b", [1, 0, 0, 0, 0])]),
        ]
        _ = try bench.collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .complete)
        var request = SearchRequest(text: "apples", vector: a, mode: .semantic)
        #expect(try bench.collection.search(request).hits.map(\.id) == ["both", "first"])
        request.vectorField = "a"
        #expect(try bench.collection.search(request).hits.map(\.id) == ["both", "first"])
        request.vectorField = "b"
        expectError(.invalidArgument, naming: "vector field 'b': the vector has 8 components, expected 5") { _ = try bench.collection.search(request) }
        request.vector = [1, 0, 0, 0, 0]
        #expect(try bench.collection.search(request).hits.map { $0.semantic } == [3, 1])
        request.mode = .hybrid
        let hits = try bench.collection.search(request).hits
        // One without a vector in b has the semantic leg's floor, as has the one of the least score there.
        #expect(hits.map(\.id) == ["both", "first", "second"])
        #expect(hits.map(\.hasVector) == [true, false, true] && hits.map { $0.lexical != nil } == [true, true, false])
        request.vectorField = "c"
        for mode in SearchRequest.Mode.allCases {
            request.mode = mode
            expectError(.invalidArgument, naming: "vector field 'c' is not in the schema; it has 'a', 'b'") { _ = try bench.collection.search(request) }
        }
        // Alike by the mean of both vectors in b, (1.5, 0, 0, 0, 1).
        request = SearchRequest(text: "", mode: .semantic)
        (request.like, request.vectorField) = ("both", "b")
        #expect(try bench.collection.search(request).hits.map { $0.semantic } == [1.5])
        request.like = "first"
        expectError(.failedPrecondition, naming: "document 'first' has no vector") { _ = try bench.collection.search(request) }
        request.mode = .hybrid
        let byWords = try bench.collection.search(request)
        #expect(byWords.mode == .lexical && byWords.degraded.first?.reason.contains("no vector in field 'b'") == true)
        // Without a model no text can be compared with any field's vectors; another field than the first is a mistake, which fusion would hide.
        request = SearchRequest(text: "word")
        request.vectorField = "b"
        expectError(.invalidArgument, naming: "vector field 'b' is not the model's: searching it takes a vector of 5 numbers") {
            _ = try bench.collection.search(request)
        }
    }
}

extension FieldValue {
    fileprivate var isBelow5: Bool { if case .int64(let value) = self { value < 5 } else { false } }
}
