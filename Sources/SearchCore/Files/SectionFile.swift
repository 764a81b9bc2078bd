/// The container of every index file: numbered sections, 64-byte aligned, each with a CRC32C; see docs/formats/section-file.md.
///
/// ```
/// header    64 bytes: magic "TNDM", kind (four ASCII letters), version u16, zeros
/// sections  each starts at a multiple of 64
/// directory per section: id u32, crc32c u32, offset u64, length u64
/// trailer   32 bytes: directory offset u64, section count u32, directory crc32c u32,
///           header crc32c u32, kind (four letters), magic "TNDM", zeros u32
/// ```
///
/// Reading checks the header, the directory and every section's checksum once, on opening (about 10 GB/s), so that later
/// reads may trust the bytes to be what was written; what they *mean* is still bounds-checked where it is decoded.
public struct SectionFile: Sendable {
    public static let magic: [UInt8] = Array("TNDM".utf8)
    public static let headerBytes = 64
    public static let trailerBytes = 32
    public static let directoryEntryBytes = 24
    public static let alignment = 64
    /// Bytes that are read or copied between two looks at whether it is still wanted: a tenth of a millisecond for reading, three for copies to new memory.
    package static let pieceBytes = 1 << 20

    /// Four ASCII letters that say what a file is, and the format version of its sections.
    public struct Kind: Sendable, Equatable {
        public let letters: String
        public let version: UInt16
        /// The oldest version that is still read.
        public let oldest: UInt16

        public init(_ letters: String, version: UInt16, oldest: UInt16 = 1) {
            precondition(letters.utf8.count == 4, "a kind has four letters: \(letters)")
            precondition(oldest >= 1 && oldest <= max(version, 1), "versions \(oldest) to \(version)")
            self.letters = letters
            self.version = version
            self.oldest = oldest
        }
    }

    struct Entry: Sendable {
        let id: UInt32
        let offset: Int
        let length: Int
        let checksum: UInt32
    }

    public let file: MappedFile
    let entries: [Entry]
    /// CRC-32C of the directory, which holds those of all sections: what tells this file from any other of its kind.
    public let checksum: UInt32

    public var name: String { file.name }
    public var byteCount: Int { file.count }

    /// Opens and verifies.
    /// - Parameters:
    ///   - deferring: sections whose bytes are not read; see ``verify(_:checkpoint:)``.
    ///   - checkpoint: asked every few MB; what it throws ends the opening.
    /// - Throws: `DATA_LOSS` naming the file and the place when a byte is not what was written, or when the version is no longer read;
    ///   `FAILED_PRECONDITION` when the file is of another kind or of a newer version.
    /// - Complexity: O(bytes), those of deferred sections left out.
    public init(_ file: MappedFile, kind: Kind, deferring deferred: Set<UInt32> = [], checkpoint: () throws -> Void = {}) throws {
        let bytes = file.bytes
        guard bytes.count >= Self.headerBytes + Self.trailerBytes else {
            throw TandemError.damaged(file.name, "\(bytes.count) bytes, too short for a header and a trailer")
        }
        let header = UnsafeRawBufferPointer(rebasing: bytes[0..<Self.headerBytes])
        let trailer = UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - Self.trailerBytes)...])
        guard header[0..<4].elementsEqual(Self.magic), trailer[24..<28].elementsEqual(Self.magic) else {
            throw TandemError.damaged(file.name, "no magic number at its start and end; expected \"TNDM\"")
        }
        guard header[4..<8].elementsEqual(kind.letters.utf8) else {
            let found = String(decoding: header[4..<8], as: UTF8.self)
            throw TandemError(.failedPrecondition, "\(file.name): is of kind \(found), expected \(kind.letters)")
        }
        func u32(_ at: Int) -> UInt32 { UInt32(littleEndian: trailer.loadUnaligned(fromByteOffset: at, as: UInt32.self)) }
        guard CRC32C.checksum(header) == u32(16) else { throw TandemError.damaged(file.name, "the header's checksum does not match") }
        let version = UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
        guard version <= kind.version, version > 0 else {
            throw TandemError(
                .failedPrecondition,
                "\(file.name): format version \(version), this build reads up to \(kind.version): use the newer build, or re-index")
        }
        // What it is derived from is still there: whoever meets lost data builds it anew.
        guard version >= kind.oldest else {
            throw TandemError(
                .dataLoss, "\(file.name): format version \(version), this build reads \(kind.oldest) to \(kind.version); it has to be built anew")
        }
        let directoryOffset = UInt64(littleEndian: trailer.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        let count = Int(u32(8))
        let directoryEnd = bytes.count - Self.trailerBytes
        guard directoryOffset <= UInt64(directoryEnd), Int(directoryOffset) + count * Self.directoryEntryBytes == directoryEnd else {
            throw TandemError.damaged(file.name, "the directory of \(count) sections does not end at the trailer")
        }
        let directory = UnsafeRawBufferPointer(rebasing: bytes[Int(directoryOffset)..<directoryEnd])
        checksum = u32(12)
        guard CRC32C.checksum(directory) == checksum else { throw TandemError.damaged(file.name, "the directory's checksum does not match") }
        guard trailer[20..<24].elementsEqual(kind.letters.utf8), u32(28) == 0 else {
            throw TandemError.damaged(file.name, "the trailer disagrees with the header")
        }
        // No byte is free: sections follow one another at the next multiple of 64, and padding is zero. So a flip anywhere is
        // noticed, and arrays are aligned even in a file that somebody else made.
        func requirePadding(_ gap: Range<Int>) throws {
            guard bytes[gap].allSatisfy({ $0 == 0 }) else { throw TandemError.damaged(file.name, "bytes \(gap) between sections are not zero") }
        }
        var reader = ByteReader(directory, name: file.name)
        var entries: [Entry] = []
        var end = Self.headerBytes
        for _ in 0..<count {
            let id: UInt32 = try reader.read()
            let crc: UInt32 = try reader.read()
            let offset: UInt64 = try reader.read()
            let length: UInt64 = try reader.read()
            // Aligned, so that `array` may hand out typed pointers.
            guard offset <= directoryOffset, length <= directoryOffset - offset, offset % UInt64(Self.alignment) == 0 else {
                throw TandemError.damaged(file.name, "section \(id) lies outside the file or is not aligned")
            }
            guard Int(offset) == (end + Self.alignment - 1) / Self.alignment * Self.alignment else {
                throw TandemError.damaged(file.name, "section \(id) starts at byte \(offset), the one before ends at \(end)")
            }
            try requirePadding(end..<Int(offset))
            end = Int(offset + length)
            let entry = Entry(id: id, offset: Int(offset), length: Int(length), checksum: crc)
            if !deferred.contains(id) { try Self.verify(entry, of: file, checkpoint: checkpoint) }
            entries.append(entry)
        }
        guard Int(directoryOffset) == (end + 7) / 8 * 8 else {
            throw TandemError.damaged(file.name, "the directory starts at byte \(directoryOffset), the last section ends at \(end)")
        }
        try requirePadding(end..<Int(directoryOffset))
        self.file = file
        self.entries = entries
    }

    /// Reads a section and compares its checksum: for those that were deferred.
    /// - Throws: `DATA_LOSS`; as `checkpoint`, which is asked every few MB.
    /// - Complexity: O(bytes of the section).
    public func verify(_ id: UInt32, checkpoint: () throws -> Void = {}) throws {
        for entry in entries where entry.id == id { try Self.verify(entry, of: file, checkpoint: checkpoint) }
    }

    private static func verify(_ entry: Entry, of file: MappedFile, checkpoint: () throws -> Void) throws {
        var found: UInt32 = 0
        try forEachPiece(of: UnsafeRawBufferPointer(rebasing: file.bytes[entry.offset..<(entry.offset + entry.length)])) { piece in
            try checkpoint()
            found = CRC32C.checksum(piece, seed: found)
        }
        guard found == entry.checksum else {
            throw TandemError.damaged(
                file.name,
                "section \(entry.id) at byte \(entry.offset): checksum 0x\(String(found, radix: 16)), expected 0x\(String(entry.checksum, radix: 16))")
        }
    }

    /// What the trailer says that ``checksum`` is, without reading the rest; nil where there is no trailer.
    /// - Complexity: O(1).
    public static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        guard bytes.count >= headerBytes + trailerBytes else { return nil }
        let trailer = UnsafeRawBufferPointer(rebasing: bytes[(bytes.count - trailerBytes)...])
        guard trailer[24..<28].elementsEqual(magic) else { return nil }
        return UInt32(littleEndian: trailer.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }

    /// Bytes of a section, 64-byte aligned; nil when the file has none with that number. Valid while `file` lives.
    public func section(_ id: UInt32) -> UnsafeRawBufferPointer? {
        guard let entry = entries.first(where: { $0.id == id }) else { return nil }
        return UnsafeRawBufferPointer(rebasing: file.bytes[entry.offset..<(entry.offset + entry.length)])
    }

    /// Bytes of a section that must be there.
    public func required(_ id: UInt32) throws -> UnsafeRawBufferPointer {
        guard let bytes = section(id) else { throw TandemError.damaged(name, "section \(id) is missing") }
        return bytes
    }

    /// A section as an array of `T` (fixed-width little-endian integers or floats): its length must be exactly `count` of them.
    public func array<T: BitwiseCopyable>(_ id: UInt32, of type: T.Type, count: Int) throws -> UnsafeBufferPointer<T> {
        let bytes = try required(id)
        // By division: a damaged count times the stride may overflow.
        let stride = MemoryLayout<T>.stride
        guard count >= 0, bytes.count / stride == count, bytes.count % stride == 0 else {
            throw TandemError.damaged(name, "section \(id) has \(bytes.count) bytes, expected \(count) × \(stride)")
        }
        return bytes.bindMemory(to: T.self)
    }
}

/// Builds a ``SectionFile``: sections are appended in any order, then written to memory or, atomically, to disk.
public struct SectionFileWriter: Sendable {
    private var body = ByteWriter()
    private var directory = ByteWriter()
    private var count: UInt32 = 0
    private let kind: SectionFile.Kind
    private let headerChecksum: UInt32

    /// - Parameter capacity: about the bytes that the whole file will have, if known: a large file is then not copied as it grows. What is too
    ///   much costs address space and no memory.
    public init(kind: SectionFile.Kind, capacity: Int = 0) {
        self.kind = kind
        body = ByteWriter(capacity: capacity)
        body.append(bytes: SectionFile.magic)
        body.append(bytes: kind.letters.utf8)
        body.append(kind.version)
        body.align(to: SectionFile.headerBytes)
        headerChecksum = CRC32C.checksum(body.bytes)
    }

    /// Appends a section that comes in pieces: `body` hands over one after the other. After an error of `body`'s the writer is of no more use.
    public mutating func append(section id: UInt32, pieces: (_ append: (UnsafeRawBufferPointer) -> Void) throws -> Void) rethrows {
        body.align(to: SectionFile.alignment)
        let offset = body.count
        var checksum: UInt32 = 0
        try pieces { piece in
            checksum = CRC32C.checksum(piece, seed: checksum)
            body.append(bytes: piece)
        }
        directory.append(id)
        directory.append(checksum)
        directory.append(UInt64(offset))
        directory.append(UInt64(body.count - offset))
        count += 1
    }

    public mutating func append(section id: UInt32, _ bytes: UnsafeRawBufferPointer) { append(section: id) { $0(bytes) } }

    public mutating func append(section id: UInt32, _ bytes: [UInt8]) { append(section: id, array: bytes) }

    public mutating func append<T: BitwiseCopyable>(section id: UInt32, array: [T]) { append(section: id, array: array, checkpoint: {}) }

    /// - Parameter checkpoint: asked every few MB; after an error of its the writer is of no more use.
    public mutating func append(section id: UInt32, _ bytes: UnsafeRawBufferPointer, checkpoint: () throws -> Void) rethrows {
        try append(section: id) { append in
            try forEachPiece(of: bytes) { piece in
                try checkpoint()
                append(piece)
            }
        }
    }

    public mutating func append<T: BitwiseCopyable>(section id: UInt32, array: [T], checkpoint: () throws -> Void) rethrows {
        try array.withUnsafeBytes { try append(section: id, $0, checkpoint: checkpoint) }
    }

    /// The whole file's bytes; the writer is of no more use.
    ///
    /// Not `consuming`: that copies a writer which a closure has captured, all its bytes with it.
    public mutating func finish() -> [UInt8] {
        body.align(to: 8)
        let directoryOffset = UInt64(body.count)
        body.append(bytes: directory.bytes)
        body.append(directoryOffset)
        body.append(count)
        body.append(CRC32C.checksum(directory.bytes))
        body.append(headerChecksum)
        body.append(bytes: kind.letters.utf8)
        body.append(bytes: SectionFile.magic)
        body.append(UInt32(0))
        var finished = ByteWriter()
        swap(&finished, &body)
        return finished.bytes
    }
}

/// Calls `body` for one piece of at most ``SectionFile/pieceBytes`` after the other.
private func forEachPiece(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    var rest = bytes[...]
    while !rest.isEmpty {
        try body(UnsafeRawBufferPointer(rebasing: rest.prefix(SectionFile.pieceBytes)))
        rest = rest.dropFirst(SectionFile.pieceBytes)
    }
}
