import HybridSearch
import SearchCore
import WireProtocol

/// Where a daemon listens; here too, so that `import TandemServer` is enough to start one.
public typealias Endpoint = WireProtocol.Endpoint

/// Everything that a ``Daemon`` has to be told.
public struct DaemonConfiguration: Sendable {
    /// Is made where it does not exist; one daemon at a time uses it.
    public var dataFolder: String
    /// Nil: no models, keyword search only.
    public var modelsFolder: String?
    /// Where compiled models are kept between starts; nil: nowhere, and loading takes about four times as long.
    public var cacheFolder: String?
    /// Where to listen, and the limits of connections.
    public var wire = WireServerConfiguration()
    /// Take connections from other machines although they are neither encrypted nor authenticated.
    public var allowInsecure = false
    /// Searches that run at a time.
    public var searchThreads = DaemonConfiguration.cores
    /// Each of those threads stays on a processor of its own, where there are as many as this process may use. Not for machines whose processors other programs keep busy.
    public var searchPinned = true
    /// Searches that may wait for one of those threads; one more is refused with RESOURCE_EXHAUSTED.
    public var searchQueue = 64
    /// Processor threads of the models.
    public var inferenceThreads = DaemonConfiguration.cores
    public var engine = GenerationSettings()

    public init(dataFolder: String) { self.dataFolder = dataFolder }

    /// Processors that this process may use.
    public static let cores = System.availableCores

    /// - Throws: `INVALID_ARGUMENT` naming the setting.
    public func validate() throws {
        try WireServerConfiguration.checkExposure(of: wire.endpoint, allowInsecure: allowInsecure)
        for (name, value, range) in [
            ("search threads", searchThreads, 1...1024), ("search queue", searchQueue, 0...100_000),
            ("inference threads", inferenceThreads, 1...1024), ("connections", wire.connectionsMax, 1...100_000),
            ("calls", wire.callsMax, 1...100_000),
        ] where !range.contains(value) {
            throw TandemError.invalidArgument("\(name): \(value); expected \(range.lowerBound) to \(range.upperBound)")
        }
        guard !dataFolder.isEmpty else { throw TandemError.invalidArgument("data: the folder is missing") }
    }
}
