import CISAL

/// CRC-32 of ISO 3309, as in gzip and Python's `zlib.crc32`; computed by Intel ISA-L with the machine's instructions.
///
/// For files that other programs write. Our own formats use ``CRC32C``.
public enum CRC32 {
    /// Checksum of `bytes`, continuing from `seed` (the checksum of what came before; 0 at the start).
    /// - Complexity: O(n), about 10 bytes a nanosecond.
    public static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        guard let base = bytes.baseAddress else { return seed }
        return crc32_gzip_refl(seed, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
    }
}
