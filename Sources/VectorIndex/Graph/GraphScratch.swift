/// What one search in a graph writes to. Owned by one search at a time; kept by the graph between searches.
final class GraphScratch: Sendable {
    /// Candidates that a search keeps at most.
    static let breadthMax = 16_384

    // SAFETY: used by one thread at a time.
    nonisolated(unsafe) var pool: CandidatePool
    nonisolated(unsafe) var visited: VisitedSet
    /// `int4`: nodes whose similarity was estimated, which is done once.
    nonisolated(unsafe) var seen: VisitedSet
    /// Of the accepted nodes that were visited, side by side: what the bounds of their scores are made of.
    nonisolated(unsafe) var found = 0
    nonisolated(unsafe) var room: Int
    /// Candidates below are not looked at any more, see ``VectorGraph/SearchLimits/elsewhere``.
    nonisolated(unsafe) var floor: Float = -.infinity
    /// But for so many.
    nonisolated(unsafe) var arrival = 0
    /// The pool is that of a walk by breadth, and not by a bar of accepted nodes.
    nonisolated(unsafe) var isWide = true
    nonisolated(unsafe) var ordinals: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) var documents: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) var dots: UnsafeMutablePointer<Int32>
    nonisolated(unsafe) var scales: UnsafeMutablePointer<Float>
    nonisolated(unsafe) var residuals: UnsafeMutablePointer<Float>
    nonisolated(unsafe) var norms: UnsafeMutablePointer<Float>
    /// Of a node's neighbours.
    nonisolated(unsafe) let estimates: UnsafeMutablePointer<Float>
    nonisolated(unsafe) let fresh: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) let slopes: UnsafeMutablePointer<Float>
    nonisolated(unsafe) let entryDots: UnsafeMutablePointer<Int32>
    nonisolated(unsafe) let entryEstimates: UnsafeMutablePointer<Float>

    init(count: Int, _ quantization: GraphQuantization) {
        pool = CandidatePool(room: Self.breadthMax)
        visited = VisitedSet(capacity: count)
        seen = VisitedSet(capacity: quantization == .int4 ? count : 0)
        room = 1024
        ordinals = .allocate(capacity: room)
        documents = .allocate(capacity: room)
        dots = .allocate(capacity: room)
        scales = .allocate(capacity: room)
        residuals = .allocate(capacity: room)
        norms = .allocate(capacity: room)
        estimates = .allocate(capacity: GraphFormat.neighbours)
        fresh = .allocate(capacity: GraphFormat.neighbours)
        slopes = .allocate(capacity: GraphFormat.neighbours)
        entryDots = .allocate(capacity: GraphFormat.entriesMax)
        entryEstimates = .allocate(capacity: GraphFormat.entriesMax)
    }

    /// Merges what the last walk has kept into what others have.
    /// - Parameter kept: the best first.
    func addCandidates(to kept: inout [Float]) {
        guard isWide else { return }
        var merged: [Float] = []
        merged.reserveCapacity(kept.count + pool.count)
        var next = 0
        for similarity in kept {
            while next < pool.count, pool[next].similarity > similarity {
                merged.append(pool[next].similarity)
                next += 1
            }
            merged.append(similarity)
        }
        while next < pool.count {
            merged.append(pool[next].similarity)
            next += 1
        }
        kept = merged
    }

    func free() {
        pool.deallocate()
        visited.deallocate()
        seen.deallocate()
        ordinals.deallocate()
        documents.deallocate()
        dots.deallocate()
        scales.deallocate()
        residuals.deallocate()
        norms.deallocate()
        estimates.deallocate()
        fresh.deallocate()
        slopes.deallocate()
        entryDots.deallocate()
        entryEstimates.deallocate()
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
