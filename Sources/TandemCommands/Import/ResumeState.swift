import Foundation

/// How far an import of a file into a collection has come: what a second run needs to go on.
///
/// One small JSON file under `$XDG_STATE_HOME/tandem/imports` (else `~/.local/state/…`) for each daemon, collection and file,
/// replaced atomically about once a second and removed when the import is done. It may lag behind what the daemon has
/// applied: batches that are sent again carry the same idempotency keys, made of ``run`` and their position.
public struct ResumeState: Codable, Sendable, Equatable {
    public static let versionWritten = 2

    public var version = Self.versionWritten
    public var address: String
    public var collection: String
    /// The collection's own mark; a new collection of the same name has another.
    public var collectionUUID: String
    public var file: FileIdentity
    /// Settings that change what a batch contains; with others an import begins anew.
    public var settings: String
    /// Names this import in idempotency keys. New for each import that begins at the start of the file, since the same
    /// keys would make the daemon skip what has been deleted in between.
    public var run: String
    /// Everything before this byte is acknowledged; a line begins here.
    public var position: UInt64 = 0
    /// Number of that line.
    public var line = 1
    public var documents = 0
    public var skippedLines = 0
    /// The last acknowledged document and its version: proof that the collection is still the one that was written to.
    public var lastID: String?
    public var lastVersion: UInt64 = 0

    public init(address: String, collection: String, collectionUUID: String, file: FileIdentity, settings: String, run: String) {
        self.address = address
        self.collection = collection
        self.collectionUUID = collectionUUID
        self.file = file
        self.settings = settings
        self.run = run
    }
}

/// Tells whether a file is still the one that it was.
public struct FileIdentity: Codable, Sendable, Equatable {
    public var path: String
    public var device: UInt64
    public var inode: UInt64
    public var size: UInt64
    public var modifiedNanoseconds: Int64

    /// - Parameter descriptor: of the open file; nil unless it is a regular one.
    public init?(descriptor: Int32, path: String) {
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return nil }
        self.path = path
        device = UInt64(info.st_dev)
        inode = UInt64(info.st_ino)
        size = UInt64(info.st_size)
        modifiedNanoseconds = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
    }
}

/// Where ``ResumeState`` is kept.
public struct ResumeStore: Sendable {
    public let folder: String

    public init(folder: String) { self.folder = folder }

    /// The folder of this user; nil where there is no home.
    public init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
            folder = state + "/tandem/imports"
        } else if let home = environment["HOME"], home.hasPrefix("/") {
            folder = home + "/.local/state/tandem/imports"
        } else {
            return nil
        }
    }

    /// One file for each daemon, collection and inode; who is really meant stands inside.
    public func path(address: String, collection: String, file: FileIdentity) -> String {
        func safe(_ text: String) -> String {
            String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") ? $0 : "_" }.prefix(64))
        }
        return "\(folder)/\(safe(address))-\(safe(collection))-\(file.device)-\(file.inode).json"
    }

    /// - Returns: nil where there is none, or none that this version reads.
    public func load(address: String, collection: String, file: FileIdentity) -> ResumeState? {
        let path = path(address: address, collection: collection, file: file)
        guard let data = FileManager.default.contents(atPath: path), let state = try? JSONDecoder().decode(ResumeState.self, from: data),
            state.version == ResumeState.versionWritten, state.address == address, state.collection == collection
        else { return nil }
        return state
    }

    /// - Throws: ``CommandFailure`` naming the file.
    public func save(_ state: ResumeState) throws {
        let path = path(address: state.address, collection: state.collection, file: state.file)
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // Atomic: a second file is renamed over the first. Not synced: after a power cut an older state is as good.
            try encoder.encode(state).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw CommandFailure("the position cannot be kept in \(path): \(error.localizedDescription); --no-resume does without")
        }
    }

    public func remove(_ state: ResumeState) {
        _ = unlink(path(address: state.address, collection: state.collection, file: state.file))
    }
}
