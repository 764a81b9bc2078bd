import CKernels
import SearchCore

/// Exact search of one query over the vector segments of a snapshot.
///
/// The int8 codes of all rows are scanned (or of the accepted ones only, under a narrow filter), which yields a lower and
/// an upper bound of each row's final score; see ``QuantizedQuery`` for why they hold. Rows whose upper bound reaches the
/// k-th largest lower bound are scored in full, best first. The answer equals that of scoring every row in full, whatever
/// the segmentation, thread or SIMD level.
///
/// Immutable, so safe to share between threads. Source: the filter-and-refine scheme of Weber, Schek, Blott, "A
/// quantitative analysis and performance study for similarity-search methods in high-dimensional spaces" (VA-file),
/// VLDB 1998, with per-row scales and norms for the bounds instead of grid cells.
public struct VectorSearcher: Sendable {
    /// Documents reported beyond k that tie with the k-th.
    public static let boundaryTiesMax = 1024

    /// Rows of a block: their dots and bounds stay in the first-level cache, and one costs a few microseconds.
    private static let blockRows = 512
    /// Below this share of accepted documents, a block's rows are picked one by one; a row picked costs about as much as
    /// this many read in sequence.
    private static let pickedRowCost = 3

    public let segments: [VectorSegment]
    /// [dimension]; normalised under `cosine`.
    public let query: [Float]
    private let quantized: QuantizedQuery
    private let isInterleaved: Bool

    /// Prepares the query: validates, normalises under `cosine` (in double, rounded to float32 once), quantises.
    /// - Parameters:
    ///   - segments: of one dimension and metric; any number, in any order. Without any, every search finds nothing.
    ///   - query: [dimension] floats.
    /// - Throws: `INVALID_ARGUMENT` for a query that ``VectorValidation`` refuses; `FAILED_PRECONDITION` for segments of
    ///   different shapes.
    public init(segments: [VectorSegment], query: [Float]) throws {
        let ordered = segments.filter { $0.count > 0 }.sorted { ($0.firstDoc, $0.lastDoc) < ($1.firstDoc, $1.lastDoc) }
        var prepared = query
        if let first = segments.first {
            for segment in segments where segment.dimension != first.dimension || segment.metric != first.metric {
                throw TandemError(
                    .failedPrecondition,
                    "\(segment.name): dimension \(segment.dimension), metric \(segment.metric); "
                        + "\(first.name) has dimension \(first.dimension), metric \(first.metric)")
            }
            try VectorValidation.check(query, dimension: first.dimension, metric: first.metric)
            if first.metric == .cosine { prepared.withUnsafeMutableBufferPointer { VectorNormalization.normalize($0) } }
        } else {
            guard 1...Limits.dimensionsMax ~= query.count else {
                throw TandemError.invalidArgument("the vector has \(query.count) components, expected 1 … \(Limits.dimensionsMax)")
            }
            try VectorValidation.check(query, dimension: query.count, metric: .dot)
        }
        self.segments = ordered
        self.query = prepared
        quantized = QuantizedQuery(prepared)
        // A document at the border of two segments is fine: its rows still follow each other.
        isInterleaved = zip(ordered, ordered.dropFirst()).contains { $0.lastDoc > $1.firstDoc }
    }

    /// The k documents with the best scores among the accepted ones; a document scores the maximum of its vectors.
    /// - Parameters:
    ///   - k: 0 finds nothing.
    ///   - accept: live ∧ filter; documents past its capacity are not accepted.
    ///   - minScore: documents below are left out; equal is in.
    /// - Throws: as ``SearchCore/QueryControl/checkpoint()``, asked once per block.
    /// - Complexity: O(rows × dimension / 64) bytes-bound, or O(accepted rows × dimension + capacity / 64) if narrow.
    public func topK(_ k: Int, accept: DocBitSet, minScore: Double?, control: QueryControl) throws -> VectorTopK {
        precondition(k >= 0, "top \(k)")
        try control.checkpoint()
        guard k > 0, !segments.isEmpty else { return .none }
        return try AcceptView.withView(of: accept) { accept in
            var list = CandidateList(k: k, minScore: minScore, segments: segments, query: query, isInterleaved: isInterleaved)
            let scratch = ScanScratch(rows: Self.blockRows)
            var scanned = 0
            for number in segments.indices {
                list.beginSegment()
                scanned += try scan(number, accept: accept, scratch: scratch, into: &list, control: control)
            }
            return try list.finish(scanned: scanned, control: control)
        }
    }

    /// True scores of given documents, from their stored vectors; nil for a document without one.
    /// - Parameter docs: ascending.
    /// - Complexity: O(docs × (dimension + log rows)) and O(segments).
    public func score(docs: [DocID], control: QueryControl = .unlimited) throws -> [Double?] {
        precondition(zip(docs, docs.dropFirst()).allSatisfy { $0 <= $1 }, "documents to score are not ascending")
        var best = [Double?](repeating: nil, count: docs.count)
        for segment in segments {
            // The documents inside the segment's range: binary search, then a gallop through its ordinals.
            var index = docs.partitionPoint { $0 >= segment.firstDoc }
            var ordinal = 0
            while index < docs.count, docs[index] <= segment.lastDoc {
                if index & 63 == 0 { try control.checkpoint() }
                let doc = docs[index].rawValue
                ordinal = segment.firstOrdinal(notBefore: doc, from: ordinal)
                // The same document may be asked twice, so `ordinal` stays at its first row.
                var row = ordinal
                while row < segment.count, segment.documents[row] == doc {
                    let score = tandem_dot_f32(query, segment.rows.baseAddress! + row * segment.rowStride, query.count)
                    if score > best[index] ?? -.infinity { best[index] = score }
                    row += 1
                }
                index += 1
            }
        }
        return best
    }

    /// - Returns: rows whose codes were read.
    private func scan(
        _ number: Int, accept: AcceptView, scratch: ScanScratch, into list: inout CandidateList, control: QueryControl
    ) throws -> Int {
        let segment = segments[number]
        let documents = segment.documents
        let count = segment.count
        var kernel = quantized.kernel
        var scanned = 0
        var start = 0
        while start < count {
            // Straight to the next accepted document, over any number of blocks.
            guard let doc = accept.next(from: documents[start]) else { break }
            if doc != documents[start] {
                start = segment.firstOrdinal(notBefore: doc, from: start)
                guard start < count else { break }
                // That row may belong to a later document, which need not be accepted.
                if !accept.contains(documents[start]) { continue }
            }
            try control.checkpoint()
            let rows = min(Self.blockRows, count - start)
            let first = documents[start]
            let last = documents[start + rows - 1]
            let span = Int(last - first) + 1
            let accepted = accept.count(first: first, last: last)
            if accepted * Self.pickedRowCost >= span {
                tandem_scan_i8(
                    &kernel, segment.codes.baseAddress! + start * segment.codeStride, segment.codeStride, rows, scratch.dots)
                let found = tandem_select_i8(
                    &kernel, scratch.dots, segment.scales.baseAddress! + start, segment.residuals.baseAddress! + start,
                    segment.norms.baseAddress! + start, rows, list.bar, scratch.index, scratch.lower, scratch.upper)
                for j in 0..<found {
                    // The bar rises inside a block, too.
                    guard !(scratch.upper[j] < list.bar) else { continue }
                    let ordinal = start + Int(scratch.index[j])
                    let doc = documents[ordinal]
                    guard accepted == span || accept.contains(doc) else { continue }
                    list.offer(doc: doc, ordinal: ordinal, segment: number, lower: scratch.lower[j], upper: scratch.upper[j])
                }
                scanned += rows
            } else {
                let picked = pick(segment, start..<(start + rows), accepted: accepted, accept: accept, into: scratch.ordinals)
                tandem_scan_i8_at(&kernel, segment.codes.baseAddress!, segment.codeStride, scratch.ordinals, picked, scratch.dots)
                for j in 0..<picked {
                    let ordinal = Int(scratch.ordinals[j])
                    scratch.scales[j] = segment.scales[ordinal]
                    scratch.residuals[j] = segment.residuals[ordinal]
                    scratch.norms[j] = segment.norms[ordinal]
                }
                let found = tandem_select_i8(
                    &kernel, scratch.dots, scratch.scales, scratch.residuals, scratch.norms, picked, list.bar,
                    scratch.index, scratch.lower, scratch.upper)
                for j in 0..<found {
                    guard !(scratch.upper[j] < list.bar) else { continue }
                    let ordinal = Int(scratch.ordinals[Int(scratch.index[j])])
                    list.offer(
                        doc: documents[ordinal], ordinal: ordinal, segment: number, lower: scratch.lower[j],
                        upper: scratch.upper[j])
                }
                scanned += picked
            }
            try list.shrinkIfLong(control: control)
            start += rows
        }
        return scanned
    }

    /// Ordinals of the accepted rows in `range`, in order. - Returns: how many.
    private func pick(
        _ segment: VectorSegment, _ range: Range<Int>, accepted: Int, accept: AcceptView,
        into ordinals: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let documents = segment.documents
        var picked = 0
        // Few documents: from one to the next. Otherwise row by row, which costs a load and a test each.
        if accepted * 16 < range.count {
            var ordinal = range.lowerBound
            while ordinal < range.upperBound, let doc = accept.next(from: documents[ordinal]) {
                if doc != documents[ordinal] {
                    ordinal = segment.firstOrdinal(notBefore: doc, from: ordinal)
                    guard ordinal < range.upperBound else { break }
                    if documents[ordinal] != doc { continue }
                }
                while ordinal < range.upperBound, documents[ordinal] == doc {
                    ordinals[picked] = UInt32(ordinal)
                    picked += 1
                    ordinal += 1
                }
            }
        } else {
            for ordinal in range {
                // Written at once, kept if accepted: no branch to mispredict.
                ordinals[picked] = UInt32(ordinal)
                if accept.contains(documents[ordinal]) { picked += 1 }
            }
        }
        return picked
    }
}

extension Array where Element == DocID {
    /// Index of the first element for which `isAfter` holds, where all that follow hold, too.
    fileprivate func partitionPoint(_ isAfter: (DocID) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
