import Foundation
import Logging
import SearchCore
import TandemClient
import TandemServer
import Testing

typealias Endpoint = TandemClient.Endpoint

/// A folder that goes away with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/tandem-server-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The default models, where they are installed.
enum RealModels {
    static let folder: String? = {
        let folder = ProcessInfo.processInfo.environment["TANDEM_MODELS"] ?? "/var/lib/tandem/models"
        let needed = ["all-MiniLM-L6-v2", "ms-marco-MiniLM-L-12-v2"].map { folder + "/" + $0 + "/tandem.json" }
        return needed.allSatisfy { FileManager.default.fileExists(atPath: $0) } ? folder : nil
    }()

    static let areMissing: Comment = "the default models are not installed (tools/fetch-models): nothing is embedded or reranked here"
}

/// A daemon on a free port of this machine and a client of it, over loopback.
func withDaemon<R>(
    data: String? = nil, configure: (inout DaemonConfiguration) -> Void = { _ in },
    _ body: (Daemon, TandemClient) async throws -> R
) async throws -> R {
    let folder = try TemporaryFolder()
    var configuration = DaemonConfiguration(dataFolder: data ?? folder.path + "/data")
    configuration.wire.endpoint.port = 0
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let daemon = try await Daemon.start(configuration, logger: logger)
    let client = TandemClient(daemon.endpoint)
    let result: Result<R, any Error>
    do { result = .success(try await body(daemon, client)) } catch { result = .failure(error) }
    await client.shutDown()
    await daemon.shutDown(within: .seconds(3))
    return try result.get()
}

/// The error that `body` throws; nil where it does not.
func failure(_ body: () async throws -> Void) async -> TandemClientError? {
    do {
        try await body()
        return nil
    } catch { return error as? TandemClientError }
}

func document(_ id: String, _ text: String, title: String? = nil, attributes: [AttributeField] = []) -> Document {
    var texts = [TextField(name: "text", text: text)]
    if let title { texts.insert(TextField(name: "title", text: title), at: 0) }
    return Document(id: id, texts: texts, attributes: attributes)
}
