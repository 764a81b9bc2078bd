import CKernels

/// The query as the scan needs it: 13-bit codes in the layouts of the kernels, and its share of the error bound.
///
/// Let row v = s·c + r (codes c, ‖r‖ ≤ R, ‖v‖ ≤ N: stored per row) and query q = t·g + e (codes g, this type). Then
///
///     v·q = v·(t·g) + v·e = s·t·(c·g) + r·(t·g) + v·e
///
/// and by Cauchy–Schwarz |v·q − s·t·(c·g)| ≤ R·‖t·g‖ + N·‖e‖. The integer c·g is exact. Rounding, with u = 2⁻⁵³:
///
/// 1. The final score S is a sum of exact products in double, at most ⌈4096 / 32⌉ + 5 = 133 additions deep, so
///    |S − v·q| ≤ 134u · N‖q‖ < 2⁻⁴⁵ · N‖q‖.
/// 2. Estimate, error and bounds take six roundings of terms none of which exceeds (N + R)(‖t·g‖ + ‖e‖), and R ≤ N + R:
///    together below 2⁻⁴⁹ · (N + R)‖t·g‖, and e is smaller still.
/// 3. e is itself measured in double, from products t·g that are rounded: off by at most u‖q‖ plus a relative 5e-13.
///
/// `slack` = ‖e‖(1 + 10⁻⁹) + 2⁻⁴⁰‖q‖ covers every part that multiplies N, more than 16 times over, and
/// `norm` = ‖t·g‖(1 + 2⁻³⁰) every part that multiplies R. Underflow cannot spoil it: the smallest product of two floats,
/// 2⁻²⁹⁸, is a normal double. So lower ≤ S ≤ upper for every row.
///
/// 13 bits make ‖e‖ some 32 times smaller than R's usual size, so the bound is about half as wide as with an 8-bit
/// query, and the scan is bound by memory either way.
/// Source: the one-sided ("asymmetric") idea of Jégou, Douze, Schmid, "Product quantization for nearest neighbor search",
/// 2011; here the query is rounded too, finely enough not to matter, so that integers do the work.
final class QuantizedQuery: Sendable {
    // SAFETY: written in init, freed in deinit, only read between.
    private nonisolated(unsafe) let storage: UnsafeMutableRawPointer
    /// Its pointers live as long as this object.
    nonisolated(unsafe) let kernel: tandem_query_i8

    /// - Parameter query: [dimension] finite components, 1 … 4,096 of them.
    init(_ query: [Float]) {
        let stride = VectorSegmentFormat.codeStride(dimension: query.count)
        storage = .allocate(byteCount: stride * 4, alignment: 64)
        storage.initializeMemory(as: UInt8.self, repeating: 0, count: stride * 4)
        let wide = (storage).bindMemory(to: Int16.self, capacity: stride)
        let high = (storage + stride * 2).bindMemory(to: Int8.self, capacity: stride)
        let low = (storage + stride * 3).bindMemory(to: Int8.self, capacity: stride)

        // A zero query has scale 0 and codes 0.
        let scale = Double(tandem_magnitude_f32(query, query.count)) / Double(TANDEM_QUERY_CODE_MAX)
        var sums = (0.0, 0.0, 0.0)
        withUnsafeMutableBytes(of: &sums) {
            tandem_query_quantize(query, query.count, scale, wide, $0.assumingMemoryBound(to: Double.self).baseAddress!)
        }
        let (norm, codeNorm, error) = sums
        let offset = tandem_query_split(wide, stride, high, low)
        let twoToMinus30 = 0x1p-30
        let twoToMinus40 = 0x1p-40
        kernel = tandem_query_i8(
            wide: wide, high: high, low: low, offset: offset, scale: scale,
            norm: codeNorm.squareRoot() * (1 + twoToMinus30),
            slack: error.squareRoot() * (1 + 1e-9) + norm.squareRoot() * twoToMinus40)
    }

    deinit { storage.deallocate() }
}
