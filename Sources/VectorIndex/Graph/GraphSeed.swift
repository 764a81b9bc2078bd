/// A graph that the build of a larger one goes on from, as happens in merges: its edges are taken over, and only the vectors that it lacks are
/// inserted. It saves most of the work where it has most of the vectors.
public struct GraphSeed: Sendable {
    /// What stands in `ordinals` for a vector that is in no segment any more.
    public static let dropped = UInt32.max

    public let graph: VectorGraph
    /// By ordinal in the seed's segment: the same vector's ordinal in the new segment, or ``dropped``.
    public let ordinals: [UInt32]
    /// Vectors that are still there.
    public let keptCount: Int

    /// - Parameter ordinals: of every vector of the graph's segment; different ones.
    public init(_ graph: VectorGraph, ordinals: [UInt32]) {
        precondition(ordinals.count == graph.count, "\(ordinals.count) ordinals for a graph of \(graph.count)")
        self.graph = graph
        self.ordinals = ordinals
        keptCount = ordinals.count { $0 != Self.dropped }
    }
}
