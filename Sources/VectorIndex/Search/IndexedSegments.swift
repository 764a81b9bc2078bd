import SearchCore

/// The segments of one vector field as searches see them: put in order and looked through once, for all queries.
///
/// While vectors come a field has a dozen segments, and to go through them for each query took a twentieth of a search.
/// Immutable, so safe to share between threads.
public final class IndexedSegments: Sendable {
    /// Those with vectors, by their first documents.
    public let segments: [VectorSegment]
    let graphs: [VectorGraph?]
    let calibrations: [GraphCalibration]
    /// Nil for all where there are few vectors.
    let signs: [SignCodes?]
    /// Numbers of the segments with graphs, the largest first.
    let walked: [Int]
    /// What queries are rotated by, and the place here of each segment's.
    let rotations: [(rotation: Rotation, quantization: GraphQuantization)]
    let rotationNumbers: [Int?]
    let isInterleaved: Bool
    let hasOneVectorPerDocument: Bool
    /// Nil without any segment, be it an empty one.
    let shape: (dimension: Int, metric: VectorMetric)?

    /// Segments that differ in shape: `FAILED_PRECONDITION` for every search.
    let mismatch: TandemError?

    /// - Parameter indexed: of one dimension and metric; any number, in any order. Without any, every search finds nothing.
    /// - Complexity: O(segments · log segments).
    public init(_ indexed: [IndexedVectors]) {
        shape = indexed.first.map { ($0.segment.dimension, $0.segment.metric) }
        mismatch = indexed.first.flatMap { first in
            let (first, all) = (first.segment, indexed.lazy.map(\.segment))
            return all.first { $0.dimension != first.dimension || $0.metric != first.metric }.map { other in
                TandemError(
                    .failedPrecondition,
                    "\(other.name): dimension \(other.dimension), metric \(other.metric); "
                        + "\(first.name) has dimension \(first.dimension), metric \(first.metric)")
            }
        }
        var ordered = indexed.filter { $0.segment.count > 0 }
        ordered.sort { ($0.segment.firstDoc, $0.segment.lastDoc) < ($1.segment.firstDoc, $1.segment.lastDoc) }
        let segments = ordered.map(\.segment)
        self.segments = segments
        graphs = ordered.map(\.graph)
        calibrations = ordered.map(\.calibration)
        let isSmall = ordered.allSatisfy { $0.graph == nil } && segments.reduce(0) { $0 + $1.count } <= VectorSearcher.exactMax
        signs = ordered.map { isSmall ? nil : $0.signs }
        walked = ordered.indices.filter { ordered[$0].graph != nil }.sorted { segments[$0].count > segments[$1].count }

        // All of a dimension have the same rotation, unless a later version chooses another seed.
        var known: [(seed: UInt64, rotation: Rotation, quantization: GraphQuantization)] = []
        rotationNumbers = ordered.map { one in
            let (rotation, seed, quantization): (Rotation, UInt64, GraphQuantization)
            if let graph = one.graph {
                (rotation, seed, quantization) = (graph.rotation, graph.header.rotationSeed, graph.quantization)
            } else if let signs = one.signs, !isSmall {
                (rotation, seed, quantization) = (signs.rotation, SignCodes.rotationSeed, .binary)
            } else {
                return nil
            }
            if let found = known.firstIndex(where: { $0.seed == seed && $0.quantization == quantization }) { return found }
            known.append((seed, rotation, quantization))
            return known.count - 1
        }
        rotations = known.map { ($0.rotation, $0.quantization) }
        // A document at the border of two segments is fine: its rows still follow each other.
        let neighbours = zip(segments, segments.dropFirst())
        isInterleaved = neighbours.contains { $0.lastDoc > $1.firstDoc }
        hasOneVectorPerDocument = !segments.contains { $0.hasRepeatedDocuments } && !neighbours.contains { $0.lastDoc >= $1.firstDoc }
    }
}
