import Foundation
import Logging
import SearchCore
import Storage
import Synchronization
import TextAnalysis

/// All collections of a data folder: what the daemon serves.
///
/// ```
/// <data>/tandem.lock           held while a daemon runs
/// <data>/collections/<name>/   one folder per collection
/// ```
///
/// Thread-safe.
public final class SearchEngine: Sendable {
    public let folder: String
    public let models: ModelLibrary
    private let settings: GenerationSettings
    private let logger: Logger
    /// Given back at ``close(within:)``.
    private let lock: Mutex<FolderLock?>
    private struct Contents {
        var open: [String: Collection] = [:]
        /// Why a collection is not open. Its name is taken and its folder stays as it is.
        var failures: [String: TandemError] = [:]
    }

    private let contents = Mutex(Contents())
    /// Serialises create and drop, which touch folders; held without blocking readers of `contents`.
    private let administration = Mutex<Bool>(false)

    /// How a new collection gets its model.
    public enum ModelChoice: Sendable, Equatable {
        /// The daemon's default if it is installed, else none.
        case standard
        case none
        case named(String)
    }

    public static let standardModel = "all-MiniLM-L6-v2"
    public static let standardReranker = "ms-marco-MiniLM-L-12-v2"

    /// Locks the folder and opens every collection in it.
    ///
    /// A collection that cannot be opened does not keep the others from being served: it is named in the log, in
    /// ``failures``, and by every call that asks for it.
    ///
    /// - Throws: `FAILED_PRECONDITION` when another daemon holds the folder; whatever the disk throws about the folder itself.
    public init(folder: String, models: ModelLibrary, settings: GenerationSettings = GenerationSettings(), logger: Logger) throws {
        self.folder = folder
        self.models = models
        self.settings = settings
        self.logger = logger
        // Beside the opening, so that neither this nor the first search waits.
        _ = Worker(name: "tables") { Analyzer.prepareTables() }
        try FileSystem.createFolder(folder + "/collections")
        lock = Mutex(try FolderLock(folder: folder))
        do {
            for name in try FileSystem.list(folder + "/collections") {
                do { try open(name) } catch { note(error, name) }
            }
        } catch {
            close(within: .zero)
            throw error
        }
    }

    private func note(_ error: any Error, _ name: String) {
        let failure = error as? TandemError ?? TandemError(.unavailable, "\(error)")
        contents.withLock { $0.failures[name] = failure }
        logger.error("a collection cannot be opened; the others are served", metadata: ["collection": "\(name)", "reason": "\(failure.message)"])
    }

    private func open(_ name: String) throws {
        let path = folder + "/collections/" + name
        switch Self.kind(ofFolder: path, name) {
        case .collection:
            // Two folders of one name, or one folder under two, would write over each other.
            let manifest = try CollectionManifest.read(folder: path)
            guard manifest.name == name else {
                throw TandemError(
                    .failedPrecondition, "\(path): holds collection '\(manifest.name)', so it is a copy or was renamed; move it out of the data folder")
            }
            guard !FileSystem.isSymbolicLink(path) else {
                throw TandemError(.failedPrecondition, "\(path): is a symbolic link; a collection's folder lies in the data folder itself")
            }
            let collection = try Collection(folder: path, models: models, settings: settings, logger: logger)
            contents.withLock { $0.open[name] = collection }
        case .remains:
            // Nothing in it was ever acknowledged, or all of it was to go.
            logger.notice("removing the remains of an interrupted creation or drop", metadata: ["folder": "\(path)"])
            try FileSystem.removeTree(path)
        case .headless:
            throw TandemError.damaged(
                path + "/" + CollectionManifest.fileName,
                "missing, beside a document store; put it back from a backup, or move the folder away to start without it")
        case .foreign:
            logger.warning("ignored: not a collection", metadata: ["path": "\(path)"])
        }
    }

    private enum FolderKind { case collection, remains, headless, foreign }

    private static func kind(ofFolder path: String, _ name: String) -> FolderKind {
        if name.hasPrefix(droppedPrefix) { return .remains }
        if FileSystem.exists(path + "/" + CollectionManifest.fileName) { return name.hasPrefix(".") ? .foreign : .collection }
        if FileSystem.exists(path + "/store") { return .headless }
        // A creation makes these before the manifest, and the store after it.
        guard let names = try? FileSystem.list(path), !name.hasPrefix(".") else { return .foreign }
        let early: Set<String> = ["generations", CollectionManifest.fileName + ".tmp"]
        return names.allSatisfy(early.contains) ? .remains : .foreign
    }

    private static let droppedPrefix = ".dropped-"

    /// Creates an empty collection.
    ///
    /// - Throws: `ALREADY_EXISTS`; `INVALID_ARGUMENT` naming what is wrong with the name or the schema; `NOT_FOUND` for a
    ///   model that is not installed.
    @discardableResult
    public func create(name: String, schema given: CollectionSchema, model: ModelChoice = .standard, reranker: ModelChoice = .standard) throws -> Collection {
        try Self.validate(name: name)
        var schema = given
        schema.model = try resolve(model, standard: Self.standardModel)
        // A reranker reads what both legs found; a pure keyword collection gets one only by name.
        schema.reranker = try resolve(schema.model == nil && reranker == .standard ? .none : reranker, standard: Self.standardReranker)
        if let model = schema.model {
            let dimension = try models.embedder(model).dimension
            if schema.vectorFields.isEmpty { schema.vectorFields = [.init(dimension: dimension)] }
            if schema.vectorFields[0].dimension == 0 { schema.vectorFields[0].dimension = dimension }
            guard schema.vectorFields[0].dimension == dimension else {
                throw TandemError.invalidArgument(
                    "vector field '\(schema.vectorFields[0].name)' has dimension \(schema.vectorFields[0].dimension), model '\(model)' makes \(dimension); "
                        + "the first vector field is the model's, and others come behind it")
            }
        }
        if let reranker = schema.reranker { _ = try models.crossEncoder(reranker) }
        try schema.validate()
        return try administration.withLock { _ in
            guard contents.withLock({ $0.open[name] == nil && $0.failures[name] == nil }) else {
                throw TandemError(.alreadyExists, "collection '\(name)' exists already; drop it first or choose another name")
            }
            let path = folder + "/collections/" + name
            if FileSystem.exists(path) {
                guard Self.kind(ofFolder: path, name) == .remains else {
                    throw TandemError(.alreadyExists, "\(path) exists and is not the rest of an interrupted creation; move it away or choose another name")
                }
                try FileSystem.removeTree(path)
            }
            try Collection.create(name: name, folder: path, schema: schema)
            let collection: Collection
            do {
                collection = try Collection(folder: path, models: models, settings: settings, logger: logger)
            } catch {
                // What does not open now would not open at the next start either.
                try? FileSystem.removeTree(path)
                throw error
            }
            contents.withLock { $0.open[name] = collection }
            logger.notice(
                "created a collection", metadata: ["collection": "\(name)", "model": "\(schema.model ?? "none")", "reranker": "\(schema.reranker ?? "none")"])
            return collection
        }
    }

    private func resolve(_ choice: ModelChoice, standard: String) throws -> String? {
        switch choice {
        case .none: return nil
        case .standard: return models.folder != nil && models.list().contains { $0.name == standard } ? standard : nil
        case .named(let name):
            _ = try models.describe(name)
            return name
        }
    }

    private static func validate(name: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, (1...Limits.collectionNameBytesMax).contains(name.utf8.count), !name.hasPrefix(".") else {
            throw TandemError.invalidArgument(
                "collection name '\(name.prefix(80))': expected 1 to \(Limits.collectionNameBytesMax) of A-Z a-z 0-9 _ - . not beginning with a dot")
        }
    }

    /// - Throws: `NOT_FOUND`; for a collection that is not open, why, with the code of that error (`DATA_LOSS` for damage).
    public func collection(_ name: String) throws -> Collection {
        let (collection, failure) = contents.withLock { ($0.open[name], $0.failures[name]) }
        if let collection { return collection }
        guard let failure else {
            throw TandemError(.notFound, "collection '\(name.prefix(Limits.collectionNameBytesMax))' does not exist")
        }
        // INTERNAL would hide the reason from the caller, and it is the environment's fault, not this call's.
        throw TandemError(
            failure.code == .internal ? .unavailable : failure.code,
            "collection '\(name)' could not be opened: \(failure.message); put that right and restart the daemon")
    }

    /// Every open collection, by name.
    public var all: [Collection] { contents.withLock { $0.open.values.sorted { $0.name < $1.name } } }

    /// The collections that could not be opened, by name, and why.
    public var failures: [(name: String, reason: String)] {
        contents.withLock { $0.failures.sorted { $0.key < $1.key }.map { ($0.key, $0.value.message) } }
    }

    /// Removes a collection and all that it holds, also one that could not be opened. Searches and writes that run fail
    /// with `UNAVAILABLE`.
    public func drop(_ name: String) throws {
        try administration.withLock { _ in
            if contents.withLock({ $0.failures[name] != nil }) { return try dropUnopened(name) }
            let collection = try collection(name)
            _ = contents.withLock { $0.open.removeValue(forKey: name) }
            // Closed before it is moved, so that nothing is written to its old place.
            collection.close(sealingWithin: nil)
            // The rename is the drop: a crash after it leaves a folder that the next start removes.
            let remains = folder + "/collections/" + Self.droppedPrefix + collection.uuid
            do {
                try FileSystem.move(collection.folder, to: remains)
            } catch {
                do { try open(name) } catch { note(error, name) }
                throw error
            }
            try FileSystem.removeTree(remains)
            logger.notice("dropped a collection", metadata: ["collection": "\(name)"])
        }
    }

    private func dropUnopened(_ name: String) throws {
        let remains = folder + "/collections/" + Self.droppedPrefix + UUID().uuidString.lowercased()
        try FileSystem.move(folder + "/collections/" + name, to: remains)
        _ = contents.withLock { $0.failures.removeValue(forKey: name) }
        try FileSystem.removeTree(remains)
        logger.notice("dropped a collection that could not be opened", metadata: ["collection": "\(name)"])
    }

    /// Writes a consistent copy of every collection into a new folder while all goes on, and verifies it.
    ///
    /// - Throws: `ALREADY_EXISTS` when the folder exists; `FAILED_PRECONDITION` while a collection is not open, since the copy
    ///   would lack it; whatever the disk throws.
    public func backup(to given: String) throws -> [String] {
        let destination = try Self.backupPath(given)
        let (real, own) = (FileSystem.realPath(destination), FileSystem.realPath(folder))
        guard real != own, !real.hasPrefix(own + "/") else {
            throw TandemError.invalidArgument("backup folder '\(destination)' lies inside the data folder; choose one outside it")
        }
        guard !FileSystem.exists(destination) else {
            throw TandemError(.alreadyExists, "backup folder \(destination) exists; name one that does not")
        }
        let unopened = failures.map { "'\($0.name)'" }
        guard unopened.isEmpty else {
            throw TandemError(
                .failedPrecondition,
                "a backup would lack collection \(unopened.joined(separator: ", ")), which could not be opened ('tandem status' says why); "
                    + "put that right and restart the daemon, or drop it")
        }
        let partial = destination + ".partial"
        try FileSystem.removeTree(partial)
        do {
            try FileSystem.createFolder(partial + "/collections")
            let names = try all.map { collection in
                try collection.backup(to: partial + "/collections/" + collection.name)
                return collection.name
            }
            try FileSystem.move(partial, to: destination)
            logger.notice("wrote a backup", metadata: ["folder": "\(destination)", "collections": "\(names.count)"])
            return names
        } catch {
            try? FileSystem.removeTree(partial)
            throw error
        }
    }

    private static func backupPath(_ given: String) throws -> String {
        guard given.hasPrefix("/"), !given.utf8.contains(0) else {
            throw TandemError.invalidArgument("backup folder '\(given.prefix(200))': expected an absolute path on the daemon's machine")
        }
        var path = given
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        // ".partial" is put behind the last part while the backup is written.
        guard path.utf8.count < 4000, path.utf8.split(separator: UInt8(ascii: "/")).allSatisfy({ $0.count <= 240 }) else {
            throw TandemError.invalidArgument("backup folder: a path of \(path.utf8.count) bytes; expected less than 4000, and at most 240 for each part")
        }
        return path
    }

    /// Makes a data folder of a backup: verifies every file of it, copies it, and opens nothing.
    ///
    /// - Parameter destination: a folder that does not exist or is empty.
    /// - Returns: the collections' names.
    /// - Throws: `DATA_LOSS` naming the damaged file of the backup; `ALREADY_EXISTS`; whatever the disk throws.
    public static func restore(from backup: String, to destination: String) throws -> [String] {
        let names = try verify(backup: backup)
        guard try !FileSystem.exists(destination) || FileSystem.list(destination).isEmpty else {
            throw TandemError(.alreadyExists, "folder \(destination) is not empty; restore into a new one")
        }
        let partial = destination + ".partial"
        try FileSystem.removeTree(partial)
        do {
            try copyTree(backup, to: partial)
            try FileSystem.removeTree(destination)
            try FileSystem.move(partial, to: destination)
        } catch {
            try? FileSystem.removeTree(partial)
            throw error
        }
        return names
    }

    /// Reads every file of a backup. - Returns: the collections' names.
    /// - Throws: `DATA_LOSS` naming the damaged file; `NOT_FOUND` when the folder is not a backup.
    public static func verify(backup: String) throws -> [String] {
        let folder = backup + "/collections"
        guard FileSystem.exists(folder) else {
            throw TandemError(.notFound, "\(backup) is not a backup: it has no folder 'collections'")
        }
        let names = try FileSystem.list(folder)
        for name in names { try Collection.verifyBackup(folder + "/" + name) }
        return names
    }

    /// Copies, never links: a restored folder is written to, a backup stays as it is.
    private static func copyTree(_ source: String, to destination: String) throws {
        try FileSystem.createFolder(destination)
        for name in try FileSystem.list(source) {
            let (from, to) = (source + "/" + name, destination + "/" + name)
            if (try? FileSystem.list(from)) != nil {
                try copyTree(from, to: to)
            } else {
                let file = try MappedFile(mapping: from)
                try FileSystem.writeAtomically(to, [file.bytes])
                withExtendedLifetime(file) {}
            }
        }
    }

    /// Gives up every merge that runs, and begins no other one. For whoever is about to call ``close(within:)`` and has calls to answer before:
    /// a forced merge is one of them.
    public func endMaintenance() { for collection in all { collection.endMaintenance() } }

    /// Ends every collection: stops consuming and seals what fits into the time. Idempotent.
    public func close(within: Duration) {
        let deadline = ContinuousClock.now + within
        // Of all at once, and not of each only when its turn comes.
        endMaintenance()
        for collection in all { collection.close(sealingWithin: max(.zero, ContinuousClock.now.duration(to: deadline))) }
        contents.withLock { $0 = Contents() }
        lock.withLock { $0 = nil }
    }
}
