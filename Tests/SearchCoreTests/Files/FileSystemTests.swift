import Glibc
import SearchCore
import Testing

@Suite struct FileSystemTests {
    let folder = TemporaryFolder()

    @Test("a file written atomically is there whole, and leaves no temporary", arguments: [0, 1, 4096, 1_000_003])
    func writeAndRead(_ count: Int) throws {
        let path = folder.path + "/data"
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try FileSystem.writeAtomically(path, bytes)
        #expect(try FileSystem.read(path) == bytes)
        #expect(try FileSystem.list(folder.path) == ["data"])
    }

    @Test("chunks follow one another")
    func chunks() throws {
        let path = folder.path + "/data"
        try [1, 2].withUnsafeBytes { (a: UnsafeRawBufferPointer) in
            try [UInt8(3)].withUnsafeBytes { try FileSystem.writeAtomically(path, [UnsafeRawBufferPointer(rebasing: a[..<1]), $0, $0]) }
        }
        #expect(try FileSystem.read(path) == [1, 3, 3])
    }

    @Test("a new content replaces the old one; a reader of the old file keeps it")
    func replace() throws {
        let path = folder.path + "/data"
        try FileSystem.writeAtomically(path, [1, 2, 3])
        let old = try MappedFile(mapping: path)
        try FileSystem.writeAtomically(path, [4])
        #expect(old.bytes.elementsEqual([1, 2, 3]))
        #expect(try FileSystem.read(path) == [4])
    }

    @Test("a temporary left by a crash does not hinder the next write")
    func staleTemporary() throws {
        let path = folder.path + "/data"
        let descriptor = open(path + ".tmp", O_WRONLY | O_CREAT, 0o600)
        _ = write(descriptor, "torn write", 10)
        close(descriptor)
        try FileSystem.writeAtomically(path, [9])
        #expect(try FileSystem.read(path) == [9])
        #expect(try FileSystem.list(folder.path) == ["data"])
    }

    @Test("a failed write leaves the old content and no temporary")
    func failedWrite() throws {
        // A folder of that name cannot be replaced by a file: the last step, the rename, fails.
        let path = folder.path + "/taken"
        try FileSystem.createFolder(path + "/inside")
        #expect(throws: TandemError.self) { try FileSystem.writeAtomically(path, [1]) }
        #expect(FileSystem.exists(path + "/inside"))
        #expect(try FileSystem.list(folder.path) == ["taken"])
        try FileSystem.removeTree(path)
    }

    @Test("a copy in pieces has every byte, and can be given up between them", arguments: [0, 1, 262_144, 262_145, 1_000_000])
    func copyInPieces(count: Int) throws {
        struct Enough: Error {}
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }
        var asked = 0
        let copy = try MappedFile(copying: bytes) { asked += 1 }
        #expect(Array(copy.bytes) == bytes && copy.isInMemory && asked == (count + 262_143) / 262_144)
        if asked > 0 { #expect(throws: Enough.self) { try MappedFile(copying: bytes) { throw Enough() } } }
    }

    @Test("a write that is given up leaves the old content and no temporary", arguments: [1, 2, 3])
    func givenUp(at turn: Int) throws {
        struct Enough: Error {}
        let path = folder.path + "/data"
        try FileSystem.writeAtomically(path, [1, 2, 3])
        var asked = 0
        #expect(throws: Enough.self) {
            try FileSystem.writeAtomically(path, [UInt8](repeating: 9, count: 70 << 20)) {
                asked += 1
                if asked == turn { throw Enough() }
            }
        }
        #expect(asked == turn)
        #expect(try FileSystem.read(path) == [1, 2, 3])
        #expect(try FileSystem.list(folder.path) == ["data"])
    }

    @Test("writing into a missing folder is NOT_FOUND and names the file")
    func missingFolder() {
        do {
            try FileSystem.writeAtomically(folder.path + "/none/data", [1])
            Issue.record("written into nowhere")
        } catch {
            #expect((error as? TandemError)?.code == .notFound && "\(error)".contains("/none/data"))
        }
    }

    @Test("a full or read-only disk is retryable", arguments: [ENOSPC, EDQUOT, EROFS])
    func fullDisk(_ number: Int32) {
        let error = FileSystem.error("write", "x", number)
        #expect(error.code == .resourceExhausted && error.isRetryable)
    }

    @Test("writing to a full device fails with RESOURCE_EXHAUSTED", .enabled(if: access("/dev/full", W_OK) == 0))
    func devFull() throws {
        let link = folder.path + "/data.tmp"
        #expect(symlink("/dev/full", link) == 0)
        #expect(throws: TandemError(.resourceExhausted, "")) { try FileSystem.writeAtomically(folder.path + "/data", [1]) }
        #expect(!FileSystem.exists(folder.path + "/data"))
    }

    @Test("folders: created with parents, twice is fine; listed sorted; removed whole without following links")
    func folders() throws {
        try FileSystem.createFolder(folder.path + "/a/b/c")
        try FileSystem.createFolder(folder.path + "/a/b/c")
        try FileSystem.writeAtomically(folder.path + "/outside", [1])
        try FileSystem.writeAtomically(folder.path + "/a/z", [1])
        #expect(symlink(folder.path + "/outside", folder.path + "/a/link") == 0)
        #expect(try FileSystem.list(folder.path + "/a") == ["b", "link", "z"])
        try FileSystem.removeTree(folder.path + "/a")
        #expect(try FileSystem.list(folder.path) == ["outside"])
        try FileSystem.removeTree(folder.path + "/a")
        try FileSystem.remove(folder.path + "/a")
        #expect(throws: TandemError.self) { try FileSystem.createFolder(folder.path + "/outside/x") }
        #expect(throws: TandemError.self) { try FileSystem.createFolder(folder.path + "/outside") }
    }
}

@Suite struct MappedFileTests {
    let folder = TemporaryFolder()

    @Test("a mapped file and a copy on the heap show the same bytes", arguments: [0, 1, 4095, 4096, 4097])
    func bothForms(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let path = folder.path + "/data"
        try FileSystem.writeAtomically(path, bytes)
        let mapped = try MappedFile(mapping: path)
        let copied = MappedFile(copying: bytes)
        #expect(mapped.bytes.elementsEqual(bytes) && copied.bytes.elementsEqual(bytes))
        #expect(mapped.count == count && copied.count == count)
        #expect(copied.isInMemory && (count == 0 || !mapped.isInMemory))
        #expect(mapped.name == path && copied.name == "memory")
        #expect(Int(bitPattern: copied.bytes.baseAddress) % 64 == 0)
    }

    @Test("a mapping outlives the file's name")
    func unlinked() throws {
        let path = folder.path + "/data"
        try FileSystem.writeAtomically(path, [5, 6])
        let mapped = try MappedFile(mapping: path)
        try FileSystem.remove(path)
        #expect(mapped.bytes.elementsEqual([5, 6]))
    }

    @Test("a missing file is NOT_FOUND, a folder is an error")
    func missing() {
        #expect(throws: TandemError(.notFound, "")) { try MappedFile(mapping: folder.path + "/none") }
        #expect(throws: TandemError.self) { try MappedFile(mapping: folder.path) }
    }
}
