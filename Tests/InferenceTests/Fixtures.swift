import Foundation
import Testing

/// Files beside the tests, and the models of this machine.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// A folder that is gone when `body` returns.
    static func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tandem-inference-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder.path)
    }

    /// Where `tools/fetch-models` puts models.
    static let modelsFolder = ProcessInfo.processInfo.environment["TANDEM_MODELS"] ?? "/var/lib/tandem/models"
    static let embedderFolder = modelsFolder + "/all-MiniLM-L6-v2"
    static let crossEncoderFolder = modelsFolder + "/ms-marco-MiniLM-L-12-v2"
    static let hasModels =
        FileManager.default.fileExists(atPath: embedderFolder + "/tandem.json")
        && FileManager.default.fileExists(atPath: crossEncoderFolder + "/tandem.json")
    static let needsModels: Comment = "needs the default models: run tools/fetch-models, or set TANDEM_MODELS to their folder"
}
