import SearchCore

/// One field's terms, in key order, read in place from a segment's bytes.
///
/// A lookup searches the sparse index (one key prefix per 16 terms) by bisection and decodes one block.
/// The memory belongs to the segment, which must outlive this value. Bytes: docs/formats/lexical-segment.md.
struct TermDictionary: @unchecked Sendable {
    // SAFETY (unchecked Sendable): immutable bytes of an immutable segment.
    let count: Int
    let blockCount: Int
    private let prefixes: UnsafePointer<UInt64>
    private let offsets: UnsafePointer<UInt64>
    private let bytes: UnsafeRawBufferPointer

    /// - Parameter index: 2 × ⌈count / 16⌉ numbers: prefixes, then offsets.
    init?(count: Int, index: UnsafeBufferPointer<UInt64>, bytes: UnsafeRawBufferPointer) {
        let blocks = (count + LexicalFormat.dictionaryBlockTerms - 1) / LexicalFormat.dictionaryBlockTerms
        guard blocks > 0, index.count == 2 * blocks, let base = index.baseAddress else { return nil }
        self.count = count
        blockCount = blocks
        prefixes = base
        offsets = base + blocks
        self.bytes = bytes
    }

    func prefix(ofBlock block: Int) -> UInt64 { prefixes[block] }

    func termCount(ofBlock block: Int) -> Int {
        min(LexicalFormat.dictionaryBlockTerms, count - block * LexicalFormat.dictionaryBlockTerms)
    }

    /// Nil when the index points outside the bytes.
    func reader(ofBlock block: Int) -> BoundedReader? {
        let start = offsets[block]
        let end = block + 1 < blockCount ? offsets[block + 1] : UInt64(bytes.count)
        guard start <= end, end <= UInt64(bytes.count) else { return nil }
        return BoundedReader(UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<Int(end)]))
    }

    /// Nil when the block is damaged.
    func firstKey(ofBlock block: Int) -> UnsafeRawBufferPointer? {
        guard var reader = reader(ofBlock: block) else { return nil }
        _ = reader.varint()
        _ = reader.varint()
        let shared = reader.varint()
        let length = reader.varint()
        let start = reader.take(length)
        guard !reader.failed, shared == 0 else { return nil }
        return UnsafeRawBufferPointer(start: start, count: Int(length))
    }

    /// - Returns: nil when the field has no such term.
    /// - Throws: ``Damaged`` when the bytes make no sense.
    /// - Complexity: O(log terms).
    func lookup(_ key: UnsafeRawBufferPointer) throws(Damaged) -> TermEntry? {
        let block = try block(of: key)
        return block < 0 ? nil : try lookup(key, inBlock: block)
    }

    /// The last block whose first key is not above the key; -1 where there is none.
    func block(of key: UnsafeRawBufferPointer) throws(Damaged) -> Int {
        let wanted = keyPrefix(key)
        // First block whose first key is certainly above the key.
        var low = 0
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if prefixes[middle] <= wanted { low = middle + 1 } else { high = middle }
        }
        var block = low - 1
        // Among blocks of equal prefix the whole first key decides.
        if block >= 0, prefixes[block] == wanted {
            var first = 0
            high = block + 1
            low = 0
            while low < high {
                let middle = (low + high) / 2
                if prefixes[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            first = low
            high = block + 1
            while low < high {
                let middle = (low + high) / 2
                guard let start = firstKey(ofBlock: middle) else { throw Damaged("term dictionary, block \(middle)") }
                if compareBytes(start, key) <= 0 { low = middle + 1 } else { high = middle }
            }
            block = max(low, first) - 1
        }
        return block
    }

    private func lookup(_ key: UnsafeRawBufferPointer, inBlock block: Int) throws(Damaged) -> TermEntry? {
        guard var reader = reader(ofBlock: block) else { throw Damaged("term dictionary, block \(block)") }
        var postings = reader.varint()
        var positions = reader.varint()
        // `common`: bytes that the key shares with the last term, which lies below it. A next term that shares fewer with
        // the last one departs upwards before the key does, so it is above the key; one that shares more departs from the
        // key where the last one did. Only equality needs a comparison.
        var common = 0
        for _ in 0..<termCount(ofBlock: block) {
            let shared = Int(clamping: reader.varint())
            let length = reader.varint()
            let suffix = UnsafeRawBufferPointer(start: reader.take(length), count: reader.failed ? 0 : Int(length))
            let frequency = reader.varint()
            let first = reader.varint()
            let second = frequency == 1 ? reader.varint() : 0
            let positionBytes = reader.varint()
            guard !reader.failed, frequency > 0, frequency <= UInt64(UInt32.max) else {
                throw Damaged("term dictionary, block \(block)")
            }
            if shared < common { return nil }
            if shared == common {
                let rest = UnsafeRawBufferPointer(rebasing: key[common...])
                var equal = 0
                let limit = min(rest.count, suffix.count)
                while equal < limit, rest[equal] == suffix[equal] { equal += 1 }
                if equal == rest.count, equal == suffix.count {
                    guard
                        let entry = TermEntry(
                            frequency: frequency, first: first, second: second, postings: postings, positions: positions,
                            positionBytes: positionBytes)
                    else { throw Damaged("term dictionary, block \(block)") }
                    return entry
                }
                // The term is above the key: there is no such term.
                if equal == rest.count || (equal < suffix.count && suffix[equal] > rest[equal]) { return nil }
                common += equal
            }
            if frequency > 1 { postings &+= first }
            positions &+= positionBytes
        }
        return nil
    }
}

extension TermEntry {
    /// From the numbers of a dictionary entry: `first`, `second` are document and frequency − 1 of a single posting, else
    /// `first` is the list's length. Nil when a number is out of its range.
    init?(frequency: UInt64, first: UInt64, second: UInt64, postings: UInt64, positions: UInt64, positionBytes: UInt64) {
        guard let positionsOffset = Int(exactly: positions), let positionsLength = Int(exactly: positionBytes),
            !positionsOffset.addingReportingOverflow(positionsLength).overflow
        else { return nil }
        guard frequency >= 1, let frequency = UInt32(exactly: frequency) else { return nil }
        guard let offset = Int(exactly: postings) else { return nil }
        if frequency == 1 {
            guard let document = UInt32(exactly: first), second < UInt64(UInt32.max) else { return nil }
            self.init(
                documentFrequency: 1, postingsOffset: offset, postingsLength: 0,
                singleDocument: document, singleFrequency: UInt32(second) + 1, positionsOffset: positionsOffset,
                positionsLength: positionsLength)
        } else {
            guard let length = Int(exactly: first), !offset.addingReportingOverflow(length).overflow else { return nil }
            self.init(
                documentFrequency: frequency, postingsOffset: offset, postingsLength: length, positionsOffset: positionsOffset,
                positionsLength: positionsLength)
        }
    }
}

/// Bytes of a segment that make no sense; the segment adds its name and turns it into `DATA_LOSS`.
struct Damaged: Error {
    let what: String
    init(_ what: String) { self.what = what }
}
