import Glibc
import SearchCore
import Storage
import Testing

/// The power-cut shim, built once for all tests that use it.
enum PowerCut {
    static let folder = TemporaryFolder()
    /// Nil if it cannot be built here.
    static let tools: (shim: String, rollback: String)? = {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
        let status = try? ChildProcess.run(["make", "-s", "-C", root + "/tools/powercut", "OUT=" + folder.path])
        return status == 0 ? (folder.path + "/libpowercut.so", folder.path + "/powercut-rollback") : nil
    }()
}

@Suite("Crashes", .serialized)
struct CrashTests {
    /// Acknowledged batches as the child noted them: thread, number, versions of (new document, shared document, delete).
    struct Acks {
        var batches: [(thread: Int, n: Int, versions: [UInt64])] = []

        init(_ path: String) {
            for line in AckFile.lines(path) {
                let numbers = line.split(separator: " ").compactMap { UInt64($0) }
                batches.append((Int(numbers[0]), Int(numbers[1]), Array(numbers[2...])))
            }
        }
    }

    /// Batches per run; TANDEM_CRASH_BATCHES makes a long test of it.
    static let batches = environmentValue("TANDEM_CRASH_BATCHES").flatMap(Int.init) ?? 40

    /// Lets a child write until it has `count` acknowledgements more, then kills it at any moment.
    func killWhileWriting(_ store: String, acks: String, run: Int, count: Int, environment: [String: String] = [:]) throws {
        let child = try ChildProcess.startSelf(
            environment: environment.merging(
                ["TANDEM_CRASH_STORE": store, "TANDEM_CRASH_ACKS": acks, "TANDEM_CRASH_RUN": "\(run)"], uniquingKeysWith: { $1 }))
        let deadline = ContinuousClock.now + .seconds(50)
        while AckFile.lines(acks).count < count && ContinuousClock.now < deadline { usleep(2000) }
        usleep(UInt32.random(in: 0...20_000))
        kill(child, SIGKILL)
        #expect(ChildProcess.wait(child) == -SIGKILL)
        #expect(AckFile.lines(acks).count >= count)
    }

    /// Acknowledged operations whose effect is not in the store.
    func lost(_ store: DocumentStore, _ acks: Acks, run: Int) throws -> [String] {
        var lost: [String] = []
        var deleted = Set<String>()
        for batch in acks.batches where batch.versions[2] != 0 { deleted.insert("\(run)-\(batch.thread)-\(batch.n - 1)") }
        for batch in acks.batches {
            let id = "\(run)-\(batch.thread)-\(batch.n)"
            let version = try store.current(id: id)
            // A delete that was under way at the end may have come through without its acknowledgement.
            let mayBeDeleted =
                deleted.contains(id) || (version == nil && (batch.n + 1) % 3 == 0 && !acks.batches.contains { $0.thread == batch.thread && $0.n > batch.n })
            if !mayBeDeleted && version?.rawValue != batch.versions[0] { lost.append(id) }
            if deleted.contains(id) && version != nil { lost.append("delete of \(id)") }
            if let shared = try store.current(id: "shared-\(batch.thread)"), shared.rawValue >= batch.versions[1] { continue }
            lost.append("shared-\(batch.thread)")
        }
        return lost
    }

    @Test("every acknowledged write survives kill -9, at any moment, again and again")
    func killed() throws {
        let folder = TemporaryFolder()
        for run in 1...4 {
            let acks = "\(folder.path)/acks-\(run)"
            try killWhileWriting(folder.path + "/store", acks: acks, run: run, count: Self.batches * run)
            try expectWhole(folder.path + "/store")
            let store = try DocumentStore(path: folder.path + "/store")
            #expect(try lost(store, Acks(acks), run: run) == [])
            store.close()
            try expectWhole(folder.path + "/store")
        }
    }

    @Test(
        "every acknowledged write survives a power cut: what was not fsynced is gone, and nothing else is missed",
        .enabled(if: PowerCut.tools != nil, "needs make and a C compiler for tools/powercut"))
    func powerCut() throws {
        let tools = PowerCut.tools!
        let folder = TemporaryFolder()
        let watched = folder.path + "/data"
        try FileSystem.createFolder(watched)
        for run in 1...4 {
            let acks = "\(folder.path)/acks-\(run)"
            try killWhileWriting(
                watched + "/store", acks: acks, run: run, count: Self.batches * run, environment: ["LD_PRELOAD": tools.shim, "TANDEM_POWERCUT_DIR": watched])
            #expect(try ChildProcess.run([tools.rollback, watched]) == 0)
            let store = try DocumentStore(path: watched + "/store")
            #expect(try lost(store, Acks(acks), run: run) == [])
            // An acknowledged batch is known by its key, too.
            let committer = Committer(store: store)
            let last = try #require(Acks(acks).batches.last)
            let key = "\(run)-\(last.thread)-\(last.n)"
            let other = WriteBatch([.delete(id: "other content")], idempotencyKey: key)
            #expect(failure { try committer.commit(other) }?.code == .invalidArgument)
            committer.close()
            store.close()
            try expectWhole(watched + "/store")
        }
    }

    @Test(
        "the power cut is real: without fsync, acknowledged writes are lost, and the store is still whole",
        .enabled(if: PowerCut.tools != nil, "needs make and a C compiler for tools/powercut"))
    func powerCutBites() throws {
        let tools = PowerCut.tools!
        let folder = TemporaryFolder()
        let watched = folder.path + "/data"
        try FileSystem.createFolder(watched)
        let store = try DocumentStore(path: watched + "/store")
        store.close()
        let acks = folder.path + "/acks"
        try killWhileWriting(
            watched + "/store", acks: acks, run: 1, count: 100,
            environment: ["LD_PRELOAD": tools.shim, "TANDEM_POWERCUT_DIR": watched, "TANDEM_CRASH_SYNC": "0"])
        #expect(try ChildProcess.run([tools.rollback, watched]) == 0)
        let again = try DocumentStore(path: watched + "/store")
        #expect(try !lost(again, Acks(acks), run: 1).isEmpty)
        again.close()
        try expectWhole(watched + "/store")
    }
}
