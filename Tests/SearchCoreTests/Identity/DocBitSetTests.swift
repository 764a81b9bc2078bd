import SearchCore
import Testing

@Suite struct DocBitSetTests {
    static let edges = [0, 1, 63, 64, 65, 127, 128, 129, 1000]

    @Test("an empty set has nothing, a full one everything below its capacity", arguments: edges)
    func emptyAndFull(_ capacity: Int) {
        let empty = DocBitSet(capacity: capacity)
        let full = DocBitSet(capacity: capacity, full: true)
        #expect(empty.count == 0 && full.count == capacity && full.words.count == (capacity + 63) / 64)
        for d in 0..<(capacity + 70) {
            #expect(!empty.contains(DocID(UInt32(d))))
            #expect(full.contains(DocID(UInt32(d))) == (d < capacity))
        }
        #expect(!full.contains(.end))
    }

    @Test("bits past the capacity are cleared")
    func tail() {
        let set = DocBitSet(words: [.max, .max], capacity: 70)
        #expect(set.count == 70 && set.words[1] == 0b11_1111)
        #expect(set == DocBitSet(capacity: 70, full: true))
    }

    @Test("growing adds absent documents, and never shrinks", arguments: edges)
    func grow(_ capacity: Int) {
        for more in Self.edges {
            var set = DocBitSet(capacity: capacity, full: true)
            set.grow(to: more)
            #expect(set.capacity == max(capacity, more) && set.count == capacity && set.words.count == (set.capacity + 63) / 64)
        }
    }

    @Test("agrees with a Set on random operations")
    func oracle() {
        var random = SeededGenerator()
        for _ in 0..<50 {
            let capacity = Int.random(in: 1..<300, using: &random)
            var set = DocBitSet(capacity: capacity)
            var oracle: Set<Int> = []
            for _ in 0..<300 {
                let d = Int.random(in: 0..<capacity, using: &random)
                if Bool.random(using: &random) {
                    let (isNew, oracleIsNew) = (set.insert(DocID(UInt32(d))), oracle.insert(d).inserted)
                    #expect(isNew == oracleIsNew)
                } else {
                    let (wasThere, oracleWasThere) = (set.remove(DocID(UInt32(d))), oracle.remove(d) != nil)
                    #expect(wasThere == oracleWasThere)
                }
            }
            #expect(set.count == oracle.count)
            for d in 0..<capacity { #expect(set.contains(DocID(UInt32(d))) == oracle.contains(d)) }
            for _ in 0..<30 {
                let from = Int.random(in: 0...(capacity + 70), using: &random)
                let range = from..<Int.random(in: from...(capacity + 140), using: &random)
                #expect(set.count(in: range) == oracle.filter(range.contains).count, "\(range) of \(capacity)")
            }
            var other = DocBitSet(capacity: Int.random(in: 0..<300, using: &random), full: true)
            for d in 0..<other.capacity where d % 3 == 0 { other.remove(DocID(UInt32(d))) }
            var both = set
            both.formIntersection(other)
            #expect(both.capacity == set.capacity)
            for d in 0..<capacity { #expect(both.contains(DocID(UInt32(d))) == (oracle.contains(d) && d < other.capacity && d % 3 != 0)) }
        }
    }

    @Test("removing a document past the capacity is a no-op")
    func removePast() {
        var set = DocBitSet(capacity: 10, full: true)
        for doc in [DocID(10), .end] {
            let wasThere = set.remove(doc)
            #expect(!wasThere)
        }
        #expect(set.count == 10)
    }

    @Test("a copy does not see later changes")
    func valueSemantics() {
        var set = DocBitSet(capacity: 10)
        let copy = set
        set.insert(DocID(3))
        #expect(!copy.contains(DocID(3)))
    }
}
