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
    /// Vectors whose final score was computed.
    public let refined: Int
    /// What was done to find them.
    public let work: VectorSearchWork

    static let none = VectorTopK(hits: [], boundaryTies: [], refined: 0, work: VectorSearchWork())

    /// Vectors whose int8 codes were read.
    public var scanned: Int { work.scanned + work.visited }
}

/// Which paths a search took through its segments, and what it touched there.
public struct VectorSearchWork: Sendable, Hashable {
    /// Segments all of whose accepted vectors were compared.
    public var flatSegments = 0
    /// Of those, segments of which most vectors were passed over because the filter leaves few.
    public var filteredFlatSegments = 0
    /// Segments whose graph was walked.
    public var graphSegments = 0
    /// Segments whose graph was walked in vain, because the filter leaves too little near the query; they were scanned after.
    public var abandonedGraphs = 0
    /// Vectors of which a scan read the 1-bit codes, to compare only the promising ones.
    public var estimated = 0
    /// Vectors whose int8 codes a scan read.
    public var scanned = 0
    /// Nodes visited in graphs; each is the int8 codes of one vector and the 1-bit codes of 32.
    public var visited = 0

    public init() {}

    /// True if the hits are those of comparing every accepted vector.
    public var isExact: Bool { graphSegments == 0 && estimated == 0 }
}
