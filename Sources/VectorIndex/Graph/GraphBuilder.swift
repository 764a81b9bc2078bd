import CKernels
import Dispatch
import SearchCore
import Synchronization

/// How a graph is built. The defaults were measured; see docs/decisions/0010-vector-graph.md.
public struct GraphBuildOptions: Sendable {
    /// Nodes kept while the neighbourhood of a new one is searched: more makes better edges, in proportional time. Nil: ``breadth(for:)``.
    public var breadth: Int?
    /// A neighbour is left out if another one is closer to it than the node by this factor of squared distances, 1 or more:
    /// more keeps longer edges.
    public var slack: Float
    /// What the nodes hold; the edges do not depend on it.
    public var quantization: GraphQuantization
    /// Threads; the result does not depend on it.
    public var threads: Int

    /// What a graph over so many vectors gains from, measured on embeddings: up to 16,000 vectors a breadth of 64 has the same recall at the same
    /// number of visits as one of 140, at 65,000 one of 100.
    public static func breadth(for count: Int) -> Int { count < 1 << 14 ? 64 : count < 1 << 17 ? 100 : 140 }

    public init(breadth: Int? = nil, slack: Float = 1.1, quantization: GraphQuantization = .binary, threads: Int = 1) {
        precondition((8...4096).contains(breadth ?? 8) && slack >= 1 && (1...1024).contains(threads), "graph options \(breadth ?? 0), \(slack), \(threads)")
        self.breadth = breadth
        self.slack = slack
        self.quantization = quantization
        self.threads = threads
    }
}

/// Builds the edges of a graph over a segment's vectors.
///
/// Nodes are inserted in batches in a random order: each searches the graph of those before it, and looks at the others of
/// its batch; of what it met it keeps up to 32 neighbours, none of which is much closer to another than to the node. Edges
/// back are added for a whole batch at once. What a batch sees does not depend on the number of threads, so the same vectors
/// give the same graph.
///
/// Similarities are those of int8 codes. For the dot product vectors are lifted by one component to equal length, so that
/// the largest dot product is the least distance; the query has none there.
///
/// Sources: Jayaram Subramanya et al., "DiskANN" (Vamana), NeurIPS 2019, for search and pruning; Manohar et al.,
/// "ParlayANN", PPoPP 2024, for batches; Gou et al., "SymphonyQG", SIGMOD 2025, for degrees filled up to the width of the
/// estimating kernel; Bachrach et al., "Speeding up the Xbox recommender system", RecSys 2014, for the lifting.
final class GraphBuilder: Sendable {
    private static let batchMax = 1024
    /// A batch is at most this part of what the graph has already.
    private static let batchPart = 16
    /// Edges that a node may have while the graph grows. A list is cut to 32 when it is full, and not for each edge that comes: choosing among
    /// 33 costs hundreds of similarities, as choosing among 64 does.
    fileprivate static let room = 64

    let segment: VectorSegment
    let options: GraphBuildOptions
    /// Ordinals in the order of insertion; the first ones are where the searches of a build begin.
    let order: [UInt32]
    private let seed: GraphSeed?
    /// Of `order`, those that are in the seed.
    private let seeded: Int
    private let radiusSquared: Float
    private let breadth: Int

    // SAFETY: allocated in init, freed in deinit. During a batch threads write to disjoint nodes; between batches one thread runs.
    private nonisolated(unsafe) let adjacency: UnsafeMutablePointer<UInt32>
    /// A copy of the segment's: it is read at random, some thousand times for each vector.
    private nonisolated(unsafe) let codes: UnsafeMutablePointer<Int8>
    private nonisolated(unsafe) let degrees: UnsafeMutablePointer<UInt8>
    private nonisolated(unsafe) let lifts: UnsafeMutablePointer<Float>

    init(_ segment: VectorSegment, options: GraphBuildOptions, seed: GraphSeed? = nil) {
        self.segment = segment
        self.options = options
        breadth = options.breadth ?? GraphBuildOptions.breadth(for: segment.count)
        self.seed = seed
        seeded = seed?.keptCount ?? 0
        let count = segment.count
        adjacency = LargeMemory.allocate(byteCount: 4 * count * Self.room).bindMemory(to: UInt32.self, capacity: count * Self.room)
        codes = LargeMemory.allocate(byteCount: segment.codes.count).bindMemory(to: Int8.self, capacity: segment.codes.count)
        if let base = segment.codes.baseAddress { codes.update(from: base, count: segment.codes.count) }
        degrees = .allocate(capacity: max(1, count))
        degrees.initialize(repeating: 0, count: max(1, count))
        lifts = .allocate(capacity: max(1, count))
        lifts.initialize(repeating: 0, count: max(1, count))
        order = Self.shuffled(count, first: seed)
        if segment.metric == .dot {
            var largest: Float = 0
            for norm in segment.norms where norm.isFinite { largest = max(largest, norm * norm) }
            radiusSquared = largest
            for (ordinal, norm) in segment.norms.enumerated() { lifts[ordinal] = max(0, largest - norm * norm).squareRoot() }
        } else {
            radiusSquared = 1
        }
    }

    deinit {
        adjacency.deallocate()
        codes.deallocate()
        degrees.deallocate()
        lifts.deallocate()
    }

    func neighbours(of ordinal: Int) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: adjacency + ordinal * Self.room, count: Int(degrees[ordinal]))
    }

    /// Where searches begin: any nodes, new ones as well as old ones.
    var entries: [UInt32] { Array((seed == nil ? order : Self.shuffled(segment.count)).prefix(GraphFormat.entriesMax)) }

    /// 0 ..< count at random, those of the seed first.
    private static func shuffled(_ count: Int, first seed: GraphSeed? = nil) -> [UInt32] {
        var order = (0..<UInt32(count)).map { $0 }
        var random = SplitMix64(state: UInt64(count))
        for index in stride(from: count - 1, to: 0, by: -1) { order.swapAt(index, random.next(below: index + 1)) }
        guard let seed else { return order }
        var isSeeded = [Bool](repeating: false, count: count)
        for ordinal in seed.ordinals where ordinal != GraphSeed.dropped { isSeeded[Int(ordinal)] = true }
        return order.filter { isSeeded[Int($0)] } + order.filter { !isSeeded[Int($0)] }
    }

    /// - Parameter progress: told the nodes inserted, now and then.
    /// - Throws: as ``SearchCore/QueryControl/checkpoint()``, asked every few vectors (a millisecond), with several threads once per batch (a few
    ///   hundred milliseconds at most).
    /// - Complexity: about breadth × 16 distances of int8 codes per vector.
    func build(control: QueryControl, progress: (Int) -> Void = { _ in }) throws {
        let count = segment.count
        let scratches = (0..<options.threads).map { _ in BuildScratch(count: count, breadth: breadth) }
        var next = max(min(1, count), seeded)
        if let seed {
            try control.checkpoint()
            try takeEdges(of: seed, scratches, control)
            progress(next)
        }
        while next < count {
            try control.checkpoint()
            let size = min(count - next, Self.batchMax, max(1, next / Self.batchPart))
            let batch = next..<(next + size)
            try inParallel(size, scratches, control) { index, scratch in
                self.choose(self.order[batch.lowerBound + index], batch: batch, inserted: batch.lowerBound, scratch)
            }
            try addEdgesBack(batch, scratches, control)
            next += size
            progress(next)
        }
        for start in stride(from: 0, to: count, by: 1 << 15) {
            try control.checkpoint()
            try inParallel(min(1 << 15, count - start), scratches, control) { index, scratch in self.cut(UInt32(start + index), scratch) }
        }
    }

    /// Brings a node's edges down to 32.
    private func cut(_ node: UInt32, _ scratch: BuildScratch) {
        guard degrees[Int(node)] > UInt8(GraphFormat.neighbours) else { return }
        collectCandidates(of: node, Array(neighbours(of: Int(node))), scratch)
        degrees[Int(node)] = UInt8(prune(scratch, into: adjacency + Int(node) * Self.room))
    }

    /// Runs `body` for 0 ..< count, each on one of the threads.
    private func inParallel(_ count: Int, _ scratches: [BuildScratch], _ control: QueryControl, _ body: @Sendable (Int, BuildScratch) -> Void) throws {
        let taken = Atomic<Int>(0)
        let run: @Sendable (Int) -> Void = { thread in
            while true {
                let start = taken.wrappingAdd(8, ordering: .relaxed).oldValue
                guard start < count else { return }
                for index in start..<min(start + 8, count) { body(index, scratches[thread]) }
            }
        }
        if options.threads == 1 || count < 32 {
            for index in 0..<count {
                if index & 3 == 3 { try control.checkpoint() }
                body(index, scratches[0])
            }
        } else {
            DispatchQueue.concurrentPerform(iterations: options.threads, execute: run)
        }
    }

    // MARK: Seed

    /// Takes over the edges of the seed's nodes. Where a neighbour was dropped, its own neighbours are looked at in its place.
    ///
    /// Source: Singh et al., "FreshDiskANN", 2021, for how deletions are mended.
    private func takeEdges(of seed: GraphSeed, _ scratches: [BuildScratch], _ control: QueryControl) throws {
        try inParallel(seed.ordinals.count, scratches, control) { old, scratch in
            let node = seed.ordinals[old]
            guard node != GraphSeed.dropped else { return }
            let list = self.adjacency + Int(node) * Self.room
            var degree = 0
            var lost: [UInt32] = []
            for neighbour in seed.graph.neighbours(of: old) {
                // A damaged graph may name nodes that are none.
                guard Int(neighbour) < seed.ordinals.count else { continue }
                let new = seed.ordinals[Int(neighbour)]
                if new == GraphSeed.dropped {
                    lost.append(neighbour)
                } else if new != node, !UnsafeBufferPointer(start: list, count: degree).contains(new) {
                    list[degree] = new
                    degree += 1
                }
            }
            if !lost.isEmpty { degree = self.mend(node, degree, lost, seed, scratch) }
            self.degrees[Int(node)] = UInt8(degree)
        }
    }

    /// - Returns: the new degree.
    private func mend(_ node: UInt32, _ degree: Int, _ lost: [UInt32], _ seed: GraphSeed, _ scratch: BuildScratch) -> Int {
        let list = adjacency + Int(node) * Self.room
        var near = Set(UnsafeBufferPointer(start: list, count: degree))
        for old in lost {
            for neighbour in seed.graph.neighbours(of: Int(old)) where Int(neighbour) < seed.ordinals.count {
                let new = seed.ordinals[Int(neighbour)]
                if new != GraphSeed.dropped, new != node { near.insert(new) }
            }
        }
        collectCandidates(of: node, near.sorted(), scratch)
        return prune(scratch, into: list)
    }

    /// Leaves these nodes, by their similarity with `target`, as the scratch's candidates.
    private func collectCandidates(of target: UInt32, _ nodes: [UInt32], _ scratch: BuildScratch) {
        scratch.candidates.removeAll(keepingCapacity: true)
        nodes.withUnsafeBufferPointer { nodes in
            for start in stride(from: 0, to: nodes.count, by: BuildScratch.block) {
                let size = min(BuildScratch.block, nodes.count - start)
                similarities(target, nodes.baseAddress! + start, size, scratch, scratch.values)
                for index in 0..<size { scratch.candidates.append(Candidate(similarity: scratch.values[index], ordinal: nodes[start + index])) }
            }
        }
        scratch.candidates.sort(by: Candidate.precedes)
    }

    // MARK: Similarity

    /// Similarities of `node` with others, to `out`. - Complexity: O(count × dimension).
    private func similarities(_ node: UInt32, _ others: UnsafePointer<UInt32>, _ count: Int, _ scratch: BuildScratch, _ out: UnsafeMutablePointer<Float>) {
        tandem_dot_i8_at(
            codes + Int(node) * segment.codeStride, codes, segment.codeStride, others, count, scratch.dots)
        let scale = segment.scales[Int(node)]
        let lift = lifts[Int(node)]
        for index in 0..<count {
            let other = Int(others[index])
            out[index] = Float(scratch.dots[index]) * (scale * segment.scales[other]) + lift * lifts[other]
        }
    }

    // MARK: Insertion

    /// Finds neighbours of a node that is not in the graph yet, and writes them to its place.
    private func choose(_ node: UInt32, batch: Range<Int>, inserted: Int, _ scratch: BuildScratch) {
        search(node, inserted: inserted, scratch)
        // The batch's own nodes do not find each other by searching.
        let bar = scratch.pool.bar
        for start in stride(from: batch.lowerBound, to: batch.upperBound, by: BuildScratch.block) {
            let size = min(BuildScratch.block, batch.upperBound - start)
            order.withUnsafeBufferPointer { similarities(node, $0.baseAddress! + start, size, scratch, scratch.values) }
            for index in 0..<size where scratch.values[index] > bar && order[start + index] != node {
                scratch.candidates.append(Candidate(similarity: scratch.values[index], ordinal: order[start + index]))
            }
        }
        scratch.candidates.sort(by: Candidate.precedes)
        degrees[Int(node)] = UInt8(prune(scratch, into: adjacency + Int(node) * Self.room))
    }

    /// Leaves the nodes that it visited among the scratch's candidates.
    private func search(_ node: UInt32, inserted: Int, _ scratch: BuildScratch) {
        scratch.candidates.removeAll(keepingCapacity: true)
        scratch.visited.removeAll()
        scratch.pool.reset(capacity: breadth)
        let starts = min(inserted, GraphFormat.entriesMax)
        order.withUnsafeBufferPointer { similarities(node, $0.baseAddress!, starts, scratch, scratch.values) }
        var best = 0
        for index in 1..<max(starts, 1) where scratch.values[index] > scratch.values[best] { best = index }
        _ = scratch.visited.insert(order[best])
        scratch.pool.insert(scratch.values[best], order[best])
        var position = 0
        // Entries up to `position` are expanded; what is inserted before it moves it back.
        scratch.expanded.removeAll()
        while position < scratch.pool.count {
            let current = scratch.pool[position]
            guard scratch.expanded.insert(current.ordinal) else {
                position += 1
                continue
            }
            scratch.candidates.append(Candidate(similarity: current.similarity, ordinal: current.ordinal))
            var fresh = 0
            for neighbour in neighbours(of: Int(current.ordinal)) where scratch.visited.insert(neighbour) {
                scratch.fresh[fresh] = neighbour
                fresh += 1
            }
            // The kernel asks for memory four rows ahead; here, for the first ones, and for the next node's edges.
            if position + 1 < scratch.pool.count {
                tandem_prefetch_lines(adjacency + Int(scratch.pool.ordinal(position + 1)) * Self.room, 4 * Self.room)
            }
            for index in 0..<min(fresh, 4) {
                tandem_prefetch_lines(codes + Int(scratch.fresh[index]) * segment.codeStride, segment.codeStride)
            }
            similarities(node, scratch.fresh, fresh, scratch, scratch.values)
            // Most are out at once.
            let next = scratch.pool.take(above: scratch.pool.bar, of: scratch.fresh, scratch.values, fresh, next: position + 1)
            position = next
            if next < scratch.pool.count {
                tandem_prefetch_lines(adjacency + Int(scratch.pool.ordinal(next)) * Self.room, 4 * Self.room)
            }
        }
    }

    // MARK: Pruning

    /// Keeps up to 32 of the scratch's candidates, which come best first: those that no kept one is much closer to than the
    /// node is; then the best of the others, since estimating 32 neighbours costs what estimating fewer does.
    /// - Returns: how many.
    private func prune(_ scratch: BuildScratch, into out: UnsafeMutablePointer<UInt32>) -> Int {
        let most = GraphFormat.neighbours
        var kept = 0
        scratch.rest.removeAll(keepingCapacity: true)
        var previous = UInt32.max
        for candidate in scratch.candidates {
            guard kept < most else { break }
            if candidate.ordinal == previous { continue }
            previous = candidate.ordinal
            let distance = radiusSquared - candidate.similarity
            similarities(candidate.ordinal, out, kept, scratch, scratch.values)
            var isHidden = false
            for index in 0..<kept where options.slack * (radiusSquared - scratch.values[index]) < distance {
                isHidden = true
                break
            }
            if isHidden {
                scratch.rest.append(candidate.ordinal)
            } else {
                out[kept] = candidate.ordinal
                kept += 1
            }
        }
        for ordinal in scratch.rest {
            guard kept < most else { break }
            out[kept] = ordinal
            kept += 1
        }
        return kept
    }

    // MARK: Edges back

    private func addEdgesBack(_ batch: Range<Int>, _ scratches: [BuildScratch], _ control: QueryControl) throws {
        var edges: [UInt64] = []
        edges.reserveCapacity(batch.count * GraphFormat.neighbours)
        for index in batch {
            let node = order[index]
            for target in neighbours(of: Int(node)) { edges.append(UInt64(target) << 32 | UInt64(node)) }
        }
        edges.sort()
        var groups: [Range<Int>] = []
        var start = 0
        while start < edges.count {
            var end = start + 1
            while end < edges.count, edges[end] >> 32 == edges[start] >> 32 { end += 1 }
            groups.append(start..<end)
            start = end
        }
        let sorted = edges
        let ranges = groups
        try inParallel(ranges.count, scratches, control) { index, scratch in
            self.addEdges(to: UInt32(sorted[ranges[index].lowerBound] >> 32), sorted[ranges[index]], scratch)
        }
    }

    private func addEdges(to target: UInt32, _ edges: ArraySlice<UInt64>, _ scratch: BuildScratch) {
        let list = adjacency + Int(target) * Self.room
        var degree = Int(degrees[Int(target)])
        scratch.sources.removeAll(keepingCapacity: true)
        for edge in edges {
            let source = UInt32(truncatingIfNeeded: edge)
            // Two nodes of a batch may have chosen each other.
            if UnsafeBufferPointer(start: list, count: degree).contains(source) { continue }
            scratch.sources.append(source)
        }
        if degree + scratch.sources.count <= Self.room {
            for source in scratch.sources {
                list[degree] = source
                degree += 1
            }
            degrees[Int(target)] = UInt8(degree)
            return
        }
        scratch.sources.append(contentsOf: UnsafeBufferPointer(start: list, count: degree))
        collectCandidates(of: target, scratch.sources, scratch)
        degrees[Int(target)] = UInt8(prune(scratch, into: list))
    }
}

private struct Candidate {
    let similarity: Float
    let ordinal: UInt32

    static func precedes(_ a: Candidate, _ b: Candidate) -> Bool {
        a.similarity != b.similarity ? a.similarity > b.similarity : a.ordinal < b.ordinal
    }
}

/// What one building thread writes to.
private final class BuildScratch: Sendable {
    static let block = 256

    // SAFETY: used by one thread at a time.
    nonisolated(unsafe) var pool: CandidatePool
    nonisolated(unsafe) var visited: VisitedSet
    nonisolated(unsafe) var expanded: VisitedSet
    nonisolated(unsafe) var candidates: [Candidate] = []
    nonisolated(unsafe) var rest: [UInt32] = []
    nonisolated(unsafe) var sources: [UInt32] = []
    nonisolated(unsafe) let fresh: UnsafeMutablePointer<UInt32>
    nonisolated(unsafe) let values: UnsafeMutablePointer<Float>
    nonisolated(unsafe) let dots: UnsafeMutablePointer<Int32>

    init(count: Int, breadth: Int) {
        pool = CandidatePool(room: breadth)
        visited = VisitedSet(capacity: count)
        expanded = VisitedSet(capacity: count)
        fresh = .allocate(capacity: GraphBuilder.room)
        values = .allocate(capacity: Self.block)
        dots = .allocate(capacity: Self.block)
    }

    deinit {
        pool.deallocate()
        visited.deallocate()
        expanded.deallocate()
        fresh.deallocate()
        values.deallocate()
        dots.deallocate()
    }
}
