import CKernels
import Glibc
import SearchCore

/// A segment as a search sees it: its vectors, and their graph if there is one.
public struct IndexedVectors: Sendable {
    public let segment: VectorSegment
    public let graph: VectorGraph?
    public let calibration: GraphCalibration

    public init(_ segment: VectorSegment, graph: VectorGraph? = nil, calibration: GraphCalibration = .typical) {
        precondition(graph.map { $0.segment === segment } ?? true, "a graph over another segment")
        self.segment = segment
        self.graph = graph
        self.calibration = calibration
    }
}

/// How hard a search looks.
public enum VectorSearchEffort: Sendable, Hashable {
    /// Every accepted vector is compared.
    case exact
    /// Segments with a graph are searched in it, keeping so many candidates, at least k.
    case breadth(Int)
    /// Segments with a graph are searched in it, with the breadth that its calibration gives for this recall, 0 … 1.
    case recall(Double)

    /// The knob from 0 to 1, which means the same for every graph: of the best hits a fifth may be missing at 0, two in a
    /// hundred at ½, two in a thousand at 1.
    public static func knob(_ effort: Double) -> VectorSearchEffort { .recall(1 - 0.2 * pow(0.01, max(0, min(1, effort)))) }
}

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
    private static let blockRows = 512
    /// Below this share of accepted documents, a block's rows are picked one by one; a row picked costs about as much as
    /// this many read in sequence.
    private static let pickedRowCost = 3

    public let segments: [VectorSegment]
    /// [dimension]; normalised under `cosine`.
    public let query: [Float]
    private let quantized: QuantizedQuery
    private let isInterleaved: Bool
    /// Graphs by segment, and the query in their rotation.
    private let graphs: [VectorGraph?]
    private let calibrations: [GraphCalibration]
    private let graphQueries: [GraphQuery?]

    /// Prepares the query: validates, normalises under `cosine` (in double, rounded to float32 once), quantises.
    /// - Parameters:
    ///   - segments: of one dimension and metric; any number, in any order. Without any, every search finds nothing.
    ///   - query: [dimension] floats.
    /// - Throws: `INVALID_ARGUMENT` for a query that ``VectorValidation`` refuses; `FAILED_PRECONDITION` for segments of
    ///   different shapes.
    public init(segments: [VectorSegment], query: [Float]) throws { try self.init(segments.map { IndexedVectors($0) }, query: query) }

    public init(_ indexed: [IndexedVectors], query: [Float]) throws {
        let ordered = indexed.filter { $0.segment.count > 0 }
            .sorted { ($0.segment.firstDoc, $0.segment.lastDoc) < ($1.segment.firstDoc, $1.segment.lastDoc) }
        var prepared = query
        if let first = indexed.first?.segment {
            for segment in indexed.map(\.segment) where segment.dimension != first.dimension || segment.metric != first.metric {
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
        // All graphs of a dimension have the same rotation, unless a later version chooses another seed.
        var queries: [UInt64: GraphQuery] = [:]
        graphQueries = ordered.map { one in
            guard let graph = one.graph else { return nil }
            if let query = queries[graph.header.rotationSeed] { return query }
            let query = GraphQuery(prepared, rotation: graph.rotation)
            queries[graph.header.rotationSeed] = query
            return query
        }
        // A document at the border of two segments is fine: its rows still follow each other.
        isInterleaved = zip(ordered, ordered.dropFirst()).contains { $0.segment.lastDoc > $1.segment.firstDoc }
    }

    /// The k documents with the best scores among the accepted ones; a document scores the maximum of its vectors.
    /// - Parameters:
    ///   - k: 0 finds nothing.
    ///   - accept: live ∧ filter; documents past its capacity are not accepted.
    ///   - minScore: documents below are left out; equal is in.
    ///   - effort: whether graphs are used, and how much of them is looked at.
    /// - Throws: as ``SearchCore/QueryControl/checkpoint()``, asked once per block. A damaged graph is
    ///   marked, and its segment scanned.
    /// - Complexity: O(rows × dimension / 64) bytes-bound, or O(accepted rows × dimension + capacity / 64) if narrow; in a graph
    ///   about breadth visits, see ``VectorGraph``.
    public func topK(
        _ k: Int, accept: DocBitSet, minScore: Double?, effort: VectorSearchEffort = .exact, control: QueryControl
    ) throws -> VectorTopK {
        precondition(k >= 0, "top \(k)")
        try control.checkpoint()
        guard k > 0, !segments.isEmpty else { return .none }
        return try AcceptView.withView(of: accept) { accept in
            var list = CandidateList(k: k, minScore: minScore, segments: segments, query: query, isInterleaved: isInterleaved)
            var scratch: ScanScratch?
            var work = VectorSearchWork()
            for number in segments.indices {
                list.beginSegment()
                if let breadth = breadth(effort, k: k, number), try walk(number, breadth, k: k, accept: accept, into: &list, &work, control: control) {
                    work.graphSegments += 1
                    continue
                }
                let buffers = scratch ?? ScanScratch(rows: Self.blockRows)
                scratch = buffers
                let scanned = try scan(number, accept: accept, scratch: buffers, into: &list, control: control)
                work.scanned += scanned
                work.flatSegments += 1
                if scanned * 2 < segments[number].count { work.filteredFlatSegments += 1 }
            }
            return try list.finish(work, control: control)
        }
    }

    // MARK: Graphs

    private func breadth(_ effort: VectorSearchEffort, k: Int, _ number: Int) -> Int? {
        switch effort {
        case .exact: nil
        case .breadth(let breadth): max(breadth, k)
        case .recall(let recall): calibrations[number].breadth(recall: recall, k: k)
        }
    }

    /// What a visit costs, in int8 rows read in sequence: measured by tools/bench-dense, 384 components.
    private static let visitCost = 40.0
    /// Visits per candidate kept, about.
    private static let visitsPerBreadth = 0.7
    /// Documents of which the share that is accepted is taken.
    private static let sampledWords = 128

    /// Searches a segment's graph, if it has one and a scan of what is accepted would not be cheaper.
    /// - Returns: false if the segment has to be scanned.
    private func walk(
        _ number: Int, _ breadth: Int, k: Int, accept: AcceptView, into list: inout CandidateList, _ work: inout VectorSearchWork,
        control: QueryControl
    ) throws -> Bool {
        guard let graph = graphs[number], let graphQuery = graphQueries[number], !graph.isDamaged else { return false }
        let segment = segments[number]
        let share = accept.share(first: segment.documents[0], last: segment.documents[segment.count - 1], sampledWords: Self.sampledWords)
        let accepted = share * Double(segment.count)
        let scanCost = share * Double(Self.pickedRowCost) >= 1 ? Double(segment.count) : accepted * Double(Self.pickedRowCost)
        let walkCost = Double(breadth) * Self.visitsPerBreadth / max(share, 1e-9) * Self.visitCost
        guard walkCost < scanCost else { return false }

        let scratch = graph.takeScratch()
        defer { graph.give(scratch) }
        var kernel = quantized.kernel
        let limits = VectorGraph.SearchLimits(breadth: breadth, visitsMax: Int(scanCost / Self.visitCost))
        let (end, visits): (VectorGraph.SearchEnd, Int)
        do {
            (end, visits) = try graph.search(
                graphQuery, &kernel, limits: limits, share: share, accept: accept, scratch: scratch, control: control)
        } catch let error as TandemError where error.code == .dataLoss {
            // What it is derived from is there: scan that. Whoever keeps the graph builds it anew.
            graph.markDamaged()
            return false
        }
        work.visited += visits
        guard end == .done else {
            work.abandonedGraphs += 1
            return false
        }
        let found = scratch.found
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: found + 8) { index in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * (found + 8)) { bounds in
                let lower = bounds.baseAddress!
                let upper = lower + found + 8
                let selected = tandem_select_i8(
                    &kernel, scratch.dots, scratch.scales, scratch.residuals, scratch.norms, found, list.bar, index.baseAddress!, lower, upper)
                var bar = list.bar
                // Two rows of a document are not two of the best k.
                if !segment.hasRepeatedDocuments {
                    var lowers = LargestScores(k)
                    for j in 0..<selected { lowers.push(lower[j]) }
                    bar = max(bar, lowers.bar ?? -.infinity)
                }
                func offer(_ j: Int) {
                    let at = Int(index[j])
                    tandem_prefetch_lines(segment.rows.baseAddress! + Int(scratch.ordinals[at]) * segment.rowStride, segment.dimension * 4)
                    list.offer(
                        doc: scratch.documents[at], ordinal: Int(scratch.ordinals[at]), segment: number, lower: lower[j], upper: upper[j])
                }
                if segment.hasRepeatedDocuments {
                    // A document's rows have to follow one another.
                    for j in (0..<selected).sorted(by: { scratch.ordinals[Int(index[$0])] < scratch.ordinals[Int(index[$1])] }) { offer(j) }
                } else {
                    for j in 0..<selected where !(upper[j] < bar) { offer(j) }
                }
            }
        }
        try list.shrinkIfLong(control: control)
        return true
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
