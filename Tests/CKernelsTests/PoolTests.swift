import CKernels
import Testing

/// Method: a pool at every level beside a sorted array that is cut off. Nested in the serialised suite of the distances, since the level is one per process.
extension DistanceKernelTests {
    @Suite(.serialized) struct PoolTests {
        private struct Candidate {
            var similarity: Float
            var ordinal: UInt32

            /// As tandem_pool.h says: positive numbers above negative ones, and by ordinal where they are equal.
            var entry: UInt64 {
                let bits = similarity.bitPattern
                return UInt64(similarity.sign == .plus ? bits + 0x8000_0000 : ~bits) << 32 + UInt64(ordinal)
            }
        }

        private func atEveryLevel(_ body: (Int) -> Void) {
            defer { tandem_kernels_set_level(Int32.max) }
            for level in DistanceKernelTests.levels {
                tandem_kernels_set_level(Int32(level))
                body(level)
            }
        }

        /// Few values, so that some are equal, and the ends of what there is.
        private func candidates(_ count: Int, _ random: inout KernelRandom) -> [Candidate] {
            (0..<count).map { _ in
                let value = [Float.random(in: -1...1, using: &random), Float(Int.random(in: -3...3, using: &random)), .infinity, -.infinity, 0, -0.0]
                return Candidate(
                    similarity: value[[0, 0, 0, 1, 1, 2, 3, 4, 5].randomElement(using: &random)!], ordinal: UInt32.random(in: 0..<200, using: &random))
            }
        }

        @Test("a pool holds the best candidates, sorted, and tells where one went", arguments: Array(1...40) + [64, 100, 257])
        func insert(capacity: Int) {
            var random = KernelRandom(state: kernelSeed() &+ UInt64(capacity))
            let candidates = candidates(4 * capacity + 10, &random)
            atEveryLevel { level in
                // What lies behind the entries must stay.
                var pool = [UInt64](repeating: 7, count: capacity + 8)
                var count = 0
                var expected: [UInt64] = []
                for candidate in candidates {
                    let place = tandem_pool_insert(&pool, &count, capacity, candidate.similarity, candidate.ordinal)
                    let rank = expected.count { $0 > candidate.entry }
                    #expect(place == min(rank, capacity), "level \(level)")
                    expected.insert(candidate.entry, at: rank)
                    if expected.count > capacity { expected.removeLast() }
                    #expect(Array(pool[..<count]) == expected, "level \(level)")
                    #expect(pool[capacity...].allSatisfy { $0 == 7 }, "level \(level)")
                }
            }
        }

        @Test("what was visited and what is not asked for stays out", arguments: [1, 7, 8, 9, 50])
        func take(capacity: Int) {
            var random = KernelRandom(state: kernelSeed() &+ UInt64(capacity))
            for _ in 0..<50 {
                let before = candidates(capacity / 2 + 1, &random)
                let neighbours = candidates(32, &random)
                let which = UInt32.random(in: 0...(.max), using: &random)
                let visited = (0..<4).map { _ in UInt64.random(in: 0...(.max), using: &random) }
                let bar = Float.random(in: -1...1, using: &random)
                let next = Int.random(in: 0...capacity, using: &random)
                let isTaken = { (i: Int) in
                    which >> UInt32(i) & 1 == 1 && visited[Int(neighbours[i].ordinal / 64)] >> UInt64(neighbours[i].ordinal % 64) & 1 == 0
                }
                let taken = (0..<32).filter(isTaken).map { neighbours[$0] }
                let above = neighbours.filter { $0.similarity > bar }
                let (ordinals, similarities) = (neighbours.map(\.ordinal), neighbours.map(\.similarity))
                atEveryLevel { level in
                    var (pool, one, other) = ([UInt64](repeating: 7, count: capacity + 8), [UInt64](), [UInt64]())
                    var (count, oneCount, otherCount) = (0, 0, 0)
                    for candidate in before { _ = tandem_pool_insert(&pool, &count, capacity, candidate.similarity, candidate.ordinal) }
                    let begin = count
                    (one, other) = (pool, pool)
                    (oneCount, otherCount) = (begin, begin)
                    var first = next
                    for candidate in taken { first = min(first, tandem_pool_insert(&one, &oneCount, capacity, candidate.similarity, candidate.ordinal)) }
                    #expect(tandem_pool_take(&other, &otherCount, capacity, ordinals, similarities, which, visited, 200, next) == first, "level \(level)")
                    #expect(other[..<otherCount] == one[..<oneCount], "level \(level)")

                    (one, other) = (pool, pool)
                    (oneCount, otherCount) = (begin, begin)
                    first = next
                    for candidate in above { first = min(first, tandem_pool_insert(&one, &oneCount, capacity, candidate.similarity, candidate.ordinal)) }
                    #expect(tandem_pool_take_above(&other, &otherCount, capacity, ordinals, similarities, 32, bar, next) == first, "level \(level)")
                    #expect(other[..<otherCount] == one[..<oneCount], "level \(level)")
                }
            }
        }

        @Test("an ordinal that is no node's is told, unless it is not asked for")
        func damage() {
            let ordinals: [UInt32] = [5, 200, 6] + [UInt32](repeating: .max, count: 29)
            let similarities = [Float](repeating: 1, count: 32)
            let visited = [UInt64](repeating: 0, count: 4)
            atEveryLevel { level in
                var pool = [UInt64](repeating: 0, count: 11)
                var count = 0
                #expect(tandem_pool_take(&pool, &count, 10, ordinals, similarities, 0b101, visited, 200, 9) == 0, "level \(level)")
                #expect(count == 2, "level \(level)")
                #expect(tandem_pool_take(&pool, &count, 10, ordinals, similarities, 0b111, visited, 200, 9) == -1, "level \(level)")
                #expect(tandem_pool_take(&pool, &count, 10, ordinals, similarities, 1 << 31, visited, 200, 9) == -1, "level \(level)")
            }
        }

        @Test("not a number does no harm")
        func notANumber() {
            atEveryLevel { level in
                var pool = [UInt64](repeating: 0, count: 6)
                var count = 0
                for similarity in [.nan, 0.5, -Float.nan, 0.25, .nan, 1, -.infinity, .infinity] {
                    #expect(tandem_pool_insert(&pool, &count, 5, similarity, 3) <= 5, "level \(level)")
                }
                #expect(count == 5, "level \(level)")
                #expect(zip(pool[..<4], pool[1..<5]).allSatisfy { $0 >= $1 }, "level \(level)")
            }
        }
    }
}
