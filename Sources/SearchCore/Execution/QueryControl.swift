import Synchronization

/// Deadline and cancel flag of one call; travels with the query into every loop.
///
/// Loops over postings, vectors and rerank batches call ``checkpoint()`` once per block (a few microseconds of work), so
/// that a cancelled call stops within one block. Safe to use from any thread.
public final class QueryControl: Sendable {
    private let cancelled = Atomic<Bool>(false)
    /// Nil: no deadline.
    public let deadline: ContinuousClock.Instant?
    private let others: [QueryControl]
    private let rest: (@Sendable () -> Void)?

    public init(deadline: ContinuousClock.Instant? = nil) {
        self.deadline = deadline
        others = []
        rest = nil
    }

    /// Ends as soon as one of the others does; cancelling it cancels none of them.
    /// - Parameter rest: called at every checkpoint that does not throw; may sleep: for background work that is to take its time.
    public init(endingWith others: QueryControl..., rest: (@Sendable () -> Void)? = nil) {
        deadline = others.compactMap(\.deadline).min()
        self.others = others
        self.rest = rest
    }

    public convenience init(timeout: Duration) { self.init(deadline: .now + timeout) }

    /// Never ends early: for tools and tests.
    public static let unlimited = QueryControl()

    // Relaxed: the flag carries no other data, and being seen one block later is fine.
    public func cancel() { cancelled.store(true, ordering: .relaxed) }
    public var isCancelled: Bool { cancelled.load(ordering: .relaxed) || others.contains { $0.isCancelled } }

    /// Time left; nil without a deadline; negative when it has passed.
    public var remaining: Duration? { deadline.map { ContinuousClock.now.duration(to: $0) } }

    /// - Throws: `CANCELLED` or `DEADLINE_EXCEEDED`.
    public func checkpoint() throws {
        if isCancelled { throw TandemError(.cancelled, "the caller cancelled the call") }
        if let deadline, ContinuousClock.now >= deadline {
            throw TandemError(.deadlineExceeded, "the call's deadline passed before it was done", isRetryable: true)
        }
        rest?()
    }
}
