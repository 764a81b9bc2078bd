import NIOCore
import NIOPosix
import WireProtocol

/// Talks to a Tandem daemon. Make one and share it: it is safe to use from any task, and its connections carry many calls at once.
///
/// ```swift
/// let client = try TandemClient("127.0.0.1:7700")
/// _ = try await client.createCollection("notes")
/// _ = try await client.upsert([Document(id: "1", texts: [TextField(name: "text", text: "hello")])], into: "notes")
/// let found = try await client.search(SearchRequest(collection: "notes", text: "hello"))
/// await client.shutDown()
/// ```
///
/// A call that fails throws ``TandemClientError``. It is sent again by itself only where it certainly did not run: the server
/// could not be reached, or said so. Everything else is the caller's decision.
public final class TandemClient: Sendable {
    public let endpoint: Endpoint
    public let configuration: ClientConfiguration
    let pool: ConnectionPool
    /// For callers to whom some tens of microseconds matter: tasks that prefer it run where the answers arrive, which saves each
    /// call two hops between threads. What else such a task does must not block, since all connections of this client wait for it.
    ///
    /// ```swift
    /// let found = try await withTaskExecutorPreference(client.taskExecutor) {
    ///     try await client.search(SearchRequest(collection: "notes", text: "hello"))
    /// }
    /// ```
    public let taskExecutor: any TaskExecutor

    /// `address`: `HOST:PORT`, port 7700 where none is named. Connects with the first call.
    /// - Throws: INVALID_ARGUMENT where `address` is not one.
    public convenience init(_ address: String, configuration: ClientConfiguration = ClientConfiguration()) throws {
        guard let endpoint = Endpoint(address), endpoint.port > 0 else {
            throw TandemClientError(.invalidArgument, "'\(address)' is not HOST:PORT", didRun: false)
        }
        self.init(endpoint, configuration: configuration)
    }

    /// All connections live on one event loop of `group`: a loop carries far more calls than a client makes.
    public init(
        _ endpoint: Endpoint, configuration: ClientConfiguration = ClientConfiguration(),
        group: any EventLoopGroup = .singletonMultiThreadedEventLoopGroup
    ) {
        precondition(configuration.connectionsMax > 0 && configuration.attemptsMax > 0, "no connections or no attempts")
        self.endpoint = endpoint
        self.configuration = configuration
        let eventLoop = group.next()
        pool = ConnectionPool(endpoint: endpoint, configuration: configuration, eventLoop: eventLoop)
        taskExecutor = EventLoopTaskExecutor(eventLoop)
    }

    /// Closes all connections; calls that run fail with UNAVAILABLE, later ones with CANCELLED.
    public func shutDown() async { pool.close() }

    /// What the server said of itself: version, build, models, limits. Connects if need be.
    public func welcome() async throws -> Welcome {
        try await Retry(configuration, timeout: configuration.timeout).run { _ in try await self.pool.connection().welcome }
    }

    /// One unary call with retries.
    func call<Request: WireMessage, Response: WireMessage>(
        _ method: WireProtocol.Method, _ request: Request, timeout: Duration?, _: Response.Type = Response.self
    ) async throws -> Response {
        let message = request.encode()
        let answer = try await Retry(configuration, timeout: timeout ?? configuration.timeout).run { left in
            try await self.pool.connection().unary(method, message, timeout: left)
        }
        return try decode(answer)
    }
}

func decode<M: WireMessage>(_ bytes: [UInt8]) throws -> M {
    do throws(MessageError) { return try M(decoding: bytes) } catch {
        throw TandemClientError(.internal, "the server's answer cannot be read: \(error)", didRun: true)
    }
}
