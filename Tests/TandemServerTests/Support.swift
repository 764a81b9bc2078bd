import Foundation
import Logging
import TandemClient
import TandemServer
import Testing

let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return logger
}()

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
    let daemon = try await Daemon.start(configuration, logger: quiet)
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

/// A request or schema that must be refused, and a word of the refusal.
struct Refusal<Subject: Sendable>: Sendable, CustomTestStringConvertible {
    let what: String
    let word: String
    let change: @Sendable (inout Subject) -> Void

    init(_ word: String, _ change: @escaping @Sendable (inout Subject) -> Void) { self.init(word, word, change) }

    init(_ what: String, _ word: String, _ change: @escaping @Sendable (inout Subject) -> Void) {
        self.what = what
        self.word = word
        self.change = change
    }

    var testDescription: String { what }
}
