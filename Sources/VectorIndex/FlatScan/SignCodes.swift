import CKernels
import SearchCore

/// 1-bit codes of a segment's vectors, in blocks of 32: what a scan that need not be exact reads instead of their int8 codes, a seventh of the bytes.
///
/// A vector is its rotated components' signs and a slope; the query's dot product with the signs, times the slope, estimates the similarity without bias. What the
/// rotation leaves to chance is nearly normal, so a margin of some standard deviations below the bar passes nearly all of the
/// vectors above it; those that pass are compared by their int8 codes, as in the exact scan. Derived from the segment within microseconds a vector, so it is
/// kept in memory only.
/// Source: Gao, Long, "RaBitQ", SIGMOD 2024, with the origin as the centre; the batched code scan is that of the graph's nodes.
public final class SignCodes: Sendable {
    /// Vectors of a block: those of a graph's node.
    static let blockRows = GraphFormat.neighbours
    /// Fewer vectors are scanned by int8 codes in two or three microseconds, exactly. While 2,000 a second come, 1,800 of them stood in segments below 1,024: as much of a search
    /// as all others that had no graph.
    private static let vectorsMin = 128
    /// So many are worth a graph, which is then overdue; and their codes would take seconds.
    private static let vectorsMax = 1 << 17
    /// Of fewer components no rotation makes noise: vectors of one direction have all the same error, and a query finds all of them or none. Of 5,000 around one centre and the default target .86 were found with two components, .96 with
    /// three and with eight, .98 to .998 with 16 and all with 32; and a row of int8 codes is one cache line.
    private static let dimensionMin = 32
    static let rotationSeed: UInt64 = 1

    /// Whether codes of its vectors are worth their memory, and say enough.
    public static func areWorthwhile(for segment: VectorSegment) -> Bool {
        segment.dimension >= dimensionMin && segment.canBeCoded && vectorsMin...vectorsMax ~= segment.count
    }

    let rotation: Rotation
    /// The blocks' layout, which the kernel of the level at that time reads fastest.
    private let isByRows: Bool
    private let blockBytes: Int
    private let slopesOffset: Int
    // SAFETY: written in init, freed in deinit, only read between.
    private nonisolated(unsafe) let blocks: UnsafeMutableRawPointer
    /// By block.
    private nonisolated(unsafe) let slopeUnits: UnsafeMutablePointer<Float>
    /// The estimates are slopes alone: nothing is known of a block's centre.
    private nonisolated(unsafe) let noOffsets: UnsafeMutablePointer<Int16>

    /// - Throws: as `checkpoint`, asked every 64 vectors, a sixth of a millisecond.
    /// - Complexity: O(count × dimension log dimension); two to three microseconds per vector of 384 components.
    public convenience init(over segment: VectorSegment, checkpoint: () throws -> Void = {}) throws {
        let rotation = Rotation(dimension: segment.dimension, seed: Self.rotationSeed)
        try self.init(count: segment.count, rotation: rotation, checkpoint: checkpoint) { segment.vector(at: $0) }
    }

    /// - Parameter vector: a vector by its ordinal, [dimension]; read before the next one is asked for.
    init(count: Int, rotation: Rotation, checkpoint: () throws -> Void = {}, vector: (Int) -> UnsafeBufferPointer<Float>) rethrows {
        self.rotation = rotation
        let width = rotation.width
        isByRows = tandem_signs_go_by_rows() != 0
        slopesOffset = 4 * width
        // Codes, slopes, and up to a cache line's end.
        blockBytes = (slopesOffset + 2 * Self.blockRows + 63) & ~63
        let blockCount = (count + Self.blockRows - 1) / Self.blockRows
        blocks = .allocate(byteCount: max(1, blockCount * blockBytes), alignment: 64)
        blocks.initializeMemory(as: UInt8.self, repeating: 0, count: blockCount * blockBytes)
        slopeUnits = .allocate(capacity: max(1, blockCount))
        noOffsets = .allocate(capacity: Self.blockRows)
        noOffsets.initialize(repeating: 0, count: Self.blockRows)

        try withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { rotated in
            try withUnsafeTemporaryAllocation(of: Int8.self, capacity: 2 * width) { rows in
                let row = rows.baseAddress!
                // What the codes are relative to.
                let origin = row + width
                origin.initialize(repeating: 0, count: width)
                var slopes = [Float](repeating: 0, count: Self.blockRows)
                var arranged = [UInt8](repeating: 0, count: isByRows ? slopesOffset : 0)
                for block in 0..<blockCount {
                    if block & 1 == 0 { try checkpoint() }
                    let place = blocks + block * blockBytes
                    for slot in 0..<Self.blockRows {
                        slopes[slot] = 0
                        let ordinal = block * Self.blockRows + slot
                        guard ordinal < count else { continue }
                        rotation.rotate(vector(ordinal), into: rotated.baseAddress!)
                        let scale = RowQuantizer.quantize(rotated: rotated.baseAddress!, width, into: row)
                        var offset: Float = 0
                        tandem_encode_neighbour(origin, 0, row, scale, width, slot, place.assumingMemoryBound(to: UInt8.self), &slopes[slot], &offset)
                    }
                    if isByRows {
                        tandem_signs_arrange(place.assumingMemoryBound(to: UInt8.self), width, &arranged)
                        place.copyMemory(from: arranged, byteCount: slopesOffset)
                    }
                    slopeUnits[block] = SharedUnit.quantize(slopes, to: place + slopesOffset)
                }
            }
        }
    }

    deinit {
        blocks.deallocate()
        slopeUnits.deallocate()
        noOffsets.deallocate()
    }

    /// Estimates of a block's rows.
    /// - Parameters:
    ///   - query: rotated by ``rotation``.
    ///   - estimates: [32]; written.
    @inline(__always)
    func estimate(block: Int, _ query: inout tandem_sign_query, _ estimates: UnsafeMutablePointer<Float>) {
        let place = blocks + block * blockBytes
        let (codes, slopes) = (place.assumingMemoryBound(to: UInt8.self), (place + slopesOffset).assumingMemoryBound(to: Int16.self))
        _ =
            isByRows
            ? tandem_signs_above(&query, codes, slopes, slopeUnits[block], .infinity, estimates)
            : tandem_neighbours_above(&query, codes, slopes, noOffsets, slopeUnits[block], 0, .infinity, estimates)
    }

    /// The rows of a range that may be above the bar, ascending.
    /// - Parameters:
    ///   - query: rotated by ``rotation``.
    ///   - queryNorm: its length.
    ///   - deviations: how far below the bar a vector's estimate may be, in standard deviations of its error (``VectorSearchEffort/estimateMargin``).
    ///   - ordinals: room for sixteen more than the range has; written.
    /// - Returns: how many.
    func pick(
        _ range: Range<Int>, bar: Float, _ query: inout tandem_sign_query, queryNorm: Float, deviations: Float, into ordinals: UnsafeMutablePointer<UInt32>
    ) -> Int {
        // The signs of n components have length √n; a slope times that, and by √(2/π) less, is a vector's length. So the error's standard deviation
        // √(1 − 2/π) / √(2/π) · length / √n is the slope times .60, of the query's length.
        let margin = deviations * 0.603 * 32_767 * queryNorm
        var rows = tandem_sign_blocks(
            blocks: blocks.assumingMemoryBound(to: UInt8.self), block_bytes: blockBytes, slope_units: slopeUnits, by_rows: isByRows ? 1 : 0)
        return tandem_signs_pick(&query, &rows, range.lowerBound, range.upperBound, bar, margin, ordinals)
    }
}
