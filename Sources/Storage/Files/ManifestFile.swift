public import SearchCore

/// A small file that is replaced as a whole: header, checksum, payload; docs/formats/manifest.md.
///
/// A reader finds the old content or the new one, never a mixture, whatever moment the power fails; and any byte that is not
/// what was written is noticed.
public enum ManifestFile {
    public static let magic: [UInt8] = Array("TNDM".utf8)
    public static let headerBytes = 24
    /// A manifest lists files and numbers; what is larger is no manifest.
    public static let payloadBytesMax = 64 << 20

    /// Writes `payload` to `path`, durably, in place of what is there.
    /// - Parameter kind: letters and version of what the payload is; the same as given to ``read(_:kind:)``.
    public static func write(_ path: String, kind: SectionFile.Kind, payload: [UInt8]) throws {
        precondition(payload.count <= payloadBytesMax, "a manifest of \(payload.count) bytes")
        var header = ByteWriter(capacity: headerBytes)
        header.append(bytes: magic)
        header.append(bytes: kind.letters.utf8)
        header.append(kind.version)
        header.append(0 as UInt16)
        var length = ByteWriter(capacity: 8)
        length.append(UInt64(payload.count))
        header.append(checksum(header.bytes, length.bytes, payload))
        header.append(bytes: length.bytes)
        try header.bytes.withUnsafeBytes { header in
            try payload.withUnsafeBytes { try FileSystem.writeAtomically(path, [header, $0]) }
        }
    }

    private static func checksum(_ head: [UInt8], _ length: [UInt8], _ payload: [UInt8]) -> UInt32 {
        CRC32C.checksum(payload, seed: CRC32C.checksum(length, seed: CRC32C.checksum(head)))
    }

    /// - Returns: the payload, and the format version it was written with (at most `kind.version`).
    /// - Throws: `NOT_FOUND` if there is no such file; `DATA_LOSS` if a byte is not what was written; `FAILED_PRECONDITION` if
    ///   it is of another kind or of a newer version.
    public static func read(_ path: String, kind: SectionFile.Kind) throws -> (version: UInt16, payload: [UInt8]) {
        let bytes = try FileSystem.read(path)
        guard bytes.count >= headerBytes, bytes[0..<4].elementsEqual(magic) else {
            throw TandemError.damaged(path, "\(bytes.count) bytes without a manifest's header; expected \"TNDM\" at its start")
        }
        let payload = Array(bytes[headerBytes...])
        let (crc, length) = bytes.withUnsafeBytes {
            (
                UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
                UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
            )
        }
        guard length == UInt64(payload.count) else {
            throw TandemError.damaged(path, "\(payload.count) bytes of payload, its header says \(length)")
        }
        let found = checksum(Array(bytes[0..<12]), Array(bytes[16..<24]), payload)
        guard found == crc else {
            throw TandemError.damaged(path, "checksum 0x\(String(found, radix: 16)), expected 0x\(String(crc, radix: 16))")
        }
        guard bytes[4..<8].elementsEqual(kind.letters.utf8) else {
            throw TandemError(
                .failedPrecondition, "\(path): is of kind \(String(decoding: bytes[4..<8], as: UTF8.self)), expected \(kind.letters)")
        }
        let version = UInt16(bytes[8]) | UInt16(bytes[9]) << 8
        guard version > 0, version <= kind.version else {
            throw TandemError(
                .failedPrecondition, "\(path): format version \(version), this build reads up to \(kind.version): use the newer build")
        }
        return (version, payload)
    }
}
