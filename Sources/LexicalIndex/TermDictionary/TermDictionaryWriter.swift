/// Where a term's postings are.
struct TermEntry: Equatable {
    /// Documents that hold the term, dead ones included: at least 1.
    var documentFrequency: UInt32
    /// Byte range in the field's postings section; empty for a term of one document.
    var postingsOffset: Int
    var postingsLength: Int
    /// The posting itself, when `documentFrequency` is 1: half of a vocabulary occurs in one document, and needs no list.
    var singleDocument: UInt32 = 0
    var singleFrequency: UInt32 = 0
    /// Byte range in the field's positions section; empty for a term without positions.
    var positionsOffset = 0
    var positionsLength = 0
}

/// Writes a field's dictionary: terms in key order, in blocks of 16, each block's keys prefix-compressed.
///
/// Bytes: docs/formats/lexical-segment.md, "Term dictionary".
struct TermDictionaryWriter {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    private var prefixes: [UInt64] = []
    private var offsets: [UInt64] = []
    private var previous: [UInt8] = []
    private var postingsEnd = 0
    private var positionsEnd = 0

    /// - Parameter key: above the last one; its postings follow the last one's without a gap.
    mutating func append(_ key: UnsafeRawBufferPointer, _ entry: TermEntry) {
        var shared = 0
        if count % LexicalFormat.dictionaryBlockTerms == 0 {
            prefixes.append(keyPrefix(key))
            offsets.append(UInt64(bytes.count))
            bytes.appendVarint(UInt64(postingsEnd))
            bytes.appendVarint(UInt64(positionsEnd))
        } else {
            let limit = min(previous.count, key.count)
            while shared < limit, previous[shared] == key[shared] { shared += 1 }
        }
        bytes.appendVarint(UInt64(shared))
        bytes.appendVarint(UInt64(key.count - shared))
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: key[shared...]))
        bytes.appendVarint(UInt64(entry.documentFrequency))
        if entry.documentFrequency == 1 {
            bytes.appendVarint(UInt64(entry.singleDocument))
            bytes.appendVarint(UInt64(entry.singleFrequency - 1))
        } else {
            precondition(entry.postingsOffset == postingsEnd, "postings at \(entry.postingsOffset), expected \(postingsEnd)")
            bytes.appendVarint(UInt64(entry.postingsLength))
            postingsEnd += entry.postingsLength
        }
        precondition(
            entry.positionsLength == 0 || entry.positionsOffset == positionsEnd,
            "positions at \(entry.positionsOffset), expected \(positionsEnd)")
        bytes.appendVarint(UInt64(entry.positionsLength))
        positionsEnd += entry.positionsLength
        previous.removeAll(keepingCapacity: true)
        previous.append(contentsOf: key)
        count += 1
    }

    /// The sparse index: first the prefixes of the blocks' first keys, then the blocks' byte offsets.
    var index: [UInt64] { prefixes + offsets }
}
