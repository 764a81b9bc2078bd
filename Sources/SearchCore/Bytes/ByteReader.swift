/// Reads little-endian values and varints from untrusted bytes; every step is bounds-checked and throws ``TandemError``.
///
/// `name` says whose bytes these are, for the error's message. The bytes must outlive the reader.
public struct ByteReader {
    public let bytes: UnsafeRawBufferPointer
    private let makeName: () -> String
    public private(set) var offset = 0

    /// - Parameter name: evaluated for messages only, since a log's reader makes one of these for each entry.
    public init(_ bytes: UnsafeRawBufferPointer, name: @autoclosure @escaping () -> String) {
        self.bytes = bytes
        makeName = name
    }

    public var name: String { makeName() }

    public var remaining: Int { bytes.count - offset }
    public var isAtEnd: Bool { offset == bytes.count }

    private func short(_ wanted: Int) -> TandemError {
        .damaged(name, "at byte \(offset): \(wanted) more bytes expected, \(remaining) left")
    }

    public mutating func read<T: FixedWidthInteger>(_: T.Type = T.self) throws -> T {
        let width = MemoryLayout<T>.size
        guard remaining >= width else { throw short(width) }
        defer { offset += width }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    public mutating func readDouble() throws -> Double { Double(bitPattern: try read()) }
    public mutating func readFloat() throws -> Float { Float(bitPattern: try read()) }

    public mutating func readVarint() throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte: UInt8 = try read()
            guard shift < 63 || byte <= 1 else { throw TandemError.damaged(name, "at byte \(offset): varint over 64 bits") }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// A varint that counts something of at least `unit` bytes each, so it cannot exceed what is left.
    public mutating func readCount(unit: Int = 1) throws -> Int {
        let value = try readVarint()
        guard value <= UInt64(remaining / max(unit, 1)) else {
            throw TandemError.damaged(name, "at byte \(offset): count \(value) exceeds the \(remaining) bytes left")
        }
        return Int(value)
    }

    public mutating func readBytes(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, remaining >= count else { throw short(count) }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }

    public mutating func readCountedBytes() throws -> UnsafeRawBufferPointer { try readBytes(try readCount()) }

    /// Varint length, then UTF-8; ill-formed UTF-8 is an error.
    public mutating func readCountedString() throws -> String {
        let at = offset
        let raw = try readCountedBytes()
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw TandemError.damaged(name, "at byte \(at): text is not UTF-8")
        }
        return text
    }
}
