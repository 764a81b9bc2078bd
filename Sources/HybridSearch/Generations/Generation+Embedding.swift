import Inference
import SearchCore
import Storage
import VectorIndex

extension Document {
    /// What the models read: the text fields in the schema's order, joined by a space.
    func modelText(_ schema: CollectionSchema) -> String {
        let parts = schema.textFields.compactMap { text($0.name) }.filter { !$0.isEmpty }
        return parts.count == 1 ? parts[0] : parts.joined(separator: " ")
    }
}

extension Document {
    /// Its vectors in a field, in order, without those that the field cannot take.
    func vectors(of field: CollectionSchema.VectorField) throws -> [[Float]] {
        let metric = try field.vectorMetric()
        return vectors.filter {
            $0.name == field.name && (try? VectorValidation.check($0.values, dimension: field.dimension, metric: metric)) != nil
        }.map(\.values)
    }
}

/// What becomes of one document in one vector field: the vectors that it has, or the text that they are computed from.
private struct PendingVectors {
    var doc: DocID
    var sequence: SequenceNumber
    var text: String?
    var vectors: [[Float]] = []
}

extension Generation {
    /// With more operations behind keyword search than this, vectors are made without rests.
    private static let promptOperationsMax: UInt64 = 2000

    private var vectorsWaiting: UInt64 { state.withLock { $0.applied.rawValue - min($0.applied, $0.vectorApplied).rawValue } }

    /// The consumer of the log for the semantic leg; follows the indexing thread and never holds it up.
    func embedLoop() {
        let control = QueryControl.resting(Pace.inBursts { [self] in vectorsWaiting > Self.promptOperationsMax }, endingWith: maintenanceControl)
        var lastFailure = Duration.zero
        while !isStopping.load(ordering: .acquiring) {
            do {
                let isIdle = try embedStep(control: control)
                lastFailure = .zero
                report(.embedding, problem: nil)
                if isIdle { vectorWake.wait(timeout: .seconds(1)) }
            } catch {
                // Its checkpoints end with the maintenance, a moment before the generation stops.
                if isStopping.load(ordering: .acquiring) || isMaintenanceOver { return }
                report(.embedding, problem: "embedding stopped, the semantic leg falls behind: \(error)")
                lastFailure = min(.seconds(30), max(.seconds(1), lastFailure * 2))
                // Not the wake signal, which every refresh gives.
                let end = ContinuousClock.now + lastFailure
                while ContinuousClock.now < end, !isStopping.load(ordering: .acquiring) {
                    _ = embeddingHold.holds
                    pause(.milliseconds(50))
                }
            }
        }
    }

    /// Takes the next operations that keyword search already sees, and publishes their vectors.
    /// - Returns: true when there was nothing to do.
    private func embedStep(control: QueryControl) throws -> Bool {
        let (reached, target, memory) = state.withLock { ($0.vectorApplied, $0.applied, $0.memoryBytes) }
        guard !embeddingHold.holds, reached < target else { return true }
        guard memory < settings.memoryBytesMax else {
            scheduleMaintenance()
            return true
        }
        // A collection without a model has nothing to compute, so steps may be large.
        let limit = schema.model == nil ? 4096 : settings.embeddingBatch
        let page = try store.page(
            after: reached, limit: limit, currentOnly: skipsSuperseded.load(ordering: .relaxed), checkpoint: control.checkpoint)
        // The log may be ahead of keyword search; its documents have no DocID yet.
        var through = min(page.through, target)

        var pending: [[PendingVectors]] = schema.vectorFields.map { _ in [] }
        let (documents, live, held) = state.withLock { state in
            // What a field has already, past the others: see the invariants.
            (state.documents, state.live, state.vectors.map { $0.last?.appliedThrough ?? .zero })
        }
        var reused = 0
        var waitsForModel = false
        operations: for (sequence, operation) in page.operations where sequence <= through {
            try control.checkpoint()
            guard case .upsert(let document) = operation.change,
                let doc = GenerationSnapshot.document(of: sequence, in: documents), live.contains(doc)
            else { continue }
            for (number, field) in schema.vectorFields.enumerated() where sequence > held[number] {
                // Vectors that were given for another model's dimensions do not fit this generation: as if none were given.
                let given = try document.vectors(of: field)
                if !given.isEmpty {
                    pending[number].append(PendingVectors(doc: doc, sequence: sequence, vectors: given))
                    continue
                }
                guard number == CollectionSchema.modelField else { continue }
                if let modelFingerprint, case let stored = try store.vectors(model: modelFingerprint, field: field.name, sequence: sequence), !stored.isEmpty {
                    reused += 1
                    pending[number].append(PendingVectors(doc: doc, sequence: sequence, vectors: stored))
                } else if schema.model != nil {
                    let text = document.modelText(schema)
                    guard !text.isEmpty else { continue }
                    guard embedder != nil else {
                        // Going past it would leave it without a vector for good; it is embedded when the model is back.
                        through = SequenceNumber(sequence.rawValue - 1)
                        waitsForModel = true
                        break operations
                    }
                    pending[number].append(PendingVectors(doc: doc, sequence: sequence, text: text))
                }
            }
        }
        guard through > reached || !waitsForModel else { throw modelMissing }
        try computeMissing(&pending[CollectionSchema.modelField], field: schema.vectorFields[CollectionSchema.modelField].name)

        let entries = try zip(schema.vectorFields, pending).map { field, documents -> VectorEntry? in
            var builder = VectorSegmentBuilder(dimension: field.dimension, metric: try field.vectorMetric())
            for document in documents {
                try control.checkpoint()
                for vector in document.vectors { try builder.append(doc: document.doc, vector) }
            }
            guard builder.count > 0 else { return nil }
            return try VectorEntry(
                segment: VectorSegment(MappedFile(copying: builder.finish())), file: nil, appliedThrough: through, control: control)
        }
        state.withLock { state in
            for (number, entry) in entries.enumerated() { if let entry { state.vectors[number].append(entry) } }
            state.vectorApplied = through
            state.vectorsReused += reused
            republish(&state)
        }
        completeWaiters()
        scheduleMaintenance()
        return false
    }

    private var modelMissing: TandemError {
        TandemError(
            .failedPrecondition,
            "the embedding model '\(schema.model ?? "")' is not loaded; install it and start the daemon again, or rebuild with another model")
    }

    private func computeMissing(_ documents: inout [PendingVectors], field: String) throws {
        let missing = documents.indices.filter { documents[$0].text != nil }
        guard !missing.isEmpty, let embedder, let modelFingerprint else { return }
        let results = try embedder.embed(missing.map { documents[$0].text! }, control: maintenanceControl)
        var computed: [DocumentStore.VectorEntry] = []
        var textsCut = 0
        var tokensCut = 0
        for (index, result) in zip(missing, results) {
            documents[index].vectors = [result.vector]
            computed.append(.init(sequence: documents[index].sequence, chunks: [result.vector]))
            textsCut += result.tokensCut > 0 ? 1 : 0
            tokensCut += result.tokensCut
        }
        try store.putVectors(model: modelFingerprint, field: field, computed)
        state.withLock { state in
            state.textsEmbedded += results.count
            state.textsCut += textsCut
            state.tokensCut += tokensCut
        }
    }
}
