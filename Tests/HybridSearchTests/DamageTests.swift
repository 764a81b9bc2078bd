import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// A byte of any index file may rot: it is named, and the indexes come back from the store.
@Suite("Damaged files")
struct DamageTests {
    static let kinds = ["lex", "col", "vec", "live", "MANIFEST"]

    /// A closed collection with every kind of file, and what it answered.
    func prepare() throws -> (folder: TemporaryFolder, answer: Outline) {
        var random = SeededGenerator("damage")
        let bench = try Bench(vectorSchema, tinySettings(seal: 32 << 10))
        for round in 0..<8 {
            _ = try bench.collection.write(
                WriteBatch(
                    (0..<100).map { .upsert(document("d\((round * 60 + $0) % 400)", words(20, of: 80, &random), size: Int64($0), vector: vector(&random))) }),
                acknowledgement: .complete)
        }
        _ = try bench.collection.write(WriteBatch((0..<30).map { .delete(id: "d\($0)") }), acknowledgement: .complete)
        try bench.collection.seal()
        let answer = try Self.ask(bench.collection)
        bench.close()
        return (bench.folder, answer)
    }

    static func ask(_ collection: Collection) throws -> Outline {
        var request = SearchRequest(text: "word1 word2 word3", vector: [1, 1, 0, 0, 0, 0, 0, 1], limit: 500, depth: 500)
        request.filter = .expression("size >= 3")
        return Outline(try collection.search(request))
    }

    func file(_ kind: String, _ folder: TemporaryFolder) throws -> String {
        let generation = folder.path + "/collections/c/generations/1"
        return generation + "/" + (try #require(FileSystem.list(generation).first { $0.hasSuffix(kind) }))
    }

    func expectRebuilt(_ folder: TemporaryFolder, _ answer: Outline, naming name: String) throws {
        let log = LogLines()
        let engine = try openEngine(folder.path, tinySettings(), log: log)
        let collection = try engine.collection("c")
        #expect(log.all.contains { $0.hasPrefix("error") && $0.contains(name) }, "\(log.all)")
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        #expect(try Self.ask(collection) == answer)
        #expect(collection.status().generation == 2)
        #expect(try collection.check() == [])
        engine.close(within: .seconds(5))
        // It stays so: the next opening finds whole files and replays nothing.
        let again = try openEngine(folder.path, tinySettings())
        #expect(try again.collection("c").status().replayed == 0)
        #expect(try Self.ask(again.collection("c")) == answer)
        again.close(within: .seconds(5))
    }

    @Test("a flipped byte is named and the indexes are rebuilt from the store", arguments: kinds)
    func flipped(kind: String) throws {
        let (folder, answer) = try prepare()
        let path = try file(kind, folder)
        try flipByte(of: path)
        try expectRebuilt(folder, answer, naming: path)
    }

    @Test("a flipped byte in a file of vectors that was not read on opening is noticed soon after, and the indexes are rebuilt")
    func flippedBehindTheOpening() throws {
        let (folder, answer) = try prepare()
        let path = try file("vec", folder)
        // Rows are the last section, and most of the file.
        var bytes = try FileSystem.read(path)
        bytes[bytes.count * 3 / 4] ^= 4
        try FileSystem.writeAtomically(path, bytes)
        let log = LogLines()
        var settings = tinySettings()
        settings.verifiedBytesMax = 0
        let engine = try openEngine(folder.path, settings, log: log)
        let collection = try engine.collection("c")
        #expect(eventually { collection.status().generation == 2 })
        #expect(log.all.contains { $0.hasPrefix("error") && $0.contains(path) }, "\(log.all)")
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        #expect(try Self.ask(collection) == answer)
        #expect(try collection.check() == [])
        engine.close(within: .seconds(5))
    }

    @Test("a truncated file is named and the indexes are rebuilt", arguments: kinds)
    func truncated(kind: String) throws {
        let (folder, answer) = try prepare()
        let path = try file(kind, folder)
        let bytes = try FileSystem.read(path)
        try FileSystem.writeAtomically(path, Array(bytes.prefix(bytes.count / 3)))
        try expectRebuilt(folder, answer, naming: path)
    }

    @Test("a missing file is named and the indexes are rebuilt", arguments: kinds.dropLast())
    func missing(kind: String) throws {
        let (folder, answer) = try prepare()
        let path = try file(kind, folder)
        try FileSystem.remove(path)
        try expectRebuilt(folder, answer, naming: path)
    }

    /// A collection of two sealed segments of each kind and a document that died, whose files have the sizes and shapes of any other's that it
    /// makes, but not the content.
    func makeAlike(_ word: String) throws -> Bench {
        var random = SeededGenerator("alike \(word)")
        let bench = try Bench(vectorSchema, tinySettings(checkpoint: .seconds(1000)))
        for round in 0..<2 {
            _ = try bench.collection.write(
                WriteBatch(
                    (0..<40).map {
                        .upsert(
                            document(
                                "d\(round * 40 + $0)", "word1 \(word) number\($0 % 7)", size: Int64($0 + word.utf8.map(Int.init).reduce(0, +)),
                                vector: vector(&random)))
                    }),
                acknowledgement: .complete)
            try bench.collection.seal()
        }
        _ = try bench.collection.write(WriteBatch([.delete(id: "d3")]), acknowledgement: .complete)
        try bench.collection.seal()
        return bench
    }

    func swap(_ a: String, _ b: String) throws {
        try FileSystem.move(a, to: a + ".aside")
        try FileSystem.move(b, to: a)
        try FileSystem.move(a + ".aside", to: b)
    }

    @Test("a whole file of another collection is named by a check and at the opening, and the indexes are rebuilt", arguments: ["lex", "col", "vec", "live"])
    func swappedCollections(kind: String) throws {
        let (a, b) = (try makeAlike("apple"), try makeAlike("grape"))
        let answers = try (Self.ask(a.collection), Self.ask(b.collection))
        var (one, other) = (try file(kind, a.folder), try file(kind, b.folder))
        #expect(try FileSystem.read(one).count == FileSystem.read(other).count)
        #expect(try a.collection.check() == [])
        try swap(one, other)
        // What is mapped is still the right one; a restart would meet the other.
        #expect(try a.collection.check().map { $0.contains("\(one): is not the file that MANIFEST names") } == [true])
        try swap(one, other)
        #expect(try a.collection.check() == [])
        a.close()
        b.close()
        // The checkpoint of the end has made another live file.
        (one, other) = (try file(kind, a.folder), try file(kind, b.folder))
        try swap(one, other)
        try expectRebuilt(a.folder, answers.0, naming: one)
        try expectRebuilt(b.folder, answers.1, naming: other)
    }

    @Test("two files of one collection in each other's place are noticed", arguments: ["lex", "col", "vec"])
    func swappedSegments(kind: String) throws {
        let bench = try makeAlike("apple")
        let answer = try Self.ask(bench.collection)
        let generation = bench.folder.path + "/collections/c/generations/1"
        let files = try FileSystem.list(generation).filter { $0.hasSuffix(kind) }.map { generation + "/" + $0 }
        try #require(files.count == 2)
        bench.close()
        try swap(files[0], files[1])
        try expectRebuilt(bench.folder, answer, naming: files[0])
    }

    @Test("a manifest without checksums, from before there were any, is taken as it is; the next one has them")
    func withoutChecksums() throws {
        let bench = try makeAlike("apple")
        let answer = try Self.ask(bench.collection)
        bench.close()
        let path = try file("MANIFEST", bench.folder)
        let kind = SectionFile.Kind("TGEN", version: 2)
        func keys() throws -> Set<String> {
            let json = try #require(JSONSerialization.jsonObject(with: Data(ManifestFile.read(path, kind: kind).payload)) as? [String: Any])
            let documents = try #require(json["documents"] as? [[String: Any]])
            return Set(json.keys).union(documents.flatMap(\.keys))
        }
        #expect(try keys().isSuperset(of: ["lexicalChecksum", "columnChecksum", "liveChecksum"]))
        let text = String(decoding: try ManifestFile.read(path, kind: kind).payload, as: UTF8.self)
        // As the first or another member of its object.
        let old = text.replacing(try Regex(#""[a-zA-Z]*[cC]hecksum":\d+,"#), with: "").replacing(try Regex(#","[a-zA-Z]*[cC]hecksum":\d+"#), with: "")
        try ManifestFile.write(path, kind: kind, payload: Array(old.utf8))
        #expect(try keys().isDisjoint(with: ["lexicalChecksum", "columnChecksum", "liveChecksum"]))
        let engine = try openEngine(bench.folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(collection.status().generation == 1 && collection.status().replayed == 0)
        #expect(try Self.ask(collection) == answer)
        #expect(try collection.check() == [])
        try collection.seal()
        #expect(try keys().isSuperset(of: ["lexicalChecksum", "columnChecksum", "liveChecksum"]))
        engine.close(within: .seconds(5))
    }

    @Test("without its manifest a generation begins anew in place")
    func missingManifest() throws {
        let (folder, answer) = try prepare()
        try FileSystem.remove(file("MANIFEST", folder))
        let engine = try openEngine(folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        #expect(try Self.ask(collection) == answer)
        engine.close(within: .seconds(5))
    }

    @Test("damage of COLLECTION, and its absence, close that collection by name, touch nothing and leave the others served")
    func collectionManifest() throws {
        let (folder, answer) = try prepare()
        let path = folder.path + "/collections/c/COLLECTION"
        let whole = try FileSystem.read(path)
        let first = try openEngine(folder.path)
        try first.create(name: "other", schema: CollectionSchema(), model: .none)
        first.close(within: .seconds(5))
        for damage in [{ try flipByte(of: path) }, { try FileSystem.remove(path) }] {
            try damage()
            let engine = try openEngine(folder.path)
            expectError(.dataLoss, naming: path) { _ = try engine.collection("c") }
            #expect(engine.failures.map(\.name) == ["c"])
            #expect(engine.failures[0].reason.contains(path))
            #expect(engine.all.map(\.name) == ["other"])
            expectError(.alreadyExists, naming: "'c'") { try engine.create(name: "c", schema: CollectionSchema(), model: .none) }
            expectError(.failedPrecondition, naming: "'c'") { _ = try engine.backup(to: folder.path + "-backup") }
            engine.close(within: .seconds(5))
        }
        try FileSystem.writeAtomically(path, whole)
        let engine = try openEngine(folder.path)
        #expect(try Self.ask(engine.collection("c")) == answer)
        #expect(try engine.collection("c").status().generation == 1)
        engine.close(within: .seconds(5))
    }

    @Test("a damaged store closes its collection; dropping it makes room for a new one")
    func store() throws {
        let (folder, _) = try prepare()
        let store = folder.path + "/collections/c/store"
        try flipByte(of: store + "/CURRENT")
        let engine = try openEngine(folder.path)
        expectError(.dataLoss, naming: "store") { _ = try engine.collection("c") }
        try engine.drop("c")
        #expect(engine.failures.isEmpty)
        expectError(.notFound, naming: "'c'") { _ = try engine.collection("c") }
        try engine.create(name: "c", schema: CollectionSchema(), model: .none)
        #expect(try engine.collection("c").status().documents == 0)
        engine.close(within: .seconds(5))
    }

    @Test("a store that has lost writes the indexes had seen is noticed, and what it still holds is served")
    func lostTail() throws {
        let bench = try Bench(vectorSchema, tinySettings(seal: 32 << 10))
        var random = SeededGenerator("tail")
        for round in 0..<4 {
            _ = try bench.collection.write(
                WriteBatch((0..<50).map { .upsert(document("d\(round * 50 + $0)", words(20, of: 80, &random), size: Int64($0), vector: vector(&random))) }),
                acknowledgement: .complete)
        }
        try bench.collection.seal()
        let path = bench.folder.path + "/collections/c"
        bench.close()
        // The log as it was when fewer writes were in it: a copy of another collection's store with a shorter log.
        let shorter = try Bench(vectorSchema, tinySettings())
        _ = try shorter.collection.write(
            WriteBatch((0..<30).map { .upsert(document("e\($0)", "common", size: 1, vector: vector(&random))) }), acknowledgement: .complete)
        shorter.close()
        let whole = path + "-store"
        try FileSystem.move(path + "/store", to: whole)
        try FileSystem.move(shorter.folder.path + "/collections/c/store", to: path + "/store")

        let log = LogLines()
        let engine = try openEngine(bench.folder.path, tinySettings(), log: log)
        let collection = try engine.collection("c")
        #expect(collection.status().problem?.contains("are lost") == true)
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        #expect(collection.status().documents == 30)
        // What is written from here on is found.
        _ = try collection.write(WriteBatch([.upsert(document("new", "unheard", size: 2, vector: vector(&random)))]), acknowledgement: .searchable)
        #expect(try collection.search(SearchRequest(text: "unheard", mode: .lexical)).hits.map(\.id) == ["new"])
        #expect(try collection.check() == [])
        engine.close(within: .seconds(5))

        // No store at all is no new collection.
        try FileSystem.removeTree(path + "/store")
        let without = try openEngine(bench.folder.path)
        expectError(.dataLoss, naming: "store") { _ = try without.collection("c") }
        without.close(within: .seconds(5))
        #expect(!FileSystem.exists(path + "/store"))
        try FileSystem.removeTree(whole)
    }

    @Test("a copied, renamed or linked folder is not opened, so that no two write into one another")
    func copies() throws {
        let (folder, answer) = try prepare()
        let collections = folder.path + "/collections"
        #expect(symlink("c", collections + "/linked") == 0)
        try FileSystem.createFolder(collections + "/copy")
        try FileSystem.writeAtomically(collections + "/copy/COLLECTION", FileSystem.read(collections + "/c/COLLECTION"))
        try FileSystem.createFolder(collections + "/piped")
        #expect(mkfifo(collections + "/piped/COLLECTION", 0o600) == 0)
        let engine = try openEngine(folder.path)
        #expect(engine.all.map(\.name) == ["c"])
        #expect(engine.failures.map(\.name) == ["copy", "linked", "piped"])
        #expect(try Self.ask(engine.collection("c")) == answer)
        engine.close(within: .seconds(5))
    }

    @Test("an answer has a limit of bytes, which names how many hits fit")
    func answerBytes() throws {
        let bench = try Bench(CollectionSchema())
        let text = String(repeating: "common words ", count: 300_000)
        for number in 0..<13 { _ = try bench.collection.write(WriteBatch([.upsert(document("d\(number)", text))]), acknowledgement: .searchable) }
        expectError(.resourceExhausted, naming: "the first 12 hits") {
            _ = try bench.collection.search(SearchRequest(text: "common", mode: .lexical, limit: 13))
        }
        #expect(try bench.collection.search(SearchRequest(text: "common", mode: .lexical, limit: 5)).hits.count == 5)
        var ids = SearchRequest(text: "common", mode: .lexical, limit: 13)
        ids.fields = []
        #expect(try bench.collection.search(ids).hits.count == 13)
        bench.close()
    }

    @Test("a check names a file that rots while it is served", arguments: ["live", "lex", "col", "vec"])
    func check(kind: String) throws {
        let (folder, _) = try prepare()
        let engine = try openEngine(folder.path, tinySettings(checkpoint: .seconds(1000)))
        let collection = try engine.collection("c")
        // Nothing is left to merge by itself, which would replace files meanwhile.
        try collection.merge()
        let path = try file(kind, folder)
        try flipByte(of: path)
        #expect(try collection.check().contains { $0.contains(path) })
        engine.close(within: .seconds(5))
    }
}
