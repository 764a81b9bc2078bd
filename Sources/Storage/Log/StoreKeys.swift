import SearchCore

/// Keys and small values of the store's columns; docs/formats/store.md. Numbers in keys are big-endian, so that the order of
/// the bytes is the order of the numbers.
enum StoreKeys {
    /// Meta column: counters that change with every commit.
    static let state = Array("state".utf8)
    /// Meta column: format version of the store.
    static let format = Array("format".utf8)
    /// Meta column: the log lacks superseded entries up to here.
    static let droppedThrough = Array("dropped".utf8)
    static let formatVersion: UInt8 = 1

    /// Meta column: what the owner of the store keeps there; a prefix keeps its names apart from ours.
    static func meta(_ name: String) -> [UInt8] { Array("user/".utf8) + Array(name.utf8) }

    static func sequence(_ sequence: SequenceNumber) -> [UInt8] {
        withUnsafeBytes(of: sequence.rawValue.bigEndian) { [UInt8]($0) }
    }

    static func sequence(_ bytes: UnsafeRawBufferPointer) -> SequenceNumber? {
        bytes.count == 8 ? SequenceNumber(UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))) : nil
    }

    // MARK: Superseded column: new sequence → old sequence, and whether the new one is a delete.

    static func supersededValue(old: SequenceNumber, byDelete: Bool) -> [UInt8] { sequence(old) + [byDelete ? 1 : 0] }

    static func superseded(_ bytes: UnsafeRawBufferPointer) -> (old: SequenceNumber, byDelete: Bool)? {
        guard bytes.count == 9, bytes[8] <= 1 else { return nil }
        return (SequenceNumber(UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))), bytes[8] == 1)
    }

    // MARK: Vectors column: model, field, sequence, chunk → f32.

    /// Bytes of a model's fingerprint or of a field's name; their length goes into one byte.
    static let vectorNameBytesMax = 128

    static func vectorModel(_ model: String) -> [UInt8] { [UInt8(model.utf8.count)] + Array(model.utf8) }

    static func vectorSpace(_ model: String, _ field: String) -> [UInt8] {
        vectorModel(model) + [UInt8(field.utf8.count)] + Array(field.utf8)
    }

    static func vector(_ space: [UInt8], _ sequence: SequenceNumber, chunk: UInt16) -> [UInt8] {
        space + self.sequence(sequence) + [UInt8(chunk >> 8), UInt8(chunk & 0xFF)]
    }

    /// The space's part of a vector's key, with the sequence and chunk that follow; nil if it does not parse.
    static func parseVector(_ key: UnsafeRawBufferPointer) -> (space: UnsafeRawBufferPointer, sequence: SequenceNumber, chunk: UInt16)? {
        guard let model = key.first, key.count > Int(model) + 1 else { return nil }
        let spaceEnd = 2 + Int(model) + Int(key[1 + Int(model)])
        guard key.count == spaceEnd + 10 else { return nil }
        let sequence = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: spaceEnd, as: UInt64.self))
        let chunk = UInt16(bigEndian: key.loadUnaligned(fromByteOffset: spaceEnd + 8, as: UInt16.self))
        return (UnsafeRawBufferPointer(rebasing: key[0..<spaceEnd]), SequenceNumber(sequence), chunk)
    }

    /// The least key greater than every key that starts with `prefix`; nil if there is none (all bytes 0xFF).
    static func successor(of prefix: [UInt8]) -> [UInt8]? {
        var key = prefix
        while let last = key.popLast() {
            if last < 0xFF { return key + [last + 1] }
        }
        return nil
    }
}

/// Counters that change with every commit, written in the same batch: version u8, last u64, live u64, crc32c u32.
struct StoreState: Equatable {
    /// Last sequence given.
    var last = SequenceNumber.zero
    /// Documents that exist: one `ids` entry each.
    var liveDocuments = 0

    func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 21)
        writer.append(1 as UInt8)
        writer.append(last.rawValue)
        writer.append(UInt64(liveDocuments))
        writer.append(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    init() {}

    init(decoding bytes: UnsafeRawBufferPointer, path: String) throws {
        let name = "store \(path): its counters"
        guard bytes.count == 21 else { throw TandemError.damaged(name, "\(bytes.count) bytes, expected 21") }
        var reader = ByteReader(bytes, name: name)
        let version: UInt8 = try reader.read()
        last = SequenceNumber(try reader.read())
        let live: UInt64 = try reader.read()
        let expected: UInt32 = try reader.read()
        guard CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[0..<17])) == expected, version == 1, live <= last.rawValue else {
            throw TandemError.damaged(name, "version \(version) or checksum does not match")
        }
        liveDocuments = Int(live)
    }
}
