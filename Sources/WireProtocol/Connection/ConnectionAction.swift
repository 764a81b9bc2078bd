/// What the owner of a ``Connection`` has to do, in order. Besides, it writes ``Connection/output(into:bytesMax:)``.
public enum ConnectionAction: Sendable, Equatable {
    /// Server: the handshake is done.
    case opened(Hello)
    /// Client: the handshake is done.
    case welcomed(Welcome)
    /// Server: a call began. Its messages follow.
    case call(stream: UInt32, CallHeader)
    /// A complete message. Tell ``Connection/consumed(_:)`` when it has been taken in, or no more will come.
    case message(stream: UInt32, [UInt8])
    /// Server: the client sends nothing more on this stream.
    case halfClosed(stream: UInt32)
    /// Server: nobody waits for this stream's answer any more; stop the work.
    case cancelled(stream: UInt32)
    /// Client: the call is over; the stream is gone.
    case ended(stream: UInt32, Status)
    /// The peer answered a ``Connection/ping(_:)``.
    case pong([UInt8])
    /// The peer ends the connection: no new streams.
    case goAway(GoAway)
    /// Write what is pending, then close the socket. Nothing follows.
    case close(GoAway)
}
