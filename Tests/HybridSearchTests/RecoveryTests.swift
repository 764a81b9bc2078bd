import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// Goal: an opening finds everything acknowledged, once, whatever moment the process ended.
/// Method: copies of a live folder stand for power cuts; a child process is killed with SIGKILL.
@Suite("Recovery", .serialized)
struct RecoveryTests {
    func fill(_ collection: Collection, _ range: Range<Int>, _ random: inout SeededGenerator, wait: Acknowledgement = .logged) throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 50) {
            let batch = (start..<min(start + 50, range.upperBound)).map { i in
                // Every third updates an earlier one.
                WriteOperation.upsert(document("d\(i % 3 == 2 ? i / 3 : i)", "common \(words(10, of: 50, &random))", vector: vector(&random)))
            }
            _ = try collection.write(WriteBatch(batch), acknowledgement: wait)
        }
    }

    /// Every document that the store has is found once by each leg, and nothing else is.
    func expectWhole(_ collection: Collection, _ when: Comment) throws {
        let status = collection.status()
        let all = try collection.search(lexical("common", limit: 10_000))
        #expect(all.hits.count == status.documents, when)
        #expect(Set(all.hits.map(\.id)).count == all.hits.count, when)
        for hit in all.hits { #expect(try collection.get([hit.id])[0]?.version == hit.version, when) }
        let near = try collection.search(SearchRequest(text: "", vector: [1, 0, 0, 0, 0, 0, 0, 0], mode: .semantic, limit: 10_000))
        #expect(near.hits.map(\.id).sorted() == all.hits.map(\.id).sorted(), when)
    }

    @Test("after a clean close nothing is replayed")
    func cleanClose() throws {
        var random = SeededGenerator()
        let bench = try Bench(vectorSchema, tinySettings(seal: 16 << 10))
        try fill(bench.collection, 0..<2000, &random)
        _ = try bench.collection.write(WriteBatch([.delete(id: "d0")]), acknowledgement: .complete)
        let before = try bench.collection.search(lexical("common word1 word2", limit: 1000))
        bench.close()
        let engine = try openEngine(bench.folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(collection.status().replayed == 0)
        #expect(collection.status().checkpoint == collection.status().lastSequence)
        #expect(try Outline(collection.search(lexical("common word1 word2", limit: 1000))) == Outline(before))
        try expectWhole(collection, "clean")
        engine.close(within: .seconds(5))
    }

    @Test("a copy taken at any moment of an import opens whole, and replays what the checkpoint lacks")
    func copiedLive() throws {
        var random = SeededGenerator()
        let bench = try Bench(vectorSchema, tinySettings(seal: 16 << 10, checkpoint: .milliseconds(20)))
        var replayed = 0
        for round in 0..<6 {
            try fill(bench.collection, (round * 400)..<(round * 400 + 400), &random)
            let acknowledged = bench.collection.status().lastSequence
            // RocksDB's own files change while they are copied, so the store comes from a checkpoint of it; the index files
            // are copied as they are, mid-merge.
            let copy = try TemporaryFolder()
            let path = copy.path + "/data"
            try FileSystem.createFolder(path + "/collections/c")
            let source = bench.folder.path + "/collections/c"
            var copied = false
            while !copied {
                try? FileSystem.removeTree(path + "/collections/c/generations")
                // A merge may remove a file between listing and copying; a power cut sees one moment.
                copied = (try? copyFolder(source + "/generations", to: path + "/collections/c/generations")) != nil
            }
            try copyFolder(source + "/COLLECTION", to: path + "/collections/c/COLLECTION")
            try bench.collection.checkpointStore(to: path + "/collections/c/store")
            let log = LogLines()
            let engine = try openEngine(path, tinySettings(), log: log)
            let collection = try engine.collection("c")
            #expect(collection.status().lastSequence >= acknowledged)
            replayed += collection.status().replayed
            try waitForVectors(collection)
            try expectWhole(collection, "copy \(round)")
            engine.close(within: .seconds(5))
        }
        print("replayed \(replayed) operations in six openings")
        #expect(replayed > 0)
        bench.close()
    }

    /// What a kill at this moment would leave, while nobody writes.
    func copyLive(_ folder: String, _ collection: Collection) throws -> TemporaryFolder {
        let copy = try TemporaryFolder()
        let (source, target) = (folder + "/collections/c", copy.path + "/collections/c")
        try FileSystem.createFolder(target)
        try copyFolder(source + "/generations", to: target + "/generations")
        try copyFolder(source + "/COLLECTION", to: target + "/COLLECTION")
        try collection.checkpointStore(to: target + "/store")
        return copy
    }

    // A seal by size or time is far away in these settings, as it is for a small collection in the first minute.
    @Test("indexes that were built anew, at a start or by a rebuild, are on disk when they serve: a kill right behind has nothing done again")
    func builtAnewOnce() throws {
        var random = SeededGenerator("built anew")
        let settings = tinySettings(seal: 32 << 20, checkpoint: .seconds(1000))
        let bench = try Bench(vectorSchema, settings)
        try fill(bench.collection, 0..<1000, &random, wait: .complete)
        bench.close()
        let generation = bench.folder.path + "/collections/c/generations/1"
        try flipByte(of: generation + "/" + #require(FileSystem.list(generation).first { $0.hasSuffix("lex") }))

        var engine = try openEngine(bench.folder.path, settings)
        var collection = try engine.collection("c")
        #expect(collection.status().replayed == 1000 && collection.status().generation == 2)
        for generation in 2...3 as ClosedRange<UInt64> {
            try waitForVectors(collection)
            let copy = try copyLive(bench.folder.path, collection)
            let after = try openEngine(copy.path, settings)
            let status = try after.collection("c").status()
            #expect(status.replayed == 0 && status.generation == generation && status.documents == collection.status().documents)
            try waitForVectors(after.collection("c"))
            try expectWhole(after.collection("c"), "a kill behind the build of generation \(generation)")
            after.close(within: .seconds(5))
            if generation == 2 {
                try collection.rebuild()
                #expect(eventually { collection.status().building == nil && collection.status().generation == 3 })
                // The old generation's folder goes behind the flip.
                #expect(try eventually { try FileSystem.list(bench.folder.path + "/collections/c/generations") == ["3"] })
            }
        }
        engine.close(within: .seconds(5))
        engine = try openEngine(bench.folder.path, settings)
        collection = try engine.collection("c")
        #expect(collection.status().replayed == 0)
        engine.close(within: .seconds(5))
    }

    @Test("what a check had copied when the process died is gone after the next opening")
    func remainsOfCheck() throws {
        let bench = try Bench(vectorSchema, tinySettings())
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "common", vector: [1, 0, 0, 0, 0, 0, 0, 0]))]))
        bench.close()
        let remains = bench.folder.path + "/collections/c/check-1"
        try FileSystem.createFolder(remains)
        try FileSystem.writeAtomically(remains + "/000001.sst", [1, 2, 3])
        let engine = try openEngine(bench.folder.path, tinySettings())
        #expect(!FileSystem.exists(remains))
        #expect(try engine.collection("c").status().documents == 1)
        engine.close(within: .seconds(5))
    }

    func waitForVectors(_ collection: Collection) throws {
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
    }

    @Test("an engine killed with SIGKILL comes back with every acknowledged write, searched as a fresh one's", arguments: 0..<3)
    func killed(round: Int) async throws {
        let folder = try TemporaryFolder()
        let path = folder.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
            var random = SeededGenerator()
            let engine = try openEngine(path + "/data", tinySettings(seal: 16 << 10, checkpoint: .milliseconds(30)))
            let collection = try engine.create(name: "c", schema: vectorSchema, model: .none, reranker: .none)
            var acknowledged = ""
            for i in 0..<(40 + 37 * round) {
                let batch = (0..<25).map { j in
                    WriteOperation.upsert(document("d\((i * 25 + j) * 7 % 600)", "common \(words(8, of: 50, &random))", vector: vector(&random)))
                }
                let outcome = try collection.write(WriteBatch(batch + [.delete(id: "d\(i)")]))
                acknowledged = "\(outcome.lastSequence)"
            }
            try Data(acknowledged.utf8).write(to: URL(fileURLWithPath: path + "/acknowledged"))
            kill(getpid(), SIGKILL)
        }
        let acknowledged = UInt64(String(decoding: try FileSystem.read(path + "/acknowledged"), as: UTF8.self))!
        let log = LogLines()
        let engine = try openEngine(path + "/data", tinySettings(), log: log)
        let collection = try engine.collection("c")
        #expect(collection.status().lastSequence.rawValue == acknowledged)
        if collection.status().replayed > 0 { #expect(log.contains("replayed the log")) }
        try waitForVectors(collection)
        try expectWhole(collection, "killed")

        // A rebuild reads the same log from its start: the dead counts of the replay must agree with it.
        let before = try Outline(collection.search(lexical("word1 word2 word3", limit: 1000)))
        try collection.rebuild()
        #expect(eventually { collection.status().building == nil })
        #expect(try Outline(collection.search(lexical("word1 word2 word3", limit: 1000))) == before)
        engine.close(within: .seconds(5))
    }

    @Test("what an interrupted step leaves behind is removed, with and without a manifest")
    func leftovers() throws {
        let bench = try Bench()
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "common"))]), acknowledgement: .searchable)
        bench.close()
        let generation = bench.folder.path + "/collections/c/generations/1"
        try FileSystem.writeAtomically(generation + "/00000099.lex", [1, 2, 3])
        try FileSystem.writeAtomically(generation + "/00000001.live.tmp", [1])
        try FileSystem.createFolder(bench.folder.path + "/collections/c/generations/2")
        try FileSystem.createFolder(bench.folder.path + "/collections/.dropped-x/store")
        try FileSystem.createFolder(bench.folder.path + "/collections/early/generations")
        let engine = try openEngine(bench.folder.path)
        #expect(try engine.collection("c").search(lexical("common")).hits.count == 1)
        let names = try FileSystem.list(generation)
        #expect(!names.contains("00000099.lex") && !names.contains { $0.hasSuffix(".tmp") })
        #expect(try FileSystem.list(bench.folder.path + "/collections/c/generations") == ["1"])
        #expect(try FileSystem.list(bench.folder.path + "/collections") == ["c"])
        engine.close(within: .seconds(5))
    }

    @Test("a second engine on one folder is refused, and a file that is no collection is left alone")
    func foreign() throws {
        let bench = try Bench()
        expectError(.failedPrecondition, naming: bench.folder.path) { _ = try openEngine(bench.folder.path) }
        bench.close()
        try FileSystem.writeAtomically(bench.folder.path + "/collections/notes.txt", [1])
        try FileSystem.createFolder(bench.folder.path + "/collections/lost+found")
        let log = LogLines()
        let engine = try openEngine(bench.folder.path, log: log)
        #expect(engine.all.map(\.name) == ["c"])
        #expect(FileSystem.exists(bench.folder.path + "/collections/notes.txt"))
        #expect(log.contains("not a collection"))
        engine.close(within: .seconds(5))
    }

    @Test("dropping and creating again under one name leaves nothing of the first")
    func dropAndCreate() throws {
        let bench = try Bench()
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "common"))]), acknowledgement: .searchable)
        try bench.engine.drop("c")
        expectError(.notFound, naming: "'c'") { _ = try bench.engine.collection("c") }
        #expect(try FileSystem.list(bench.folder.path + "/collections") == [])
        let again = try bench.engine.create(name: "c", schema: textSchema, model: .none, reranker: .none)
        expectError(.alreadyExists, naming: "'c'") { _ = try bench.engine.create(name: "c", schema: textSchema, model: .none, reranker: .none) }
        #expect(try again.search(lexical("common")).hits.isEmpty)
        for bad in ["", ".c", "a/b", String(repeating: "x", count: 129)] {
            expectError(.invalidArgument, naming: "collection name") {
                _ = try bench.engine.create(name: bad, schema: textSchema, model: .none, reranker: .none)
            }
        }
        bench.close()
    }
}
