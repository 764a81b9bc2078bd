import CLinux
import Glibc
public import SearchCore

/// Makes batches of writes durable, all that wait at a time with one fsync.
///
/// ```
/// caller's thread: validate, encode, enqueue ─┐
/// caller's thread: validate, encode, enqueue ─┼─▶ committer's thread: conditions, sequences, one write, one fsync ─▶ completions
/// caller's thread: validate, encode, enqueue ─┘
/// ```
/// Invariants: (1) batches commit in the order of ``submit(_:completion:)``; (2) a completion with an outcome means that the
/// batch is on disk; with an error other than a refusal, that it may or may not be (an idempotency key tells: send it again);
/// (3) the queue is bounded in bytes and batches, beyond which a batch is refused at once with `RESOURCE_EXHAUSTED`.
///
/// Thread-safe. Completions run on the committer's thread, in order, so they must only hand over.
public final class Committer: Sendable {
    public static let idempotencyKeyBytesMax = 128

    public struct CommitLimits: Sendable {
        /// Encoded bytes that may wait, over all batches.
        public var queueBytesMax = 64 << 20
        public var queueBatchesMax = 4096
        /// Encoded bytes after which a group takes no further batch; bounds the time of one commit.
        public var groupBytesMax = 8 << 20
        public var batchBytesMax = 32 << 20
        public var batchOperationsMax = 100_000
        public var idempotencyKeysMax = 100_000
        public var idempotencyKeyLifetime: Duration = .seconds(24 * 3600)

        public init() {}

        var idempotencyMicrosecondsMax: Int64 { idempotencyKeyLifetime.components.seconds * 1_000_000 }
    }

    private let worker: Worker

    /// Starts the committer's thread.
    /// - Parameter onCommit: called on that thread after every group that wrote something, before the group's completions,
    ///   with the store's last sequence; wakes the consumers of the log. Must not block.
    public init(
        store: DocumentStore, limits: CommitLimits = CommitLimits(), onCommit: @escaping @Sendable (SequenceNumber) -> Void = { _ in }
    ) {
        worker = Worker(store: store, limits: limits, onCommit: onCommit)
        worker.start()
    }

    /// Queues a batch. `completion` is called exactly once: on the caller's thread when the batch is refused (bad document,
    /// full queue, closed committer), otherwise on the committer's thread when it is durable or has failed.
    ///
    /// Errors: `INVALID_ARGUMENT` naming the operation's index, or for an idempotency key used before with other content;
    /// `RESOURCE_EXHAUSTED`, retryable, when the queue or the disk is full; `UNAVAILABLE` after ``close()``.
    /// - Complexity: O(bytes of the batch) on the calling thread.
    public func submit(_ batch: WriteBatch, completion: @escaping @Sendable (Result<CommitOutcome, any Error>) -> Void) {
        do {
            try worker.enqueue(try PreparedBatch(batch, limits: worker.limits), completion)
        } catch {
            completion(.failure(error))
        }
    }

    /// Commits a batch and waits for it. Not to be called from a completion, nor from an event loop.
    @discardableResult
    public func commit(_ batch: WriteBatch) throws -> CommitOutcome {
        let answer = Monitor<Result<CommitOutcome, any Error>?>(nil)
        submit(batch) { result in
            answer.withLock { $0 = result }
            answer.wakeAll()
        }
        return try answer.wait(until: { $0 != nil }) { $0! }.get()
    }

    /// Batches and encoded bytes that wait now.
    public var queued: (batches: Int, bytes: Int) { worker.queued }

    /// Takes no further batches, commits those that wait, and ends the thread. Idempotent. Does not close the store.
    public func close() { worker.close() }

    deinit { worker.close() }
}

/// The queue and the thread that empties it; apart from ``Committer`` so that the thread does not keep that one alive.
private final class Worker: Sendable {
    struct Waiting {
        let batch: PreparedBatch
        let completion: @Sendable (Result<CommitOutcome, any Error>) -> Void
    }

    struct Queue {
        var waiting: [Waiting] = []
        var bytes = 0
        var isClosed = false
        var thread: pthread_t?
        var isJoined = false
    }

    let store: DocumentStore
    let limits: Committer.CommitLimits
    private let onCommit: @Sendable (SequenceNumber) -> Void
    private let queue = Monitor(Queue())

    init(store: DocumentStore, limits: Committer.CommitLimits, onCommit: @escaping @Sendable (SequenceNumber) -> Void) {
        self.store = store
        self.limits = limits
        self.onCommit = onCommit
    }

    var queued: (batches: Int, bytes: Int) { queue.withLock { ($0.waiting.count, $0.bytes) } }

    func start() {
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { context in
                let worker = Unmanaged<Worker>.fromOpaque(context!).takeRetainedValue()
                worker.run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(failure == 0, "pthread_create: \(failure)")
        queue.withLock { $0.thread = thread }
    }

    func enqueue(_ batch: PreparedBatch, _ completion: @escaping @Sendable (Result<CommitOutcome, any Error>) -> Void) throws {
        try queue.withLock { queue in
            guard !queue.isClosed else {
                throw TandemError(.unavailable, "store \(store.path): takes no more writes; the daemon is stopping or the collection was dropped")
            }
            // One batch is always taken, however large it is, as long as it is within its own limit.
            guard queue.waiting.isEmpty || (queue.bytes + batch.bytes <= limits.queueBytesMax && queue.waiting.count < limits.queueBatchesMax) else {
                throw TandemError(
                    .resourceExhausted,
                    "store \(store.path): \(queue.waiting.count) batches of \(queue.bytes) bytes wait to be written already; send fewer at a time, retry later",
                    isRetryable: true, retryAfter: .milliseconds(100))
            }
            queue.waiting.append(Waiting(batch: batch, completion: completion))
            queue.bytes += batch.bytes
        }
        queue.wakeAll()
    }

    func close() {
        let toJoin: pthread_t? = queue.withLock { queue in
            queue.isClosed = true
            guard let thread = queue.thread, !queue.isJoined else { return nil }
            queue.isJoined = true
            guard pthread_equal(thread, pthread_self()) == 0 else {
                // From a completion the thread would wait for itself; it ends by itself when the queue is empty.
                pthread_detach(thread)
                return nil
            }
            return thread
        }
        queue.wakeAll()
        if let toJoin { pthread_join(toJoin, nil) }
    }

    private func run() {
        tandem_name_thread("commit")
        BackgroundPriority.low()
        var lastMicroseconds: Int64 = 0
        while true {
            let group = queue.wait(until: { !$0.waiting.isEmpty || $0.isClosed }) { take(&$0) }
            guard !group.isEmpty else { return }
            // Commit times never run backwards, whatever happens to the clock.
            lastMicroseconds = max(lastMicroseconds, DocumentStore.wallClockMicroseconds())
            let before = store.lastSequence
            let results = store.commit(group.map(\.batch), limits: limits, now: lastMicroseconds)
            let after = store.lastSequence
            if after > before { onCommit(after) }
            for (waiting, result) in zip(group, results) { waiting.completion(result) }
        }
    }

    /// The batches at the head of the queue that make up the next group; empty when the queue is closed and drained.
    private func take(_ queue: inout Queue) -> [Waiting] {
        var bytes = 0
        var count = 0
        for waiting in queue.waiting {
            if count > 0 && bytes + waiting.batch.bytes > limits.groupBytesMax { break }
            bytes += waiting.batch.bytes
            count += 1
        }
        let group = Array(queue.waiting.prefix(count))
        queue.waiting.removeFirst(count)
        queue.bytes -= bytes
        return group
    }
}
