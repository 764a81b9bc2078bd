/// A segment as a search sees it: its vectors, and their graph or their 1-bit codes if there are any.
public struct IndexedVectors: Sendable {
    public let segment: VectorSegment
    public let graph: VectorGraph?
    public let calibration: GraphCalibration
    /// What a scan reads first that need not be exact.
    public let signs: SignCodes?

    /// - Parameters: `graph` and `signs` are of the same segment.
    public init(_ segment: VectorSegment, graph: VectorGraph? = nil, calibration: GraphCalibration = .typical, signs: SignCodes? = nil) {
        precondition(graph.map { $0.segment === segment } ?? true, "a graph over another segment")
        self.segment = segment
        self.graph = graph
        self.calibration = calibration
        self.signs = signs
    }
}
