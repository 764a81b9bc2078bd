import CKernels

/// The best nodes that a search has seen, by similarity, best first; bounded.
///
/// An entry is one number, which sorts by similarity and then by ordinal: comparing and moving it is one instruction. A
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

    /// - Returns: the place where it went; nil if it does not belong to the best.
    /// - Complexity: O(log count) comparisons and a move of what follows.
    @inline(__always)
    mutating func insert(_ similarity: Float, _ ordinal: UInt32) -> Int? {
        let entry = UInt64(Self.order(similarity)) << 32 | UInt64(ordinal)
        let low = tandem_rank_among(entries, count, entry)
        guard low < capacity else { return nil }
        let end = count < capacity ? count : count &- 1
        if end > low { (entries + low + 1).update(from: entries + low, count: end &- low) }
        entries[low] = entry
        count = end &+ 1
        return low
    }

    /// Floats in their order as unsigned integers; not a number comes first or last, and does no harm.
    @inline(__always)
    private static func order(_ x: Float) -> UInt32 {
        let bits = x.bitPattern
        return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
    }

    @inline(__always)
    private static func similarity(_ order: UInt32) -> Float {
        Float(bitPattern: order & 0x8000_0000 != 0 ? order & 0x7FFF_FFFF : ~order)
    }
}

/// A set of ordinals that is emptied in time proportional to what was put in.
struct VisitedSet {
    private let words: UnsafeMutablePointer<UInt64>
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
