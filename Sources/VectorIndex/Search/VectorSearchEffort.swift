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
}
