import CKernels
import SearchCore

extension VectorSegment {
    /// Deep check, row by row: components finite, cosine rows of length 1, padding zero, and above all that each stored
    /// bound is one: ‖row − scale · code‖ ≤ residual and ‖row‖ ≤ norm. For `tandem check`.
    /// - Throws: `DATA_LOSS` naming the first row that fails.
    /// - Complexity: O(count × dimension).
    public func validate() throws {
        // What is mapped may have changed since it was opened.
        _ = try SectionFile(file.file, kind: VectorSegmentFormat.kind)
        for ordinal in 0..<count {
            func fail(_ what: String) -> TandemError { .damaged(name, "vector \(ordinal) of document \(documents[ordinal]): \(what)") }
            let row = rows.baseAddress! + ordinal * rowStride
            let code = codes.baseAddress! + ordinal * codeStride
            for i in 0..<rowStride {
                guard row[i].isFinite else { throw fail("component \(i) is not finite") }
                guard i < dimension || row[i] == 0 else { throw fail("padding after the components is not zero") }
            }
            for i in 0..<codeStride {
                guard code[i] >= -Int8(TANDEM_ROW_CODE_MAX) else { throw fail("code \(i) is -128") }
                guard i < dimension || code[i] == 0 else { throw fail("padding after the codes is not zero") }
            }
            let norm = tandem_dot_f32(row, row, dimension).squareRoot()
            if metric == .cosine, abs(norm - 1) > 1e-5 { throw fail("norm \(norm) of a normalised row") }
            guard scales[ordinal].isFinite, scales[ordinal] >= 0 else { throw fail("scale \(scales[ordinal])") }
            guard norm <= Double(norms[ordinal]) else { throw fail("norm \(norm) exceeds its stored bound \(norms[ordinal])") }
            let residual = tandem_residual_i8(row, code, scales[ordinal], dimension).squareRoot()
            guard residual <= Double(residuals[ordinal]) else {
                throw fail("quantisation error \(residual) exceeds its stored bound \(residuals[ordinal])")
            }
        }
    }
}
