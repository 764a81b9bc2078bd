import CKernels
import SearchCore

extension VectorGraph {
    struct SearchLimits {
        /// Hits wanted.
        var k: Int
        /// Candidates kept: the search ends when the best of those not yet visited is none of so many.
        var breadth: Int
        /// Visits after which the search gives up.
        var visitsMax: Int
        /// A walk under a filter that is expected to cost more than a scan: it gives up unless so many of its first ``probeVisits`` are accepted.
        var probeFound = 0
        /// Nodes that are not there for this search: neither found nor walked through.
        var hidden: [UInt32] = []
        /// Similarities of the candidates that were kept in other graphs for the same query, the best first: those kept here compete with them.
        var elsewhere: [Float] = []

        static let probeVisits = 20
    }

    /// Candidates that a walk keeps whatever there is elsewhere, so that it gets to where the best of this graph are, and finds as large a part of them as
    /// was asked for: half the breadth. With seven graphs, of 40,000 and six times 8,800 vectors, a target of .99 gives .991; with 16 whatever the breadth .974.
    static func arrivalBreadth(_ breadth: Int) -> Int { max(16, breadth / 2) }

    enum SearchEnd {
        case done
        /// More visits would cost more than a scan.
        case givenUp
    }

    /// Walks the graph from the best entry, always to the most promising node that was not visited, and leaves the accepted
    /// nodes that it visited in `scratch`.
    ///
    /// A node that is not accepted is walked through, but does not count: where fewer than half are accepted, candidates are kept as long as they
    /// are better than the best accepted ones that were visited, six tenths of `breadth` of them; else there are so many more candidates.
    /// - Parameter share: of the vectors, the part that is accepted.
    /// - Throws: `DATA_LOSS` when a node names a neighbour that is none; as `control`, asked every 64 visits.
    /// - Complexity: about breadth × 2/3 visits (`int4`: breadth), each of node bytes + dimension (`int4`: 32 codes); with a filter that passes a
    ///   share p of what is near the query, 1/p times as many.
    func search(
        _ query: GraphQuery, _ kernel: inout tandem_query_i8, limits: SearchLimits, share: Double, accept: AcceptView, scratch: GraphScratch,
        control: QueryControl
    ) throws -> (end: SearchEnd, visits: Int) {
        guard count > 0 else {
            scratch.found = 0
            return (.done, 0)
        }
        guard share > Self.wideShare else { return try search(query, &kernel, isWide: false, limits, share, accept, scratch, control) }
        var limits = limits
        var (end, visits) = try search(query, &kernel, isWide: true, limits, share, accept, scratch, control)
        var lastVisits = visits
        // Full of a few nodes' several estimates: as many as are asked for there have to be. Not where others have enough.
        while end == .done, scratch.found < limits.k, limits.elsewhere.isEmpty, lastVisits < count, limits.breadth < GraphScratch.breadthMax {
            limits.breadth *= 2
            (end, lastVisits) = try search(query, &kernel, isWide: true, limits, share, accept, scratch, control)
            visits += lastVisits
            if visits > limits.visitsMax { end = .givenUp }
        }
        // Near the query far fewer pass than elsewhere.
        if end == .done, Double(scratch.found) < 0.75 * share * Double(lastVisits), lastVisits < count {
            let (end, more) = try search(query, &kernel, isWide: false, limits, share, accept, scratch, control)
            return (end, visits + more)
        }
        return (end, visits)
    }

    /// From this share on a walk keeps so many more candidates as do not pass, and is otherwise one without a filter: after deletes, above all.
    private static let wideShare = 0.5

    private func search(
        _ query: GraphQuery, _ kernel: inout tandem_query_i8, isWide: Bool, _ limits: SearchLimits, _ share: Double, _ accept: AcceptView,
        _ scratch: GraphScratch, _ control: QueryControl
    ) throws -> (end: SearchEnd, visits: Int) {
        scratch.found = 0
        scratch.visited.removeAll()
        for hidden in limits.hidden { _ = scratch.visited.insert(hidden) }
        let breadth = min(limits.breadth, GraphScratch.breadthMax)
        let capacity = Double(breadth) * (isWide ? 1 / share : min(64, 8 / max(share, 1e-6)))
        scratch.pool.reset(capacity: max(1, min(GraphScratch.breadthMax, Int(capacity.rounded()))))
        scratch.arrival = Self.arrivalBreadth(breadth)
        let better = min(limits.elsewhere.count, scratch.pool.capacity)
        scratch.floor = isWide && better >= limits.k ? limits.elsewhere[better - 1] : -.infinity
        scratch.isWide = isWide
        // Under a filter: the best accepted similarities so far, the least of which is the bar. Fewer than the breadth, since that
        // counts a node as often as it is in the pool; with int4 that is once.
        var accepted = isWide ? nil : LargestSimilarities(max(limits.k, quantization == .binary ? breadth * 6 / 10 : breadth))
        let entry = entries.best(query, &kernel, scratch: scratch, hidden: limits.hidden)
        scratch.pool.insert(entry.similarity, entry.ordinal)
        let (end, visits): (SearchEnd, Int)
        switch query.kernel {
        case .binary(let signs):
            (end, visits) = try walk(signs, &kernel, limits: limits, share: share, accept: accept, &accepted, scratch: scratch, control: control)
        case .int4(let codes):
            (end, visits) = try walk(codes, &kernel, limits: limits, share: share, accept: accept, &accepted, scratch: scratch, control: control)
        }
        // All that was kept is visited, and still too few are accepted: what is accepted lies where the walk did not get.
        if end == .done, let accepted, accepted.bar == nil, visits < count { return (.givenUp, visits) }
        return (end, visits)
    }

    /// Far fewer accepted nodes near the query than everywhere, or too many visits: it will not get better. To be asked every 64 visits.
    func isHopeless(visits: Int, found: Int, limits: SearchLimits, share: Double) -> Bool {
        visits > limits.visitsMax || Double(found) < 0.25 * share * Double(visits)
    }
}

/// The best similarities of a filtered search; like ``LargestScores``, for floats.
struct LargestSimilarities {
    private var scores: LargestScores

    init(_ k: Int) { scores = LargestScores(k) }

    var bar: Float? { scores.bar.map { Float($0) } }

    mutating func push(_ similarity: Float) { scores.push(Double(similarity)) }
}
