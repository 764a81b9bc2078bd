import Synchronization
import WireProtocol

/// What an upload has done so far.
public struct UploadSummary: Sendable, Equatable {
    public var batches = 0
    public var applied = 0
    public var conditionFailed = 0
    /// Token: a search that carries it sees the whole upload.
    public var sequence: UInt64 = 0

    public init() {}

    mutating func add(_ response: UpsertResponse) {
        batches += 1
        for result in response.results {
            switch result.outcome {
            case .applied: applied += 1
            case .conditionFailed: conditionFailed += 1
            default: break
            }
        }
        sequence = max(sequence, response.sequence)
    }
}

/// Sends many batches over one stream, a bounded number of them unacknowledged. Made by
/// ``TandemClient/upload(into:acknowledgement:inFlightMax:timeout:onAcknowledgement:_:)``. Batches are applied in the order of ``send(_:idempotencyKey:)``,
/// so call it from one task at a time.
public final class UploadStream: Sendable {
    private struct State {
        var inFlight = 0
        var summary = UploadSummary()
        var end: Status?
        /// Suspended in `send` or `finish`, woken by any change.
        var waiter: CheckedContinuation<Void, Never>?
    }

    private final class Sink: CallSink {
        let state = Mutex(State())
        let onAcknowledgement: (@Sendable (Int, UpsertResponse) -> Void)?

        init(_ onAcknowledgement: (@Sendable (Int, UpsertResponse) -> Void)?) { self.onAcknowledgement = onAcknowledgement }

        func receive(_ message: [UInt8]) {
            let response: UpsertResponse
            do throws(MessageError) { response = try UpsertResponse(decoding: message) } catch {
                return end(Status(code: .internal, message: "an acknowledgement cannot be read: \(error)"))
            }
            let index = state.withLock { state in
                state.summary.add(response)
                return state.summary.batches - 1
            }
            onAcknowledgement?(index, response)
            // Not before: a batch that the caller has not been told of counts as on its way.
            state.withLock { $0.inFlight -= 1 }
            wake()
        }

        func end(_ status: Status) {
            state.withLock { if $0.end == nil { $0.end = status } }
            wake()
        }

        private func wake() {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    private let connection: ClientConnection
    private let token: UInt64
    private let sink: Sink
    private let inFlightMax: Int
    private let collection: String
    private let acknowledgement: Acknowledgement

    init(
        _ connection: ClientConnection, collection: String, acknowledgement: Acknowledgement, inFlightMax: Int, timeout: Duration?,
        onAcknowledgement: (@Sendable (Int, UpsertResponse) -> Void)?
    ) {
        precondition(inFlightMax > 0, "inFlightMax \(inFlightMax)")
        self.connection = connection
        self.collection = collection
        self.acknowledgement = acknowledgement
        self.inFlightMax = inFlightMax
        sink = Sink(onAcknowledgement)
        token = connection.start(.upsert, timeout: timeout, message: nil, isLast: false, sink: sink)
    }

    deinit {
        // Left without `finish`, for an error: what was sent may still be applied, what was not, is not.
        if sink.state.withLock({ $0.end }) == nil { connection.cancel(token) }
    }

    /// What has been acknowledged.
    public var summary: UploadSummary { sink.state.withLock { $0.summary } }

    /// Queues one batch; suspends while as many as allowed are unacknowledged.
    /// - Throws: ``TandemClientError`` of the stream: after it, nothing more is applied; ``summary`` tells what was.
    public func send(_ operations: [UpsertOperation], idempotencyKey: String? = nil) async throws {
        let message = UpsertRequest(
            collection: collection, operations: operations, acknowledgement: acknowledgement, idempotencyKey: idempotencyKey
        ).encode()
        try await wait { $0.inFlight < inFlightMax }
        sink.state.withLock { $0.inFlight += 1 }
        connection.post(.send(token: token, message: message))
    }

    /// Queues one batch of documents without conditions.
    public func send(_ documents: [Document], idempotencyKey: String? = nil) async throws {
        try await send(documents.map { UpsertOperation(document: $0) }, idempotencyKey: idempotencyKey)
    }

    /// Says that nothing follows, and waits until every batch is acknowledged.
    public func finish() async throws -> UploadSummary {
        connection.post(.closeSending(token: token))
        try await wait { $0.end != nil }
        return summary
    }

    /// Suspends until `condition` holds; throws where the stream has failed, or the task is cancelled.
    private func wait(until condition: (borrowing State) -> Bool) async throws {
        while true {
            let isDone = try sink.state.withLock { state in
                if let end = state.end, !end.isOK { throw TandemClientError(end) }
                if condition(state) { return true }
                if state.end != nil {
                    throw TandemClientError(.internal, "the server ended the upload before its last batch", didRun: nil)
                }
                return false
            }
            if isDone { return }
            if Task.isCancelled { throw TandemClientError(.cancelled, "the upload was cancelled") }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    // Nothing may change between the look above and this: look again before sleeping.
                    let sleeps = sink.state.withLock { state in
                        guard !condition(state), state.end == nil else { return false }
                        precondition(state.waiter == nil, "an upload is used by two tasks at a time")
                        state.waiter = continuation
                        return true
                    }
                    if !sleeps { continuation.resume() } else if Task.isCancelled { connection.cancel(token) }
                }
            } onCancel: {
                connection.cancel(token)
            }
        }
    }
}

extension TandemClient {
    /// Sends many batches over one stream: faster than one call each, with the same acknowledgements, in bounded memory.
    ///
    /// ```swift
    /// let summary = try await client.upload(into: "notes") { upload in
    ///     for batch in batches { try await upload.send(batch) }
    /// }
    /// ```
    /// The stream is not sent again after an error, since batches may have run: give each an idempotency key and start over
    /// from the first that was not acknowledged.
    ///
    /// - Parameters:
    ///   - inFlightMax: batches on their way at a time.
    ///   - timeout: for the whole upload; nil: none.
    ///   - onAcknowledgement: called in order with the batch's number, from 0, on a network thread: it must not block.
    /// - Throws: ``TandemClientError``, or what `body` throws, after which the stream is cancelled.
    public func upload(
        into collection: String, acknowledgement: Acknowledgement = .logged, inFlightMax: Int = 4, timeout: Duration? = nil,
        onAcknowledgement: (@Sendable (_ batch: Int, UpsertResponse) -> Void)? = nil,
        _ body: (UploadStream) async throws -> Void
    ) async throws -> UploadSummary {
        let connection = try await Retry(configuration, timeout: configuration.timeout).run { _ in try await self.pool.connection() }
        let upload = UploadStream(
            connection, collection: collection, acknowledgement: acknowledgement, inFlightMax: inFlightMax, timeout: timeout,
            onAcknowledgement: onAcknowledgement)
        try await body(upload)
        return try await upload.finish()
    }
}
