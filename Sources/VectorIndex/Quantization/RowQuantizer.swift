import CKernels

/// Scalar quantisation of a row: `row = scale · code + residual`, with codes in −127 … 127 and one scale per row.
///
/// One scale per row (not per dimension or per segment) keeps rows independent of each other, so that a merge copies
/// codes instead of computing them again, and an outlier spoils only itself. What the search needs of the residual is an
/// upper bound of its norm, which is measured here, not assumed.
struct QuantizedRow {
    /// Largest magnitude / 127; 0 for a row whose codes are all zero.
    let scale: Float
    /// ≥ ‖row − scale · code‖₂, rounded up.
    let residual: Float
    /// ≥ ‖row‖₂, rounded up; infinite where that exceeds float32.
    let norm: Float
}

enum RowQuantizer {
    /// Below this largest magnitude, 127 / magnitude could overflow and the scale lose its precision; such a row gets
    /// codes of zero and its own norm as the residual: correct, only never ruled out by the scan unless by its norm.
    static let magnitudeMin: Float = 1e-30

    /// Relative slack of a norm computed in double: sums of 4,096 squares, two roundings per term and a square root are
    /// off by less than 4,100 · 2⁻⁵³ ≈ 5e-13.
    static let slack = 1 + 1e-9

    /// - Parameters:
    ///   - row: [dimension] finite components.
    ///   - codes: room for `row.count`; written.
    static func quantize(_ row: UnsafeBufferPointer<Float>, into codes: UnsafeMutablePointer<Int8>) -> QuantizedRow {
        guard let base = row.baseAddress else { return QuantizedRow(scale: 0, residual: 0, norm: 0) }
        let norm = roundedUp(tandem_dot_f32(base, base, row.count).squareRoot() * slack)
        let magnitude = tandem_magnitude_f32(base, row.count)
        guard magnitude >= magnitudeMin else {
            codes.update(repeating: 0, count: row.count)
            return QuantizedRow(scale: 0, residual: norm, norm: norm)
        }
        let scale = magnitude / Float(TANDEM_ROW_CODE_MAX)
        tandem_quantize_i8(base, row.count, Float(TANDEM_ROW_CODE_MAX) / magnitude, codes)
        let residual = tandem_residual_i8(base, codes, scale, row.count).squareRoot()
        return QuantizedRow(scale: scale, residual: roundedUp(residual * slack), norm: norm)
    }

    /// Codes of a row of which directions and lengths are estimated only, so that no bounds are needed; zeros where its magnitude is beyond what float32 divides.
    /// - Returns: the scale.
    static func quantize(rotated row: UnsafePointer<Float>, _ width: Int, into codes: UnsafeMutablePointer<Int8>) -> Float {
        let magnitude = tandem_magnitude_f32(row, width)
        let isUsable = magnitude >= magnitudeMin && magnitude.isFinite
        tandem_quantize_i8(row, width, isUsable ? Float(TANDEM_ROW_CODE_MAX) / magnitude : 0, codes)
        return isUsable ? magnitude / Float(TANDEM_ROW_CODE_MAX) : 0
    }

    /// The least float32 that is not below `x` ≥ 0.
    static func roundedUp(_ x: Double) -> Float {
        let near = Float(x)
        return Double(near) < x ? near.nextUp : near
    }
}
