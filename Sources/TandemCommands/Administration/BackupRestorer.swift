import Foundation

/// Copies a backup into a new data folder: all of it, or nothing.
///
/// `collections/` is copied under a temporary name inside the data folder, each file is synced and compared with the backup's,
/// and one rename at the end makes it appear. The data folder is locked meanwhile, as a daemon would.
public struct BackupRestorer: Sendable {
    public struct Report: Sendable, Equatable {
        public var collections: [String] = []
        public var files = 0
        public var bytes: UInt64 = 0
    }

    /// As in the daemon's data folder: never change one without the other.
    static let collectionsName = "collections"
    static let lockName = "tandem.lock"
    static let manifestName = "COLLECTION"
    static let partialName = ".restoring"

    let backup: String
    let data: String

    public init(backup: String, data: String) {
        func trimmed(_ path: String) -> String { path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }
        self.backup = trimmed(backup)
        self.data = trimmed(data)
    }

    /// Refuses what ``run()`` would refuse, before anything long is begun.
    public func checkFolders() throws {
        _ = try collections()
        try checkPlaces()
        if FileManager.default.fileExists(atPath: data) {
            let others = try list(data).filter { ![Self.lockName, Self.partialName, "lost+found"].contains($0) }
            guard others.isEmpty else { throw CommandFailure("\(data) is not empty (it holds '\(others[0])'); restore into a new folder") }
        }
    }

    /// - Throws: ``CommandFailure``; what was begun is removed, so that it can be run again.
    public func run() throws -> Report {
        var report = Report()
        report.collections = try collections()
        try makeFolder(data)
        let lock = try lockFolder()
        defer { close(lock) }
        let others = try list(data).filter { ![Self.lockName, Self.partialName, "lost+found"].contains($0) }
        guard others.isEmpty else {
            throw CommandFailure("\(data) is not empty (it holds '\(others[0])'); restore into a new folder")
        }
        let partial = "\(data)/\(Self.partialName)"
        try? FileManager.default.removeItem(atPath: partial)
        do {
            try copyFolder("\(backup)/\(Self.collectionsName)", to: partial, &report)
            try check(rename(partial, "\(data)/\(Self.collectionsName)"), "\(data)/\(Self.collectionsName)", "be made")
            try sync(folder: data)
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
        return report
    }

    /// A backup must not be restored into itself, nor into a folder that a daemon holds, nor taken from one that changes meanwhile.
    private func checkPlaces() throws {
        func real(_ path: String) -> String {
            // Of the part that exists: the folder itself may be still to be made.
            var url = URL(fileURLWithPath: path).standardizedFileURL
            var rest: [String] = []
            while url.path != "/", !FileManager.default.fileExists(atPath: url.path) {
                rest.insert(url.lastPathComponent, at: 0)
                url.deleteLastPathComponent()
            }
            return ([url.resolvingSymlinksInPath().path] + rest).joined(separator: "/")
        }
        let (source, target) = (real(backup), real(data))
        guard target != source, !target.hasPrefix(source + "/") else { throw CommandFailure("\(data) lies inside the backup; name a folder outside it") }
        var parent = URL(fileURLWithPath: target).deletingLastPathComponent()
        while parent.path != "/" {
            let lock = parent.appendingPathComponent(Self.lockName).path
            guard !FileManager.default.fileExists(atPath: lock) else {
                throw CommandFailure("\(data) lies inside the data folder \(parent.path); name one outside it")
            }
            parent.deleteLastPathComponent()
        }
        let descriptor = open("\(source)/\(Self.lockName)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
            throw CommandFailure("\(backup) is the data folder of a running daemon, not a backup; 'tandem backup DIR' makes one")
        }
    }

    /// Names of the backup's collections, each with its manifest.
    private func collections() throws -> [String] {
        let folder = "\(backup)/\(Self.collectionsName)"
        var info = stat()
        guard stat(folder, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure("\(backup) is no backup: it has no folder '\(Self.collectionsName)'")
        }
        let names = try list(folder)
        for name in names where access("\(folder)/\(name)/\(Self.manifestName)", R_OK) != 0 {
            throw CommandFailure("\(folder)/\(name)/\(Self.manifestName) is missing or not readable: the backup is not whole")
        }
        return names
    }

    private func lockFolder() throws -> Int32 {
        let path = "\(data)/\(Self.lockName)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        try check(descriptor, path, "be opened")
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandFailure("\(data) is in use by a daemon; restore into a new folder")
        }
        return descriptor
    }

    private func copyFolder(_ source: String, to target: String, _ report: inout Report) throws {
        try makeFolder(target)
        for name in try list(source) {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            var info = stat()
            try check(lstat(from, &info), from, "be read")
            switch info.st_mode & S_IFMT {
            case S_IFDIR: try copyFolder(from, to: to, &report)
            case S_IFREG:
                report.bytes += try copyFile(from, to: to)
                report.files += 1
            default: throw CommandFailure("\(from) is neither a file nor a folder: that is not from a backup")
            }
        }
        try sync(folder: target)
    }

    /// Copies, syncs, drops the copy from the page cache and compares it with the source.
    /// - Returns: the bytes.
    private func copyFile(_ source: String, to target: String) throws -> UInt64 {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        try check(input, source, "be read")
        defer { close(input) }
        let output = open(target, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        try check(output, target, "be written")
        defer { close(output) }

        var buffer = [UInt8](repeating: 0, count: Self.chunkBytes)
        var other = buffer
        var copied: UInt64 = 0
        while case let count = try fill(&buffer, from: input, source), count > 0 {
            var written = 0
            while written < count {
                let step = buffer.withUnsafeBytes { write(output, $0.baseAddress! + written, count - written) }
                if step < 0, errno == EINTR { continue }
                try check(Int32(clamping: step), target, "be written")
                written += step
            }
            copied += UInt64(count)
        }
        try check(fsync(output), target, "be written")
        _ = posix_fadvise(output, 0, 0, POSIX_FADV_DONTNEED)
        lseek(input, 0, SEEK_SET)
        lseek(output, 0, SEEK_SET)
        while true {
            let count = try fill(&buffer, from: input, source)
            guard try fill(&other, from: output, target) == count, buffer[..<count] == other[..<count] else {
                throw CommandFailure("\(target) differs from the backup after it was written; the disk or the memory of this machine is faulty")
            }
            if count == 0 { return copied }
        }
    }

    static let chunkBytes = 1 << 20

    /// Reads until the buffer is full or the file ends.
    private func fill(_ buffer: inout [UInt8], from descriptor: Int32, _ path: String) throws -> Int {
        var total = 0
        while total < buffer.count {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + total, $0.count - total) }
            if count < 0, errno == EINTR { continue }
            try check(Int32(clamping: count), path, "be read")
            if count == 0 { break }
            total += count
        }
        return total
    }

    private func makeFolder(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch {
            throw CommandFailure("\(path) cannot be made: \(error.localizedDescription)")
        }
    }

    private func list(_ folder: String) throws -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw CommandFailure("\(folder) cannot be read: \(error.localizedDescription)")
        }
    }

    private func sync(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(descriptor, folder, "be opened")
        defer { close(descriptor) }
        try check(fsync(descriptor), folder, "be synced")
    }

    private func check(_ result: Int32, _ path: String, _ action: String) throws {
        if result < 0 { throw CommandFailure("\(path) cannot \(action): \(String(cString: strerror(errno)))") }
    }
}
