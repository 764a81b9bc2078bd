import CKernels
import Glibc

/// Reads varints and little-endian integers from untrusted bytes in hot loops.
///
/// A read past the end, or a varint over 64 bits, sets `failed` and gives 0, so that a loop asks once per item instead of
/// once per byte; nothing outside the bytes is ever touched. In this target, because a call across targets per byte would
/// cost more than the byte (SearchCore's `ByteReader` is for headers).
struct BoundedReader {
    private(set) var pointer: UnsafeRawPointer
    let end: UnsafeRawPointer
    private(set) var failed = false

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since nothing is read.
        pointer = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
        end = pointer + bytes.count
    }

    @inline(__always) var remaining: Int { end - pointer }

    @inline(__always) mutating func byte() -> UInt8 {
        guard pointer < end else { failed = true; return 0 }
        defer { pointer += 1 }
        return pointer.load(as: UInt8.self)
    }

    @inline(__always) mutating func varint() -> UInt64 {
        let first = byte()
        return first < 0x80 ? UInt64(first) : longVarint(first)
    }

    private mutating func longVarint(_ first: UInt8) -> UInt64 {
        var value = UInt64(first & 0x7F)
        var shift: UInt64 = 7
        while true {
            let next = byte()
            if failed || (shift == 63 && next > 1) { failed = true; return 0 }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    /// Steps over `count` bytes and gives their address; the address is only valid if `failed` stays false.
    @inline(__always) mutating func take(_ count: UInt64) -> UnsafeRawPointer {
        guard count <= UInt64(remaining) else { failed = true; return pointer }
        defer { pointer += Int(count) }
        return pointer
    }
}

extension Array<UInt8> {
    /// LEB128, as in SearchCore's `ByteWriter`.
    @inline(__always) mutating func appendVarint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        append(UInt8(truncatingIfNeeded: value))
    }

    @inline(__always) mutating func appendLittleEndian<T: FixedWidthInteger>(_ value: T) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}

/// Orders two byte strings as unsigned bytes, a prefix first: the order of the term dictionary.
@inline(__always) func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let common = min(a.count, b.count)
    if common > 0 {
        let order = memcmp(a.baseAddress!, b.baseAddress!, common)
        if order != 0 { return Int(order) }
    }
    return a.count - b.count
}

/// First eight bytes of a key as a big-endian number, zeros behind a shorter key: if these differ, they order the keys.
@inline(__always) func keyPrefix(_ key: UnsafeRawBufferPointer) -> UInt64 {
    key.isEmpty ? 0 : tandem_big_endian_prefix(key.baseAddress!, key.count)
}
