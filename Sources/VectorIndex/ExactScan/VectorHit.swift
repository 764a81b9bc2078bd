import SearchCore

/// A document and its final score: the largest among its vectors.
public struct VectorHit: Sendable, Hashable {
    public let doc: DocID
    /// Dot product of stored row and prepared query, in double over fixed lanes and a fixed tree; higher is closer.
    public let score: Double

    public init(doc: DocID, score: Double) {
        self.doc = doc
        self.score = score
    }

    /// Order of a result: score descending, then document ascending.
    static func precedes(_ a: VectorHit, _ b: VectorHit) -> Bool { a.score != b.score ? a.score > b.score : a.doc < b.doc }
}

/// Result of a scan.
public struct VectorTopK: Sendable {
    /// At most k, by score descending, then DocID ascending.
    public let hits: [VectorHit]
    /// Further documents whose score equals the last hit's exactly, by DocID ascending, at most
    /// ``VectorSearcher/boundaryTiesMax``; empty when fewer than k hits were found. For callers that break ties otherwise.
    public let boundaryTies: [VectorHit]
    /// Vectors whose int8 codes were read.
    public let scanned: Int
    /// Vectors whose final score was computed.
    public let refined: Int

    static let none = VectorTopK(hits: [], boundaryTies: [], scanned: 0, refined: 0)
}
