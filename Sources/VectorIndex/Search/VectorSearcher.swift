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

    public let segments: [VectorSegment]
    /// [dimension]; normalised under `cosine`.
    public let query: [Float]
    let quantized: QuantizedQuery
    private let isInterleaved: Bool
    /// No document has two vectors here, so that what ``topK(_:accept:minScore:effort:control:)`` says of a hit is what ``score(docs:control:)`` does.
    public let hasOneVectorPerDocument: Bool
    /// Graphs or 1-bit codes by segment, and the query in their rotation.
    let graphs: [VectorGraph?]
    let calibrations: [GraphCalibration]
    let signs: [SignCodes?]
    let rotatedQueries: [GraphQuery?]

    /// Prepares the query: validates, normalises under `cosine` (in double, rounded to float32 once), quantises.
    /// - Parameters:
    ///   - segments: of one dimension and metric; any number, in any order. Without any, every search finds nothing.
    ///   - query: [dimension] floats.
    /// - Throws: `INVALID_ARGUMENT` for a query that ``VectorValidation`` refuses; `FAILED_PRECONDITION` for segments of
    ///   different shapes.
    public init(segments: [VectorSegment], query: [Float]) throws { try self.init(segments.map { IndexedVectors($0) }, query: query) }

    public init(_ indexed: [IndexedVectors], query: [Float]) throws {
        var ordered = indexed.filter { $0.segment.count > 0 }
        if ordered.count > 1 { ordered.sort { ($0.segment.firstDoc, $0.segment.lastDoc) < ($1.segment.firstDoc, $1.segment.lastDoc) } }
        var prepared = query
        if let first = indexed.first?.segment {
            for segment in indexed.lazy.map(\.segment) where segment.dimension != first.dimension || segment.metric != first.metric {
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
        segments = ordered.map(\.segment)
        graphs = ordered.map(\.graph)
        calibrations = ordered.map(\.calibration)
        self.query = prepared
        quantized = QuantizedQuery(prepared)
        let isSmall = ordered.allSatisfy { $0.graph == nil } && ordered.reduce(0) { $0 + $1.segment.count } <= Self.exactMax
        signs = ordered.map { isSmall ? nil : $0.signs }
        // All of a dimension have the same rotation, unless a later version chooses another seed.
        var known: [(seed: UInt64, quantization: GraphQuantization, query: GraphQuery)] = []
        rotatedQueries = ordered.map { one in
            let (rotation, seed, quantization): (Rotation, UInt64, GraphQuantization)
            if let graph = one.graph {
                (rotation, seed, quantization) = (graph.rotation, graph.header.rotationSeed, graph.quantization)
            } else if let signs = one.signs, !isSmall {
                (rotation, seed, quantization) = (signs.rotation, SignCodes.rotationSeed, .binary)
            } else {
                return nil
            }
            if let found = known.first(where: { $0.seed == seed && $0.quantization == quantization }) { return found.query }
            let query = GraphQuery(prepared, rotation: rotation, quantization)
            known.append((seed, quantization, query))
            return query
        }
        // A document at the border of two segments is fine: its rows still follow each other.
        isInterleaved = zip(ordered, ordered.dropFirst()).contains { $0.segment.lastDoc > $1.segment.firstDoc }
        hasOneVectorPerDocument =
            !ordered.contains { $0.segment.hasRepeatedDocuments } && !zip(ordered, ordered.dropFirst()).contains { $0.segment.lastDoc >= $1.segment.firstDoc }
    }

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
        try topK(k, accept: accept, minScore: minScore, effort: effort, hidden: nil, control: control)
    }

    /// - Parameter hidden: an ordinal that graphs are searched without.
    func topK(
        _ k: Int, accept: DocBitSet, minScore: Double?, effort: VectorSearchEffort, hidden: UInt32?, control: QueryControl
    ) throws -> VectorTopK {
        precondition(k >= 0, "top \(k)")
        try control.checkpoint()
        guard k > 0, !segments.isEmpty else { return .none }
        return try AcceptView.withView(of: accept) { accept in
            var list = CandidateList(k: k, minScore: minScore, segments: segments, query: query, isInterleaved: isInterleaved)
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
                    number, isExact: effort == .exact, accept: accept, scratch: buffers, into: &list, control: control)
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
