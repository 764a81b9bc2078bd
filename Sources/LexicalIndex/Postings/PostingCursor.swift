import CKernels

/// Cursor over one posting list, in increasing document order, one decoded block at a time.
///
/// Invariants, kept against any bytes: (1) the documents of the decoded block rise strictly, lie above all those decoded
/// before, and are below the segment's document count, so that they may index arrays of that size unchecked;
/// (2) `position ... loaded` is what is left of the block; (3) `lowerBound` is at most the next document, `.max` at the end.
/// Works on numbers inside the segment (DocID − firstDoc). Not thread-safe. Plain memory: whoever calls ``init`` provides
/// `documents` and `frequencies` ([128] each) and keeps the segment alive.
struct PostingCursor {
    let list: PostingList
    let documents: UnsafeMutablePointer<UInt32>
    let frequencies: UnsafeMutablePointer<UInt32>
    private(set) var position = 0
    private(set) var loaded = 0
    /// Number of the decoded block in its list; -1 before the first.
    var loadedBlock: Int { block &- 1 }
    /// Next block to decode; `list.fullBlocks` is the varint rest.
    private var block = 0
    /// The last document decoded or skipped; .max before the first (so that adding one gives 0).
    private var previous = UInt32.max
    private(set) var lowerBound: UInt32 = 0
    /// No frequency of the decoded block is above it.
    private(set) var frequencyMax: UInt32 = 0
    /// Set when the bytes make no sense; the cursor is then at its end.
    private(set) var isDamaged = false

    init(_ list: PostingList, documents: UnsafeMutablePointer<UInt32>, frequencies: UnsafeMutablePointer<UInt32>) {
        self.list = list
        self.documents = documents
        self.frequencies = frequencies
    }

    /// The postings of the next stretch inside [low, high) that lies in one block; call again until it is empty.
    ///
    /// `low` must not fall from call to call. Costs nothing per block that lies before `low`: those are not decoded.
    /// - Returns: indices into `documents` and `frequencies`.
    ///
    /// `impact`: full blocks whose impact is below it are passed over as if they were empty, unless they are decoded already.
    @inline(__always)
    mutating func nextRun(from low: UInt32, to high: UInt32, impact: UInt8 = 0) -> Range<Int> {
        while true {
            if position < loaded {
                let last = documents[loaded &- 1]
                if last < low {
                    position = loaded
                    continue
                }
                if documents[position] < low { position = firstIndex(notBelow: low) }
                let start = position
                if documents[start] >= high {
                    lowerBound = documents[start]
                    return start..<start
                }
                position = last < high ? loaded : firstIndex(notBelow: high)
                lowerBound = position < loaded ? documents[position] : last &+ 1
                return start..<position
            }
            guard loadBlock(from: low, to: high, impact: impact) else { return 0..<0 }
        }
    }

    /// The least document at or after this one, `.max` where there is none; it is not consumed. Documents must not fall from call to call.
    ///
    /// `impact`: as in ``nextRun(from:to:impact:)``; the rest behind the full blocks is never passed over.
    @inline(__always)
    mutating func next(from document: UInt32, impact: UInt8 = 0) -> UInt32 {
        while true {
            if position < loaded {
                if documents[position] >= document { return documents[position] }
                if documents[loaded &- 1] >= document {
                    position = firstIndex(notBelow: document)
                    lowerBound = documents[position]
                    return documents[position]
                }
            }
            guard loadBlock(from: document, to: .max, impact: impact) else { return .max }
        }
    }

    /// Moves two cursors on to the first document that both have in their decoded blocks.
    /// - Returns: false where one of the blocks ends before; no document before the given one has both then.
    @inline(__always)
    static func align(_ a: inout PostingCursor, _ b: inout PostingCursor) -> (found: Bool, document: UInt32) {
        let found = tandem_align(a.documents, &a.position, a.loaded, b.documents, &b.position, b.loaded) != 0
        return (found, a.position < a.loaded ? a.documents[a.position] : b.documents[b.position])
    }

    /// ``next(from:)`` stands at this document.
    @inline(__always) func isAt(_ document: UInt32) -> Bool { position < loaded && documents[position] == document }

    /// Of the document that ``next(from:)`` gave.
    @inline(__always) var frequencyAtPosition: UInt32 { frequencies[position] }

    /// Occurrences in one document, 0 where it has none; documents must not fall from call to call.
    @inline(__always)
    mutating func frequency(in document: UInt32) -> UInt32 {
        if lowerBound > document { return 0 }
        let run = nextRun(from: document, to: document &+ 1)
        return run.isEmpty ? 0 : frequencies[run.lowerBound]
    }

    /// Decodes the next block that may hold a document of [low, high).
    /// - Returns: false when there is none; `lowerBound` is then set.
    private mutating func loadBlock(from low: UInt32, to high: UInt32, impact: UInt8 = 0) -> Bool {
        position = 0
        loaded = 0
        if block < list.fullBlocks, list.lastDocument(ofBlock: block) < low, !skipBlocks(before: low) { return fail() }
        while block < list.fullBlocks, list.impact(ofBlock: block) < impact {
            let last = list.lastDocument(ofBlock: block)
            guard last < list.documentCount, previous == .max || last > previous else { return fail() }
            if last >= high {
                // It reaches into the next window, which may want it.
                lowerBound = previous &+ 1
                return false
            }
            previous = last
            block += 1
        }
        let hasRest = list.fullBlocks * LexicalFormat.blockPostings < list.count
        guard block < list.fullBlocks || (block == list.fullBlocks && hasRest) else {
            lowerBound = .max
            return false
        }
        if previous &+ 1 >= high {
            lowerBound = previous &+ 1
            return false
        }
        let isWhole = block < list.fullBlocks ? loadFullBlock() : loadRest()
        return isWhole || fail()
    }

    private mutating func fail() -> Bool {
        isDamaged = true
        loaded = 0
        block = .max
        lowerBound = .max
        return false
    }

    /// Gallops, then bisects over the skip entries to the first block whose last document is not below `low`.
    /// - Returns: false when the entries do not rise.
    private mutating func skipBlocks(before low: UInt32) -> Bool {
        var below = block
        var step = 1
        while below + step < list.fullBlocks, list.lastDocument(ofBlock: below + step) < low {
            below += step
            step *= 2
        }
        var above = min(below + step, list.fullBlocks)
        while above - below > 1 {
            let middle = (below + above) / 2
            if list.lastDocument(ofBlock: middle) < low { below = middle } else { above = middle }
        }
        let last = list.lastDocument(ofBlock: below)
        guard last < list.documentCount, previous == .max || last > previous else { return false }
        previous = last
        block = below + 1
        return true
    }

    /// Decodes every posting that is left, block by block.
    /// - Returns: false at the end.
    mutating func nextBlock() -> Bool {
        loadBlock(from: 0, to: .max)
    }

    private mutating func loadFullBlock() -> Bool {
        let (offset, gapBits, frequencyBits) = list.layout(ofBlock: block)
        let last = list.lastDocument(ofBlock: block)
        // Signed arithmetic on 64 bits: `previous` is -1 before the first block.
        let before = previous == .max ? -1 : Int(previous)
        guard gapBits <= 32, frequencyBits <= 32, offset + 16 * Int(gapBits + frequencyBits) <= list.dataBytes,
            last < list.documentCount, Int(last) - before >= LexicalFormat.blockPostings
        else { return false }
        let data = (list.base + offset).assumingMemoryBound(to: UInt8.self)
        if gapBits <= 24 {
            // 128 gaps of at most 2^24 sum to at most 2^31: from `before` below 2^32 that cannot wrap around and still end at
            // `last`, which is above `before`. So a sum that ends at `last` has risen strictly all the way.
            tandem_unpack_delta(data, gapBits, previous, documents)
        } else {
            tandem_unpack(data, gapBits, 0, documents)
            var sum = before
            for i in 0..<LexicalFormat.blockPostings {
                sum += Int(documents[i]) + 1
                guard sum <= Int(last) else { return false }
                documents[i] = UInt32(sum)
            }
        }
        guard documents[LexicalFormat.blockPostings - 1] == last else { return false }
        tandem_unpack(data + 16 * Int(gapBits), frequencyBits, 1, frequencies)
        frequencyMax = frequencyBits < 32 ? 1 << frequencyBits : .max
        previous = last
        loaded = LexicalFormat.blockPostings
        block += 1
        return true
    }

    private mutating func loadRest() -> Bool {
        if list.count == 1 {
            documents[0] = list.singleDocument
            frequencies[0] = list.singleFrequency
            frequencyMax = list.singleFrequency
            loaded = 1
            previous = list.singleDocument
            block += 1
            return true
        }
        let start = list.restOffset
        guard start <= list.dataBytes else { return false }
        let rest = list.count - list.fullBlocks * LexicalFormat.blockPostings
        var reader = BoundedReader(UnsafeRawBufferPointer(start: list.base + start, count: list.dataBytes - start))
        var next = UInt64(previous &+ 1)
        frequencyMax = 0
        for i in 0..<rest {
            let code = reader.varint()
            let frequency = code & 1 == 1 ? 0 : reader.varint()
            next = next &+ (code >> 1)
            // `code >> 1` is below 2^63 and `next` at most 2^32, so the sum did not wrap around.
            guard next < UInt64(list.documentCount), frequency < UInt64(UInt32.max) else { return false }
            documents[i] = UInt32(next)
            frequencies[i] = UInt32(frequency) + 1
            frequencyMax = max(frequencyMax, frequencies[i])
            next += 1
        }
        guard !reader.failed, reader.remaining == 0 else { return false }
        loaded = rest
        previous = documents[rest - 1]
        block += 1
        return true
    }

    /// First index at or after `position` whose document is not below `document`; the block's last one must not be.
    @inline(__always) private func firstIndex(notBelow document: UInt32) -> Int {
        tandem_first_not_below(documents, position, loaded, document)
    }
}
