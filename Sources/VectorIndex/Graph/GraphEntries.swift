import CKernels
import SearchCore

/// The nodes where a walk may begin, with copies side by side of what the best one is found by: 1-bit codes first, since all of them are asked and one is taken.
///
/// Immutable. The ordinals are the graph's file's: valid while that lives.
final class GraphEntries: Sendable {
    /// Compared by int8 codes: those with the best estimates. One estimate is off by about a twentieth of the query's length, and any good entry will do.
    private static let compared = 4

    nonisolated(unsafe) let ordinals: UnsafeBufferPointer<UInt32>
    private let stride: Int
    // SAFETY: written in init, freed in deinit, only read between.
    nonisolated(unsafe) let codes: UnsafeMutablePointer<Int8>
    private let scales: [Float]
    /// Where the graph has 1-bit codes, and a query the tables for them.
    private let signs: SignCodes?

    /// - Complexity: three microseconds an entry.
    init(_ ordinals: UnsafeBufferPointer<UInt32>, of segment: VectorSegment, rotation: Rotation, _ quantization: GraphQuantization) {
        self.ordinals = ordinals
        stride = segment.codeStride
        codes = .allocate(capacity: max(1, ordinals.count * stride))
        for (index, ordinal) in ordinals.enumerated() {
            (codes + index * stride).update(from: segment.codes.baseAddress! + Int(ordinal) * stride, count: stride)
        }
        scales = ordinals.map { segment.scales[Int($0)] }
        guard quantization == .binary else {
            signs = nil
            return
        }
        // From the int8 codes, which are read here: the vectors themselves may still be on the disk only.
        let (codes, scales, stride) = (codes, scales, stride)
        signs = withUnsafeTemporaryAllocation(of: Float.self, capacity: segment.dimension) { row in
            SignCodes(count: ordinals.count, rotation: rotation, checkpoint: {}) { index in
                for component in row.indices { row[component] = scales[index] * Float(codes[index * stride + component]) }
                return UnsafeBufferPointer(row)
            }
        }
    }

    deinit { codes.deallocate() }

    /// The best one, `hidden` aside if there is another.
    /// - Complexity: O(entries × dimension).
    func best(_ query: GraphQuery, _ kernel: inout tandem_query_i8, scratch: GraphScratch, hidden: [UInt32]) -> (ordinal: UInt32, similarity: Float) {
        guard let signs, case .binary(var tables) = query.kernel, ordinals.count > Self.compared else {
            tandem_scan_i8(&kernel, codes, stride, ordinals.count, scratch.entryDots)
            return best(among: 0..<ordinals.count, at: { $0 }, kernel.scale, scratch.entryDots, hidden)
        }
        let estimates = scratch.entryEstimates
        for block in 0..<((ordinals.count + SignCodes.blockRows - 1) / SignCodes.blockRows) {
            signs.estimate(block: block, &tables, estimates + block * SignCodes.blockRows)
        }
        // The best estimates and their places, the largest first.
        var places = InlineArray<4, UInt32>(repeating: 0)
        var values = InlineArray<4, Float>(repeating: -.infinity)
        for index in 0..<ordinals.count where estimates[index] > values[Self.compared - 1] && !hidden.contains(ordinals[index]) {
            var at = Self.compared - 1
            while at > 0, estimates[index] > values[at - 1] {
                (values[at], places[at]) = (values[at - 1], places[at - 1])
                at -= 1
            }
            (values[at], places[at]) = (estimates[index], UInt32(index))
        }
        var chosen: (UInt32, UInt32, UInt32, UInt32) = (places[0], places[1], places[2], places[3])
        withUnsafeBytes(of: &chosen) {
            tandem_scan_i8_at(&kernel, codes, stride, $0.assumingMemoryBound(to: UInt32.self).baseAddress!, Self.compared, scratch.entryDots)
        }
        return best(among: 0..<Self.compared, at: { Int(places[$0]) }, kernel.scale, scratch.entryDots, hidden)
    }

    private func best(
        among candidates: Range<Int>, at place: (Int) -> Int, _ queryScale: Double, _ dots: UnsafeMutablePointer<Int32>, _ hidden: [UInt32]
    ) -> (ordinal: UInt32, similarity: Float) {
        var best = place(candidates.lowerBound)
        var bestValue = -Float.infinity
        for candidate in candidates {
            let value = Float(dots[candidate]) * scales[place(candidate)]
            if value > bestValue, !hidden.contains(ordinals[place(candidate)]) { (best, bestValue) = (place(candidate), value) }
        }
        return (ordinals[best], bestValue * Float(queryScale))
    }
}
