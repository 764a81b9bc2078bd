import CKernels

/// Reads the positions of one posting list, document by document, forwards; beside a ``PostingCursor`` that stands where it reads.
///
/// Kept against any bytes: nothing outside the list is read; positions that make no sense are numbers like any others, and
/// ``isDamaged`` is set where there are fewer than the postings say. Not thread-safe. Plain memory: whoever calls ``init`` provides
/// `gaps` ([128]) and keeps the segment alive.
struct PositionCursor {
    let list: PositionList
    private let gaps: UnsafeMutablePointer<UInt32>
    /// The next block's byte, and that of the decoded one.
    private var next = 0
    private var current = 0
    /// Decoded gaps, and the first that is not read yet.
    private var loaded = 0
    private var place = 0
    /// The block of postings that is read, and how many of its documents are behind.
    private var postingBlock = -1
    private var documents = 0
    /// The postings promise more than there is. The cursor gives nothing then.
    private(set) var isDamaged = false

    init(_ list: PositionList, gaps: UnsafeMutablePointer<UInt32>) {
        self.list = list
        self.gaps = gaps
    }

    /// The positions in the posting that a cursor stands at.
    /// - Parameters:
    ///   - block: number of the cursor's block of postings, not below that of the last call.
    ///   - index: of the posting in the block; above the last one's, in the same block.
    ///   - frequencies: of the block's postings.
    ///   - positions: replaced by the positions, not falling unless the bytes are damaged.
    mutating func read(block: Int, index: Int, frequencies: UnsafePointer<UInt32>, into positions: inout PositionBuffer) {
        positions.removeAll()
        guard !isDamaged, list.holds(postingBlock: block) else { return fail() }
        if block != postingBlock {
            let start = list.start(ofPostingBlock: block)
            postingBlock = block
            documents = 0
            next = start.offset
            loaded = 0
            place = 0
            if start.place > 0 {
                guard load(), start.place <= loaded else { return fail() }
                place = start.place
            }
        }
        var passed: UInt64 = 0
        while documents < index {
            passed += UInt64(frequencies[documents])
            documents += 1
        }
        guard pass(passed) else { return fail() }
        documents += 1
        var left = Int(frequencies[index])
        var position: UInt32 = 0
        while left > 0 {
            if place == loaded { guard load() else { return fail() } }
            let run = min(left, loaded - place)
            positions.reserve(positions.count + run)
            for i in place..<place + run {
                position &+= gaps[i]
                positions.append(position)
            }
            place += run
            left -= run
        }
    }

    /// For checks: the positions read last end where those of the next block of postings begin, or the list.
    func isAtStart(ofPostingBlock block: Int?) -> Bool {
        guard let block else { return place == loaded && next == list.dataBytes }
        let start = list.start(ofPostingBlock: block)
        return place < loaded ? start == (current, place) : start == (next, 0)
    }

    private mutating func fail() { isDamaged = true }

    /// Steps over positions.
    private mutating func pass(_ count: UInt64) -> Bool {
        var left = count
        while left > 0 {
            if place == loaded {
                // Whole blocks are passed by their headers.
                while left >= LexicalFormat.blockPostings, let bytes = fullBlockBytes() {
                    next += bytes
                    left -= UInt64(LexicalFormat.blockPostings)
                }
                if left == 0 { break }
                guard load() else { return false }
            }
            let run = min(left, UInt64(loaded - place))
            place += Int(run)
            left -= run
        }
        return true
    }

    /// Bytes of the full block at `next`; nil where there is none.
    private func fullBlockBytes() -> Int? {
        guard !list.isBare, next + LexicalFormat.positionHeaderBytes <= list.dataBytes else { return nil }
        let width = list.base.load(fromByteOffset: next, as: UInt8.self)
        guard width <= 32 else { return nil }
        let bytes = LexicalFormat.positionHeaderBytes + 16 * Int(width) + Int(list.base.load(fromByteOffset: next + 1, as: UInt8.self))
        return next + bytes <= list.dataBytes ? bytes : nil
    }

    /// Decodes the block at `next`.
    /// - Returns: false where there is none.
    private mutating func load() -> Bool {
        place = 0
        loaded = 0
        current = next
        guard let size = fullBlockBytes() else { return loadRest() }
        let width = UInt32(list.base.load(fromByteOffset: next, as: UInt8.self))
        let data = list.base + next + LexicalFormat.positionHeaderBytes
        tandem_unpack(data.assumingMemoryBound(to: UInt8.self), width, 0, gaps)
        let exceptions = data + 16 * Int(width)
        var reader = BoundedReader(UnsafeRawBufferPointer(start: exceptions, count: list.base + next + size - exceptions))
        while reader.remaining > 0 {
            let index = Int(reader.byte())
            let high = reader.varint()
            guard !reader.failed, index < LexicalFormat.blockPostings, width < 32 else { return false }
            gaps[index] |= UInt32(truncatingIfNeeded: high) << width
        }
        next += size
        loaded = LexicalFormat.blockPostings
        return true
    }

    private mutating func loadRest() -> Bool {
        guard next <= list.dataBytes else { return false }
        var reader = BoundedReader(UnsafeRawBufferPointer(start: list.base + next, count: list.dataBytes - next))
        if !list.isBare, reader.byte() != LexicalFormat.positionRestMark { return false }
        while reader.remaining > 0, loaded < LexicalFormat.blockPostings {
            gaps[loaded] = UInt32(truncatingIfNeeded: reader.varint())
            loaded += 1
        }
        next = list.dataBytes
        // What is left over would be a block.
        guard !reader.failed, reader.remaining == 0, loaded > 0 else {
            loaded = 0
            return false
        }
        return true
    }
}
