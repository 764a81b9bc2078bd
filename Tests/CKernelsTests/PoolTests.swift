import CKernels
import Testing

@Suite struct PoolTests {
    @Test("the rank among sorted numbers is the number of larger ones", arguments: 0...130)
    func rank(count: Int) {
        var random = KernelRandom(state: kernelSeed() &+ UInt64(count))
        // Few values, so that some are equal; and the ends of what there is.
        let numbers = (0..<count).map { _ in UInt64.random(in: 0...20, using: &random) * (.max / 20) }.sorted(by: >)
        for number in numbers + [0, 1, .max / 2, .max - 1, .max] {
            #expect(tandem_rank_among(numbers, count, number) == numbers.count { $0 > number })
        }
    }
}
