import SearchCore

/// Scores one segment window by window, term at a time.
///
/// A window is 4,096 documents, aligned in the DocID space so that it takes whole words of the accepted set. Inside it each
/// group adds its lists' postings to `x` and then its contribution to `score`; both arrays (64 KB) stay in the cache, and the
/// loops have no branch that depends on the data but the rare ones. Windows without accepted documents, and windows that no
/// list reaches, are skipped without decoding their blocks.
/// Not thread-safe; one per call of top-k. Holds plain pointers only, so that the loops cost no reference counting.
/// Source: exhaustive term-at-a-time over document ranges, as in Strohman & Croft, "Efficient document retrieval in main
/// memory", SIGIR 2007.
struct WindowScorer: ~Copyable {
    static let windowDocuments = 4096
    /// Up to that many postings in a window, its documents are collected from the list of touched ones, beyond by a scan.
    private static let touchedMax = 768

    /// [4096] sum of the groups done so far; 0: no term yet.
    private let scores: UnsafeMutablePointer<Double>
    /// [4096] x of the current group; all zero between groups.
    private let x: UnsafeMutablePointer<Double>
    /// Slots touched by the current window's postings, with repetitions.
    private var touched: UnsafeMutablePointer<UInt16>
    private var touchedCapacity = 0
    private(set) var postingsRead = 0
    private(set) var matched = 0

    init() {
        scores = .allocate(capacity: Self.windowDocuments)
        scores.initialize(repeating: 0, count: Self.windowDocuments)
        x = .allocate(capacity: Self.windowDocuments)
        x.initialize(repeating: 0, count: Self.windowDocuments)
        touched = .allocate(capacity: 0)
    }

    mutating func resetCounts() {
        matched = 0
        postingsRead = 0
    }

    deinit {
        scores.deallocate()
        x.deallocate()
        touched.deallocate()
    }

    /// Offers every accepted match of a segment to the collector.
    mutating func run(
        _ plan: LexicalSearcher.SegmentPlan, searcher: LexicalSearcher, accept: UnsafeBufferPointer<UInt64>,
        collector: inout TopKCollector, control: QueryControl
    ) throws {
        let scoring = try ScoringLists(plan, searcher)
        let first = Int(plan.segment.firstDoc.rawValue)
        let end = first + plan.segment.documentCount
        var window = first / Self.windowDocuments * Self.windowDocuments
        try withExtendedLifetime((plan, searcher)) {
            while true {
                // The next window that a list reaches and that has an accepted document.
                var nearest = UInt32.max
                for i in 0..<scoring.lists.count { nearest = min(nearest, scoring.lists[i].cursor.lowerBound) }
                if nearest == .max { break }
                window = max(window, (first + Int(nearest)) / Self.windowDocuments * Self.windowDocuments)
                guard let word = Self.firstAccepted(accept, from: window / 64) else { break }
                if word * 64 >= window + Self.windowDocuments { window = word * 64 / Self.windowDocuments * Self.windowDocuments }
                if window >= end { break }
                try control.checkpoint()
                try score(window..<window + Self.windowDocuments, scoring, plan.segment, accept, &collector)
                window += Self.windowDocuments
            }
        }
    }

    /// Scores documents of one window exactly. The lists' cursors move behind them.
    mutating func score(
        _ documents: Range<Int>, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment, _ accept: UnsafeBufferPointer<UInt64>,
        _ collector: inout TopKCollector
    ) throws {
        reserveTouched(Self.touchedMax + (scoring.largestGroup + 1) * Self.windowDocuments)
        let lists = scoring.lists
        let first = Int(segment.firstDoc.rawValue)
        let window = documents.lowerBound / Self.windowDocuments * Self.windowDocuments
        // Bounds inside the segment: [low, high); a slot is document − base, where base may lie before the segment.
        let low = UInt32(max(documents.lowerBound - first, 0))
        let high = UInt32(min(documents.upperBound, first + segment.documentCount) - first)
        let base = UInt32(truncatingIfNeeded: window - first)
        var touchedCount = 0
        var isDense = false
        for group in scoring.groups {
            if touchedCount > Self.touchedMax {
                isDense = true
                touchedCount = 0
            }
            touchedCount = score(group, lists, low, high, base, scoring.k1, touchedCount, scores)
        }
        isDense = isDense || touchedCount > Self.touchedMax
        for i in 0..<lists.count where lists[i].cursor.isDamaged {
            throw TandemError.damaged(segment.name, "a posting list does not decode")
        }
        let acceptCount = min(max(accept.count - window / 64, 0), Self.windowDocuments / 64)
        let words = UnsafeBufferPointer(rebasing: accept[(window / 64)..<(window / 64 + acceptCount)])
        if isDense {
            collectAll(words, window, &collector)
        } else {
            collectTouched(touchedCount, words, window, &collector)
        }
    }

    /// Adds the matches of one group in a window to an empty frame. The group's cursors move behind the window.
    mutating func fill(
        _ frame: ClauseEvaluator.Frame, _ group: ScoringLists.Group, _ window: Int, _ scoring: borrowing ScoringLists, _ segment: LexicalSegment
    ) throws {
        reserveTouched(group.lists.count * Self.windowDocuments)
        let first = Int(segment.firstDoc.rawValue)
        let low = UInt32(max(window - first, 0))
        let high = UInt32(min(window + Self.windowDocuments, first + segment.documentCount) - first)
        let count = score(group, scoring.lists, low, high, UInt32(truncatingIfNeeded: window - first), scoring.k1, 0, frame.scores)
        for i in 0..<count { frame.bits[Int(touched[i]) >> 6] |= 1 << UInt64(touched[i] & 63) }
        for i in group.lists where scoring.lists[i].cursor.isDamaged {
            throw TandemError.damaged(segment.name, "a posting list does not decode")
        }
    }

    private mutating func reserveTouched(_ capacity: Int) {
        guard capacity > touchedCapacity else { return }
        touched.deallocate()
        touched = .allocate(capacity: capacity)
        touchedCapacity = capacity
    }

    static func firstAccepted(_ accept: UnsafeBufferPointer<UInt64>, from word: Int) -> Int? {
        var word = word
        while word < accept.count {
            if accept[word] != 0 { return word }
            word += 1
        }
        return nil
    }

    /// Adds one group's contributions in a window. - Returns: touched slots, with the group's behind those before.
    private mutating func score(
        _ group: ScoringLists.Group, _ lists: UnsafeMutableBufferPointer<ScoringLists.List>, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ k1: Double,
        _ touchedBefore: Int, _ scores: UnsafeMutablePointer<Double>
    ) -> Int {
        var count = touchedBefore
        let isSingle = group.lists.count == 1
        for i in group.lists {
            let list = lists.baseAddress! + i
            if list.pointee.cursor.lowerBound >= high { continue }
            while true {
                let run = list.pointee.cursor.nextRun(from: low, to: high)
                if run.isEmpty { break }
                let documents = list.pointee.cursor.documents + run.lowerBound
                let frequencies = list.pointee.cursor.frequencies + run.lowerBound
                if isSingle {
                    // x needs no array: 0 + one summand is the summand.
                    Self.addContributions(
                        documents, frequencies, run.count, &list.pointee.norms, list.pointee.weight, base, group.boostedIdf, k1,
                        scores, touched + count)
                } else {
                    Self.addFrequencies(
                        documents, frequencies, run.count, &list.pointee.norms, list.pointee.weight, base, x, touched + count)
                }
                count &+= run.count
            }
        }
        if !isSingle { Self.saturate(touched + touchedBefore, count - touchedBefore, x, group.boostedIdf, k1, scores) }
        postingsRead += count - touchedBefore
        return count
    }

    // The three loops over postings are functions of their own, so that the compiler keeps all they need in registers.

    /// x of documents ← frequencies, for one list of several.
    @inline(never)
    private static func addFrequencies(
        _ documents: UnsafePointer<UInt32>, _ frequencies: UnsafePointer<UInt32>, _ count: Int, _ norms: UnsafePointer<Norms>,
        _ weight: Double, _ base: UInt32, _ x: UnsafeMutablePointer<Double>, _ touched: UnsafeMutablePointer<UInt16>
    ) {
        let lengths = norms.pointee.lengths
        let inverse = norms.pointee.inverse
        var i = 0
        while i < count {
            let document = documents[i]
            let length = Int(lengths[Int(document)])
            let inverseNorm = length < NormTable.count ? inverse[length] : norms.pointee.longInverseNorm(length)
            let slot = document &- base
            x[Int(slot)] += BM25F.weightedFrequency(weight: weight, frequency: frequencies[i], inverseNorm: inverseNorm)
            touched[i] = UInt16(truncatingIfNeeded: slot)
            i &+= 1
        }
    }

    /// Scores of documents ← contributions, for the only list of a group.
    @inline(never)
    private static func addContributions(
        _ documents: UnsafePointer<UInt32>, _ frequencies: UnsafePointer<UInt32>, _ count: Int, _ norms: UnsafePointer<Norms>,
        _ weight: Double, _ base: UInt32, _ boostedIdf: Double, _ k1: Double, _ scores: UnsafeMutablePointer<Double>,
        _ touched: UnsafeMutablePointer<UInt16>
    ) {
        let lengths = norms.pointee.lengths
        let inverse = norms.pointee.inverse
        var i = 0
        while i < count {
            let document = documents[i]
            let length = Int(lengths[Int(document)])
            let inverseNorm = length < NormTable.count ? inverse[length] : norms.pointee.longInverseNorm(length)
            let slot = document &- base
            let x = BM25F.weightedFrequency(weight: weight, frequency: frequencies[i], inverseNorm: inverseNorm)
            scores[Int(slot)] += BM25F.contribution(boostedIdf: boostedIdf, x: x, k1: k1)
            touched[i] = UInt16(truncatingIfNeeded: slot)
            i &+= 1
        }
    }

    /// Scores ← x of the touched slots, which becomes zero; a slot that comes twice is zero the second time.
    @inline(never)
    private static func saturate(
        _ touched: UnsafePointer<UInt16>, _ count: Int, _ x: UnsafeMutablePointer<Double>, _ boostedIdf: Double, _ k1: Double,
        _ scores: UnsafeMutablePointer<Double>
    ) {
        var i = 0
        while i < count {
            let slot = Int(touched[i])
            let sum = x[slot]
            if sum > 0 {
                x[slot] = 0
                scores[slot] += BM25F.contribution(boostedIdf: boostedIdf, x: sum, k1: k1)
            }
            i &+= 1
        }
    }

    /// Few postings: visits their documents only.
    private mutating func collectTouched(
        _ count: Int, _ accept: UnsafeBufferPointer<UInt64>, _ window: Int, _ collector: inout TopKCollector
    ) {
        var found = 0
        for i in 0..<count {
            let slot = Int(touched[i])
            let score = scores[slot]
            // A slot that came twice is 0 the second time.
            guard score > 0 else { continue }
            scores[slot] = 0
            guard slot >> 6 < accept.count, accept[slot >> 6] & (1 << UInt64(slot & 63)) != 0 else { continue }
            found += 1
            if score >= collector.threshold { collector.offer(DocID(UInt32(window + slot)), score) }
        }
        matched += found
    }

    /// Many postings: scans the whole window.
    private mutating func collectAll(
        _ accept: UnsafeBufferPointer<UInt64>, _ window: Int, _ collector: inout TopKCollector
    ) {
        var found = 0
        for word in 0..<(Self.windowDocuments / 64) {
            let slots = scores + word * 64
            let bits = word < accept.count ? accept[word] : 0
            if bits == .max {
                // All accepted, the usual case: count and find the best eight at a time.
                var positive = SIMD8<Int64>.zero
                var best = SIMD8<Double>.zero
                for i in 0..<8 {
                    let lanes = UnsafeRawPointer(slots + 8 * i).loadUnaligned(as: SIMD8<Double>.self)
                    positive.replace(with: positive &+ 1, where: lanes .> 0)
                    best.replace(with: lanes, where: lanes .> best)
                }
                found += Int(positive.wrappedSum())
                // Spelled out: the library's `max()` over lanes is a call.
                let top = max(
                    max(max(best[0], best[1]), max(best[2], best[3])), max(max(best[4], best[5]), max(best[6], best[7])))
                if top >= collector.threshold {
                    for i in 0..<64 where slots[i] >= collector.threshold {
                        collector.offer(DocID(UInt32(window + word * 64 + i)), slots[i])
                    }
                }
            } else {
                var left = bits
                while left != 0 {
                    let i = left.trailingZeroBitCount
                    left &= left &- 1
                    let score = slots[i]
                    if score > 0 {
                        found += 1
                        if score >= collector.threshold { collector.offer(DocID(UInt32(window + word * 64 + i)), score) }
                    }
                }
            }
            slots.update(repeating: 0, count: 64)
        }
        matched += found
    }
}
