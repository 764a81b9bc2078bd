public import SearchCore

/// Dropping what no reader can ask for any more, and giving its space back.
extension DocumentStore {
    /// The log lacks superseded entries up to here: a consumer whose position is before it may have missed deletes, so it
    /// must start anew rather than go on. Zero if nothing was ever dropped.
    public var droppedThrough: SequenceNumber {
        get throws {
            try reading { try Self.droppedThrough($0) }
        }
    }

    static func droppedThrough(_ database: RocksDatabase) throws -> SequenceNumber {
        try database.get(.meta, StoreKeys.droppedThrough) { value in
            guard let value else { return .zero }
            guard let sequence = StoreKeys.sequence(value) else {
                throw TandemError.damaged("store \(database.path): dropped-through mark", "\(value.count) bytes, expected 8")
            }
            return sequence
        }
    }

    /// Drops old versions whose successor's sequence is at most `through`, with their computed vectors, and the deletes among
    /// those successors.
    ///
    /// `through` is the least sequence that every generation's checkpoint has covered and every open snapshot has passed:
    /// a version superseded at or before it is asked for by nobody. Documents that exist are never touched.
    /// - Returns: log entries dropped.
    /// - Complexity: O(dropped), independent of the size of the log; space comes back as RocksDB compacts.
    @discardableResult
    public func dropSuperseded(through: SequenceNumber) throws -> Int {
        var dropped = 0
        // In portions, so that a writer of vectors waits for one of them at most.
        while true {
            let portion = try maintenance.withLock { _ in try writing { try dropPortion($0, through: through) } }
            dropped += portion.dropped
            if !portion.hasMore { return dropped }
        }
    }

    private static let portionEntriesMax = 1000

    private func dropPortion(_ database: RocksDatabase, through: SequenceNumber) throws -> (dropped: Int, hasMore: Bool) {
        let batch = RocksWriteBatch(for: database)
        let iterator = database.iterator(.superseded, scan: true)
        let mark = try Self.droppedThrough(database)
        // Everything up to the mark is gone; starting behind it skips the tombstones of earlier rounds.
        iterator.seek(StoreKeys.sequence(mark.next))
        var olds: [SequenceNumber] = []
        var dropped = 0
        var reached: SequenceNumber?
        var hasMore = false
        while iterator.isValid {
            guard let new = StoreKeys.sequence(iterator.key), let entry = StoreKeys.superseded(iterator.value) else {
                throw TandemError.damaged("store \(path): superseded", "an entry does not parse")
            }
            if new > through { break }
            if olds.count == Self.portionEntriesMax {
                hasMore = true
                break
            }
            batch.delete(.superseded, StoreKeys.sequence(new))
            batch.delete(.log, StoreKeys.sequence(entry.old))
            dropped += 1
            if entry.byDelete {
                // The delete has nothing left to delete, for whoever reads the log from its start.
                batch.delete(.log, StoreKeys.sequence(new))
                dropped += 1
            }
            olds.append(entry.old)
            reached = new
            iterator.next()
        }
        try iterator.check()
        guard let reached else { return (0, false) }
        try deleteVectors(of: olds, database, batch)
        batch.put(.meta, StoreKeys.droppedThrough, StoreKeys.sequence(reached))
        // Not synced: what a power cut takes back is dropped again.
        try write(database, batch, sync: false)
        return (dropped, hasMore)
    }

    private func deleteVectors(of olds: [SequenceNumber], _ database: RocksDatabase, _ batch: RocksWriteBatch) throws {
        let iterator = database.iterator(.vectors, scan: true)
        for space in try Self.vectorSpaces(iterator, path) {
            for old in olds.sorted() {
                let prefix = space + StoreKeys.sequence(old)
                iterator.seek(prefix)
                while iterator.isValid, iterator.key.starts(with: prefix) {
                    batch.delete(.vectors, [UInt8](iterator.key))
                    iterator.next()
                }
            }
        }
        try iterator.check()
    }

    /// The (model, field) pairs that have vectors: one seek each.
    static func vectorSpaces(_ iterator: RocksIterator, _ path: String) throws -> [[UInt8]] {
        var spaces: [[UInt8]] = []
        iterator.seekToFirst()
        while iterator.isValid {
            guard let key = StoreKeys.parseVector(iterator.key) else {
                throw TandemError.damaged("store \(path): vectors", "a key of \(iterator.key.count) bytes does not parse")
            }
            let space = [UInt8](key.space)
            spaces.append(space)
            guard let next = StoreKeys.successor(of: space) else { break }
            iterator.seek(next)
        }
        try iterator.check()
        return spaces
    }

    /// Rewrites the tables without what was dropped, to give its space back now. Blocks; reads and writes go on meanwhile.
    /// - Complexity: O(bytes of the store).
    public func compact() throws {
        // Column by column, so that closing waits for one of them at most.
        for column in Column.allCases { try reading { $0.compact(column) } }
    }

    /// Writes what is in memory to tables, so that the next opening replays nothing. May wait for merges to catch up.
    public func flush() throws {
        try writing { try $0.flush() }
    }
}
