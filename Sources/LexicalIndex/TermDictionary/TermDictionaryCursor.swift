/// Walks a field's terms in key order, for merging, checking and prefixes.
///
/// Not thread-safe. The key's bytes stay valid until the next ``advance()``.
final class TermDictionaryCursor {
    private let dictionary: TermDictionary
    private let buffer: UnsafeMutableRawBufferPointer
    private var reader: BoundedReader
    private var block = -1
    private var leftInBlock = 0
    private var keyLength = 0
    private var nextPostings: UInt64 = 0
    private var nextPositions: UInt64 = 0
    private(set) var entry = TermEntry(documentFrequency: 0, postingsOffset: 0, postingsLength: 0)
    /// ``keyPrefix(_:)`` of the current key.
    private(set) var prefix: UInt64 = 0

    init(_ dictionary: TermDictionary) {
        self.dictionary = dictionary
        buffer = .allocate(byteCount: LexicalFormat.keyBytesMax, alignment: 8)
        reader = BoundedReader(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Begins at a block, from 0 to the dictionary's last; what lies before is not checked.
    convenience init(_ dictionary: TermDictionary, atBlock block: Int) throws(Damaged) {
        self.init(dictionary)
        guard block > 0 else { return }
        guard var reader = dictionary.reader(ofBlock: block) else { throw Damaged("term dictionary index, block \(block)") }
        self.block = block - 1
        nextPostings = reader.varint()
        nextPositions = reader.varint()
    }

    deinit { buffer.deallocate() }

    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[0..<keyLength]) }

    /// - Returns: false after the last term.
    /// - Throws: when the keys do not rise, when a block holds other than it should, or when postings leave gaps.
    func advance() throws(Damaged) -> Bool {
        let starts = leftInBlock == 0
        if starts {
            guard block < 0 || reader.remaining == 0 else { throw Damaged("term dictionary, block \(block): bytes left over") }
            block += 1
            guard block < dictionary.blockCount else { return false }
            guard let next = dictionary.reader(ofBlock: block) else { throw Damaged("term dictionary index, block \(block)") }
            reader = next
            leftInBlock = dictionary.termCount(ofBlock: block)
            guard reader.varint() == nextPostings else { throw Damaged("term dictionary, block \(block): postings offset") }
            guard reader.varint() == nextPositions else { throw Damaged("term dictionary, block \(block): positions offset") }
        }
        leftInBlock -= 1
        let shared = Int(clamping: reader.varint())
        let length = reader.varint()
        let suffix = reader.take(length)
        let frequency = reader.varint()
        let first = reader.varint()
        let second = frequency == 1 ? reader.varint() : 0
        let positionBytes = reader.varint()
        guard !reader.failed, shared <= keyLength, !(starts && shared > 0), length <= UInt64(LexicalFormat.keyBytesMax - shared),
            let entry = TermEntry(
                frequency: frequency, first: first, second: second, postings: nextPostings, positions: nextPositions,
                positionBytes: positionBytes)
        else { throw Damaged("term dictionary, block \(block)") }
        let suffixBytes = UnsafeRawBufferPointer(start: suffix, count: Int(length))
        let isFirst = block == 0 && starts
        if !isFirst {
            let above =
                starts
                ? compareBytes(suffixBytes, key) > 0
                : compareBytes(suffixBytes, UnsafeRawBufferPointer(rebasing: key[shared...])) > 0
            guard above else { throw Damaged("term dictionary, block \(block): keys out of order") }
        }
        keyLength = shared + Int(length)
        UnsafeMutableRawBufferPointer(rebasing: buffer[shared..<keyLength]).copyMemory(from: suffixBytes)
        prefix = keyPrefix(key)
        guard keyLength > 0, !starts || prefix == dictionary.prefix(ofBlock: block) else {
            throw Damaged("term dictionary index, block \(block): key prefix")
        }
        self.entry = entry
        if entry.documentFrequency > 1 { nextPostings = UInt64(entry.postingsOffset + entry.postingsLength) }
        nextPositions = UInt64(entry.positionsOffset + entry.positionsLength)
        return true
    }

    /// Bytes of postings that the terms walked so far take.
    var postingsEnd: Int { Int(nextPostings) }
    /// The same of positions.
    var positionsEnd: Int { Int(nextPositions) }
}
