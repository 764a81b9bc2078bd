import CKernels
import SearchCore

/// Constants of the vector segment; bytes: docs/formats/vector-segment.md. On disk: never renumber a section.
enum VectorSegmentFormat {
    static let kind = SectionFile.Kind("VECS", version: 1)

    enum Section {
        /// dimension u32, metric u8, three zeros, row count u64.
        static let header: UInt32 = 1
        /// [count] u32, nondecreasing: ordinal → DocID.
        static let documents: UInt32 = 2
        /// [count × code stride] i8.
        static let codes: UInt32 = 3
        /// [count] f32 each.
        static let scales: UInt32 = 4
        static let residuals: UInt32 = 5
        static let norms: UInt32 = 6
        /// [count × row stride] f32.
        static let rows: UInt32 = 7
    }

    static let headerBytes = 16
    /// Rows of a segment; an ordinal is a u32.
    static let rowsMax = Int(UInt32.max)

    /// Bytes from one row of codes to the next: a multiple of 64, the rest zeros.
    static func codeStride(dimension: Int) -> Int {
        (dimension + Int(TANDEM_CODE_ALIGNMENT) - 1) & ~(Int(TANDEM_CODE_ALIGNMENT) - 1)
    }

    /// Floats from one row to the next: a multiple of 16, so that every row starts a cache line; the rest zeros.
    static func rowStride(dimension: Int) -> Int { (dimension + 15) & ~15 }
}
