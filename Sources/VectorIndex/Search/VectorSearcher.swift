import CKernels
import SearchCore

/// Search of one query over the vector segments of a snapshot: exact, or through their graphs.
///
/// The int8 codes of all rows are scanned (or of the accepted ones only, under a narrow filter), which yields a lower and
/// an upper bound of each row's final score; see ``QuantizedQuery`` for why they hold. Rows whose upper bound reaches the
/// k-th largest lower bound are scored in full, best first. The answer equals that of scoring every row in full, whatever
/// the segmentation, thread or SIMD level.
///
/// Through a graph the same bounds decide which of the visited vectors are scored in full: what is found is in exact order, but
/// something better may not have been visited.
///
/// Immutable, so safe to share between threads. Source: the filter-and-refine scheme of Weber, Schek, Blott, "A
/// quantitative analysis and performance study for similarity-search methods in high-dimensional spaces" (VA-file),
/// VLDB 1998, with per-row scales and norms for the bounds instead of grid cells.
public struct VectorSearcher: Sendable {
    /// Documents reported beyond k that tie with the k-th.
    public static let boundaryTiesMax = 1024

    /// Rows of a block: their dots and bounds stay in the first-level cache, and one costs a few microseconds.
    static let blockRows = 512
    /// Of a segment with 1-bit codes: what is left over is read from memory while as many others are estimated, two to four microseconds.
    static let estimatedRows = 2048
    /// Below this share of accepted documents, a block's rows are picked one by one; a row picked costs about as much as
    /// this many read in sequence.
    static let pickedRowCost = 3
    /// So many vectors without a graph are compared exactly in some tens of microseconds: then only those of searches that are inexact anyway are estimated.
    static let exactMax = 4096

    let indexed: IndexedSegments
    /// [dimension]; normalised under `cosine`.
    public let query: [Float]
    let quantized: QuantizedQuery
    /// The query in each of the segments' rotations.
    let rotatedQueries: [GraphQuery]

    public var segments: [VectorSegment] { indexed.segments }

    /// No document has two vectors here, so that what ``topK(_:accept:minScore:effort:control:)`` says of a hit is what ``score(docs:control:)`` does.
    public var hasOneVectorPerDocument: Bool { indexed.hasOneVectorPerDocument }

    /// As ``init(_:query:)-(IndexedSegments,_)``.
    public init(segments: [VectorSegment], query: [Float]) throws { try self.init(segments.map { IndexedVectors($0) }, query: query) }

    /// As ``init(_:query:)-(IndexedSegments,_)``.
    public init(_ indexed: [IndexedVectors], query: [Float]) throws { try self.init(IndexedSegments(indexed), query: query) }

    /// Prepares the query: validates, normalises under `cosine` (in double, rounded to float32 once), quantises.
    /// - Parameter query: [dimension] floats.
    /// - Throws: `INVALID_ARGUMENT` for a query that ``VectorValidation`` refuses; `FAILED_PRECONDITION` for segments of different shapes.
    /// - Complexity: O(dimension · log dimension).
    public init(_ indexed: IndexedSegments, query: [Float]) throws {
        if let mismatch = indexed.mismatch { throw mismatch }
        var prepared = query
        if let shape = indexed.shape {
            try VectorValidation.check(query, dimension: shape.dimension, metric: shape.metric)
            if shape.metric == .cosine { prepared.withUnsafeMutableBufferPointer { VectorNormalization.normalize($0) } }
        } else {
            guard 1...Limits.dimensionsMax ~= query.count else {
                throw TandemError.invalidArgument("the vector has \(query.count) components, expected 1 … \(Limits.dimensionsMax)")
            }
            try VectorValidation.check(query, dimension: query.count, metric: .dot)
        }
        self.indexed = indexed
        self.query = prepared
        quantized = QuantizedQuery(prepared)
        rotatedQueries = indexed.rotations.map { GraphQuery(prepared, rotation: $0.rotation, $0.quantization) }
    }

    /// The query as a segment's graph or 1-bit codes need it.
    func rotatedQuery(_ number: Int) -> GraphQuery? { indexed.rotationNumbers[number].map { rotatedQueries[$0] } }

    /// The k documents with the best scores among the accepted ones; a document scores the maximum of its vectors.
    /// - Parameters:
    ///   - k: 0 finds nothing.
    ///   - accept: live ∧ filter; documents past its capacity are not accepted.
    ///   - minScore: documents below are left out; equal is in.
    ///   - effort: whether graphs and 1-bit codes are used, and how much of graphs is looked at.
    /// - Throws: as ``SearchCore/QueryControl/checkpoint()``, asked once per block. A damaged graph is
    ///   marked, and its segment scanned.
    /// - Complexity: O(rows × dimension / 64) bytes-bound, or O(accepted rows × dimension + capacity / 64) if narrow; in a graph
    ///   about breadth visits, see ``VectorGraph``.
    public func topK(
        _ k: Int, accept: DocBitSet, minScore: Double?, effort: VectorSearchEffort = .exact, control: QueryControl
    ) throws -> VectorTopK {
        try topK(k, accept: accept, minScore: minScore, effort: effort, hidden: [], control: control)
    }

    /// - Parameter hidden: ordinals that graphs are searched without.
    func topK(
        _ k: Int, accept: DocBitSet, minScore: Double?, effort: VectorSearchEffort, hidden: [UInt32], control: QueryControl
    ) throws -> VectorTopK {
        precondition(k >= 0, "top \(k)")
        try control.checkpoint()
        guard k > 0, !segments.isEmpty else { return .none }
        return try AcceptView.withView(of: accept) { accept in
            var list = CandidateList(k: k, minScore: minScore, segments: segments, query: query, isInterleaved: indexed.isInterleaved)
            var scratch: ScanScratch?
            var work = VectorSearchWork()
            let walked = try walkGraphs(effort, k: k, accept: accept, hidden: hidden, &work, control: control)
            defer { giveBack(walked) }
            for number in segments.indices {
                list.beginSegment()
                if let scratch = walked[number] {
                    try offer(number, scratch, k: k, into: &list, control: control)
                    work.graphSegments += 1
                    continue
                }
                let buffers = scratch ?? ScanScratch(rows: Self.estimatedRows)
                scratch = buffers
                let (scanned, estimated) = try scan(
                    number, effort, accept: accept, scratch: buffers, into: &list, control: control)
                work.scanned += scanned
                work.estimated += estimated
                work.flatSegments += 1
                if max(scanned, estimated) * 2 < segments[number].count { work.filteredFlatSegments += 1 }
            }
            return try list.finish(work, control: control)
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
