/// Reads the entries of one dictionary block as they stand: for walks that decode a key only where they must.
struct TermEntryReader {
    private var reader: BoundedReader
    private var left: Int
    private var isFirst = true
    /// Of the entry read last; above 0.
    private(set) var documentFrequency: UInt32 = 0

    /// No entries.
    init() {
        reader = BoundedReader(UnsafeRawBufferPointer(start: nil, count: 0))
        left = 0
    }

    /// - Parameters:
    ///   - reader: the block from its beginning.
    ///   - count: entries of the block.
    /// - Returns: nil when the block is damaged.
    init?(_ reader: BoundedReader, count: Int) {
        self.reader = reader
        left = count
        // Where postings and positions lie.
        _ = self.reader.varint()
        _ = self.reader.varint()
        guard !self.reader.failed else { return nil }
    }

    var isAtStart: Bool { isFirst }
    var isAtEnd: Bool { left == 0 }

    /// The next entry: how much its key shares with the last one's, 0 in the first entry, and its other bytes; not past the end.
    /// - Returns: nil when the entry is damaged.
    @inline(__always)
    mutating func next() -> (shared: Int, suffix: UnsafeRawBufferPointer)? {
        precondition(left > 0, "no entry left")
        left -= 1
        let shared = Int(clamping: reader.varint())
        let count = reader.varint()
        let suffix = reader.take(count)
        let frequency = reader.varint()
        _ = reader.varint()
        if frequency == 1 { _ = reader.varint() }
        _ = reader.varint()
        guard !reader.failed, !(isFirst && shared > 0), frequency > 0, frequency <= UInt64(UInt32.max) else { return nil }
        isFirst = false
        documentFrequency = UInt32(truncatingIfNeeded: frequency)
        return (shared, UnsafeRawBufferPointer(start: suffix, count: Int(count)))
    }
}
