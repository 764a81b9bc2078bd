import Dispatch
import Glibc
import SearchCore
import Storage
import Synchronization
import Testing

@Suite("FolderLock")
struct FolderLockTests {
    // A refused lock closed its descriptor twice; in between it may have become another thread's: a table of RocksDB's was read from a socket.
    // Method: while locks are refused here, another thread opens files, which have to stay open until it closes them.
    @Test("a refused lock closes nothing of another thread's")
    func refusedTwice() throws {
        let folder = TemporaryFolder()
        let lock = try FolderLock(folder: folder.path)
        let isDone = Atomic<Bool>(false)
        let lost = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 2) { thread in
            if thread == 0 {
                for _ in 0..<20_000 { _ = try? FolderLock(folder: folder.path) }
                isDone.store(true, ordering: .relaxed)
            } else {
                while !isDone.load(ordering: .relaxed) {
                    let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    for _ in 0..<20 { sched_yield() }
                    if close(descriptor) != 0 { lost.wrappingAdd(1, ordering: .relaxed) }
                }
            }
        }
        #expect(lost.load(ordering: .relaxed) == 0)
        withExtendedLifetime(lock) {}
    }

    @Test("one holder at a time; the error names the process")
    func exclusive() throws {
        let folder = TemporaryFolder()
        var lock: FolderLock? = try FolderLock(folder: folder.path)
        let error = failure { _ = try FolderLock(folder: folder.path) }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("process \(getpid());") == true)
        #expect(lock?.folder == folder.path)
        lock = nil
        _ = try FolderLock(folder: folder.path)
        #expect(failure { _ = try FolderLock(folder: folder.path + "/none") }?.code == .notFound)
    }

    @Test("kill -9 of the holder frees the folder")
    func killed() throws {
        let folder = TemporaryFolder()
        _ = try FolderLock(folder: folder.path)
        let path = folder.path + "/" + FolderLock.fileName
        // flock(1) takes the same lock; its command ends when the lock is freed by its death.
        let holder = try ChildProcess.start(["flock", "-o", path, "sleep", "5"])
        var error: TandemError?
        let deadline = ContinuousClock.now + .seconds(5)
        while error == nil && ContinuousClock.now < deadline {
            error = failure { _ = try FolderLock(folder: folder.path) }
            usleep(5000)
        }
        #expect(error?.code == .failedPrecondition)
        kill(holder, SIGKILL)
        ChildProcess.wait(holder)
        _ = try FolderLock(folder: folder.path)
    }
}

@Suite("ManifestFile")
struct ManifestFileTests {
    let kind = SectionFile.Kind("TEST", version: 2)

    @Test("what was written reads back, and a newer content replaces it", arguments: [0, 1, 23, 4096, 100_000])
    func roundTrip(count: Int) throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/manifest"
        #expect(failure { _ = try ManifestFile.read(path, kind: kind) }?.code == .notFound)
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try ManifestFile.write(path, kind: SectionFile.Kind("TEST", version: 1), payload: payload)
        var found = try ManifestFile.read(path, kind: kind)
        #expect(found.payload == payload && found.version == 1)
        try ManifestFile.write(path, kind: kind, payload: [1])
        found = try ManifestFile.read(path, kind: kind)
        #expect(found.payload == [1] && found.version == 2)
        #expect(failure { _ = try ManifestFile.read(path, kind: SectionFile.Kind("OTHR", version: 2)) }?.code == .failedPrecondition)
        #expect(failure { _ = try ManifestFile.read(path, kind: SectionFile.Kind("TEST", version: 1)) }?.code == .failedPrecondition)
    }

    @Test("every flipped byte and every truncation is noticed")
    func damage() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/manifest"
        try ManifestFile.write(path, kind: kind, payload: Array("payload".utf8))
        let whole = try FileSystem.read(path)
        #expect(whole.count == ManifestFile.headerBytes + 7)
        for i in whole.indices {
            var bytes = whole
            bytes[i] ^= 1
            try FileSystem.writeAtomically(path, bytes)
            #expect(failure { _ = try ManifestFile.read(path, kind: kind) }?.code == .dataLoss)
            try FileSystem.writeAtomically(path, Array(whole[..<i]))
            #expect(failure { _ = try ManifestFile.read(path, kind: kind) }?.code == .dataLoss)
        }
        try FileSystem.writeAtomically(path, whole + [0])
        #expect(failure { _ = try ManifestFile.read(path, kind: kind) }?.code == .dataLoss)
    }

    @Test("a manifest has exactly the bytes of its format page")
    func golden() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/manifest"
        try ManifestFile.write(path, kind: kind, payload: [0xAA, 0xBB])
        let bytes = try FileSystem.read(path)
        print("golden manifest", bytes.map { String($0, radix: 16) }.joined(separator: " "))
        #expect(Array(bytes[0..<12]) == Array("TNDMTEST".utf8) + [2, 0, 0, 0])
        #expect(Array(bytes[16...]) == [2, 0, 0, 0, 0, 0, 0, 0, 0xAA, 0xBB])
    }
}
