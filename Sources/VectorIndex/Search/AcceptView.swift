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

    /// The share of the documents listed that is accepted, from at most `samples` of them, evenly spread: the first quarter of them decides where nearly all are. Documents
    /// that are not listed, as those that a merge has dropped, do not count.
    func share(of documents: UnsafeBufferPointer<UInt32>, samples: Int) -> Double {
        let few = share(of: documents, taken: samples / 4)
        return few > 0.9 || documents.count <= samples / 4 ? few : share(of: documents, taken: samples)
    }

    private func share(of documents: UnsafeBufferPointer<UInt32>, taken samples: Int) -> Double {
        let taken = min(samples, documents.count)
        guard taken > 0 else { return 0 }
        // In 2⁻²⁰ of a place: below 2³² documents nothing overflows, and the last sample is short of the end.
        let step = (documents.count << 20) / taken
        var accepted = 0
        for sample in 0..<taken where contains(documents[(sample * step) >> 20]) { accepted += 1 }
        return Double(accepted) / Double(taken)
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
