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
/// A generation is a deterministic consumer of the log. Three activities run beside each other:
///
/// ```
/// indexing     log → analyse → memory segment → publish (searchable)      own thread
/// embedding    log → stored or computed vector → vector segment → publish  own thread, behind indexing
/// maintenance  merge in memory, seal to disk, merge on disk, checkpoint    two serial queues
/// ```
///
/// Invariants:
/// 1. `state.documents` are neighbours in DocID order without gaps, starting at 0; sealed ones come before unsealed ones.
/// 2. A snapshot is built under the lock from `state` alone, so readers see all of an operation or none of it.
/// 3. A document's live bit and its dead counts change in the same critical section; clearing a bit twice does nothing,
///    which is what makes a replay after a crash harmless.
/// 4. The manifest's `applied` never exceeds what its files reflect, and `vectorApplied` never exceeds `applied`.
///
/// Thread-safe. Files: docs/formats/.
final class Generation: Sendable {
    struct State {
        var documents: [DocumentEntry] = []
        var vectors: [VectorEntry] = []
        var live = DocBitSet(capacity: 0)
        var applied = SequenceNumber.zero
        var vectorApplied = SequenceNumber.zero
        var merges: [ActiveMerge] = []
        var nextMerge: UInt64 = 1
        var nextFile: UInt64 = 1
        /// Newest first published state; replaced, never changed.
        var snapshot: GenerationSnapshot
        var waiters: [Waiter] = []
        var builderBytes = 0
        /// What the manifest on disk says.
        var checkpoint = SequenceNumber.zero
        var vectorCheckpoint = SequenceNumber.zero
        var lastCheckpoint = ContinuousClock.now
        var problem: String?
        var textsCut = 0
        var tokensCut = 0
        /// Highest sequence whose documents all lie in sealed segments.
        var sealedThrough = SequenceNumber.zero
        /// Files that merges have replaced; removed once no manifest names them.
        var retiredFiles: [String] = []
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
    let analyzer: Analyzer
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
    let checkpointLock = Mutex<UInt64?>(nil)
    let isStopping = Atomic<Bool>(false)
    /// A generation under construction leaves out what is already superseded; a serving one must show every version.
    let skipsSuperseded: Atomic<Bool>
    let indexWake = WakeSignal()
    let vectorWake = WakeSignal()
    let memoryQueue: DispatchQueue
    let diskQueue: DispatchQueue
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
        analyzer = try Analyzer(schema.analyzer)
        fields = try schema.attributeFields()
        skipsSuperseded = Atomic(isBuilding)
        memoryQueue = DispatchQueue(label: "tandem.memory.\(number)", qos: .utility)
        diskQueue = DispatchQueue(label: "tandem.disk.\(number)", qos: .utility)

        let isExisting = FileSystem.exists(folder + "/" + GenerationManifest.fileName)
        let loaded = isExisting ? try Self.load(folder: folder, schema: schema, fields: fields) : nil
        // A model that is missing today says nothing about the vectors that it made: they stay searchable for queries that
        // bring their own vector, and for the model's return.
        self.modelFingerprint = modelFingerprint ?? (schema.model == nil ? nil : loaded?.manifest.modelFingerprint)
        var documents: [DocumentEntry] = []
        var vectors: [VectorEntry] = []
        var live = DocBitSet(capacity: 0)
        var applied = SequenceNumber.zero
        var vectorApplied = SequenceNumber.zero
        var nextFile: UInt64 = 1
        var liveFile: UInt64?
        if let loaded {
            (documents, vectors, live) = (loaded.documents, loaded.vectors, loaded.live)
            applied = SequenceNumber(loaded.manifest.applied)
            nextFile = loaded.manifest.nextFile
            liveFile = loaded.manifest.live
            // Vectors of another model are of no use: all are embedded again (or found in the store).
            if loaded.manifest.modelFingerprint == self.modelFingerprint {
                vectorApplied = SequenceNumber(loaded.manifest.vectorApplied)
            } else {
                vectors = []
            }
        } else {
            try FileSystem.createFolder(folder)
        }
        let snapshot = GenerationSnapshot(
            generation: number, documents: documents, vectors: vectors.map(\.segment), live: live, applied: applied,
            vectorApplied: vectorApplied, pins: pins)
        var initial = State(snapshot: snapshot)
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

    static func load(folder: String, schema: CollectionSchema, fields: [AttributeField]) throws
        -> (manifest: GenerationManifest, documents: [DocumentEntry], vectors: [VectorEntry], live: DocBitSet)
    {
        let manifest = try GenerationManifest.read(folder: folder)
        var segments: [DocumentSegment] = []
        var next: UInt32 = 0
        for entry in manifest.documents {
            let name = folder + "/" + GenerationManifest.lexicalName(entry.file)
            let lexical = try LexicalSegment(MappedFile(mapping: name), fieldCount: schema.textFields.count)
            let columns = try ColumnSegment(
                MappedFile(mapping: folder + "/" + GenerationManifest.columnName(entry.file)), fields: fields)
            guard lexical.firstDoc.rawValue == next, lexical.firstDoc == columns.firstDoc, lexical.endDoc == columns.endDoc else {
                throw TandemError.damaged(name, "holds documents from \(lexical.firstDoc), expected from \(next)")
            }
            next = lexical.endDoc.rawValue
            segments.append(
                DocumentSegment(lexical: lexical, columns: columns, file: entry.file, appliedThrough: SequenceNumber(entry.appliedThrough)))
        }
        var vectors: [VectorEntry] = []
        for entry in manifest.vectors {
            let name = folder + "/" + GenerationManifest.vectorName(entry.file)
            let segment = try VectorSegment(MappedFile(mapping: name))
            guard segment.dimension == schema.vectorFields.first?.dimension else {
                throw TandemError.damaged(name, "vectors of \(segment.dimension) dimensions, the schema says \(schema.vectorFields.first?.dimension ?? 0)")
            }
            vectors.append(VectorEntry(segment: segment, file: entry.file, appliedThrough: SequenceNumber(entry.appliedThrough)))
        }
        var live = DocBitSet(capacity: 0)
        var dead: [DeadCounts] = []
        if let file = manifest.live {
            let path = folder + "/" + GenerationManifest.liveName(file)
            (live, dead) = try LiveFile.decode(path, segments: segments.count)
            guard live.capacity == Int(next) else {
                throw TandemError.damaged(path, "a live bitmap of \(live.capacity) documents, expected \(next)")
            }
        } else if !segments.isEmpty {
            throw TandemError.damaged(folder + "/" + GenerationManifest.fileName, "names segments but no live bitmap")
        }
        for name in try FileSystem.list(folder) where !manifest.fileNames.contains(name) {
            try FileSystem.remove(folder + "/" + name)
        }
        return (manifest, zip(segments, dead).map(DocumentEntry.init), vectors, live)
    }

    // MARK: Life

    /// Starts the consuming threads; call once.
    func start() {
        workers.withLock { workers in
            workers.append(Worker(name: "index-\(number)") { [self] in indexLoop() })
            if !schema.vectorFields.isEmpty {
                workers.append(Worker(name: "embed-\(number)") { [self] in embedLoop() })
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
        workers.withLock { $0 }.forEach { $0.join() }
        memoryQueue.sync {}
        diskQueue.sync {}
        if let sealingWithin {
            do {
                try seal(control: QueryControl(timeout: sealingWithin))
            } catch {
                logger.notice("unsealed segments are left to the next start's replay", metadata: ["reason": "\(error)"])
            }
        }
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters {
            if let successor {
                successor.whenApplied(waiter.sequence, vectors: waiter.vectors, deadline: waiter.deadline, completion: waiter.completion)
                continue
            }
            waiter.completion(.failure(TandemError(.unavailable, "the daemon is shutting down", isRetryable: true)))
        }
    }

    // MARK: Reading

    var snapshot: GenerationSnapshot { state.withLock { $0.snapshot } }

    /// Calls `completion` once the leg has reached `sequence`: at once if it has, else from an indexing thread.
    func whenApplied(
        _ sequence: SequenceNumber, vectors: Bool, deadline: ContinuousClock.Instant?,
        completion: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        let isReached = state.withLock { state in
            if Self.isReached(sequence, vectors: vectors, state) { return true }
            state.waiters.append(Waiter(sequence: sequence, vectors: vectors, deadline: deadline, completion: completion))
            return false
        }
        if isReached {
            completion(.success(()))
        } else if isStopping.load(ordering: .acquiring) {
            completeWaiters()
        } else {
            indexWake.signal()
        }
    }

    private static func isReached(_ sequence: SequenceNumber, vectors: Bool, _ state: State) -> Bool {
        state.snapshot.applied >= sequence && (!vectors || state.snapshot.vectorApplied >= sequence)
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
        state.snapshot = GenerationSnapshot(
            generation: number, documents: state.documents, vectors: state.vectors.map(\.segment), live: state.live,
            applied: state.applied, vectorApplied: state.vectorApplied, pins: pins)
    }

    func report(problem: String?, _ metadata: Logger.Metadata = [:]) {
        let isNew = state.withLock { state in
            defer { state.problem = problem }
            return state.problem != problem
        }
        if isNew, let problem { logger.error("\(problem)", metadata: metadata) }
    }
}
