import Foundation
import Testing

/// A tandemd of its own, from the folder that the tests were built into.
final class DaemonProcess {
    static let path: String = {
        // The test bundle and the program lie in one folder.
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appending(path: "tandemd").path
    }()

    let folder: String
    private let process = Process()
    private let errors: String
    private let output: String

    /// Everything that the process wrote to standard error and standard output so far.
    var log: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }
    var text: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    /// Starts `tandemd` with the arguments; `--data`, `--listen` and `--models none` are added unless `bare`.
    init(_ arguments: [String], data: String? = nil, environment: [String: String] = [:], bare: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.path + "/tandemd-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        (errors, output) = (folder + "/stderr", folder + "/stdout")
        for file in [errors, output] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
        process.executableURL = URL(filePath: Self.path)
        process.arguments = bare ? arguments : ["--data", data ?? folder + "/data", "--listen", "127.0.0.1:0", "--models", "none"] + arguments
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("TANDEM_") }
        variables.merge(environment) { $1 }
        process.environment = variables
        process.standardError = FileHandle(forWritingAtPath: errors)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// HOST:PORT, once it serves.
    func address() async throws -> String {
        for _ in 0..<1000 {
            if let line = text.split(separator: "\n").first, text.contains("\n") { return String(line.split(separator: " ").last ?? "") }
            try #require(process.isRunning, "tandemd ended: \(log)")
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("tandemd does not serve: \(log)")
        return ""
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Exit code; minus the signal's number where one ended it; nil after ten seconds.
    func exitCode() async throws -> Int32? {
        for _ in 0..<1000 where process.isRunning { try await Task.sleep(for: .milliseconds(10)) }
        guard !process.isRunning else { return nil }
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
}
