import Foundation
import Glibc
import HybridSearch
import SearchCore
import Storage
import Testing

/// A small file system of its own, for filling up; needs the right to mount.
final class SmallDisk: Sendable {
    let path: String
    private let folder: TemporaryFolder

    static let isAvailable = geteuid() == 0 && (try? SmallDisk(megabytes: 1)) != nil

    init(megabytes: Int) throws {
        folder = try TemporaryFolder()
        path = folder.path + "/disk"
        try FileSystem.createFolder(path)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw FileSystem.error("mount", path) }
    }

    func fill() {
        let descriptor = open(path + "/ballast", O_WRONLY | O_CREAT, 0o600)
        let block = [UInt8](repeating: 7, count: 1 << 12)
        while write(descriptor, block, block.count) > 0 {}
        close(descriptor)
    }

    func free() { unlink(path + "/ballast") }

    func remount(readOnly: Bool) { #expect(mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | (readOnly ? MS_RDONLY : 0)), nil) == 0) }

    deinit { umount2(path, Int32(MNT_DETACH)) }
}

@Suite("A full or read-only disk", .enabled(if: SmallDisk.isAvailable, "needs the right to mount a small tmpfs"), .serialized)
struct EngineDiskTests {
    func writeUntilRefused(_ collection: Collection, _ random: inout SeededGenerator) -> TandemError? {
        for i in 0..<20_000 {
            do {
                _ = try collection.write(WriteBatch((0..<10).map { .upsert(document("f\(i)-\($0)", "common \(words(50, of: 100_000, &random))")) }))
            } catch { return error as? TandemError }
        }
        return nil
    }

    @Test("writes are refused in words, searches go on, and with space again all goes on and is whole", arguments: [false, true])
    func full(readOnly: Bool) throws {
        let disk = try SmallDisk(megabytes: 200)
        let log = LogLines()
        let engine = try openEngine(disk.path + "/data", tinySettings(seal: 32 << 10), log: log)
        let collection = try engine.create(name: "c", schema: textSchema, model: .none, reranker: .none)
        var random = SeededGenerator("disk \(readOnly)")
        _ = try collection.write(WriteBatch((0..<500).map { .upsert(document("d\($0)", "common word\($0)")) }), acknowledgement: .searchable)
        if readOnly { try collection.seal() }
        // Open files for writing forbid a remount, so "read-only" is an immutable full disk here and a real one at the reopening.
        disk.fill()
        let refused = writeUntilRefused(collection, &random)
        #expect(refused?.code == .resourceExhausted, "\(String(describing: refused))")
        #expect(try collection.search(lexical("common", limit: 10)).hits.count == 10)
        #expect(try collection.get(["d7"])[0] != nil)
        if readOnly {
            engine.close(within: .seconds(5))
            disk.remount(readOnly: true)
            // The lock file cannot be written, or the store opens for reading only: either way it is said, and nothing is lost.
            do {
                let again = try openEngine(disk.path + "/data", tinySettings())
                #expect(try again.collection("c").search(lexical("common", limit: 10)).hits.count == 10)
                expectError(.resourceExhausted, naming: "store") { _ = try again.collection("c").write(WriteBatch([.upsert(document("x", "t"))])) }
                again.close(within: .seconds(5))
            } catch let error as TandemError {
                #expect(error.code == .resourceExhausted, "\(error)")
            }
            disk.remount(readOnly: false)
            disk.free()
            let whole = try openEngine(disk.path + "/data", tinySettings())
            let found = try whole.collection("c")
            #expect(found.status().documents == (try found.search(lexical("common", limit: 0)).lexicalMatched))
            #expect(found.status().documents >= 500)
            whole.close(within: .seconds(5))
            return
        }
        disk.free()
        var outcome: CommitOutcome?
        _ = eventually(.seconds(15)) {
            outcome = try? collection.write(WriteBatch([.upsert(document("after", "common recovered"))]), acknowledgement: .searchable)
            return outcome != nil
        }
        #expect(outcome != nil)
        #expect(try collection.search(lexical("recovered")).hits.map(\.id) == ["after"])
        try collection.seal()
        #expect(eventually { collection.status().problem == nil }, "\(collection.status().problem ?? "")")
        let count = collection.status().documents
        engine.close(within: .seconds(5))
        let again = try openEngine(disk.path + "/data", tinySettings())
        #expect(try again.collection("c").status().documents == count)
        #expect(try again.collection("c").search(lexical("common", limit: 0)).lexicalMatched == count)
        #expect(try again.collection("c").status().replayed == 0)
        again.close(within: .seconds(5))
    }

    @Test("indexing outlives a disk that takes no index files: writes of the store go on, searches see them, seals are tried again")
    func indexFolderGone() throws {
        let bench = try Bench(textSchema, tinySettings(seal: 8 << 10))
        _ = try bench.collection.write(WriteBatch((0..<100).map { .upsert(document("d\($0)", "common")) }), acknowledgement: .searchable)
        let generation = bench.folder.path + "/collections/c/generations/1"
        try FileSystem.move(generation, to: generation + "-away")
        _ = try bench.collection.write(WriteBatch((100..<900).map { .upsert(document("d\($0)", "common text number \($0)")) }), acknowledgement: .searchable)
        #expect(try bench.collection.search(lexical("common", limit: 0)).lexicalMatched == 900)
        #expect(eventually { bench.collection.status().problem?.contains("sealing failed") == true })
        try FileSystem.move(generation + "-away", to: generation)
        #expect(
            eventually {
                _ = try? bench.collection.write(WriteBatch([.upsert(document("more", "common"))]))
                return bench.collection.status().problem == nil
            })
        try bench.collection.seal()
        bench.close()
        let engine = try openEngine(bench.folder.path)
        #expect(try engine.collection("c").search(lexical("common", limit: 0)).lexicalMatched == 901)
        #expect(try engine.collection("c").status().replayed == 0)
        engine.close(within: .seconds(5))
    }
}
