import SearchCore

/// A `DocBitSet` as the scan asks it: pointer and capacity in registers, no reference counting. Valid inside `withView`.
struct AcceptView {
    private let words: UnsafeBufferPointer<UInt64>
    let capacity: Int

    static func withView<R>(of set: DocBitSet, _ body: (AcceptView) throws -> R) rethrows -> R {
        try set.words.withUnsafeBufferPointer { try body(AcceptView(words: $0, capacity: set.capacity)) }
    }

    @inline(__always)
    func contains(_ doc: UInt32) -> Bool {
        let d = Int(doc)
        return d < capacity && words[d >> 6] & (1 << UInt64(d & 63)) != 0
    }

    /// The first accepted document at or after `doc`. - Complexity: O(distance / 64).
    func next(from doc: UInt32) -> UInt32? {
        let d = Int(doc)
        guard d < capacity else { return nil }
        var index = d >> 6
        var word = words[index] & (.max << UInt64(d & 63))
        while word == 0 {
            index += 1
            guard index < words.count else { return nil }
            word = words[index]
        }
        return UInt32(index << 6 + word.trailingZeroBitCount)
    }

    /// The share of `first ... last` that is accepted, from at most `sampledWords` words of the set, evenly spread.
    func share(first: UInt32, last: UInt32, sampledWords: Int) -> Double {
        let start = Int(first) >> 6
        let end = min(Int(last) >> 6, words.count - 1)
        // Few words: the very count.
        if Int(last) >> 6 - start < sampledWords { return Double(count(first: first, last: last)) / Double(last - first + 1) }
        guard start <= end else { return 0 }
        let span = Int(last) >> 6 - start + 1
        var total = 0
        for sample in 0..<sampledWords {
            let index = start + sample * span / sampledWords
            if index <= end { total += words[index].nonzeroBitCount }
        }
        return Double(total) / Double(64 * sampledWords)
    }

    /// Accepted documents in `first ... last`. - Complexity: O(distance / 64).
    func count(first: UInt32, last: UInt32) -> Int {
        var total = 0
        var d = Int(first)
        let end = min(Int(last) + 1, capacity)
        while d < end {
            let low: UInt64 = .max << UInt64(d & 63)
            let wordEnd = (d >> 6 + 1) << 6
            let high: UInt64 = end < wordEnd ? (1 << UInt64(end & 63)) - 1 : .max
            total += (words[d >> 6] & low & high).nonzeroBitCount
            d = wordEnd
        }
        return total
    }
}
