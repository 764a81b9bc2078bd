import CKernels
import SearchCore

/// Searches through graphs: which segments are walked, and what becomes of the nodes that a walk visited.
extension VectorSearcher {
    func breadth(_ effort: VectorSearchEffort, k: Int, _ number: Int) -> Int? {
        switch effort {
        case .exact: nil
        case .breadth(let breadth): max(breadth, k)
        case .recall(let recall): calibrations[number].breadth(recall: recall, k: k)
        }
    }

    /// What a visit costs, in int8 rows read in sequence: measured by tools/bench-dense, 384 components.
    private static let visitCost = 40.0
    /// How much more a visit costs under a filter, where many more candidates are kept.
    private static let filteredCost = 1.5
    /// Visits per candidate kept, about.
    private static let visitsPerBreadth = 0.7
    /// Vectors from which the share that is accepted is taken.
    private static let sampledVectors = 256

    /// Searches a segment's graph, if it has one and a scan of what is accepted would not be cheaper.
    /// - Returns: false if the segment has to be scanned.
    func walk(
        _ number: Int, _ breadth: Int, k: Int, accept: AcceptView, hidden: UInt32?, into list: inout CandidateList, _ work: inout VectorSearchWork,
        control: QueryControl
    ) throws -> Bool {
        guard let graph = graphs[number], let graphQuery = graphQueries[number], !graph.isDamaged else { return false }
        let segment = segments[number]
        let share = accept.share(of: segment.documents, samples: Self.sampledVectors)
        let accepted = share * Double(segment.count)
        let scanCost = share * Double(Self.pickedRowCost) >= 1 ? Double(segment.count) : accepted * Double(Self.pickedRowCost)
        let walkCost = Double(breadth) * Self.visitsPerBreadth / max(share, 1e-9) * Self.visitCost * (share > 0.5 ? 1 : Self.filteredCost)
        guard walkCost < scanCost else { return false }

        let scratch = graph.takeScratch()
        defer { graph.give(scratch) }
        var kernel = quantized.kernel
        let limits = VectorGraph.SearchLimits(k: k, breadth: breadth, visitsMax: Int(scanCost / Self.visitCost), hidden: hidden)
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
}
