import Glibc
import SearchCore

/// Asks a folder's disk whether it takes data.
enum DiskProbe {
    /// Room that opening a store needs besides its log: a new manifest, a new log, tables' metadata.
    static let openingBytes = 8 << 20

    /// Reserves what reopening a store would write, and gives it back.
    /// - Throws: `RESOURCE_EXHAUSTED` with the reason if the disk is full or read-only.
    static func check(folder: String) throws {
        // Opening replays the log into tables, so it may need the log's size once more.
        let logBytes = try FileSystem.list(folder).filter { $0.hasSuffix(".log") }.reduce(0) { $0 + DocumentStore.fileBytes(folder + "/" + $1) }
        let probe = folder + "/write-probe.tmp"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw FileSystem.error("create", probe) }
        defer {
            close(descriptor)
            unlink(probe)
        }
        let failure = posix_fallocate(descriptor, 0, off_t(logBytes + openingBytes))
        guard failure == 0 else { throw FileSystem.error("reserve \(logBytes + openingBytes) bytes for", probe, failure) }
        guard fsync(descriptor) == 0 else { throw FileSystem.error("fsync", probe) }
    }

    /// Nil if the disk has the reserve free; else the error that a write of documents gets.
    static func shortage(folder: String, reserveBytes: Int) -> TandemError? {
        guard reserveBytes > 0 else { return nil }
        var info = statvfs()
        // If the question fails, the write itself will tell.
        guard statvfs(folder, &info) == 0 else { return nil }
        let unit = Int(info.f_frsize)
        let free = Int(info.f_bavail) * unit
        let reserve = min(reserveBytes, Int(info.f_blocks) * unit / 20)
        guard free < reserve else { return nil }
        return TandemError(
            .resourceExhausted,
            "store \(folder): the disk has \(free >> 20) MB free, less than the reserve of \(reserve >> 20) MB; free space: writes then resume by themselves, reads and deletes go on",
            isRetryable: true, retryAfter: .seconds(1))
    }
}
