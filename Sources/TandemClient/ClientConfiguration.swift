import WireProtocol

/// How a ``TandemClient`` connects, waits and retries.
public struct ClientConfiguration: Sendable {
    /// Connections at a time; each carries many calls, so a second one only opens under load.
    public var connectionsMax = 2
    /// Calls on every open connection before another one is opened.
    public var callsPerConnection = 32
    public var connectTimeout = Duration.seconds(5)
    /// Deadline of a call that names none; nil: it waits for ever.
    public var timeout: Duration? = .seconds(30)
    /// Attempts of one call, the first included. Only what certainly did not run is sent again.
    public var attemptsMax = 4
    /// Pause before the second attempt; doubles each time, with up to half of it random. The server's own advice goes first.
    public var backoff = Duration.milliseconds(50)
    public var backoffMax = Duration.seconds(2)
    /// While calls wait: silence after which a PING asks whether the server is still there. As long again, and they fail.
    public var pingInterval = Duration.seconds(15)
    /// Called at the end of every call that a connection carried, successful or not, on a network thread: it must not block.
    public var onCallEnd: (@Sendable (CallTiming) -> Void)?
    /// Limits of what this side accepts.
    public var connection: ConnectionSettings

    public init() {
        connection = ConnectionSettings()
        connection.agent = "TandemClient"
        connection.messageBytesMax = 64 << 20
        connection.bufferedBytesMax = 256 << 20
        connection.connectionWindow = 16 << 20
        connection.streamWindow = 4 << 20
    }
}
