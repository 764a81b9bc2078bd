import SearchCore

/// Merging of vector segments: copies rows, codes and bounds of live documents, in document order. Nothing is computed
/// again, so scores and bounds stay the same bits.
public enum VectorMerge {
    /// Vectors copied between two looks at the deadline: a tenth of a millisecond, of 384 components.
    private static let rowsPerCheckpoint = 256

    /// - Parameters:
    ///   - segments: of one dimension and metric, at least one. Their document ranges may interleave; vectors of one
    ///     document that lie in several segments follow each other in the order of the segments.
    ///   - live: documents whose vectors are kept.
    /// - Returns: bytes of a segment, which may have no vector, and where the inputs' vectors went.
    /// - Throws: `FAILED_PRECONDITION` for segments that do not fit together, and as ``SearchCore/QueryControl/checkpoint()``.
    /// - Complexity: O(bytes of the result + vectors of the inputs).
    public static func merge(_ segments: [VectorSegment], live: DocBitSet, control: QueryControl) throws -> VectorMergeResult {
        guard let first = segments.first else {
            throw TandemError(.failedPrecondition, "a merge of no vector segments has no dimension")
        }
        for segment in segments where segment.dimension != first.dimension || segment.metric != first.metric {
            throw TandemError(
                .failedPrecondition,
                "\(segment.name): dimension \(segment.dimension), metric \(segment.metric); "
                    + "\(first.name) has dimension \(first.dimension), metric \(first.metric)")
        }
        let runs = try liveRuns(of: segments, live: live, control: control)
        let count = runs.reduce(0) { $0 + $1.ordinals.count }
        guard count <= VectorSegmentFormat.rowsMax else {
            throw TandemError(.failedPrecondition, "\(count) vectors exceed a segment's \(VectorSegmentFormat.rowsMax)")
        }
        let bytesPerRow = first.codeStride + first.rowStride * 4 + 16
        var writer = SectionFileWriter(kind: VectorSegmentFormat.kind, capacity: count * bytesPerRow + 1024)
        typealias Section = VectorSegmentFormat.Section
        let header = VectorSegmentHeader(dimension: first.dimension, metric: first.metric, count: count)
        writer.append(section: Section.header, header.encoded)

        func copy<T: BitwiseCopyable>(
            _ id: UInt32, perRow: Int = 1, _ array: (VectorSegment) -> UnsafeBufferPointer<T>
        ) throws {
            let width = perRow * MemoryLayout<T>.stride
            try writer.append(section: id) { append in
                for run in runs {
                    try control.checkpoint()
                    let from = run.ordinals.lowerBound * width
                    append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(array(segments[run.segment]))[from..<(from + run.ordinals.count * width)]))
                }
            }
        }
        try copy(Section.documents) { $0.documents }
        try copy(Section.codes, perRow: first.codeStride) { $0.codes }
        try copy(Section.scales) { $0.scales }
        try copy(Section.residuals) { $0.residuals }
        try copy(Section.norms) { $0.norms }
        try copy(Section.rows, perRow: first.rowStride) { $0.rows }
        return VectorMergeResult(bytes: writer.finish(), counts: segments.map(\.count), runs: runs)
    }

    struct Run: Sendable {
        let segment: Int
        var ordinals: Range<Int>
    }

    /// Live vectors in document order, as runs of at most `rowsPerCheckpoint` neighbours.
    private static func liveRuns(of segments: [VectorSegment], live: DocBitSet, control: QueryControl) throws -> [Run] {
        var runs: [Run] = []
        var position = [Int](repeating: 0, count: segments.count)
        // Neighbouring segments rarely interleave, so the next one is found by looking at all, once per stretch.
        while let next = segments.indices
            .filter({ position[$0] < segments[$0].count })
            .min(by: { (segments[$0].documents[position[$0]], $0) < (segments[$1].documents[position[$1]], $1) })
        {
            try control.checkpoint()
            // The stretch ends where another segment's next document comes first (or is the same, in a segment before).
            var end = segments[next].count
            for other in segments.indices where other != next && position[other] < segments[other].count {
                let doc = segments[other].documents[position[other]]
                let limit = segments[next].firstOrdinal(notBefore: other < next ? doc : doc + 1, from: position[next])
                end = min(end, limit)
            }
            for ordinal in position[next]..<end {
                if ordinal & 0x3FFF == 0 { try control.checkpoint() }
                guard live.contains(DocID(segments[next].documents[ordinal])) else { continue }
                if let last = runs.last, last.segment == next, last.ordinals.upperBound == ordinal,
                    last.ordinals.count < rowsPerCheckpoint
                {
                    runs[runs.count - 1].ordinals = last.ordinals.lowerBound..<(ordinal + 1)
                } else {
                    runs.append(Run(segment: next, ordinals: ordinal..<(ordinal + 1)))
                }
            }
            position[next] = end
        }
        return runs
    }
}

/// A merged segment, and where the vectors of each input are in it.
public struct VectorMergeResult: Sendable {
    public let bytes: [UInt8]
    private let counts: [Int]
    private let runs: [VectorMerge.Run]

    init(bytes: [UInt8], counts: [Int], runs: [VectorMerge.Run]) {
        self.bytes = bytes
        self.counts = counts
        self.runs = runs
    }

    /// By ordinal in the input of this number: the ordinal in the result, or ``GraphSeed/dropped``. - Complexity: O(vectors of the input + runs).
    public func ordinals(ofInput number: Int) -> [UInt32] {
        var ordinals = [UInt32](repeating: GraphSeed.dropped, count: counts[number])
        var next = 0
        for run in runs {
            if run.segment == number {
                for ordinal in run.ordinals { ordinals[ordinal] = UInt32(next + ordinal - run.ordinals.lowerBound) }
            }
            next += run.ordinals.count
        }
        return ordinals
    }
}
