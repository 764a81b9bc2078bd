import CISAL

/// CRC-32C of a frame. This target imports no engine, so it calls ISA-L itself instead of SearchCore's wrapper.
enum FrameChecksum {
    /// `header`: at least its first 12 bytes. `payload`: at most ``FrameFormat/payloadBytesMost`` bytes.
    static func of(header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) -> UInt32 {
        // ISA-L takes and returns the register without the final inversion.
        var register: UInt32 = 0xFFFF_FFFF
        register = update(register, UnsafeRawBufferPointer(rebasing: header[..<FrameFormat.checkedHeaderBytes]))
        register = update(register, payload)
        return ~register
    }

    private static func update(_ register: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return register }
        // SAFETY: ISA-L's prototype lacks const, but it only reads.
        return crc32_iscsi(UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self)), Int32(bytes.count), register)
    }
}
