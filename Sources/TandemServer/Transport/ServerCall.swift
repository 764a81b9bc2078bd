import NIOCore
import SearchCore
import Synchronization
import WireProtocol

/// One call on its way through the server: its request, its deadline and cancel flag, and how to answer it.
///
/// Safe to use from any thread. Answers of all calls of a connection are collected and written by one hop to its event
/// loop and one flush. After the caller has cancelled or gone, answers are dropped silently.
public final class ServerCall: Sendable {
    private struct State {
        var isEnded = false
        var isCancelled = false
        var onCancel: [@Sendable () -> Void] = []
        /// Streaming: messages that came before they were asked for (no more than the stream's credits allow), the end, and who asked.
        var inbox = CircularBuffer<[UInt8]>()
        var hasEnd = false
        var isWaiting: (@Sendable ([UInt8]?) -> Void)?
        var hasOpenMessage = false
    }

    public let method: Method
    /// Cancelled when the caller cancels, disconnects, or its deadline passes.
    public let control: QueryControl
    /// The caller's address, for logs.
    public let peer: String
    public let receivedAt: ContinuousClock.Instant
    /// Unary: the request's bytes, see ``decodeRequest(_:)``. Streaming: empty, see ``nextMessage(_:)``.
    public let request: [UInt8]

    let stream: UInt32
    private let outbox: ConnectionOutbox
    /// Given back when the work ends, not when the caller leaves: else a caller could start and cancel without limit.
    private let ticket: Admission.Ticket
    private let state = Mutex(State())

    init(
        method: Method, control: QueryControl, peer: String, receivedAt: ContinuousClock.Instant, request: [UInt8], stream: UInt32,
        outbox: ConnectionOutbox, ticket: Admission.Ticket
    ) {
        self.method = method
        self.control = control
        self.peer = peer
        self.receivedAt = receivedAt
        self.request = request
        self.stream = stream
        self.outbox = outbox
        self.ticket = ticket
    }

    deinit {
        if !state.withLock({ $0.isEnded }) {
            outbox.post(.finish(stream, Status(code: .internal, message: "the server lost the call")))
        }
    }

    // MARK: Request

    /// - Throws: INVALID_ARGUMENT that names the field.
    public func decodeRequest<M: WireMessage>(_ type: M.Type = M.self) throws -> M { try Self.decode(type, request) }

    /// - Throws: INVALID_ARGUMENT that names the field.
    public static func decode<M: WireMessage>(_ type: M.Type = M.self, _ bytes: [UInt8]) throws -> M {
        do throws(MessageError) { return try M(decoding: bytes) } catch { throw TandemError.invalidArgument("\(error)") }
    }

    /// Streaming: asks for the next message; nil: the caller sends nothing more, or is gone (`control.isCancelled` tells).
    ///
    /// Asking says that the message before has been taken in: only then does the caller get credits for more, so a handler
    /// that asks late slows the caller down. `body` runs once, on an event loop or on this thread: it only hands over.
    /// - Precondition: one question at a time.
    public func nextMessage(_ body: @escaping @Sendable ([UInt8]?) -> Void) {
        enum Answer { case now([UInt8]?), later }
        let (answer, consumed) = state.withLock { state -> (Answer, Bool) in
            precondition(state.isWaiting == nil, "nextMessage was called again before it answered")
            let consumed = state.hasOpenMessage
            state.hasOpenMessage = false
            if state.isCancelled || state.isEnded { return (.now(nil), consumed) }
            if !state.inbox.isEmpty {
                state.hasOpenMessage = true
                return (.now(state.inbox.removeFirst()), consumed)
            }
            if state.hasEnd { return (.now(nil), consumed) }
            state.isWaiting = body
            return (.later, consumed)
        }
        if consumed { outbox.post(.consumed(stream)) }
        if case .now(let message) = answer { body(message) }
    }

    // MARK: Answer

    /// Ends a unary call with its answer.
    public func respond(_ message: some WireMessage) {
        guard markEnded() else { return }
        outbox.post(.respond(stream, message.encode()))
    }

    /// Sends one of several answers of a streaming call.
    public func send(_ message: some WireMessage) {
        guard !state.withLock({ $0.isEnded || $0.isCancelled }) else { return }
        outbox.post(.message(stream, message.encode()))
    }

    /// Ends the call; the second end and later ones are ignored.
    public func finish(_ status: Status = .ok) {
        guard markEnded() else { return }
        outbox.post(.finish(stream, status))
    }

    /// Ends the call with an error; see ``Status/init(_:)``.
    public func fail(_ error: any Error) { finish(Status(error)) }

    /// Runs `body` when the caller cancels, disconnects or its deadline passes; at once where that has happened already.
    /// Not after the call's end. `body` may run on an event loop: it must not block.
    public func onCancel(_ body: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled, !state.isEnded { state.onCancel.append(body) }
            return state.isCancelled
        }
        if isCancelled { body() }
    }

    private func markEnded() -> Bool {
        ticket.giveBack()
        return state.withLock { state in
            defer {
                state.isEnded = true
                state.onCancel = []
            }
            return !state.isEnded
        }
    }

    // MARK: From the connection

    func deliver(_ message: [UInt8]) {
        let waiting = state.withLock { state -> (@Sendable ([UInt8]?) -> Void)? in
            guard let waiting = state.isWaiting else {
                state.inbox.append(message)
                return nil
            }
            state.isWaiting = nil
            state.hasOpenMessage = true
            return waiting
        }
        waiting?(message)
    }

    func deliverEnd() {
        let waiting = state.withLock { state in
            state.hasEnd = true
            defer { state.isWaiting = nil }
            return state.isWaiting
        }
        waiting?(nil)
    }

    func cancel() {
        control.cancel()
        let (callbacks, waiting) = state.withLock { state in
            state.isCancelled = true
            defer {
                state.onCancel = []
                state.isWaiting = nil
                state.inbox = CircularBuffer()
            }
            return (state.onCancel, state.isWaiting)
        }
        for callback in callbacks { callback() }
        waiting?(nil)
    }
}

extension Status {
    /// An engine's error as the caller sees it. What is not a ``TandemError`` becomes INTERNAL.
    public init(_ error: any Error) {
        switch error {
        case let error as TandemError:
            self.init(
                code: StatusCode(rawValue: error.code.rawValue), message: error.message, retryable: error.isRetryable,
                retryAfterMicroseconds: error.isRetryable && error.code == .resourceExhausted ? 100_000 : nil,
                // What is wrong with the request or found no room was found out before anything was done.
                didRun: error.code == .invalidArgument || error.code == .resourceExhausted ? false : nil)
        case let error as MessageError: self = .invalid("\(error)")
        default: self.init(code: .internal, message: "\(error)")
        }
    }
}
