/// Where one term stands in its documents, not yet decoded: the positions beside a ``PostingList``.
///
/// The memory belongs to the segment, which must outlive this value.
struct PositionList: @unchecked Sendable {
    // SAFETY (unchecked Sendable): immutable bytes of an immutable segment.
    /// Address of the list; its `dataBytes` (blocks, then rest) are followed by the skip entries, and by 80 bytes of padding or other lists.
    let base: UnsafeRawPointer
    let dataBytes: Int
    /// Varints and nothing else, not even a mark before them: the positions of one document, fewer than a block.
    let isBare: Bool
    private let skips: Int

    var isEmpty: Bool { dataBytes == 0 }

    /// - Throws: when the entry's range does not fit the section or its own count.
    init(_ entry: TermEntry, section: UnsafeRawBufferPointer) throws(Damaged) {
        isBare = entry.documentFrequency == 1 && entry.singleFrequency < UInt32(LexicalFormat.blockPostings)
        skips = max(Int(entry.documentFrequency) - 1, 0) / LexicalFormat.blockPostings
        let skipBytes = skips * LexicalFormat.positionSkipBytes
        guard entry.positionsLength > 0 else {
            base = UnsafeRawPointer(bitPattern: 1)!
            dataBytes = 0
            return
        }
        guard let address = section.baseAddress,
            entry.positionsOffset + entry.positionsLength <= section.count - LexicalFormat.postingsPadding, entry.positionsLength > skipBytes
        else { throw Damaged("positions at byte \(entry.positionsOffset), \(entry.positionsLength) long, of \(section.count)") }
        base = address + entry.positionsOffset
        dataBytes = entry.positionsLength - skipBytes
    }

    /// Where the positions of a block of postings begin: the byte of a block of positions, and the place in it.
    @inline(__always) func start(ofPostingBlock block: Int) -> (offset: Int, place: Int) {
        guard block > 0 else { return (0, 0) }
        let entry = base + (dataBytes &+ (block &- 1) &* LexicalFormat.positionSkipBytes)
        let low = UInt32(littleEndian: entry.loadUnaligned(as: UInt32.self))
        let high = entry.load(fromByteOffset: 4, as: UInt8.self)
        return (Int(low) | Int(high) << 32, Int(entry.load(fromByteOffset: 5, as: UInt8.self)))
    }

    /// - Precondition: not past the list's last block of postings.
    func holds(postingBlock block: Int) -> Bool { block >= 0 && block <= skips }
}
