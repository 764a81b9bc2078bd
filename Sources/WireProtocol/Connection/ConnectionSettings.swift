/// What one side of a connection takes and grants.
public struct ConnectionSettings: Sendable {
    /// Largest payload of a frame that is accepted; also the largest that is sent, if the peer allows it.
    public var frameBytesMax = FrameFormat.payloadBytesDefault
    /// Largest message that is accepted, all its frames together.
    public var messageBytesMax = 16 << 20
    /// Streams that the peer may have open at a time.
    public var streamsMax = 256
    /// Credits granted to a stream; a sender never has more than this on its way beyond one unfinished message.
    public var streamWindow = 1 << 20
    /// Credits granted to all streams together.
    public var connectionWindow = 4 << 20
    /// Bytes of unfinished and of delivered but not yet consumed messages that this side holds. More than the window above it.
    public var bufferedBytesMax = 64 << 20
    /// Bytes of answers to frames of the connection itself (PONG, WINDOW, refusals) that may wait to be read by the peer.
    public var controlBytesMax = 1 << 20
    /// Who this side is, for the peer's log.
    public var agent = "tandem"

    /// Server: what it was built from, which models it has, further limits of its requests.
    public var build = ""
    public var models: [ModelDescription] = []
    public var limits = Limits()
    /// Server: refuses a connection by its HELLO; nil: welcome. Called from ``Connection/receive(_:)``, so it must not block.
    public var refuse: (@Sendable (Hello) -> GoAway?)?

    public init() {}

    /// What HELLO or WELCOME states.
    var statedLimits: Limits {
        var limits = limits
        limits.frameBytes = UInt32(frameBytesMax)
        limits.messageBytes = UInt32(messageBytesMax)
        limits.streams = UInt32(streamsMax)
        return limits
    }
}

/// Which side of a connection this is.
public enum ConnectionRole: Sendable, Hashable {
    case client
    case server
}
