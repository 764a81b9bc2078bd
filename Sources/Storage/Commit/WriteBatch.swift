public import SearchCore

/// One change of one document, with an optional condition on what is there.
public struct WriteOperation: Sendable {
    public enum Kind: Sendable {
        /// Inserts the document or replaces the one with its id.
        case upsert(Document)
        case delete(id: String)
    }

    /// What must hold for the operation to be applied; it sees the operations before it in the same batch.
    public enum Condition: Sendable, Hashable {
        case none
        /// The document's current version is this sequence; 0: there is no such document.
        case ifVersion(UInt64)
        /// There is no such document. Not for deletes.
        case insertOnly
        /// There is such a document.
        case updateOnly
    }

    public var kind: Kind
    public var condition: Condition

    public init(_ kind: Kind, condition: Condition = .none) {
        self.kind = kind
        self.condition = condition
    }

    public static func upsert(_ document: Document, condition: Condition = .none) -> WriteOperation {
        WriteOperation(.upsert(document), condition: condition)
    }

    public static func delete(id: String, condition: Condition = .none) -> WriteOperation {
        WriteOperation(.delete(id: id), condition: condition)
    }
}

/// Operations that become durable together and apply in order. An operation whose condition fails is left out; the others
/// of the batch still apply.
public struct WriteBatch: Sendable {
    public var operations: [WriteOperation]
    /// 1 to ``Committer/idempotencyKeyBytesMax`` bytes, chosen by the caller: a batch sent again under the same key is
    /// applied once, and its first outcome is returned.
    public var idempotencyKey: String?

    public init(_ operations: [WriteOperation], idempotencyKey: String? = nil) {
        self.operations = operations
        self.idempotencyKey = idempotencyKey
    }
}

/// What became of one operation.
public enum OperationResult: Sendable, Hashable {
    /// Done; the sequence is the document's new version (or that of its deletion).
    case applied(SequenceNumber)
    /// The condition did not hold: `current` is the document's version, nil if there is none.
    case conditionFailed(current: SequenceNumber?)
    /// A delete of an id that is not there; nothing was written.
    case notFound
}

/// What became of a batch.
public struct CommitOutcome: Sendable, Hashable {
    /// Token: a search that has seen this sequence sees the batch. Where nothing was applied, the store's last sequence.
    public var lastSequence: SequenceNumber
    /// One per operation, in order.
    public var results: [OperationResult]
    /// The batch had been applied before under its idempotency key; this is the outcome of that time.
    public var wasReplayed: Bool

    public init(lastSequence: SequenceNumber, results: [OperationResult], wasReplayed: Bool = false) {
        self.lastSequence = lastSequence
        self.results = results
        self.wasReplayed = wasReplayed
    }
}
