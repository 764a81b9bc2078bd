/// Appends little-endian values and LEB128 varints to a growing buffer.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    public var count: Int { bytes.count }

    public mutating func append(_ value: UInt8) { bytes.append(value) }

    public mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    public mutating func append(_ value: Double) { append(value.bitPattern) }
    public mutating func append(_ value: Float) { append(value.bitPattern) }
    /// As they lie in memory, which is little-endian on every machine that this builds for.
    public mutating func append(floats: [Float]) { floats.withUnsafeBytes { bytes.append(contentsOf: $0) } }
    public mutating func append(bytes more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
    public mutating func append(bytes more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// LEB128: seven bits a byte, lowest first, at most ten bytes.
    public mutating func appendVarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: value))
    }

    public mutating func appendVarint(_ value: Int) { appendVarint(UInt64(value)) }

    /// Varint length, then the bytes.
    public mutating func appendCounted(_ text: String) {
        var text = text
        text.withUTF8 {
            appendVarint($0.count)
            bytes.append(contentsOf: $0)
        }
    }

    /// Varint length, then the bytes.
    public mutating func appendCounted(_ more: [UInt8]) {
        appendVarint(more.count)
        bytes.append(contentsOf: more)
    }

    /// Zero bytes up to a multiple of `alignment` (a power of two).
    public mutating func align(to alignment: Int) {
        let over = bytes.count & (alignment - 1)
        if over != 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - over)) }
    }
}
