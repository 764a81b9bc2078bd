import CKernels

/// L2 normalisation, in double.
enum VectorNormalization {
    /// Divides by the Euclidean norm and rounds each component to float32 once. A zero vector stays.
    static func normalize(_ row: UnsafeMutableBufferPointer<Float>) {
        guard let base = row.baseAddress else { return }
        let norm = tandem_dot_f32(base, base, row.count).squareRoot()
        // The smallest float squared is 2⁻²⁹⁸ and the largest sum 2²⁶⁸: neither end leaves double's range.
        guard norm > 0 else { return }
        for i in 0..<row.count { base[i] = Float(Double(base[i]) / norm) }
    }
}
