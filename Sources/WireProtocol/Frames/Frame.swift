/// The 16 bytes before every payload, in network byte order.
///
/// ```
///  0        1        2        3        4                                  8
///  +--------+--------+--------+--------+--------+--------+--------+--------+
///  | 'T'    | version| type   | flags  |             stream id             |
///  +--------+--------+--------+--------+--------+--------+--------+--------+
///  |          payload length           |   CRC-32C of bytes 0–11, payload  |
///  +--------+--------+--------+--------+--------+--------+--------+--------+
/// ```
/// The checksum covers the header too, so that a flipped bit in a stream id or a length cannot pass for another frame.
public struct FrameHeader: Sendable, Hashable {
    public var type: FrameType
    public var flags: FrameFlags
    /// 0 for frames of the connection itself.
    public var stream: UInt32
    public var payloadBytes: Int
    public var checksum: UInt32

    /// - Precondition: `bytes` has at least ``FrameFormat/headerBytes``. Magic and version are the caller's to check.
    init(parsing bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= FrameFormat.headerBytes, "header of \(bytes.count) bytes")
        func word(_ offset: Int) -> UInt32 { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
        type = FrameType(rawValue: bytes[2])
        flags = FrameFlags(rawValue: bytes[3])
        stream = word(4)
        payloadBytes = Int(word(8))
        checksum = word(12)
    }
}

/// A whole frame, for tests and tools; connections write frames without this detour.
public struct Frame: Sendable, Hashable {
    public var type: FrameType
    public var flags: FrameFlags
    public var stream: UInt32
    public var payload: [UInt8]

    public init(_ type: FrameType, flags: FrameFlags = [], stream: UInt32 = 0, payload: [UInt8] = []) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        payload.withUnsafeBytes { FrameWriter.append(type, flags, stream: stream, payload: $0, to: &bytes) }
        return bytes
    }

    /// Cuts well-formed frames from `bytes`; nil where they are not (no magic, wrong checksum, cut off).
    public static func parseAll(_ bytes: [UInt8]) -> [Frame]? {
        var frames: [Frame] = []
        return bytes.withUnsafeBytes { raw in
            var offset = 0
            while offset < raw.count {
                let rest = UnsafeRawBufferPointer(rebasing: raw[offset...])
                guard rest.count >= FrameFormat.headerBytes, rest[0] == FrameFormat.magic else { return nil }
                let header = FrameHeader(parsing: rest)
                let end = FrameFormat.headerBytes + header.payloadBytes
                guard end <= rest.count else { return nil }
                let payload = UnsafeRawBufferPointer(rebasing: rest[FrameFormat.headerBytes..<end])
                guard FrameChecksum.of(header: rest, payload: payload) == header.checksum else { return nil }
                frames.append(Frame(header.type, flags: header.flags, stream: header.stream, payload: [UInt8](payload)))
                offset += end
            }
            return frames
        }
    }
}

enum FrameWriter {
    /// Appends a frame whose payload is `prefix` followed by `payload`.
    static func append(
        _ type: FrameType, _ flags: FrameFlags, stream: UInt32, prefix: [UInt8] = [], payload: UnsafeRawBufferPointer,
        to output: inout [UInt8]
    ) {
        let start = output.count
        let payloadBytes = prefix.count + payload.count
        output.append(FrameFormat.magic)
        output.append(FrameFormat.version)
        output.append(type.rawValue)
        output.append(flags.rawValue)
        withUnsafeBytes(of: stream.bigEndian) { output.append(contentsOf: $0) }
        withUnsafeBytes(of: UInt32(payloadBytes).bigEndian) { output.append(contentsOf: $0) }
        output.append(contentsOf: repeatElement(0, count: 4))
        output.append(contentsOf: prefix)
        output.append(contentsOf: payload)
        let checksum = output.withUnsafeBytes { raw in
            FrameChecksum.of(
                header: UnsafeRawBufferPointer(rebasing: raw[start...]),
                payload: UnsafeRawBufferPointer(rebasing: raw[(start + FrameFormat.headerBytes)...]))
        }
        withUnsafeBytes(of: checksum.bigEndian) { bytes in
            for index in 0..<4 { output[start + FrameFormat.checkedHeaderBytes + index] = bytes[index] }
        }
    }
}
