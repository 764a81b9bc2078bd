import CKernels

/// A random rotation, the same for every vector of a graph: it spreads a vector's length evenly over its components, so
/// that their signs alone say much about it, whatever the data.
final class Rotation: Sendable {
    let dimension: Int
    /// Components after padding.
    let width: Int
    private let order: [UInt16]
    private let signs: [Float]

    /// - Parameter seed: equal seeds give equal rotations.
    init(dimension: Int, seed: UInt64) {
        self.dimension = dimension
        width = GraphFormat.paddedDimension(dimension)
        var random = SplitMix64(state: seed)
        var order: [UInt16] = []
        for _ in 0..<Int(TANDEM_ROTATION_ROUNDS) {
            var round = (0..<UInt16(width)).map { $0 }
            for index in stride(from: width - 1, to: 0, by: -1) { round.swapAt(index, random.next(below: index + 1)) }
            order += round
        }
        self.order = order
        signs = order.map { _ in random.next() & 1 == 0 ? 1 : -1 }
    }

    /// - Parameters:
    ///   - row: [dimension].
    ///   - out: [width]; written.
    /// - Complexity: O(width log width).
    func rotate(_ row: UnsafeBufferPointer<Float>, into out: UnsafeMutablePointer<Float>) {
        if dimension == width { return tandem_rotate(order, signs, width, row.baseAddress!, out) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { padded in
            padded.baseAddress!.update(from: row.baseAddress!, count: dimension)
            (padded.baseAddress! + dimension).update(repeating: 0, count: width - dimension)
            tandem_rotate(order, signs, width, padded.baseAddress!, out)
        }
    }
}

/// Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// In 0 ..< bound. The bias of the multiplication is below bound / 2⁶⁴.
    mutating func next(below bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(bound)).high) }
}
