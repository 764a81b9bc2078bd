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

extension Generation {
    /// The consumer of the log for the semantic leg; follows the indexing thread and never holds it up.
    func embedLoop() {
        var lastFailure = Duration.zero
        while !isStopping.load(ordering: .acquiring) {
            do {
                let isIdle = try embedStep()
                lastFailure = .zero
                report(.embedding, problem: nil)
                if isIdle { vectorWake.wait(timeout: .seconds(1)) }
            } catch {
                if isStopping.load(ordering: .acquiring) { return }
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
    private func embedStep() throws -> Bool {
        let (reached, target, memory) = state.withLock { ($0.vectorApplied, $0.applied, $0.memoryBytes) }
        guard !embeddingHold.holds, reached < target else { return true }
        guard memory < settings.memoryBytesMax else {
            scheduleMaintenance()
            return true
        }
        // A collection without a model has nothing to compute, so steps may be large.
        let limit = schema.model == nil ? 4096 : settings.embeddingBatch
        let page = try store.page(after: reached, limit: limit, currentOnly: skipsSuperseded.load(ordering: .relaxed))
        // The log may be ahead of keyword search; its documents have no DocID yet.
        var through = min(page.through, target)

        let field = schema.vectorFields[0]
        let metric = try field.vectorMetric()
        var documents: [(doc: DocID, sequence: SequenceNumber, text: String?, vector: [Float]?)] = []
        let (entries, live) = state.withLock { ($0.documents, $0.live) }
        var reused = 0
        var waitsForModel = false
        for (sequence, operation) in page.operations where sequence <= through {
            guard case .upsert(let document) = operation.change,
                let doc = GenerationSnapshot.document(of: sequence, in: entries), live.contains(doc)
            else { continue }
            // A vector that was given for another model's dimensions does not fit this generation: as if none were given.
            if let given = document.vectors.first(where: { $0.name == field.name }), fits(given.values, field, metric) {
                documents.append((doc, sequence, nil, given.values))
            } else if let modelFingerprint, let stored = try store.vectors(model: modelFingerprint, field: field.name, sequence: sequence).first {
                reused += 1
                documents.append((doc, sequence, nil, stored))
            } else if schema.model != nil {
                let text = document.modelText(schema)
                guard !text.isEmpty else { continue }
                guard embedder != nil else {
                    // Going past it would leave it without a vector for good; it is embedded when the model is back.
                    through = SequenceNumber(sequence.rawValue - 1)
                    waitsForModel = true
                    break
                }
                documents.append((doc, sequence, text, nil))
            }
        }
        guard through > reached || !waitsForModel else { throw modelMissing }
        try computeMissing(&documents, field: field.name)

        var builder = VectorSegmentBuilder(dimension: field.dimension, metric: metric)
        for document in documents {
            guard let vector = document.vector else { continue }
            try builder.append(doc: document.doc, vector)
        }
        let segment = builder.count == 0 ? nil : try VectorSegment(MappedFile(copying: builder.finish()))
        state.withLock { state in
            if let segment { state.vectors.append(VectorEntry(segment: segment, file: nil, appliedThrough: through)) }
            state.vectorApplied = through
            state.vectorsReused += reused
            republish(&state)
        }
        completeWaiters()
        scheduleMaintenance()
        return false
    }

    private func fits(_ vector: [Float], _ field: CollectionSchema.VectorField, _ metric: VectorMetric) -> Bool {
        (try? VectorValidation.check(vector, dimension: field.dimension, metric: metric)) != nil
    }

    private var modelMissing: TandemError {
        TandemError(
            .failedPrecondition,
            "the embedding model '\(schema.model ?? "")' is not loaded; install it and start the daemon again, or rebuild with another model")
    }

    private func computeMissing(
        _ documents: inout [(doc: DocID, sequence: SequenceNumber, text: String?, vector: [Float]?)], field: String
    ) throws {
        let missing = documents.indices.filter { documents[$0].text != nil }
        guard !missing.isEmpty, let embedder, let modelFingerprint else { return }
        let results = try embedder.embed(missing.map { documents[$0].text! }, control: maintenanceControl)
        var computed: [DocumentStore.VectorEntry] = []
        var textsCut = 0
        var tokensCut = 0
        for (index, result) in zip(missing, results) {
            documents[index].vector = result.vector
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
