/// One term's postings in one field of one segment, not yet decoded.
///
/// The memory belongs to the segment, which must outlive this value.
struct PostingList: @unchecked Sendable {
    // SAFETY (unchecked Sendable): immutable bytes of an immutable segment.
    /// Postings of the list, dead documents included.
    let count: Int
    let fullBlocks: Int
    /// Documents of the segment: every decoded number is checked against it.
    let documentCount: UInt32
    /// Address of the list; its `dataBytes` (blocks, then rest) are followed by the skip entries, the two impacts, and by 80
    /// bytes of padding or other lists.
    let base: UnsafeRawPointer
    let dataBytes: Int
    let singleDocument: UInt32
    let singleFrequency: UInt32
    /// Its positions: of no bytes where the term has none.
    let positions: PositionList

    /// - Throws: when the entry's range does not fit the section or its own count.
    init(_ entry: TermEntry, section: UnsafeRawBufferPointer, positions: UnsafeRawBufferPointer, documentCount: UInt32) throws(Damaged) {
        self.positions = try PositionList(entry, section: positions)
        count = Int(entry.documentFrequency)
        self.documentCount = documentCount
        singleDocument = entry.singleDocument
        singleFrequency = entry.singleFrequency
        guard count <= Int(documentCount) else { throw Damaged("a term of \(count) among \(documentCount) documents") }
        guard count > 1 else {
            fullBlocks = 0
            dataBytes = 0
            base = UnsafeRawPointer(bitPattern: 1)!
            guard singleDocument < documentCount else { throw Damaged("document \(singleDocument) of \(documentCount)") }
            return
        }
        fullBlocks = count / LexicalFormat.blockPostings
        let skipBytes = fullBlocks * LexicalFormat.skipEntryBytes + LexicalFormat.listImpactBytes
        let end = entry.postingsOffset + entry.postingsLength
        // The padding makes it safe to let the unpack kernels read past a block's end.
        guard let address = section.baseAddress, end <= section.count - LexicalFormat.postingsPadding,
            entry.postingsLength >= skipBytes
        else {
            throw Damaged("postings at byte \(entry.postingsOffset), \(entry.postingsLength) long, of \(section.count)")
        }
        base = address + entry.postingsOffset
        dataBytes = entry.postingsLength - skipBytes
    }

    /// Last document of a full block.
    @inline(__always) func lastDocument(ofBlock block: Int) -> UInt32 {
        UInt32(littleEndian: (skipEntry(block)).loadUnaligned(as: UInt32.self))
    }

    @inline(__always) private func skipEntry(_ block: Int) -> UnsafeRawPointer {
        base + (dataBytes &+ block &* LexicalFormat.skipEntryBytes)
    }

    /// Byte offset of a full block's data in the list, and its two widths.
    @inline(__always) func layout(ofBlock block: Int) -> (offset: Int, gapBits: UInt32, frequencyBits: UInt32) {
        let entry = skipEntry(block)
        let offset = UInt32(littleEndian: entry.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let gapBits = entry.load(fromByteOffset: 8, as: UInt8.self)
        let frequencyBits = entry.load(fromByteOffset: 9, as: UInt8.self)
        return (Int(offset) * 16, UInt32(gapBits), UInt32(frequencyBits))
    }

    /// Upper bound of the impacts of a full block's postings; see ``NominalImpact``.
    @inline(__always) func impact(ofBlock block: Int) -> UInt8 { skipEntry(block).load(fromByteOffset: 10, as: UInt8.self) }

    /// The same of the postings behind the full blocks, 0 where there are none, and of the whole list. For lists of two postings or more.
    var restImpact: UInt8 { skipEntry(fullBlocks).load(as: UInt8.self) }
    var listImpact: UInt8 { skipEntry(fullBlocks).load(fromByteOffset: 1, as: UInt8.self) }

    /// First byte after the full blocks, where the varints start.
    var restOffset: Int {
        guard fullBlocks > 0 else { return 0 }
        let last = layout(ofBlock: fullBlocks - 1)
        return last.offset + 16 * Int(last.gapBits + last.frequencyBits)
    }
}
