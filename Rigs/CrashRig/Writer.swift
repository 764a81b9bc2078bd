import RigSupport
import Synchronization
import TandemClient

/// Says to the writers that the daemon is being killed: from then on, failing calls are what is wanted.
final class RoundEnd: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .sequentiallyConsistent) }
    func set() { flag.store(true, ordering: .sequentiallyConsistent) }
}

/// One client that writes until the daemon is gone.
///
/// It owns the ids `u<number>-…`, so it knows what each of its operations must answer; besides, it competes with the others for
/// the ids `shared-…` by conditional writes.
struct Writer {
    static let sharedIDs = 6

    let number: Int
    let client: TandemClient
    let collection: String
    let content: Content
    let ledger: Ledger
    let end: RoundEnd
    /// Unique in the data folder.
    let keyPrefix: String
    var random: SeededGenerator

    /// Ids of this writer that are in use and those that may come into use.
    private let idsMax = 500
    private var keys = 0
    /// What is there once everything that was sent is applied.
    private var versions: [String: Version] = [:]

    init(
        number: Int, client: TandemClient, collection: String, content: Content, ledger: Ledger, end: RoundEnd, keyPrefix: String,
        random: SeededGenerator
    ) {
        self.number = number
        self.client = client
        self.collection = collection
        self.content = content
        self.ledger = ledger
        self.end = end
        self.keyPrefix = keyPrefix
        self.random = random
    }

    mutating func run() async {
        while !end.isSet {
            do {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<5: try await single()
                case 5..<7: try await compete()
                default: try await stream()
                }
            } catch let error as TandemClientError {
                if !end.isSet { await fail(error) }
                return
            } catch {
                return ledger.note("writer \(number): \(error)")
            }
        }
    }

    /// A full queue is an answer like any other; everything else is wrong while the daemon runs. The state of what was sent
    /// is unknown either way, so this writer is done for the round.
    private func fail(_ error: TandemClientError) async {
        // The connection may notice the kill before this side has noted it.
        try? await Task.sleep(for: .milliseconds(300))
        if !end.isSet, error.code != .resourceExhausted { ledger.note("writer \(number): a call failed before the kill: \(error)") }
    }

    // MARK: Batches

    /// One call, one answer.
    private mutating func single() async throws {
        let batch = makeBatch(pipelined: false)
        _ = try await send(batch)
        if batch.level != .logged { try await expectSearchable(batch) }
    }

    private func send(_ batch: Batch) async throws -> [OperationResult] {
        ledger.sending(batch)
        do {
            let results: [OperationResult]
            if batch.isDelete {
                let response = try await client.delete(Self.deleteRequest(batch, collection))
                results = response.results
                ledger.acknowledged(number, results, sequence: response.sequence, level: response.acknowledgement, wasReplayed: response.wasReplayed)
            } else {
                let response = try await client.upsert(Self.upsertRequest(batch, collection, content))
                results = response.results
                ledger.acknowledged(number, results, sequence: response.sequence, level: response.acknowledgement, wasReplayed: response.wasReplayed)
            }
            return results
        } catch let error as TandemClientError where error.didRun == false {
            ledger.refused(number)
            throw error
        }
    }

    static func upsertRequest(_ batch: Batch, _ collection: String, _ content: Content) -> UpsertRequest {
        UpsertRequest(
            collection: collection, operations: operations(batch, content), acknowledgement: batch.level, idempotencyKey: batch.key)
    }

    static func deleteRequest(_ batch: Batch, _ collection: String) -> DeleteRequest {
        DeleteRequest(
            collection: collection, operations: batch.operations.map { DeleteOperation(id: $0.id, condition: $0.condition) },
            acknowledgement: batch.level, idempotencyKey: batch.key)
    }

    private static func operations(_ batch: Batch, _ content: Content) -> [UpsertOperation] {
        batch.operations.map { operation in
            guard case .upsert(let word) = operation.change else { preconditionFailure("a delete among upserts") }
            return UpsertOperation(document: content.document(operation.id, word: word), condition: operation.condition)
        }
    }

    /// Several batches on their way at a time, over one stream.
    private mutating func stream() async throws {
        let (ledger, number) = (ledger, number)
        let level: Acknowledgement = random.chance(1, in: 4) ? .searchable : .logged
        // Not by `self` inside the closure: it is changed there.
        var batches: [Batch] = []
        for _ in 0..<Int.random(in: 2...12, using: &random) { batches.append(makeBatch(pipelined: true, level: level)) }
        let toSend = batches
        _ = try await client.upload(into: collection, acknowledgement: level, inFlightMax: Int.random(in: 1...6, using: &random)) { _, response in
            ledger.acknowledged(
                number, response.results, sequence: response.sequence, level: response.acknowledgement, wasReplayed: response.wasReplayed)
        } _: { upload in
            for batch in toSend {
                // Entered just before it goes out: what was never sent cannot have been applied.
                ledger.sending(batch)
                try await upload.send(Self.operations(batch, content), idempotencyKey: batch.key)
            }
        }
    }

    private mutating func batchSize() -> Int {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<10: Int.random(in: 1...4, using: &random)
        case 10..<18: Int.random(in: 5...60, using: &random)
        default: Int.random(in: 100...300, using: &random)
        }
    }

    /// A batch over this writer's own ids, entered into `versions` as if it were applied.
    ///
    /// - Parameter pipelined: the answers to the batches before it are not there, so no version of theirs can be named.
    private mutating func makeBatch(pipelined: Bool, level chosen: Acknowledgement? = nil) -> Batch {
        var operations: [Operation] = []
        let isDelete = !pipelined && random.chance(1, in: 4)
        for _ in 0..<batchSize() {
            let id = "u\(number)-\(Int.random(in: 0..<idsMax, using: &random))"
            let exists = (versions[id] ?? ledger.version(id)).word != nil
            operations.append(isDelete ? delete(id, exists) : upsert(id, exists, pipelined, isRepeated: operations.contains { $0.id == id }))
        }
        keys += 1
        let level = chosen ?? [Acknowledgement.logged, .logged, .logged, .searchable, .complete][Int.random(in: 0..<5, using: &random)]
        return Batch(
            writer: number, operations: operations, key: random.chance(1, in: 2) ? "\(keyPrefix)-\(number)-\(keys)" : nil, level: level)
    }

    private mutating func delete(_ id: String, _ exists: Bool) -> Operation {
        versions[id] = Version()
        return Operation(id: id, change: .delete, expected: exists ? .applied : .notFound)
    }

    private mutating func upsert(_ id: String, _ exists: Bool, _ pipelined: Bool, isRepeated: Bool) -> Operation {
        var operation = Operation(id: id, change: .upsert(word: ledger.newWord()), expected: .applied)
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            operation.condition = Condition(kind: .insertOnly)
            if exists { operation.expected = .conditionFailed }
        case 1:
            operation.condition = Condition(kind: .updateOnly)
            if !exists { operation.expected = .conditionFailed }
        case 2 where !pipelined && !isRepeated && ledger.version(id).word != nil && exists:
            // Right, or off by one: the neighbouring sequence belongs to some other write.
            let isRight = random.chance(2, in: 3)
            operation.condition = Condition(kind: .ifVersion, version: ledger.version(id).sequence + (isRight ? 0 : 1))
            if !isRight { operation.expected = .conditionFailed }
        default: break
        }
        if operation.expected == .applied, case .upsert(let word) = operation.change { versions[id] = Version(word: word) }
        return operation
    }

    // MARK: Shared documents

    /// Read, change, write if nobody else has: on ids that all writers use.
    private mutating func compete() async throws {
        let id = "shared-\(Int.random(in: 0..<Self.sharedIDs, using: &random))"
        let version = try await client.get([id], from: collection, fields: []).documents.first?.version
        let isDelete = version != nil && random.chance(1, in: 10)
        let condition = version.map { Condition(kind: .ifVersion, version: $0) } ?? Condition(kind: .insertOnly)
        _ = try await send(
            Batch(
                writer: number,
                operations: [Operation(id: id, change: isDelete ? .delete : .upsert(word: ledger.newWord()), condition: condition)], key: nil,
                level: .logged))
    }

    // MARK: Acknowledged as searchable

    /// A batch that is said to be searchable is, at once and without a token; what it replaced is not.
    private func expectSearchable(_ batch: Batch) async throws {
        guard let operation = batch.operations.last else { return }
        // Of the id's operations in the batch the last that applied counts; the ledger knows which.
        guard let word = ledger.version(operation.id).word else { return }
        let hits = try await client.search(SearchRequest(collection: collection, text: word, mode: .lexical, limit: 5, fields: FieldSelection())).hits
        if hits.map(\.id) != [operation.id] {
            ledger.note("\(operation.id): acknowledged as \(batch.level), a search finds \(hits.map(\.id))")
        }
        ledger.withState { $0.figures.searchableAtOnce += 1 }
    }
}
