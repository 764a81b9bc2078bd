import CKernels
import SearchCore

/// Finds the best documents of a segment without scoring all: windows of upper bounds, exact scores for what survives.
///
/// ```
/// window of 16,384 documents, or twice as many
///   1  bound of each group in it, from the impacts of its lists' blocks;   all together below the k-th score so far: next window
///   2  groups from the least bound up, as long as they cannot reach the k-th score together, are only probed (non-essential)
///   3  the others add upper bounds (16 bits, rounded up) to the window's sums, less the blocks that cannot matter
///   4  documents whose sum may reach the k-th score are probed in the other groups, and scored exactly in query order
/// ```
/// The first windows, until there are k hits, and windows in which too many documents survive are scored exactly as a whole
/// (``WindowScorer``), so that a query whose bounds tell nothing costs little more than without them.
/// Every skip is for what is strictly below the k-th score: hits, order, bits and boundary ties are those of exhaustive scoring.
///
/// A group of several lists (forms, fields) is one unit in all of this: its lists' bounds add up to a bound of x, which saturates
/// as a whole (``GroupBound``).
/// Not thread-safe; one per call of top-k.
/// Sources: term-at-a-time over windows, as in Lucene 10's `MaxScoreBulkScorer`; essential lists: Turtle & Flood, "Query
/// evaluation: strategies and optimizations", 1995; block maxima: Ding & Suel, "Faster top-k document retrieval using block-max indexes",
/// SIGIR 2011. Deviation: bounds come from frequency and length code at query time, so they are tight for any parameters.
struct PrunedScorer: ~Copyable {
    static let windowDocumentsMax = 1 << 15
    /// 16,384, whose sums fill the first-level cache; twice that for queries of many words, whose work a window outweighs their cache misses: long
    /// 227 -> 216 µs, mix 105 -> 108.
    private var windowDocuments = 1 << 14
    private static let manyGroups = 7
    /// Scored exactly, to have a first threshold.
    private static let firstDocuments = 1024
    /// More survivors than that in a window: scoring the whole window is cheaper than probing.
    private static let survivorsMax = 512
    /// Up to that many postings in a window, its documents are found from the list of touched ones, beyond by a scan.
    private static let sparseMax = 1024
    /// Groups are only probed while their bounds stay below this share of the k-th score. At 1 (the classic rule) nearly every
    /// document of the others survives; at 0 every list is read. Mean µs of (mix, long, natural) on 1,000,000 documents: 1: 149, 589, 903;
    /// 0.7: 135, 334, 441; 0.5: 130, 274, 371; 0.3: 145, 260, 415; 0: 265, 260, 1,136.
    private static let probedShare = 0.5
    /// Groups with less than one posting in so many documents are added all the same: that costs less than looking for each survivor in them. Long
    /// 253 -> 239 µs, mix and natural as before.
    private static let probedSparsity = 24
    /// Most that a window's sum may reach, with room for one unit of rounding up a list.
    private static let sumMax = 65_535.0

    private let sums: UnsafeMutablePointer<UInt16>
    /// [windowDocumentsMax] x of the group that is being added, in its units; all zero between groups.
    private let x: UnsafeMutablePointer<UInt16>
    /// Slots of a sparse window, each once a group.
    private let touched: UnsafeMutablePointer<UInt16>
    /// Slots of the group that is being added, with repetitions.
    private var touchedOfGroup: UnsafeMutablePointer<UInt16>
    private var touchedOfGroupCapacity = 0
    private let slots: UnsafeMutablePointer<UInt16>
    private let values: UnsafeMutablePointer<UInt16>
    /// Frequencies of the document that is being scored, by list in query order.
    private var frequencies: UnsafeMutablePointer<UInt32>
    /// Lists of the groups that a document has to have.
    private var required: [Range<Int>] = []
    private var exact = WindowScorer()
    private var blocks = GrowingBuffer<UInt32>()
    private var tables = GrowingBuffer<UInt16>()
    private var saturations = GrowingBuffer<UInt16>()
    private var boundsRead = 0
    private var survivorsMatched = 0

    var postingsRead: Int { boundsRead + exact.postingsRead }
    /// Accepted documents that were scored exactly and match.
    var matched: Int { survivorsMatched + exact.matched }

    /// Bytes that grow with queries.
    var growingBytes: Int { blocks.byteCount + tables.byteCount + saturations.byteCount + 2 * touchedOfGroupCapacity }

    mutating func resetCounts() {
        boundsRead = 0
        survivorsMatched = 0
        exact.resetCounts()
    }

    init() {
        sums = Self.aligned(Self.windowDocumentsMax)
        sums.initialize(repeating: 0, count: Self.windowDocumentsMax)
        x = Self.aligned(Self.windowDocumentsMax)
        x.initialize(repeating: 0, count: Self.windowDocumentsMax)
        touched = .allocate(capacity: Self.sparseMax + LexicalFormat.blockPostings)
        touchedOfGroup = .allocate(capacity: 0)
        slots = Self.aligned(Self.windowDocumentsMax)
        values = Self.aligned(Self.windowDocumentsMax)
        frequencies = .allocate(capacity: 0)
    }

    /// On page borders: 32 KB of sums fill the first-level cache, and where malloc put the arrays made queries up to 40 % slower (long: 352 instead of
    /// 249 µs in two builds of the same loops).
    private static func aligned(_ count: Int) -> UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer.allocate(byteCount: count * 2, alignment: 4096).bindMemory(to: UInt16.self, capacity: count)
    }

    deinit {
        sums.deallocate()
        x.deallocate()
        touched.deallocate()
        touchedOfGroup.deallocate()
        slots.deallocate()
        values.deallocate()
        frequencies.deallocate()
    }

    /// Offers to the collector every accepted match of a segment that may be among the best.
    /// - Parameter restriction: what a document has to have besides; its demanded groups that score are groups of the plan.
    mutating func run(
        _ plan: LexicalSearcher.SegmentPlan, searcher: LexicalSearcher, accept: UnsafeBufferPointer<UInt64>, restriction: WindowRestriction? = nil,
        collector: inout TopKCollector, control: QueryControl
    ) throws {
        let scoring = try ScoringLists(plan, searcher)
        let count = scoring.lists.count
        windowDocuments = scoring.largestGroup == 1 && plan.groups.count >= Self.manyGroups ? Self.windowDocumentsMax : 1 << 14
        let k1 = searcher.query.k1
        let blocks = blocks.reserve(count * 2 * LexicalFormat.blockPostings)
        let tableSize = Int(TANDEM_BOUND_ROWS * TANDEM_BOUND_ROW)
        let tables = tables.reserve(count * tableSize)
        let saturations = saturations.reserve(scoring.largestGroup > 1 ? plan.groups.count * GroupBound.saturationEntries : 0)
        if scoring.largestGroup > 1 {
            touchedOfGroup.deallocate()
            touchedOfGroupCapacity = scoring.largestGroup * windowDocuments
            touchedOfGroup = .allocate(capacity: touchedOfGroupCapacity)
        }
        frequencies.deallocate()
        frequencies = .allocate(capacity: count)
        frequencies.initialize(repeating: 0, count: count)
        required = plan.groups.indices.filter { restriction?.demandsScored(plan.groups[$0].group) == true }.map { scoring.groups[$0].lists }
        var lists: [ListBound] = []
        lists.reserveCapacity(count)
        for planned in plan.groups.lazy.flatMap(\.lists) {
            lists.append(
                try ListBound(
                    planned, plan.segment, searcher, buffer: blocks + lists.count * 2 * LexicalFormat.blockPostings,
                    table: tables + lists.count * tableSize))
        }
        try withExtendedLifetime((plan, searcher)) {
            try lists.withUnsafeMutableBufferPointer { lists in
                var groups = scoring.groups.enumerated().map { number, group in
                    GroupBound(
                        group.lists, lists, boostedIdf: group.boostedIdf, k1: k1,
                        saturation: saturations + (scoring.largestGroup > 1 ? number * GroupBound.saturationEntries : 0))
                }
                // From the least to the greatest, so that a prefix is what is only probed.
                groups.sort { $0.greatest < $1.greatest }
                let total = groups.reduce(0) { $0 + $1.greatest }
                let units = (Self.sumMax - Double(2 * groups.count)) / (total * ListBound.slack)
                for i in groups.indices { groups[i].scale(units, lists) }
                try groups.withUnsafeMutableBufferPointer {
                    let bounds = Bounds(groups: $0, lists: lists, units: units)
                    if let restriction {
                        try scan(bounds, scoring, plan.segment, accept, restriction, &collector, control)
                    } else {
                        try scan(bounds, scoring, plan.segment, accept, &collector, control)
                    }
                }
            }
        }
    }

    /// What a query may score in a segment, as plain pointers.
    private struct Bounds {
        let groups: UnsafeMutableBufferPointer<GroupBound>
        let lists: UnsafeMutableBufferPointer<ListBound>
        /// Of the window's sums, in a score of 1.
        let units: Double
    }

    // MARK: Windows

    private mutating func scan(
        _ bounds: Bounds, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>,
        _ collector: inout TopKCollector, _ control: QueryControl
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        let end = first + segment.documentCount
        var window = first / windowDocuments * windowDocuments
        var seen = collector.canPrune ? windowDocuments : 0
        while window < end {
            guard let word = WindowScorer.firstAccepted(accept, from: window / 64) else { return }
            if word * 64 >= window + windowDocuments { window = word * 64 / windowDocuments * windowDocuments }
            if window >= end { return }
            try control.checkpoint()
            // As little as possible without bounds, then parts as large as all before: what one part finds prunes the next.
            let windowEnd = window + windowDocuments
            var part = max(window, first)
            while part < windowEnd {
                let size = collector.canPrune ? max(seen, Self.firstDocuments) : Self.firstDocuments
                let isLast = part + 2 * size > windowEnd
                let rest = part..<(isLast ? windowEnd : part + size)
                if try !collector.canPrune || !prune(window, rest, bounds, scoring, segment, accept, nil, &collector) {
                    try scoreAll(rest, scoring, segment, accept, &collector)
                }
                part = rest.upperBound
                seen += rest.count
            }
            window = windowEnd
        }
    }

    /// The same of documents that have to have more: a window is restricted first where that leaves few, else its survivors are.
    private mutating func scan(
        _ bounds: Bounds, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>,
        _ restriction: WindowRestriction, _ collector: inout TopKCollector, _ control: QueryControl
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        let end = first + segment.documentCount
        let windows = max(segment.documentCount / windowDocuments, 1)
        let postings = scoring.lists.reduce(0) { $0 + $1.cursor.list.count } / windows
        let isRare = (restriction.rarest.map { $0 / windows } ?? .max) < postings / (scoring.lists.count * WindowRestriction.seekCost)
        // What is accepted, less what the restriction takes away window by window.
        var left = Array(accept)
        var window = first / windowDocuments * windowDocuments
        while window < end {
            let nearest = restriction.nearest
            if nearest == .max { return }
            window = max(window, (first + Int(nearest)) / windowDocuments * windowDocuments)
            guard let word = WindowScorer.firstAccepted(accept, from: window / 64) else { return }
            if word * 64 >= window + windowDocuments { window = word * 64 / windowDocuments * windowDocuments }
            if window >= end { return }
            try control.checkpoint()
            let isDone =
                try !isRare && collector.canPrune
                && prune(window, window..<window + windowDocuments, bounds, scoring, segment, accept, restriction, &collector)
            if !isDone {
                let count = try restrict(window, segment, restriction, &left)
                if count <= Self.survivorsMax {
                    take(window / 64, left)
                    try score(count, window, bounds.groups.count, .infinity, bounds, scoring, segment, accept, nil, &collector)
                } else {
                    try left.withUnsafeBufferPointer { try scoreAll(window..<window + windowDocuments, scoring, segment, $0, &collector) }
                }
            }
            window += windowDocuments
        }
    }

    /// Documents of a window that lie in the segment, as numbers inside it, and the number of the window's first slot (which may be before 0).
    private func range(_ window: Int, _ segment: LexicalSegment) -> (low: UInt32, high: UInt32, base: UInt32) {
        let first = Int(segment.firstDoc.rawValue)
        return (
            UInt32(max(window - first, 0)), UInt32(min(window + windowDocuments, first + segment.documentCount) - first),
            UInt32(truncatingIfNeeded: window - first)
        )
    }

    /// Restricts a window's words of `left`. - Returns: documents that are left in them.
    private func restrict(_ window: Int, _ segment: LexicalSegment, _ restriction: WindowRestriction, _ left: inout [UInt64]) throws -> Int {
        let (low, high, base) = range(window, segment)
        let count = min(windowDocuments / 64, left.count - window / 64)
        return try left.withUnsafeMutableBufferPointer { all in
            let words = all.baseAddress! + window / 64
            // Documents of the neighbouring segments are none of this one.
            for slots in [0..<Int(low &- base), Int(high &- base)..<max(Int(high &- base), count * 64)] {
                for slot in slots where slot < count * 64 { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
            }
            var before = 0
            for word in 0..<count { before += words[word].nonzeroBitCount }
            return try restriction.restrict(words, words: count, low: low, high: high, base: base, left: before)
        }
    }

    /// The documents of a window's words as survivors of which nothing is known; there is room for all of a window.
    private func take(_ word: Int, _ left: [UInt64]) {
        var found = 0
        for i in 0..<min(windowDocuments / 64, left.count - word) {
            var rest = left[word + i]
            while rest != 0 {
                slots[found] = UInt16(i * 64 + rest.trailingZeroBitCount)
                values[found] = 0
                found += 1
                rest &= rest &- 1
            }
        }
    }

    /// Scores a window's documents exactly, without bounds.
    private mutating func scoreAll(
        _ documents: Range<Int>, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>,
        _ collector: inout TopKCollector
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        var part = documents.lowerBound
        while part < documents.upperBound {
            let end = min(part / WindowScorer.windowDocuments * WindowScorer.windowDocuments + WindowScorer.windowDocuments, documents.upperBound)
            if end > first, part < first + segment.documentCount, let word = WindowScorer.firstAccepted(accept, from: part / 64), word * 64 < end {
                try exact.score(part..<end, scoring, segment, accept, &collector)
            }
            part = end
        }
    }

    /// - Parameter documents: of the window, those to look at.
    /// - Returns: false where too many documents survive, so that the window is better scored as a whole; nothing was offered then.
    private mutating func prune(
        _ window: Int, _ documents: Range<Int>, _ bounds: Bounds, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment,
        _ accept: UnsafeBufferPointer<UInt64>,
        _ restriction: WindowRestriction?, _ collector: inout TopKCollector
    ) throws -> Bool {
        var (low, high, base) = range(window, segment)
        let first = Int(segment.firstDoc.rawValue)
        low = max(low, UInt32(max(documents.lowerBound - first, 0)))
        high = min(high, UInt32(max(documents.upperBound - first, 0)))
        if low >= high { return true }
        let (groups, lists) = (bounds.groups, bounds.lists)
        let least = collector.threshold
        var total = 0.0
        for i in groups.indices {
            groups[i].look(lists, low, high)
            total += groups[i].inWindow
        }
        if total * ListBound.slack < least { return true }
        // Groups that cannot reach the k-th score together are only probed, where they are long.
        var probed = 0
        var below = 0.0
        while probed < groups.count, groups[probed].postings > windowDocuments / Self.probedSparsity,
            (below + groups[probed].inWindow) * ListBound.slack < least * Self.probedShare
        {
            below += groups[probed].inWindow
            probed += 1
        }
        guard probed < groups.count else { return true }
        let needed = (least - below * ListBound.slack) * bounds.units * (1 - 1e-9)
        guard needed < Self.sumMax else { return true }
        let threshold = UInt16(max(1, needed))
        var postings = 0
        for i in probed..<groups.count { postings += groups[i].postings }
        let isSparse = postings <= Self.sparseMax
        var touchedCount = 0
        for i in probed..<groups.count {
            // The x without which no document reaches the k-th score, even with all other groups.
            let x = groups[i].x(of: least - (total - groups[i].inWindow) * ListBound.slack)
            touchedCount += add(&groups[i], lists, low, high, base, x, isSparse ? touched + touchedCount : nil)
            for j in groups[i].lists where lists[j].cursor.isDamaged {
                throw TandemError.damaged(segment.name, "a posting list does not decode")
            }
        }
        let survivors = isSparse ? selectTouched(touchedCount, threshold) : tandem_window_select(sums, windowDocuments, threshold, slots, values)
        if survivors > Self.survivorsMax { return false }
        try score(survivors, window, probed, below, bounds, scoring, segment, accept, restriction, &collector)
        return true
    }

    /// Adds a group's bounds to the window's sums, less the blocks that cannot bring its x to `needed`.
    /// - Returns: slots noted in `touched`.
    private mutating func add(
        _ group: inout GroupBound, _ lists: UnsafeMutableBufferPointer<ListBound>, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ needed: Double,
        _ touched: UnsafeMutablePointer<UInt16>?
    ) -> Int {
        if group.isSingle {
            let list = lists.baseAddress! + group.lists.lowerBound
            return add(&list.pointee, group, low, high, base, list.pointee.impact(of: needed), sums, touched)
        }
        var count = 0
        for i in group.lists {
            // Infinity less infinity is no number, and then nothing may be skipped.
            let missing = needed - (group.xInWindow - lists[i].xInWindow) * ListBound.slack
            count += add(&lists[i], group, low, high, base, missing > 0 ? lists[i].impact(of: missing) : 0, x, touchedOfGroup + count)
        }
        return tandem_window_fold(x, touchedOfGroup, count, group.saturation, GroupBound.saturationEntries, sums, touched)
    }

    /// Adds what a list's table says to `target`. - Returns: postings.
    private mutating func add(
        _ list: inout ListBound, _ group: borrowing GroupBound, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ impact: UInt8,
        _ target: UnsafeMutablePointer<UInt16>, _ touched: UnsafeMutablePointer<UInt16>?
    ) -> Int {
        if list.cursor.lowerBound >= high { return 0 }
        var count = 0
        while true {
            let run = list.cursor.nextRun(from: low, to: high, impact: impact)
            if run.isEmpty { break }
            group.fill(&list, list.cursor.frequencyMax)
            tandem_window_add(
                list.cursor.documents + run.lowerBound, list.cursor.frequencies + run.lowerBound, run.count, list.cursor.frequencyMax, base,
                list.codes, list.table, target, touched.map { $0 + count })
            count &+= run.count
        }
        boundsRead += count
        return count
    }

    /// The survivors among the touched slots, in rising order; all sums are zero afterwards.
    private func selectTouched(_ count: Int, _ threshold: UInt16) -> Int {
        var found = 0
        for i in 0..<count {
            let slot = touched[i]
            let sum = sums[Int(slot)]
            // A slot that comes twice is zero the second time.
            sums[Int(slot)] = 0
            guard sum >= threshold else { continue }
            // Few survive: insertion keeps them in order.
            var place = found
            while place > 0, slots[place - 1] > slot {
                slots[place] = slots[place - 1]
                values[place] = values[place - 1]
                place -= 1
            }
            slots[place] = slot
            values[place] = sum
            found += 1
        }
        return found
    }

    // MARK: Survivors

    /// Probes the survivors in the groups that the sums lack, greatest first, and scores exactly what may still be among the best.
    private mutating func score(
        _ count: Int, _ window: Int, _ probed: Int, _ below: Double, _ bounds: Bounds, _ scoring: borrowing ScoringLists,
        _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>, _ restriction: WindowRestriction?, _ collector: inout TopKCollector
    ) throws {
        let groups = bounds.groups
        let (low, high, base) = range(window, segment)
        let survivors = try restriction.map { try keep(count, low, high, base, $0) } ?? count
        next: for number in 0..<survivors {
            let slot = Int(slots[number])
            let doc = window + slot
            guard doc >> 6 < accept.count, accept[doc >> 6] & (1 << UInt64(doc & 63)) != 0 else { continue }
            let document = base &+ UInt32(slot)
            let least = collector.threshold
            var bound = Double(values[number]) / bounds.units
            var missing = below
            if (bound + missing) * ListBound.slack < least { continue }
            var i = probed
            while i > 0 {
                i -= 1
                missing -= groups[i].inWindow
                let x = probe(groups[i].lists, document, scoring)
                if x > 0 { bound += BM25F.contribution(boostedIdf: groups[i].boostedIdf, x: x, k1: scoring.k1) }
                if (bound + max(missing, 0)) * ListBound.slack < least { continue next }
            }
            for i in probed..<groups.count { _ = probe(groups[i].lists, document, scoring) }
            guard required.allSatisfy({ lists in lists.contains { frequencies[$0] > 0 } }) else { continue }
            let score = exactScore(document, scoring)
            if score > 0 { survivorsMatched += 1 }
            if score >= collector.threshold { collector.offer(DocID(UInt32(doc)), score) }
        }
        for i in 0..<scoring.lists.count where scoring.lists[i].cursor.isDamaged {
            throw TandemError.damaged(segment.name, "a posting list does not decode")
        }
    }

    /// Leaves of the survivors those that a restriction by groups that do not score lets through. - Returns: how many.
    private func keep(_ count: Int, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ restriction: WindowRestriction) throws -> Int {
        guard restriction.hasUnscored, count > 0 else { return count }
        let words = windowDocuments / 64
        return try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: words) { bits in
            bits.initialize(repeating: 0)
            for i in 0..<count { bits[Int(slots[i]) >> 6] |= 1 << UInt64(slots[i] & 63) }
            _ = try restriction.restrict(bits.baseAddress!, words: words, low: low, high: high, base: base, left: count, unscoredOnly: true)
            var kept = 0
            for i in 0..<count where bits[Int(slots[i]) >> 6] & (1 << UInt64(slots[i] & 63)) != 0 {
                slots[kept] = slots[i]
                values[kept] = values[i]
                kept += 1
            }
            return kept
        }
    }

    /// Finds the document's frequencies in some lists of one group. - Returns: its x, as the exact score has it.
    @inline(__always)
    private mutating func probe(_ lists: Range<Int>, _ document: UInt32, _ scoring: borrowing ScoringLists) -> Double {
        for i in lists { frequencies[i] = (scoring.lists.baseAddress! + i).pointee.cursor.frequency(in: document) }
        return x(lists, document, scoring)
    }

    @inline(__always)
    private func x(_ lists: Range<Int>, _ document: UInt32, _ scoring: borrowing ScoringLists) -> Double {
        var x = 0.0
        for i in lists where frequencies[i] > 0 {
            let list = scoring.lists.baseAddress! + i
            x += BM25F.weightedFrequency(
                weight: list.pointee.weight, frequency: frequencies[i], inverseNorm: list.pointee.norms.inverseNorm(document))
        }
        return x
    }

    /// The sums of ``WindowScorer``, in its order: the same bits.
    private func exactScore(_ document: UInt32, _ scoring: borrowing ScoringLists) -> Double {
        var score = 0.0
        for group in scoring.groups {
            let x = x(group.lists, document, scoring)
            if x > 0 { score += BM25F.contribution(boostedIdf: group.boostedIdf, x: x, k1: scoring.k1) }
        }
        return score
    }
}
