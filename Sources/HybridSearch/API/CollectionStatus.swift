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
    /// The last failure of a background task, in words; nil when all is well.
    public var problem: String?
}

/// What a collection holds in one vector field.
public struct VectorFieldStatus: Sendable, Equatable {
    public var name: String
    /// Those of dead versions included, until a merge drops them.
    public var vectors: Int
    public var segments: Int
    /// On disk and in memory.
    public var bytes: Int
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
