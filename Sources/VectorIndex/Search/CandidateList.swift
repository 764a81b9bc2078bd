import CKernels
import SearchCore

/// Rows that may still be among the best k, and the bar below which a row is out.
///
/// 1. `bar` is never above the k-th best final score: it is the k-th largest lower bound of distinct documents, or the
///    k-th largest final score once some were refined, or the caller's minimum.
/// 2. A row is offered if its upper bound is not below `bar` at that time; so any row left out has a final score strictly
///    below the k-th best, and is neither a hit nor a tie with the last one.
/// 3. A document whose best row was left out has all its scores below the bar, so that scoring its other rows alone
///    cannot make it a hit.
///
/// Bounded: past `candidatesMax` rows, those on the list are refined and forgotten, as happens with many equal vectors.
struct CandidateList {
    struct Candidate {
        let upper: Double
        let doc: UInt32
        let ordinal: UInt32
        let segment: Int32
    }

    private let k: Int
    private let segments: [VectorSegment]
    private let query: [Float]
    /// Documents may come back later (segments whose document ranges interleave): their scores then cannot be counted
    /// as those of distinct documents while they come.
    private let isInterleaved: Bool
    private let minScore: Double
    private let candidatesMax: Int

    private(set) var bar: Double
    private(set) var refined = 0
    private var candidates: [Candidate] = []
    private var lowers: LargestScores
    private var pendingDoc: UInt32 = .max
    private var pendingLower = -Double.infinity
    private var scored: [VectorHit] = []

    init(k: Int, minScore: Double?, segments: [VectorSegment], query: [Float], isInterleaved: Bool) {
        self.k = k
        self.segments = segments
        self.query = query
        self.isInterleaved = isInterleaved
        self.minScore = minScore ?? -.infinity
        bar = self.minScore
        lowers = LargestScores(k)
        candidatesMax = 4 * k + 16_384
        // What a walk leaves over is little more than k.
        candidates.reserveCapacity(min(2 * k, 1024))
    }

    /// Rows of one document are offered one after another.
    @inline(__always)
    mutating func offer(doc: UInt32, ordinal: Int, segment: Int, lower: Double, upper: Double) {
        if doc == pendingDoc {
            if lower > pendingLower { pendingLower = lower }
        } else {
            countPending()
            pendingDoc = doc
            pendingLower = lower
        }
        candidates.append(Candidate(upper: upper, doc: doc, ordinal: UInt32(ordinal), segment: Int32(segment)))
    }

    private mutating func countPending() {
        guard pendingDoc != .max else { return }
        lowers.push(pendingLower)
        if let least = lowers.bar, least > bar { bar = least }
        pendingDoc = .max
    }

    /// To be called between segments: lower bounds are counted per segment when documents may come back in a later one.
    mutating func beginSegment() {
        guard isInterleaved else { return }
        countPending()
        lowers.removeAll()
    }

    /// To be called between blocks.
    mutating func shrinkIfLong(control: QueryControl) throws {
        guard candidates.count > candidatesMax else { return }
        candidates.removeAll { $0.upper < bar }
        if candidates.count > candidatesMax / 2 { try refine(control: control) }
    }

    /// Candidates scored between two looks at the bar; also how far ahead rows are fetched from memory.
    private static let refineBatch = 32

    /// Computes final scores, best upper bound first, until no bound reaches the bar; empties the list.
    private mutating func refine(control: QueryControl) throws {
        struct Group {
            var upper: Double
            let rows: Range<Int>
        }
        let mayRepeat = isInterleaved || !scored.isEmpty
        var groups: [Group] = []
        groups.reserveCapacity(candidates.count)
        var start = 0
        while start < candidates.count {
            var end = start + 1
            var upper = candidates[start].upper
            while end < candidates.count, candidates[end].doc == candidates[start].doc {
                upper = max(upper, candidates[end].upper)
                end += 1
            }
            // Not "≥": a bound that is not a number (damaged file) is refined.
            if !(upper < bar) { groups.append(Group(upper: upper, rows: start..<end)) }
            start = end
        }
        // The order decides how many rows are refined, never the result; ties go by place, for the same count each time.
        groups.sort { $0.upper != $1.upper ? $0.upper > $1.upper : $0.rows.lowerBound < $1.rows.lowerBound }

        var best = LargestScores(k)
        var rows: [UnsafePointer<Float>?] = []
        rows.reserveCapacity(Self.refineBatch)
        var scores = [Double](repeating: 0, count: Self.refineBatch)
        scored.reserveCapacity(scored.count + groups.count)
        var next = 0
        while next < groups.count {
            try control.checkpoint()
            let first = next
            rows.removeAll(keepingCapacity: true)
            while next < groups.count, rows.count < Self.refineBatch {
                guard !(groups[next].upper < bar) else {
                    // Sorted: none after this one reaches the bar either.
                    groups.removeSubrange(next...)
                    break
                }
                for index in groups[next].rows {
                    let candidate = candidates[index]
                    let segment = segments[Int(candidate.segment)]
                    rows.append(segment.rows.baseAddress! + Int(candidate.ordinal) * segment.rowStride)
                }
                next += 1
            }
            if scores.count < rows.count { scores.append(contentsOf: repeatElement(0, count: rows.count - scores.count)) }
            tandem_dot_f32_each(query, query.count, rows, rows.count, &scores)
            refined += rows.count
            var row = 0
            for group in groups[first..<next] {
                var score = -Double.infinity
                for _ in group.rows {
                    if scores[row] > score { score = scores[row] }
                    row += 1
                }
                scored.append(VectorHit(doc: DocID(candidates[group.rows.lowerBound].doc), score: score))
                if !isInterleaved {
                    best.push(score)
                    if let least = best.bar, least > bar { bar = least }
                }
            }
        }
        candidates.removeAll(keepingCapacity: true)
        keepBest(mayRepeat: mayRepeat)
    }

    /// Keeps one entry per document, of those the best k and what ties with the last of them, in result order.
    private mutating func keepBest(mayRepeat: Bool) {
        // A score that is not a number (damaged file) came out as -infinity.
        scored.removeAll { !($0.score >= minScore) || $0.score == -.infinity }
        if mayRepeat {
            // A document may have come in several parts: its best one first.
            scored.sort { $0.doc != $1.doc ? $0.doc < $1.doc : $0.score > $1.score }
            var kept = 0
            for index in scored.indices where kept == 0 || scored[kept - 1].doc != scored[index].doc {
                scored[kept] = scored[index]
                kept += 1
            }
            scored.removeSubrange(kept...)
        }
        scored.sort(by: VectorHit.precedes)
        guard k > 0, scored.count >= k else { return }
        let last = scored[k - 1].score
        if last > bar { bar = last }
        var end = k
        while end < scored.count, end < k + VectorSearcher.boundaryTiesMax, scored[end].score == last { end += 1 }
        scored.removeSubrange(end...)
    }

    mutating func finish(_ work: VectorSearchWork, control: QueryControl) throws -> VectorTopK {
        countPending()
        try refine(control: control)
        return VectorTopK(
            hits: Array(scored.prefix(k)), boundaryTies: Array(scored.dropFirst(k)), refined: refined, work: work)
    }
}
