/// One end of a connection as a value: bytes in, actions and bytes out; no sockets, no clocks, no threads.
///
/// ```
///   client: awaitingPeer --WELCOME--> open --GOAWAY, shutDown--> draining --last stream--> (owner closes)
///   server: awaitingPeer --HELLO----> open --GOAWAY, shutDown--> draining --last stream--> (owner closes)
///   any --broken rule, abort, disconnected--> closed: input is ignored, only pending output remains
/// ```
/// Invariants: (1) only the client opens streams, with increasing ids, so that an id at or below `lastStream` that is not in
/// `streams` belongs to a call that is over, and its late frames are dropped; (2) a peer never has more bytes on its way
/// than the credits it was granted; (3) unfinished and unconsumed messages hold at most
/// `settings.bufferedBytesMax` bytes; (4) after ``ConnectionAction/close(_:)`` no action follows; (5) credits of the connection are only
/// withheld while a message waits to be consumed, so every change of `bufferedBytes` or `unconsumedMessages` looks at them again.
///
/// Back-pressure: a stream's credits are given back while its first unconsumed message is still incomplete (a message may be longer
/// than a window), then withheld until the owner says ``consumed(_:)``. The connection's credits are given back at once, unless
/// the buffers are nearly full; if nothing in them can be consumed (all messages unfinished), the longest is refused.
///
/// Not thread-safe: owned by one event loop. Bytes: docs/formats/wire-protocol.md.
/// Cost: every payload byte is checksummed and copied once.
public struct Connection: Sendable {
    enum Phase { case awaitingPeer, open, draining, closed }

    public let role: ConnectionRole
    public let settings: ConnectionSettings
    var phase = Phase.awaitingPeer

    /// Bytes of an unfinished frame.
    var input: [UInt8] = []
    var streams: [UInt32: StreamState] = [:]
    /// Server: the last stream that was accepted or refused. Client: the last one opened.
    var lastStream: UInt32 = 0
    /// Client: the server has said GOAWAY.
    var peerGoAway: GoAway?

    var receiveWindow: Int
    var withheld = 0
    /// Bytes of unfinished and of unconsumed messages, over all streams.
    public internal(set) var bufferedBytes = 0
    var unconsumedMessages = 0

    /// From HELLO or WELCOME.
    var sendWindow = 0
    var peerStreamWindow = 0
    var peerFrameBytesMax = FrameFormat.payloadBytesDefault
    var peerMessageBytesMax = Int(UInt32.max)
    var peerStreamsMax = 0

    /// Whole frames of the connection itself, written before any stream's.
    var control: [UInt8] = []
    /// Streams with something to send, round robin.
    var queue: [UInt32] = []
    var queueHead = 0
    /// Message bytes that wait to be sent.
    public internal(set) var pendingMessageBytes = 0

    /// Frames since the beginning, for metrics.
    public internal(set) var framesReceived = 0
    public internal(set) var framesSent = 0

    /// A client's HELLO is ready to be written at once.
    /// - Precondition: frame limits within ``FrameFormat``'s, windows positive, room for messages beyond the window.
    public init(role: ConnectionRole, settings: ConnectionSettings = ConnectionSettings()) {
        precondition(
            (FrameFormat.payloadBytesLeast...FrameFormat.payloadBytesMost).contains(settings.frameBytesMax)
                && (1...FrameFormat.windowMax).contains(settings.streamWindow)
                && (1...FrameFormat.windowMax).contains(settings.connectionWindow)
                && settings.bufferedBytesMax > settings.connectionWindow
                && settings.messageBytesMax <= FrameFormat.messageBytesMost,
            "settings out of range: \(settings)")
        self.role = role
        self.settings = settings
        receiveWindow = settings.connectionWindow
        if role == .client {
            let hello = Hello(
                versionMin: UInt32(FrameFormat.version), versionMax: UInt32(FrameFormat.version), agent: settings.agent,
                streamWindow: UInt32(settings.streamWindow), connectionWindow: UInt32(settings.connectionWindow),
                limits: settings.statedLimits)
            appendControl(.hello, payload: hello.encode())
        }
    }

    // MARK: State

    public var isOpen: Bool { phase == .open && peerGoAway == nil }
    public var isClosed: Bool { phase == .closed }
    /// Shutting down, and every call has been answered.
    public var isDrained: Bool { phase == .draining && streams.isEmpty && control.isEmpty }
    public var openStreams: Int { streams.count }
    /// Client: a call can be opened now.
    public var hasRoomForStream: Bool { isOpen && streams.count < peerStreamsMax && lastStream < UInt32(Int32.max) }
    /// Largest message that the peer takes.
    public var outboundMessageBytesMax: Int { peerMessageBytesMax }

    // MARK: Client's operations

    /// Client: opens a stream. `message`: the first message, if it is there already; `isLast`: nothing follows it.
    /// - Returns: nil where no stream can be opened now (``hasRoomForStream``), or the message is longer than the server takes.
    public mutating func open(_ header: CallHeader, message: [UInt8]?, isLast: Bool) -> UInt32? {
        precondition(role == .client, "only clients open streams")
        guard hasRoomForStream, message.map({ $0.count <= peerMessageBytesMax }) ?? true else { return nil }
        lastStream += 1
        var stream = StreamState(receiveWindow: settings.streamWindow, sendWindow: peerStreamWindow)
        stream.callHeader = header.encode()
        stream.closesAfterOutbound = isLast
        if let message {
            stream.append(message)
            pendingMessageBytes += message.count
        }
        streams[lastStream] = stream
        enqueue(lastStream)
        return lastStream
    }

    /// Client: nothing more follows on this stream. A stream that is over is left alone.
    public mutating func closeSending(_ stream: UInt32) {
        guard phase != .closed, let state = streams[stream], !state.closesAfterOutbound else { return }
        streams[stream]!.closesAfterOutbound = true
        enqueue(stream)
    }

    /// Client: gives a call up. Nothing more is heard of it; what is returned concerns other calls.
    @discardableResult
    public mutating func cancel(_ stream: UInt32) -> [ConnectionAction] {
        guard phase != .closed, let state = streams[stream] else { return [] }
        // A stream whose REQUEST was never written is unknown to the server, and simply never appears: ids may have gaps.
        if state.callHeader == nil { appendControl(.cancel, stream: stream, payload: []) }
        remove(stream)
        var actions: [ConnectionAction] = []
        returnConnectionCredits(&actions)
        return actions
    }

    // MARK: Server's operations

    /// Server: ends a call, after the messages sent before. A stream that is over is left alone. What is returned concerns other calls.
    @discardableResult
    public mutating func finish(_ stream: UInt32, _ status: Status = .ok) -> [ConnectionAction] {
        precondition(role == .server, "only servers end streams")
        guard phase != .closed, let state = streams[stream], state.endPayload == nil else { return [] }
        // An OK without details needs no bytes.
        streams[stream]!.endPayload = status == .ok ? [] : status.encode()
        // Nobody will look at its messages any more, complete or not.
        bufferedBytes -= state.bufferedBytes
        unconsumedMessages -= state.unconsumed
        streams[stream]!.assembling = []
        streams[stream]!.deliveredBytes = 0
        streams[stream]!.unconsumed = 0
        enqueue(stream)
        var actions: [ConnectionAction] = []
        returnConnectionCredits(&actions)
        return actions
    }

    /// Takes no new streams, answers those that are open, then ``isDrained``.
    /// Before the handshake there is nothing to wait for, so the connection is closed.
    public mutating func shutDown(_ message: String = "the server is shutting down") -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        switch phase {
        case .awaitingPeer: fail(.shutdown, message, &actions)
        case .open:
            phase = .draining
            appendControl(.goAway, payload: GoAway(reason: .shutdown, lastStreamId: lastStream, message: message).encode())
        case .draining, .closed: break
        }
        return actions
    }

    // MARK: Both sides' operations

    /// Queues a message on a stream.
    /// - Returns: false where the stream is over or closed for sending, or the message is longer than the peer takes
    ///   (``outboundMessageBytesMax``); nothing is sent then, and ending the call is the owner's to do.
    @discardableResult
    public mutating func send(_ message: [UInt8], on stream: UInt32, isLast: Bool = false) -> Bool {
        guard phase != .closed, let state = streams[stream], state.endPayload == nil, !state.closesAfterOutbound,
            message.count <= peerMessageBytesMax
        else { return false }
        streams[stream]!.append(message)
        if isLast, role == .client { streams[stream]!.closesAfterOutbound = true }
        pendingMessageBytes += message.count
        enqueue(stream)
        return true
    }

    /// A message of this stream has been taken in; the next may come.
    public mutating func consumed(_ stream: UInt32) -> [ConnectionAction] {
        guard phase != .closed, let state = streams[stream], state.unconsumed > 0 else { return [] }
        streams[stream]!.unconsumed -= 1
        unconsumedMessages -= 1
        if state.unconsumed == 1 {
            bufferedBytes -= state.deliveredBytes
            streams[stream]!.deliveredBytes = 0
        }
        returnStreamCredits(stream)
        var actions: [ConnectionAction] = []
        returnConnectionCredits(&actions)
        return actions
    }

    /// Asks the peer for a sign of life. `payload`: 8 bytes, which come back in ``ConnectionAction/pong(_:)``.
    public mutating func ping(_ payload: [UInt8]) {
        precondition(payload.count == 8, "a PING carries 8 bytes, not \(payload.count)")
        guard phase != .closed else { return }
        appendControl(.ping, payload: payload)
    }

    /// Ends the connection for a reason that lies outside the protocol's bytes (a timeout, too many connections).
    public mutating func abort(_ reason: GoAwayReason, _ message: String) -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        fail(reason, message, &actions)
        return actions
    }

    /// The socket is gone. Server: every call is cancelled. Client: every call ends with UNAVAILABLE, and `didRun` is false
    /// where no byte of it was sent.
    public mutating func disconnected() -> [ConnectionAction] {
        guard phase != .closed else { return [] }
        phase = .closed
        return dropStreams("the connection was lost")
    }

    // MARK: Internals shared by the parts

    mutating func dropStreams(_ message: String) -> [ConnectionAction] {
        var actions: [ConnectionAction] = []
        for (id, state) in streams.sorted(by: { $0.key < $1.key }) {
            switch role {
            case .server: actions.append(.cancelled(stream: id))
            case .client:
                let isUntouched = !state.isStarted || (peerGoAway.map { id > $0.lastStreamId } ?? false)
                actions.append(
                    .ended(
                        stream: id,
                        Status(code: .unavailable, message: message, retryable: true, didRun: isUntouched ? false : nil)))
            }
        }
        streams.removeAll()
        queue.removeAll()
        queueHead = 0
        pendingMessageBytes = 0
        bufferedBytes = 0
        unconsumedMessages = 0
        return actions
    }

    /// A broken rule ends the connection: GOAWAY goes out, everything else is dropped.
    mutating func fail(_ reason: GoAwayReason, _ message: String, _ actions: inout [ConnectionAction]) {
        guard phase != .closed else { return }
        let farewell = GoAway(reason: reason, lastStreamId: role == .server ? lastStream : 0, message: message)
        // What waits in `control` is of no use to a peer that is being sent away, but it is whole frames; keep the order.
        appendControl(.goAway, payload: farewell.encode(), isFarewell: true)
        phase = .closed
        actions += dropStreams(message)
        actions.append(.close(farewell))
    }

    mutating func appendControl(_ type: FrameType, stream: UInt32 = 0, payload: [UInt8], isFarewell: Bool = false) {
        if control.count + payload.count > settings.controlBytesMax, !isFarewell {
            controlOverflowed = true
            return
        }
        payload.withUnsafeBytes { FrameWriter.append(type, [], stream: stream, payload: $0, to: &control) }
        framesSent += 1
    }

    /// The peer makes us answer and does not read the answers; ``receive(_:)`` ends the connection.
    var controlOverflowed = false

    mutating func enqueue(_ stream: UInt32) {
        guard streams[stream]?.isQueued == false else { return }
        streams[stream]!.isQueued = true
        queue.append(stream)
    }

    /// `returnConnectionCredits` follows.
    mutating func remove(_ stream: UInt32) {
        guard let state = streams.removeValue(forKey: stream) else { return }
        pendingMessageBytes -= state.outboundBytes
        bufferedBytes -= state.bufferedBytes
        unconsumedMessages -= state.unconsumed
        // A queued id without a stream is skipped when its turn comes.
    }
}
