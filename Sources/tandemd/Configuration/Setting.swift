import Configuration

/// One setting: its key in the file, from which the names of its environment variable and option follow.
///
/// `search.threads` is `search: threads:` in the file, `TANDEM_SEARCH_THREADS` in the environment, `--search-threads` on the command line.
struct Setting: Sendable, Hashable {
    let key: String
    /// Whether there is an option for it, too.
    var hasOption = true

    var configKey: AbsoluteConfigKey { AbsoluteConfigKey(ConfigKey(key)) }
    var variable: String { "TANDEM_" + String(key.map { $0 == "." ? "_" : $0 }).uppercased() }
    var option: String { "--" + String(key.map { $0 == "." || $0 == "_" ? "-" : $0 }) }

    static let data = Setting(key: "data")
    static let listen = Setting(key: "listen")
    static let models = Setting(key: "models")
    static let cache = Setting(key: "cache")
    static let allowInsecure = Setting(key: "allow_insecure")
    static let logLevel = Setting(key: "log.level")
    static let logFormat = Setting(key: "log.format")
    static let searchThreads = Setting(key: "search.threads")
    static let searchQueue = Setting(key: "search.queue")
    static let searchPinned = Setting(key: "search.pinned", hasOption: false)
    static let inferenceThreads = Setting(key: "inference.threads")
    static let connections = Setting(key: "limits.connections", hasOption: false)
    static let calls = Setting(key: "limits.calls", hasOption: false)
    static let refresh = Setting(key: "indexing.refresh_milliseconds", hasOption: false)
    static let memory = Setting(key: "indexing.memory_megabytes", hasOption: false)
    static let graphMemory = Setting(key: "indexing.graph_memory_megabytes", hasOption: false)
    static let graphThreads = Setting(key: "indexing.graph_threads", hasOption: false)
    static let checkpoint = Setting(key: "indexing.checkpoint_seconds", hasOption: false)
    static let backlog = Setting(key: "indexing.backlog_operations", hasOption: false)

    static let all: [Setting] = [
        .data, .listen, .models, .cache, .allowInsecure, .logLevel, .logFormat, .searchThreads, .searchQueue, .searchPinned,
        .inferenceThreads, .connections, .calls, .refresh, .memory, .graphMemory, .graphThreads, .checkpoint, .backlog,
    ]

    /// Variables of the same prefix that belong to other programs of the project.
    static let foreignVariables: Set<String> = ["TANDEM_CONFIG", "TANDEM_ADDRESS", "TANDEM_CONVERTER"]
}
