import Foundation

/// How much more has to be asked of a field's graphs and 1-bit codes so that the queries that really come find what they ask for.
///
/// A graph's calibration is made with stored vectors, and queries of another kind than documents, a keyword or a question, miss more than it says. Searches that are run again exactly say how much more: each moves
/// the correction by the misses that it had over those that its target allows, less one, so that it rests where both are alike on average (Robbins and Monro, "A stochastic approximation method", 1951). Never
/// below the calibration.
package struct RecallCorrection: Sendable, Equatable {
    /// Natural logarithm of what the misses that are asked for are divided by.
    private var caution = 0.0
    private var samples = 0

    /// Where the target is missed all the same, as with vectors that codes cannot tell apart, more would only cost more: a thirty-second of the misses is the least that is asked for.
    private static let cautionMax = log(32.0)
    /// One unlucky search says little of the others.
    private static let ratioMax = 20.0
    /// The step in the long run: some hundred searches count, which leaves a standard deviation of about .2 at a target of .99 for ten hits.
    private static let stepMin = 0.01

    package init() {}

    /// - Parameters:
    ///   - missed: of the best hits of one search, the share that a walk did not find.
    ///   - target: the recall it was to have, below 1.
    package mutating func add(missed: Double, target: Double) {
        let ratio = min(Self.ratioMax, missed / max(1e-3, 1 - target))
        samples += 1
        caution = max(0, min(Self.cautionMax, caution + max(Self.stepMin, 1 / Double(10 + samples)) * (ratio - 1)))
    }

    /// The recall to ask of calibrated graphs for a target; no less than that, below 1.
    package func asked(for target: Double) -> Double { 1 - (1 - target) * exp(-caution) }
}
