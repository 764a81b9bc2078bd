import NIOCore
import NIOPosix
import Synchronization
import WireProtocol

/// One connection to a server, shared by many calls. Safe to use from any thread; closes its socket when nobody holds it.
final class ClientConnection: Sendable {
    private struct State {
        var calls = 0
        var isOpen = true
        var nextToken: UInt64 = 1
        var commands: [CallCommand] = []
    }

    let welcome: Welcome
    private let channel: any Channel
    private let handler: NIOLoopBound<ClientConnectionHandler>
    private let load: Load
    private let state = Mutex(State())

    /// What the handler tells about itself.
    final class Load: Sendable {
        private let state = Mutex((calls: 0, isOpen: true))
        var current: (calls: Int, isOpen: Bool) { state.withLock { $0 } }
        func set(_ calls: Int, _ isOpen: Bool) { state.withLock { $0 = (calls, isOpen) } }
    }

    private init(welcome: Welcome, channel: any Channel, handler: NIOLoopBound<ClientConnectionHandler>, load: Load) {
        self.welcome = welcome
        self.channel = channel
        self.handler = handler
        self.load = load
    }

    deinit { channel.close(promise: nil) }

    /// - Throws: ``TandemClientError``, UNAVAILABLE where nobody listens.
    static func connect(
        to endpoint: Endpoint, _ configuration: ClientConfiguration, on eventLoop: any EventLoop
    ) async throws -> ClientConnection {
        let load = Load()
        let welcomed = eventLoop.makePromise(of: Welcome.self)
        let timeout = TimeAmount.nanoseconds(configuration.connectTimeout.microseconds * 1000)
        let channel: any Channel
        let handler: NIOLoopBound<ClientConnectionHandler>
        do {
            (channel, handler) = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
                .connect(host: endpoint.host, port: endpoint.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = ClientConnectionHandler(
                            settings: configuration.connection, pingInterval: configuration.pingInterval, welcomed: welcomed,
                            onChange: { load.set($0, $1) }, onCallEnd: configuration.onCallEnd)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return (channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                    }
                }
        } catch {
            var failure = TandemClientError(.unavailable, "cannot connect to \(endpoint): \(ConnectFailure.reason(error))", isRetryable: true, didRun: false)
            failure.isUnreachable = true
            // The handler may have been told already, or never made.
            welcomed.fail(failure)
            throw failure
        }
        let patience = eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        defer { patience.cancel() }
        do {
            let welcome = try await welcomed.futureResult.get()
            return ClientConnection(welcome: welcome, channel: channel, handler: handler, load: load)
        } catch {
            channel.close(promise: nil)
            throw error
        }
    }

    var calls: Int { load.current.calls }
    var isOpen: Bool { load.current.isOpen && channel.isActive }
    var isAlive: Bool { channel.isActive }

    func close() { channel.close(promise: nil) }

    /// - Returns: the token by which later commands name the call.
    func start(
        _ method: WireProtocol.Method, timeout: Duration?, message: [UInt8]?, isLast: Bool, sink: any CallSink
    ) -> UInt64 {
        let token = state.withLock { state in
            state.nextToken += 1
            return state.nextToken
        }
        post(.start(token: token, method: method, timeout: timeout, message: message, isLast: isLast, sink: sink))
        return token
    }

    /// Commands of all callers are collected: one hop to the event loop and one flush for what comes together.
    func post(_ command: CallCommand) {
        let isFirst = state.withLock { state in
            state.commands.append(command)
            return state.commands.count == 1
        }
        guard isFirst else { return }
        channel.eventLoop.execute { [self] in
            let commands = state.withLock { state in
                let commands = state.commands
                state.commands.removeAll(keepingCapacity: true)
                return commands
            }
            handler.value.take(commands)
        }
    }

    /// One request, one answer.
    /// - Throws: ``TandemClientError``; CANCELLED where the task is cancelled.
    func unary(_ method: WireProtocol.Method, _ message: [UInt8], timeout: Duration?) async throws -> [UInt8] {
        let sink = UnarySink()
        let token = Mutex<UInt64>(0)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sink.wait(continuation)
                let started = start(method, timeout: timeout, message: message, isLast: true, sink: sink)
                token.withLock { $0 = started }
                // Cancelled before the token was known: the handler below found 0.
                if Task.isCancelled { cancel(started) }
            }
        } onCancel: {
            let started = token.withLock { $0 }
            if started != 0 { cancel(started) }
        }
    }

    func cancel(_ token: UInt64) {
        post(.cancel(token: token, Status(code: .cancelled, message: "the call was cancelled")))
    }
}

/// Waits for the one answer of a call.
private final class UnarySink: CallSink {
    private struct State {
        var answer: [UInt8]?
        var continuation: CheckedContinuation<[UInt8], any Error>?
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<[UInt8], any Error>) { state.withLock { $0.continuation = continuation } }

    func receive(_ message: [UInt8]) { state.withLock { $0.answer = message } }

    func end(_ status: Status) {
        let (continuation, answer) = state.withLock { state in
            defer { state.continuation = nil }
            return (state.continuation, state.answer)
        }
        if !status.isOK {
            continuation?.resume(throwing: TandemClientError(status))
        } else if let answer {
            continuation?.resume(returning: answer)
        } else {
            continuation?.resume(throwing: TandemClientError(.internal, "the server ended the call without an answer", didRun: true))
        }
    }
}
