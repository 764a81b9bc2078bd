import SearchCore

/// The walk over all columns behind ``DocumentStore/verify(_:)``.
struct StoreCheck {
    private let database: RocksDatabase
    private(set) var report = StoreReport()
    private var currentUpserts = 0
    private var oldUpserts = 0
    private var deletes = 0

    init(_ database: RocksDatabase) { self.database = database }

    private var path: String { database.path }

    mutating func run() {
        var counters: StoreState?
        attempt { check in counters = try DocumentStore.readState(check.database) }
        report.lastSequence = counters?.last ?? .zero
        attempt { try $0.walkLog() }
        attempt { try $0.walkIDs() }
        attempt { try $0.walkSuperseded() }
        attempt { try $0.walkVectors() }
        attempt { try $0.walkIdempotency() }
        if let counters, counters.liveDocuments != report.documents {
            report.note("the counters say \(counters.liveDocuments) documents, \(report.documents) ids are there")
        }
        if currentUpserts != report.documents {
            report.note("\(report.documents) ids are there, but \(currentUpserts) log entries are current")
        }
        if oldUpserts != report.superseded {
            report.note("\(oldUpserts) log entries are old versions, but \(report.superseded) are noted as superseded")
        }
    }

    /// Runs one part; what it throws ends that part only.
    private mutating func attempt(_ part: (inout StoreCheck) throws -> Void) {
        do { try part(&self) } catch { report.note(String(describing: error)) }
    }

    private func walk(_ column: Column, _ body: (RocksIterator) throws -> Void) throws {
        let iterator = database.iterator(column, scan: true)
        iterator.seekToFirst()
        while iterator.isValid {
            try body(iterator)
            iterator.next()
        }
        try iterator.check()
    }

    private mutating func walkLog() throws {
        var report = report
        defer { self.report = report }
        var (current, old, deleted) = (0, 0, 0)
        defer { (currentUpserts, oldUpserts, deletes) = (current, old, deleted) }
        try walk(.log) { entry in
            report.operations += 1
            guard let sequence = StoreKeys.sequence(entry.key) else { return report.note("log: a key of \(entry.key.count) bytes, expected 8") }
            if sequence > report.lastSequence { report.note("log entry \(sequence) lies behind the last sequence \(report.lastSequence)") }
            do {
                let operation = try OperationCodec.decode(entry.value, sequence: sequence, path: path)
                let version = try DocumentStore.current(database, Array(operation.documentID.utf8))
                if operation.document == nil {
                    deleted += 1
                    if version == sequence { report.note("log entry \(sequence) is a delete, but an id names it as its version") }
                } else if version == sequence {
                    current += 1
                } else {
                    old += 1
                    if let version, version < sequence { report.note("log entry \(sequence): its id names the older entry \(version)") }
                }
            } catch {
                report.note(String(describing: error))
            }
        }
    }

    private mutating func walkIDs() throws {
        var report = report
        defer { self.report = report }
        try walk(.ids) { entry in
            report.documents += 1
            guard let sequence = StoreKeys.sequence(entry.value) else {
                return report.note("ids: a version of \(entry.value.count) bytes, expected 8")
            }
            do {
                let id: String? = try database.get(.log, StoreKeys.sequence(sequence)) {
                    try $0.map { try OperationCodec.decodeID($0, sequence: sequence, path: path) }
                }
                if id == nil { report.note("log entry \(sequence) is missing, but an id names it as its current version") }
                if let id, !entry.key.elementsEqual(id.utf8) { report.note("log entry \(sequence) is named by the id of another document") }
            } catch {
                report.note(String(describing: error))
            }
        }
    }

    private mutating func walkSuperseded() throws {
        var report = report
        defer { self.report = report }
        var byDelete = 0
        try walk(.superseded) { entry in
            report.superseded += 1
            guard let new = StoreKeys.sequence(entry.key), let value = StoreKeys.superseded(entry.value), value.old < new else {
                return report.note("superseded: an entry does not parse")
            }
            if value.byDelete { byDelete += 1 }
            for sequence in [value.old, new] where try !database.get(.log, StoreKeys.sequence(sequence), { $0 != nil }) {
                report.note("log entry \(sequence) is missing, though \(new) superseding \(value.old) is not dropped yet")
            }
        }
        if byDelete != deletes { report.note("the log has \(deletes) deletes, \(byDelete) are noted as superseding") }
    }

    private mutating func walkVectors() throws {
        var report = report
        defer { self.report = report }
        try walk(.vectors) { entry in
            report.vectors += 1
            guard let key = StoreKeys.parseVector(entry.key) else { return report.note("vectors: a key does not parse") }
            do { _ = try VectorValue.decode(entry.value, key: entry.key, path: path) } catch { report.note(String(describing: error)) }
            if try !database.get(.log, StoreKeys.sequence(key.sequence), { $0 != nil }) {
                report.note("vectors: log entry \(key.sequence) has vectors but is not there")
            }
        }
    }

    private mutating func walkIdempotency() throws {
        var report = report
        defer { self.report = report }
        try walk(.idempotency) { entry in
            guard IdempotencyKeys.isKeyEntry(entry.key) else {
                if IdempotencyKeys.serial(entry.key) == nil { report.note("idempotency: a key does not parse") }
                return
            }
            report.idempotencyKeys += 1
            do { _ = try IdempotencyKeys.decode(entry.value, path: path) } catch { report.note(String(describing: error)) }
        }
    }
}
