public import SearchCore

/// Copies of a store, and the proof that one is whole.
extension DocumentStore {
    /// Makes a complete second store in the new folder `target`, as of one moment, while writes go on.
    ///
    /// On the same file system table files are hard links, so it takes tens of milliseconds and no more space than the
    /// write-ahead log, at most ``StoreOptions/logBytesMax``.
    /// - Throws: `ALREADY_EXISTS` if `target` is there; `RESOURCE_EXHAUSTED` if the disk is full. What was begun is removed.
    public func checkpoint(to target: String) throws {
        guard !FileSystem.exists(target) else {
            throw TandemError(.alreadyExists, "checkpoint folder \(target): exists already; choose a new name")
        }
        if let slash = target.lastIndex(of: "/"), slash != target.startIndex {
            try FileSystem.createFolder(String(target[..<slash]))
        }
        try reading { try $0.checkpoint(to: target) }
        try FileSystem.sync(folder: target)
        try FileSystem.syncFolder(of: target)
    }

    /// Reads a whole store, without changing it, and checks all that can be checked.
    ///
    /// Every block's and every record's checksum, that every record decodes, that ids and log agree, that the counters are
    /// right, and that what is superseded is noted as such. May run on the folder of a running daemon: it then sees the
    /// state of one moment.
    /// Looks at what the disk holds now, through a block cache of its own: RocksDB takes a copy's blocks for the original's, and a shared
    /// cache would answer for a damaged copy with the whole blocks of the store that it was made from.
    /// - Throws: if the store cannot be opened at all. Damage inside is listed in the report.
    /// - Complexity: O(bytes of the store), constant memory.
    public static func verify(_ path: String) throws -> StoreReport {
        var options = StoreOptions()
        options.cache = BlockCache(bytes: 8 << 20)
        let database = try RocksDatabase(path: path, options: options, create: false, readOnly: true)
        defer { database.close() }
        var check = StoreCheck(database)
        check.run()
        return check.report
    }
}

/// What ``DocumentStore/verify(_:)`` found.
public struct StoreReport: Sendable {
    public var lastSequence = SequenceNumber.zero
    /// Documents that exist.
    public var documents = 0
    /// Log entries: upserts and deletes.
    public var operations = 0
    /// Old versions that are kept for consumers which have not passed them.
    public var superseded = 0
    /// Stored vectors, counting chunks.
    public var vectors = 0
    public var idempotencyKeys = 0
    /// At most ``problemsMax``, in words that name the entry; empty: the store is whole.
    public var problems: [String] = []
    /// Problems found, counting those left out of the list.
    public var problemCount = 0

    public static let problemsMax = 100
    public var isWhole: Bool { problemCount == 0 }

    mutating func note(_ problem: String) {
        problemCount += 1
        if problems.count < Self.problemsMax { problems.append(problem) }
    }
}
