import CKernels
import SearchCore

extension VectorGraph {
    /// The walk over nodes that hold 4-bit codes of themselves. A visit reads the codes of all neighbours that were not met before, each from
    /// where that neighbour is; what was visited is compared by int8 codes at the end, all at once.
    func walk(
        _ query: tandem_query_4bit, _ kernel: inout tandem_query_i8, limits: SearchLimits, share: Double, accept: AcceptView,
        _ accepted: inout LargestSimilarities?, scratch: GraphScratch, control: QueryControl
    ) throws -> (end: SearchEnd, visits: Int) {
        typealias Node = GraphFormat.Node
        let nodes = nodes.baseAddress!
        let nodeBytes = nodeBytes
        let codeBytes = query.bytes
        let codes = (nodes + codesOffset).assumingMemoryBound(to: UInt8.self)
        let count = UInt32(self.count)
        var query = query
        scratch.seen.removeAll()
        var (pool, visited, seen) = (scratch.pool, scratch.visited, scratch.seen)
        defer { (scratch.pool, scratch.visited, scratch.seen) = (pool, visited, seen) }
        _ = seen.insert(pool.ordinal(0))
        let (fresh, slopes, estimates) = (scratch.fresh, scratch.slopes, scratch.estimates)
        let floor = scratch.floor
        var position = 0
        var visits = 0
        while position < pool.count {
            let ordinal = pool.ordinal(position)
            guard visited.insert(ordinal) else {
                position += 1
                continue
            }
            let similarity = pool[position].similarity
            if let bar = accepted?.bar, similarity < bar { break }
            if similarity < floor, position >= scratch.arrival { break }
            visits += 1
            if visits == SearchLimits.probeVisits, scratch.found < limits.probeFound { return (.givenUp, visits) }
            if visits & 63 == 0 {
                try control.checkpoint()
                if isHopeless(visits: visits, found: scratch.found, limits: limits, share: share) { return (.givenUp, visits) }
            }
            let node = nodes + Int(ordinal) * nodeBytes
            let document = node.load(fromByteOffset: Node.document, as: UInt32.self)
            if accept.contains(document) {
                if scratch.found == scratch.room { scratch.grow() }
                scratch.ordinals[scratch.found] = ordinal
                scratch.documents[scratch.found] = document
                scratch.found += 1
                accepted?.push(similarity)
            }

            let unit = node.load(fromByteOffset: Node.slopeUnit, as: Float.self)
            let neighbours = (node + Node.neighbours).assumingMemoryBound(to: UInt32.self)
            let nodeSlopes = (node + Node.slopes).assumingMemoryBound(to: Int16.self)
            var met = 0
            for slot in 0..<GraphFormat.neighbours {
                let neighbour = neighbours[slot]
                guard neighbour < count else { throw TandemError.damaged(name, "node \(ordinal) has neighbour \(neighbour), of \(count) nodes") }
                guard seen.insert(neighbour) else { continue }
                tandem_prefetch_lines(codes + Int(neighbour) * nodeBytes, codeBytes)
                fresh[met] = neighbour
                slopes[met] = unit * Float(nodeSlopes[slot])
                met += 1
            }
            tandem_estimate_4bit_at(&query, codes, nodeBytes, fresh, slopes, met, estimates)
            let bar = max(pool.bar, accepted?.bar ?? -.infinity)
            position = pool.take(above: bar, of: fresh, estimates, met, next: position + 1)

            // The edges of the next one, and of the one after it.
            var ahead = position
            var asked = 0
            while asked < 2, ahead < pool.count {
                let candidate = pool.ordinal(ahead)
                if !visited.contains(candidate) {
                    tandem_prefetch_lines(nodes + Int(candidate) * nodeBytes, Node.offsets)
                    if asked == 0 { position = ahead }
                    asked += 1
                }
                ahead += 1
            }
        }
        tandem_scan_i8_at(&kernel, self.codes, segment.codeStride, scratch.ordinals, scratch.found, scratch.dots)
        for index in 0..<scratch.found {
            let node = nodes + Int(scratch.ordinals[index]) * nodeBytes
            scratch.scales[index] = node.load(fromByteOffset: Node.scale, as: Float.self)
            scratch.residuals[index] = node.load(fromByteOffset: Node.residual, as: Float.self)
            scratch.norms[index] = node.load(fromByteOffset: Node.norm, as: Float.self)
        }
        return (.done, visits)
    }
}
