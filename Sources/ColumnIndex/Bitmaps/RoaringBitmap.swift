import CRoaring
import SearchCore

/// Compressed set of documents, immutable once made.
///
/// Source: Lemire et al., "Roaring bitmaps: implementation of an optimized software library", 2018; CRoaring.
final class RoaringBitmap: @unchecked Sendable {
    // SAFETY: changed only by the initialisers, before anyone else can hold the object; copy-on-write, which would write to
    // operands, is off. CRoaring's operations on const bitmaps are pure reads.
    private let bitmap: UnsafeMutablePointer<roaring_bitmap_t>

    private init(_ bitmap: UnsafeMutablePointer<roaring_bitmap_t>?) {
        guard let bitmap else { preconditionFailure("out of memory for a bitmap") }
        self.bitmap = bitmap
    }

    deinit { roaring_bitmap_free(bitmap) }

    /// All documents of `range`.
    convenience init(_ range: Range<UInt32>) {
        self.init(range.isEmpty ? roaring_bitmap_create() : roaring_bitmap_from_range(UInt64(range.lowerBound), UInt64(range.upperBound), 1))
    }

    /// Union of lists of documents, each in any order, duplicates allowed.
    /// - Parameter range: the segment's documents; `nil` result when a list names one outside, as in a damaged file.
    static func union(_ lists: [UnsafeBufferPointer<UInt32>], within range: Range<UInt32>, control: QueryControl) throws -> RoaringBitmap? {
        let result = RoaringBitmap(roaring_bitmap_create())
        let total = lists.reduce(0) { $0 + $1.count }
        // Few documents go in one by one; from 1/32 on, where a bitmap costs no more memory than the list, one pass through a
        // dense bitmap is cheaper than CRoaring's random inserts.
        if total < range.count / 32 {
            for list in lists where !list.isEmpty {
                guard list.allSatisfy(range.contains) else { return nil }
                roaring_bitmap_add_many(result.bitmap, list.count, list.baseAddress!)
            }
        } else {
            var words = [UInt64](repeating: 0, count: (range.count + 63) / 64)
            for list in lists {
                for start in stride(from: 0, to: list.count, by: 1 << 16) {
                    try control.checkpoint()
                    for doc in list[start..<min(start + 1 << 16, list.count)] {
                        guard range.contains(doc) else { return nil }
                        let d = Int(doc - range.lowerBound)
                        words[d >> 6] |= 1 << UInt64(d & 63)
                    }
                }
            }
            result.insert(words, offset: range.lowerBound)
        }
        roaring_bitmap_run_optimize(result.bitmap)
        roaring_bitmap_shrink_to_fit(result.bitmap)
        return result
    }

    private func insert(_ words: [UInt64], offset: UInt32) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64 * 64) { buffer in
            var filled = 0
            for (index, word) in words.enumerated() {
                var word = word
                while word != 0 {
                    buffer[filled] = offset + UInt32(index << 6 + word.trailingZeroBitCount)
                    filled += 1
                    word &= word - 1
                }
                if filled > buffer.count - 64 || index == words.count - 1 {
                    if filled > 0 { roaring_bitmap_add_many(bitmap, filled, buffer.baseAddress!) }
                    filled = 0
                }
            }
        }
    }

    var count: Int { Int(roaring_bitmap_get_cardinality(bitmap)) }
    /// Heap bytes, about: the serialised size, and the bookkeeping of an object and its containers.
    var memoryBytes: Int { roaring_bitmap_portable_size_in_bytes(bitmap) * 5 / 4 + 160 }

    func intersection(_ other: RoaringBitmap) -> RoaringBitmap { RoaringBitmap(roaring_bitmap_and(bitmap, other.bitmap)) }

    func union(_ other: RoaringBitmap) -> RoaringBitmap { RoaringBitmap(roaring_bitmap_or(bitmap, other.bitmap)) }

    /// - Parameter range: must contain all documents of the set.
    func complement(within range: Range<UInt32>) -> RoaringBitmap {
        RoaringBitmap(roaring_bitmap_flip(bitmap, UInt64(range.lowerBound), UInt64(range.upperBound)))
    }

    /// Sets (or clears) the bits of the set's documents below `64 · words.count`.
    func write(_ present: Bool, to words: inout [UInt64]) {
        var iterator = roaring_uint32_iterator_t()
        roaring_init_iterator(bitmap, &iterator)
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1024) { buffer in
            words.withUnsafeMutableBufferPointer { words in
                while true {
                    let filled = Int(roaring_read_uint32_iterator(&iterator, buffer.baseAddress!, UInt32(buffer.count)))
                    for doc in buffer[..<filled] {
                        let word = Int(doc >> 6)
                        guard word < words.count else { return }
                        let bit: UInt64 = 1 << UInt64(doc & 63)
                        words[word] = present ? words[word] | bit : words[word] & ~bit
                    }
                    if filled < buffer.count { return }
                }
            }
        }
    }
}
