import CKernels
import SearchCore

extension VectorGraph {
    /// The walk over nodes that hold their neighbours' 1-bit codes. A visit knows its own node's similarity from int8 codes, and estimates all of
    /// the neighbours'; a node may be in the pool with several estimates, of which the best one counts.
    func walk(
        _ signs: tandem_sign_query, _ kernel: inout tandem_query_i8, limits: SearchLimits, share: Double, accept: AcceptView,
        _ accepted: inout LargestSimilarities?, scratch: GraphScratch, control: QueryControl
    ) throws -> (end: SearchEnd, visits: Int) {
        typealias Node = GraphFormat.Node
        let nodes = nodes.baseAddress!
        let (nodeBytes, codesOffset) = (nodeBytes, codesOffset)
        let codes = codes
        let codeStride = segment.codeStride
        let count = UInt32(self.count)
        let queryScale = Float(kernel.scale)
        var signs = signs
        let first = Int(scratch.pool.ordinal(0))
        tandem_prefetch_lines(nodes + first * nodeBytes, nodeBytes)
        tandem_prefetch_lines(codes + first * codeStride, codeStride)
        var pool = scratch.pool
        var visited = scratch.visited
        defer {
            scratch.pool = pool
            scratch.visited = visited
        }
        let floor = scratch.floor
        var position = 0
        var visits = 0
        while position < pool.count {
            let ordinal = pool.ordinal(position)
            guard visited.insert(ordinal) else {
                position += 1
                continue
            }
            if let bar = accepted?.bar, pool[position].similarity < bar { break }
            if pool[position].similarity < floor, position >= scratch.arrival { break }
            visits += 1
            if visits == SearchLimits.probeVisits, scratch.found < limits.probeFound { return (.givenUp, visits) }
            if visits & 63 == 0 {
                try control.checkpoint()
                if isHopeless(visits: visits, found: scratch.found, limits: limits, share: share) { return (.givenUp, visits) }
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
            let above = tandem_neighbours_above(
                &signs, (node + codesOffset).assumingMemoryBound(to: UInt8.self), (node + Node.slopes).assumingMemoryBound(to: Int16.self),
                (node + Node.offsets).assumingMemoryBound(to: Int16.self), node.load(fromByteOffset: Node.slopeUnit, as: Float.self),
                node.load(fromByteOffset: Node.offsetUnit, as: Float.self) * similarity, bar, scratch.estimates)
            let neighbours = (node + Node.neighbours).assumingMemoryBound(to: UInt32.self)
            guard let next = pool.take(above, of: neighbours, scratch.estimates, unless: visited, nodes: count, next: position + 1) else {
                throw TandemError.damaged(name, "node \(ordinal) has a neighbour that is none of the \(count) nodes")
            }
            position = next

            // MARK: Ahead

            // Memory is what a visit waits for: the next one's is asked for, and the one's after that.
            var ahead = position
            var asked = 0
            while asked < 2, ahead < pool.count {
                let candidate = pool.ordinal(ahead)
                if !visited.contains(candidate) {
                    // In the order in which a visit reads them.
                    tandem_prefetch_lines(codes + Int(candidate) * codeStride, codeStride)
                    tandem_prefetch_lines(nodes + Int(candidate) * nodeBytes, nodeBytes)
                    if asked == 0 { position = ahead }
                    asked += 1
                }
                ahead += 1
            }
        }
        return (.done, visits)
    }
}
