import NIOCore
import WireProtocol

/// The open connections to one server. A call takes the least busy one; another is opened when all are busy.
actor ConnectionPool {
    private let endpoint: Endpoint
    private let configuration: ClientConfiguration
    private let eventLoop: any EventLoop
    private var connections: [ClientConnection] = []
    private var connecting: Task<ClientConnection, any Error>?
    private var isClosed = false

    init(endpoint: Endpoint, configuration: ClientConfiguration, eventLoop: any EventLoop) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    /// - Throws: ``TandemClientError`` where no connection can be made.
    func connection() async throws -> ClientConnection {
        guard !isClosed else { throw TandemClientError(.cancelled, "the client has been shut down", didRun: false) }
        // Those that are closing keep their calls alive by themselves: the calls hold them.
        connections.removeAll { !$0.isOpen && ($0.calls == 0 || !$0.isAlive) }
        let open = connections.filter(\.isOpen)
        if let best = open.min(by: { $0.calls < $1.calls }),
            best.calls < configuration.callsPerConnection || open.count >= configuration.connectionsMax
        {
            return best
        }
        // Several calls that find none share one attempt.
        if let connecting { return try await connecting.value }
        let task = Task { [endpoint, configuration, eventLoop] in
            try await ClientConnection.connect(to: endpoint, configuration, on: eventLoop)
        }
        connecting = task
        defer { connecting = nil }
        let connection = try await task.value
        if isClosed {
            connection.close()
            throw TandemClientError(.cancelled, "the client has been shut down", didRun: false)
        }
        connections.append(connection)
        return connection
    }

    func close() {
        isClosed = true
        for connection in connections { connection.close() }
        connections = []
    }
}
