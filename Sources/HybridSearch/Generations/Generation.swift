import ColumnIndex
import Foundation
import Inference
import LexicalIndex
import Logging
import SearchCore
import Storage
import Synchronization
import TextAnalysis
import VectorIndex

/// One complete set of indexes of a collection, for one schema, one analyzer version and one embedding model.
///
/// A generation is a deterministic consumer of the log. These activities run beside each other:
///
/// ```
/// indexing     log → analyse → memory segment → publish (searchable)      own thread
/// embedding    log → stored or computed vector → vector segment → publish  own thread, behind indexing
/// maintenance  merge in memory, seal to disk, merge on disk, checkpoint    a thread each
/// vectors      merge sealed vectors; build graphs over them                a thread each
/// ```
///
/// Invariants:
/// 1. `state.documents` are neighbours in DocID order without gaps, starting at 0; sealed ones come before unsealed ones.
/// 2. A snapshot is built under the lock from `state` alone, so readers see all of an operation or none of it.
/// 3. A document's live bit and its dead counts change in the same critical section; clearing a bit twice does nothing,
///    which is what makes a replay after a crash harmless.
/// 4. The manifest's `applied` never exceeds what its files reflect, and `vectorApplied` never exceeds `applied`.
/// 5. A graph is derived from its segment and may be missing at any time; a segment without one is scanned.
/// 6. The vectors of a document in a field lie in one segment. Segments of a field may reach past `vectorApplied`, since fields are sealed one by
///    one; a replay then leaves that field as it is up to there.
///
/// Thread-safe. Files: docs/formats/.
final class Generation: Sendable {
    struct State {
        var documents: [DocumentEntry] = []
        /// By vector field, in the schema's order; each list in log order, sealed ones before unsealed ones.
        var vectors: [[VectorEntry]] = []
        var live = DocBitSet(capacity: 0)
        var applied = SequenceNumber.zero
        /// Of all vector fields: the least advanced one's.
        var vectorApplied = SequenceNumber.zero
        var merges: [ActiveMerge] = []
        var nextMerge: UInt64 = 1
        var nextFile: UInt64 = 1
        var waiters: [Waiter] = []
        /// Set when the generation has ended: late waiters go over to the successor, or fail where there is none.
        var end: End?
        var builderBytes = 0
        /// What the manifest on disk says.
        var checkpoint = SequenceNumber.zero
        var vectorCheckpoint = SequenceNumber.zero
        var lastCheckpoint = ContinuousClock.now
        /// What fails at present, by activity; an activity's success takes its entry away.
        var problems: [Activity: Problem] = [:]
        var textsCut = 0
        var tokensCut = 0
        /// Texts that went through the model, and vectors that the store had already, since the opening.
        var textsEmbedded = 0
        var vectorsReused = 0
        /// Graphs built since the opening, and the vectors in them: over those that were written, the write amplification.
        var graphsBuilt = 0
        var vectorsInGraphsBuilt = 0
        /// Highest sequence whose documents all lie in sealed segments.
        var sealedThrough = SequenceNumber.zero
        /// When vectors were last written to disk unmerged; nil: not since the opening.
        var lastVectorSeal: ContinuousClock.Instant?
        /// Vector segments over which a thread is building a graph.
        var graphsBeingBuilt: Set<ObjectIdentifier> = []
        /// A file of vectors turned out to be damaged after the opening: the collection builds another generation from the log.
        var isDamaged = false
        /// Files that merges have replaced; removed once no manifest names them.
        var retiredFiles: [String] = []
        /// After a failed seal: not before then, so that a full disk is not kept busy with what it cannot take.
        var sealNotBefore: ContinuousClock.Instant?
        var sealPause = Duration.zero
    }

    enum Activity: Int, Sendable, Comparable {
        case indexing, embedding, sealing, merging, vectors, graphs
        static func < (a: Activity, b: Activity) -> Bool { a.rawValue < b.rawValue }
    }

    struct Problem: Sendable {
        var text: String
        /// When it began, although it may have been met many times since.
        let since: ContinuousClock.Instant
    }

    struct End: Sendable {
        let successor: Generation?
    }

    /// A write or a search that waits until a leg has reached a sequence.
    struct Waiter: Sendable {
        let sequence: SequenceNumber
        let vectors: Bool
        let deadline: ContinuousClock.Instant?
        let completion: @Sendable (Result<Void, any Error>) -> Void
    }

    let number: UInt64
    let folder: String
    let schema: CollectionSchema
    let store: DocumentStore
    let analyzers: FieldAnalyzers
    let embedder: Embedder?
    /// Fingerprint of `embedder`'s model.
    let modelFingerprint: String?
    let settings: GenerationSettings
    let pins: SnapshotPins
    let logger: Logger
    let fields: [AttributeField]
    /// Called after each checkpoint, from a maintenance queue: what the log may drop has changed.
    let onCheckpoint: @Sendable () -> Void

    let state: Mutex<State>
    /// The newest published state; replaced, never changed. Behind a lock of its own, so that a search never waits for a
    /// publication that is being put together. Lock order: `state`, then this.
    private let published: Mutex<GenerationSnapshot>
    let checkpointLock = Mutex<UInt64?>(nil)
    let isStopping = Atomic<Bool>(false)
    /// A generation under construction leaves out what is already superseded; a serving one must show every version.
    let skipsSuperseded: Atomic<Bool>
    /// Last sequence of the log when a page was last read without its superseded versions: once this is applied, nothing
    /// that was left out is missing any more. Written by the indexing thread.
    let skippedThrough = Atomic<UInt64>(0)
    /// Indexing has read a page with every version in it, so `skippedThrough` is final.
    let isExact = Atomic<Bool>(false)
    let indexingHold = PublicationHold()
    let embeddingHold = PublicationHold()
    /// Maintenance that is queued and has not begun; further requests are folded into it.
    let isMaintenanceQueued = Atomic<Bool>(false)
    let indexWake = WakeSignal()
    let vectorWake = WakeSignal()
    /// Sealed vector segments have changed.
    let graphWake = WakeSignal()
    let urgentGraphWake = WakeSignal()
    let vectorMergeWake = WakeSignal()
    /// Held while sealed vector segments are merged.
    let vectorMaintenanceLock = Mutex<Void>(())
    let memoryWorker: SerialWorker
    let diskWorker: SerialWorker
    let maintenanceControl = QueryControl()
    private let workers = Mutex<[Worker]>([])

    /// Opens the generation in `folder`, or begins an empty one when the folder holds no manifest.
    ///
    /// - Throws: `DATA_LOSS` when a file is damaged; the caller then builds a new generation from the log.
    init(
        number: UInt64, folder: String, schema: CollectionSchema, store: DocumentStore, embedder: Embedder?, modelFingerprint: String?,
        settings: GenerationSettings, pins: SnapshotPins, isBuilding: Bool, logger: Logger,
        onCheckpoint: @escaping @Sendable () -> Void
    ) throws {
        self.number = number
        self.folder = folder
        self.schema = schema
        self.store = store
        self.embedder = embedder
        self.settings = settings
        self.pins = pins
        self.logger = logger
        self.onCheckpoint = onCheckpoint
        analyzers = try FieldAnalyzers(schema.analyzer, schema.analyzerDefinitions())
        fields = try schema.attributeFields()
        skipsSuperseded = Atomic(isBuilding)
        memoryWorker = SerialWorker(name: "memory-\(number)")
        diskWorker = SerialWorker(name: "disk-\(number)")

        let isExisting = FileSystem.exists(folder + "/" + GenerationManifest.fileName)
        let loaded = isExisting ? try Self.load(folder: folder, schema: schema, fields: fields, verifiedBytesMax: settings.verifiedBytesMax) : nil
        // A model that is missing today says nothing about the vectors that it made: they stay searchable for queries that
        // bring their own vector, and for the model's return.
        self.modelFingerprint = modelFingerprint ?? (schema.model == nil ? nil : loaded?.manifest.modelFingerprint)
        var documents: [DocumentEntry] = []
        var vectors: [[VectorEntry]] = schema.vectorFields.map { _ in [] }
        var live = DocBitSet(capacity: 0)
        var applied = SequenceNumber.zero
        var vectorApplied = SequenceNumber.zero
        var nextFile: UInt64 = 1
        var liveFile: UInt64?
        if let loaded {
            (documents, vectors, live) = (loaded.documents, loaded.vectors, loaded.live)
            for reason in loaded.lostGraphs { logger.error("a graph over vectors was damaged and is built anew", metadata: ["reason": "\(reason)"]) }
            applied = SequenceNumber(loaded.manifest.applied)
            nextFile = loaded.manifest.nextFile
            liveFile = loaded.manifest.live
            // Vectors of another model are of no use: all are embedded again (or found in the store). What other fields have stays.
            if loaded.manifest.modelFingerprint == self.modelFingerprint {
                vectorApplied = SequenceNumber(loaded.manifest.vectorApplied)
            } else if !vectors.isEmpty {
                vectors[CollectionSchema.modelField] = []
            }
        } else {
            try FileSystem.createFolder(folder)
            // Without a manifest, what lies here is the rest of a step that was never recorded.
            for name in try FileSystem.list(folder) { try FileSystem.removeTree(folder + "/" + name) }
        }
        let snapshot = GenerationSnapshot(
            generation: number, documents: documents, vectors: vectors.map { IndexedSegments($0.map(\.indexed)) }, live: live, applied: applied,
            vectorApplied: vectorApplied, pins: pins)
        published = Mutex(snapshot)
        var initial = State()
        initial.documents = documents
        initial.vectors = vectors
        initial.live = live
        initial.applied = applied
        initial.vectorApplied = vectorApplied
        initial.nextFile = nextFile
        initial.checkpoint = applied
        initial.vectorCheckpoint = vectorApplied
        initial.sealedThrough = applied
        state = Mutex(initial)
        checkpointLock.withLock { $0 = liveFile }
    }

    /// - Parameter verifiedBytesMax: a larger file of vectors is not read whole here; ``VectorSegment/verify(checkpoint:)`` does it.
    static func load(folder: String, schema: CollectionSchema, fields: [AttributeField], verifiedBytesMax: Int) throws
        -> (manifest: GenerationManifest, documents: [DocumentEntry], vectors: [[VectorEntry]], live: DocBitSet, lostGraphs: [String])
    {
        let manifest = try GenerationManifest.read(folder: folder)
        var segments: [DocumentSegment] = []
        var next: UInt32 = 0
        for entry in manifest.documents {
            let lexical = try LexicalSegment(
                GenerationManifest.map(GenerationManifest.lexicalName(entry.file), checksum: entry.lexicalChecksum, folder: folder),
                fieldCount: schema.textFields.count)
            let columns = try ColumnSegment(
                GenerationManifest.map(GenerationManifest.columnName(entry.file), checksum: entry.columnChecksum, folder: folder), fields: fields)
            guard lexical.firstDoc.rawValue == next, lexical.firstDoc == columns.firstDoc, lexical.endDoc == columns.endDoc else {
                throw TandemError.damaged(lexical.name, "holds documents from \(lexical.firstDoc), expected from \(next)")
            }
            next = lexical.endDoc.rawValue
            segments.append(
                DocumentSegment(lexical: lexical, columns: columns, file: entry.file, appliedThrough: SequenceNumber(entry.appliedThrough)))
        }
        var vectors: [[VectorEntry]] = schema.vectorFields.map { _ in [] }
        var lostGraphs: [String] = []
        for entry in manifest.vectors {
            let mapped = try GenerationManifest.map(GenerationManifest.vectorName(entry.file), checksum: entry.checksum, folder: folder)
            let segment = try VectorSegment(mapped, deferring: mapped.count > verifiedBytesMax)
            guard let number = schema.vectorFields.firstIndex(where: { entry.field == nil || $0.name == entry.field }) else {
                throw TandemError.damaged(
                    folder + "/" + GenerationManifest.fileName, "\(segment.name) is of vector field '\(entry.field ?? "")', which the schema lacks")
            }
            let field = schema.vectorFields[number]
            guard segment.dimension == field.dimension, segment.metric == (try field.vectorMetric()) else {
                throw TandemError.damaged(
                    segment.name,
                    "vectors of \(segment.dimension) dimensions, \(segment.metric); the schema says \(field.dimension), \(field.metric) for field '\(field.name)'"
                )
            }
            // A graph that cannot be used is no loss: the maintenance builds another one.
            let graph = entry.graph.flatMap { file -> GraphEntry? in
                let name = GenerationManifest.graphName(file)
                do {
                    let graph = try VectorGraph(GenerationManifest.map(name, checksum: entry.graphChecksum, folder: folder), over: segment)
                    return GraphEntry(graph: graph, file: file, calibration: entry.graphCalibration ?? .typical)
                } catch {
                    lostGraphs.append((error as? TandemError)?.message ?? "\(error)")
                    try? FileSystem.remove(folder + "/" + name)
                    return nil
                }
            }
            vectors[number].append(
                try VectorEntry(segment: segment, file: entry.file, appliedThrough: SequenceNumber(entry.appliedThrough), graph: graph))
        }
        var live = DocBitSet(capacity: 0)
        var dead: [DeadCounts] = []
        if let file = manifest.live {
            let mapped = try GenerationManifest.map(GenerationManifest.liveName(file), checksum: manifest.liveChecksum, folder: folder)
            (live, dead) = try LiveFile.decode(mapped, segments: segments.count)
            guard live.capacity == Int(next) else {
                throw TandemError.damaged(mapped.name, "a live bitmap of \(live.capacity) documents, expected \(next)")
            }
        } else if !segments.isEmpty {
            throw TandemError.damaged(folder + "/" + GenerationManifest.fileName, "names segments but no live bitmap")
        }
        for name in try FileSystem.list(folder) where !manifest.fileNames.contains(name) {
            try FileSystem.removeTree(folder + "/" + name)
        }
        return (manifest, zip(segments, dead).map(DocumentEntry.init), vectors, live, lostGraphs)
    }

    // MARK: Life

    /// Starts the consuming threads; call once.
    func start() {
        diskWorker.async { [self] in prepareSuffixes() }
        workers.withLock { workers in
            workers.append(
                Worker(name: "index-\(number)") { [self] in
                    BackgroundPriority.yielding()
                    indexLoop()
                })
            if !schema.vectorFields.isEmpty {
                workers.append(
                    Worker(name: "embed-\(number)") { [self] in
                        BackgroundPriority.yielding()
                        embedLoop()
                    })
                workers.append(Worker(name: "graph-\(number)") { [self] in graphLoop() })
                workers.append(Worker(name: "urgent-\(number)") { [self] in urgentGraphLoop() })
                workers.append(Worker(name: "vmerge-\(number)") { [self] in vectorMergeLoop() })
            }
        }
    }

    /// New operations are in the log.
    func wake() { indexWake.signal() }

    /// Ends the threads; those who still wait go over to the successor, or fail with `UNAVAILABLE`.
    ///
    /// - Parameter sealingWithin: nil: leave unsealed segments to the next replay; else seal them if it takes no longer.
    func stop(sealingWithin: Duration?, handingOverTo successor: Generation? = nil) {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        maintenanceControl.cancel()
        indexWake.signal()
        vectorWake.signal()
        graphWake.signal()
        urgentGraphWake.signal()
        vectorMergeWake.signal()
        workers.withLock { $0 }.forEach { $0.join() }
        // In this order: a seal gives the disk work.
        memoryWorker.finish()
        diskWorker.finish()
        if let sealingWithin {
            do {
                try seal(control: QueryControl(timeout: sealingWithin))
            } catch {
                logger.notice("unsealed segments are left to the next start's replay", metadata: ["reason": "\(error)"])
            }
        }
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.end = End(successor: successor)
            return state.waiters
        }
        for waiter in waiters { hand(waiter, over: successor) }
    }

    private func hand(_ waiter: Waiter, over successor: Generation?) {
        if let successor {
            successor.whenApplied(waiter.sequence, vectors: waiter.vectors, deadline: waiter.deadline, completion: waiter.completion)
        } else {
            waiter.completion(.failure(TandemError(.unavailable, "the collection is closed: the daemon is stopping, or it was dropped", isRetryable: true)))
        }
    }

    /// False while the model that the schema names is missing: the semantic leg waits for it.
    var canEmbed: Bool { schema.model == nil || embedder != nil }

    // MARK: Reading

    var snapshot: GenerationSnapshot { published.withLock { $0 } }

    /// Calls `completion` once the leg has reached `sequence`: at once if it has, else from an indexing thread.
    func whenApplied(
        _ sequence: SequenceNumber, vectors: Bool, deadline: ContinuousClock.Instant?,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        let waiter = Waiter(sequence: sequence, vectors: vectors, deadline: deadline, completion: completion)
        let (isReached, end) = state.withLock { state -> (Bool, End?) in
            if Self.isReached(sequence, vectors: vectors, state) { return (true, nil) }
            if state.end == nil { state.waiters.append(waiter) }
            return (false, state.end)
        }
        if isReached {
            completion(.success(()))
        } else if let end {
            hand(waiter, over: end.successor)
        } else {
            indexWake.signal()
        }
    }

    private static func isReached(_ sequence: SequenceNumber, vectors: Bool, _ state: State) -> Bool {
        state.applied >= sequence && (!vectors || state.vectorApplied >= sequence)
    }

    /// Completes the waiters that have what they wait for, and those whose deadline has passed.
    func completeWaiters() {
        let now = ContinuousClock.now
        let (ready, late) = state.withLock { state in
            var ready: [Waiter] = []
            var late: [Waiter] = []
            var waiting: [Waiter] = []
            for waiter in state.waiters {
                if Self.isReached(waiter.sequence, vectors: waiter.vectors, state) {
                    ready.append(waiter)
                } else if let deadline = waiter.deadline, deadline <= now {
                    late.append(waiter)
                } else {
                    waiting.append(waiter)
                }
            }
            state.waiters = waiting
            return (ready, late)
        }
        for waiter in ready { waiter.completion(.success(())) }
        for waiter in late {
            waiter.completion(
                .failure(TandemError(.deadlineExceeded, "the write is in the log, but not yet searchable at sequence \(waiter.sequence)", isRetryable: true)))
        }
    }

    /// Rebuilds the published snapshot; call with the lock held, after every change of `state`.
    func republish(_ state: inout State) {
        if schema.vectorFields.isEmpty { state.vectorApplied = state.applied }
        let next = GenerationSnapshot(
            generation: number, documents: state.documents, vectors: state.vectors.map { IndexedSegments($0.map(\.indexed)) },
            live: state.live, applied: state.applied, vectorApplied: state.vectorApplied, pins: pins)
        // The old one is let go outside its lock: it may be the last to hold mapped files.
        let previous = published.withLock { published in
            defer { published = next }
            return published
        }
        withExtendedLifetime(previous) {}
    }

    /// Notes what an activity fails with (nil: it works), and logs it once.
    func report(_ activity: Activity, problem: String?) {
        let isNew = state.withLock { state in
            let known = state.problems[activity]
            guard known?.text != problem else { return false }
            state.problems[activity] = problem.map { Problem(text: $0, since: known?.since ?? .now) }
            return true
        }
        guard isNew else { return }
        if let problem {
            logger.error("\(problem)", metadata: ["generation": "\(number)"])
        } else {
            logger.notice("works again: \(activity)", metadata: ["generation": "\(number)"])
        }
    }
}

extension Generation.State {
    /// Everything that fails at present, in words; nil when all is well.
    var problem: String? {
        problems.isEmpty ? nil : problems.sorted { $0.key < $1.key }.map(\.value.text).joined(separator: "; ")
    }

    /// The problem that has stood longest.
    var oldestProblem: Generation.Problem? { problems.values.min { $0.since < $1.since } }
}

/// Stops a loop from publishing while a successor catches up with what it has published.
final class PublicationHold: Sendable {
    // Sequentially consistent: each side writes one flag and reads the other's.
    private let isSet = Atomic<Bool>(false)
    private let isSeen = Atomic<Bool>(false)

    /// Asked by the loop before each publication, and at least once per turn.
    var holds: Bool {
        guard isSet.load(ordering: .sequentiallyConsistent) else { return false }
        isSeen.store(true, ordering: .sequentiallyConsistent)
        return true
    }

    func set() { isSet.store(true, ordering: .sequentiallyConsistent) }

    /// The loop has seen the hold: it publishes nothing from here on.
    var isEffective: Bool { isSeen.load(ordering: .sequentiallyConsistent) }

    func release() {
        isSet.store(false, ordering: .sequentiallyConsistent)
        isSeen.store(false, ordering: .sequentiallyConsistent)
    }
}
