import Dispatch
import HybridSearch
import Logging
import SearchCore
import Synchronization
import WireProtocol

/// A whole daemon in this process: models, transport, engine, services. `tandemd` adds the command line and the signals.
///
/// ```swift
/// let daemon = try await Daemon.start(configuration, logger: logger)
/// print(daemon.endpoint)
/// await daemon.shutDown(within: .seconds(4))
/// ```
/// It listens before the collections are open: until then every call but health, info and metrics is answered UNAVAILABLE,
/// with the advice to come back. Thread-safe.
public final class Daemon: Sendable {
    /// Where it really listens.
    public var endpoint: Endpoint { server.endpoint }
    public let metrics: TransportMetrics
    private let server: WireServer
    private let slot: EngineSlot
    private let pools: ServicePools
    private let logger: Logger

    private init(server: WireServer, metrics: TransportMetrics, slot: EngineSlot, pools: ServicePools, logger: Logger) {
        self.server = server
        self.metrics = metrics
        self.slot = slot
        self.pools = pools
        self.logger = logger
    }

    /// Returns when every collection is open and its log replayed.
    ///
    /// - Parameter onListening: called once the socket listens, before the collections are opened.
    /// - Throws: `INVALID_ARGUMENT` (a setting), `UNAVAILABLE` (the address), `FAILED_PRECONDITION` (the data folder is in use),
    ///   what opening a collection throws.
    public static func start(
        _ configuration: DaemonConfiguration, logger: Logger, onListening: @Sendable (Endpoint) -> Void = { _ in }
    ) async throws -> Daemon {
        try configuration.validate()
        let library = try ModelLibrary(
            folder: configuration.modelsFolder, threads: configuration.inferenceThreads, cacheFolder: configuration.cacheFolder, logger: logger)
        let models = InstalledModels(library)
        let found = models.list()
        logger.notice(
            found.isEmpty ? "no models: keyword search only" : "models found",
            metadata: [
                "folder": "\(configuration.modelsFolder ?? "none")", "models": "\(found.isEmpty ? "none" : found.map(\.name).joined(separator: ", "))",
            ])

        var wire = configuration.wire
        wire.connection.agent = Version.agent
        wire.connection.build = Version.build
        wire.connection.models = found
        wire.connection.limits = Self.limits
        let metrics = TransportMetrics()
        let slot = EngineSlot()
        let pools = ServicePools(
            searchThreads: configuration.searchThreads, searchQueue: configuration.searchQueue, pinsSearches: configuration.searchPinned,
            callsMax: wire.callsMax)
        let router = ServiceRouter(
            slot: slot, pools: pools, statuses: CallStatus(dataFolder: configuration.dataFolder, logger: logger),
            administration: AdministrationService(
                identity: .init(
                    version: Version.number, build: Version.build, dataFolder: configuration.dataFolder, limits: Self.stated(wire.connection)),
                slot: slot, models: models, transport: metrics))
        let server = try await WireServer.start(wire, handler: router, metrics: metrics, logger: logger)
        let daemon = Daemon(server: server, metrics: metrics, slot: slot, pools: pools, logger: logger)
        onListening(server.endpoint)
        do {
            let engine = try await blocking {
                try SearchEngine(folder: configuration.dataFolder, models: library, settings: configuration.engine, logger: logger)
            }
            daemon.reserveDescriptors(connectionsMax: wire.connectionsMax)
            slot.set(.serving(engine))
        } catch {
            slot.set(.stopping)
            await server.shutDown(grace: .milliseconds(100))
            await pools.shutDown(within: .seconds(1))
            throw error
        }
        return daemon
    }

    /// Takes no new calls, answers those that run, writes what is in memory as far as the time allows, and lets go of the folder.
    ///
    /// What the time cuts is not lost: every acknowledged write is in the log and is replayed at the next start.
    public func shutDown(within: Duration) async {
        let begin = ContinuousClock.now
        let current = slot.current
        slot.set(.stopping)
        // A merge takes minutes, and the client that asked for it is to be told that it was given up.
        if case .serving(let engine) = current { engine.endMaintenance() }
        // Closing the connections cancels what still runs on them.
        await server.shutDown(grace: within * 0.4)
        await pools.shutDown(within: within * 0.2)
        if case .serving(let engine) = current {
            let left = max(.milliseconds(100), within - begin.duration(to: .now) - within * 0.1)
            await Self.blocking { engine.close(within: left) }
        }
        logger.notice("stopped", metadata: ["milliseconds": "\(begin.duration(to: .now).wholeMilliseconds)"])
    }

    /// Descriptors for what opens files while the daemon runs: new segments, compactions, backups.
    private static let descriptorsReserved = 256

    /// A connection that finds no descriptor would be accepted by the kernel and never hear from us.
    private func reserveDescriptors(connectionsMax: Int) {
        let process = ProcessStatistics.now()
        let left = max(process.openFilesMax - process.openFiles - Self.descriptorsReserved, 8)
        guard process.openFilesMax > 0, left < connectionsMax else { return }
        server.limitConnections(to: left)
        logger.warning(
            "few open files are allowed, so fewer connections are taken; raise the limit (ulimit -n, LimitNOFILE)",
            metadata: ["files_max": "\(process.openFilesMax)", "open": "\(process.openFiles)", "connections": "\(left)"])
    }

    /// What every collection holds, for the log of a start. Empty while the daemon does not serve.
    public var collections: [CollectionStatus] {
        if case .serving(let engine) = slot.current { engine.all.map { $0.status() } } else { [] }
    }

    private static let limits: WireProtocol.Limits = {
        var limits = WireProtocol.Limits()
        limits.documentIdBytes = UInt32(SearchCore.Limits.documentIDBytesMax)
        limits.documentBytes = UInt32(SearchCore.Limits.documentBytesMax)
        limits.batchOperations = UInt32(CommitLimits().batchOperationsMax)
        limits.queryBytes = UInt32(SearchCore.Limits.queryBytesMax)
        limits.depth = UInt32(SearchCore.Limits.depthMax)
        return limits
    }()

    private static func stated(_ settings: ConnectionSettings) -> WireProtocol.Limits {
        var limits = settings.limits
        limits.frameBytes = UInt32(clamping: settings.frameBytesMax)
        limits.messageBytes = UInt32(clamping: settings.messageBytesMax)
        limits.streams = UInt32(clamping: settings.streamsMax)
        return limits
    }

    /// Runs blocking code on a thread of its own: the cooperative pool has few, and they must not sleep.
    private static func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Result(catching: body)) }
        }
    }

    private static func blocking(_ body: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                body()
                continuation.resume()
            }
        }
    }
}
