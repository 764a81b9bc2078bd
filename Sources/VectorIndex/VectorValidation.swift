import SearchCore

/// What a vector must be before it is indexed or searched for.
public enum VectorValidation {
    /// Checks length and components; reads each once.
    ///
    /// A zero vector has no direction, so `cosine` refuses it; under `dot` it is legal and scores 0 with everything.
    /// - Throws: `INVALID_ARGUMENT` naming the index of the offending component.
    public static func check(_ vector: [Float], dimension: Int, metric: VectorMetric) throws {
        try vector.withUnsafeBufferPointer { try check($0, dimension: dimension, metric: metric) }
    }

    public static func check(_ vector: UnsafeBufferPointer<Float>, dimension: Int, metric: VectorMetric) throws {
        guard vector.count == dimension else {
            throw TandemError.invalidArgument("the vector has \(vector.count) components, expected \(dimension)")
        }
        // NaN and infinity have all exponent bits set: one integer comparison for both. Nothing leaves the loop early, so that it runs on whole registers.
        var largest: UInt32 = 0
        for component in vector { largest = max(largest, component.bitPattern & 0x7FFF_FFFF) }
        if largest >= 0x7F80_0000, let i = vector.firstIndex(where: { !$0.isFinite }) {
            let kind = vector[i].isNaN ? "not a number" : "infinite"
            throw TandemError.invalidArgument("the vector's component \(i) (counted from 0) is \(kind)")
        }
        let isZero = largest == 0
        if isZero, metric == .cosine {
            throw TandemError.invalidArgument(
                "all \(dimension) components of the vector, from component 0 on, are zero: it has no direction, as the cosine needs")
        }
    }
}
