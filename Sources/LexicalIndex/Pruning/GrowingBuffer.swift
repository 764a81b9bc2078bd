/// Uninitialised memory that is used again and again, and only ever grows.
struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    private var base = UnsafeMutablePointer<Element>.allocate(capacity: 0)
    private var capacity = 0

    var byteCount: Int { capacity * MemoryLayout<Element>.stride }

    deinit { base.deallocate() }

    /// Room for so many elements; what was there before is lost where it grows. Valid until the next call.
    mutating func reserve(_ count: Int) -> UnsafeMutablePointer<Element> {
        if count > capacity {
            base.deallocate()
            capacity = max(count, 2 * capacity)
            base = .allocate(capacity: capacity)
        }
        return base
    }
}
