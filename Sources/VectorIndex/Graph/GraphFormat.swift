import CKernels
import SearchCore

/// Constants of a graph file; bytes: docs/formats/vector-graph.md. On disk: never renumber a section or move a field.
enum GraphFormat {
    static let kind = SectionFile.Kind("VGRF", version: 1)

    enum Section {
        static let header: UInt32 = 1
        /// [entries] u32: ordinals of the nodes where a search may begin.
        static let entries: UInt32 = 2
        /// [count × node bytes].
        static let nodes: UInt32 = 3
    }

    /// dimension u32, metric u8, quantization u8, two zeros, count u64, vector segment's checksum u32, entries u32, rotation seed u64.
    static let headerBytes = 32
    static let neighbours = Int(TANDEM_NEIGHBOURS)
    /// Nodes where a search may begin: their codes are scanned, and the best one is taken.
    static let entriesMax = 128

    /// A node: one line with what a visit needs of the vector, then what it needs of the neighbours; codes of its neighbours (`binary`) or of
    /// the node itself (`int4`).
    enum Node {
        /// f32 each: the row's scale and bounds, as in the vector segment; then its document, u32.
        static let scale = 0
        static let residual = 4
        static let norm = 8
        static let document = 12
        /// f32 each: what the 16-bit slopes and offsets are multiples of.
        static let slopeUnit = 16
        static let offsetUnit = 20
        /// u32: how many of the 32 places are neighbours; the others hold the node itself.
        static let degree = 24
        static let neighbours = 64
        static let slopes = neighbours + 4 * GraphFormat.neighbours
        /// `binary` only.
        static let offsets = slopes + 2 * GraphFormat.neighbours

        static func codes(_ quantization: GraphQuantization) -> Int {
            switch quantization {
            case .binary: offsets + 2 * GraphFormat.neighbours
            case .int4: offsets
            }
        }

        /// A multiple of 64.
        static func byteCount(dimension: Int, _ quantization: GraphQuantization) -> Int {
            let width = paddedDimension(dimension)
            return codes(quantization) + (quantization == .binary ? 4 * width : (width / 2 + 63) & ~63)
        }
    }

    /// Components that are rotated: the dimension and zeros.
    static func paddedDimension(_ dimension: Int) -> Int {
        (dimension + Int(TANDEM_ROTATION_ALIGNMENT) - 1) & ~(Int(TANDEM_ROTATION_ALIGNMENT) - 1)
    }
}
