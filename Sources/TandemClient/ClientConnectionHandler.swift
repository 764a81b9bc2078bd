import NIOCore
import WireProtocol

/// Receives what one call brings. Called on the connection's event loop, so it only takes note.
protocol CallSink: AnyObject, Sendable {
    func receive(_ message: [UInt8])
    /// Once, last.
    func end(_ status: Status)
}

/// A caller's wish, in the order in which it was voiced.
enum CallCommand: Sendable {
    case start(token: UInt64, method: WireProtocol.Method, timeout: Duration?, message: [UInt8]?, isLast: Bool, sink: any CallSink)
    case send(token: UInt64, message: [UInt8])
    case closeSending(token: UInt64)
    case cancel(token: UInt64, Status)
}

/// Feeds a client's ``Connection`` with bytes and does what it says. Lives on one event loop.
final class ClientConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct RunningCall {
        let token: UInt64
        let method: WireProtocol.Method
        let sink: any CallSink
        let startedAt: ContinuousClock.Instant
        var deadline: Scheduled<Void>?
    }

    private var connection: Connection
    private let pingInterval: Duration
    private let welcomed: EventLoopPromise<Welcome>
    /// Tells the pool how many calls run here and whether new ones may be begun.
    private let onChange: @Sendable (_ calls: Int, _ isOpen: Bool) -> Void
    private let onCallEnd: (@Sendable (CallTiming) -> Void)?

    private var context: ChannelHandlerContext?
    private var calls: [UInt32: RunningCall] = [:]
    private var streams: [UInt64: UInt32] = [:]
    private var scratch: [UInt8] = []
    private var isWelcomed = false
    private var failure: Status?
    private var lastReceived = NIODeadline.now()
    private var isPinging = false
    private var watch: RepeatedTask?

    init(
        settings: ConnectionSettings, pingInterval: Duration, welcomed: EventLoopPromise<Welcome>,
        onChange: @escaping @Sendable (Int, Bool) -> Void, onCallEnd: (@Sendable (CallTiming) -> Void)?
    ) {
        connection = Connection(role: .client, settings: settings)
        self.pingInterval = pingInterval
        self.welcomed = welcomed
        self.onChange = onChange
        self.onCallEnd = onCallEnd
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard watch == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let interval = TimeAmount.nanoseconds(pingInterval.microseconds * 1000)
        watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in bound.value.checkPulse() }
        writeOutput()
    }

    func channelInactive(context: ChannelHandlerContext) {
        watch?.cancel()
        perform(connection.disconnected())
        finishHandshake(.failure(TandemClientError(.unavailable, "the server closed the connection", isRetryable: true, didRun: false)))
        onChange(calls.count, false)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lastReceived = .now()
        isPinging = false
        perform(buffer.withUnsafeReadableBytes { connection.receive($0) })
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writeOutput()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { writeOutput() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Commands

    func take(_ commands: [CallCommand]) {
        for command in commands {
            switch command {
            case .start(let token, let method, let timeout, let message, let isLast, let sink):
                start(token, method, timeout, message, isLast, sink)
            case .send(let token, let message):
                guard let stream = streams[token] else { continue }
                if !connection.send(message, on: stream) { giveUp(stream, tooLong(message.count)) }
            case .closeSending(let token):
                if let stream = streams[token] { connection.closeSending(stream) }
            case .cancel(let token, let status):
                if let stream = streams[token] { giveUp(stream, status) }
            }
        }
        writeOutput()
    }

    private func start(
        _ token: UInt64, _ method: WireProtocol.Method, _ timeout: Duration?, _ message: [UInt8]?, _ isLast: Bool, _ sink: any CallSink
    ) {
        let startedAt = ContinuousClock.now
        if let message, message.count > connection.outboundMessageBytesMax, isWelcomed {
            return sink.end(tooLong(message.count))
        }
        let header = CallHeader(method: method, timeoutMicroseconds: timeout.map { UInt64(max(0, $0.microseconds)) })
        guard let stream = connection.open(header, message: message, isLast: isLast) else {
            if let failure { return sink.end(failure) }
            return sink.end(
                connection.isOpen
                    ? .refused(.resourceExhausted, "as many calls are open on this connection as the server allows")
                    : .refused(.unavailable, "the connection is closing"))
        }
        var call = RunningCall(token: token, method: method, sink: sink, startedAt: startedAt)
        if let timeout, let context {
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            call.deadline = context.eventLoop.scheduleTask(in: .nanoseconds(min(timeout.microseconds, Int64.max / 2000) * 1000)) {
                bound.value.deadlinePassed(stream)
            }
        }
        calls[stream] = call
        streams[token] = stream
        changed()
    }

    private func tooLong(_ bytes: Int) -> Status {
        .invalid("the request has \(bytes) bytes, the server takes \(connection.outboundMessageBytesMax); send it in parts")
    }

    private func deadlinePassed(_ stream: UInt32) {
        giveUp(stream, Status(code: .deadlineExceeded, message: "no answer within the call's deadline", retryable: true))
        writeOutput()
    }

    /// Ends a call from this side; one that is over is left alone.
    private func giveUp(_ stream: UInt32, _ status: Status) {
        guard calls[stream] != nil else { return }
        end(stream, status) { perform(connection.cancel(stream)) }
    }

    /// Tells the caller, last of all.
    private func end(_ stream: UInt32, _ status: Status, _ before: () -> Void = {}) {
        guard let call = calls.removeValue(forKey: stream) else { return }
        onCallEnd?(
            CallTiming(
                method: call.method, code: status.code, connection: call.startedAt.duration(to: .now),
                server: status.serverMicroseconds.map { .microseconds(Int64(clamping: $0)) }))
        call.deadline?.cancel()
        streams.removeValue(forKey: call.token)
        changed()
        before()
        if calls.isEmpty, isWelcomed, !connection.isOpen { context?.close(promise: nil) }
        call.sink.end(status)
    }

    private func changed() { onChange(calls.count, isWelcomed && connection.isOpen) }

    // MARK: Actions

    private func perform(_ actions: [ConnectionAction]) {
        for action in actions {
            switch action {
            case .welcomed(let welcome):
                isWelcomed = true
                changed()
                finishHandshake(.success(welcome))
            case .message(let stream, let bytes):
                calls[stream]?.sink.receive(bytes)
                perform(connection.consumed(stream))
            case .ended(let stream, let status):
                end(stream, status)
            case .pong: break
            case .goAway(let farewell):
                failure = .refused(.unavailable, "\(farewell.reason): \(farewell.message)")
                finishHandshake(
                    .failure(
                        TandemClientError(
                            farewell.reason == .unauthenticated ? .unauthenticated : .unavailable, "\(farewell.reason): \(farewell.message)",
                            isRetryable: farewell.reason == .tooManyConnections || farewell.reason == .shutdown, didRun: false)))
                changed()
                if calls.isEmpty { context?.close(promise: nil) }
            case .close(let farewell):
                finishHandshake(
                    .failure(
                        TandemClientError(.unavailable, "\(farewell.reason): \(farewell.message)", isRetryable: false, didRun: false)))
                writeOutput()
                context?.close(promise: nil)
            case .opened, .call, .halfClosed, .cancelled: preconditionFailure("\(action) on a client's connection")
            }
        }
    }

    private var isHandshakeOver = false

    private func finishHandshake(_ result: Result<Welcome, any Error>) {
        guard !isHandshakeOver else { return }
        isHandshakeOver = true
        welcomed.completeWith(result)
    }

    private func writeOutput() {
        guard let context, context.channel.isActive else { return }
        var didWrite = false
        while context.channel.isWritable {
            scratch.removeAll(keepingCapacity: true)
            connection.output(into: &scratch, bytesMax: FrameFormat.payloadBytesDefault)
            guard !scratch.isEmpty else { break }
            context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: scratch)), promise: nil)
            didWrite = true
        }
        if didWrite { context.flush() }
    }

    /// Calls that wait on a dead connection must not wait for ever.
    private func checkPulse() {
        guard !calls.isEmpty, NIODeadline.now() - lastReceived >= TimeAmount.nanoseconds(pingInterval.microseconds * 1000) else { return }
        if isPinging {
            context?.close(promise: nil)
        } else {
            isPinging = true
            connection.ping([0, 0, 0, 0, 0, 0, 0, 0])
            writeOutput()
        }
    }
}
