import Foundation
import SearchCore
import Synchronization
import TextAnalysis

extension Collection {
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
    /// A build that meets the same failure for ``GenerationSettings/buildPatience`` is given up, and ``status()`` says why;
    /// one that the daemon's end interrupts is discarded.
    /// - Returns: the number of the generation under construction.
    /// - Throws: `FAILED_PRECONDITION` when one is being built already, or when the embedding model is not there;
    ///   `INVALID_ARGUMENT` for a schema that cannot be; `NOT_FOUND` for a model that is not installed.
    @discardableResult
    public func rebuild(_ change: Rebuild = Rebuild()) throws -> UInt64 {
        let target = try schema(after: change)
        try state.withLock { state in
            if isClosed.load(ordering: .acquiring) { throw TandemError(.unavailable, "collection '\(name)' is closed", isRetryable: true) }
            guard state.building == nil, !state.isPreparing else {
                let number = state.building?.number ?? state.manifest.generation + 1
                throw TandemError(.failedPrecondition, "collection '\(name)' is building generation \(number) already; wait until it serves")
            }
            state.isPreparing = true
        }
        defer { state.withLock { $0.isPreparing = false } }
        // Nobody else changes the number while the place is taken.
        let number = state.withLock { $0.manifest.generation } + 1
        try FileSystem.removeTree(Self.folder(folder, number))
        let owner = WeakCollection()
        owner.collection.withLock { $0 = WeakReference(self) }
        let generation = try Self.openGeneration(number, target, folder, store, models, settings, pins, owner, isBuilding: true, logger)
        try state.withLock { state in
            guard !isClosed.load(ordering: .acquiring) else {
                throw TandemError(.unavailable, "collection '\(name)' is closed", isRetryable: true)
            }
            state.building = generation
            state.buildFailure = nil
            generation.start()
            state.builder = Worker(name: "build-\(number)") { [self] in build(generation) }
        }
        logger.notice("building a generation", metadata: ["generation": "\(number)"])
        return number
    }

    /// Begins a rebuild when most DocIDs are dead, or a file is damaged; called after each checkpoint.
    func vacuumIfDue() {
        let serving = serving
        let live = serving.snapshot.live
        let alive = live.count
        let dead = live.capacity - alive
        let isDamaged = serving.state.withLock { $0.isDamaged }
        guard isDamaged || dead >= settings.vacuumDeadMin && dead / 4 >= alive, !isClosed.load(ordering: .acquiring) else { return }
        // After a failed build only a person, or a restart, tries again.
        guard state.withLock({ $0.building == nil && !$0.isPreparing && $0.buildFailure == nil }) else { return }
        do {
            let number = try rebuild()
            logger.notice(
                isDamaged ? "indexes are built anew, because a file is damaged" : "a vacuum begins",
                metadata: ["generation": "\(number)", "dead": "\(dead)", "live": "\(alive)"])
        } catch {
            let reason = (error as? TandemError)?.message ?? "\(error)"
            state.withLock { if $0.building == nil { $0.buildFailure = "a vacuum could not begin: \(reason)" } }
        }
    }

    /// Begins a rebuild where the terms that serve are of an older analyzer version; called once, at the opening. Until it ends, searches say that they are.
    func renewTerms() {
        let version = schema.analyzer.version
        guard version < AnalyzerConfiguration.currentVersion else { return }
        do {
            let number = try rebuild()
            logger.notice(
                "the terms of an older analyzer version serve until new ones are built",
                metadata: ["generation": "\(number)", "version": "\(version)", "current": "\(AnalyzerConfiguration.currentVersion)"])
        } catch {
            let reason = (error as? TandemError)?.message ?? "\(error)"
            logger.error("terms of an older analyzer version go on serving", metadata: ["version": "\(version)", "reason": "\(reason)"])
            state.withLock { $0.buildFailure = "its terms are of analyzer version \(version), and new ones could not be built: \(reason)" }
        }
    }

    private func schema(after change: Rebuild) throws -> CollectionSchema {
        var schema = self.schema
        if let model = change.model { schema.model = model }
        if let model = schema.model {
            do {
                let dimension = try models.embedder(model).dimension
                if self.schema.model == nil, let own = schema.vectorFields.first, own.dimension != dimension {
                    throw TandemError.invalidArgument(
                        "collection '\(name)' holds vectors of its own with dimension \(own.dimension), model '\(model)' makes \(dimension), and a field has "
                            + "vectors of one length; create another collection with that model")
                }
                if schema.vectorFields.isEmpty { schema.vectorFields = [.init(dimension: dimension)] }
                schema.vectorFields[0].dimension = dimension
            } catch let error as TandemError where change.model == nil {
                // It would wait for vectors that nobody makes.
                throw TandemError(
                    .failedPrecondition,
                    "collection '\(name)' cannot be rebuilt without its embedding model: \(error.message); install it, or rebuild with another model or none")
            }
        }
        if let reranker = change.reranker {
            if let reranker { _ = try models.crossEncoder(reranker) }
            schema.reranker = reranker
        }
        change.analyzer?(&schema)
        schema.analyzer.version = AnalyzerConfiguration.currentVersion
        try schema.validate()
        return schema
    }

    /// Waits until the new generation has what the old one shows, then puts it in service; runs on the builder's thread.
    ///
    /// Writes go on meanwhile, so "all of the log" is a moving target: the new generation comes close first, then the old one
    /// holds its publications, leg by leg, until the new one shows at least the same. A search that follows the flip
    /// therefore never sees less than one before it.
    private func build(_ generation: Generation) {
        let old = serving
        do {
            // What the log held at the beginning is read without its dead versions, however little it is: a vacuum is to be one.
            let begin = store.lastSequence
            try wait(for: generation) { generation.snapshot.applied >= begin }
            // Those who write wait no longer than these few operations take.
            try wait(for: generation) { store.lastSequence.rawValue <= generation.snapshot.applied.rawValue + 2000 }
            try wait(for: generation) { old.snapshot.vectorApplied.rawValue <= generation.snapshot.vectorApplied.rawValue + 500 }
            // From here on it shows every version, not only those that are current when it reads them.
            generation.skipsSuperseded.store(false, ordering: .sequentiallyConsistent)
            generation.wake()
            try wait(for: generation) { generation.isExact.load(ordering: .sequentiallyConsistent) }
            let exact = SequenceNumber(generation.skippedThrough.load(ordering: .sequentiallyConsistent))
            try wait(for: generation) { generation.snapshot.applied >= exact }
            // The flip ends the old generation's files: after a crash right behind it, these would be all that there is.
            do { try generation.sealNow() } catch {
                if isClosed.load(ordering: .acquiring) { throw IsClosed() }
                // Where the daemon stops, what was built serves all the same, and closing seals it.
                if !generation.isMaintenanceOver {
                    logger.warning(
                        "the new generation's indexes are not on disk yet; a restart now would build them again",
                        metadata: ["generation": "\(generation.number)", "reason": "\(error)"])
                }
            }
            // A search would compare vector by vector what it walks a graph for in the old one.
            try wait(for: generation) { !generation.lacksGraphs || generation.isMaintenanceOver }
            try hold(old, for: generation)
            try putInService(generation, after: old)
        } catch {
            abandon(generation, old, error)
            return
        }
        logger.notice("a new generation serves", metadata: ["generation": "\(generation.number)"])
        old.stop(sealingWithin: nil, handingOverTo: generation)
        do {
            try FileSystem.removeTree(old.folder)
        } catch {
            logger.warning("the files of the old generation remain until the next start", metadata: ["reason": "\(error)"])
        }
        trimLog()
    }

    private func hold(_ old: Generation, for generation: Generation) throws {
        if !schema.vectorFields.isEmpty, !generation.schema.vectorFields.isEmpty {
            old.embeddingHold.set()
            old.vectorWake.signal()
            try wait(for: generation) { old.embeddingHold.isEffective }
            try wait(for: generation) { generation.snapshot.vectorApplied >= old.snapshot.vectorApplied }
        }
        old.indexingHold.set()
        old.wake()
        try wait(for: generation) { old.indexingHold.isEffective }
        try wait(for: generation) { generation.snapshot.applied >= old.snapshot.applied }
    }

    /// The manifest's replacement is the flip.
    private func putInService(_ generation: Generation, after old: Generation) throws {
        try manifestWriting.withLock { _ in
            var manifest = state.withLock { $0.manifest }
            manifest.generation = generation.number
            manifest.schema = generation.schema
            let synonyms = SynonymIndex(manifest.synonyms ?? [], generation.analyzers)
            try manifest.write(folder: folder)
            state.withLock { state in
                state.manifest = manifest
                state.serving = generation
                state.synonyms = synonyms
                state.building = nil
            }
        }
        recall.reset()
    }

    private struct IsClosed: Error {}

    static let interruptedBuild = "the daemon stopped before the new generation was whole: it is given up, and the old one serves; rebuild again to have it"

    /// - Throws: when the collection is closed, or the generation has met the same failure for too long.
    private func wait(for generation: Generation, _ condition: () -> Bool) throws {
        while !condition() {
            if isClosed.load(ordering: .acquiring) { throw IsClosed() }
            if let problem = generation.state.withLock({ $0.oldestProblem }), problem.since.duration(to: .now) >= settings.buildPatience {
                throw TandemError(.aborted, problem.text)
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    private func abandon(_ generation: Generation, _ old: Generation, _ error: any Error) {
        old.embeddingHold.release()
        old.indexingHold.release()
        generation.stop(sealingWithin: nil, handingOverTo: old)
        guard !(error is IsClosed) else {
            if !isDropped.load(ordering: .acquiring) { logger.warning("\(Self.interruptedBuild)", metadata: ["generation": "\(generation.number)"]) }
            return
        }
        let reason = (error as? TandemError)?.message ?? "\(error)"
        state.withLock { state in
            state.building = nil
            state.buildFailure = "generation \(generation.number) was given up: \(reason)"
        }
        logger.error("the new generation was given up; the old one goes on serving", metadata: ["generation": "\(generation.number)", "reason": "\(reason)"])
        do {
            try FileSystem.removeTree(generation.folder)
        } catch {
            logger.warning("the files of the abandoned generation remain until the next start", metadata: ["reason": "\(error)"])
        }
    }
}
