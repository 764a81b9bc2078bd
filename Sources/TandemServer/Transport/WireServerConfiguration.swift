import SearchCore
import WireProtocol

/// Limits and times of the transport.
public struct WireServerConfiguration: Sendable {
    /// Where to listen; port 0 lets the system choose.
    public var endpoint = Endpoint(host: "127.0.0.1")
    /// Limits of each connection, and what WELCOME says about this server.
    public var connection = ConnectionSettings()
    /// Connections at a time; one more is told so and closed.
    public var connectionsMax = 1024
    /// Calls running at a time on all connections together; one more is refused, to be sent again.
    public var callsMax = 1024
    /// Bytes of requests, unfinished or waiting for their turn, and of answers that wait to be read, on all connections together; beyond, new calls are refused and
    /// long unfinished messages given up.
    public var bufferedBytesMax = 1 << 30
    /// Time from connecting to HELLO.
    public var handshakeTimeout = Duration.seconds(10)
    /// Silence after which a PING asks whether the client is still there, and how long its PONG may take.
    public var pingInterval = Duration.seconds(60)
    public var pongTimeout = Duration.seconds(20)
    /// Bytes of answers that may wait for a slow reader; beyond, its new calls are refused and its
    /// streams are held until it has read.
    public var outboundBytesMax = 32 << 20
    /// Time without any progress while answers wait, after which a slow reader is closed.
    public var stallTimeout = Duration.seconds(30)
    /// How long after a call's deadline the handler may still answer (what it has until then), before the transport does.
    public var deadlineGrace = Duration.milliseconds(50)

    public init() {}

    /// Until TLS and keys exist, only this machine may connect, unless the operator says otherwise.
    /// - Throws: INVALID_ARGUMENT where `endpoint` can be reached from other machines and `allowInsecure` is false.
    public static func checkExposure(of endpoint: Endpoint, allowInsecure: Bool) throws {
        guard !endpoint.isLoopback, !allowInsecure else { return }
        throw TandemError.invalidArgument(
            "\(endpoint) can be reached from other machines, and connections are neither encrypted nor authenticated yet; "
                + "listen on 127.0.0.1, or give --allow-insecure where the network itself is trusted")
    }
}
