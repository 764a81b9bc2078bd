import ColumnIndex
import Foundation
import LexicalIndex
import SearchCore
import Storage
import Synchronization
import VectorIndex

extension Generation.State {
    /// Bytes of unsealed segments and of the builder.
    var memoryBytes: Int {
        builderBytes + documents.reduce(0) { $0 + ($1.segment.isInMemory ? $1.segment.byteCount : 0) }
            + vectors.joined().reduce(0) { $0 + ($1.isInMemory ? $1.segment.byteCount : 0) }
    }
}

/// Merging, sealing and checkpoints; what becomes of sealed vectors is in Generation+VectorMaintenance. Memory work and disk work have a thread each, so that a long merge on disk never
/// keeps memory from being sealed.
extension Generation {
    var memoryBytes: Int { state.withLock { $0.memoryBytes } }

    /// Looks for work in the background; cheap when there is none.
    func scheduleMaintenance() {
        guard !isMaintenanceOver, !isMaintenanceQueued.exchange(true, ordering: .sequentiallyConsistent) else { return }
        memoryWorker.async { [self] in
            isMaintenanceQueued.store(false, ordering: .sequentiallyConsistent)
            run(.sealing) { try maintainMemory() }
        }
    }

    /// Called at every refresh tick: seals what has been unsealed for too long.
    func maintainIfDue() {
        let isDue = state.withLock { state in
            state.lastCheckpoint.duration(to: .now) >= settings.checkpointInterval
                && (state.applied > state.checkpoint || state.vectorApplied > state.vectorCheckpoint)
        }
        guard isDue, !isMaintenanceOver else { return }
        state.withLock { $0.lastCheckpoint = .now }
        memoryWorker.async { [self] in run(.sealing) { try seal(control: unhurriedControl()) } }
    }

    /// Gives up the merge that runs, if any, and begins no other one; what it was to replace stays. ``stop(sealingWithin:handingOverTo:)``
    /// seals all the same.
    func endMaintenance() { maintenanceControl.cancel() }

    var isMaintenanceOver: Bool { maintenanceControl.isCancelled }

    func run(_ activity: Activity, _ body: () throws -> Bool) {
        guard !isMaintenanceOver else { return }
        do {
            if try body() { report(activity, problem: nil) }
        } catch {
            if isMaintenanceOver { return }
            report(activity, problem: "\(activity) failed, it is tried again: \(error)")
        }
    }

    // MARK: Memory

    /// - Returns: true if something was sealed.
    private func maintainMemory() throws -> Bool {
        let policy = MergePolicy(unitBytes: min(256 << 10, settings.sealBytes / 16), largestBytes: settings.sealBytes)
        let control = unhurriedControl()
        var hasSealed = false
        while !isMaintenanceOver {
            let (documents, vectors, live) = state.withLock { ($0.documents, $0.vectors, $0.live) }
            let memory = documents.reduce(0) { $0 + ($1.segment.isInMemory ? $1.segment.byteCount : 0) }
            let vectorMemory = vectors.joined().reduce(0) { $0 + ($1.isInMemory ? $1.segment.byteCount : 0) }
            let areManyVectors = vectors.contains { $0.reduce(0) { $0 + ($1.isInMemory ? $1.segment.count : 0) } >= settings.vectorSealCount }
            if memory >= settings.sealBytes || vectorMemory >= settings.sealBytes || areManyVectors, maySeal {
                hasSealed = try seal(control: control)
                continue
            }
            let unsealed = documents.firstIndex { $0.segment.isInMemory } ?? documents.count
            if let run = policy.choose(documents[unsealed...].map(\.policySegment)) {
                try mergeDocuments(Array(documents[(unsealed + run.lowerBound)..<(unsealed + run.upperBound)]), toDisk: false, control: control)
                continue
            }
            var hasMerged = false
            for (field, entries) in vectors.enumerated() where !isMaintenanceOver {
                let unsealed = Array(entries.drop { !$0.isInMemory })
                guard let run = policy.choose(unsealed.map { $0.policySegment(live) }) else { continue }
                try mergeVectors(Array(unsealed[run]), of: field, toDisk: false, control: control)
                hasMerged = true
            }
            if !hasMerged { return hasSealed }
        }
        return hasSealed
    }

    /// For work on the memory thread that nobody waits for, unless more comes than can be sealed that way.
    private func unhurriedControl() -> QueryControl {
        .resting(Pace { [self] in memoryBytes > settings.sealBytes }, endingWith: maintenanceControl)
    }

    /// False for a while after a seal has failed.
    private var maySeal: Bool { state.withLock { $0.sealNotBefore.map { $0 <= .now } ?? true } }

    /// Writes everything unsealed to disk and records it in the manifest. Runs on the memory thread (or after it
    /// has ended).
    /// - Returns: true: it throws where it does not.
    @discardableResult
    func seal(control: QueryControl) throws -> Bool {
        do {
            try sealAll(control: control)
        } catch {
            state.withLock { state in
                state.sealPause = min(.seconds(10), max(.milliseconds(500), state.sealPause * 2))
                state.sealNotBefore = .now + state.sealPause
            }
            throw error
        }
        state.withLock { ($0.sealPause, $0.sealNotBefore) = (.zero, nil) }
        // Here, and not only where the maintenance reports: a seal on request leaves the next scheduled one nothing to do.
        report(.sealing, problem: nil)
        diskWorker.async { [self] in run(.merging) { try maintainDisk() } }
        graphWake.signal()
        urgentGraphWake.signal()
        vectorMergeWake.signal()
        return true
    }

    /// ``seal(control:)`` in its turn, for those who are not the maintenance.
    func sealNow() throws { try memoryWorker.sync { [self] in _ = try seal(control: maintenanceControl) } }

    private func sealAll(control: QueryControl) throws {
        let documents = state.withLock { $0.documents.filter { $0.segment.isInMemory } }
        if !documents.isEmpty { try mergeDocuments(documents, toDisk: true, control: control) }
        state.withLock { state in
            // Operations that made no document, deletes above all, leave nothing to seal.
            if state.documents.allSatisfy({ !$0.segment.isInMemory }) { state.sealedThrough = state.applied }
        }
        // Invariant 4: a sealed vector's document is sealed too.
        let vectors = state.withLock { state in
            state.vectors.map { $0.filter { $0.isInMemory && $0.appliedThrough <= state.sealedThrough } }
        }
        for (field, entries) in vectors.enumerated() where !entries.isEmpty { try mergeVectors(entries, of: field, toDisk: true, control: control) }
        if vectors.contains(where: { !$0.isEmpty }) { state.withLock { $0.lastVectorSeal = .now } }
        try checkpoint()
    }

    // MARK: Disk

    private func maintainDisk() throws -> Bool {
        // The unit is far below a full seal, so that the small seals of a quiet collection are not merged into large ones
        // again and again.
        let policy = MergePolicy(unitBytes: max(1, settings.sealBytes / 64), largestBytes: 4 << 30)
        while !isMaintenanceOver {
            let sealed = state.withLock { Array($0.documents.prefix { !$0.segment.isInMemory }) }
            if let run = policy.choose(sealed.map(\.policySegment)) {
                try mergeDocuments(Array(sealed[run]), toDisk: true, control: maintenanceControl)
                try checkpoint()
                continue
            }
            return true
        }
        return false
    }

    /// Seals everything, then makes one segment of documents and one for each vector field of what is on disk, without what is dead.
    /// - Throws: `RESOURCE_EXHAUSTED` where the result would take half the machine's memory, in which it is put together; `CANCELLED`,
    ///   `DEADLINE_EXCEEDED`, and `UNAVAILABLE` when the generation ends: what was merged until then stays.
    func mergeAll(control caller: QueryControl) throws {
        do {
            try sealNow()
            try mergeSealed(control: QueryControl(endingWith: caller, maintenanceControl))
        } catch let error as TandemError where error.code == .cancelled && isMaintenanceOver && !caller.isCancelled {
            throw TandemError(
                .unavailable,
                "the merge was given up, because the daemon is stopping or the collection was dropped; what it worked on is as it was",
                isRetryable: true)
        }
    }

    private func mergeSealed(control: QueryControl) throws {
        try diskWorker.sync { [self] in
            let (documents, vectors) = state.withLock { ($0.documents, $0.vectors) }
            let sealed = Array(documents.prefix { !$0.segment.isInMemory })
            let sealedVectors = vectors.map { Array($0.prefix { !$0.isInMemory }) }
            let largest = max(
                sealed.reduce(0) { $0 + $1.segment.byteCount }, sealedVectors.map { $0.reduce(0) { $0 + $1.segment.byteCount } }.max() ?? 0)
            let most = Int(clamping: ProcessInfo.processInfo.physicalMemory / 2)
            guard largest <= most else {
                throw TandemError(.resourceExhausted, "one segment would have \(largest) bytes; at most \(most), half the machine's memory, are merged at once")
            }
            if sealed.count > 1 || sealed.contains(where: { $0.dead.documentCount > 0 }) {
                try mergeDocuments(sealed, toDisk: true, control: control)
                try checkpoint()
            }
        }
        try mergeSealedVectors(control: control)
    }

    // MARK: Merges

    /// Replaces neighbouring entries by one. Searches go on with the inputs until the result takes their place.
    private func mergeDocuments(_ inputs: [DocumentEntry], toDisk: Bool, control: QueryControl) throws {
        let first = inputs[0].segment
        let last = inputs[inputs.count - 1].segment
        let docs = first.firstDoc.rawValue..<last.endDoc.rawValue
        let (merge, live) = state.withLock { state in
            let merge = ActiveMerge(id: state.nextMerge, docs: docs, dead: DeadCounts())
            state.nextMerge += 1
            state.merges.append(merge)
            return (merge, state.live)
        }
        defer { state.withLock { $0.merges.removeAll { $0.id == merge.id } } }

        let lexicalBytes = try LexicalMerge.merge(inputs.map(\.segment.lexical), live: live, control: control)
        let columnBytes = try ColumnMerge.merge(inputs.map(\.segment.columns), live: live, control: control)
        var file: UInt64?
        let lexical: LexicalSegment
        let columns: ColumnSegment
        if toDisk {
            let number = takeFileNumber()
            let lexicalPath = folder + "/" + GenerationManifest.lexicalName(number)
            let columnPath = folder + "/" + GenerationManifest.columnName(number)
            do {
                try FileSystem.writeAtomically(lexicalPath, lexicalBytes, checkpoint: control.checkpoint)
                try FileSystem.writeAtomically(columnPath, columnBytes, checkpoint: control.checkpoint)
                lexical = try LexicalSegment(
                    MappedFile(mapping: lexicalPath), fieldCount: schema.textFields.count, checkpoint: control.checkpoint)
                columns = try ColumnSegment(MappedFile(mapping: columnPath), fields: fields, checkpoint: control.checkpoint)
            } catch {
                // Half a pair is of no use, least of all on a full disk, and nothing names a whole one.
                try? FileSystem.remove(lexicalPath)
                try? FileSystem.remove(columnPath)
                throw error
            }
            file = number
        } else {
            lexical = try LexicalSegment(MappedFile(copying: lexicalBytes), fieldCount: schema.textFields.count)
            columns = try ColumnSegment(MappedFile(copying: columnBytes), fields: fields)
        }
        // Else the next query that looks for compounds would wait for it.
        try lexical.prepareSuffixes(as: inputs.map(\.segment.lexical), form: TermForm.surface.rawValue)
        let segment = DocumentSegment(lexical: lexical, columns: columns, file: file, appliedThrough: last.appliedThrough)
        state.withLock { state in
            let at = state.documents.firstIndex { $0.segment === first }!
            let active = state.merges.first { $0.id == merge.id }!
            state.documents.replaceSubrange(at..<(at + inputs.count), with: [DocumentEntry(segment: segment, dead: active.dead)])
            if toDisk { state.sealedThrough = max(state.sealedThrough, segment.appliedThrough) }
            for file in inputs.compactMap(\.segment.file) {
                state.retiredFiles += [GenerationManifest.lexicalName(file), GenerationManifest.columnName(file)]
            }
            republish(&state)
        }
    }

    /// The same for neighbours in the list of one vector field.
    func takeFileNumber() -> UInt64 {
        state.withLock { state in
            defer { state.nextFile += 1 }
            return state.nextFile
        }
    }

    // MARK: Checkpoint

    /// Reads the manifest and the live file back from disk, and looks whether the files that it names are there and are the ones that it
    /// means: what is served may be mapped from files that no longer bear these names.
    /// - Returns: what is wrong, in words that name the file.
    func checkManifest() -> [String] {
        checkpointLock.withLock { _ in
            guard FileSystem.exists(folder + "/" + GenerationManifest.fileName) else { return [] }
            let manifest: GenerationManifest
            do { manifest = try GenerationManifest.read(folder: folder) } catch { return Collection.problem { throw error } }
            return manifest.sectionFiles.flatMap { name, checksum in
                Collection.problem {
                    let file = try GenerationManifest.map(name, checksum: checksum, folder: folder)
                    if name == manifest.live.map(GenerationManifest.liveName) { _ = try LiveFile.decode(file, segments: manifest.documents.count) }
                }
            }
        }
    }

    /// Writes the live bitmap and the manifest for what is sealed now, then removes the files that nothing names any more.
    ///
    /// The bitmap may already lack documents that died after `applied`; replaying those deaths does nothing (invariant 3).
    func checkpoint() throws {
        try checkpointLock.withLock { previousLive in
            let image = state.withLock { $0 }
            let sealed = image.documents.prefix { !$0.segment.isInMemory }
            let isAllSealed = sealed.count == image.documents.count
            let applied = isAllSealed ? image.applied : max(image.checkpoint, image.sealedThrough)
            let end = Int(sealed.last?.segment.endDoc.rawValue ?? 0)
            let sealedVectors = image.vectors.map { $0.prefix { !$0.isInMemory } }
            var vectorApplied = min(applied, image.vectorApplied)
            for (entries, sealed) in zip(image.vectors, sealedVectors) where sealed.count < entries.count {
                vectorApplied = min(vectorApplied, max(image.vectorCheckpoint, sealed.last?.appliedThrough ?? .zero))
            }

            var liveNumber: UInt64?
            var liveChecksum: UInt32?
            if end > 0 {
                let number = takeFileNumber()
                let words = Array(image.live.words.prefix((end + 63) / 64))
                let bytes = LiveFile.encode(live: DocBitSet(words: words, capacity: end), dead: sealed.map(\.dead))
                try FileSystem.writeAtomically(folder + "/" + GenerationManifest.liveName(number), bytes)
                liveNumber = number
                liveChecksum = bytes.withUnsafeBytes(SectionFile.checksum(of:))
            }
            let manifest = GenerationManifest(
                generation: number, schema: schema, modelFingerprint: modelFingerprint, applied: applied.rawValue,
                vectorApplied: vectorApplied.rawValue,
                documents: sealed.map {
                    .init(
                        file: $0.segment.file!, appliedThrough: $0.segment.appliedThrough.rawValue, lexicalChecksum: $0.segment.lexical.checksum,
                        columnChecksum: $0.segment.columns.checksum)
                },
                vectors: zip(schema.vectorFields, sealedVectors).flatMap { field, entries in
                    entries.map {
                        .init(
                            file: $0.file!, field: field.name, appliedThrough: $0.appliedThrough.rawValue, checksum: $0.segment.checksum,
                            graph: $0.graph?.file, graphChecksum: $0.graph?.graph.checksum, graphCalibration: $0.graph?.calibration)
                    }
                },
                live: liveNumber, liveChecksum: liveChecksum, nextFile: state.withLock { $0.nextFile })
            try manifest.write(folder: folder)
            state.withLock { state in
                state.checkpoint = applied
                state.vectorCheckpoint = vectorApplied
                state.lastCheckpoint = .now
            }
            // Nothing of this is undone by a failure below: what is left over goes at the next opening.
            if let previousLive { try FileSystem.remove(folder + "/" + GenerationManifest.liveName(previousLive)) }
            previousLive = liveNumber
            // Inputs of merges that `image` already had replaced; open snapshots keep their mappings.
            for name in image.retiredFiles { try FileSystem.remove(folder + "/" + name) }
            state.withLock { $0.retiredFiles.removeFirst(image.retiredFiles.count) }
        }
        onCheckpoint()
    }
}

extension DocumentEntry {
    var policySegment: MergePolicy.Segment {
        // Not the live bitmap: the holes that earlier merges left in the DocIDs cost nothing any more.
        let documents = segment.lexical.documentCount
        return .init(bytes: segment.byteCount, documents: documents, liveDocuments: documents - dead.documentCount)
    }
}
