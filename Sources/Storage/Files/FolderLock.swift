import Glibc
import SearchCore

/// Exclusive use of a data folder: `flock` on a file in it, which also holds the holder's process id.
///
/// The kernel drops the lock with the process, so `kill -9` leaves nothing behind that would have to be cleaned up. The file
/// stays; its content alone means nothing.
public final class FolderLock: Sendable {
    public static let fileName = "tandem.lock"
    public let folder: String
    private let descriptor: Int32

    /// - Parameter folder: must exist.
    /// - Throws: `FAILED_PRECONDITION` naming the process that holds it; or what keeps the file from being made.
    public init(folder: String) throws {
        let path = folder + "/" + Self.fileName
        // `self` gets it last: a class whose properties are all set runs its deinit when its initialiser throws, which would close the descriptor
        // a second time, and by then it may be another thread's.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw FileSystem.error("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = Self.read(descriptor)
            Glibc.close(descriptor)
            guard number == EWOULDBLOCK else { throw FileSystem.error("lock", path, number) }
            throw TandemError(
                .failedPrecondition,
                "data folder \(folder): is in use by process \(holder ?? "unknown"); stop that one or choose another folder")
        }
        // For the message above; a full disk must not keep the daemon from serving reads, so failures are let pass.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
        self.folder = folder
        self.descriptor = descriptor
    }

    private static func read(_ descriptor: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self)).map(String.init)
    }

    deinit {
        // Unlocked by name: a process being spawned may hold a copy of the descriptor until its exec, and closing ours would
        // leave the lock to it.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }
}
