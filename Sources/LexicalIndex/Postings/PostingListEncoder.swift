import CKernels

/// Encodes posting lists one after the other into a field's postings section, and their positions into another.
///
/// ```
/// list: full blocks of 128 (bit-packed)   rest (varints)   one skip entry per full block   impacts of the rest and the list
/// ```
///
/// The skip entries stand behind the data, so that a list can be written while it is read, without knowing its length: a
/// merge needs no more memory than one block and the skip entries. Bytes: docs/formats/lexical-segment.md, "Posting list".
struct PostingListEncoder: ~Copyable {
    /// The section so far.
    private(set) var bytes: [UInt8] = []
    /// [128] gaps less one of the open block.
    private let gaps: UnsafeMutablePointer<UInt32>
    /// [128] frequencies less one of the open block.
    private let frequencies: UnsafeMutablePointer<UInt32>
    private let packed: UnsafeMutablePointer<UInt8>
    private var open = 0
    private var fullBlocks = 0
    private var listStart = 0
    private var skips: [UInt8] = []
    /// Document after the last one.
    private var next: UInt32 = 0
    private let lengths: [UInt16]
    private let impacts: NominalImpact
    /// Greatest impact of the open block, and of the closed ones.
    private var openImpact = 0.0
    private var listImpact = 0.0
    private var positions: PositionListEncoder

    /// - Parameters:
    ///   - lengths: of the field's texts, per document of the segment.
    ///   - impacts: of the segment's field.
    ///   - capacity: about the bytes of both sections, if known: they are then not copied as they grow.
    init(lengths: [UInt16], impacts: NominalImpact, capacity: (postings: Int, positions: Int) = (0, 0)) {
        bytes.reserveCapacity(capacity.postings)
        positions = PositionListEncoder(capacity: capacity.positions)
        self.lengths = lengths
        self.impacts = impacts
        gaps = .allocate(capacity: LexicalFormat.blockPostings)
        frequencies = .allocate(capacity: LexicalFormat.blockPostings)
        packed = .allocate(capacity: 16 * 32)
    }

    deinit {
        gaps.deallocate()
        frequencies.deallocate()
        packed.deallocate()
    }

    /// - Parameters:
    ///   - document: number inside the segment, above the list's last one.
    ///   - frequency: at least 1.
    @inline(__always) mutating func append(document: UInt32, frequency: UInt32) {
        gaps[open] = document &- next
        frequencies[open] = frequency &- 1
        next = document &+ 1
        openImpact = max(openImpact, impacts.impact(frequency: frequency, length: lengths[Int(document)]))
        open &+= 1
        if open == LexicalFormat.blockPostings { closeBlock() }
    }

    /// The same of a list with positions, which all its postings have then.
    /// - Parameter positions: [frequency], not falling.
    @inline(__always) mutating func append(document: UInt32, positions at: UnsafeBufferPointer<UInt32>) {
        if open == 0, fullBlocks > 0 { positions.beginPostingBlock() }
        positions.append(at)
        append(document: document, frequency: UInt32(at.count))
    }

    private static func width(_ values: UnsafeMutablePointer<UInt32>) -> UInt32 {
        var all: UInt32 = 0
        for i in 0..<LexicalFormat.blockPostings { all |= values[i] }
        return UInt32(32 - all.leadingZeroBitCount)
    }

    private mutating func pack(_ values: UnsafeMutablePointer<UInt32>, _ width: UInt32) {
        tandem_pack(values, width, packed)
        bytes.append(contentsOf: UnsafeBufferPointer(start: packed, count: 16 * Int(width)))
    }

    private mutating func closeBlock() {
        let gapBits = Self.width(gaps)
        let frequencyBits = Self.width(frequencies)
        skips.appendLittleEndian(next &- 1)
        // A block's data is a multiple of 16 bytes, so the offset in 16 bytes reaches 64 GiB.
        skips.appendLittleEndian(UInt32((bytes.count - listStart) / 16))
        skips.append(UInt8(gapBits))
        skips.append(UInt8(frequencyBits))
        skips.append(NominalImpact.code(openImpact))
        listImpact = max(listImpact, openImpact)
        openImpact = 0
        pack(gaps, gapBits)
        pack(frequencies, frequencyBits)
        open = 0
        fullBlocks += 1
    }

    /// Ends the list and starts the next one.
    /// - Returns: nil when the list is empty.
    mutating func finishList() -> TermEntry? {
        let count = fullBlocks * LexicalFormat.blockPostings + open
        defer {
            open = 0
            fullBlocks = 0
            next = 0
            listStart = bytes.count
            skips.removeAll(keepingCapacity: true)
            openImpact = 0
            listImpact = 0
        }
        if count == 0 { return nil }
        let (positionsOffset, positionsLength) = positions.finishList(isSingle: count == 1)
        if count == 1 {
            return TermEntry(
                documentFrequency: 1, postingsOffset: listStart, postingsLength: 0,
                singleDocument: gaps[0], singleFrequency: frequencies[0] + 1, positionsOffset: positionsOffset,
                positionsLength: positionsLength)
        }
        for i in 0..<open { Self.appendPosting(gap: gaps[i], frequencyLessOne: frequencies[i], to: &bytes) }
        bytes.append(contentsOf: skips)
        bytes.append(NominalImpact.code(openImpact))
        bytes.append(NominalImpact.code(max(openImpact, listImpact)))
        return TermEntry(
            documentFrequency: UInt32(count), postingsOffset: listStart, postingsLength: bytes.count - listStart,
            positionsOffset: positionsOffset, positionsLength: positionsLength)
    }

    /// One varint for most postings: the gap less one, shifted by one; the low bit says "frequency 1".
    @inline(__always) static func appendPosting(gap: UInt32, frequencyLessOne: UInt32, to bytes: inout [UInt8]) {
        bytes.appendVarint(UInt64(gap) << 1 | (frequencyLessOne == 0 ? 1 : 0))
        if frequencyLessOne > 0 { bytes.appendVarint(UInt64(frequencyLessOne)) }
    }

    /// Both sections with their padding.
    consuming func finish() -> (postings: [UInt8], positions: [UInt8]) {
        if !bytes.isEmpty { bytes.append(contentsOf: repeatElement(0, count: LexicalFormat.postingsPadding)) }
        let postings = bytes
        return (postings, positions.finish())
    }
}
