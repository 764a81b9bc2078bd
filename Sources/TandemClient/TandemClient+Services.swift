import WireProtocol

// Every call: `timeout` nil means the configuration's. Throws ``TandemClientError``.

/// The daemon.
extension TandemClient {
    /// Is the daemon able to answer?
    public func health(timeout: Duration? = nil) async throws -> HealthResponse {
        try await call(.health, HealthRequest(), timeout: timeout)
    }

    /// Version, build, models, limits.
    public func info(timeout: Duration? = nil) async throws -> InfoResponse {
        try await call(.info, InfoRequest(), timeout: timeout)
    }

    /// Counters as Prometheus text.
    public func metrics(timeout: Duration? = nil) async throws -> String {
        try await call(.metrics, MetricsRequest(), timeout: timeout, MetricsResponse.self).text
    }

    /// Copies all data, consistent and verified, into a new folder `path` on the server's machine, while it serves.
    public func backup(to path: String, timeout: Duration? = .seconds(3600)) async throws -> BackupResponse {
        try await call(.backup, BackupRequest(path: path), timeout: timeout)
    }

    /// Reads and verifies every file of one collection, or of all.
    public func check(_ collection: String? = nil, timeout: Duration? = .seconds(3600)) async throws -> CheckResponse {
        try await call(.check, CheckRequest(collection: collection), timeout: timeout)
    }
}

/// Collections.
extension TandemClient {
    /// Creates a collection. Without a schema: texts `title` and `text`; `defaultModels`: with the daemon's default models.
    /// - Throws: ALREADY_EXISTS, INVALID_ARGUMENT (names the field), NOT_FOUND (a model).
    public func createCollection(
        _ name: String, schema: CollectionSchema = CollectionSchema(), defaultModels: Bool = false, timeout: Duration? = nil
    ) async throws -> CollectionDescription {
        try await call(
            .createCollection, CreateCollectionRequest(name: name, schema: schema, defaultModels: defaultModels), timeout: timeout)
    }

    /// The collections, by name.
    public func listCollections(timeout: Duration? = nil) async throws -> [CollectionSummary] {
        try await call(.listCollections, ListCollectionsRequest(), timeout: timeout, ListCollectionsResponse.self).collections
    }

    /// Schema, counts, how far each leg has come, bytes.
    /// - Throws: NOT_FOUND.
    public func describeCollection(_ name: String, timeout: Duration? = nil) async throws -> CollectionDescription {
        try await call(.describeCollection, DescribeCollectionRequest(name: name), timeout: timeout)
    }

    /// Deletes a collection and everything in it.
    /// - Throws: NOT_FOUND.
    public func dropCollection(_ name: String, timeout: Duration? = nil) async throws {
        _ = try await call(
            .dropCollection, DropCollectionRequest(name: name), timeout: timeout, DropCollectionResponse.self)
    }

    /// Builds the next generation in the background and flips to it; `wait`: answers after the flip.
    /// - Returns: the new generation's number.
    public func rebuildCollection(
        _ name: String, schema: CollectionSchema? = nil, wait: Bool = false, timeout: Duration? = nil
    ) async throws -> UInt64 {
        try await call(
            .rebuildCollection, RebuildCollectionRequest(name: name, wait: wait, schema: schema), timeout: timeout,
            RebuildCollectionResponse.self
        ).generation
    }

    /// Shows how a text becomes terms, step by step. Stores nothing.
    public func analyze(_ request: AnalyzeRequest, timeout: Duration? = nil) async throws -> AnalyzeResponse {
        try await call(.analyze, request, timeout: timeout, AnalyzeResponse.self)
    }

    /// Replaces all synonyms of a collection, for the next searches; none removes them.
    /// - Throws: INVALID_ARGUMENT that names a rule, and changes nothing then.
    @discardableResult
    public func setSynonyms(_ collection: String, _ rules: [SynonymRule], timeout: Duration? = nil) async throws -> SetSynonymsResponse {
        try await call(.setSynonyms, SetSynonymsRequest(collection: collection, rules: rules), timeout: timeout, SetSynonymsResponse.self)
    }

    /// A collection's synonyms, as they were set.
    public func synonyms(_ collection: String, timeout: Duration? = nil) async throws -> [SynonymRule] {
        try await call(.getSynonyms, GetSynonymsRequest(collection: collection), timeout: timeout, GetSynonymsResponse.self).rules
    }

    /// Merges a collection's segments into one of documents and one of vectors; answers when that is done.
    /// - Throws: RESOURCE_EXHAUSTED where the result would take half the server's memory.
    public func mergeCollection(_ name: String, timeout: Duration? = nil) async throws -> MergeCollectionResponse {
        try await call(.mergeCollection, MergeCollectionRequest(name: name), timeout: timeout, MergeCollectionResponse.self)
    }
}

/// Documents.
extension TandemClient {
    /// Writes documents in one batch, applied in order and logged together. For many batches see ``upload(into:acknowledgement:inFlightMax:timeout:onAcknowledgement:_:)``.
    ///
    /// `condition`: applies to each of them. `idempotencyKey`: a batch that was applied under this key is not applied again,
    /// so it can be sent again safely after any error.
    public func upsert(
        _ documents: [Document], into collection: String, acknowledgement: Acknowledgement = .logged, condition: Condition? = nil,
        idempotencyKey: String? = nil, timeout: Duration? = nil
    ) async throws -> UpsertResponse {
        try await upsert(
            UpsertRequest(
                collection: collection, operations: documents.map { UpsertOperation(document: $0, condition: condition) },
                acknowledgement: acknowledgement, idempotencyKey: idempotencyKey),
            timeout: timeout)
    }

    /// Writes one batch, each operation with its own condition.
    public func upsert(_ request: UpsertRequest, timeout: Duration? = nil) async throws -> UpsertResponse {
        try await call(.upsert, request, timeout: timeout)
    }

    /// Deletes documents by id; ids that no document has are reported as not found, which is no error.
    public func delete(
        _ ids: [String], from collection: String, acknowledgement: Acknowledgement = .logged, idempotencyKey: String? = nil,
        timeout: Duration? = nil
    ) async throws -> DeleteResponse {
        try await delete(
            DeleteRequest(
                collection: collection, operations: ids.map { DeleteOperation(id: $0) }, acknowledgement: acknowledgement,
                idempotencyKey: idempotencyKey),
            timeout: timeout)
    }

    /// Deletes documents, each with its own condition.
    public func delete(_ request: DeleteRequest, timeout: Duration? = nil) async throws -> DeleteResponse {
        try await call(.delete, request, timeout: timeout)
    }

    /// Reads documents by id. `fields` nil: all stored fields; empty: none.
    public func get(
        _ ids: [String], from collection: String, fields: [String]? = nil, timeout: Duration? = nil
    ) async throws -> GetResponse {
        try await call(
            .get, GetRequest(collection: collection, ids: ids, fields: fields.map { FieldSelection(names: $0) }), timeout: timeout)
    }
}

/// Search.
extension TandemClient {
    /// Searches one collection. The call's deadline is also the search's: it stops reranking when that is near.
    /// - Throws: INVALID_ARGUMENT (names the field), NOT_FOUND (collection, model), DEADLINE_EXCEEDED.
    public func search(_ request: SearchRequest, timeout: Duration? = nil) async throws -> SearchResponse {
        try await call(.search, request, timeout: timeout)
    }
}
