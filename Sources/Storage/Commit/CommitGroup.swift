import Glibc
import SearchCore

/// Plans and writes one group of batches: conditions, sequences, one atomic write, one fsync.
///
/// The idea of group commit: the fsync costs milliseconds whatever it carries, so all batches that wait share it.
/// Source: DeWitt et al., "Implementation Techniques for Main Memory Database Systems", SIGMOD 1984.
struct CommitGroup {
    private let database: RocksDatabase
    private let write: RocksWriteBatch
    private let limits: Committer.CommitLimits
    private let now: Int64
    /// Counters as they will be when the group is written.
    private(set) var counters: StoreState
    private(set) var window: IdempotencyKeys.Window
    /// Version of every id of the group, as the operations planned so far leave it; 0: no such document.
    private var versions: [[UInt8]: UInt64] = [:]
    /// Idempotency keys that the group itself uses.
    private var keys: [[UInt8]: (fingerprint: BatchFingerprint, outcome: CommitOutcome)] = [:]

    init(
        _ batches: [PreparedBatch], _ database: RocksDatabase, _ counters: StoreState, _ window: IdempotencyKeys.Window, now: Int64,
        limits: Committer.CommitLimits
    ) throws {
        self.database = database
        self.counters = counters
        self.window = window
        self.now = now
        self.limits = limits
        write = RocksWriteBatch(for: database)
        var ids: [[UInt8]] = []
        for batch in batches {
            for operation in batch.operations where versions.updateValue(0, forKey: operation.id) == nil { ids.append(operation.id) }
        }
        for (id, version) in zip(ids, try DocumentStore.current(database, ids)) { versions[id] = version?.rawValue ?? 0 }
    }

    var isEmpty: Bool { write.isEmpty }

    /// Adds a batch to the group, behind those before it.
    /// - Throws: what concerns this batch alone: `INVALID_ARGUMENT` for an idempotency key that was used for another one.
    mutating func add(_ batch: PreparedBatch) throws -> CommitOutcome {
        if let key = batch.idempotencyKey, let earlier = try earlier(key) {
            guard earlier.fingerprint == batch.fingerprint else {
                throw TandemError.invalidArgument("the idempotency key was used for a batch with other content; use a new key for new content")
            }
            var outcome = earlier.outcome
            outcome.wasReplayed = true
            return outcome
        }
        var outcome = CommitOutcome(lastSequence: counters.last, results: [])
        outcome.results.reserveCapacity(batch.operations.count)
        for operation in batch.operations { outcome.results.append(apply(operation)) }
        outcome.lastSequence = counters.last
        if let key = batch.idempotencyKey {
            keys[key] = (batch.fingerprint, outcome)
            IdempotencyKeys.add(key, batch.fingerprint, outcome, now: now, window: &window, write)
        }
        return outcome
    }

    private func earlier(_ key: [UInt8]) throws -> (fingerprint: BatchFingerprint, outcome: CommitOutcome)? {
        if let found = keys[key] { return found }
        return try IdempotencyKeys.find(key, database, now: now, limits: limits).map { ($0.fingerprint, $0.outcome) }
    }

    private mutating func apply(_ operation: PreparedBatch.Operation) -> OperationResult {
        let raw = versions[operation.id] ?? 0
        let current = raw == 0 ? nil : SequenceNumber(raw)
        switch operation.condition {
        case .none: break
        case .ifVersion(let version) where version != raw: return .conditionFailed(current: current)
        case .insertOnly where current != nil: return .conditionFailed(current: current)
        // A delete is an update in any case; of a missing id it is `notFound`.
        case .updateOnly where current == nil && !operation.isDelete: return .conditionFailed(current: nil)
        default: break
        }
        if operation.isDelete && current == nil { return .notFound }

        let sequence = counters.last.next
        counters.last = sequence
        let key = StoreKeys.sequence(sequence)
        let header = OperationCodec.header(operation.isDelete ? .delete : .upsert, previous: current, committedMicroseconds: now)
        let checksum = OperationCodec.checksum(key: key, header: header, body: operation.body).littleEndian
        header.withUnsafeBytes { header in
            operation.body.withUnsafeBytes { body in
                withUnsafeBytes(of: checksum) { write.put(.log, key, parts: [header, body, $0]) }
            }
        }
        if let current {
            write.put(.superseded, key, StoreKeys.supersededValue(old: current, byDelete: operation.isDelete))
        } else {
            counters.liveDocuments += 1
        }
        if operation.isDelete {
            counters.liveDocuments -= 1
            write.delete(.ids, operation.id)
            versions[operation.id] = 0
        } else {
            write.put(.ids, operation.id, key)
            versions[operation.id] = sequence.rawValue
        }
        return .applied(sequence)
    }

    /// Completes the write with the counters and the pruning of old idempotency keys.
    mutating func finish() throws -> RocksWriteBatch {
        write.put(.meta, StoreKeys.state, counters.encoded())
        if !keys.isEmpty {
            // Twice what was added, so that a backlog shrinks; a bounded number, so that no commit pays for a day's keys.
            try IdempotencyKeys.prune(
                database, count: 2 * keys.count + 16, now: now, limits: limits, fresh: Set(keys.keys), window: &window, write)
        }
        return write
    }
}

extension DocumentStore {
    /// Commits batches as one group, in order. Each has its own result; those that the disk refused share its error.
    func commit(_ batches: [PreparedBatch], limits: Committer.CommitLimits, now: Int64) -> [Result<CommitOutcome, any Error>] {
        do {
            try repair()
            let shortage = DiskProbe.shortage(folder: path, reserveBytes: options.diskReserveBytes)
            return try commitOrder.withLock { window in
                try reading { database in
                    if window?.opening != opening { window = try IdempotencyKeys.Window(reading: database, opening: opening) }
                    var group = try CommitGroup(batches, database, counters, window!, now: now, limits: limits)
                    let results = batches.map { batch in
                        // What was refused here left no trace in the group: conditions and keys are checked before anything is planned.
                        if batch.hasUpserts, let shortage { return Result<CommitOutcome, any Error>.failure(shortage) }
                        return Result { try group.add(batch) }
                    }
                    if !group.isEmpty {
                        let batch = try group.finish()
                        try write(database, batch, sync: options.syncsCommits)
                        window = group.window
                        publish(group.counters)
                    }
                    return results
                }
            }
        } catch {
            return batches.map { _ in .failure(error) }
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    static func wallClockMicroseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
