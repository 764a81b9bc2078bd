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
        // Neighbours, across the registers that are looked at together.
        for slot in 4_090..<4_130 { sums[slot] = slot % 3 == 0 ? threshold : threshold - 1 }
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
        tandem_window_add(documents, frequencies, 4, 1 << 20, 1000, codes, table, &sums, &touched)
        #expect(touched == [0, 1, 5, 63])
        let last = table[15 * Int(TANDEM_BOUND_ROW) + 7]
        #expect(sums[0] == table[Int(TANDEM_BOUND_ROW) + 7] && sums[1] == last && sums[5] == last && sums[63] == last)
        // Without notes, with frequencies beyond the rows and without: the same sums.
        var again = [UInt16](repeating: 0, count: 64)
        tandem_window_add(documents, frequencies, 4, 1 << 20, 1000, codes, table, &again, nil)
        #expect(again == sums)
        var (noted, low) = ([UInt16](repeating: 0, count: 64), [UInt16](repeating: 0, count: 64))
        tandem_window_add(documents, [1, 15, 2, 3], 4, 15, 1000, codes, table, &noted, &touched)
        tandem_window_add(documents, [1, 15, 2, 3], 4, 15, 1000, codes, table, &low, nil)
        #expect(noted == low && low[5] == table[2 * Int(TANDEM_BOUND_ROW) + 7])
    }

    // Goal: the bound of a group of lists is above what the lists reach together, and close to it where nothing is capped.
    @Test("lists that saturate together are bounded as a whole", arguments: [1.2, 0.3, 40])
    func fold(k1: Double) {
        let (entries, xScale, scale) = (2048, 32 / k1, 50_000.0)
        let inverse = (0..<256).map { 1 / (0.25 + 0.75 * Double($0) / 60) }
        var saturation = [UInt16](repeating: 0, count: entries)
        tandem_saturation(entries, 1 / xScale, k1, scale, 50_001, &saturation)
        #expect(saturation[0] == 0 && saturation[entries - 1] == 50_001)
        #expect(zip(saturation, saturation.dropFirst()).allSatisfy { $0 <= $1 })
        var random = SystemRandomNumberGenerator()
        for round in 0..<200 {
            let weights = (0..<Int.random(in: 1...4, using: &random)).map { _ in [1, 0.75, 2.5].randomElement(using: &random)! }
            var x = [UInt16](repeating: 0, count: 64)
            var touched: [UInt16] = []
            var exact: [Int: Double] = [:]
            for weight in weights {
                let frequency = UInt32.random(in: 1...14, using: &random)
                var table = [UInt16](repeating: 0, count: Int(TANDEM_BOUND_ROWS * TANDEM_BOUND_ROW))
                table.withUnsafeMutableBufferPointer {
                    let row = $0.baseAddress! + Int(frequency) * Int(TANDEM_BOUND_ROW)
                    tandem_x_row(inverse, 1, 255, weight * Double(frequency) * xScale, UInt16(entries - 1), row)
                }
                let documents = (0..<64).filter { _ in Bool.random(using: &random) }.map { UInt32($0) }
                let codes = (0..<64).map { UInt8($0 * 3 + 1) }
                var slots = [UInt16](repeating: 0, count: documents.count)
                tandem_window_add(
                    documents, documents.map { _ in frequency }, documents.count, frequency, 0, codes, table, &x, &slots)
                touched += slots
                for d in documents { exact[Int(d), default: 0] += weight * Double(frequency) * inverse[Int(codes[Int(d)])] }
            }
            var sums = [UInt16](repeating: 7, count: 64)
            var distinct = [UInt16](repeating: 0, count: touched.count)
            let found = tandem_window_fold(&x, touched, touched.count, saturation, entries, &sums, &distinct)
            #expect(Set(distinct[..<found].map(Int.init)) == Set(exact.keys) && found == exact.count)
            #expect(x.allSatisfy { $0 == 0 })
            for slot in 0..<64 {
                guard let value = exact[slot] else {
                    #expect(sums[slot] == 7)
                    continue
                }
                let score = scale * (value / (k1 + value))
                let bound = Double(sums[slot]) - 7
                #expect(bound >= score, "round \(round), slot \(slot)")
                // A unit of x for each list; far out, the last entry stands for all.
                #expect(bound <= score + scale * Double(weights.count) / 32 + 2, "round \(round), slot \(slot)")
            }
        }
    }
}
