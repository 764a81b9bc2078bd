import CKernels
import Testing

@Suite("Window kernels")
struct WindowKernelTests {
    @Test("every level selects the same slots and values, and leaves zeros", arguments: [1, 255, 256, 32_768, 65_535] as [UInt16])
    func select(threshold: UInt16) {
        var random = SystemRandomNumberGenerator()
        let count = 16_384
        var sums = (0..<count).map { _ in Int.random(in: 0..<3, using: &random) == 0 ? UInt16.random(in: 0...(.max), using: &random) : 0 }
        sums[0] = threshold
        sums[count - 1] = threshold
        sums[31] = threshold - 1
        let expected = sums.indices.filter { sums[$0] >= threshold }
        for level in 0...2 {
            var copy = sums
            var slots = [UInt16](repeating: 0, count: count)
            var values = slots
            let found = tandem_window_select_level(Int32(level), &copy, count, threshold, &slots, &values)
            #expect(Array(slots[..<found]) == expected.map { UInt16($0) }, "level \(level)")
            #expect(Array(values[..<found]) == expected.map { sums[$0] }, "level \(level)")
            #expect(copy.allSatisfy { $0 == 0 })
        }
    }

    @Test("a row bounds what it stands for, and sums add up")
    func rows() {
        let inverse = (0..<256).map { 1 / (0.25 + 0.75 * Double($0) / 60) }
        var table = [UInt16](repeating: 0, count: Int(TANDEM_BOUND_ROWS * TANDEM_BOUND_ROW))
        for row in 1..<Int(TANDEM_BOUND_ROWS) {
            table.withUnsafeMutableBufferPointer {
                tandem_bound_row(inverse, 1, 255, Double(row), 1.2, 60_000, 60_001, $0.baseAddress! + row * Int(TANDEM_BOUND_ROW))
            }
            for code in 1...255 {
                let exact = 60_000 * (Double(row) * inverse[code]) / (1.2 + Double(row) * inverse[code])
                let bound = Double(table[row * Int(TANDEM_BOUND_ROW) + code])
                #expect(bound >= exact && bound <= exact + 1)
            }
        }
        let documents: [UInt32] = [1000, 1001, 1005, 1063]
        let frequencies: [UInt32] = [1, 15, 16, 1 << 20]
        let codes = [UInt8](repeating: 7, count: 2000)
        var sums = [UInt16](repeating: 0, count: 64)
        var touched = [UInt16](repeating: 0, count: 4)
        tandem_window_add(documents, frequencies, 4, 1000, codes, table, &sums, &touched)
        #expect(touched == [0, 1, 5, 63])
        let last = table[15 * Int(TANDEM_BOUND_ROW) + 7]
        #expect(sums[0] == table[Int(TANDEM_BOUND_ROW) + 7] && sums[1] == last && sums[5] == last && sums[63] == last)
    }
}
