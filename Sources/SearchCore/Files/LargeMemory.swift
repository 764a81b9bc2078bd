import Glibc

/// Memory that is read at random: in huge pages, where it is large and the kernel gives them, so that reads miss the TLB far less.
public enum LargeMemory {
    private static let hugePage = 2 << 20

    /// 64-byte aligned bytes, not initialised; to be given back with `deallocate()`.
    public static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        let isLarge = byteCount >= 2 * hugePage
        let memory = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 1), alignment: isLarge ? hugePage : 64)
        if isLarge { madvise(memory, byteCount, MADV_HUGEPAGE) }
        return memory
    }
}
