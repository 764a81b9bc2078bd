import SearchCore

/// A phrase in one field of one segment. Memory for its lists' blocks is its own.
final class PhraseField {
    let field: Int
    /// The document that has all words; `.max` at the end.
    private(set) var current: UInt32 = 0
    let weight: Double
    private let norms: Norms
    private let slop: Int
    /// As in ``ListBound``: what one unit of an impact code stands for.
    private let perImpact: Double
    /// Blocks of impacts below it cannot hold a document that counts.
    private var impact: UInt8 = 0
    private let hasOneListEach: Bool
    /// The two rarest terms are about as frequent.
    private let alignsFirst: Bool
    /// Up to so many postings of one list to one of the other, stepping through both costs less than searching.
    private static let alignRatio = 8
    /// Lists of all terms, back to back.
    private let lists: UnsafeMutableBufferPointer<PostingCursor>
    private let positions: UnsafeMutableBufferPointer<PositionCursor>
    /// By term, the rarest first: its lists.
    private let terms: [Range<Int>]
    private let blocks: UnsafeMutablePointer<UInt32>
    /// By term.
    private let buffers: UnsafeMutablePointer<PositionBuffer>
    private var scratch = PositionBuffer()
    private var occurrences: PhraseOccurrences
    private var isStarted = false

    /// Nil where a word of the phrase does not occur in the field.
    init?(
        _ field: Int, weight: Double, _ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, _ phrase: PreparedQuery.Phrase,
        _ control: QueryControl
    ) throws {
        var planned: [(group: Int, lists: [PostingList])] = []
        for slot in phrase.slots where !planned.contains(where: { $0.group == slot.group }) {
            let lists = plan.groups.first { $0.group == slot.group }?.lists.filter { $0.field == field && !$0.list.positions.isEmpty } ?? []
            if lists.isEmpty { return nil }
            planned.append((slot.group, lists.map(\.list)))
        }
        planned.sort { $0.lists.reduce(0) { $0 + $1.count } < $1.lists.reduce(0) { $0 + $1.count } }
        norms = try searcher.norms(plan.segment, field)
        guard let normTable = searcher.normTables[field] else { return nil }
        let stored = plan.segment.fields[field]
        perImpact =
            NominalImpact(stored.statistics).correction(
                shortest: stored.shortest, longest: stored.longest, k1: searcher.query.k1, b: searcher.query.b, average: normTable.average)
            * ListBound.slack / 255
        hasOneListEach = planned.allSatisfy { $0.lists.count == 1 }
        alignsFirst = hasOneListEach && planned.count > 1 && planned[1].lists[0].count <= Self.alignRatio * planned[0].lists[0].count
        self.field = field
        self.weight = weight
        slop = phrase.slop
        let all = planned.flatMap(\.lists)
        let size = LexicalFormat.blockPostings
        blocks = .allocate(capacity: 3 * size * all.count)
        lists = .allocate(capacity: all.count)
        positions = .allocate(capacity: all.count)
        for (i, list) in all.enumerated() {
            let block = blocks + 3 * size * i
            lists.initializeElement(at: i, to: PostingCursor(list, documents: block, frequencies: block + size))
            positions.initializeElement(at: i, to: PositionCursor(list.positions, gaps: block + 2 * size))
        }
        var ranges: [Range<Int>] = []
        for term in planned {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + term.lists.count)
        }
        terms = ranges
        buffers = .allocate(capacity: terms.count)
        for i in terms.indices { (buffers + i).initialize(to: PositionBuffer()) }
        occurrences = PhraseOccurrences(
            slots: phrase.slots.map { slot in (planned.firstIndex { $0.group == slot.group }!, slot.offset) }, slop: phrase.slop, control: control)
    }

    deinit {
        (buffers).deinitialize(count: terms.count)
        buffers.deallocate()
        lists.deallocate()
        positions.deallocate()
        blocks.deallocate()
    }

    var isDamaged: Bool { lists.contains { $0.isDamaged } || positions.contains { $0.isDamaged } }

    @inline(__always) func weighted(_ frequency: Double, _ document: UInt32) -> Double { (weight * frequency) * norms.inverseNorm(document) }

    /// Surface positions, at most 65,535.
    func length(_ document: UInt32) -> Int { Int(norms.lengths[Int(document)]) }

    /// A phrase without slop is at most as frequent as each of its words, so that each word's impacts bound it.
    func pass(below x: Double, _ k1: Double) {
        guard slop == 0, hasOneListEach, k1 > 0, x > 0 else { return }
        impact = ListBound.impact(of: x, weight: weight, k1: k1, perImpact: perImpact)
    }

    /// The least document at or after this one that has all terms, and is not passed over.
    func candidate(from document: UInt32) -> UInt32 {
        if isStarted, current >= document { return current }
        isStarted = true
        if alignsFirst { return alignedCandidate(from: document) }
        var wanted = document
        var term = 0
        let count = terms.count
        while term < count {
            let found = next(term, from: wanted)
            // A document that is new goes back to the rarest term: the others would only follow.
            term = found == wanted || term == 0 ? term + 1 : 0
            wanted = found
            if found == .max { break }
        }
        current = wanted
        return wanted
    }

    /// The same with the two rarest terms stepped through together.
    private func alignedCandidate(from document: UInt32) -> UInt32 {
        let (first, second) = (lists.baseAddress!, lists.baseAddress! + 1)
        var wanted = document
        search: while true {
            let found = first.pointee.next(from: wanted, impact: impact)
            wanted = found == .max ? .max : second.pointee.next(from: found, impact: impact)
            if wanted == .max { break }
            if found != wanted {
                let aligned = PostingCursor.align(&first.pointee, &second.pointee)
                wanted = aligned.document
                if !aligned.found { continue }
            }
            for term in 2..<max(lists.count, 2) {
                let other = (first + term).pointee.next(from: wanted, impact: impact)
                if other != wanted {
                    wanted = other
                    if other == .max { break search }
                    continue search
                }
            }
            break
        }
        current = wanted
        return wanted
    }

    @inline(__always) private func next(_ term: Int, from document: UInt32) -> UInt32 {
        if hasOneListEach { return (lists.baseAddress! + term).pointee.next(from: document, impact: impact) }
        var nearest = UInt32.max
        for i in terms[term] { nearest = min(nearest, (lists.baseAddress! + i).pointee.next(from: document)) }
        return nearest
    }

    /// No phrase is more frequent in the current document.
    var frequencyBound: Double {
        if hasOneListEach, slop == 0 {
            var least = UInt32.max
            for i in 0..<lists.count { least = min(least, (lists.baseAddress! + i).pointee.frequencyAtPosition) }
            return Double(least)
        }
        var least = UInt64.max
        var sum: UInt64 = 0
        for term in terms {
            var frequency: UInt64 = 0
            for i in term where lists[i].isAt(current) { frequency += UInt64(lists[i].frequencyAtPosition) }
            least = min(least, frequency)
            sum += frequency
        }
        // With slop, one occurrence of a word may serve several matches, each of which moves one word on.
        return Double(slop == 0 ? least : sum)
    }

    /// Of the phrase in the current document. Once a document.
    func frequency(_ segment: LexicalSegment) throws -> Double {
        for (term, range) in terms.enumerated() {
            var isFirst = true
            for i in range where lists[i].isAt(current) {
                let cursor = lists[i]
                if isFirst {
                    positions[i].read(
                        block: cursor.loadedBlock, index: cursor.position, frequencies: cursor.frequencies, into: &(buffers + term).pointee)
                    isFirst = false
                } else {
                    positions[i].read(block: cursor.loadedBlock, index: cursor.position, frequencies: cursor.frequencies, into: &scratch)
                    (buffers + term).pointee.formUnion(scratch)
                }
                if positions[i].isDamaged { throw segment.damaged(field, "positions do not decode") }
            }
            (buffers + term).pointee.removeDuplicates()
        }
        return try occurrences.frequency { [buffers] in buffers[$0].buffer }
    }
}
