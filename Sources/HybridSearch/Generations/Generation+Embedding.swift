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
                if isIdle { vectorWake.wait(timeout: .seconds(1)) }
            } catch {
                if isStopping.load(ordering: .acquiring) { return }
                report(problem: "embedding stopped, the semantic leg falls behind: \(error)")
                lastFailure = min(.seconds(30), max(.seconds(1), lastFailure * 2))
                vectorWake.wait(timeout: lastFailure)
            }
        }
    }

    /// Takes the next operations that keyword search already sees, and publishes their vectors.
    /// - Returns: true when there was nothing to do.
    private func embedStep() throws -> Bool {
        let (reached, target, memory) = state.withLock { ($0.vectorApplied, $0.applied, $0.memoryBytes) }
        guard reached < target else { return true }
        guard memory < settings.memoryBytesMax else {
            scheduleMaintenance()
            return true
        }
        // Without a model there is nothing to compute, so steps may be large.
        let limit = embedder == nil ? 4096 : settings.embeddingBatch
        let page = try store.page(after: reached, limit: limit, currentOnly: skipsSuperseded.load(ordering: .relaxed))
        // The log may be ahead of keyword search; its documents have no DocID yet.
        let through = min(page.through, target)

        let field = schema.vectorFields[0]
        var documents: [(doc: DocID, sequence: SequenceNumber, text: String?, vector: [Float]?)] = []
        let (entries, live) = state.withLock { ($0.documents, $0.live) }
        for (sequence, operation) in page.operations where sequence <= through {
            guard case .upsert(let document) = operation.change,
                let doc = GenerationSnapshot.document(of: sequence, in: entries), live.contains(doc)
            else { continue }
            if let given = document.vectors.first(where: { $0.name == field.name }) {
                documents.append((doc, sequence, nil, given.values))
            } else if let modelFingerprint, let stored = try store.vectors(model: modelFingerprint, field: field.name, sequence: sequence).first {
                documents.append((doc, sequence, nil, stored))
            } else if embedder != nil {
                let text = document.modelText(schema)
                if !text.isEmpty { documents.append((doc, sequence, text, nil)) }
            }
        }
        try computeMissing(&documents, field: field.name)

        var builder = VectorSegmentBuilder(dimension: field.dimension, metric: try field.vectorMetric())
        for document in documents {
            guard let vector = document.vector else { continue }
            try builder.append(doc: document.doc, vector)
        }
        let segment = builder.count == 0 ? nil : try VectorSegment(MappedFile(copying: builder.finish()))
        state.withLock { state in
            if let segment { state.vectors.append(VectorEntry(segment: segment, file: nil, appliedThrough: through)) }
            state.vectorApplied = through
            state.problem = nil
            republish(&state)
        }
        completeWaiters()
        scheduleMaintenance()
        return false
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
            state.textsCut += textsCut
            state.tokensCut += tokensCut
        }
    }
}
