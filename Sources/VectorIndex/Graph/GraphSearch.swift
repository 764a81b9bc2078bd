import CKernels
import SearchCore

/// What one search in a graph writes to. Owned by one search at a time; kept by the graph between searches.
final class GraphScratch: Sendable {
    /// Candidates that a search keeps at most.
    static let breadthMax = 16_384

    // SAFETY: used by one thread at a time.
    nonisolated(unsafe) var pool: CandidatePool
    nonisolated(unsafe) var visited: VisitedSet
    /// Of the accepted nodes that were visited, side by side: what the bounds of their scores are made of.
    nonisolated(unsafe) var found = 0
    nonisolated(unsafe) var room: Int
    nonisolated(unsafe) var ordinals: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) var documents: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) var dots: UnsafeMutablePointer<Int32>
    nonisolated(unsafe) var scales: UnsafeMutablePointer<Float>
    nonisolated(unsafe) var residuals: UnsafeMutablePointer<Float>
    nonisolated(unsafe) var norms: UnsafeMutablePointer<Float>
    nonisolated(unsafe) let estimates: UnsafeMutablePointer<Float>
    nonisolated(unsafe) let entryDots: UnsafeMutablePointer<Int32>

    init(count: Int) {
        pool = CandidatePool(room: Self.breadthMax)
        visited = VisitedSet(capacity: count)
        room = 1024
        ordinals = .allocate(capacity: room)
        documents = .allocate(capacity: room)
        dots = .allocate(capacity: room)
        scales = .allocate(capacity: room)
        residuals = .allocate(capacity: room)
        norms = .allocate(capacity: room)
        estimates = .allocate(capacity: GraphFormat.neighbours)
        entryDots = .allocate(capacity: GraphFormat.entriesMax)
    }

    func free() {
        pool.deallocate()
        visited.deallocate()
        ordinals.deallocate()
        documents.deallocate()
        dots.deallocate()
        scales.deallocate()
        residuals.deallocate()
        norms.deallocate()
        estimates.deallocate()
        entryDots.deallocate()
    }

    func grow() {
        func doubled<T>(_ old: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<T> {
            let new = UnsafeMutablePointer<T>.allocate(capacity: room * 2)
            new.moveInitialize(from: old, count: found)
            old.deallocate()
            return new
        }
        ordinals = doubled(ordinals)
        documents = doubled(documents)
        dots = doubled(dots)
        scales = doubled(scales)
        residuals = doubled(residuals)
        norms = doubled(norms)
        room *= 2
    }
}

extension VectorGraph {
    struct SearchLimits {
        /// Hits wanted.
        var k: Int
        /// Candidates kept: the search ends when the best of those not yet visited is none of so many.
        var breadth: Int
        /// Visits after which the search gives up.
        var visitsMax: Int
    }

    enum SearchEnd {
        case done
        /// More visits would cost more than a scan.
        case givenUp
    }

    /// Walks the graph from the best entry, always to the most promising node that was not visited, and leaves the accepted
    /// nodes that it visited in `scratch`.
    ///
    /// A node that is not accepted is walked through, but does not count: candidates are kept as long as they are better than
    /// the best accepted ones that were visited, six tenths of `breadth` of them.
    /// - Throws: `DATA_LOSS` when a node names a neighbour that is none; as `control`, asked every 64 visits.
    /// - Complexity: about breadth × 2/3 visits, each of node bytes + dimension; with a filter that passes a share p of what is
    ///   near the query, 1/p times as many.
    func search(
        _ query: GraphQuery, _ kernel: inout tandem_query_i8, limits: SearchLimits, share: Double, accept: AcceptView, scratch: GraphScratch,
        control: QueryControl
    ) throws -> (end: SearchEnd, visits: Int) {
        typealias Node = GraphFormat.Node
        scratch.found = 0
        scratch.visited.removeAll()
        guard count > 0 else { return (.done, 0) }
        let nodes = nodes.baseAddress!
        let nodeBytes = nodeBytes
        let codes = codes
        let codeStride = segment.codeStride
        let count = UInt32(self.count)
        let queryScale = Float(kernel.scale)
        var signs = query.kernel
        let isWide = share > 0.999
        let breadth = min(limits.breadth, GraphScratch.breadthMax)
        let capacity = isWide ? breadth : min(GraphScratch.breadthMax, Int(Double(breadth) * min(64, 8 / max(share, 1e-6))))
        scratch.pool.reset(capacity: max(1, capacity))
        // Under a filter: the best accepted similarities so far, the least of which is the bar. Fewer than the breadth, since that
        // counts a node as often as it is in the pool.
        var accepted = isWide ? nil : LargestSimilarities(max(limits.k, breadth * 6 / 10))

        let entry = entry(&kernel, dots: scratch.entryDots)
        _ = scratch.pool.insert(entry.similarity, entry.ordinal)
        tandem_prefetch_lines(nodes + Int(entry.ordinal) * nodeBytes, nodeBytes)
        tandem_prefetch_lines(codes + Int(entry.ordinal) * codeStride, codeStride)
        var pool = scratch.pool
        var visited = scratch.visited
        defer {
            scratch.pool = pool
            scratch.visited = visited
        }
        var position = 0
        var visits = 0
        while position < pool.count {
            let ordinal = pool.ordinal(position)
            guard visited.insert(ordinal) else {
                position += 1
                continue
            }
            if let bar = accepted?.bar, pool[position].similarity < bar { break }
            visits += 1
            if visits & 63 == 0 {
                try control.checkpoint()
                // Far fewer near the query than everywhere: it will not get better.
                if visits > limits.visitsMax || Double(scratch.found) < 0.25 * share * Double(visits) { return (.givenUp, visits) }
            }
            let node = nodes + Int(ordinal) * nodeBytes

            // MARK: The node itself

            var one = ordinal
            var dot: Int32 = 0
            tandem_scan_i8_at(&kernel, codes, codeStride, &one, 1, &dot)
            let scale = node.load(fromByteOffset: Node.scale, as: Float.self)
            let similarity = Float(dot) * queryScale * scale
            let document = node.load(fromByteOffset: Node.document, as: UInt32.self)
            if accept.contains(document) {
                if scratch.found == scratch.room { scratch.grow() }
                let found = scratch.found
                scratch.ordinals[found] = ordinal
                scratch.documents[found] = document
                scratch.dots[found] = dot
                scratch.scales[found] = scale
                scratch.residuals[found] = node.load(fromByteOffset: Node.residual, as: Float.self)
                scratch.norms[found] = node.load(fromByteOffset: Node.norm, as: Float.self)
                scratch.found = found + 1
                accepted?.push(similarity)
            }

            // MARK: Its neighbours

            let bar = max(pool.bar, accepted?.bar ?? -.infinity)
            var above = tandem_neighbours_above(
                &signs, (node + Node.codes).assumingMemoryBound(to: UInt8.self), (node + Node.slopes).assumingMemoryBound(to: Int16.self),
                (node + Node.offsets).assumingMemoryBound(to: Int16.self), node.load(fromByteOffset: Node.slopeUnit, as: Float.self),
                node.load(fromByteOffset: Node.offsetUnit, as: Float.self) * similarity, bar, scratch.estimates)
            let neighbours = (node + Node.neighbours).assumingMemoryBound(to: UInt32.self)
            var next = position + 1
            while above != 0 {
                let slot = above.trailingZeroBitCount
                above &= above - 1
                let neighbour = neighbours[slot]
                guard neighbour < count else { throw TandemError.damaged(name, "node \(ordinal) has neighbour \(neighbour), of \(count) nodes") }
                if visited.contains(neighbour) { continue }
                if let place = pool.insert(scratch.estimates[slot], neighbour), place < next { next = place }
            }
            position = next

            // MARK: Ahead

            // Memory is what a visit waits for: the next one's is asked for, and the one's after that.
            var ahead = position
            var asked = 0
            while asked < 2, ahead < pool.count {
                let candidate = pool.ordinal(ahead)
                if !visited.contains(candidate) {
                    tandem_prefetch_lines(nodes + Int(candidate) * nodeBytes, nodeBytes)
                    tandem_prefetch_lines(codes + Int(candidate) * codeStride, codeStride)
                    if asked == 0 { position = ahead }
                    asked += 1
                }
                ahead += 1
            }
        }
        // All that was kept is visited, and still too few are accepted: what is accepted lies where the walk did not get.
        if let accepted, accepted.bar == nil, visits < self.count { return (.givenUp, visits) }
        return (.done, visits)
    }
}

/// The best similarities of a filtered search; like ``LargestScores``, for floats.
private struct LargestSimilarities {
    private var scores: LargestScores

    init(_ k: Int) { scores = LargestScores(k) }

    var bar: Float? { scores.bar.map { Float($0) } }

    mutating func push(_ similarity: Float) { scores.push(Double(similarity)) }
}
