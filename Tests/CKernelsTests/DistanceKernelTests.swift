import CKernels
import Testing

/// SplitMix64, seeded from TANDEM_TEST_SEED or a fixed number; the seed is printed by the test that uses it.
struct KernelRandom: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func kernelSeed() -> UInt64 {
    getenvUInt("TANDEM_TEST_SEED") ?? 20_261_120
}

/// Method: every kernel at every level that this machine has, against an obvious oracle, over dimensions around every
/// border of a register and a block. Serialised, because the level is one per process.
@Suite(.serialized) struct DistanceKernelTests {
    static let dimensions = Array(1...130) + [384, 768, 1023, 4096]
    static let levels = Array(Int(TANDEM_LEVEL_BASELINE)...Int(tandem_kernels_supported_level()))

    private func atEveryLevel(_ body: (Int) throws -> Void) rethrows {
        for level in Self.levels {
            #expect(Int(tandem_kernels_set_level(Int32(level))) == level)
            #expect(Int(tandem_kernels_level()) == level)
            try body(level)
        }
        tandem_kernels_set_level(Int32.max)
    }

    @Test("the best supported level is used unless a test set another")
    func levelSelection() {
        #expect(tandem_kernels_set_level(Int32.max) == tandem_kernels_supported_level())
        #expect(tandem_kernels_set_level(-5) == Int32(TANDEM_LEVEL_BASELINE))
        tandem_kernels_set_level(Int32.max)
    }

    /// A query in all layouts, in memory that it frees.
    final class Query {
        let stride: Int
        let wide: UnsafeMutablePointer<Int16>
        let high, low: UnsafeMutablePointer<Int8>
        var kernel: tandem_query_i8

        init(_ codes: [Int16], scale: Double = 1, norm: Double = 1, slack: Double = 0) {
            stride = (codes.count + 63) / 64 * 64
            wide = .allocate(capacity: stride)
            high = .allocate(capacity: stride)
            low = .allocate(capacity: stride)
            wide.initialize(repeating: 0, count: stride)
            for (i, code) in codes.enumerated() { wide[i] = code }
            let offset = tandem_query_split(wide, stride, high, low)
            kernel = tandem_query_i8(wide: wide, high: high, low: low, offset: offset, scale: scale, norm: norm, slack: slack)
        }

        deinit {
            wide.deallocate()
            high.deallocate()
            low.deallocate()
        }
    }

    private func checkScan(query codes: [Int16], rows: [[Int8]], level: Int, _ what: String) {
        let query = Query(codes)
        var packed = [Int8](repeating: 0, count: rows.count * query.stride)
        for (r, row) in rows.enumerated() { for (i, code) in row.enumerated() { packed[r * query.stride + i] = code } }
        let expected = rows.map { row in zip(row, codes).reduce(Int64(0)) { $0 + Int64($1.0) * Int64($1.1) } }
        // One more than the rows: it must stay untouched.
        var dots = [Int32](repeating: 77, count: rows.count + 1)
        tandem_scan_i8(&query.kernel, packed, query.stride, rows.count, &dots)
        #expect(dots.map(Int64.init) == expected + [77], "\(what), dimension \(codes.count), level \(level)")
        let ordinals = rows.indices.reversed().map(UInt32.init)
        var picked = [Int32](repeating: 77, count: rows.count + 1)
        tandem_scan_i8_at(&query.kernel, packed, query.stride, ordinals, rows.count, &picked)
        #expect(picked.map(Int64.init) == expected.reversed() + [77], "\(what), picked, dimension \(codes.count), level \(level)")
    }

    @Test("int8 scan equals an Int64 dot product on random codes, for every dimension and row count up to nine")
    func scanRandom() {
        let seed = kernelSeed()
        print("DistanceKernelTests.scanRandom seed \(seed)")
        var random = KernelRandom(state: seed)
        for dimension in Self.dimensions {
            let codes = (0..<dimension).map { _ in Int16.random(in: -4095...4095, using: &random) }
            for count in dimension < 40 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [7, 4] {
                let rows = (0..<count).map { _ in (0..<dimension).map { _ in Int8.random(in: -127...127, using: &random) } }
                atEveryLevel { checkScan(query: codes, rows: rows, level: $0, "random") }
            }
        }
    }

    @Test("int8 scan does not saturate or overflow at the extremes", arguments: [1, 31, 32, 33, 63, 64, 65, 384, 1023, 4096])
    func scanExtremes(dimension: Int) {
        func row(_ f: (Int) -> Int) -> [Int8] { (0..<dimension).map { Int8(f($0)) } }
        // -128 is never written, but a damaged file may hold it.
        let rows = [
            row { _ in 127 }, row { _ in -127 }, row { $0 & 1 == 0 ? 127 : -127 }, row { $0 & 2 == 0 ? 127 : -127 },
            row { _ in -128 }, row { $0 & 1 == 0 ? -128 : 127 }, row { _ in 0 },
        ]
        let queries: [[Int16]] = [
            (0..<dimension).map { _ in 4095 }, (0..<dimension).map { _ in -4095 },
            (0..<dimension).map { $0 & 1 == 0 ? 4095 : -4095 }, (0..<dimension).map { $0 & 2 == 0 ? 4095 : -4095 },
            (0..<dimension).map { _ in 32 }, (0..<dimension).map { _ in -33 }, (0..<dimension).map { _ in 0 },
        ]
        atEveryLevel { level in
            for query in queries { checkScan(query: query, rows: rows, level: level, "extremes") }
        }
    }

    @Test("splitting a query's code gives planes in range that add up")
    func split() {
        let codes = (-4095...4095).map(Int16.init)
        var high = [Int8](repeating: 0, count: codes.count)
        var low = high
        let offset = tandem_query_split(codes, codes.count, &high, &low)
        #expect(offset == 0)
        for i in codes.indices {
            #expect(Int(high[i]) * 64 + Int(low[i]) == Int(codes[i]))
            #expect(abs(Int(high[i])) <= 64 && abs(Int(low[i])) <= 32)
        }
    }

    /// The definition of the final score, written out: lanes, then the tree.
    private func laneDot(_ a: [Float], _ b: [Float]) -> Double {
        var lanes = [Double](repeating: 0, count: 32)
        for i in a.indices { lanes[i % 32] += Double(a[i]) * Double(b[i]) }
        var half = 16
        while half > 0 {
            for j in 0..<half { lanes[j] += lanes[j + half] }
            half /= 2
        }
        return lanes[0]
    }

    @Test("the final score has the bits of 32 lanes and a tree, at every level, and is near the sequential sum")
    func dotBits() {
        let seed = kernelSeed()
        print("DistanceKernelTests.dotBits seed \(seed)")
        var random = KernelRandom(state: seed)
        for dimension in Self.dimensions {
            for scale: Float in [1, 1e-38, 1e38] {
                let a = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) * scale }
                let b = (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) * scale }
                let expected = laneDot(a, b)
                let sequential = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let magnitude = zip(a, b).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
                #expect(abs(expected - sequential) <= magnitude * 1e-12)
                atEveryLevel { level in
                    let found = tandem_dot_f32(a, b, dimension)
                    #expect(found.bitPattern == expected.bitPattern, "dimension \(dimension), level \(level), seed \(seed)")
                }
            }
        }
    }

    @Test("many rows at once score like one at a time")
    func dotEach() {
        var random = KernelRandom(state: kernelSeed())
        for dimension in [1, 15, 33, 384] {
            let rows = (0..<40).map { _ in (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) } }
            let query = rows[3]
            let flat = rows.flatMap { $0 }
            atEveryLevel { level in
                flat.withUnsafeBufferPointer { flat in
                    let pointers: [UnsafePointer<Float>?] = rows.indices.map { flat.baseAddress! + $0 * dimension }
                    var scores = [Double](repeating: 0, count: rows.count)
                    tandem_dot_f32_each(query, dimension, pointers, rows.count, &scores)
                    #expect(scores.map(\.bitPattern) == rows.map { laneDot(query, $0).bitPattern })
                }
            }
        }
    }

    @Test("signs and zeros survive the lanes", arguments: [1, 7, 8, 31, 32, 33])
    func dotEdges(dimension: Int) {
        let ones = [Float](repeating: 1, count: dimension)
        let negativeZeros = [Float](repeating: -0.0, count: dimension)
        let alternating = (0..<dimension).map { Float($0 & 1 == 0 ? 3.4e38 : -3.4e38) }
        atEveryLevel { _ in
            #expect(tandem_dot_f32(ones, ones, 0) == 0)
            #expect(tandem_dot_f32(ones, negativeZeros, dimension).bitPattern == 0)
            #expect(tandem_dot_f32(ones, ones, dimension) == Double(dimension))
            #expect(tandem_dot_f32(alternating, alternating, dimension).isFinite)
        }
    }

    @Test("selected rows are those whose upper bound is not below the threshold, with the same bits at every level")
    func select() {
        let seed = kernelSeed()
        print("DistanceKernelTests.select seed \(seed)")
        var random = KernelRandom(state: seed)
        for count in Array(0...33) + [512] {
            let dots = (0..<count).map { _ in Int32.random(in: -2_000_000...2_000_000, using: &random) }
            var scales = (0..<count).map { _ in Float.random(in: 0...0.01, using: &random) }
            let residuals = (0..<count).map { _ in Float.random(in: 0...0.1, using: &random) }
            var norms = (0..<count).map { _ in Float.random(in: 0...2, using: &random) }
            // As in a damaged file: not comparable, so selected.
            if count > 5 {
                scales[2] = .nan
                norms[4] = .infinity
            }
            let query = Query([1], scale: 0.001, norm: 1.01, slack: 0.003)
            for threshold in [-Double.infinity, -1, 0, 0.5, 3, .infinity] {
                var expected: [(UInt32, UInt64, UInt64)] = []
                for i in 0..<count {
                    let estimate = Double(dots[i]) * 0.001 * Double(scales[i])
                    let error = Double(residuals[i]) * 1.01 + Double(norms[i]) * 0.003
                    if !(estimate + error < threshold) {
                        expected.append((UInt32(i), (estimate - error).bitPattern, (estimate + error).bitPattern))
                    }
                }
                atEveryLevel { level in
                    var index = [UInt32](repeating: 0, count: count + 8)
                    var lower = [Double](repeating: 0, count: count + 8)
                    var upper = lower
                    let found = tandem_select_i8(
                        &query.kernel, dots, scales, residuals, norms, count, threshold, &index, &lower, &upper)
                    #expect(Array(index[..<found]) == expected.map(\.0), "level \(level), count \(count), threshold \(threshold)")
                    let numbers = (0..<found).filter { !lower[$0].isNaN }
                    #expect(numbers.allSatisfy { lower[$0].bitPattern == expected[$0].1 && upper[$0].bitPattern == expected[$0].2 })
                }
            }
        }
    }

    @Test("quantising rounds to nearest even and clamps; the residual is that of the codes", arguments: [1, 16, 63, 130])
    func quantize(dimension: Int) {
        var random = KernelRandom(state: kernelSeed())
        var values = (0..<dimension).map { _ in Float.random(in: -300...300, using: &random) }
        if dimension > 8 { values.replaceSubrange(0..<8, with: [0.5, 1.5, -0.5, -2.5, 127.49, 1e30, -1e30, 0]) }
        var codes = [Int8](repeating: 0, count: dimension)
        tandem_quantize_i8(values, dimension, 1, &codes)
        for i in 0..<dimension {
            #expect(Float(codes[i]) == min(127, max(-127, values[i].rounded(.toNearestOrEven))), "\(values[i])")
        }
        let residual = tandem_residual_i8(values, codes, 1, dimension)
        let expected = zip(values, codes).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
        #expect(abs(residual - expected) <= expected * 1e-12)
        #expect(tandem_magnitude_f32(values, dimension) == values.map(abs).max())
        #expect(tandem_magnitude_f32(values, 0) == 0)
    }
}
