import SearchCore

/// Outcomes of batches by idempotency key, kept for a day or the last 100,000 keys, whichever is less.
///
/// Two kinds of entry in one column, told apart by their first byte: `k` key → outcome, and `t` serial → when, key. Serials
/// count up, so the oldest entries are found by one seek, and pruning costs as much as what it removes.
/// Bytes: docs/formats/store.md.
enum IdempotencyKeys {
    /// Serials in use: oldest ..< next. Belongs to one opening of the database.
    struct Window {
        let opening: Int
        var oldest: UInt64
        var next: UInt64

        init(reading database: RocksDatabase, opening: Int) throws {
            self.opening = opening
            oldest = 0
            next = 0
            let iterator = database.iterator(.idempotency)
            iterator.seek([timeTag])
            if iterator.isValid, let serial = IdempotencyKeys.serial(iterator.key) {
                oldest = serial
                // The column holds nothing behind the serials.
                iterator.seekToLast()
                guard iterator.isValid, let last = IdempotencyKeys.serial(iterator.key) else {
                    throw TandemError.damaged("store \(database.path): idempotency", "the last entry is not a serial")
                }
                next = last + 1
            }
            try iterator.check()
        }
    }

    struct Record {
        let serial: UInt64
        let microseconds: Int64
        let fingerprint: BatchFingerprint
        let outcome: CommitOutcome
    }

    private static let keyTag = UInt8(ascii: "k")
    private static let timeTag = UInt8(ascii: "t")

    static func key(_ key: [UInt8]) -> [UInt8] { [keyTag] + key }
    static func key(serial: UInt64) -> [UInt8] { [timeTag] + withUnsafeBytes(of: serial.bigEndian) { [UInt8]($0) } }

    static func serial(_ key: UnsafeRawBufferPointer) -> UInt64? {
        guard key.count == 9, key[0] == timeTag else { return nil }
        return UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
    }

    static func isKeyEntry(_ key: UnsafeRawBufferPointer) -> Bool { key.first == keyTag }

    // MARK: Store

    static func find(_ key: [UInt8], _ database: RocksDatabase, now: Int64, limits: Committer.CommitLimits) throws -> Record? {
        let record = try database.get(.idempotency, self.key(key)) { try $0.map { try decode($0, path: database.path) } }
        guard let record, now - record.microseconds <= limits.idempotencyMicrosecondsMax else { return nil }
        return record
    }

    static func add(
        _ key: [UInt8], _ fingerprint: BatchFingerprint, _ outcome: CommitOutcome, now: Int64, window: inout Window, _ batch: RocksWriteBatch
    ) {
        let record = Record(serial: window.next, microseconds: now, fingerprint: fingerprint, outcome: outcome)
        batch.put(.idempotency, self.key(key), encode(record))
        var time = ByteWriter(capacity: 8 + key.count)
        time.append(now)
        time.append(bytes: key)
        batch.put(.idempotency, self.key(serial: window.next), time.bytes)
        window.next += 1
    }

    /// Removes up to `count` of the oldest entries as far as they are too old or too many.
    /// - Parameter fresh: keys that the same batch writes anew, and whose outcomes therefore stay.
    static func prune(
        _ database: RocksDatabase, count: Int, now: Int64, limits: Committer.CommitLimits, fresh: Set<[UInt8]>, window: inout Window,
        _ batch: RocksWriteBatch
    ) throws {
        let iterator = database.iterator(.idempotency)
        iterator.seek(key(serial: window.oldest))
        for _ in 0..<count where iterator.isValid {
            guard let serial = serial(iterator.key), iterator.value.count >= 8 else { break }
            let value = iterator.value
            let at = Int64(littleEndian: value.loadUnaligned(as: Int64.self))
            let tooMany = window.next - serial > UInt64(limits.idempotencyKeysMax)
            guard tooMany || now - at > limits.idempotencyMicrosecondsMax else { break }
            let name = [UInt8](value[8...])
            batch.delete(.idempotency, key(serial: serial))
            // A key that expired and was used again has a newer outcome, which stays.
            if !fresh.contains(name), try find(name, database, serial: serial) { batch.delete(.idempotency, key(name)) }
            window.oldest = serial + 1
            iterator.next()
        }
        try iterator.check()
    }

    private static func find(_ key: [UInt8], _ database: RocksDatabase, serial: UInt64) throws -> Bool {
        try database.get(.idempotency, self.key(key)) { try $0.map { try decode($0, path: database.path).serial == serial } ?? false }
    }

    // MARK: Bytes

    private static let version: UInt8 = 1

    /// On disk: never renumber; 0 is invalid.
    private enum ResultCode: UInt8 {
        case applied = 1
        case conditionFailed = 2
        case notFound = 3
    }

    static func encode(_ record: Record) -> [UInt8] {
        var writer = ByteWriter(capacity: 48 + record.outcome.results.count)
        writer.append(version)
        writer.append(record.serial)
        writer.append(record.microseconds)
        writer.append(record.fingerprint.checksum)
        writer.append(record.fingerprint.bytes)
        writer.append(record.fingerprint.operations)
        writer.append(record.outcome.lastSequence.rawValue)
        writer.appendVarint(record.outcome.results.count)
        for result in record.outcome.results {
            switch result {
            case .applied(let sequence):
                writer.append(ResultCode.applied.rawValue)
                writer.appendVarint(sequence.rawValue)
            case .conditionFailed(let current):
                writer.append(ResultCode.conditionFailed.rawValue)
                writer.appendVarint(current?.rawValue ?? 0)
            case .notFound: writer.append(ResultCode.notFound.rawValue)
            }
        }
        writer.append(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, path: String) throws -> Record {
        let name = "store \(path): outcome of an idempotent batch"
        guard bytes.count > 4 else { throw TandemError.damaged(name, "\(bytes.count) bytes") }
        let content = UnsafeRawBufferPointer(rebasing: bytes[0..<(bytes.count - 4)])
        let expected = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self))
        guard CRC32C.checksum(content) == expected else { throw TandemError.damaged(name, "its checksum does not match") }
        var reader = ByteReader(content, name: name)
        let version: UInt8 = try reader.read()
        guard version == Self.version else {
            throw TandemError(.failedPrecondition, "\(name): record version \(version), this build reads \(Self.version): use the newer build")
        }
        let serial: UInt64 = try reader.read()
        let microseconds: Int64 = try reader.read()
        let fingerprint = BatchFingerprint(checksum: try reader.read(), bytes: try reader.read(), operations: try reader.read())
        var outcome = CommitOutcome(lastSequence: SequenceNumber(try reader.read()), results: [], wasReplayed: true)
        let count = try reader.readCount()
        outcome.results.reserveCapacity(count)
        for _ in 0..<count {
            let code: UInt8 = try reader.read()
            switch ResultCode(rawValue: code) {
            case .applied: outcome.results.append(.applied(SequenceNumber(try reader.readVarint())))
            case .conditionFailed:
                let current = try reader.readVarint()
                outcome.results.append(.conditionFailed(current: current == 0 ? nil : SequenceNumber(current)))
            case .notFound: outcome.results.append(.notFound)
            case nil: throw TandemError.damaged(name, "unknown result \(code)")
            }
        }
        guard reader.isAtEnd else { throw TandemError.damaged(name, "\(reader.remaining) bytes too many") }
        return Record(serial: serial, microseconds: microseconds, fingerprint: fingerprint, outcome: outcome)
    }
}
