/// A segment as a search sees it: its vectors, and their graph if there is one.
public struct IndexedVectors: Sendable {
    public let segment: VectorSegment
    public let graph: VectorGraph?
    public let calibration: GraphCalibration

    public init(_ segment: VectorSegment, graph: VectorGraph? = nil, calibration: GraphCalibration = .typical) {
        precondition(graph.map { $0.segment === segment } ?? true, "a graph over another segment")
        self.segment = segment
        self.graph = graph
        self.calibration = calibration
    }
}
