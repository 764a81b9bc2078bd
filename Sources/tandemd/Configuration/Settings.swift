import Configuration
import Foundation
import Logging
import SearchCore
import TandemServer

/// The settings in force, each with the place where it was said.
struct Settings: Sendable {
    enum LogFormat: String, CaseIterable, Sendable { case text, json }

    var daemon: DaemonConfiguration
    var logLevel = Logger.Level.info
    var logFormat = LogFormat.text
    var file: String?
    /// Odd, but no reason not to start.
    var warnings: [String] = []
    private var lines: [(key: String, value: String, source: SettingLayers.Source)] = []

    static let dataFolderDefault = "/var/lib/tandem/data"
    static let modelsFolderDefault = "/var/lib/tandem/models"

    static func load(_ options: Options, environment: [String: String] = ProcessInfo.processInfo.environment) async throws -> Settings {
        let file = options.config ?? environment["TANDEM_CONFIG"]
        let layers = try await SettingLayers(options: options.values, environment: environment, file: file)
        var settings = try Settings(layers)
        settings.file = file
        let known = Set(Setting.all.map(\.variable)).union(Setting.foreignVariables)
        for name in environment.keys.sorted() where name.hasPrefix("TANDEM_") && !name.hasPrefix("TANDEM_TEST_") && !known.contains(name) {
            settings.warnings.append("environment variable \(name) is not known and has no effect")
        }
        return settings
    }

    private init(_ layers: SettingLayers) throws {
        daemon = DaemonConfiguration(dataFolder: Self.dataFolderDefault)
        daemon.dataFolder = Self.absolute(try text(.data, Self.dataFolderDefault, layers))

        let address = try text(.listen, "127.0.0.1:\(Endpoint.portDefault)", layers)
        guard let endpoint = Endpoint(address) else {
            throw TandemError.invalidArgument("\(place(.listen)): '\(address)' is not HOST:PORT")
        }
        daemon.wire.endpoint = endpoint

        let hasModels = FileManager.default.fileExists(atPath: Self.modelsFolderDefault)
        daemon.modelsFolder = Self.folder(try text(.models, hasModels ? Self.modelsFolderDefault : "none", layers))
        if let folder = daemon.modelsFolder, !FileManager.default.fileExists(atPath: folder) {
            warnings.append("the models folder \(folder) does not exist: keyword search only")
            daemon.modelsFolder = nil
        }
        daemon.cacheFolder = Self.folder(try text(.cache, "none", layers))
        daemon.allowInsecure = try flag(.allowInsecure, false, layers)

        let level = try text(.logLevel, "info", layers)
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw TandemError.invalidArgument(
                "\(place(.logLevel)): '\(level)'; expected one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.logLevel = logLevel
        let format = try text(.logFormat, "text", layers)
        guard let logFormat = LogFormat(rawValue: format) else {
            throw TandemError.invalidArgument("\(place(.logFormat)): '\(format)'; expected text or json")
        }
        self.logFormat = logFormat

        daemon.searchThreads = try number(.searchThreads, daemon.searchThreads, 1...1024, layers)
        daemon.searchQueue = try number(.searchQueue, daemon.searchQueue, 0...100_000, layers)
        daemon.searchPinned = try flag(.searchPinned, daemon.searchPinned, layers)
        daemon.inferenceThreads = try number(.inferenceThreads, daemon.inferenceThreads, 1...1024, layers)
        daemon.wire.connectionsMax = try number(.connections, daemon.wire.connectionsMax, 1...100_000, layers)
        daemon.wire.callsMax = try number(.calls, daemon.wire.callsMax, 1...100_000, layers)
        daemon.engine.refreshInterval = .milliseconds(try number(.refresh, 200, 1...60_000, layers))
        daemon.engine.memoryBytesMax = try number(.memory, daemon.engine.memoryBytesMax >> 20, 16...1_000_000, layers) << 20
        daemon.engine.graphMemoryBytesMax = try number(.graphMemory, daemon.engine.graphMemoryBytesMax >> 20, 0...10_000_000, layers) << 20
        daemon.engine.graphThreads = try number(.graphThreads, daemon.engine.graphThreads, 1...1024, layers)
        daemon.engine.sealBytes = min(daemon.engine.sealBytes, daemon.engine.memoryBytesMax / 4)
        daemon.engine.checkpointInterval = .seconds(try number(.checkpoint, 60, 1...86_400, layers))
        daemon.engine.backlogMax = UInt64(try number(.backlog, Int(daemon.engine.backlogMax), 1000...1_000_000_000, layers))
        try daemon.validate()
    }

    // MARK: Looking up

    private mutating func text(_ setting: Setting, _ standard: String, _ layers: SettingLayers) throws -> String {
        let (value, source) = try layers.string(setting) ?? (standard, .standard)
        note(setting, value, source)
        guard !value.isEmpty else { throw TandemError.invalidArgument("\(place(setting)): is empty") }
        return value
    }

    private mutating func number(_ setting: Setting, _ standard: Int, _ range: ClosedRange<Int>, _ layers: SettingLayers) throws -> Int {
        let (value, source) = try layers.int(setting) ?? (standard, .standard)
        note(setting, String(value), source)
        guard range.contains(value) else {
            throw TandemError.invalidArgument("\(place(setting)): \(value); expected \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private mutating func flag(_ setting: Setting, _ standard: Bool, _ layers: SettingLayers) throws -> Bool {
        let (value, source) = try layers.bool(setting) ?? (standard, .standard)
        note(setting, String(value), source)
        return value
    }

    private mutating func note(_ setting: Setting, _ value: String, _ source: SettingLayers.Source) {
        lines.append((setting.key, value, source))
    }

    /// `search.threads (environment TANDEM_SEARCH_THREADS)`, for messages.
    private func place(_ setting: Setting) -> String {
        lines.first { $0.key == setting.key }.map { "\($0.key) (\($0.source.description))" } ?? setting.key
    }

    private static func folder(_ text: String) -> String? { text == "none" ? nil : absolute(text) }

    /// The data folder's path is part of messages and must not depend on where the daemon was started.
    private static func absolute(_ path: String) -> String {
        URL(filePath: path, relativeTo: URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)).standardizedFileURL.path
    }

    // MARK: Showing

    /// `--check-config`: key, value, where it was said.
    var table: String {
        let widths = (lines.map(\.key.count).max() ?? 0, lines.map(\.value.count).max() ?? 0)
        func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        let rows = lines.map { "\(pad($0.key, widths.0))  \(pad($0.value, widths.1))  \($0.source.description)" }
        return (rows + warnings.map { "warning: \($0)" }).joined(separator: "\n") + "\n"
    }

    func makeLogger() -> Logger {
        let (level, format) = (logLevel, logFormat)
        return Logger(label: "tandemd") { _ in
            switch format {
            case .text: LineLogHandler(level: level, encoder: .text)
            case .json: LineLogHandler(level: level, encoder: .json)
            }
        }
    }
}

extension Options {
    /// What was said on the command line.
    var values: [Setting: ConfigValue] {
        var values: [Setting: ConfigValue] = [:]
        func add(_ setting: Setting, _ content: ConfigContent?) {
            if let content { values[setting] = ConfigValue(content, isSecret: false) }
        }
        add(.data, data.map { .string($0) })
        add(.listen, listen.map { .string($0) })
        add(.models, models.map { .string($0) })
        add(.cache, cache.map { .string($0) })
        add(.allowInsecure, allowInsecure ? .bool(true) : nil)
        add(.logLevel, logLevel.map { .string($0) })
        add(.logFormat, logFormat.map { .string($0) })
        add(.searchThreads, searchThreads.map { .int($0) })
        add(.searchQueue, searchQueue.map { .int($0) })
        add(.inferenceThreads, inferenceThreads.map { .int($0) })
        return values
    }
}
