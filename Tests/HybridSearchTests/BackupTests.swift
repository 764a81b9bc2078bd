import Foundation
import HybridSearch
import SearchCore
import Storage
import Synchronization
import Testing

@Suite("Backup and restore", .serialized)
struct BackupTests {
    @Test("a backup taken during writes opens as a consistent prefix of them")
    func online() throws {
        let bench = try Bench(vectorSchema, tinySettings(seal: 16 << 10, checkpoint: .milliseconds(20)))
        let collection = bench.collection
        let folder = try TemporaryFolder()
        let isDone = Atomic<Bool>(false)
        let failures = Mutex<[String]>([])
        concurrently(2) { worker in
            do {
                if worker == 0 {
                    // Document n of a round is written in round r after document n − 1; a prefix of the log has rounds that
                    // never rise with n, and differ by one at most.
                    var random = SeededGenerator("backup writer")
                    var round = 0
                    while !isDone.load(ordering: .sequentiallyConsistent) {
                        round += 1
                        for start in stride(from: 0, to: 100, by: 10) {
                            _ = try collection.write(
                                WriteBatch(
                                    (start..<(start + 10)).map {
                                        .upsert(document(String(format: "%03d", $0), "common", size: Int64(round), vector: vector(&random)))
                                    }))
                        }
                    }
                } else {
                    for i in 0..<3 {
                        Thread.sleep(forTimeInterval: 0.3)
                        _ = try bench.engine.backup(to: folder.path + "/backup\(i)")
                    }
                    isDone.store(true, ordering: .sequentiallyConsistent)
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
                isDone.store(true, ordering: .sequentiallyConsistent)
            }
        }
        #expect(failures.withLock { $0 } == [])
        bench.close()
        for i in 0..<3 {
            let log = LogLines()
            #expect(try SearchEngine.restore(from: folder.path + "/backup\(i)", to: folder.path + "/restored\(i)") == ["c"])
            let engine = try openEngine(folder.path + "/restored\(i)", tinySettings(), log: log)
            let restored = try engine.collection("c")
            #expect(!log.all.contains { $0.hasPrefix("error") }, "\(log.all)")
            #expect(restored.status().generation == 1)
            let hits = try restored.search(lexical("common", limit: 1000)).hits.sorted { $0.id < $1.id }
            #expect(hits.count == 100)
            let rounds = hits.map { hit -> Int64 in
                guard case .int64(let round)? = hit.document?.attributes.first(where: { $0.name == "size" })?.values.first else { return -1 }
                return round
            }
            #expect(zip(rounds, rounds.dropFirst()).allSatisfy { $0 >= $1 }, "\(rounds)")
            #expect(rounds.first! - rounds.last! <= 1)
            _ = try restored.write(WriteBatch([.upsert(document("new", "common"))]), acknowledgement: .searchable)
            #expect(try restored.search(lexical("common", limit: 0)).lexicalMatched == 101)
            engine.close(within: .seconds(5))
        }
    }

    @Test("a damaged backup is refused by the damaged file's name, and nothing is restored")
    func damaged() throws {
        var random = SeededGenerator()
        let bench = try Bench(vectorSchema, tinySettings())
        _ = try bench.collection.write(WriteBatch((0..<200).map { .upsert(document("d\($0)", "common", vector: vector(&random))) }), acknowledgement: .complete)
        try bench.collection.seal()
        let folder = try TemporaryFolder()
        _ = try bench.engine.backup(to: folder.path + "/whole")
        bench.close()
        expectError(.alreadyExists, naming: folder.path) { _ = try SearchEngine.restore(from: folder.path + "/whole", to: folder.path) }
        expectError(.notFound, naming: "not a backup") { _ = try SearchEngine.restore(from: folder.path, to: folder.path + "/x") }
        // Copies, because a backup shares its immutable files with the collection.
        for suffix in ["lex", "col", "vec", "live", "MANIFEST", "COLLECTION", "sst"] {
            let copy = folder.path + "/\(suffix)"
            try copyFolder(folder.path + "/whole", to: copy)
            let files = try FileManager.default.subpathsOfDirectory(atPath: copy).filter { $0.hasSuffix(suffix) }
            guard let path = files.first.map({ copy + "/" + $0 }) else {
                #expect(suffix == "sst")
                continue
            }
            try flipByte(of: path)
            expectError(.dataLoss, naming: suffix == "sst" ? "store" : path) { _ = try SearchEngine.restore(from: copy, to: folder.path + "/restored") }
            #expect(!FileSystem.exists(folder.path + "/restored"))
        }
        #expect(try SearchEngine.restore(from: folder.path + "/whole", to: folder.path + "/restored") == ["c"])
    }

    @Test("a backup goes into a new folder only, and leaves none when it fails")
    func refused() throws {
        let bench = try Bench()
        defer { bench.close() }
        expectError(.invalidArgument, naming: "absolute") { _ = try bench.engine.backup(to: "backup") }
        expectError(.invalidArgument, naming: "inside the data folder") { _ = try bench.engine.backup(to: bench.folder.path + "/backup") }
        let outside = try TemporaryFolder()
        expectError(.alreadyExists, naming: "exists") { _ = try bench.engine.backup(to: outside.path) }
        let copy = outside.path + "/empty"
        #expect(try bench.engine.backup(to: copy) == ["c"])
        #expect(try SearchEngine.verify(backup: copy) == ["c"])
    }
}
