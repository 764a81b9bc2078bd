import CKernels
import SearchCore

/// Finds the best documents of a segment without scoring all: windows of upper bounds, exact scores for what survives.
///
/// ```
/// window of 16,384 documents
///   1  bound of each list in it, from the impacts of its blocks;   all together below the k-th score so far: next window
///   2  lists from the least bound up, as long as they cannot reach the k-th score together, are only probed (non-essential)
///   3  the others add upper bounds (16 bits, rounded up) to the window's sums, less the blocks that cannot matter
///   4  documents whose sum may reach the k-th score are probed in the other lists, and scored exactly in query order
/// ```
/// The first windows, until there are k hits, and windows in which too many documents survive are scored exactly as a whole
/// (``WindowScorer``), so that a query whose bounds tell nothing costs little more than without them.
/// Every skip is for what is strictly below the k-th score: hits, order, bits and boundary ties are those of exhaustive scoring.
///
/// A group of several lists (forms, fields) is bounded by the sum of its lists' bounds, since x / (k1 + x) is subadditive.
/// Not thread-safe; one per call of top-k.
/// Sources: term-at-a-time over windows, as in Lucene 10's `MaxScoreBulkScorer`; essential lists: Turtle & Flood, "Query
/// evaluation: strategies and optimizations", 1995; block maxima: Ding & Suel, "Faster top-k document retrieval using block-max indexes",
/// SIGIR 2011. Deviation: bounds come from frequency and length code at query time, so they are tight for any parameters.
struct PrunedScorer: ~Copyable {
    static let windowDocuments = 1 << 14
    /// More survivors than that in a window: scoring the whole window is cheaper than probing.
    private static let survivorsMax = 512
    /// Up to that many postings in a window, its documents are found from the list of touched ones, beyond by a scan.
    private static let sparseMax = 1024
    /// Lists are only probed while their bounds stay below this share of the k-th score. At 1 (the classic rule) nearly every
    /// document of the others survives; at 0 every list is read. Mean µs of (mix, long, natural) on 1,000,000 documents: 1: 149, 589, 903;
    /// 0.7: 135, 334, 441; 0.5: 130, 274, 371; 0.3: 145, 260, 415; 0: 265, 260, 1,136.
    private static let probedShare = 0.5
    /// Rounding of the doubles that bounds are summed in, generously.
    private static let slack = 1 + 1e-9
    /// Most that a window's sum may reach, with room for one unit of rounding up a list.
    private static let sumMax = 65_535.0

    /// What is known of one list besides ``ScoringLists/List``: how much it may add.
    private struct Bound {
        /// Of its own, since the one for exact scores may stand elsewhere.
        var cursor: PostingCursor
        let list: Int
        let boostedIdf: Double
        let weight: Double
        let codes: UnsafePointer<UInt8>
        let inverseOfCode: UnsafePointer<Double>
        let table: UnsafeMutablePointer<UInt16>
        let codeRange: ClosedRange<Int>
        /// What one unit of an impact code stands for.
        let perImpact: Double
        let greatest: Double
        /// `greatest` in units of the window's sums.
        var greatestUnits: UInt16 = 0
        var rows = 0
        /// First block that does not end before the window.
        var block = 0
        /// In the present window.
        var inWindow = 0.0
        var postings = 0
        /// Frequency in the document that is being scored; -1: not asked yet.
        var frequency: Int64 = -1
    }

    private let sums: UnsafeMutablePointer<UInt16>
    private let touched: UnsafeMutablePointer<UInt16>
    private let slots: UnsafeMutablePointer<UInt16>
    private let values: UnsafeMutablePointer<UInt16>
    /// Frequencies of the document that is being scored, by list in query order.
    private var frequencies: [UInt32] = []
    private var exact = WindowScorer()
    private var boundsRead = 0
    private var survivorsMatched = 0

    var postingsRead: Int { boundsRead + exact.postingsRead }
    /// Accepted documents that were scored exactly and match.
    var matched: Int { survivorsMatched + exact.matched }

    init() {
        sums = .allocate(capacity: Self.windowDocuments)
        sums.initialize(repeating: 0, count: Self.windowDocuments)
        touched = .allocate(capacity: Self.sparseMax + LexicalFormat.blockPostings)
        slots = .allocate(capacity: Self.windowDocuments)
        values = .allocate(capacity: Self.windowDocuments)
    }

    deinit {
        sums.deallocate()
        touched.deallocate()
        slots.deallocate()
        values.deallocate()
    }

    /// Offers to the collector every accepted match of a segment that may be among the best.
    mutating func run(
        _ plan: LexicalSearcher.SegmentPlan, searcher: LexicalSearcher, accept: UnsafeBufferPointer<UInt64>,
        collector: inout TopKCollector, control: QueryControl
    ) throws {
        let scoring = try ScoringLists(plan, searcher)
        let count = scoring.lists.count
        let blocks = UnsafeMutablePointer<UInt32>.allocate(capacity: count * 2 * LexicalFormat.blockPostings)
        defer { blocks.deallocate() }
        let tableSize = Int(TANDEM_BOUND_ROWS * TANDEM_BOUND_ROW)
        let tables = UnsafeMutablePointer<UInt16>.allocate(capacity: count * tableSize)
        defer { tables.deallocate() }
        var bounds: [Bound] = []
        bounds.reserveCapacity(count)
        frequencies = Array(repeating: 0, count: count)
        for group in plan.groups {
            for planned in group.lists {
                let number = bounds.count
                bounds.append(
                    try Self.bound(
                        number, planned, searcher.boostedIdfs[group.group], plan.segment, searcher,
                        blocks + number * 2 * LexicalFormat.blockPostings, tables + number * tableSize))
            }
        }
        // From the least to the greatest, so that a prefix is what is only probed.
        bounds.sort { $0.greatest < $1.greatest }
        let total = bounds.reduce(0) { $0 + $1.greatest }
        let units = (Self.sumMax - Double(2 * count)) / (total * Self.slack)
        for i in bounds.indices {
            bounds[i].greatestUnits = UInt16(bounds[i].greatest * units) + 1
            let last = bounds[i].table + Int((TANDEM_BOUND_ROWS - 1) * TANDEM_BOUND_ROW)
            last.initialize(repeating: bounds[i].greatestUnits, count: Int(TANDEM_BOUND_ROW))
        }
        try withExtendedLifetime((plan, searcher)) {
            try bounds.withUnsafeMutableBufferPointer {
                try scan($0, scoring, units, plan.segment, accept, &collector, control)
            }
        }
    }

    private static func bound(
        _ number: Int, _ planned: LexicalSearcher.PlannedList, _ boostedIdf: Double, _ segment: LexicalSegment, _ searcher: LexicalSearcher,
        _ buffer: UnsafeMutablePointer<UInt32>, _ table: UnsafeMutablePointer<UInt16>
    ) throws -> Bound {
        let field = segment.fields[planned.field]
        guard let norms = field.norms, let normTable = searcher.normTables[planned.field] else {
            throw segment.damaged(planned.field, "postings without lengths")
        }
        let correction = NominalImpact(field.statistics).correction(
            shortest: field.shortest, longest: field.longest, k1: searcher.query.k1, b: searcher.query.b, average: normTable.average)
        // A weight above 1 lifts w · tf / (w · tf + K) by at most that factor; one below lowers it.
        let perImpact = boostedIdf * max(1, planned.weight) * correction * slack / 255
        let list = planned.list
        var greatest = boostedIdf
        if list.count == 1 {
            let x = BM25F.weightedFrequency(
                weight: planned.weight, frequency: list.singleFrequency,
                inverseNorm: normTable.inverseNorm(length: Int(norms.lengths[Int(list.singleDocument)])))
            greatest = min(greatest, BM25F.contribution(boostedIdf: boostedIdf, x: x, k1: searcher.query.k1) * slack)
        } else {
            guard list.listImpact > 0 else { throw segment.damaged(planned.field, "a posting list without impact") }
            greatest = min(greatest, perImpact * Double(list.listImpact))
        }
        return Bound(
            cursor: PostingCursor(list, documents: buffer, frequencies: buffer + LexicalFormat.blockPostings), list: number,
            boostedIdf: boostedIdf, weight: planned.weight, codes: norms.codes, inverseOfCode: UnsafePointer(normTable.inverseOfCode),
            table: table, codeRange: Int(LengthCode(of: field.shortest).rawValue)...Int(LengthCode(of: field.longest).rawValue),
            perImpact: perImpact, greatest: greatest)
    }

    // MARK: Windows

    private mutating func scan(
        _ bounds: UnsafeMutableBufferPointer<Bound>, _ scoring: borrowing ScoringLists, _ units: Double, _ segment: LexicalSegment,
        _ accept: UnsafeBufferPointer<UInt64>, _ collector: inout TopKCollector, _ control: QueryControl
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        let end = first + segment.documentCount
        var window = first / Self.windowDocuments * Self.windowDocuments
        while window < end {
            guard let word = WindowScorer.firstAccepted(accept, from: window / 64) else { return }
            if word * 64 >= window + Self.windowDocuments { window = word * 64 / Self.windowDocuments * Self.windowDocuments }
            if window >= end { return }
            try control.checkpoint()
            if collector.canPrune {
                try prune(window, bounds, scoring, units, segment, accept, &collector)
            } else {
                try scoreAll(window, scoring, segment, accept, &collector)
            }
            window += Self.windowDocuments
        }
    }

    /// Scores a window exactly, as a whole.
    private mutating func scoreAll(
        _ window: Int, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>,
        _ collector: inout TopKCollector
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        for part in stride(from: window, to: window + Self.windowDocuments, by: WindowScorer.windowDocuments) {
            guard part + WindowScorer.windowDocuments > first, part < first + segment.documentCount,
                let word = WindowScorer.firstAccepted(accept, from: part / 64), word * 64 < part + WindowScorer.windowDocuments
            else { continue }
            try exact.score(part, scoring, segment, accept, &collector)
        }
    }

    private mutating func prune(
        _ window: Int, _ bounds: UnsafeMutableBufferPointer<Bound>, _ scoring: borrowing ScoringLists, _ units: Double,
        _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>, _ collector: inout TopKCollector
    ) throws {
        let first = Int(segment.firstDoc.rawValue)
        let low = UInt32(max(window - first, 0))
        let high = UInt32(min(window + Self.windowDocuments, first + segment.documentCount) - first)
        let base = UInt32(truncatingIfNeeded: window - first)
        let least = collector.threshold
        var total = 0.0
        for i in bounds.indices {
            Self.look(&bounds[i], low, high)
            total += bounds[i].inWindow
        }
        if total * Self.slack < least { return }
        // Lists that cannot reach the k-th score together are only probed.
        var probed = 0
        var below = 0.0
        while probed < bounds.count, (below + bounds[probed].inWindow) * Self.slack < least * Self.probedShare {
            below += bounds[probed].inWindow
            probed += 1
        }
        guard probed < bounds.count else { return }
        let needed = (least - below * Self.slack) * units * (1 - 1e-9)
        guard needed < Self.sumMax else { return }
        let threshold = UInt16(max(1, needed))
        var postings = 0
        for i in probed..<bounds.count { postings += bounds[i].postings }
        let isSparse = postings <= Self.sparseMax
        var touchedCount = 0
        for i in probed..<bounds.count {
            // Blocks that could not reach the k-th score even with all other lists.
            let missing = (least - (total - bounds[i].inWindow) * Self.slack) / bounds[i].perImpact * (1 - 1e-9)
            let impact = missing > 0 ? UInt8(min(missing.rounded(.up), 255)) : 0
            touchedCount += add(&bounds[i], low, high, base, impact, scoring.k1, units, isSparse ? touched + touchedCount : nil)
        }
        for i in probed..<bounds.count where bounds[i].cursor.isDamaged {
            throw TandemError.damaged(segment.name, "a posting list does not decode")
        }
        let survivors = isSparse ? selectTouched(touchedCount, threshold) : tandem_window_select(sums, Self.windowDocuments, threshold, slots, values)
        if survivors > Self.survivorsMax {
            try scoreAll(window, scoring, segment, accept, &collector)
        } else {
            try score(survivors, window, base, probed, below, units, bounds, scoring, segment, accept, &collector)
        }
    }

    /// What a list may add in [low, high), and how many postings it may have there.
    @inline(__always)
    private static func look(_ bound: inout Bound, _ low: UInt32, _ high: UInt32) {
        let list = bound.cursor.list
        if list.count == 1 {
            let isInside = list.singleDocument >= low && list.singleDocument < high
            bound.inWindow = isInside ? bound.greatest : 0
            bound.postings = isInside ? 1 : 0
            return
        }
        var block = bound.block
        while block < list.fullBlocks, list.lastDocument(ofBlock: block) < low { block += 1 }
        bound.block = block
        let start = block
        var impact: UInt8 = 0
        while block < list.fullBlocks {
            impact = max(impact, list.impact(ofBlock: block))
            // The last one may be the first of the next window.
            if list.lastDocument(ofBlock: block) >= high { break }
            block += 1
        }
        var postings = (min(block + 1, list.fullBlocks) - start) * LexicalFormat.blockPostings
        if block == list.fullBlocks {
            impact = max(impact, list.restImpact)
            postings += list.count - list.fullBlocks * LexicalFormat.blockPostings
        } else {
            bound.block = block
        }
        bound.postings = postings
        bound.inWindow = min(bound.greatest, bound.perImpact * Double(impact))
    }

    /// Adds a list's bounds to the window's sums. - Returns: postings.
    private mutating func add(
        _ bound: inout Bound, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ impact: UInt8, _ k1: Double, _ units: Double,
        _ touched: UnsafeMutablePointer<UInt16>?
    ) -> Int {
        if bound.cursor.lowerBound >= high { return 0 }
        var count = 0
        while true {
            let run = bound.cursor.nextRun(from: low, to: high, impact: impact)
            if run.isEmpty { break }
            let needed = Int(min(bound.cursor.frequencyMax, UInt32(TANDEM_BOUND_ROWS - 2)))
            while bound.rows < needed {
                bound.rows += 1
                tandem_bound_row(
                    bound.inverseOfCode, bound.codeRange.lowerBound, bound.codeRange.upperBound, bound.weight * Double(bound.rows), k1,
                    bound.boostedIdf * units * Self.slack, bound.greatestUnits, bound.table + bound.rows * Int(TANDEM_BOUND_ROW))
            }
            tandem_window_add(
                bound.cursor.documents + run.lowerBound, bound.cursor.frequencies + run.lowerBound, run.count, base, bound.codes,
                bound.table, sums, touched.map { $0 + count })
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

    /// Probes the survivors in the lists that the sums lack, greatest first, and scores exactly what may still be among the best.
    private mutating func score(
        _ survivors: Int, _ window: Int, _ base: UInt32, _ probed: Int, _ below: Double, _ units: Double,
        _ bounds: UnsafeMutableBufferPointer<Bound>, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment,
        _ accept: UnsafeBufferPointer<UInt64>, _ collector: inout TopKCollector
    ) throws {
        next: for number in 0..<survivors {
            let slot = Int(slots[number])
            let doc = window + slot
            guard doc >> 6 < accept.count, accept[doc >> 6] & (1 << UInt64(doc & 63)) != 0 else { continue }
            let document = base &+ UInt32(slot)
            let least = collector.threshold
            var bound = Double(values[number]) / units
            var missing = below
            if (bound + missing) * Self.slack < least { continue }
            var i = probed
            while i > 0 {
                i -= 1
                missing -= bounds[i].inWindow
                let list = scoring.lists.baseAddress! + bounds[i].list
                let frequency = Self.frequency(&list.pointee.cursor, document)
                bounds[i].frequency = Int64(frequency)
                if frequency > 0 {
                    let x = BM25F.weightedFrequency(
                        weight: list.pointee.weight, frequency: frequency, inverseNorm: list.pointee.norms.inverseNorm(document))
                    bound += BM25F.contribution(boostedIdf: bounds[i].boostedIdf, x: x, k1: scoring.k1)
                }
                if (bound + max(missing, 0)) * Self.slack < least {
                    for j in i..<probed { bounds[j].frequency = -1 }
                    continue next
                }
            }
            for i in probed..<bounds.count {
                bounds[i].frequency = Int64(Self.frequency(&(scoring.lists.baseAddress! + bounds[i].list).pointee.cursor, document))
            }
            let score = exactScore(document, bounds, scoring)
            for i in bounds.indices { bounds[i].frequency = -1 }
            if score > 0 { survivorsMatched += 1 }
            if score >= collector.threshold { collector.offer(DocID(UInt32(doc)), score) }
        }
        for i in 0..<scoring.lists.count where scoring.lists[i].cursor.isDamaged {
            throw TandemError.damaged(segment.name, "a posting list does not decode")
        }
    }

    @inline(__always)
    private static func frequency(_ cursor: inout PostingCursor, _ document: UInt32) -> UInt32 {
        if cursor.lowerBound > document { return 0 }
        let run = cursor.nextRun(from: document, to: document + 1)
        return run.isEmpty ? 0 : cursor.frequencies[run.lowerBound]
    }

    /// The sums of ``WindowScorer``, in its order: the same bits.
    private mutating func exactScore(_ document: UInt32, _ bounds: UnsafeMutableBufferPointer<Bound>, _ scoring: borrowing ScoringLists) -> Double {
        for bound in bounds { frequencies[bound.list] = UInt32(truncatingIfNeeded: bound.frequency) }
        var score = 0.0
        for group in scoring.groups {
            var x = 0.0
            for i in group.lists where frequencies[i] > 0 {
                let list = scoring.lists.baseAddress! + i
                x += BM25F.weightedFrequency(
                    weight: list.pointee.weight, frequency: frequencies[i], inverseNorm: list.pointee.norms.inverseNorm(document))
            }
            if x > 0 { score += BM25F.contribution(boostedIdf: group.boostedIdf, x: x, k1: scoring.k1) }
        }
        return score
    }
}
