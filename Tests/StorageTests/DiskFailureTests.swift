import Glibc
import SearchCore
import Storage
import Testing

/// A small file system of its own, for filling up; needs the right to mount.
final class SmallDisk: Sendable {
    let path: String
    private let folder = TemporaryFolder()

    static let isAvailable = (try? SmallDisk(megabytes: 1)) != nil

    init(megabytes: Int) throws {
        path = folder.path + "/disk"
        try FileSystem.createFolder(path)
        guard geteuid() == 0, try ChildProcess.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path]) == 0 else {
            throw TandemError(.unavailable, "no right to mount")
        }
    }

    func remount(_ mode: String) throws { #expect(try ChildProcess.run(["mount", "-o", "remount,\(mode)", path]) == 0) }

    deinit { _ = try? ChildProcess.run(["umount", "-l", path]) }
}

@Suite("A failing disk", .enabled(if: SmallDisk.isAvailable, "needs the right to mount a small tmpfs"), .serialized)
struct DiskFailureTests {
    static let retryMax = Duration.seconds(10)
    /// TANDEM_DISK_ROUNDS makes a long test of it.
    static let rounds = environmentValue("TANDEM_DISK_ROUNDS").flatMap(Int.init) ?? 1

    /// A document that does not compress, of about `bytes`.
    func noise(_ id: String, bytes: Int, _ random: inout SeededGenerator) -> Document {
        Document(
            id: id,
            vectors: (0..<(bytes / 4096)).map { n in
                (name: "v\(n)", values: (0..<1024).map { _ in Float.random(in: -1...1, using: &random) })
            })
    }

    func fill(_ path: String, megabytes: Int) {
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(posix_fallocate(descriptor, 0, off_t(megabytes << 20)) == 0)
        close(descriptor)
    }

    /// Commits until the disk refuses. - Returns: what was acknowledged, and the refusal.
    func writeUntilFull(_ committer: Committer, _ prefix: String, _ random: inout SeededGenerator) -> ([String: SequenceNumber], TandemError?) {
        var acknowledged: [String: SequenceNumber] = [:]
        for n in 0..<100_000 {
            let id = "\(prefix)\(n)"
            do {
                let outcome = try committer.commit(WriteBatch([.upsert(noise(id, bytes: 64 << 10, &random))]))
                acknowledged[id] = outcome.results[0].sequence
            } catch {
                return (acknowledged, error as? TandemError)
            }
        }
        return (acknowledged, nil)
    }

    /// Retries as a client would. - Returns: true if the batch got through.
    func retry(_ committer: Committer, _ batch: WriteBatch) -> Bool {
        let deadline = ContinuousClock.now + Self.retryMax
        while ContinuousClock.now < deadline {
            if (try? committer.commit(batch)) != nil { return true }
            usleep(100_000)
        }
        return false
    }

    /// Why a write is refused now.
    func whyRefused(_ committer: Committer) -> String {
        do {
            _ = try committer.commit(WriteBatch([.upsert(document("refusal"))]))
            return "not refused any more"
        } catch { return "\(error)" }
    }

    /// Files of a folder with their sizes.
    func contents(_ folder: String) -> String {
        let names = ((try? FileSystem.list(folder)) ?? []).sorted()
        return names.map { name in
            var info = stat()
            stat(folder + "/" + name, &info)
            return "\(name) \(info.st_size >> 10) KB"
        }.joined(separator: ", ")
    }

    func check(_ store: DocumentStore, _ acknowledged: [String: SequenceNumber]) throws {
        for (id, version) in acknowledged {
            let found = try #require(try store.document(id: id))
            #expect(found.version == version)
        }
    }

    @Test("a full disk refuses writes and not reads; when there is space again, writes go on and nothing was lost", arguments: [256 << 10, 48 << 20])
    func full(writeBufferBytes: Int) throws {
        // Small buffers: tables and manifests hit the full disk, too; large ones: the log alone does.
        var random = SeededGenerator("full disk")
        let disk = try SmallDisk(megabytes: 64)
        fill(disk.path + "/filler", megabytes: 40)
        var options = StoreOptions()
        options.diskReserveBytes = 0
        options.writeBufferBytes = writeBufferBytes
        let store = try DocumentStore(path: disk.path + "/store", options: options)
        let committer = Committer(store: store)
        var (acknowledged, refusal) = writeUntilFull(committer, "a", &random)
        #expect(acknowledged.count > 50)
        #expect(refusal?.code == .resourceExhausted && refusal?.isRetryable == true)
        #expect(refusal?.message.contains("free space") == true)
        try check(store, acknowledged)
        #expect(store.writeFailure != nil)
        for _ in 0..<5 {
            #expect(failure { try committer.commit(WriteBatch([.upsert(document("b"))])) }?.code == .resourceExhausted)
            usleep(100_000)
        }
        try check(store, acknowledged)
        #expect(try store.operations(after: .zero, limit: 100_000, bytesMax: 1 << 30).count >= acknowledged.count)

        try FileSystem.remove(disk.path + "/filler")
        #expect(retry(committer, WriteBatch([.upsert(document("c"))], idempotencyKey: "c")))
        #expect(store.writeFailure == nil)
        try check(store, acknowledged)
        let more = writeUntilFull(committer, "d", &random)
        #expect(more.0.count > 50)
        acknowledged.merge(more.0) { $1 }
        try check(store, acknowledged)
        committer.close()
        store.close()
        // The disk is full once more: the store opens all the same, for reading at least.
        let again = try DocumentStore(path: disk.path + "/store", options: options)
        try check(again, acknowledged)
        #expect(try again.document(id: "c") != nil)
        again.close()
        #expect(try DocumentStore.verify(disk.path + "/store").problems == [])
    }

    @Test("the reserve refuses documents before the disk is full, and lets deletes through")
    func reserve() throws {
        var random = SeededGenerator("reserve")
        // The reserve is a twentieth of a small disk: here 12 MB, room for the files of a merge, as on every disk that is not tiny. (On one of
        // 40 MB a merge of the tables that the deletes emptied met the end of the disk in a third of all runs.)
        let disk = try SmallDisk(megabytes: 240)
        var options = StoreOptions()
        options.writeBufferBytes = 1 << 20
        let store = try DocumentStore(path: disk.path + "/store", options: options)
        let committer = Committer(store: store)
        let (acknowledged, refusal) = writeUntilFull(committer, "a", &random)
        #expect(refusal?.code == .resourceExhausted && refusal?.message.contains("reserve") == true)
        #expect(store.writeFailure == nil)
        let outcome = try committer.commit(WriteBatch(acknowledged.keys.map { .delete(id: $0) }))
        #expect(outcome.results.count == acknowledged.count)
        // Dropping may meet the full disk itself, when tables are flushed or merged; then it is tried again, as by the daemon.
        let deadline = ContinuousClock.now + Self.retryMax
        while failure({ try store.dropSuperseded(through: store.lastSequence) }) != nil && ContinuousClock.now < deadline { usleep(300_000) }
        try store.compact()
        let isThrough = retry(committer, WriteBatch([.upsert(noise("b", bytes: 64 << 10, &random))]))
        #expect(isThrough, "\(whyRefused(committer)); the store holds \(contents(disk.path + "/store"))")
        committer.close()
        store.close()
    }

    @Test("a disk filled to the last byte at any moment never ends the process, and vectors, drops and checkpoints fail as commits do")
    func anyMoment() throws {
        var random = SeededGenerator("any moment")
        for _ in 0..<(4 * Self.rounds) {
            let disk = try SmallDisk(megabytes: 48)
            var options = StoreOptions()
            options.diskReserveBytes = 0
            options.writeBufferBytes = [128 << 10, 1 << 20, 48 << 20].randomElement(using: &random)!
            var store = try DocumentStore(path: disk.path + "/store", options: options)
            var committer = Committer(store: store)
            var acknowledged: [String: SequenceNumber] = [:]
            for round in 0..<6 {
                // Take all space away after a while, and give some back later.
                let keep = Int.random(in: 0...(4 << 20), using: &random)
                for n in 0..<Int.random(in: 5...60, using: &random) {
                    let id = "\(round)-\(n)"
                    if let outcome = try? committer.commit(WriteBatch([.upsert(noise(id, bytes: 16 << 10, &random)), .upsert(document("shared"))])) {
                        acknowledged[id] = outcome.results[0].sequence
                    }
                    if n == 4 { fillUp(disk.path, keep: keep) }
                    let last = store.lastSequence
                    for error in [
                        failure { try store.putVectors(model: "m", field: "f", [.init(sequence: last, chunks: [[1, 2]])]) },
                        n % 5 == 0 ? failure { try store.dropSuperseded(through: last) } : nil,
                        n % 11 == 0 ? failure { try store.checkpoint(to: disk.path + "/copy") } : nil,
                    ] {
                        if let error { #expect([.resourceExhausted, .unavailable].contains(error.code), "\(error)") }
                    }
                    try FileSystem.removeTree(disk.path + "/copy")
                }
                try check(store, acknowledged)
                if round % 3 == 1 {
                    committer.close()
                    store.close()
                    store = try DocumentStore(path: disk.path + "/store", options: options)
                    committer = Committer(store: store)
                    try check(store, acknowledged)
                }
                try FileSystem.remove(disk.path + "/filler")
                #expect(retry(committer, WriteBatch([.upsert(document("after \(round)"))])))
                // Make room for the next round.
                if store.diskBytes > 24 << 20 {
                    let ids = Array(acknowledged.keys)
                    acknowledged = [:]
                    _ = try committer.commit(WriteBatch(ids.map { .delete(id: $0) }))
                    try store.dropSuperseded(through: store.lastSequence)
                    try store.compact()
                }
            }
            committer.close()
            store.close()
            try expectWhole(disk.path + "/store")
        }
    }

    /// Leaves `keep` bytes free.
    func fillUp(_ folder: String, keep: Int) {
        var info = statvfs()
        statvfs(folder, &info)
        let free = Int(info.f_bavail) * Int(info.f_frsize) - keep
        guard free > 0 else { return }
        let descriptor = open(folder + "/filler", O_WRONLY | O_CREAT, 0o600)
        posix_fallocate(descriptor, 0, off_t(free))
        close(descriptor)
    }

    @Test("a store on a read-only disk opens for reading; writes go on when the disk takes them")
    func readOnly() throws {
        let disk = try SmallDisk(megabytes: 64)
        let path = disk.path + "/store"
        let first = try DocumentStore(path: path)
        let committer = Committer(store: first)
        let acknowledged = try committer.commit(WriteBatch([.upsert(document("a")), .upsert(document("b"))])).results.map { $0.sequence! }
        committer.close()
        first.close()
        try disk.remount("ro")
        let store = try DocumentStore(path: path)
        let second = Committer(store: store)
        try check(store, ["a": acknowledged[0], "b": acknowledged[1]])
        #expect(store.writeFailure?.code == .resourceExhausted)
        let refusal = failure { try second.commit(WriteBatch([.upsert(document("c"))])) }
        #expect(refusal?.code == .resourceExhausted && refusal?.message.contains("Read-only") == true)
        #expect(try DocumentStore.verify(path).problems == [])
        try disk.remount("rw")
        #expect(retry(second, WriteBatch([.upsert(document("c"))])))
        #expect(store.liveDocumentCount == 3)
        try check(store, ["a": acknowledged[0], "b": acknowledged[1], "c": SequenceNumber(3)])
        second.close()
        store.close()
    }
}
