import Configuration
import Foundation
import SearchCore
import Synchronization

/// The places where a setting may be said, strongest first: options, environment, file.
struct SettingLayers: Sendable {
    enum Source: Sendable, Equatable {
        case option(String)
        case variable(String)
        case file(String)
        case standard

        var description: String {
            switch self {
            case .option(let name): "option \(name)"
            case .variable(let name): "environment \(name)"
            case .file(let path): "file \(path)"
            case .standard: "default"
            }
        }
    }

    private let options: InMemoryProvider
    private let environment: KeyMappingProvider<EnvironmentVariablesProvider>
    private let file: (path: String, provider: any ConfigProvider)?

    /// - Throws: `INVALID_ARGUMENT`: the file cannot be read, is not YAML or JSON, or has keys that do not exist.
    init(options: [Setting: ConfigValue], environment variables: [String: String], file path: String?) async throws {
        self.options = InMemoryProvider(
            name: "options", values: Dictionary(uniqueKeysWithValues: options.map { ($0.key.configKey, $0.value) }))
        environment = EnvironmentVariablesProvider(environmentVariables: variables).prefixKeys(with: "tandem")
        if let path {
            file = (path, try await Self.read(path))
        } else {
            file = nil
        }
    }

    private static func read(_ path: String) async throws -> any ConfigProvider {
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw TandemError.invalidArgument("configuration file \(path): does not exist or cannot be read")
        }
        // The library asks about every key of the file whether it is a secret, which is how they become known here.
        let known = KeyCollector()
        let provider: any ConfigProvider
        do {
            if path.hasSuffix(".json") {
                provider = try await FileProvider<JSONSnapshot>(
                    parsingOptions: .init(secretsSpecifier: .dynamic { key, _ in known.see(key) }), filePath: .init(path))
            } else if try isBlank(path) {
                // The library takes a file of comments for a broken one.
                provider = InMemoryProvider(name: "file", values: [:])
            } else {
                provider = try await FileProvider<YAMLSnapshot>(
                    parsingOptions: .init(secretsSpecifier: .dynamic { key, _ in known.see(key) }), filePath: .init(path))
            }
        } catch {
            // The parser draws the place on several lines; one line is what goes into a log.
            let reason = "\(error)".split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            throw TandemError.invalidArgument("configuration file \(path): \(reason)")
        }
        let unknown = known.keys.subtracting(Setting.all.map(\.key)).sorted()
        guard unknown.isEmpty else {
            throw TandemError.invalidArgument(
                "configuration file \(path): key '\(unknown.joined(separator: "', '"))' is not known; the keys are \(Setting.all.map(\.key).joined(separator: ", "))"
            )
        }
        return provider
    }

    /// Nothing but blank lines, comments and document markers.
    private static func isBlank(_ path: String) throws -> Bool {
        try String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .allSatisfy { $0.isEmpty || $0.hasPrefix("#") || $0 == "---" || $0 == "..." }
    }

    private final class KeyCollector: Sendable {
        private let seen = Mutex<Set<String>>([])
        var keys: Set<String> { seen.withLock { $0 } }

        func see(_ key: String) -> Bool {
            _ = seen.withLock { $0.insert(key) }
            return false
        }
    }

    // MARK: Values

    func string(_ setting: Setting) throws -> (String, Source)? {
        try value(setting, .string, "a text") { if case .string(let value) = $0 { value } else { nil } }
    }

    func int(_ setting: Setting) throws -> (Int, Source)? {
        try value(setting, .int, "a whole number") { if case .int(let value) = $0 { value } else { nil } }
    }

    func bool(_ setting: Setting) throws -> (Bool, Source)? {
        try value(setting, .bool, "true or false") { if case .bool(let value) = $0 { value } else { nil } }
    }

    private func value<T>(_ setting: Setting, _ type: ConfigType, _ expected: String, _ get: (ConfigContent) -> T?) throws -> (T, Source)? {
        var layers: [(any ConfigProvider, Source)] = [(options, .option(setting.option)), (environment, .variable(setting.variable))]
        if let file { layers.append((file.provider, .file(file.path))) }
        for (provider, source) in layers {
            let found: ConfigValue?
            do { found = try provider.value(forKey: setting.configKey, type: type).value } catch {
                throw TandemError.invalidArgument("\(setting.key) (\(source.description)): expected \(expected)")
            }
            guard let found else { continue }
            guard let value = get(found.content) else {
                throw TandemError.invalidArgument("\(setting.key) (\(source.description)): expected \(expected)")
            }
            return (value, source)
        }
        return nil
    }
}
