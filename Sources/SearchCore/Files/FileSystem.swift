import Glibc

/// Durable file operations: what is written is synced before it gets its name, and the folder is synced after.
///
/// A reader therefore finds the old file or the new one, never a mixture, whatever moment the power fails.
public enum FileSystem {
    /// An `errno` as an error that names the operation and the file. A full or read-only disk is `RESOURCE_EXHAUSTED`.
    public static func error(_ operation: String, _ path: String, _ number: Int32 = errno) -> TandemError {
        let reason = String(cString: strerror(number))
        switch number {
        case ENOSPC, EDQUOT, EROFS:
            return TandemError(.resourceExhausted, "\(operation) \(path): \(reason); free space or make the disk writable, then retry", isRetryable: true)
        case ENOENT:
            return TandemError(.notFound, "\(operation) \(path): \(reason)")
        default:
            return TandemError(.internal, "\(operation) \(path): \(reason)")
        }
    }

    /// Bytes that are written between two looks at whether the writing is still wanted, or somebody else wants the processor: a tenth of a millisecond.
    private static let pieceBytes = 256 << 10
    /// Bytes that are synced together: a third of a second of a slow disk.
    private static let syncedBytes = 32 << 20

    /// Writes `chunks` one after another to `path`: temporary file, fsync, rename, fsync of the folder.
    ///
    /// - Parameter checkpoint: asked every megabyte, and with nothing but a sync to do; when it throws, what was written is removed and `path` is what it was before.
    public static func writeAtomically(_ path: String, _ chunks: [UnsafeRawBufferPointer], checkpoint: () throws -> Void = {}) throws {
        let temporary = path + ".tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw error("create", temporary) }
        do {
            do {
                var unsynced = 0
                for chunk in chunks {
                    var rest = chunk[...]
                    while !rest.isEmpty {
                        let piece = rest.prefix(pieceBytes)
                        try writeAll(descriptor, UnsafeRawBufferPointer(rebasing: piece), temporary)
                        rest = rest.dropFirst(piece.count)
                        unsynced += piece.count
                        if unsynced >= syncedBytes {
                            // Else the sync at the end would wait for gigabytes, and nothing could call it back.
                            guard fdatasync(descriptor) == 0 else { throw error("fdatasync", temporary) }
                            unsynced = 0
                        }
                        try checkpoint()
                    }
                }
                try checkpoint()
                guard fsync(descriptor) == 0 else { throw error("fsync", temporary) }
            } catch {
                close(descriptor)
                throw error
            }
            guard close(descriptor) == 0 else { throw error("close", temporary) }
            guard rename(temporary, path) == 0 else { throw error("rename", path) }
        } catch {
            unlink(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    public static func writeAtomically(_ path: String, _ bytes: [UInt8], checkpoint: () throws -> Void = {}) throws {
        try bytes.withUnsafeBytes { try writeAtomically(path, [$0], checkpoint: checkpoint) }
    }

    static func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ path: String) throws {
        var done = 0
        while done < bytes.count {
            let n = write(descriptor, bytes.baseAddress! + done, min(bytes.count - done, 1 << 30))
            if n < 0 {
                if errno == EINTR { continue }
                throw error("write", path)
            }
            done += n
        }
    }

    public static func syncFolder(of path: String) throws {
        let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
        try sync(folder: folder.isEmpty ? "/" : folder)
    }

    public static func sync(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw error("fsync", folder) }
    }

    public static func isSymbolicLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    /// The path without symbolic links and dots; of a part that does not exist yet, as it stands.
    public static func realPath(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return path }
        return realPath(String(path[..<slash])) + path[slash...]
    }

    /// Whole file as bytes. For small files; large ones are mapped.
    public static func read(_ path: String) throws -> [UInt8] {
        // Without waiting: a pipe of that name would hang the opening of everything.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw error("open", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw error("stat", path) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw TandemError.damaged(path, "is not a regular file") }
        let size = Int(info.st_size)
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let n = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
                if n < 0 {
                    if errno == EINTR { continue }
                    throw error("read", path)
                }
                if n == 0 { break }
                count += n
            }
        }
    }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Creates `path` and its parents; an existing folder is fine.
    public static func createFolder(_ path: String) throws {
        if mkdir(path, 0o750) == 0 {
            try syncFolder(of: path)
            return
        }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try createFolder(String(path[..<slash]))
            guard mkdir(path, 0o750) == 0 || errno == EEXIST else { throw error("create folder", path) }
            try syncFolder(of: path)
            return
        }
        guard errno == EEXIST else { throw error("create folder", path) }
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & S_IFMT == S_IFDIR else { throw error("create folder", path, ENOTDIR) }
    }

    /// Names inside `folder`, sorted, without "." and "..".
    public static func list(_ folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw error("list", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Renames a file or folder and syncs both parents.
    public static func move(_ path: String, to destination: String) throws {
        guard rename(path, destination) == 0 else { throw error("rename to \(destination)", path) }
        try syncFolder(of: path)
        try syncFolder(of: destination)
    }

    /// Gives an immutable file a second name; copies it where the file system cannot link (another device).
    public static func linkOrCopy(_ path: String, to destination: String) throws {
        if link(path, destination) == 0 { return }
        guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP else { throw error("link to \(destination)", path) }
        let source = try MappedFile(mapping: path)
        // The mapping must outlive the write; a pointer into it does not keep it.
        try withExtendedLifetime(source) { try writeAtomically(destination, [source.bytes]) }
    }

    /// Removes a file; a missing one is fine.
    public static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw error("remove", path) }
    }

    /// Removes a folder and all that is in it; a missing one is fine. Symbolic links are removed, not followed.
    public static func removeTree(_ path: String) throws {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT { return }
            throw error("remove", path)
        }
        if info.st_mode & S_IFMT == S_IFDIR {
            for name in try list(path) { try removeTree(path + "/" + name) }
            guard rmdir(path) == 0 else { throw error("remove", path) }
        } else {
            try remove(path)
        }
    }
}
