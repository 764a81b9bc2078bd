import CKernels

/// The best nodes that a search has seen, by similarity, best first; bounded.
///
/// An entry is one number, which sorts by similarity and then by ordinal (`tandem_pool.h`): comparing and moving it is one instruction. A
/// node may be in the pool several times, with the estimates that its several neighbours gave of it.
struct CandidatePool {
    private let entries: UnsafeMutablePointer<UInt64>
    private let room: Int
    private(set) var count = 0
    /// Entries kept; at most the room.
    private(set) var capacity: Int

    init(room: Int) {
        self.room = room
        capacity = room
        entries = .allocate(capacity: room + 1)
    }

    func deallocate() { entries.deallocate() }

    mutating func reset(capacity: Int) {
        precondition(1...room ~= capacity, "a pool of \(capacity) of at most \(room)")
        self.capacity = capacity
        count = 0
    }

    @inline(__always)
    subscript(_ index: Int) -> (similarity: Float, ordinal: UInt32) {
        let entry = entries[index]
        return (Self.similarity(UInt32(truncatingIfNeeded: entry >> 32)), UInt32(truncatingIfNeeded: entry))
    }

    @inline(__always)
    func ordinal(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: entries[index]) }

    /// What an entry must exceed to be taken; lowest while there is room.
    @inline(__always)
    var bar: Float { count < capacity ? -.infinity : self[count - 1].similarity }

    /// Puts in one candidate.
    /// - Complexity: O(count), see ``tandem_pool_insert``; the same for what follows, a candidate.
    mutating func insert(_ similarity: Float, _ ordinal: UInt32) { _ = tandem_pool_insert(entries, &count, capacity, similarity, ordinal) }

    /// Puts in the candidates i whose bit i is set in `which`, but for those that were visited.
    /// - Parameters:
    ///   - ordinals: [32], of `nodes` nodes.
    ///   - similarities: [32].
    /// - Returns: the first of their places, at most `next`; nil where one of the ordinals is no node's.
    @inline(__always)
    mutating func take(
        _ which: UInt32, of ordinals: UnsafePointer<UInt32>, _ similarities: UnsafePointer<Float>, unless visited: VisitedSet, nodes: UInt32, next: Int
    ) -> Int? {
        let place = tandem_pool_take(entries, &count, capacity, ordinals, similarities, which, visited.words, nodes, next)
        return place == TANDEM_POOL_DAMAGED ? nil : place
    }

    /// Puts in those of `number` candidates that are above a bar.
    /// - Returns: the first of their places, at most `next`.
    @inline(__always)
    mutating func take(
        above bar: Float, of ordinals: UnsafePointer<UInt32>, _ similarities: UnsafePointer<Float>, _ number: Int, next: Int
    ) -> Int { tandem_pool_take_above(entries, &count, capacity, ordinals, similarities, number, bar, next) }

    @inline(__always)
    private static func similarity(_ order: UInt32) -> Float {
        Float(bitPattern: order & 0x8000_0000 != 0 ? order & 0x7FFF_FFFF : ~order)
    }
}

/// A set of ordinals that is emptied in time proportional to what was put in.
struct VisitedSet {
    /// A bit for each ordinal.
    let words: UnsafeMutablePointer<UInt64>
    private let touched: UnsafeMutablePointer<UInt32>
    private var count = 0

    init(capacity: Int) {
        let length = (capacity + 63) / 64
        words = .allocate(capacity: max(length, 1))
        words.initialize(repeating: 0, count: max(length, 1))
        // One per insertion, so at most one per ordinal.
        touched = .allocate(capacity: max(capacity, 1))
    }

    func deallocate() {
        words.deallocate()
        touched.deallocate()
    }

    @inline(__always)
    func contains(_ ordinal: UInt32) -> Bool { words[Int(ordinal >> 6)] >> UInt64(ordinal & 63) & 1 != 0 }

    /// - Returns: false if it was in already.
    @inline(__always)
    mutating func insert(_ ordinal: UInt32) -> Bool {
        let word = Int(ordinal >> 6)
        let bit: UInt64 = 1 << UInt64(ordinal & 63)
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        touched[count] = UInt32(word)
        count += 1
        return true
    }

    mutating func removeAll() {
        for index in 0..<count { words[Int(touched[index])] = 0 }
        count = 0
    }
}
