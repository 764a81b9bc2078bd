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
        /// A generation is about to be made: the place of `building` is taken.
        var isPreparing = false
        /// Why the last build was given up; nil after one that succeeded.
        var buildFailure: String?
        var replayed = 0
        /// The manifest's synonyms, for the chains of the serving generation.
        var synonyms: SynonymIndex
        /// Found at the opening: acknowledged writes that the log no longer holds.
        var lostWrites: String?
    }

    public let name: String
    let folder: String
    let store: DocumentStore
    let committer: Committer
    let models: ModelLibrary
    let recall = RecallMonitor()
    let settings: GenerationSettings
    let logger: Logger
    let pins: SnapshotPins
    let filterCache = FilterCache(bytesMax: 64 << 20)
    let state: Mutex<State>
    let isClosed = Atomic<Bool>(false)
    /// Closed for good: nothing needs to be said of what was given up.
    let isDropped = Atomic<Bool>(false)
    /// Held while the log is trimmed, and by whoever pins a position that no open snapshot has.
    let trimming = Mutex<Void>(())
    /// Held while the manifest is replaced: by a flip, or by new synonyms.
    let manifestWriting = Mutex<Void>(())

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
    /// Indexes of an older analyzer version serve while new ones are built behind them (``renewTerms()``).
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
        // What the index files have seen. A store that knows less has lost acknowledged writes, and must not be taken for a new one.
        let indexed = SequenceNumber((try? GenerationManifest.read(folder: Self.folder(folder, manifest.generation)))?.applied ?? 0)
        if indexed.rawValue > 0, !FileSystem.exists(folder + "/store/CURRENT") {
            throw TandemError(
                .dataLoss, "\(folder)/store: is missing, beside index files that cover \(indexed) writes; put it back, or the whole folder from a backup")
        }
        var storeOptions = StoreOptions()
        storeOptions.hasVectorsInLog = manifest.schema.documentsBringVectors
        let store = try DocumentStore(path: folder + "/store", options: storeOptions)
        var hasOpened = false
        // Else a failed opening would keep the store locked until its last reference goes.
        defer { if !hasOpened { store.close() } }
        self.store = store
        // `self` is not complete yet: those who call back find the collection through this box.
        let owner = WeakCollection()
        committer = Committer(store: store, onCommit: { _ in owner.collection.withLock { $0?.value }?.wakeGenerations() })
        var generation: Generation
        var current = manifest
        var lostWrites: String?
        if indexed > store.lastSequence {
            guard store.lastSequence.rawValue > 0 else {
                throw TandemError(
                    .dataLoss, "\(folder)/store: is empty, beside index files that cover \(indexed) writes; put the folder back from a backup")
            }
            lostWrites =
                "its log ends at write \(store.lastSequence), the indexes had seen \(indexed): the writes between are lost, since the log was damaged or replaced; "
                + "a backup may hold them"
        }
        do {
            if let lostWrites { throw TandemError(.dataLoss, lostWrites) }
            guard manifest.schema.analyzer.version <= AnalyzerConfiguration.currentVersion else {
                throw TandemError(
                    .dataLoss, "its terms are of analyzer version \(manifest.schema.analyzer.version), this build's is \(AnalyzerConfiguration.currentVersion)")
            }
            // Terms of an older version serve until those of this one are built: most words are the same.
            var schema = manifest.schema
            schema.analyzer.version = AnalyzerConfiguration.currentVersion
            generation = try Self.openGeneration(manifest.generation, schema, folder, store, models, settings, pins, owner, isBuilding: false, logger)
            let (applied, dropped) = (generation.snapshot.applied, try store.droppedThrough)
            guard applied >= dropped || generation.snapshot.live.capacity == 0 else {
                throw TandemError(.dataLoss, "the index files cover the log up to \(applied), which has been trimmed up to \(dropped)")
            }
        } catch let error as TandemError where error.code == .dataLoss || error.code == .notFound {
            logger.error("the index files cannot be used; they are built anew from the document store", metadata: ["reason": "\(error.message)"])
            current.generation += 1
            current.schema.analyzer.version = AnalyzerConfiguration.currentVersion
            try FileSystem.removeTree(Self.folder(folder, current.generation))
            generation = try Self.openGeneration(current.generation, current.schema, folder, store, models, settings, pins, owner, isBuilding: false, logger)
            try current.write(folder: folder)
        }
        for name in try FileSystem.list(folder + "/generations") where name != Self.folderName(current.generation) {
            if let number = UInt64(name), number > manifest.generation { logger.warning("\(Self.interruptedBuild)", metadata: ["generation": "\(number)"]) }
            try FileSystem.removeTree(folder + "/generations/" + name)
        }
        // Copies of the store that checks made and a crash left: their hard links would hold the space of every old file.
        for name in try FileSystem.list(folder) where name.hasPrefix(Self.checkPrefix) {
            try? FileSystem.removeTree(folder + "/" + name)
        }
        let synonyms = SynonymIndex(current.synonyms ?? [], generation.analyzers)
        state = Mutex(State(manifest: current, serving: generation, synonyms: synonyms, lostWrites: lostWrites))
        owner.collection.withLock { $0 = WeakReference(self) }
        do {
            try replay(generation)
        } catch {
            committer.close()
            generation.stop(sealingWithin: nil)
            throw error
        }
        hasOpened = true
        renewTerms()
        if let reranker = current.schema.reranker {
            // Now, and not within the budget of the first search.
            do {
                _ = try models.crossEncoder(reranker)
            } catch {
                logger.error("the reranker cannot be loaded; searches go on without it", metadata: ["reason": "\(error)"])
            }
        }
    }

    static func folderName(_ generation: UInt64) -> String { String(generation) }
    static func folder(_ folder: String, _ generation: UInt64) -> String { folder + "/generations/" + folderName(generation) }

    static func openGeneration(
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

    /// Starts the generation and waits until keyword search has caught up with the log, and given vectors have.
    private func replay(_ generation: Generation) throws {
        try replayDocuments(generation)
        awaitGivenVectors(generation)
    }

    /// Vectors that are in the log need no computing, so that searches are complete when they begin; a model may need hours, and searches say so meanwhile.
    private func awaitGivenVectors(_ generation: Generation) {
        guard generation.schema.model == nil, !generation.schema.vectorFields.isEmpty else { return }
        let last = generation.snapshot.applied
        while generation.snapshot.vectorApplied < last {
            let (problems, isFull) = generation.state.withLock { ($0.problems, $0.memoryBytes >= settings.memoryBytesMax) }
            // A disk that takes no files, or a record that cannot be read: as above, what is there can be searched.
            if problems[.embedding] != nil || isFull && problems[.sealing] != nil { return }
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    private func replayDocuments(_ generation: Generation) throws {
        let last = store.lastSequence
        let from = generation.snapshot.applied
        let missing = last.rawValue - min(from.rawValue, last.rawValue)
        generation.start()
        guard missing > 0 else { return }
        let begin = ContinuousClock.now
        logger.notice("replaying the log", metadata: ["from": "\(from.next)", "to": "\(last)", "operations": "\(missing)"])
        var nextReport = begin + .seconds(5)
        while generation.snapshot.applied < last {
            // A record that cannot be read stops the opening; a disk that takes no index files, or a model that fails,
            // does not: what is in memory can be searched, and the rest follows when it can.
            let (problems, isFull) = generation.state.withLock { ($0.problems, $0.memoryBytes >= settings.memoryBytesMax) }
            if let problem = problems[.indexing] {
                throw TandemError(.internal, "collection '\(name)' cannot replay its log: \(problem.text)")
            }
            if isFull, let problem = problems[.sealing] {
                logger.error(
                    "opened behind the log: its replay waits for the disk",
                    metadata: [
                        "applied": "\(generation.snapshot.applied)", "to": "\(last)", "reason": "\(problem.text)",
                    ])
                return
            }
            Thread.sleep(forTimeInterval: 0.005)
            if ContinuousClock.now >= nextReport {
                nextReport = .now + .seconds(5)
                logger.notice("still replaying", metadata: ["applied": "\(generation.snapshot.applied)", "to": "\(last)"])
            }
        }
        if from == .zero {
            // All of the log was indexed. What is smaller than a seal would wait in memory for the next checkpoint, and a kill before that would
            // have everything done again.
            do { try generation.sealNow() } catch {
                logger.warning("the indexes that were built are not on disk yet; a restart now would build them again", metadata: ["reason": "\(error)"])
            }
        }
        state.withLock { $0.replayed = Int(missing) }
        logger.notice("replayed the log", metadata: ["operations": "\(missing)", "milliseconds": "\(begin.duration(to: .now).microseconds / 1000)"])
    }

    /// Stops consuming, seals what fits into the time, closes the store. Idempotent.
    ///
    /// - Parameter sealingWithin: nil: nothing is sealed, because nothing will be opened again.
    func close(sealingWithin: Duration?) {
        if sealingWithin == nil { isDropped.store(true, ordering: .releasing) }
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let deadline = sealingWithin.map { ContinuousClock.now + $0 }
        committer.close()
        let (building, builder) = state.withLock { ($0.building, $0.builder) }
        building?.stop(sealingWithin: nil)
        builder?.join()
        // Read after the builder has ended: it may have put its generation in service.
        serving.stop(sealingWithin: deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) })
        store.close()
    }

    /// Gives up the merges that run, forced ones too, and begins no other one: ``close(sealingWithin:)`` follows soon and would wait for them.
    func endMaintenance() {
        let (serving, building) = state.withLock { ($0.serving, $0.building) }
        serving.endMaintenance()
        building?.endMaintenance()
    }

    private func wakeGenerations() {
        let (serving, building) = state.withLock { ($0.serving, $0.building) }
        serving.wake()
        building?.wake()
    }

    /// Drops what no generation and no snapshot can ask for any more.
    func trimLog() {
        let (serving, building) = state.withLock { ($0.serving, $0.building) }
        // Sets of segments that merges have replaced would only push out those that searches ask for.
        filterCache.keepOnly(serving.snapshot.columns)
        trimming.withLock { _ in
            var through = serving.state.withLock { $0.checkpoint }
            if let building { through = min(through, building.state.withLock { $0.checkpoint }) }
            if let oldest = pins.oldest { through = min(through, oldest) }
            do {
                let dropped = try store.dropSuperseded(through: through)
                if dropped > 0 { logger.debug("trimmed the log", metadata: ["through": "\(through)", "dropped": "\(dropped)"]) }
            } catch {
                if isClosed.load(ordering: .acquiring) { return }
                logger.warning("the log could not be trimmed", metadata: ["reason": "\(error)"])
            }
        }
        vacuumIfDue()
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
                isRetryable: true, retryAfter: .seconds(1))
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
        if level == .complete, !serving.canEmbed, serving.snapshot.vectorApplied < sequence {
            completion(
                .failure(
                    TandemError(
                        .failedPrecondition,
                        "the write is in the log, but the embedding model '\(serving.schema.model ?? "")' is not loaded: the semantic leg will see it when it is"
                    )))
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
        if let after = request.after { try wait(for: after, control) }
        // A version that was written a moment ago is the document that is meant, and there is no other one to be had.
        let named = (request.like.map { [$0] } ?? []) + request.recommend.prefix(Limits.examplesMax).map(\.id)
        if let newest = try named.compactMap({ try store.current(id: $0) }).max() { try wait(for: newest, control) }
        return try makeSearcher(control: control).search(request)
    }

    private func wait(for sequence: SequenceNumber, _ control: QueryControl) throws {
        let box = CompletionBox<Void>()
        whenApplied(sequence, .searchable, deadline: control.deadline) { box.complete($0) }
        while try box.wait(.milliseconds(50)) == nil { try control.checkpoint() }
    }

    /// A searcher over the snapshot of this moment, which it keeps until it goes.
    package func makeSearcher(control: QueryControl = .unlimited) -> Searcher {
        let (serving, synonyms, version) = state.withLock { ($0.serving, $0.synonyms, $0.manifest.schema.analyzer.version) }
        return Searcher(
            snapshot: serving.snapshot, schema: serving.schema, store: store, analyzers: serving.analyzers, synonyms: synonyms,
            termsVersion: version, embedder: serving.embedder,
            models: models, filterCache: filterCache, recall: recall, control: control)
    }

    public func status() -> CollectionStatus {
        let (manifest, serving, building, replayed, buildFailure, lostWrites) = state.withLock {
            ($0.manifest, $0.serving, $0.building, $0.replayed, $0.buildFailure, $0.lostWrites)
        }
        let buildProblem = building.flatMap { building in building.state.withLock { $0.problem.map { "generation \(building.number): \($0)" } } }
        let state = serving.state.withLock { $0 }
        let estimates = recall.estimates
        return CollectionStatus(
            name: name, uuid: manifest.uuid, schema: manifest.schema, documents: state.live.count,
            deadDocuments: state.documents.reduce(0) { $0 + $1.dead.documentCount },
            lastSequence: store.lastSequence, applied: state.applied, vectorApplied: state.vectorApplied,
            checkpoint: state.checkpoint, vectorCheckpoint: state.vectorCheckpoint,
            sinceCheckpoint: state.lastCheckpoint.duration(to: .now), generation: serving.number,
            building: building.map { ($0.number, $0.snapshot.applied) },
            lexicalSegments: state.documents.count, vectorSegments: state.vectors.reduce(0) { $0 + $1.count },
            vectors: state.vectors.joined().reduce(0) { $0 + $1.segment.count },
            vectorFields: zip(serving.schema.vectorFields, state.vectors).map { field, entries in
                .init(
                    name: field.name, vectors: entries.reduce(0) { $0 + $1.segment.count }, segments: entries.count,
                    bytes: entries.reduce(0) { $0 + $1.segment.byteCount }, graphs: entries.filter { $0.graph != nil }.count,
                    vectorsInGraphs: entries.reduce(0) { $0 + ($1.graph == nil ? 0 : $1.segment.count) },
                    graphBytes: entries.reduce(0) { $0 + ($1.graph?.graph.byteCount ?? 0) },
                    mappedRowBytes: entries.reduce(0) { $0 + ($1.isInMemory ? 0 : $1.segment.rowBytes) },
                    recallSamples: estimates[field.name]?.samples ?? 0, recall: estimates[field.name]?.recall,
                    recallTarget: estimates[field.name]?.target, graphsBuilt: state.graphsBuilt,
                    vectorsInGraphsBuilt: state.vectorsInGraphsBuilt)
            },
            memoryBytes: state.memoryBytes,
            indexBytes: state.documents.reduce(0) { $0 + ($1.segment.isInMemory ? 0 : $1.segment.byteCount) }
                + state.vectors.joined().reduce(0) { $0 + ($1.isInMemory ? 0 : $1.segment.byteCount) + ($1.graph?.graph.byteCount ?? 0) },
            storeBytes: store.diskBytes, textsCut: state.textsCut, tokensCut: state.tokensCut, replayed: replayed,
            synonymRules: manifest.synonyms?.count ?? 0, problem: Self.joined([lostWrites, state.problem, buildProblem, buildFailure]))
    }

    private static func joined(_ problems: [String?]) -> String? {
        let present = problems.compactMap(\.self)
        return present.isEmpty ? nil : present.joined(separator: "; ")
    }

    /// Texts that went through the embedding model since the opening, and vectors that the store had already.
    package var embeddingCounts: (embedded: Int, reused: Int) { serving.state.withLock { ($0.textsEmbedded, $0.vectorsReused) } }

    /// Writes everything unsealed to disk, as the background does by size and time.
    package func seal() throws { try inServing { try $0.sealNow() } }

    /// Does something with the serving generation, and again with the next one where that took its place meanwhile and ended it.
    private func inServing(_ body: (Generation) throws -> Void) throws {
        while true {
            let generation = serving
            do { return try body(generation) } catch let error as TandemError where error.code == .cancelled || error.code == .unavailable {
                if serving === generation || isClosed.load(ordering: .acquiring) { throw error }
            }
        }
    }

    /// Entries that the log holds.
    package func logEntries() throws -> Int {
        var (count, at) = (0, SequenceNumber.zero)
        while true {
            let page = try store.page(after: at)
            count += page.operations.count
            at = page.through
            if !page.hasMore { return count }
        }
    }

    /// A consistent copy of the store alone.
    package func checkpointStore(to path: String) throws { try store.checkpoint(to: path) }

    /// DocIDs given so far in the serving generation, dead ones included.
    package var docIDCount: Int { serving.snapshot.live.capacity }

    /// Makes one segment of the serving generation's documents, and one of each vector field: fewer to look through, none dead. Searches and writes go on.
    ///
    /// Nobody needs it: merges run by themselves. It pays for a collection that is written once and searched often.
    /// - Throws: `RESOURCE_EXHAUSTED`, `CANCELLED`, `DEADLINE_EXCEEDED`; `UNAVAILABLE` when the collection is closed meanwhile.
    public func merge(control: QueryControl = .unlimited) throws {
        try inServing {
            try control.checkpoint()
            try $0.mergeAll(control: control)
        }
    }

    // MARK: Checking

    /// Checks every file: the store record by record, the index files section by section.
    /// - Returns: what is wrong, in words that name the file; empty when all is well.
    public func check(control: QueryControl = .unlimited) throws -> [String] {
        var problems = try checkStore()
        problems += serving.checkManifest()
        let state = serving.state.withLock { $0 }
        for entry in state.documents {
            try control.checkpoint()
            problems += Self.problem { try entry.segment.lexical.validate() }
            problems += Self.problem { try entry.segment.columns.validate() }
        }
        for entry in state.vectors.joined() {
            try control.checkpoint()
            problems += Self.problem { try entry.segment.validate() }
            // A damaged graph is built anew by the background; it is said all the same.
            if let graph = entry.graph { problems += Self.problem { try serving.check(graph, over: entry.segment, control: control) } }
        }
        return problems
    }

    static let checkPrefix = "check-"

    /// The store is checked as of now, in a checkpoint of it, while writes go on.
    private func checkStore() throws -> [String] {
        let copy = folder + "/" + Self.checkPrefix + UUID().uuidString.lowercased()
        defer { try? FileSystem.removeTree(copy) }
        try store.checkpoint(to: copy)
        let report = try DocumentStore.verify(copy)
        return report.problems.map { $0.replacing(copy, with: store.path) }
    }

    /// The words of the error that `body` ends with; empty where it ends well.
    static func problem(_ body: () throws -> Void) -> [String] {
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

    /// Nil when the time has passed without a result.
    func wait(_ timeout: Duration) throws -> T? {
        guard semaphore.wait(timeout: .now() + .microseconds(Int(timeout.microseconds))) == .success else { return nil }
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
