import NIOCore
import Synchronization
import WireProtocol

/// The open connections to one server. A call takes the least busy one; another is opened when all are busy.
/// Safe to use from any thread; where a connection is open, taking it suspends nobody.
final class ConnectionPool: Sendable {
    private struct State {
        var connections: [ClientConnection] = []
        /// Several calls that find no connection share one attempt.
        var connecting: Task<ClientConnection, any Error>?
        var isClosed = false
    }

    private let endpoint: Endpoint
    private let configuration: ClientConfiguration
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(endpoint: Endpoint, configuration: ClientConfiguration, eventLoop: any EventLoop) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    private enum Choice {
        case open(ClientConnection)
        case wait(Task<ClientConnection, any Error>)
        case closed
    }

    /// - Throws: ``TandemClientError`` where no connection can be made.
    func connection() async throws -> ClientConnection {
        switch state.withLock({ choose(&$0) }) {
        case .open(let connection): return connection
        case .wait(let task): return try await task.value
        case .closed: throw Self.closed
        }
    }

    private static var closed: TandemClientError { TandemClientError(.cancelled, "the client has been shut down", didRun: false) }

    private func choose(_ state: inout State) -> Choice {
        guard !state.isClosed else { return .closed }
        // Those that are closing keep their calls alive by themselves: the calls hold them.
        state.connections.removeAll { !$0.isOpen && ($0.calls == 0 || !$0.isAlive) }
        let open = state.connections.filter(\.isOpen)
        if let best = open.min(by: { $0.calls < $1.calls }),
            best.calls < configuration.callsPerConnection || open.count >= configuration.connectionsMax
        {
            return .open(best)
        }
        if let connecting = state.connecting { return .wait(connecting) }
        let task = Task { try await connect() }
        state.connecting = task
        return .wait(task)
    }

    private func connect() async throws -> ClientConnection {
        do {
            let connection = try await ClientConnection.connect(to: endpoint, configuration, on: eventLoop)
            let isClosed = state.withLock { state in
                state.connecting = nil
                if !state.isClosed { state.connections.append(connection) }
                return state.isClosed
            }
            guard isClosed else { return connection }
            connection.close()
            throw Self.closed
        } catch {
            state.withLock { $0.connecting = nil }
            throw error
        }
    }

    /// Closes all connections; later calls fail.
    func close() {
        let connections = state.withLock { state in
            defer { state.connections = [] }
            state.isClosed = true
            return state.connections
        }
        for connection in connections { connection.close() }
    }
}
