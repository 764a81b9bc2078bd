import Inference
import Logging
import SearchCore
import Synchronization

/// The models that the daemon has, loaded when a collection first needs them and shared by all.
///
/// Thread-safe; a load takes about a second, in which other callers for any model wait.
public final class ModelLibrary: Sendable {
    /// Folder with one Hugging Face folder per model; nil: no models, a pure keyword server.
    public let folder: String?
    private let runtime: InferenceRuntime?
    private let logger: Logger

    private struct Loaded {
        var embedders: [String: Embedder] = [:]
        var crossEncoders: [String: CrossEncoder] = [:]
    }

    private let loaded = Mutex(Loaded())

    /// - Parameter threads: processor threads for inference.
    /// - Throws: when the inference runtime is not installed or does not start.
    public init(folder: String?, threads: Int, cacheFolder: String?, logger: Logger) throws {
        self.folder = folder
        self.logger = logger
        var options = InferenceRuntime.Options()
        options.threads = threads
        options.cacheFolder = cacheFolder
        runtime = folder == nil ? nil : try InferenceRuntime(options)
    }

    /// Models found in the folder; unreadable ones are left out with a log line.
    public func list() -> [ModelFolder] {
        guard let folder else { return [] }
        do {
            let (models, refused) = try ModelFolder.list(in: folder)
            for error in refused { logger.warning("a model is left out", metadata: ["reason": "\(error)"]) }
            return models
        } catch {
            logger.warning("the models folder cannot be listed", metadata: ["folder": "\(folder)", "reason": "\(error)"])
            return []
        }
    }

    /// Names of the models in the folder, in words.
    public var known: String {
        let names = list().map(\.name)
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }

    /// - Throws: `NOT_FOUND` when there is no such model, `INVALID_ARGUMENT` when it is of another kind, or when that is no name.
    public func describe(_ name: String) throws -> ModelFolder {
        guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
            throw TandemError.invalidArgument("model name '\(name)': expected the name of a folder in the models folder; there are: \(known)")
        }
        guard let folder else {
            throw TandemError(.notFound, "model '\(name)': the daemon runs without a models folder; start it with --models DIR")
        }
        guard FileSystem.exists(folder + "/" + name) else {
            throw TandemError(.notFound, "model '\(name)' is not installed; there are: \(known); add it with 'tandem model add'")
        }
        return try ModelFolder(path: folder + "/" + name)
    }

    public func embedder(_ name: String) throws -> Embedder {
        try loaded.withLock { loaded in
            if let known = loaded.embedders[name] { return known }
            let model = try describe(name)
            guard model.kind == .biEncoder else {
                throw TandemError.invalidArgument("model '\(name)' is a cross-encoder; a bi-encoder is needed to embed")
            }
            logger.info("loading the embedding model", metadata: ["model": "\(name)"])
            let embedder = try Embedder(model, runtime: runtime!)
            loaded.embedders[name] = embedder
            return embedder
        }
    }

    public func crossEncoder(_ name: String) throws -> CrossEncoder {
        try loaded.withLock { loaded in
            if let known = loaded.crossEncoders[name] { return known }
            let model = try describe(name)
            guard model.kind == .crossEncoder else {
                throw TandemError.invalidArgument("model '\(name)' is a bi-encoder; a cross-encoder is needed to rerank")
            }
            logger.info("loading the reranker", metadata: ["model": "\(name)"])
            let encoder = try CrossEncoder(model, runtime: runtime!)
            loaded.crossEncoders[name] = encoder
            return encoder
        }
    }
}
