import Foundation
import Glibc
import SearchCore
import VectorIndex

/// Sealed vector segments: few large ones, each with a graph once it is worth one.
///
/// They have three threads of their own, two of low priority: one builds the graphs of what was sealed just now, which takes a second; one merges, and does
/// what else takes minutes for millions of vectors. Until a segment has its graph every search scans it, so where searches leave these threads no time, searches become slower
/// still; then the third, of a higher one, builds along. What is searched changes only when a result is complete: a merged
/// segment takes its inputs' place together with its graph.
extension Generation {
    /// Larger segments get a missing graph from the thread that merges: after a loss, that is, or when another version has to be built.
    private static let promptVectorsMax = 1 << 16

    func graphLoop() {
        BackgroundPriority.low()
        let control = briskControl()
        maintain(.graphs, waking: graphWake) {
            if try buildMissingGraph(where: { $0.segment.count <= Self.promptVectorsMax }, control: control) { return true }
            return try makeResident(state.withLock { $0.vectors })
        }
    }

    func urgentGraphLoop() {
        BackgroundPriority.yielding()
        let control = briskControl()
        maintain(.graphs, waking: urgentGraphWake, idleIsSuccess: false) {
            let waiting = state.withLock { $0.vectors.flatMap(lackingGraphs).reduce(0) { $0 + $1.segment.count } }
            guard waiting > settings.graphBacklogMax else { return false }
            return try buildMissingGraph(where: { $0.segment.count <= Self.promptVectorsMax }, control: control)
        }
    }

    func vectorMergeLoop() {
        BackgroundPriority.low()
        let control = briskControl()
        maintain(.vectors, waking: vectorMergeWake) {
            if try vectorMaintenanceLock.withLock({ _ in try mergeSomeVectors(control: control) }) { return true }
            return try buildMissingGraph(where: { $0.segment.count > Self.promptVectorsMax }, control: control)
        }
    }

    /// - Parameters:
    ///   - idleIsSuccess: having nothing to do says that nothing fails.
    ///   - step: true if it has done something, and there may be more to do.
    private func maintain(_ activity: Activity, waking wake: WakeSignal, idleIsSuccess: Bool = true, _ step: () throws -> Bool) {
        while !isStopping.load(ordering: .acquiring), !isMaintenanceOver {
            var isIdle = true
            run(activity) {
                isIdle = try !step()
                return idleIsSuccess || !isIdle
            }
            let hasFailed = state.withLock { $0.problems[activity] != nil }
            // Now and then also unasked: a search may have met a damaged graph, and merges wait for quiet.
            if isIdle { wake.wait(timeout: .seconds(hasFailed ? 10 : 2)) }
        }
    }

    /// Of one thread.
    private func briskControl() -> QueryControl { .resting(Pace.brisk(), endingWith: maintenanceControl) }

    /// - Returns: false when there is nothing to merge.
    private func mergeSomeVectors(control: QueryControl) throws -> Bool {
        try verifyVectors()
        let policy = VectorMergePolicy(graphWorth: settings.graphWorth, largestBytes: 4 << 30)
        let (vectors, live, lastSeal) = state.withLock { ($0.vectors, $0.live, $0.lastVectorSeal) }
        let isQuiet = lastSeal.map { $0.duration(to: .now) >= settings.vectorMergeDelay } ?? true
        for (field, entries) in vectors.enumerated() {
            let sealed = Array(entries.prefix { !$0.isInMemory })
            guard let run = policy.choose(sealed.map { $0.policySegment(live) }, isQuiet: isQuiet) else { continue }
            try mergeVectors(Array(sealed[run]), of: field, toDisk: true, withGraph: true, control: control)
            try checkpoint()
            return true
        }
        return false
    }

    /// Builds one graph, the smallest that is missing. - Returns: false when there is nothing to do.
    private func buildMissingGraph(where isMine: (VectorEntry) -> Bool, control: QueryControl) throws -> Bool {
        let vectors = state.withLock { $0.vectors }
        for field in vectors.indices {
            // Also where the segment is being merged: that may take long, and it is scanned until then.
            let taken = state.withLock { state in
                let missing = lackingGraphs(state.vectors[field]).filter { isMine($0) && !state.graphsBeingBuilt.contains(ObjectIdentifier($0.segment)) }
                let entry = missing.min { $0.segment.count < $1.segment.count }
                if let entry { state.graphsBeingBuilt.insert(ObjectIdentifier(entry.segment)) }
                return entry
            }
            guard let entry = taken else { continue }
            defer { state.withLock { _ = $0.graphsBeingBuilt.remove(ObjectIdentifier(entry.segment)) } }
            if let damaged = entry.graph {
                logger.error("a graph over vectors was damaged and is built anew", metadata: ["file": "\(damaged.graph.name)"])
            }
            let graph = try buildGraph(over: entry.segment, of: field, control: control)
            let isTaken = state.withLock { state in
                guard let at = state.vectors[field].firstIndex(where: { $0.segment === entry.segment }) else { return false }
                if let old = state.vectors[field][at].graph { state.retiredFiles.append(GenerationManifest.graphName(old.file)) }
                state.vectors[field][at].graph = graph
                republish(&state)
                return true
            }
            // Merged away meanwhile.
            guard isTaken else {
                try? FileSystem.remove(folder + "/" + GenerationManifest.graphName(graph.file))
                return true
            }
            try checkpoint()
            return true
        }
        return false
    }

    /// Reads what the opening left unread. Before any merge, since that would give damaged vectors a right checksum.
    /// - Throws: `DATA_LOSS`, which the collection answers with a new generation.
    private func verifyVectors() throws {
        do {
            for entry in state.withLock({ $0.vectors }).joined() where !entry.segment.isVerified {
                try entry.segment.verify(checkpoint: maintenanceControl.checkpoint)
            }
        } catch let error as TandemError where error.code == .dataLoss {
            state.withLock { $0.isDamaged = true }
            onCheckpoint()
            throw error
        }
    }

    /// Copies one mapped graph into memory, if there is one and it may. - Returns: true if it did.
    private func makeResident(_ vectors: [[VectorEntry]]) throws -> Bool {
        for (field, entries) in vectors.enumerated() {
            for entry in entries {
                guard let mapped = entry.graph, !mapped.graph.isInMemory,
                    VectorGraph.residentBytes + mapped.graph.residentByteCount <= settings.graphMemoryBytesMax
                else { continue }
                let path = folder + "/" + GenerationManifest.graphName(mapped.file)
                let graph = try VectorGraph(MappedFile(copying: MappedFile(mapping: path)), over: entry.segment)
                // All of it is read anyway, so this is where damage is noticed first.
                do { try graph.validate(checkpoint: maintenanceControl.checkpoint) } catch let error as TandemError where error.code == .dataLoss {
                    mapped.graph.markDamaged()
                    return true
                }
                state.withLock { state in
                    guard let at = state.vectors[field].firstIndex(where: { $0.segment === entry.segment }) else { return }
                    state.vectors[field][at].graph = GraphEntry(graph: graph, file: mapped.file, calibration: mapped.calibration)
                    republish(&state)
                }
                return true
            }
        }
        return false
    }

    /// True while graphs are still to be built over an eighth of a field's vectors or more, and nothing speaks against their being built.
    var lacksGraphs: Bool {
        state.withLock { state in
            state.problems[.vectors] == nil && state.problems[.graphs] == nil
                && state.vectors.contains { entries in
                    let waiting = lackingGraphs(entries).reduce(0) { $0 + $1.segment.count }
                    return waiting > 0 && waiting * 8 >= entries.reduce(0) { $0 + $1.segment.count }
                }
        }
    }

    /// Of a field's segments those that should have a graph and have none, or a damaged one.
    private func lackingGraphs(_ entries: [VectorEntry]) -> [VectorEntry] {
        let sealed = entries.filter { !$0.isInMemory && $0.segment.canBeCoded }
        let worth = settings.graphWorth.segments(sealed.map(\.segment.count))
        return sealed.enumerated().filter { $1.graph?.graph.isDamaged ?? worth.contains($0) }.map(\.element)
    }

    /// Whether a merged segment should have a graph, at the place in the list that its inputs have.
    private func isWorthGraph(_ merged: VectorSegment, inPlaceOf inputs: [VectorEntry], of field: Int) -> Bool {
        let sealed = state.withLock { $0.vectors[field] }.filter { !$0.isInMemory && $0.segment.canBeCoded }
        let before = sealed.prefix { $0.segment !== inputs[0].segment }
        let after = sealed.dropFirst(before.count).filter { entry in !inputs.contains { $0.segment === entry.segment } }
        return settings.graphWorth.segments(before.map(\.segment.count) + [merged.count] + after.map(\.segment.count)).contains(before.count)
    }

    /// Of all sealed vectors of a field one segment, without what is dead; see ``mergeAll(control:)``.
    func mergeSealedVectors(control: QueryControl) throws {
        while true {
            let done: Void? = try vectorMaintenanceLock.withLockIfAvailable { _ in
                try verifyVectors()
                let (vectors, live) = state.withLock { ($0.vectors, $0.live) }
                for (field, entries) in vectors.enumerated() {
                    let sealed = Array(entries.prefix { !$0.isInMemory })
                    let hasDead = sealed.contains { $0.policySegment(live).liveDocuments < $0.segment.count }
                    guard sealed.count > 1 || hasDead else { continue }
                    try mergeVectors(sealed, of: field, toDisk: true, withGraph: true, control: control)
                    try checkpoint()
                }
            }
            if done != nil { break }
            // The background is at it: it may take minutes, and the caller may not want to wait for so long.
            try control.checkpoint()
            pause(.milliseconds(20))
        }
        // A segment that was the only one may be without a graph still, or the background is building it.
        while state.withLock({ $0.vectors.contains { !lackingGraphs($0).isEmpty } }) {
            if try !buildMissingGraph(where: { _ in true }, control: control) {
                try control.checkpoint()
                pause(.milliseconds(20))
            }
        }
    }

    /// Reads a graph's file, and what was copied from it.
    /// - Throws: `DATA_LOSS`; it is built anew then.
    func check(_ entry: GraphEntry, over segment: VectorSegment, control: QueryControl) throws {
        try entry.graph.validate(checkpoint: control.checkpoint)
        guard entry.graph.isInMemory else { return }
        let path = folder + "/" + GenerationManifest.graphName(entry.file)
        do {
            try VectorGraph(MappedFile(mapping: path), over: segment).validate(checkpoint: control.checkpoint)
        } catch let error as TandemError where [.dataLoss, .notFound, .failedPrecondition].contains(error.code) {
            // A merge may have replaced it while it was read.
            guard state.withLock({ $0.vectors.joined().contains { $0.graph?.graph === entry.graph } }) else { return }
            entry.graph.markDamaged()
            throw error
        }
    }

    // MARK: Merges

    /// Replaces neighbouring entries of a vector field by one. Searches go on with the inputs until the result takes their place.
    func mergeVectors(_ inputs: [VectorEntry], of field: Int, toDisk: Bool, withGraph: Bool = false, control: QueryControl) throws {
        let live = state.withLock { $0.live }
        let result = try VectorMerge.merge(inputs.map(\.segment), live: live, control: control)
        let applied = inputs[inputs.count - 1].appliedThrough
        let merged: VectorEntry
        if toDisk {
            let number = takeFileNumber()
            let path = folder + "/" + GenerationManifest.vectorName(number)
            do {
                try FileSystem.writeAtomically(path, result.bytes, checkpoint: control.checkpoint)
                let segment = try VectorSegment(MappedFile(mapping: path), checkpoint: control.checkpoint)
                var graph: GraphEntry?
                if withGraph, segment.canBeCoded, isWorthGraph(segment, inPlaceOf: inputs, of: field) {
                    graph = try buildGraph(over: segment, of: field, seed: Self.seed(inputs, result), control: control)
                }
                merged = try VectorEntry(segment: segment, file: number, appliedThrough: applied, graph: graph, control: control)
            } catch {
                try? FileSystem.remove(path)
                throw error
            }
        } else {
            merged = try VectorEntry(
                segment: VectorSegment(MappedFile(copying: result.bytes, checkpoint: control.checkpoint)), file: nil, appliedThrough: applied, control: control)
        }
        state.withLock { state in
            let at = state.vectors[field].firstIndex { $0.segment === inputs[0].segment }!
            // With the files that the entries name now: a graph may have come since.
            state.retiredFiles += state.vectors[field][at..<(at + inputs.count)].flatMap(\.fileNames)
            state.vectors[field].replaceSubrange(at..<(at + inputs.count), with: [merged])
            republish(&state)
        }
    }

    /// The largest input's graph, which the result's goes on from.
    private static func seed(_ inputs: [VectorEntry], _ result: VectorMergeResult) -> GraphSeed? {
        guard let number = inputs.indices.max(by: { inputs[$0].segment.count < inputs[$1].segment.count }), let graph = inputs[number].graph?.graph,
            !graph.isDamaged
        else { return nil }
        return GraphSeed(graph, ordinals: result.ordinals(ofInput: number))
    }

    /// Builds, writes, opens and calibrates.
    private func buildGraph(over segment: VectorSegment, of field: Int, seed: GraphSeed? = nil, control: QueryControl) throws -> GraphEntry {
        let began = ContinuousClock.now
        let number = takeFileNumber()
        let path = folder + "/" + GenerationManifest.graphName(number)
        do {
            let options = GraphBuildOptions(quantization: try schema.vectorFields[field].graphQuantization(), threads: settings.graphThreads)
            let bytes = try VectorGraph.build(over: segment, options: options, seed: seed, control: control)
            try FileSystem.writeAtomically(path, bytes, checkpoint: control.checkpoint)
            let graph = try VectorGraph(MappedFile(mapping: path), over: segment)
            let calibration = try graph.calibrate(control: control)
            state.withLock { state in
                state.graphsBuilt += 1
                state.vectorsInGraphsBuilt += segment.count - (seed?.keptCount ?? 0)
            }
            logger.info(
                "built a graph over vectors",
                metadata: ["generation": "\(self.number)", "vectors": "\(segment.count)", "seconds": "\(began.duration(to: .now) / .seconds(1))"])
            return GraphEntry(graph: graph, file: number, calibration: calibration)
        } catch {
            try? FileSystem.remove(path)
            throw error
        }
    }
}

extension VectorEntry {
    func policySegment(_ live: DocBitSet) -> MergePolicy.Segment {
        var alive = 0
        for ordinal in 0..<segment.count where live.contains(segment.document(at: ordinal)) { alive += 1 }
        return .init(bytes: segment.byteCount, documents: segment.count, liveDocuments: alive)
    }
}
