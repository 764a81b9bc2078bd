import Logging
import NIOCore
import SearchCore
import WireProtocol

/// Last handler of a connection's pipeline: feeds the ``Connection`` with bytes, does what it says, keeps the timers.
///
/// Lives on one event loop. It only frames and hands over: decoding and work happen on the handler's own threads.
/// An idle connection costs one timer, set to the moment at which a PING is due.
final class ServerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What is known of a call besides the protocol's own state.
    private struct RunningCall {
        let method: Method
        let control: QueryControl
        let receivedAt: ContinuousClock.Instant
        let ticket: Admission.Ticket
        /// Weak, so that a handler that drops a call ends it. Nil until a unary call's message is there.
        weak var call: ServerCall?
        var hasRequest = false
        var deadline: Scheduled<Void>?
    }

    private var connection: Connection
    private let configuration: WireServerConfiguration
    private let handler: any RequestHandler
    private let metrics: TransportMetrics
    private let admission: Admission
    private let budget: ByteBudget
    private let logger: Logger
    private let outbox: ConnectionOutbox
    /// The limit, where this is one connection more than that: it is told so.
    private let overLimit: Int?
    private let onClose: @Sendable () -> Void

    private var context: ChannelHandlerContext?
    private var peer = "?"
    private var calls: [UInt32: RunningCall] = [:]
    private var scratch: [UInt8] = []
    private var isClosing = false
    /// Streams whose next batch must wait until answers have been read.
    private var postponed: [UInt32] = []

    private let startedAt = NIODeadline.now()
    private var isHandshaken = false
    private var lastReceived = NIODeadline.now()
    private var pingSentAt: NIODeadline?
    /// Since when answers wait without any byte of them having been written.
    private var stalledSince: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture
    private var countedFrames = (received: 0, sent: 0)
    /// Not yet counted.
    private var endedCalls: [(method: Method, code: StatusCode, duration: Duration)] = []
    /// What this connection has told the budget.
    private var countedBytes = 0

    init(
        configuration: WireServerConfiguration, settings: ConnectionSettings, handler: any RequestHandler, metrics: TransportMetrics,
        admission: Admission, budget: ByteBudget, logger: Logger, eventLoop: any EventLoop, overLimit: Int?, onClose: @escaping @Sendable () -> Void
    ) {
        connection = Connection(role: .server, settings: settings)
        self.configuration = configuration
        self.handler = handler
        self.metrics = metrics
        self.admission = admission
        self.budget = budget
        self.logger = logger
        self.overLimit = overLimit
        self.onClose = onClose
        outbox = ConnectionOutbox(eventLoop: eventLoop)
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        outbox.attach(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        outbox.attach(nil)
    }

    func channelActive(context: ChannelHandlerContext) {
        peer = context.remoteAddress.map { "\($0)" } ?? "?"
        metrics.opened()
        if let overLimit {
            metrics.refused()
            abort(
                .tooManyConnections, "the server has \(overLimit) connections, which is its limit; try again later")
        }
        setTimer(startedAt + configuration.handshakeTimeout.timeAmount)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        perform(connection.disconnected())
        countEndedCalls()
        countBytes()
        metrics.closed()
        onClose()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        lastReceived = .now()
        pingSentAt = nil
        metrics.traffic(bytesReceived: buffer.readableBytes)
        perform(buffer.withUnsafeReadableBytes { connection.receive($0) })
        countBytes()
        if budget.isExceeded {
            perform(connection.relieve())
            countBytes()
        }
    }

    private func countBytes() {
        let bytes = connection.bufferedBytes + connection.pendingMessageBytes
        budget.change(by: bytes - countedBytes)
        countedBytes = bytes
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        writeOutput()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            writeOutput()
            countBytes()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection failed", metadata: ["peer": "\(peer)", "error": "\(error)"])
        context.close(promise: nil)
    }

    // MARK: From the handler's threads

    func take(_ events: [ConnectionOutbox.Event]) {
        for event in events {
            switch event {
            case .respond(let stream, let message):
                guard calls[stream] != nil else { continue }
                finish(stream, connection.send(message, on: stream) ? .ok : tooLong(message))
            case .message(let stream, let message):
                if !connection.send(message, on: stream), let running = calls[stream] {
                    running.call?.cancel()
                    finish(stream, tooLong(message))
                }
            case .finish(let stream, let status): finish(stream, status)
            case .consumed(let stream):
                if hasTooMuchOutput { postponed.append(stream) } else { perform(connection.consumed(stream)) }
            }
        }
        writeOutput()
        countBytes()
    }

    private func tooLong(_ answer: [UInt8]) -> Status {
        Status(
            code: .resourceExhausted,
            message: "the answer has \(answer.count) bytes, the client takes \(connection.outboundMessageBytesMax); ask for less",
            didRun: true)
    }

    // MARK: Shutdown

    /// No new calls; closes when the open ones are answered.
    func shutDown() {
        perform(connection.shutDown())
        writeOutput()
    }

    func closeNow() { context?.close(promise: nil) }

    // MARK: Actions

    private func perform(_ actions: [ConnectionAction]) {
        for action in actions {
            switch action {
            case .opened(let hello):
                isHandshaken = true
                setTimer(.now() + configuration.pingInterval.timeAmount)
                logger.trace("client connected", metadata: ["peer": "\(peer)", "agent": "\(hello.agent)"])
            case .call(let stream, let header): begin(stream, header)
            case .message(let stream, let bytes): receive(bytes, stream)
            case .halfClosed(let stream): receiveEnd(stream)
            case .cancelled(let stream):
                guard let running = calls[stream] else { continue }
                running.control.cancel()
                running.call?.cancel()
                forget(stream, .cancelled)
            case .pong: break
            case .goAway: break
            case .close(let farewell):
                close(farewell)
            case .welcomed, .ended: preconditionFailure("\(action) on a server's connection")
            }
        }
    }

    private func begin(_ stream: UInt32, _ header: CallHeader) {
        guard header.method.isKnown else {
            refuse(
                stream,
                Status(code: .unimplemented, message: "method \(header.method.rawValue) is not known to this server", didRun: false))
            return
        }
        guard !hasTooMuchOutput else {
            refuse(
                stream,
                .refused(
                    .resourceExhausted, "\(connection.pendingMessageBytes) bytes of answers wait to be read on this connection",
                    retryAfter: .milliseconds(100)))
            return
        }
        guard !budget.isExceeded else {
            refuse(
                stream,
                .refused(
                    .resourceExhausted, "\(budget.limit) bytes of requests and answers wait on all connections together",
                    retryAfter: .milliseconds(200)))
            return
        }
        guard let ticket = admission.enter() else {
            refuse(
                stream,
                .refused(
                    .resourceExhausted, "the server is running \(admission.limit) calls, which is its limit",
                    retryAfter: .milliseconds(100)))
            return
        }
        metrics.callBegan()
        let now = ContinuousClock.now
        // A timeout that reaches beyond the clock is none.
        let timeout = header.timeoutMicroseconds.flatMap { $0 > UInt64(Int32.max) * 1_000_000 ? nil : Duration.microseconds(Int64($0)) }
        var running = RunningCall(
            method: header.method, control: QueryControl(deadline: timeout.map { now + $0 }), receivedAt: now,
            ticket: ticket)
        if let timeout, let context {
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            running.deadline = context.eventLoop.scheduleTask(in: (timeout + configuration.deadlineGrace).timeAmount) {
                bound.value.deadlinePassed(stream)
            }
        }
        calls[stream] = running
        if header.method.isClientStreaming { start(stream, request: []) }
    }

    private func refuse(_ stream: UInt32, _ status: Status) { perform(connection.finish(stream, status)) }

    private func start(_ stream: UInt32, request: [UInt8]) {
        guard let running = calls[stream] else { return }
        let call = ServerCall(
            method: running.method, control: running.control, peer: peer, receivedAt: running.receivedAt, request: request,
            stream: stream, outbox: outbox, ticket: running.ticket)
        calls[stream]!.call = call
        calls[stream]!.hasRequest = true
        handler.handle(call)
    }

    private func receive(_ bytes: [UInt8], _ stream: UInt32) {
        guard let running = calls[stream] else { return }
        if running.method.isClientStreaming {
            running.call?.deliver(bytes)
        } else if running.hasRequest {
            running.call?.cancel()
            finish(stream, Status(code: .invalidArgument, message: "\(running.method) takes one message, here is a second"))
        } else {
            start(stream, request: bytes)
        }
    }

    private func receiveEnd(_ stream: UInt32) {
        guard let running = calls[stream] else { return }
        if running.method.isClientStreaming {
            running.call?.deliverEnd()
        } else if !running.hasRequest {
            finish(stream, .invalid("\(running.method) takes one message, here is none"))
        }
    }

    private func deadlinePassed(_ stream: UInt32) {
        guard let running = calls[stream] else { return }
        running.control.cancel()
        running.call?.cancel()
        finish(
            stream,
            Status(
                code: .deadlineExceeded, message: "the call's deadline passed before it was done", retryable: true,
                didRun: running.hasRequest ? nil : false))
        writeOutput()
    }

    private func finish(_ stream: UInt32, _ status: Status) {
        var status = status
        if let duration = forget(stream, status.code) { status.serverMicroseconds = UInt64(max(0, duration.microseconds)) }
        perform(connection.finish(stream, status))
    }

    /// - Returns: how long the call was here.
    @discardableResult
    private func forget(_ stream: UInt32, _ code: StatusCode) -> Duration? {
        guard let running = calls.removeValue(forKey: stream) else { return nil }
        running.deadline?.cancel()
        let duration = running.receivedAt.duration(to: .now)
        endedCalls.append((running.method, code, duration))
        return duration
    }

    /// After the answers are in the socket: the callers wait for those, not for our figures.
    private func countEndedCalls() {
        for call in endedCalls { metrics.callEnded(call.method, call.code, call.duration) }
        endedCalls.removeAll(keepingCapacity: true)
    }

    // MARK: Output

    private func writeOutput() {
        defer { countEndedCalls() }
        guard let context, !isClosing else { return }
        var sent = 0
        while context.channel.isWritable {
            scratch.removeAll(keepingCapacity: true)
            connection.output(into: &scratch, bytesMax: FrameFormat.payloadBytesDefault)
            guard !scratch.isEmpty else { break }
            sent += scratch.count
            context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: scratch)), promise: nil)
        }
        if sent > 0 {
            context.flush()
            countTraffic(bytesSent: sent)
        }
        // One large answer must not keep its buffer for the connection's life.
        if scratch.capacity > 256 << 10 { scratch = [] }
        watchReader(madeProgress: sent > 0)
        if connection.isDrained { closeWhenWritten() }
    }

    private func countTraffic(bytesSent: Int) {
        metrics.traffic(
            bytesSent: bytesSent, framesReceived: connection.framesReceived - countedFrames.received,
            framesSent: connection.framesSent - countedFrames.sent)
        countedFrames = (connection.framesReceived, connection.framesSent)
    }

    /// Answers that nobody reads: first we take no more work, later we close.
    private func watchReader(madeProgress: Bool) {
        guard let context, !isClosing else { return }
        let isWaiting = connection.pendingMessageBytes > 0 || !context.channel.isWritable
        if !isWaiting {
            stalledSince = nil
        } else if madeProgress || stalledSince == nil {
            stalledSince = .now()
            setTimer(.now() + configuration.stallTimeout.timeAmount)
        }
        if !postponed.isEmpty, connection.pendingMessageBytes * 2 <= configuration.outboundBytesMax {
            let streams = postponed
            postponed = []
            for stream in streams { perform(connection.consumed(stream)) }
        }
    }

    /// The client asks for more than it reads. Its frames are still taken (its credits are among them), but no new work.
    private var hasTooMuchOutput: Bool { connection.pendingMessageBytes > configuration.outboundBytesMax }

    private func close(_ farewell: GoAway) {
        metrics.failed(farewell.reason)
        logger.debug("connection ended", metadata: ["peer": "\(peer)", "reason": "\(farewell.reason)", "message": "\(farewell.message)"])
        writeOutput()
        closeWhenWritten()
    }

    /// Closes our side after what is in the socket's queue has been written, and the socket when the client has closed its side,
    /// at the latest after a second: closing at once, with input unread, would reset the connection and lose the GOAWAY.
    private func closeWhenWritten() {
        guard let context, !isClosing else { return }
        isClosing = true
        timer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))).whenComplete { _ in
            bound.value.context?.close(mode: .output, promise: nil)
        }
        timer = context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.closeNow() }
    }

    // MARK: Time

    /// Looks after the connection at `time`, or earlier where something earlier is set already.
    private func setTimer(_ time: NIODeadline) {
        guard let context, !isClosing, time < timerAt else { return }
        timer?.cancel()
        timerAt = time
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(deadline: time) { bound.value.timerFired() }
    }

    private func timerFired() {
        timerAt = .distantFuture
        guard context != nil, !isClosing else { return }
        let now = NIODeadline.now()
        guard isHandshaken else {
            let limit = startedAt + configuration.handshakeTimeout.timeAmount
            if now >= limit { return abort(.handshakeTimeout, "no HELLO within \(configuration.handshakeTimeout)") }
            return setTimer(limit)
        }
        if let stalledSince {
            let limit = stalledSince + configuration.stallTimeout.timeAmount
            if now >= limit {
                return abort(.slowReader, "answers have waited for \(configuration.stallTimeout) without being read")
            }
            setTimer(limit)
        }
        if let pingSentAt {
            let limit = pingSentAt + configuration.pongTimeout.timeAmount
            if now >= limit { return abort(.pingTimeout, "PING was not answered within \(configuration.pongTimeout)") }
            return setTimer(limit)
        }
        let due = lastReceived + configuration.pingInterval.timeAmount
        if now >= due {
            pingSentAt = now
            connection.ping(withUnsafeBytes(of: now.uptimeNanoseconds.bigEndian) { [UInt8]($0) })
            writeOutput()
            setTimer(now + configuration.pongTimeout.timeAmount)
        } else {
            setTimer(due)
        }
    }

    private func abort(_ reason: GoAwayReason, _ message: String) { perform(connection.abort(reason, message)) }
}

extension Duration {
    /// Rounded down to nanoseconds; saturates.
    var timeAmount: TimeAmount {
        let (microseconds, overflow) = self.microseconds.multipliedReportingOverflow(by: 1000)
        return .nanoseconds(overflow ? Int64.max / 2 : microseconds)
    }
}
