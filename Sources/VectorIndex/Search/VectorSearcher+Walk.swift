import CKernels
import SearchCore

/// Searches through graphs: which segments are walked, and what becomes of the nodes that a walk visited.
extension VectorSearcher {
    func breadth(_ effort: VectorSearchEffort, k: Int, _ number: Int) -> Int? {
        switch effort {
        case .exact: nil
        case .breadth(let breadth): max(breadth, k)
        case .recall(let recall): indexed.calibrations[number].breadth(recall: recall, k: k)
        }
    }

    /// What a visit costs, in int8 rows read in sequence: measured by tools/bench-dense, 384 components.
    private static let visitCost = 40.0
    /// How much more a visit costs under a filter, where many more candidates are kept: where any 10 % of 100,000 vectors pass, walks took 1.7 times as long as comparing
    /// the 10,000; with 1.5 here they were expected to take .7.
    private static let filteredCost = 3.5
    /// Visits per candidate kept, about.
    private static let visitsPerBreadth = 0.7
    /// Vectors from which the share that is accepted is taken.
    private static let sampledVectors = 256

    /// Walks the graphs of the segments that have one and are not scanned for less.
    ///
    /// The largest first; candidates of all graphs compete for one breadth, as in a single graph: what is worse than so many elsewhere is not
    /// looked at, once a walk has got to the best that its graph has.
    /// - Returns: by segment, what the walk found; nil for a segment that has to be scanned. To be given back to the graphs.
    func walkGraphs(
        _ effort: VectorSearchEffort, k: Int, accept: AcceptView, hidden: [UInt32], _ work: inout VectorSearchWork, control: QueryControl
    ) throws -> [GraphScratch?] {
        var walked = [GraphScratch?](repeating: nil, count: segments.count)
        guard effort != .exact else { return walked }
        let candidates = indexed.walked
        var elsewhere: [Float] = []
        do {
            for (turn, number) in candidates.enumerated() {
                guard let breadth = breadth(effort, k: k, number), let graph = indexed.graphs[number] else { continue }
                let scratch = graph.takeScratch()
                let limits = VectorGraph.SearchLimits(k: k, breadth: breadth, visitsMax: 0, hidden: hidden, elsewhere: elsewhere)
                do {
                    if try walk(number, limits, accept: accept, scratch, &work, control: control) { walked[number] = scratch }
                } catch {
                    graph.give(scratch)
                    throw error
                }
                if walked[number] == nil {
                    graph.give(scratch)
                } else if turn + 1 < candidates.count {
                    scratch.addCandidates(to: &elsewhere)
                }
            }
        } catch {
            giveBack(walked)
            throw error
        }
        return walked
    }

    func giveBack(_ walked: [GraphScratch?]) {
        for (number, scratch) in walked.enumerated() { if let scratch { indexed.graphs[number]?.give(scratch) } }
    }

    /// Walks a segment's graph, unless a scan of what is accepted would be cheaper.
    /// - Returns: false if the segment has to be scanned.
    private func walk(
        _ number: Int, _ asked: VectorGraph.SearchLimits, accept: AcceptView, _ scratch: GraphScratch, _ work: inout VectorSearchWork,
        control: QueryControl
    ) throws -> Bool {
        guard let graph = indexed.graphs[number], let graphQuery = rotatedQuery(number), !graph.isDamaged else { return false }
        let segment = segments[number]
        let share = accept.share(of: segment.documents, samples: Self.sampledVectors)
        let accepted = share * Double(segment.count)
        let scanCost = share * Double(Self.pickedRowCost) >= 1 ? Double(segment.count) : accepted * Double(Self.pickedRowCost)
        // With others before it, it will hardly get beyond its best.
        let breadth = Double(asked.elsewhere.isEmpty ? asked.breadth : min(asked.breadth, 2 * VectorGraph.arrivalBreadth(asked.breadth)))
        let walkCost = breadth * Self.visitsPerBreadth / max(share, 1e-9) * Self.visitCost * (share > 0.5 ? 1 : Self.filteredCost)
        // A calibration asks what a walk finds, whatever it costs.
        let isCalibrating = !asked.hidden.isEmpty
        var limits = asked
        if !isCalibrating, walkCost >= scanCost {
            guard let found = Self.probeFound(share: share * walkCost / scanCost, scanCost: scanCost) else { return false }
            limits.probeFound = found
        }
        guard segment.canBeEstimated(queryNorm: quantized.kernel.norm) else { return false }

        var kernel = quantized.kernel
        limits.visitsMax = isCalibrating ? segment.count : Int(scanCost / Self.visitCost)
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
        if end != .done { work.abandonedGraphs += 1 }
        return end == .done
    }

    /// How many of a walk's first visits have to be accepted where a filter passes too few vectors of the whole segment for the walk to be cheaper than a scan: what a query
    /// is about and what its filter passes often go together.
    /// - Parameter share: that has to be accepted near the query for the walk to cost less.
    /// - Returns: more than chance gives, by two deviations; nil where none would do, or the visits themselves would be felt beside the scan.
    private static func probeFound(share: Double, scanCost: Double) -> Int? {
        let visits = Double(VectorGraph.SearchLimits.probeVisits)
        // The first visits find nothing in a cache.
        guard share < 1, 2 * visits * visitCost <= 0.06 * scanCost else { return nil }
        let needed = share * visits + 2 * (visits * share).squareRoot()
        return needed < visits ? Int(needed.rounded(.up)) : nil
    }

    /// What a walk has found becomes candidates for full scores.
    func offer(
        _ number: Int, _ scratch: GraphScratch, k: Int, into list: inout CandidateList, control: QueryControl
    ) throws {
        let segment = segments[number]
        var kernel = quantized.kernel
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
    }
}
