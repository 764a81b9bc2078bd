public import SearchCore

/// One entry of a collection's log: what was done to one document, when, and which version it replaced.
public struct LoggedOperation: Sendable, Equatable {
    public enum Change: Sendable, Equatable {
        case upsert(Document)
        case delete(id: String)
    }

    public var change: Change
    /// The version that this operation superseded; nil if the id was not there.
    public var previous: SequenceNumber?
    /// Microseconds since 1970-01-01T00:00:00Z, by the committer's clock; never before that of an earlier entry of the same run.
    public var committedMicroseconds: Int64

    public init(_ change: Change, previous: SequenceNumber?, committedMicroseconds: Int64) {
        self.change = change
        self.previous = previous
        self.committedMicroseconds = committedMicroseconds
    }

    public var documentID: String {
        switch change {
        case .upsert(let document): document.id
        case .delete(let id): id
        }
    }

    /// Nil for a delete.
    public var document: Document? {
        if case .upsert(let document) = change { document } else { nil }
    }
}

/// A run of the log, see ``DocumentStore/page(after:limit:bytesMax:currentOnly:)``.
public struct LogPage: Sendable {
    /// In sequence order; gaps are entries that were dropped (or skipped, with `currentOnly`).
    public var operations: [(sequence: SequenceNumber, operation: LoggedOperation)]
    /// A consumer that has applied `operations` has applied everything up to here.
    public var through: SequenceNumber
    /// True if the log goes on after `through`.
    public var hasMore: Bool
    /// With `currentOnly`: the versions that the left-out entries replaced or deleted. A consumer that read one of them in an
    /// earlier page, when it was current, must let go of it: the entry that says so will not come.
    public var replaced: [SequenceNumber] = []
}
