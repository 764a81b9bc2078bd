/// Positions of one term in one document, rising: memory that is used again from document to document.
struct PositionBuffer: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt32>
    private var capacity = 64
    private(set) var count = 0

    init() { base = .allocate(capacity: capacity) }

    deinit { base.deallocate() }

    @inline(__always) mutating func removeAll() { count = 0 }

    @inline(__always) mutating func reserve(_ needed: Int) { if needed > capacity { grow(needed) } }

    @inline(never) private mutating func grow(_ needed: Int) {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: max(2 * capacity, needed))
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
        capacity = max(2 * capacity, needed)
    }

    /// Room was reserved for it.
    @inline(__always) mutating func append(_ position: UInt32) {
        base[count] = position
        count &+= 1
    }

    @inline(__always) subscript(_ index: Int) -> UInt32 { base[index] }

    /// Sorts what a caller gave out of order, which is rare.
    mutating func sorted() -> UnsafeBufferPointer<UInt32> {
        for i in 0..<max(count - 1, 0) where base[i] > base[i + 1] {
            var all = UnsafeMutableBufferPointer(start: base, count: count)
            all.sort()
            break
        }
        return buffer
    }

    /// Adds positions; of equal ones one is kept.
    mutating func formUnion(_ other: borrowing PositionBuffer) {
        reserve(count + other.count)
        for i in 0..<other.count { append(other[i]) }
        var all = UnsafeMutableBufferPointer(start: base, count: count)
        all.sort()
        removeDuplicates()
    }

    /// Of what is sorted.
    mutating func removeDuplicates() {
        var kept = min(count, 1)
        for i in 1..<max(count, 1) where base[i] != base[kept - 1] {
            base[kept] = base[i]
            kept += 1
        }
        count = kept
    }

    var buffer: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: base, count: count) }
}
