import Glibc

/// Read-only bytes that stay at one address for the life of the object: a mapped file, or a buffer on the heap.
///
/// The heap form serves segments that have not been sealed yet: one reader, whether the bytes are on disk or not.
/// Immutable, so safe to share; a mapped file must not be truncated by others (the data folder is locked by the daemon).
public final class MappedFile: Sendable {
    // SAFETY: written once in init, unmapped or freed in deinit, never mutated between.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    public let count: Int
    /// File name for messages; "memory" for a heap buffer unless named.
    public let name: String
    private let isMapped: Bool

    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
    /// True if the bytes are on the heap, and so count against the memory budget.
    public var isInMemory: Bool { !isMapped }

    /// Maps a whole file. - Throws: `NOT_FOUND`, `INTERNAL` with the reason.
    public init(mapping path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileSystem.error("open", path) }
        defer { close(descriptor) }
        var info = stat()
        guard fstat(descriptor, &info) == 0 else { throw FileSystem.error("stat", path) }
        guard info.st_mode & S_IFMT == S_IFREG else { throw TandemError.damaged(path, "is not a regular file") }
        name = path
        count = Int(info.st_size)
        guard count > 0 else {
            base = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 64)
            isMapped = false
            return
        }
        guard let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else {
            throw FileSystem.error("map", path)
        }
        base = address
        isMapped = true
    }

    /// Copies `bytes` to 64-byte aligned memory, which is not asked for in huge pages: such segments live for seconds, and a virtual machine's host may need 4 ms for the first touch of one.
    public convenience init(copying bytes: [UInt8], name: String = "memory") {
        self.init(name: name, count: bytes.count, isLasting: false) { copy in
            bytes.withUnsafeBytes { if $0.count > 0 { copy.copyMemory(from: $0.baseAddress!, byteCount: $0.count) } }
        }
    }

    /// The same in pieces of some hundred microseconds: the first touch of new memory costs more than the copy.
    /// - Parameter checkpoint: asked after each piece. - Throws: as it.
    public convenience init(copying bytes: [UInt8], checkpoint: () throws -> Void) throws {
        let piece = 1 << 18
        try self.init(name: "memory", count: bytes.count, isLasting: false) { copy in
            try bytes.withUnsafeBytes { bytes in
                for start in stride(from: 0, to: bytes.count, by: piece) {
                    (copy + start).copyMemory(from: bytes.baseAddress! + start, byteCount: min(piece, bytes.count - start))
                    try checkpoint()
                }
            }
        }
    }

    /// Reads all of a file into memory that is fit for reads at random.
    public convenience init(copying file: MappedFile) {
        self.init(name: file.name, count: file.count, isLasting: true) { copy in
            if file.count > 0 { copy.copyMemory(from: file.bytes.baseAddress!, byteCount: file.count) }
        }
    }

    private init(name: String, count: Int, isLasting: Bool, fill: (UnsafeMutableRawPointer) throws -> Void) rethrows {
        let copy = isLasting ? LargeMemory.allocate(byteCount: count) : .allocate(byteCount: max(count, 1), alignment: 64)
        do { try fill(copy) } catch {
            copy.deallocate()
            throw error
        }
        self.name = name
        self.count = count
        base = copy
        isMapped = false
    }

    deinit {
        if isMapped { munmap(base, count) } else { base.deallocate() }
    }
}
