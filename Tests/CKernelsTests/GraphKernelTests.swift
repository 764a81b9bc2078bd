import CKernels
import Testing

/// Method: every kernel of the graph at every level that this machine has, against an obvious oracle; what is not an integer
/// must have the same bits at every level. Nested in the serialised suite of the distances, since the level is one per process.
extension DistanceKernelTests {
    @Suite(.serialized) struct GraphKernelTests {
        static let widths = [64, 128, 192, 384, 768, 1024, 1088, 4096]

        private func atEveryLevel<R>(_ body: (Int) throws -> R) rethrows -> [R] {
            defer { tandem_kernels_set_level(Int32.max) }
            return try DistanceKernelTests.levels.map { level in
                tandem_kernels_set_level(Int32(level))
                return try body(level)
            }
        }

        private func makeQuery(_ width: Int, _ random: inout KernelRandom) -> [Float] {
            (0..<width).map { _ in Float.random(in: -1...1, using: &random) }
        }

        private func tables(_ query: [Float]) -> (bytes: [UInt8], base: Float, step: Float) {
            var bytes = [UInt8](repeating: 77, count: 12 * query.count)
            var base: Float = 0
            var step: Float = 0
            tandem_sign_query_fill(query, query.count, &bytes, &base, &step)
            return (bytes, base, step)
        }

        /// Signs of 32 neighbours, packed as the header says.
        private func pack(_ signs: [[Bool]], _ width: Int) -> [UInt8] {
            var codes = [UInt8](repeating: 0, count: 4 * width)
            for (i, neighbour) in signs.enumerated() {
                for (c, isPositive) in neighbour.enumerated() where isPositive {
                    let group = c / 4
                    codes[32 * (group / 2) + i] |= UInt8(1 << (c % 4 + 4 * (group % 2)))
                }
            }
            return codes
        }

        @Test("the tables give the dot product with signs, within half a step for each group", arguments: widths)
        func tablesAreRight(width: Int) {
            var random = KernelRandom(state: kernelSeed())
            let query = makeQuery(width, &random)
            let signs = (0..<32).map { _ in (0..<width).map { _ in Bool.random(using: &random) } }
            let codes = pack(signs, width)
            let all = atEveryLevel { level -> [UInt32] in
                let (bytes, base, step) = tables(query)
                var sums = [UInt32](repeating: 0, count: 32)
                bytes.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: base, step: step)
                    tandem_neighbour_sums(&sign, codes, &sums)
                }
                for i in 0..<32 {
                    let exact = zip(query, signs[i]).reduce(0.0) { $0 + Double($1.1 ? $1.0 : -$1.0) }
                    let estimate = Double(base) + Double(step) * Double(sums[i])
                    let most = Double(step) * Double(width / 4) * 0.5 + 1e-3
                    #expect(abs(exact - estimate) <= most, "neighbour \(i), level \(level): \(estimate), expected \(exact)")
                }
                return sums + bytes.map(UInt32.init) + [base.bitPattern, step.bitPattern]
            }
            #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
        }

        @Test("tables of 6 bits lose a two-hundredth at most of the variance that the signs leave")
        func tablesAreFine() {
            var random = KernelRandom(state: kernelSeed() &+ 4)
            let width = 384
            // A sum of uniform numbers for a normal one: what a rotation makes of any query.
            let query = (0..<width).map { _ in (0..<12).reduce(Float(-6)) { sum, _ in sum + Float.random(in: 0...1, using: &random) } }
            let length = query.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
            let (bytes, base, step) = tables(query)
            #expect(bytes[..<(8 * width)].max() == UInt8(TANDEM_SIGN_ENTRY_MAX))
            var squares = 0.0
            for _ in 0..<100 {
                let signs = (0..<32).map { _ in (0..<width).map { _ in Bool.random(using: &random) } }
                var sums = [UInt32](repeating: 0, count: 32)
                bytes.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: base, step: step)
                    tandem_neighbour_sums(&sign, pack(signs, width), &sums)
                }
                for i in 0..<32 {
                    let exact = zip(query, signs[i]).reduce(0.0) { $0 + Double($1.1 ? $1.0 : -$1.0) }
                    let error = (exact - Double(base) - Double(step) * Double(sums[i])) / length
                    squares += error * error
                }
            }
            // What signs say of a vector's direction: 1 - 2 / pi of the variance is lost.
            let lost = squares / 3200 / (1 - 2 / Double.pi)
            #expect(lost < 1 / 200.0 && lost > 1 / 4000.0, "1 / \(1 / lost)")
        }

        @Test("a zero query and one of equal components have right tables")
        func degenerateQueries() {
            for query in [[Float](repeating: 0, count: 64), [Float](repeating: -0.25, count: 64), [Float](repeating: 3e38, count: 64)] {
                let all = atEveryLevel { _ -> [UInt8] in
                    let (bytes, base, step) = tables(query)
                    if query[0] == -0.25 {
                        // All signs negative is the largest sum.
                        #expect(base == -16 && bytes[0] == 63 && bytes[15] == 0 && abs(base + step * 63 * 16 - 16) < 1e-4)
                    }
                    return bytes
                }
                #expect(all.allSatisfy { $0 == all[0] })
            }
        }

        @Test("sums do not overflow at the greatest width")
        func sumsAtTheLimit() {
            let width = 4096
            let tables = [UInt8](repeating: UInt8(TANDEM_SIGN_ENTRY_MAX), count: 8 * width)
            let codes = [UInt8](repeating: 0xA5, count: 4 * width)
            let all = atEveryLevel { _ -> [UInt32] in
                var sums = [UInt32](repeating: 0, count: 32)
                tables.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: 0, step: 1)
                    tandem_neighbour_sums(&sign, codes, &sums)
                }
                return sums
            }
            for sums in all { #expect(sums == [UInt32](repeating: 63 * 1024, count: 32)) }
        }

        @Test("estimates and the mask equal the formula, bit for bit at every level", arguments: [64, 384, 1088])
        func neighboursAbove(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 1)
            let query = makeQuery(width, &random)
            let codes = (0..<(4 * width)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let slopes = (0..<32).map { _ in Int16.random(in: -32_767...32_767, using: &random) }
            let offsets = (0..<32).map { _ in Int16.random(in: -32_767...32_767, using: &random) }
            let (slopeUnit, offsetUnit): (Float, Float) = (3e-6, 2.5e-5)
            let all = atEveryLevel { _ -> [UInt32] in
                let (bytes, base, step) = tables(query)
                var sums = [UInt32](repeating: 0, count: 32)
                var estimates = [Float](repeating: 0, count: 32)
                var above: UInt32 = 0
                bytes.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: base, step: step)
                    tandem_neighbour_sums(&sign, codes, &sums)
                    above = tandem_neighbours_above(&sign, codes, slopes, offsets, slopeUnit, offsetUnit, 0.1, &estimates)
                }
                for i in 0..<32 {
                    let part = base * slopeUnit
                    let more = step * slopeUnit * Float(sums[i])
                    let expected = Float(offsets[i]) * offsetUnit + Float(slopes[i]) * (part + more)
                    #expect(abs(estimates[i] - expected) <= 1e-5 * max(1, abs(expected)), "neighbour \(i)")
                    #expect((above >> UInt32(i) & 1 == 1) == (estimates[i] > 0.1))
                }
                return estimates.map(\.bitPattern) + [above]
            }
            #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
            #expect(all[0][32] != 0 && all[0][32] != .max)
        }

        @Test("codes by rows give the estimates of codes by groups, bit for bit at every level", arguments: widths)
        func signsByRows(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 3)
            let query = makeQuery(width, &random)
            let codes = (0..<(4 * width)).map { _ in UInt8.random(in: 0...255, using: &random) }
            let slopes = (0..<32).map { _ in Int16.random(in: -32_767...32_767, using: &random) }
            let noOffsets = [Int16](repeating: 0, count: 32)
            var byRows = [UInt8](repeating: 0, count: 4 * width)
            tandem_signs_arrange(codes, width, &byRows)
            #expect(byRows != codes && codes.map { $0.nonzeroBitCount }.reduce(0, +) == byRows.map { $0.nonzeroBitCount }.reduce(0, +))
            let all = atEveryLevel { level -> [UInt32] in
                let (bytes, base, step) = tables(query)
                var (estimates, expected) = ([Float](repeating: 7, count: 32), [Float](repeating: 8, count: 32))
                var (above, expectedAbove): (UInt32, UInt32) = (0, 0)
                bytes.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: base, step: step)
                    expectedAbove = tandem_neighbours_above(&sign, codes, slopes, noOffsets, 3e-6, 0, 0.1, &expected)
                    above = tandem_signs_above(&sign, byRows, slopes, 3e-6, 0.1, &estimates)
                }
                #expect(estimates == expected && above == expectedAbove, "level \(level)")
                return estimates.map(\.bitPattern) + [above]
            }
            #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
            #expect(all[0][32] != 0 && all[0][32] != .max)
        }

        @Test("rows picked from blocks are those above the bar less the margin, whatever the range, in both layouts and at every level", arguments: widths)
        func picked(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 4)
            let query = makeQuery(width, &random)
            let blockCount = 4
            let blockBytes = (4 * width + 64 + 63) & ~63
            let units: [Float] = [3e-6, 1e-6, 0, 4e-6]
            var blocks = [[UInt8]](repeating: [UInt8](repeating: 0, count: blockCount * blockBytes), count: 2)
            var slopes: [[Int16]] = []
            for block in 0..<blockCount {
                let codes = (0..<(4 * width)).map { _ in UInt8.random(in: 0...255, using: &random) }
                var byRows = [UInt8](repeating: 0, count: 4 * width)
                tandem_signs_arrange(codes, width, &byRows)
                slopes.append((0..<32).map { _ in Int16.random(in: -32_767...32_767, using: &random) })
                let slopeBytes = slopes[block].withUnsafeBytes { Array($0) }
                for (layout, bytes) in [codes, byRows].enumerated() {
                    blocks[layout].replaceSubrange((block * blockBytes)..<(block * blockBytes + 4 * width), with: bytes)
                    blocks[layout].replaceSubrange((block * blockBytes + 4 * width)..<(block * blockBytes + 4 * width + 64), with: slopeBytes)
                }
            }
            let (bar, margin): (Float, Float) = (0.1, 1e4)
            let ranges = [0..<128, 0..<1, 31..<33, 5..<100, 32..<64, 64..<96, 127..<128, 40..<41, 7..<7]
            let all = atEveryLevel { level -> [[UInt32]] in
                let (bytes, base, step) = tables(query)
                return bytes.withUnsafeBufferPointer { tables in
                    var sign = tandem_sign_query(tables: tables.baseAddress, n: width, base: base, step: step)
                    var expected: [UInt32] = []
                    for block in 0..<blockCount {
                        var estimates = [Float](repeating: 0, count: 32)
                        let below = margin * units[block]
                        let above = blocks[0].withUnsafeBufferPointer {
                            tandem_neighbours_above(
                                &sign, $0.baseAddress! + block * blockBytes, slopes[block], [Int16](repeating: 0, count: 32), units[block], 0, bar - below,
                                &estimates)
                        }
                        for row in 0..<32 where above >> UInt32(row) & 1 == 1 { expected.append(UInt32(32 * block + row)) }
                    }
                    #expect(expected.count > 10 && expected.count < 96, "the case is neither empty nor full: \(expected.count)")
                    var found: [[UInt32]] = []
                    for layout in 0..<2 {
                        for range in ranges {
                            var ordinals = [UInt32](repeating: .max, count: range.count + 16)
                            let count = blocks[layout].withUnsafeBufferPointer { bytes in
                                units.withUnsafeBufferPointer { units in
                                    var rows = tandem_sign_blocks(
                                        blocks: bytes.baseAddress, block_bytes: blockBytes, slope_units: units.baseAddress, by_rows: Int32(layout))
                                    return tandem_signs_pick(&sign, &rows, range.lowerBound, range.upperBound, bar, margin, &ordinals)
                                }
                            }
                            #expect(
                                ordinals.prefix(count) == expected.filter { range.contains(Int($0)) }[...], "level \(level), layout \(layout), rows \(range)")
                            found.append(Array(ordinals.prefix(count)))
                        }
                    }
                    return found
                }
            }
            #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
        }

        @Test("a rotation keeps lengths and angles and has the same bits at every level", arguments: widths)
        func rotation(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 2)
            var order: [UInt16] = []
            for _ in 0..<Int(TANDEM_ROTATION_ROUNDS) { order += (0..<UInt16(width)).shuffled(using: &random) }
            let signs = order.map { _ in Bool.random(using: &random) ? Float(1) : -1 }
            // One component alone is the hardest to spread.
            var a = [Float](repeating: 0, count: width)
            a[width / 3] = 2
            let b = makeQuery(width, &random)
            let all = atEveryLevel { _ -> [UInt32] in
                var x = [Float](repeating: 0, count: width)
                var y = x
                tandem_rotate(order, signs, width, a, &x)
                tandem_rotate(order, signs, width, b, &y)
                func dot(_ p: [Float], _ q: [Float]) -> Double { zip(p, q).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                #expect(abs(dot(x, x) - 4) < 1e-4)
                #expect(abs(dot(y, y) / dot(b, b) - 1) < 1e-5)
                #expect(abs(dot(x, y) - dot(a, b)) < 1e-3)
                let largest = x.map { abs($0) }.max()!
                #expect(Double(largest) < 2 * 12 / Double(width).squareRoot(), "a component of \(largest)")
                return x.map(\.bitPattern) + y.map(\.bitPattern)
            }
            #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
        }

        /// A rotated row's 4-bit code, in the whole lines that kernels read, and its slope.
        private func encode4(_ row: [Int8], scale: Float) -> (code: [UInt8], slope: Float) {
            var code = [UInt8](repeating: 0, count: (row.count / 2 + 63) & ~63)
            var slope: Float = 0
            tandem_encode_4bit(row, scale, row.count, &code, &slope)
            return (code, slope)
        }

        /// Component `i` of a code, -15 ... 15.
        private func component(_ code: [UInt8], _ i: Int) -> Int {
            let byte = code[i / 64 * 32 + i % 32]
            return 2 * Int(i % 64 < 32 ? byte & 15 : byte >> 4) - 15
        }

        @Test("a 4-bit code keeps a row's direction, and its slope makes up for the rest", arguments: widths)
        func code4(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 5)
            // The sum of three is nearly Gaussian, as rotated rows are.
            let row = (0..<width).map { _ in Int8((0..<3).reduce(0) { sum, _ in sum + Int.random(in: -42...42, using: &random) }) }
            let (code, slope) = encode4(row, scale: 0.5)
            let deviation = (row.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(width)).squareRoot()
            for (i, x) in row.enumerated() {
                let expected = (Double(x) / (0.335 * deviation) + 8).rounded(.down)
                #expect(abs(component(code, i) - Int(2 * max(0, min(15, expected)) - 15)) <= 2, "component \(i)")
            }
            let cross = row.indices.reduce(0.0) { $0 + Double(row[$1]) * Double(component(code, $1)) }
            let square = row.reduce(0.0) { $0 + Double($1) * Double($1) }
            #expect(abs(Double(slope) * cross / (0.5 * square) - 1) < 1e-5)
            let codeSquare = row.indices.reduce(0.0) { $0 + Double(component(code, $1) * component(code, $1)) }
            // What 16 levels leave of a Gaussian's variance is 1.15 %.
            #expect(cross * cross / (square * codeSquare) > 0.98)
        }

        @Test("a zero row's code says nothing")
        func zeroRow4() {
            #expect(encode4([Int8](repeating: 0, count: 128), scale: 1).slope == 0)
        }

        @Test("estimates of 4-bit codes equal their formula at every level, wherever the codes lie", arguments: widths)
        func estimate4(width: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 6)
            let query = makeQuery(width, &random)
            let lineBytes = (width / 2 + 63) & ~63
            var queryCodes = [Int8](repeating: 77, count: 2 * lineBytes)
            var offset: Int32 = 0
            var scale: Float = 0
            tandem_query_4bit_fill(query, width, &queryCodes, &offset, &scale)
            let rounded = query.map { Int(($0 / scale).rounded()) }
            #expect(abs(Int(offset) - 15 * rounded.reduce(0, +)) <= 15 * 2)
            let stride = lineBytes + 64
            let rows = 40
            var codes = [UInt8](repeating: 0, count: stride * rows)
            for row in 0..<rows {
                // The last row has every nibble at its greatest.
                for byte in 0..<(width / 2) { codes[row * stride + byte] = row == rows - 1 ? 255 : UInt8.random(in: 0...255, using: &random) }
            }
            let slopes = (0..<rows).map { _ in Float.random(in: 0...2, using: &random) }
            let ordinals = (0..<UInt32(rows)).shuffled(using: &random)
            for count in [0, 1, 7, 8, 9, 40] {
                let all = atEveryLevel { _ -> [UInt32] in
                    var estimates = [Float](repeating: 77, count: rows)
                    queryCodes.withUnsafeBufferPointer {
                        var kernel = tandem_query_4bit(codes: $0.baseAddress, bytes: lineBytes, offset: offset, scale: scale)
                        tandem_estimate_4bit_at(&kernel, codes, stride, ordinals, slopes, count, &estimates)
                    }
                    for (i, ordinal) in ordinals.prefix(count).enumerated() {
                        let code = Array(codes[(Int(ordinal) * stride)..<(Int(ordinal) * stride + lineBytes)])
                        let exact = query.indices.reduce(0.0) { $0 + Double(query[$1]) * Double(component(code, $1)) } * Double(slopes[i])
                        // Rounding a component of the query is off by half a step at most.
                        let most = Double(scale) * 0.51 * Double(width) * 15 * Double(slopes[i])
                        #expect(abs(Double(estimates[i]) - exact) <= most * 0.2 + 1e-3, "row \(ordinal), width \(width)")
                    }
                    #expect(estimates.dropFirst(count).allSatisfy { $0 == 77 })
                    return estimates.map(\.bitPattern)
                }
                #expect(all.allSatisfy { $0 == all[0] }, "levels differ")
            }
        }

        @Test("dot products of rows equal an Int64 sum at every level", arguments: [64, 128, 192, 384, 4096])
        func rowDots(stride: Int) {
            var random = KernelRandom(state: kernelSeed() &+ 3)
            for count in [0, 1, 3, 4, 5, 33] {
                var rows = (0..<(stride * max(count, 1))).map { _ in Int8.random(in: -127...127, using: &random) }
                // The extremes, which must not saturate.
                if count > 2 { for i in 0..<stride { rows[i] = i & 1 == 0 ? 127 : -127 } }
                let row = (0..<stride).map { $0 & 1 == 0 ? Int8(127) : -127 }
                let ordinals = (0..<UInt32(count)).reversed().map { $0 }
                let expected = ordinals.map { o in (0..<stride).reduce(Int64(0)) { $0 + Int64(row[$1]) * Int64(rows[Int(o) * stride + $1]) } }
                for dots in atEveryLevel({ _ -> [Int32] in
                    var dots = [Int32](repeating: 77, count: count + 1)
                    tandem_dot_i8_at(row, rows, stride, ordinals, count, &dots)
                    return dots
                }) {
                    #expect(dots.map(Int64.init) == expected + [77], "stride \(stride), \(count) rows")
                }
            }
        }

        @Test("a coded neighbour is estimated without bias, within what 1-bit codes can say")
        func encodedNeighbour() {
            var random = KernelRandom(state: kernelSeed() &+ 4)
            let width = 384
            var total = 0.0
            var worst = 0.0
            for _ in 0..<200 {
                func unit() -> [Float] {
                    let x = (0..<width).map { _ in Float.random(in: -1...1, using: &random) + Float.random(in: -1...1, using: &random) }
                    let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    return x.map { $0 / norm }
                }
                func coded(_ x: [Float]) -> (codes: [Int8], scale: Float) {
                    let scale = x.map { abs($0) }.max()! / 127
                    return (x.map { Int8(($0 / scale).rounded()) }, scale)
                }
                let (node, neighbour, query) = (unit(), unit(), unit())
                let (n, m) = (coded(node), coded(neighbour))
                var codes = [UInt8](repeating: 0, count: 4 * width)
                var slope: Float = 0
                var offset: Float = 0
                tandem_encode_neighbour(n.codes, n.scale, m.codes, m.scale, width, 5, &codes, &slope, &offset)
                let (bytes, base, step) = tables(query)
                var sums = [UInt32](repeating: 0, count: 32)
                bytes.withUnsafeBufferPointer {
                    var sign = tandem_sign_query(tables: $0.baseAddress, n: width, base: base, step: step)
                    tandem_neighbour_sums(&sign, codes, &sums)
                }
                func dot(_ p: [Float], _ q: [Float]) -> Double { zip(p, q).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
                let estimate = Double(offset) * dot(query, node) + Double(slope) * (Double(base) + Double(step) * Double(sums[5]))
                total += estimate - dot(query, neighbour)
                worst = max(worst, abs(estimate - dot(query, neighbour)))
            }
            // The error's deviation is about 0.75 / √384 = 0.038.
            #expect(abs(total / 200) < 0.01, "mean error \(total / 200)")
            #expect(worst < 0.2, "largest error \(worst)")
        }
    }
}
