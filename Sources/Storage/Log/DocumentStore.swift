import Glibc
public import SearchCore
import Synchronization

/// A collection's documents on disk: its log, the current version of every id, computed vectors, and small metadata.
///
/// ```
/// log         sequence → operation        one entry per upsert or delete, in commit order
/// ids         external id → sequence      the current version; a delete removes the entry
/// superseded  new sequence → old one      what may be dropped once every consumer has passed the new one
/// vectors     model, field, sequence, chunk → f32
/// idempotency key → outcome of a batch
/// meta        counters, format, the owner's metadata
/// ```
/// Invariants: (1) the six columns change together, in one atomic, fsynced write per commit group; (2) sequences are given
/// 1, 2, 3, …, never twice to an acknowledged operation; (3) `ids` names exactly the upserts that nothing superseded.
///
/// Writes of documents go through a ``Committer``; the store itself answers reads. Thread-safe; calls block on disk reads, so
/// they belong on a thread pool, not on an event loop. After ``close()`` every call throws `UNAVAILABLE`.
///
/// A disk that fails (full, read-only, I/O error) stops writes, not reads. Each later write first tries the disk, and when it
/// takes data again the database is opened anew, which replays the log to exactly what is on disk; writes then go on.
/// Bytes: docs/formats/store.md.
public final class DocumentStore: Sendable {
    public let path: String
    let options: StoreOptions

    enum State {
        case open(RocksDatabase)
        /// The disk failed, and opening again failed too; the next write tries once more.
        case lost(TandemError)
        case closed
    }

    struct Fault {
        var error: TandemError
        var triedAt: ContinuousClock.Instant?
    }

    let access = ReadWriteLock()
    // SAFETY: read under `access` shared, changed under `access` alone.
    private nonisolated(unsafe) var state: State
    private let fault = Mutex<Fault?>(nil)
    // Says whether `fault` holds one, without a lock. Sequentially consistent; set after the fault, cleared after it is nil.
    private let isFaulty = Atomic<Bool>(false)
    // Held while the database is reopened, so that one thread does it; the others then find it done.
    private let recovery = Mutex<Void>(())
    /// Held by garbage collection and by writers of vectors, so that no vector is written for an entry just dropped.
    let maintenance = Mutex<Void>(())
    // Held by every write to the database, innermost.
    private let writeOrder = Mutex<Void>(())
    /// Held by a commit from planning to writing, so that sequences are given once, whoever commits. Lock order:
    /// maintenance, then recovery, then commitOrder, then access, then writeOrder.
    let commitOrder = Mutex<IdempotencyKeys.Window?>(nil)
    // Times that the database was opened; what a commit remembers of an earlier one is stale. Changed under `access` alone.
    private let openings = Atomic<Int>(0)
    // Releasing stores follow the write that made the operations readable; acquiring loads therefore see them.
    private let last = Atomic<UInt64>(0)
    private let live = Atomic<Int>(0)

    /// Opens the store in folder `path`, creating it with its parents if there is none.
    ///
    /// On a full or read-only disk an existing store opens for reading; writes then fail until the disk takes data.
    /// - Throws: `FAILED_PRECONDITION` if it is open elsewhere or of a newer format; `DATA_LOSS` if it is damaged.
    /// - Complexity: replays at most ``StoreOptions/logBytesMax`` of log after a crash.
    public init(path: String, options: StoreOptions = StoreOptions()) throws {
        self.path = path
        self.options = options
        state = .closed
        let isNew = !FileSystem.exists(path + "/CURRENT")
        if isNew { try FileSystem.createFolder(path) }
        do {
            // Asked first, since opening would leave half of what it writes behind.
            if !isNew { try DiskProbe.check(folder: path) }
            let database = try RocksDatabase(path: path, options: options, create: true, readOnly: false)
            if isNew { try Self.writeFormat(database) }
            try load(database)
            state = .open(database)
        } catch let error as TandemError where error.code == .resourceExhausted && !isNew {
            let database = try RocksDatabase(path: path, options: options, create: false, readOnly: true)
            try load(database)
            state = .open(database)
            noteFault(error)
        }
    }

    private static func writeFormat(_ database: RocksDatabase) throws {
        let batch = RocksWriteBatch(for: database)
        batch.put(.meta, StoreKeys.format, [StoreKeys.formatVersion])
        batch.put(.meta, StoreKeys.state, StoreState().encoded())
        try database.write(batch, sync: true)
    }

    /// Reads the counters; on opening and after every reopening.
    private func load(_ database: RocksDatabase) throws {
        let version = try database.get(.meta, StoreKeys.format) { $0.flatMap(\.first) }
        if version == nil {
            // Creation was cut short between RocksDB's files and the first write.
            guard !database.isReadOnly else { throw TandemError.damaged("store \(path)", "no format version") }
            try Self.writeFormat(database)
        }
        guard (version ?? StoreKeys.formatVersion) == StoreKeys.formatVersion else {
            throw TandemError(
                .failedPrecondition,
                "store \(path): format version \(version ?? 0), this build reads \(StoreKeys.formatVersion): use the build that wrote it")
        }
        let counters = try Self.readState(database)
        last.store(counters.last.rawValue, ordering: .releasing)
        live.store(counters.liveDocuments, ordering: .releasing)
        openings.add(1, ordering: .relaxed)
    }

    var opening: Int { openings.load(ordering: .relaxed) }

    static func readState(_ database: RocksDatabase) throws -> StoreState {
        try database.get(.meta, StoreKeys.state) { value in
            guard let value else { throw TandemError.damaged("store \(database.path)", "its counters are missing") }
            return try StoreState(decoding: value, path: database.path)
        }
    }

    /// Ends all use of the database. Idempotent; waits for calls under way. What was acknowledged is on disk already.
    public func close() {
        cancelWaits()
        access.exclusive {
            if case .open(let database) = state { database.close() }
            state = .closed
        }
    }

    deinit { close() }

    // MARK: State

    /// Last sequence given; everything up to it can be read.
    public var lastSequence: SequenceNumber { SequenceNumber(last.load(ordering: .acquiring)) }

    /// Documents that exist now.
    public var liveDocumentCount: Int { live.load(ordering: .acquiring) }

    var counters: StoreState {
        var state = StoreState()
        state.last = lastSequence
        state.liveDocuments = liveDocumentCount
        return state
    }

    func publish(_ counters: StoreState) {
        live.store(counters.liveDocuments, ordering: .releasing)
        last.store(counters.last.rawValue, ordering: .releasing)
    }

    /// Why writes fail at present; nil when they work as far as known.
    public var writeFailure: TandemError? { fault.withLock { $0?.error } }

    /// Bytes of the store's files.
    public var diskBytes: Int {
        let names = (try? FileSystem.list(path)) ?? []
        return names.reduce(0) { $0 + Self.fileBytes(path + "/" + $1) }
    }

    static func fileBytes(_ file: String) -> Int {
        var info = stat()
        // Blocks, not length: RocksDB reserves room past the end of its log.
        return lstat(file, &info) == 0 ? Int(info.st_blocks) * 512 : 0
    }

    /// Bytes of memory in write buffers; the block cache is shared and counted by ``BlockCache/bytesUsed``.
    public var memoryBytes: Int {
        (try? reading { Int($0.property("rocksdb.cur-size-all-mem-tables")) }) ?? 0
    }

    // MARK: Access to the database

    /// Runs `body` on the open database. Not to be nested: the lock is not recursive.
    func reading<R>(_ body: (RocksDatabase) throws -> R) throws -> R {
        try access.shared {
            switch state {
            case .open(let database): return try body(database)
            case .lost(let error): throw error
            case .closed: throw closedError
            }
        }
    }

    private var closedError: TandemError {
        TandemError(.unavailable, "store \(path): is closed; the daemon is stopping or the collection was dropped")
    }

    /// Like ``reading(_:)``, after an attempt to repair a failed disk. `body` writes with ``write(_:_:sync:)``.
    func writing<R>(_ body: (RocksDatabase) throws -> R) throws -> R {
        try repair()
        return try reading(body)
    }

    /// If the disk failed, tries whether it works again. - Throws: the reason why writes still fail.
    func repair() throws {
        if isFaulty.load(ordering: .sequentiallyConsistent) { try recover() }
    }

    /// Writes, one batch at a time, and none after a failed one until the database was opened anew: RocksDB 7.8 recovers by
    /// itself from a full disk, but may then go on with the log file whose end is torn, which its assertions answer by
    /// ending the process (facebook/rocksdb issue 11643).
    func write(_ database: RocksDatabase, _ batch: RocksWriteBatch, sync: Bool) throws {
        try writeOrder.withLock { _ in
            if let pending = fault.withLock({ $0 }) { throw pending.error }
            do {
                try database.write(batch, sync: sync)
            } catch let error as TandemError {
                noteFault(error)
                throw error
            }
        }
    }

    private func noteFault(_ error: TandemError) {
        fault.withLock { $0 = Fault(error: error, triedAt: nil) }
        isFaulty.store(true, ordering: .sequentiallyConsistent)
    }

    // MARK: Recovery from a failed disk

    /// Pause between attempts: each costs an fsync, and a client's retries may come in thousands.
    static let recoveryPause = Duration.milliseconds(250)

    /// - Throws: the reason why writes still fail.
    private func recover() throws {
        try recovery.withLock { _ in
            guard var pending = fault.withLock({ $0 }) else { return }
            if let triedAt = pending.triedAt, triedAt.duration(to: .now) < Self.recoveryPause { throw pending.error }
            pending.triedAt = .now
            fault.withLock { [pending] in $0 = pending }
            do {
                try DiskProbe.check(folder: path)
                cancelWaits()
                try reopen()
            } catch let error as TandemError {
                if error.code != .unavailable { fault.withLock { $0?.error = error } }
                throw error
            }
            fault.withLock { $0 = nil }
            isFaulty.store(false, ordering: .sequentiallyConsistent)
        }
    }

    /// Makes calls return that wait inside RocksDB for room, since they would keep the lock from closing and, behind it, reads.
    private func cancelWaits() {
        access.shared { if case .open(let database) = state { database.cancelBackgroundWork() } }
    }

    /// Closes and opens the database. A write whose failure was reported may turn out to be on disk; the counters are read
    /// again, so that its sequences are not given twice.
    private func reopen() throws {
        try access.exclusive {
            switch state {
            case .closed: throw closedError
            case .open(let database): database.close()
            case .lost: break
            }
            do {
                let database = try RocksDatabase(path: path, options: options, create: false, readOnly: false)
                state = .open(database)
                try load(database)
            } catch let error as TandemError {
                if case .open(let database) = state { database.close() }
                state = .lost(error)
                // Reads go on from what is there; opening for reading writes nothing.
                if let database = try? RocksDatabase(path: path, options: options, create: false, readOnly: true) {
                    state = .open(database)
                    try load(database)
                }
                throw error
            }
        }
    }
}
