/// Dense set of documents: bit `d` of the whole stands for `DocID(d)`.
///
/// Both legs take "which documents may match" (live ∧ filter) in this form, because a test costs one load, and a million
/// documents are 125 KB. Filters are cached compressed (see ColumnIndex) and expanded into one of these per query.
/// Value type with copy on write.
public struct DocBitSet: Sendable, Equatable {
    /// ⌈capacity / 64⌉ words, lowest bit first; bits at and past `capacity` are zero.
    public private(set) var words: [UInt64]
    /// Documents that the set can speak of: 0 ..< capacity.
    public private(set) var capacity: Int

    public init(capacity: Int, full: Bool = false) {
        self.capacity = capacity
        words = [UInt64](repeating: full ? .max : 0, count: (capacity + 63) / 64)
        if full { clearTail() }
    }

    /// - Parameter words: ⌈capacity / 64⌉ of them; bits past `capacity` are cleared.
    public init(words: [UInt64], capacity: Int) {
        precondition(words.count == (capacity + 63) / 64, "\(words.count) words for \(capacity) documents")
        self.words = words
        self.capacity = capacity
        clearTail()
    }

    private mutating func clearTail() {
        if capacity & 63 != 0, !words.isEmpty { words[words.count - 1] &= (1 << UInt64(capacity & 63)) - 1 }
    }

    /// Makes room for documents up to `newCapacity`; the new ones are absent. Never shrinks.
    public mutating func grow(to newCapacity: Int) {
        guard newCapacity > capacity else { return }
        capacity = newCapacity
        let needed = (newCapacity + 63) / 64
        if needed > words.count { words.append(contentsOf: repeatElement(0, count: needed - words.count)) }
    }

    @inlinable public func contains(_ doc: DocID) -> Bool {
        let d = Int(doc.rawValue)
        return d < capacity && words[d >> 6] & (1 << UInt64(d & 63)) != 0
    }

    /// - Returns: true if the document was absent.
    @discardableResult
    public mutating func insert(_ doc: DocID) -> Bool {
        let d = Int(doc.rawValue)
        precondition(d < capacity, "document \(d) of a set of \(capacity)")
        let bit: UInt64 = 1 << UInt64(d & 63)
        defer { words[d >> 6] |= bit }
        return words[d >> 6] & bit == 0
    }

    /// - Returns: true if the document was present.
    @discardableResult
    public mutating func remove(_ doc: DocID) -> Bool {
        let d = Int(doc.rawValue)
        guard d < capacity else { return false }
        let bit: UInt64 = 1 << UInt64(d & 63)
        defer { words[d >> 6] &= ~bit }
        return words[d >> 6] & bit != 0
    }

    public mutating func formIntersection(_ other: DocBitSet) {
        for i in words.indices { words[i] &= i < other.words.count ? other.words[i] : 0 }
    }

    /// - Complexity: O(capacity / 64).
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Documents of the set inside `range`, or `limit` and more: counting stops there.
    /// - Complexity: O(range / 64).
    public func count(in range: Range<Int>, upTo limit: Int = .max) -> Int {
        var total = 0
        var d = range.lowerBound
        let end = min(range.upperBound, capacity)
        while d < end, total < limit {
            let word = d >> 6
            let low = UInt64.max << UInt64(d & 63)
            let wordEnd = (word + 1) << 6
            let high: UInt64 = end < wordEnd ? (1 << UInt64(end & 63)) - 1 : .max
            total += (words[word] & low & high).nonzeroBitCount
            d = wordEnd
        }
        return total
    }
}
