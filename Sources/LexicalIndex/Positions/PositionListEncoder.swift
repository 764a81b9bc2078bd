import CKernels

/// Encodes the positions of posting lists one after the other into a field's positions section.
///
/// ```
/// list: blocks of 128 gaps (bit-packed, the few large ones beside)   rest (varints)   where each block of postings begins
/// ```
///
/// The gaps of all documents follow one another, so a short document costs no block of its own. Patched frames of
/// reference: Zukowski, Héman, Nes, Boncz, "Super-Scalar RAM-CPU Cache Compression", 2006; Lucene's PForUtil. The width is
/// the one that takes the fewest bytes, exceptions included. Bytes: docs/formats/lexical-segment.md, "Positions".
struct PositionListEncoder: ~Copyable {
    /// The section so far.
    private(set) var bytes: [UInt8] = []
    /// [128] gaps of the open block.
    private let gaps: UnsafeMutablePointer<UInt32>
    private let packed: UnsafeMutablePointer<UInt8>
    private var open = 0
    private var listStart = 0
    private var skips: [UInt8] = []

    /// - Parameter capacity: about the bytes of the section, if known.
    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
        gaps = .allocate(capacity: LexicalFormat.blockPostings)
        packed = .allocate(capacity: 16 * 32)
    }

    deinit {
        gaps.deallocate()
        packed.deallocate()
    }

    /// The next document is the first one of a block of postings; not called for a list's first block.
    mutating func beginPostingBlock() {
        let offset = UInt64(bytes.count - listStart)
        precondition(offset < 1 << 40, "positions of one term over 1 TiB")
        for i in 0..<5 { skips.append(UInt8(truncatingIfNeeded: offset >> UInt64(8 * i))) }
        skips.append(UInt8(open))
    }

    /// The positions of the next document.
    /// - Parameter positions: at least one, not falling.
    @inline(__always) mutating func append(_ positions: UnsafeBufferPointer<UInt32>) {
        var previous: UInt32 = 0
        for position in positions {
            gaps[open] = position &- previous
            previous = position
            open &+= 1
            if open == LexicalFormat.blockPostings { closeBlock() }
        }
    }

    /// The width with the fewest bytes; its exceptions take at most 255.
    private func bestWidth() -> UInt32 {
        // [33] gaps by their own width.
        var counts = InlineArray<33, Int>(repeating: 0)
        var widest = 0
        for i in 0..<LexicalFormat.blockPostings {
            let width = 32 - gaps[i].leadingZeroBitCount
            counts[width] += 1
            widest = max(widest, width)
        }
        var best = (width: widest, bytes: 16 * widest)
        var width = widest - 1
        while width >= 0 {
            var exceptions = 0
            for above in (width + 1)..<(widest + 1) { exceptions += counts[above] * (1 + (above - width + 6) / 7) }
            // More only come as the width falls.
            if exceptions > 255 { break }
            if 16 * width + exceptions < best.bytes { best = (width, 16 * width + exceptions) }
            width -= 1
        }
        return UInt32(best.width)
    }

    private mutating func closeBlock() {
        let width = bestWidth()
        let mask: UInt32 = width == 32 ? .max : (1 << width) - 1
        var exceptions: [UInt8] = []
        for i in 0..<LexicalFormat.blockPostings where gaps[i] > mask {
            exceptions.append(UInt8(i))
            exceptions.appendVarint(UInt64(gaps[i] >> width))
            gaps[i] &= mask
        }
        bytes.append(UInt8(width))
        bytes.append(UInt8(exceptions.count))
        tandem_pack(gaps, width, packed)
        bytes.append(contentsOf: UnsafeBufferPointer(start: packed, count: 16 * Int(width)))
        bytes.append(contentsOf: exceptions)
        open = 0
    }

    /// Ends the list and starts the next one.
    /// - Parameter isSingle: the term is in one document, and the dictionary says how often: where that fills no block, the varints are told by it.
    /// - Returns: where the list lies; of length 0 where it is empty.
    mutating func finishList(isSingle: Bool) -> (offset: Int, length: Int) {
        defer {
            open = 0
            listStart = bytes.count
            skips.removeAll(keepingCapacity: true)
        }
        if open > 0 {
            if !isSingle || bytes.count > listStart { bytes.append(LexicalFormat.positionRestMark) }
            for i in 0..<open { bytes.appendVarint(UInt64(gaps[i])) }
        }
        bytes.append(contentsOf: skips)
        return (listStart, bytes.count - listStart)
    }

    /// The section with its padding; the encoder has nothing afterwards.
    mutating func finish() -> [UInt8] {
        if bytes.isEmpty { return [] }
        bytes.append(contentsOf: repeatElement(0, count: LexicalFormat.postingsPadding))
        defer { bytes = [] }
        return bytes
    }
}
