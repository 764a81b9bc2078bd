import CISAL

/// CRC-32C (Castagnoli), as in iSCSI, RocksDB and ext4; computed by Intel ISA-L with the machine's instructions.
public enum CRC32C {
    /// Checksum of `bytes`, continuing from `seed` (the checksum of what came before; 0 at the start).
    /// - Complexity: O(n), about 10 bytes a nanosecond.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard var base = bytes.baseAddress else { return seed }
        // ISA-L takes and returns the register without the final inversion, and its length is an Int32.
        var register = ~seed
        var left = bytes.count
        while left > 0 {
            let piece = min(left, 1 << 30)
            let pointer = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            register = crc32_iscsi(pointer, Int32(piece), register)
            base += piece
            left -= piece
        }
        return ~register
    }

    public static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { checksum($0, seed: seed) }
    }
}
