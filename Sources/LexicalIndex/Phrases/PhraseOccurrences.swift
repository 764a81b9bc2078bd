import SearchCore

/// Finds a phrase's matches in one text, from the positions of its words: counts them for scores, tells them for highlights.
package struct PhraseOccurrences: ~Copyable {
    /// A word of the phrase, and where it stands in the match that was found last.
    package struct Slot {
        package let term: Int
        let offset: Int
        /// The same term's next slot, which has to stand behind this one; nil: none.
        var next: Int?
        /// Index into the term's positions.
        package fileprivate(set) var at = 0
    }

    private var slots: [Slot]
    private let slop: Int
    private let driver: Int
    private let control: QueryControl
    /// Since the deadline was looked at: a text of megabytes may hold millions of occurrences.
    private var steps = 0
    private static let stepsBetweenChecks = 1 << 16

    /// - Parameters:
    ///   - slots: term and offset of each, offsets not falling; those of one term rise. Term 0 is the rarest.
    ///   - control: asked while a long text is gone through.
    package init(slots: [(term: Int, offset: Int)], slop: Int, control: QueryControl) {
        self.slots = slots.map { Slot(term: $0.term, offset: $0.offset) }
        self.slop = slop
        self.control = control
        driver = slots.firstIndex { $0.term == 0 } ?? 0
        for i in slots.indices { self.slots[i].next = slots.indices.first { $0 > i && slots[$0].term == slots[i].term } }
    }

    /// - Parameter positions: by term, rising; none is empty.
    /// - Returns: the phrase's frequency, 0 where it does not occur.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    /// - Complexity: O(occurrences · slots).
    mutating func frequency(_ positions: (_ term: Int) -> UnsafeBufferPointer<UInt32>) throws -> Double {
        var frequency = 0.0
        try find(positions) { width, _ in frequency += 1 / (1 + Double(width)) }
        return frequency
    }

    /// Calls `body` for each match that the phrase's frequency counts.
    /// - Parameters:
    ///   - positions: by term, rising; none is empty.
    ///   - body: by how much the words are out of place, and the slots at their occurrences.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    /// - Complexity: O(occurrences · slots).
    package mutating func forEachMatch(
        _ positions: (_ term: Int) -> UnsafeBufferPointer<UInt32>, _ body: (_ width: Int, _ slots: [Slot]) -> Void
    ) throws {
        try find(positions, body)
    }

    // Inlined, and what it calls, so that a search only counts.
    @inline(__always)
    private mutating func find(_ positions: (Int) -> UnsafeBufferPointer<UInt32>, _ body: (Int, [Slot]) -> Void) throws {
        if slop == 0 || slots.count == 1 { try exact(positions, body) } else { try sloppy(positions, body) }
    }

    @inline(__always) private mutating func step() throws {
        steps &+= slots.count
        if steps > Self.stepsBetweenChecks {
            steps = 0
            try control.checkpoint()
        }
    }

    /// For each occurrence of the first term the others are looked for where they have to be.
    @inline(__always)
    private mutating func exact(_ positions: (Int) -> UnsafeBufferPointer<UInt32>, _ body: (Int, [Slot]) -> Void) throws {
        for i in slots.indices { slots[i].at = 0 }
        let first = positions(slots[driver].term)
        next: for index in first.indices {
            try step()
            let start = Int(first[index]) - slots[driver].offset
            for i in slots.indices where i != driver {
                let others = positions(slots[i].term)
                let wanted = start + slots[i].offset
                var at = slots[i].at
                while at < others.count, Int(others[at]) < wanted { at += 1 }
                slots[i].at = at
                if at == others.count { break next }
                if Int(others[at]) != wanted { continue next }
            }
            slots[driver].at = index
            body(0, slots)
        }
    }

    /// The smallest windows that hold an occurrence of every slot, as in Lucene's SloppyPhraseMatcher: the slot that is furthest back, of equal ones
    /// the first, moves on until it has passed the next, and the smallest window on its way counts. Slots of one term keep their order, so that none
    /// shares an occurrence: a slot that comes up with the term's next one ends its way there.
    @inline(__always)
    private mutating func sloppy(_ positions: (Int) -> UnsafeBufferPointer<UInt32>, _ body: (Int, [Slot]) -> Void) throws {
        for i in slots.indices { slots[i].at = 0 }
        for i in slots.indices where !settle(i, positions) { return }
        func place(_ slot: Slot) -> Int { Int(positions(slot.term)[slot.at]) - slot.offset }
        while true {
            try step()
            var back = 0
            var (least, second, greatest) = (place(slots[0]), Int.max, place(slots[0]))
            for i in slots.indices.dropFirst() {
                let at = place(slots[i])
                if at < least {
                    (second, least, back) = (least, at, i)
                } else {
                    second = min(second, at)
                }
                greatest = max(greatest, at)
            }
            let occurrences = positions(slots[back].term)
            var nearest = slots[back].at
            repeat {
                slots[back].at += 1
                guard slots[back].at < occurrences.count, !pushes(back), place(slots[back]) <= second else { break }
                nearest = slots[back].at
                try step()
            } while true
            let width = greatest - (Int(occurrences[nearest]) - slots[back].offset)
            if width <= slop {
                let moved = slots[back].at
                slots[back].at = nearest
                body(width, slots)
                slots[back].at = moved
            }
            if slots[back].at == occurrences.count || !settle(back, positions) { return }
        }
    }

    private func pushes(_ slot: Int) -> Bool { slots[slot].next.map { slots[$0].at <= slots[slot].at } ?? false }

    /// Moves the term's later slots behind this one.
    /// - Returns: false where there are too few occurrences.
    private mutating func settle(_ slot: Int, _ positions: (Int) -> UnsafeBufferPointer<UInt32>) -> Bool {
        let count = positions(slots[slot].term).count
        guard slots[slot].at < count else { return false }
        var slot = slot
        while let next = slots[slot].next, slots[next].at <= slots[slot].at {
            slots[next].at = slots[slot].at + 1
            guard slots[next].at < count else { return false }
            slot = next
        }
        return true
    }
}
