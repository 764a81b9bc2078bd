/// Upper bounds of what postings are worth, as stored beside them: in one byte, for parameters that are fixed when a segment
/// is written.
///
/// ```
/// impact  = tf / (tf + K(len)),  K(len) = 1.2 · (0.25 + 0.75 · len / avglen of the segment's field)      0 < impact < 1
/// code    = ⌈255 · impact⌉
/// ```
/// A query has parameters of its own, and the average length is live. It multiplies by ``correction(for:k1:b:average:)``, so
/// that no index has to be written anew for another k1 or b.
struct NominalImpact: Sendable {
    private static let k1 = 1.2
    private static let b = 0.75

    private let average: Double

    /// - Parameter statistics: of the segment's field; some document has it.
    init(_ statistics: FieldStatistics) {
        average = Double(statistics.totalLength) / Double(max(statistics.documents, 1))
    }

    /// - Parameter length: above 0.
    @inline(__always) func impact(frequency: UInt32, length: UInt16) -> Double {
        let tf = Double(frequency)
        return tf / (tf + saturation(Double(length)))
    }

    static func code(_ impact: Double) -> UInt8 { UInt8(min((impact * 255).rounded(.up), 255)) }

    @inline(__always) private func saturation(_ length: Double) -> Double { Self.k1 * (1 - Self.b + Self.b * (length / average)) }

    /// By how much a query's saturated frequency `tf / (tf + K')` may exceed the nominal one in texts of `shortest` to `longest`.
    ///
    /// The ratio (tf + K) / (tf + K') is greatest at tf = 1 where K > K', else at most 1; as a quotient of two functions that are
    /// linear in the length it is monotonous in it, so its greatest value lies at one of the ends.
    func correction(shortest: UInt16, longest: UInt16, k1: Double, b: Double, average live: Double) -> Double {
        func ratio(_ length: UInt16) -> Double {
            (1 + saturation(Double(length))) / (1 + k1 * (1 - b + b * (Double(length) / live)))
        }
        return max(1, ratio(shortest), ratio(longest))
    }
}
