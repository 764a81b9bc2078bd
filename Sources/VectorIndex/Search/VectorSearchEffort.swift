import Glibc

/// How hard a search looks.
public enum VectorSearchEffort: Sendable, Hashable {
    /// Every accepted vector is compared.
    case exact
    /// Segments with a graph are searched in it, keeping so many candidates, at least k.
    case breadth(Int)
    /// Segments with a graph are searched in it, with the breadth that its calibration gives for this recall, 0 … 1.
    case recall(Double)

    /// The knob from 0 to 1, which means the same for every graph: of the best hits a fifth may be missing at 0, two in a
    /// hundred at ½, two in a thousand at 1.
    public static func knob(_ effort: Double) -> VectorSearchEffort { .recall(1 - 0.2 * pow(0.01, max(0, min(1, effort)))) }

    /// How far below the bar an estimate by 1-bit codes may be for its vector to be compared, in standard deviations of its error: so that of vectors exactly at the bar half as many are
    /// missed as the recall allows. Hits are above it: of 2,605 among 33,000 embeddings .9992 were kept at .98, all at .99. But where vectors are nearly alike they err together, and that share is what a search has to expect.
    /// - Returns: 0 … 4.9, rising with the recall.
    var estimateMargin: Float {
        guard case .recall(let recall) = self else { return 2.5 }
        return Float(Self.normalQuantile(above: 0.5 * min(1, max(1e-6, 1 - recall))))
    }

    /// What a standard normal variable exceeds with a probability of 0 < p ≤ ½, to within 5e-4. Abramowitz, Stegun, "Handbook of mathematical functions", 1964, 26.2.23.
    private static func normalQuantile(above p: Double) -> Double {
        let t = (-2 * log(p)).squareRoot()
        let numerator = 2.515517 + t * (0.802853 + t * 0.010328)
        let denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
        return max(0, t - numerator / denominator)
    }
}
