import SearchCore

/// What a collection holds right now.
public struct CollectionStatus: Sendable {
    public var name: String
    /// Tells apart two collections that bore one name; made at creation.
    public var uuid: String
    public var schema: CollectionSchema
    public var documents: Int
    /// Superseded versions and deleted documents still in segments, until a merge or a vacuum drops them.
    public var deadDocuments: Int
    /// Last write in the log, and how far each leg has come.
    public var lastSequence: SequenceNumber
    public var applied: SequenceNumber
    public var vectorApplied: SequenceNumber
    /// Sequence that the files on disk cover; after a crash the log is replayed from here.
    public var checkpoint: SequenceNumber
    public var vectorCheckpoint: SequenceNumber
    /// Time since the files on disk were last brought up to date, whether or not anything was written since.
    public var sinceCheckpoint: Duration
    public var generation: UInt64
    /// A generation being built, if any, and how far it has come.
    public var building: (generation: UInt64, applied: SequenceNumber)?
    public var lexicalSegments: Int
    public var vectorSegments: Int
    /// Of all fields together.
    public var vectors: Int
    /// In the schema's order.
    public var vectorFields: [VectorFieldStatus]
    /// Bytes of unsealed segments on the heap.
    public var memoryBytes: Int
    /// Bytes of sealed segments.
    public var indexBytes: Int
    /// Bytes of the document store.
    public var storeBytes: Int
    /// Texts longer than the embedding model's limit, since the daemon started, and tokens that fell away.
    public var textsCut: Int
    public var tokensCut: Int
    /// Operations replayed from the log when the collection was opened.
    public var replayed: Int
    public var synonymRules: Int
    /// The last failure of a background task, in words; nil when all is well.
    public var problem: String?
}

/// What a collection holds in one vector field.
public struct VectorFieldStatus: Sendable, Equatable {
    public var name: String
    /// Those of dead versions included, until a merge drops them.
    public var vectors: Int
    public var segments: Int
    /// On disk and in memory; without the graphs.
    public var bytes: Int
    /// Segments with a graph, and the vectors in them; what the others hold is scanned.
    public var graphs: Int
    public var vectorsInGraphs: Int
    public var graphBytes: Int
    /// Of `bytes`: full-precision vectors in mapped files, of which a search reads only the few that it scores in full.
    public var mappedRowBytes: Int
    /// Of searches through graphs, those that were run again exactly, and the share of the best that was found; nil while there is none.
    public var recallSamples: Int
    public var recall: Double?
    /// What these searches had asked for, on average.
    public var recallTarget: Double?
    /// Since the opening: graphs built, and the vectors in them. A vector is in several when segments are merged.
    public var graphsBuilt: Int
    public var vectorsInGraphsBuilt: Int
}

/// When a write is acknowledged.
public enum Acknowledgement: String, Sendable, CaseIterable {
    /// In the log and fsynced: survives kill -9 and power loss.
    case logged
    /// Keyword search sees it.
    case searchable
    /// Both legs see it.
    case complete
}
