/// How two vectors are compared. Higher is closer. On disk: never renumber; 0 is invalid.
public enum VectorMetric: UInt8, Sendable, Hashable, CaseIterable {
    /// Rows and query are divided by their Euclidean norm on the way in; the score is their dot product, in about −1 … 1
    /// (rounding to float32 may exceed 1 by some 1e-7).
    case cosine = 1
    /// The dot product of the vectors as they are.
    case dot = 2
}
