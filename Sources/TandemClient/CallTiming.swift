import WireProtocol

/// Where the time of one call went, as far as this side can tell: in the server, or on the way there and back.
///
/// ```
/// caller ─▶ encode ─▶ connection ─▶ frames ─▶ socket ═══▶ server … ═══▶ socket ─▶ frames ─▶ decode ─▶ caller
///                     ╰─────────────────────── connection ────────────────────────╯
///                                            ╰── wire ──╯ ╰ server ╯ ╰── wire ──╯
/// ```
public struct CallTiming: Sendable, Equatable {
    public var method: WireProtocol.Method
    /// How it ended; CANCELLED and DEADLINE_EXCEEDED where this side gave it up.
    public var code: StatusCode
    /// From the moment the connection took the request to the moment it had the whole answer.
    public var connection: Duration
    /// What the server says that the call spent there, waiting included; nil where it did not say.
    public var server: Duration?

    /// Framing, sockets, the network, and the waking of the threads that wait for it; nil where the server did not say what its share was.
    public var wire: Duration? { server.map { connection - $0 } }
}
