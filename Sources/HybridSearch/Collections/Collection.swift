import ColumnIndex
import Foundation
import Inference
import Logging
import SearchCore
import Storage
import Synchronization
import TextAnalysis

/// A named set of documents with one schema: a log, its committer, and the generation of indexes that serves it.
///
/// ```
/// <folder>/COLLECTION            manifest: schema, serving generation
/// <folder>/store/                the log and the documents (RocksDB)
/// <folder>/generations/<n>/      index files of a generation and their MANIFEST
/// ```
///
/// Thread-safe. Reads run on the caller's thread; writes are handed to the committer.
public final class Collection: Sendable {
    struct State {
        var manifest: CollectionManifest
        var serving: Generation
        var building: Generation?
        var builder: Worker?
        var replayed = 0
    }

    public let name: String
    let folder: String
    let store: DocumentStore
    let committer: Committer
    let models: ModelLibrary
    let settings: GenerationSettings
    let logger: Logger
    let pins: SnapshotPins
    let filterCache = FilterCache(bytesMax: 64 << 20)
    let state: Mutex<State>
    private let isClosed = Atomic<Bool>(false)

    // MARK: Opening

    /// Makes the folder of a new collection; the caller has checked the schema.
    static func create(name: String, folder: String, schema: CollectionSchema) throws {
        try FileSystem.createFolder(folder + "/generations")
        let manifest = CollectionManifest(name: name, uuid: UUID().uuidString.lowercased(), schema: schema, generation: 1)
        try manifest.write(folder: folder)
        try FileSystem.syncFolder(of: folder)
    }

    /// Opens a collection and replays the log behind its checkpoint.
    ///
    /// A damaged index file is named in the log and the indexes are built anew from the document store; only damage of
    /// the store itself, or of the manifest, is an error.
    init(folder: String, models: ModelLibrary, settings: GenerationSettings, logger base: Logger) throws {
        let manifest = try CollectionManifest.read(folder: folder)
        var logger = base
        logger[metadataKey: "collection"] = "\(manifest.name)"
        name = manifest.name
        self.folder = folder
        self.models = models
        self.settings = settings
        self.logger = logger
        let pins = SnapshotPins()
        self.pins = pins
        let store = try DocumentStore(path: folder + "/store")
        self.store = store
        // `self` is not complete yet: those who call back find the collection through this box.
        let owner = WeakCollection()
        committer = Committer(store: store, onCommit: { _ in owner.collection.withLock { $0?.value }?.wakeGenerations() })
        var generation: Generation
        var current = manifest
        do {
            generation = try Self.openGeneration(manifest.generation, manifest.schema, folder, store, models, settings, pins, owner, isBuilding: false, logger)
            let (applied, dropped) = (generation.snapshot.applied, try store.droppedThrough)
            guard applied >= dropped || generation.snapshot.live.capacity == 0 else {
                throw TandemError(.dataLoss, "the index files cover the log up to \(applied), which has been trimmed up to \(dropped)")
            }
        } catch let error as TandemError where error.code == .dataLoss || error.code == .notFound {
            logger.error("the index files cannot be used; they are built anew from the document store", metadata: ["reason": "\(error.message)"])
            current.generation += 1
            try FileSystem.removeTree(Self.folder(folder, current.generation))
            generation = try Self.openGeneration(current.generation, current.schema, folder, store, models, settings, pins, owner, isBuilding: false, logger)
            try current.write(folder: folder)
        }
        for name in try FileSystem.list(folder + "/generations") where name != Self.folderName(current.generation) {
            try FileSystem.removeTree(folder + "/generations/" + name)
        }
        state = Mutex(State(manifest: current, serving: generation))
        owner.collection.withLock { $0 = WeakReference(self) }
        try replay(generation)
    }

    private static func folderName(_ generation: UInt64) -> String { String(generation) }
    private static func folder(_ folder: String, _ generation: UInt64) -> String { folder + "/generations/" + folderName(generation) }

    private static func openGeneration(
        _ number: UInt64, _ schema: CollectionSchema, _ folder: String, _ store: DocumentStore, _ models: ModelLibrary,
        _ settings: GenerationSettings, _ pins: SnapshotPins, _ owner: WeakCollection, isBuilding: Bool, _ logger: Logger
    ) throws -> Generation {
        var embedder: Embedder?
        if let model = schema.model {
            do {
                embedder = try models.embedder(model)
            } catch {
                logger.error("the embedding model cannot be loaded; semantic search is off", metadata: ["reason": "\(error)"])
            }
        }
        return try Generation(
            number: number, folder: Self.folder(folder, number), schema: schema, store: store, embedder: embedder,
            modelFingerprint: embedder?.folder.fingerprint, settings: settings, pins: pins, isBuilding: isBuilding, logger: logger,
            onCheckpoint: { owner.collection.withLock { $0?.value }?.trimLog() })
    }

    /// Starts the generation and waits until keyword search has caught up with the log.
    private func replay(_ generation: Generation) throws {
        let last = store.lastSequence
        let from = generation.snapshot.applied
        let missing = last.rawValue - min(from.rawValue, last.rawValue)
        generation.start()
        guard missing > 0 else { return }
        let begin = ContinuousClock.now
        logger.notice("replaying the log", metadata: ["from": "\(from.next)", "to": "\(last)", "operations": "\(missing)"])
        var nextReport = begin + .seconds(5)
        while generation.snapshot.applied < last {
            if let problem = generation.state.withLock({ $0.problem }) {
                throw TandemError(.internal, "collection '\(name)' cannot replay its log: \(problem)")
            }
            Thread.sleep(forTimeInterval: 0.005)
            if ContinuousClock.now >= nextReport {
                nextReport = .now + .seconds(5)
                logger.notice("still replaying", metadata: ["applied": "\(generation.snapshot.applied)", "to": "\(last)"])
            }
        }
        state.withLock { $0.replayed = Int(missing) }
        logger.notice("replayed the log", metadata: ["operations": "\(missing)", "milliseconds": "\(begin.duration(to: .now).microseconds / 1000)"])
    }

    /// Stops consuming, seals what fits into the time, closes the store. Idempotent.
    func close(sealingWithin: Duration) {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        committer.close()
        let (serving, building, builder) = state.withLock { ($0.serving, $0.building, $0.builder) }
        building?.stop(sealingWithin: nil)
        builder?.join()
        serving.stop(sealingWithin: sealingWithin)
        store.close()
    }

    private func wakeGenerations() {
        let (serving, building) = state.withLock { ($0.serving, $0.building) }
        serving.wake()
        building?.wake()
    }

    /// Drops what no generation and no snapshot can ask for any more.
    func trimLog() {
        let (serving, building) = state.withLock { ($0.serving, $0.building) }
        var through = serving.state.withLock { $0.checkpoint }
        if let building { through = min(through, building.state.withLock { $0.checkpoint }) }
        if let oldest = pins.oldest { through = min(through, oldest) }
        do {
            let dropped = try store.dropSuperseded(through: through)
            if dropped > 0 { logger.debug("trimmed the log", metadata: ["through": "\(through)", "dropped": "\(dropped)"]) }
        } catch {
            logger.warning("the log could not be trimmed", metadata: ["reason": "\(error)"])
        }
    }

    // MARK: Schema

    public var schema: CollectionSchema { state.withLock { $0.manifest.schema } }
    public var uuid: String { state.withLock { $0.manifest.uuid } }
    var serving: Generation { state.withLock { $0.serving } }

    // MARK: Writing

    /// Commits a batch and calls `completion` once its acknowledgement level is reached, from one of the engine's threads.
    ///
    /// The write may be durable although the completion reports `DEADLINE_EXCEEDED`: then it is logged, but the wait for
    /// the level was cut.
    public func write(
        _ batch: WriteBatch, acknowledgement: Acknowledgement, deadline: ContinuousClock.Instant?,
        completion: @escaping @Sendable (Result<CommitOutcome, any Error>) -> Void
    ) {
        do {
            let schema = self.schema
            for (i, operation) in batch.operations.enumerated() {
                guard case .upsert(let document) = operation.kind else { continue }
                do {
                    try schema.validate(document)
                } catch let error as TandemError {
                    throw TandemError(error.code, "operation \(i) of the batch: \(error.message)", detail: error.detail)
                }
            }
            try checkBacklog()
        } catch {
            completion(.failure(error))
            return
        }
        committer.submit(batch) { [weak self] result in
            guard case .success(let outcome) = result, acknowledgement != .logged, let self else {
                completion(result)
                return
            }
            whenApplied(outcome.lastSequence, acknowledgement, deadline: deadline) { waited in
                completion(waited.map { outcome })
            }
        }
    }

    /// ``write(_:acknowledgement:deadline:completion:)`` that blocks the calling thread.
    public func write(_ batch: WriteBatch, acknowledgement: Acknowledgement = .logged, deadline: ContinuousClock.Instant? = nil) throws -> CommitOutcome {
        let box = CompletionBox<CommitOutcome>()
        write(batch, acknowledgement: acknowledgement, deadline: deadline) { box.complete($0) }
        return try box.wait()
    }

    /// Bounded lag: past it, writers wait for indexing instead of filling the disk with what nobody can find.
    private func checkBacklog() throws {
        let applied = serving.snapshot.applied.rawValue
        let last = store.lastSequence.rawValue
        guard last < applied + settings.backlogMax else {
            throw TandemError(
                .resourceExhausted, "indexing is \(last - applied) operations behind the log, at most \(settings.backlogMax) are allowed; retry later",
                isRetryable: true)
        }
    }

    /// Calls `completion` when every write up to `sequence` is visible at the level.
    public func whenApplied(
        _ sequence: SequenceNumber, _ level: Acknowledgement, deadline: ContinuousClock.Instant?,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        guard level != .logged else {
            completion(.success(()))
            return
        }
        guard sequence <= store.lastSequence else {
            completion(.failure(TandemError.invalidArgument("token \(sequence) is past the collection's last write, \(store.lastSequence)")))
            return
        }
        serving.whenApplied(sequence, vectors: level == .complete, deadline: deadline, completion: completion)
    }

    // MARK: Reading

    /// Current versions in the order of `ids`; nil where there is none. They are read from the log, so they show every
    /// acknowledged write at once.
    public func get(_ ids: [String]) throws -> [(document: Document, version: SequenceNumber)?] {
        try ids.map { try store.document(id: $0) }
    }

    /// Runs one search on the calling thread.
    ///
    /// - Throws: `INVALID_ARGUMENT`, `CANCELLED`, `DEADLINE_EXCEEDED`, `FAILED_PRECONDITION` (no semantic leg and the
    ///   caller chose to fail).
    public func search(_ request: SearchRequest, control: QueryControl = .unlimited) throws -> SearchResponse {
        if let after = request.after {
            let box = CompletionBox<Void>()
            whenApplied(after, .searchable, deadline: control.deadline) { box.complete($0) }
            try box.wait()
        }
        let serving = self.serving
        return try Searcher(
            snapshot: serving.snapshot, schema: serving.schema, store: store, analyzer: serving.analyzer, embedder: serving.embedder,
            models: models, filterCache: filterCache, control: control
        ).search(request)
    }

    public func status() -> CollectionStatus {
        let (manifest, serving, building, replayed) = state.withLock { ($0.manifest, $0.serving, $0.building, $0.replayed) }
        let state = serving.state.withLock { $0 }
        return CollectionStatus(
            name: name, schema: manifest.schema, documents: state.live.count,
            deadDocuments: state.documents.reduce(0) { $0 + $1.dead.documentCount },
            lastSequence: store.lastSequence, applied: state.applied, vectorApplied: state.vectorApplied,
            checkpoint: state.checkpoint, vectorCheckpoint: state.vectorCheckpoint,
            sinceCheckpoint: state.lastCheckpoint.duration(to: .now), generation: serving.number,
            building: building.map { ($0.number, $0.snapshot.applied) },
            lexicalSegments: state.documents.count, vectorSegments: state.vectors.count,
            vectors: state.vectors.reduce(0) { $0 + $1.segment.count }, memoryBytes: state.memoryBytes,
            indexBytes: state.documents.reduce(0) { $0 + ($1.segment.isInMemory ? 0 : $1.segment.byteCount) }
                + state.vectors.reduce(0) { $0 + ($1.isInMemory ? 0 : $1.segment.byteCount) },
            storeBytes: store.diskBytes, textsCut: state.textsCut, tokensCut: state.tokensCut, replayed: replayed,
            problem: state.problem)
    }

    // MARK: Generations

    /// What may change with a new generation.
    public struct Rebuild: Sendable {
        /// Nil: as it is. `.some(nil)`: no model.
        public var model: String??
        public var reranker: String??
        public var analyzer: AnalyzerConfigurationChange?
        public typealias AnalyzerConfigurationChange = @Sendable (inout CollectionSchema) -> Void

        public init(model: String?? = nil, reranker: String?? = nil, analyzer: AnalyzerConfigurationChange? = nil) {
            self.model = model
            self.reranker = reranker
            self.analyzer = analyzer
        }
    }

    /// Begins to build the next generation from the log while the present one serves; then flips to it atomically.
    ///
    /// One mechanism for re-analysis, a model swap and a vacuum; vectors that the store has are copied, not computed.
    /// - Returns: the number of the generation under construction.
    /// - Throws: `FAILED_PRECONDITION` when one is being built already.
    @discardableResult
    public func rebuild(_ change: Rebuild = Rebuild()) throws -> UInt64 {
        var schema = self.schema
        if let model = change.model {
            schema.model = model
            if let model {
                let dimension = try models.embedder(model).dimension
                if schema.vectorFields.isEmpty { schema.vectorFields = [.init(dimension: dimension)] }
                schema.vectorFields[0].dimension = dimension
            }
        }
        if let reranker = change.reranker { schema.reranker = reranker }
        change.analyzer?(&schema)
        schema.analyzer.version = AnalyzerConfiguration.currentVersion
        try schema.validate()
        let target = schema

        return try state.withLock { state in
            guard state.building == nil, !isClosed.load(ordering: .acquiring) else {
                throw TandemError(.failedPrecondition, "collection '\(name)' is building generation \(state.building?.number ?? 0) already; wait until it serves")
            }
            let owner = WeakCollection()
            owner.collection.withLock { $0 = WeakReference(self) }
            let number = state.manifest.generation + 1
            try FileSystem.removeTree(Self.folder(folder, number))
            let generation = try Self.openGeneration(number, target, folder, store, models, settings, pins, owner, isBuilding: true, logger)
            state.building = generation
            generation.start()
            state.builder = Worker(name: "build-\(number)") { [self] in finish(generation, schema: target) }
            logger.notice("building a generation", metadata: ["generation": "\(number)"])
            return number
        }
    }

    /// Waits until the new generation has both legs, then makes it the serving one.
    private func finish(_ generation: Generation, schema: CollectionSchema) {
        func hasCaughtUp() -> Bool {
            let snapshot = generation.snapshot
            return snapshot.applied >= store.lastSequence && snapshot.vectorApplied >= snapshot.applied
        }
        while !isClosed.load(ordering: .acquiring) {
            if hasCaughtUp() { break }
            Thread.sleep(forTimeInterval: 0.02)
        }
        // From here on it shows every version; what it left out so far is superseded by operations up to this sequence.
        generation.skipsSuperseded.store(false, ordering: .sequentiallyConsistent)
        let target = store.lastSequence
        while !isClosed.load(ordering: .acquiring), generation.snapshot.applied < target { Thread.sleep(forTimeInterval: 0.005) }
        guard !isClosed.load(ordering: .acquiring) else { return }
        do {
            let old = try state.withLock { state in
                var manifest = state.manifest
                manifest.generation = generation.number
                manifest.schema = schema
                try manifest.write(folder: folder)
                let old = state.serving
                state.manifest = manifest
                state.serving = generation
                state.building = nil
                return old
            }
            logger.notice("a new generation serves", metadata: ["generation": "\(generation.number)"])
            old.stop(sealingWithin: nil, handingOverTo: generation)
            try FileSystem.removeTree(Self.folder(folder, old.number))
            trimLog()
        } catch {
            state.withLock { $0.building = nil }
            generation.stop(sealingWithin: nil)
            logger.error("the new generation could not be put in service", metadata: ["reason": "\(error)"])
        }
    }

    /// Checks every file: the store record by record, the index files section by section.
    /// - Returns: what is wrong, in words that name the file; empty when all is well.
    public func check(control: QueryControl = .unlimited) throws -> [String] {
        var problems = try checkStore()
        let state = serving.state.withLock { $0 }
        for entry in state.documents {
            try control.checkpoint()
            problems += Self.problem { try entry.segment.lexical.validate() }
            problems += Self.problem { try entry.segment.columns.validate() }
        }
        for entry in state.vectors {
            try control.checkpoint()
            problems += Self.problem { try entry.segment.validate() }
        }
        return problems
    }

    /// The store is checked as of now, in a checkpoint of it, while writes go on.
    private func checkStore() throws -> [String] {
        let copy = folder + "/check-" + UUID().uuidString.lowercased()
        defer { try? FileSystem.removeTree(copy) }
        try store.checkpoint(to: copy)
        let report = try DocumentStore.verify(copy)
        return report.problems.map { $0.replacing(copy, with: store.path) }
    }

    private static func problem(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return [(error as? TandemError)?.message ?? "\(error)"]
        }
    }
}

/// A result that one thread waits for and another delivers.
final class CompletionBox<T: Sendable>: Sendable {
    private let result = Mutex<Result<T, any Error>?>(nil)
    private let semaphore = DispatchSemaphore(value: 0)

    func complete(_ value: Result<T, any Error>) {
        result.withLock { $0 = value }
        semaphore.signal()
    }

    func wait() throws -> T {
        semaphore.wait()
        return try result.withLock { $0! }.get()
    }
}

struct WeakReference: Sendable {
    weak let value: Collection?
    init(_ value: Collection) { self.value = value }
}

/// Lets a generation's callback find a collection that is still being opened.
final class WeakCollection: Sendable {
    let collection = Mutex<WeakReference?>(nil)
}
