import SearchCore

/// Merging of neighbouring segments.
public enum LexicalMerge {
    /// Blocks of a list that are copied between two looks at whether the merge is still wanted: about a millisecond.
    private static let blocksPerCheckpoint = 512

    /// One segment with the live documents of several; DocIDs stay as they are, dead documents keep their numbers and lose
    /// their postings and lengths.
    ///
    /// Streams term by term over the dictionaries, so memory is one posting block per source and the output. The bytes
    /// are those that a builder gives for the same documents with the dead ones empty.
    /// - Parameters:
    ///   - segments: at least one; neighbours in DocID order, of the same field count.
    ///   - live: documents to keep, over the whole DocID space; those past its capacity are dropped.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`, asked every few terms, blocks and megabytes; `DATA_LOSS` when a source is damaged.
    /// - Complexity: O(postings + terms · segments), about 5 ns a posting.
    public static func merge(_ segments: [LexicalSegment], live: DocBitSet, control: QueryControl) throws -> [UInt8] {
        precondition(!segments.isEmpty, "nothing to merge")
        for (a, b) in zip(segments, segments.dropFirst()) {
            precondition(a.endDoc == b.firstDoc, "segments \(a.name) and \(b.name) are not neighbours")
            precondition(a.fieldCount == b.fieldCount, "segments \(a.name) and \(b.name) have different fields")
        }
        let first = segments[0].firstDoc
        let documentCount = segments.reduce(0) { $0 + $1.documentCount }
        var encoder = SegmentEncoder(
            fieldCount: segments[0].fieldCount, firstDoc: first, documentCount: documentCount, capacity: capacity(segments.map(\.byteCount)))
        try live.words.withUnsafeBufferPointer { words in
            let live = LiveBits(words: words, capacity: live.capacity, isFull: segments.map { $0.isFullyLive(live) })
            for field in 0..<segments[0].fieldCount {
                let (norms, statistics) = try mergeNorms(segments, field, live, control)
                guard statistics.documents > 0 else { continue }
                var dictionary = TermDictionaryWriter()
                let capacity = (
                    postings: capacity(segments.map { $0.fields[field].postings.bytes.count }),
                    positions: capacity(segments.map { $0.fields[field].positions.bytes.count })
                )
                var postings = PostingListEncoder(lengths: norms, impacts: NominalImpact(statistics), capacity: capacity)
                try mergeTerms(segments, field, live, &dictionary, &postings, control)
                try encoder.append(
                    field: field, statistics: statistics, norms: norms, dictionary: dictionary, lists: postings.finish(),
                    checkpoint: control.checkpoint)
            }
        }
        return encoder.finish()
    }

    /// Room for what the parts become, which may be a little more than they were: blocks that were full are cut anew. An array that grows
    /// is copied, which takes a second for gigabytes and cannot be called back.
    private static func capacity(_ parts: [Int]) -> Int {
        let sum = parts.reduce(0, +)
        return sum + sum / 16 + 4096
    }

    private struct LiveBits {
        let words: UnsafeBufferPointer<UInt64>
        let capacity: Int
        /// Per segment: all its documents are live, so that none needs asking.
        let isFull: [Bool]

        @inline(__always) func contains(_ doc: UInt32) -> Bool {
            let d = Int(doc)
            return d < capacity && words[d >> 6] & (1 << UInt64(d & 63)) != 0
        }
    }

    private static func mergeNorms(
        _ segments: [LexicalSegment], _ field: Int, _ live: LiveBits, _ control: QueryControl
    ) throws -> ([UInt16], FieldStatistics) {
        var norms: [UInt16] = []
        norms.reserveCapacity(segments.reduce(0) { $0 + $1.documentCount })
        var statistics = FieldStatistics()
        for segment in segments {
            try control.checkpoint()
            guard let source = segment.fields[field].norms else {
                norms.append(contentsOf: repeatElement(0, count: segment.documentCount))
                continue
            }
            for document in 0..<segment.documentCount {
                let isLive = live.contains(segment.firstDoc.rawValue + UInt32(document))
                let length = isLive ? source.lengths[document] : 0
                norms.append(length)
                if length > 0 {
                    statistics.documents += 1
                    statistics.totalLength += UInt64(length)
                }
            }
        }
        return (norms, statistics)
    }

    private static func mergeTerms(
        _ segments: [LexicalSegment], _ field: Int, _ live: LiveBits, _ dictionary: inout TermDictionaryWriter,
        _ postings: inout PostingListEncoder, _ control: QueryControl
    ) throws {
        struct Source {
            let cursor: TermDictionaryCursor
            let segment: LexicalSegment
            let number: Int
        }
        var sources: [Source] = []
        func advance(_ source: Source) throws -> Bool {
            do throws(Damaged) { return try source.cursor.advance() } catch { throw source.segment.damaged(field, error.what) }
        }
        for (number, segment) in segments.enumerated() {
            guard let terms = segment.fields[field].dictionary else { continue }
            let source = Source(cursor: TermDictionaryCursor(terms), segment: segment, number: number)
            if try advance(source) { sources.append(source) }
        }
        let block = UnsafeMutablePointer<UInt32>.allocate(capacity: 3 * LexicalFormat.blockPostings)
        defer { block.deallocate() }
        var positions = PositionBuffer()
        var merged = 0
        var smallest: [Int] = []
        while !sources.isEmpty {
            if merged & 255 == 0 { try control.checkpoint() }
            merged += 1
            // All sources that stand at the smallest key, in document order.
            smallest.removeAll(keepingCapacity: true)
            for i in sources.indices {
                guard let best = smallest.first else { smallest.append(i); continue }
                let (a, b) = (sources[i].cursor, sources[best].cursor)
                let order = a.prefix != b.prefix ? (a.prefix < b.prefix ? -1 : 1) : compareBytes(a.key, b.key)
                if order < 0 { smallest.removeAll(keepingCapacity: true) }
                if order <= 0 { smallest.append(i) }
            }
            let hasPositions = sources[smallest[0]].cursor.entry.positionsLength > 0
            for i in smallest {
                let source = sources[i]
                guard (source.cursor.entry.positionsLength > 0) == hasPositions else {
                    throw source.segment.damaged(field, "a term has positions in one segment and none in another")
                }
                do {
                    let list = try source.segment.list(source.cursor.entry, field: field)
                    try copy(
                        list, block, from: source.segment, shift: source.segment.firstDoc.rawValue - segments[0].firstDoc.rawValue,
                        live, isFull: live.isFull[source.number], to: &postings, &positions, control)
                } catch let error as Damaged { throw source.segment.damaged(field, error.what) }
            }
            if let entry = postings.finishList() { dictionary.append(sources[smallest[0]].cursor.key, entry) }
            for i in smallest.reversed() where try !advance(sources[i]) { sources.remove(at: i) }
        }
    }

    private static func copy(
        _ list: PostingList, _ block: UnsafeMutablePointer<UInt32>, from segment: LexicalSegment, shift: UInt32, _ live: LiveBits,
        isFull: Bool, to postings: inout PostingListEncoder, _ positions: inout PositionBuffer, _ control: QueryControl
    ) throws {
        var cursor = PostingCursor(list, documents: block, frequencies: block + LexicalFormat.blockPostings)
        let first = segment.firstDoc.rawValue
        guard list.positions.isEmpty else {
            return try copyPositions(
                &cursor, block + 2 * LexicalFormat.blockPostings, from: segment, shift, live, isFull, &postings, &positions, control)
        }
        while cursor.nextBlock() {
            if cursor.loadedBlock % blocksPerCheckpoint == blocksPerCheckpoint - 1 { try control.checkpoint() }
            for i in 0..<cursor.loaded {
                let document = cursor.documents[i]
                if isFull || live.contains(first + document) {
                    postings.append(document: shift + document, frequency: cursor.frequencies[i])
                }
            }
        }
        if cursor.isDamaged { throw Damaged("a posting list does not decode") }
    }

    private static func copyPositions(
        _ cursor: inout PostingCursor, _ gaps: UnsafeMutablePointer<UInt32>, from segment: LexicalSegment, _ shift: UInt32, _ live: LiveBits,
        _ isFull: Bool, _ postings: inout PostingListEncoder, _ buffer: inout PositionBuffer, _ control: QueryControl
    ) throws {
        var positions = PositionCursor(cursor.list.positions, gaps: gaps)
        let first = segment.firstDoc.rawValue
        while cursor.nextBlock() {
            if cursor.loadedBlock % blocksPerCheckpoint == blocksPerCheckpoint - 1 { try control.checkpoint() }
            for i in 0..<cursor.loaded {
                let document = cursor.documents[i]
                guard isFull || live.contains(first + document) else { continue }
                positions.read(block: cursor.loadedBlock, index: i, frequencies: cursor.frequencies, into: &buffer)
                if positions.isDamaged { throw Damaged("positions do not decode") }
                postings.append(document: shift + document, positions: buffer.buffer)
            }
        }
        if cursor.isDamaged { throw Damaged("a posting list does not decode") }
    }
}

extension LexicalSegment {
    fileprivate func isFullyLive(_ live: DocBitSet) -> Bool {
        let first = Int(firstDoc.rawValue)
        return live.capacity >= first + documentCount && live.count(in: first..<(first + documentCount)) == documentCount
    }
}
