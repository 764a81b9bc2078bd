import Foundation
import Logging
import NIOCore
import NIOPosix
import SearchCore
import Synchronization
import WireProtocol

/// The listener and its connections.
///
/// ```swift
/// let server = try await WireServer.start(configuration, handler: handler, metrics: metrics, logger: logger)
/// // ...
/// await server.shutDown(grace: .seconds(5))
/// ```
public final class WireServer: Sendable {
    /// Where it really listens: the port that the system chose, where 0 was asked for.
    public let endpoint: Endpoint
    public let metrics: TransportMetrics
    private let listener: any Channel
    private let connections: Connections

    /// Open connections, by number.
    final class Connections: Sendable {
        struct Entry: Sendable {
            var eventLoop: any EventLoop
            var handler: NIOLoopBound<ServerConnectionHandler>
        }

        private struct State {
            var max: Int
            var next = 0
            var entries: [Int: Entry] = [:]
            var isShuttingDown = false
        }

        private let state: Mutex<State>

        init(max: Int) { state = Mutex(State(max: max)) }

        var max: Int { state.withLock { $0.max } }
        func limit(to max: Int) { state.withLock { $0.max = min($0.max, max) } }

        var count: Int { state.withLock { $0.entries.count } }
        var entries: [Entry] { state.withLock { Array($0.entries.values) } }

        /// A number for a new connection; nil where there are as many as allowed. `add` follows.
        func reserve() -> Int? {
            state.withLock { state in
                guard state.entries.count < state.max, !state.isShuttingDown else { return nil }
                state.next += 1
                return state.next
            }
        }

        func add(_ number: Int, _ entry: Entry) { state.withLock { $0.entries[number] = entry } }
        func remove(_ number: Int) { state.withLock { _ = $0.entries.removeValue(forKey: number) } }
        func close() { state.withLock { $0.isShuttingDown = true } }
    }

    private init(endpoint: Endpoint, metrics: TransportMetrics, listener: any Channel, connections: Connections) {
        self.endpoint = endpoint
        self.metrics = metrics
        self.listener = listener
        self.connections = connections
    }

    /// Listens and serves until ``shutDown(grace:)``.
    /// - Throws: UNAVAILABLE that names the address where it cannot be listened on.
    public static func start(
        _ configuration: WireServerConfiguration, handler: any RequestHandler, metrics: TransportMetrics = TransportMetrics(),
        logger: Logger, group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) async throws -> WireServer {
        let connections = Connections(max: configuration.connectionsMax)
        let admission = Admission(limit: configuration.callsMax)
        let budget = ByteBudget(limit: configuration.bufferedBytesMax)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // So that what waits, waits in the connection's fair queue and not in the socket's.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = connections.reserve()
                    let child = ServerConnectionHandler(
                        configuration: configuration, settings: configuration.connection, handler: handler, metrics: metrics,
                        admission: admission, budget: budget, logger: logger, eventLoop: channel.eventLoop,
                        overLimit: number == nil ? connections.max : nil,
                        onClose: { if let number { connections.remove(number) } })
                    if let number {
                        connections.add(
                            number, .init(eventLoop: channel.eventLoop, handler: NIOLoopBound(child, eventLoop: channel.eventLoop)))
                    }
                    try channel.pipeline.syncOperations.addHandler(child)
                }
            }
        let listener: any Channel
        do {
            listener = try await bootstrap.bind(host: configuration.endpoint.host, port: configuration.endpoint.port).get()
        } catch {
            throw TandemError(
                .unavailable, "cannot listen on \(configuration.endpoint): \(reason(error))")
        }
        var endpoint = configuration.endpoint
        endpoint.port = listener.localAddress?.port ?? endpoint.port
        logger.debug("listening", metadata: ["endpoint": "\(endpoint)"])
        return WireServer(endpoint: endpoint, metrics: metrics, listener: listener, connections: connections)
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? IOError else { return "\(error)" }
        let text = String(cString: strerror(error.errnoCode)).lowercased()
        return error.errnoCode == EADDRINUSE ? "\(text); is another process using that port?" : text
    }

    /// Takes fewer connections from now on than configured, since descriptors are short: one more is told so instead of being left
    /// without an answer.
    public func limitConnections(to max: Int) { connections.limit(to: max) }

    /// Open connections now.
    public var connectionCount: Int { connections.count }

    /// Stops listening, tells every client, answers the calls that are open, and closes; after `grace` it closes regardless.
    public func shutDown(grace: Duration) async {
        connections.close()
        try? await listener.close()
        for entry in connections.entries { entry.eventLoop.execute { entry.handler.value.shutDown() } }
        let end = ContinuousClock.now + grace
        while connections.count > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(10)) }
        for entry in connections.entries { entry.eventLoop.execute { entry.handler.value.closeNow() } }
        // Closing takes one turn of each loop; wait for it so that nobody calls the handler after this returns.
        let last = ContinuousClock.now + .seconds(1)
        while connections.count > 0, ContinuousClock.now < last { try? await Task.sleep(for: .milliseconds(5)) }
    }
}
