import HybridSearch
import NIOCore
import NIOPosix
import SearchCore
import WireProtocol

extension ServiceRouter {
    func createCollection(_ call: ServerCall) throws {
        let message = try call.decodeRequest(CreateCollectionRequest.self)
        let given = message.schema ?? WireProtocol.CollectionSchema()
        let schema = try HybridSearch.CollectionSchema(given)
        let engine = try slot.engine
        try Self.check(given, engine.models)
        let collection = try engine.create(
            name: message.name, schema: schema, model: Self.choice(given.model, message.defaultModels),
            reranker: Self.choice(given.reranker, message.defaultModels))
        call.respond(CollectionDescription(collection.status()))
    }

    /// - Throws: `INVALID_ARGUMENT` for a model's name that is there and empty: no model would have it, and leaving it out means something else.
    private static func check(_ schema: WireProtocol.CollectionSchema, _ models: ModelLibrary) throws {
        for (field, name) in [("schema.model", schema.model), ("schema.reranker", schema.reranker)] where name == "" {
            throw Mapping.refuse(field, "is empty; expected 'none' or the name of an installed model (there are: \(models.known)), or leave it out")
        }
    }

    /// `none` says in words what leaving the field out says without the default models.
    private static func choice(_ name: String?, _ defaultModels: Bool) -> SearchEngine.ModelChoice {
        switch name {
        case nil: defaultModels ? .standard : .none
        case "none": .none
        case let name?: .named(name)
        }
    }

    func listCollections(_ call: ServerCall) throws {
        _ = try call.decodeRequest(ListCollectionsRequest.self)
        let engine = try slot.engine
        let open = engine.all.map { collection in
            let status = collection.status()
            return CollectionSummary(
                name: status.name, documents: UInt64(clamping: status.documents), model: status.schema.model,
                reranker: status.schema.reranker, problem: status.problem)
        }
        let unopened = engine.failures.map { CollectionSummary(name: $0.name, problem: "could not be opened: \($0.reason)") }
        call.respond(ListCollectionsResponse(collections: (open + unopened).sorted { $0.name < $1.name }))
    }

    func describeCollection(_ call: ServerCall) throws {
        let message = try call.decodeRequest(DescribeCollectionRequest.self)
        call.respond(CollectionDescription(try collection(message.name).status()))
    }

    func dropCollection(_ call: ServerCall) throws {
        let message = try call.decodeRequest(DropCollectionRequest.self)
        guard !message.name.isEmpty else { throw TandemError.invalidArgument("name: is missing") }
        try slot.engine.drop(message.name)
        call.respond(DropCollectionResponse())
    }

    func rebuildCollection(_ call: ServerCall) throws {
        let message = try call.decodeRequest(RebuildCollectionRequest.self)
        let collection = try collection(message.name)
        if let schema = message.schema { try Self.check(schema, slot.engine.models) }
        if message.schema?.vectorFields.contains(where: { $0.quantization != nil }) == true, collection.schema.vectorFields.isEmpty {
            throw Mapping.refuse("schema.vector_fields", "has a quantization, and collection '\(message.name)' has no vectors")
        }
        let change = try message.schema.map { try Self.change(from: collection.schema, to: $0) }
        let generation = try collection.rebuild(change ?? .init())
        guard message.wait else { return call.respond(RebuildCollectionResponse(generation: generation)) }
        watch(call, collection, generation)
    }

    func analyze(_ call: ServerCall) throws {
        let message = try call.decodeRequest(AnalyzeRequest.self)
        let report: AnalysisReport
        if message.collection.isEmpty {
            report = try HybridSearch.CollectionSchema().analyze(
                message.text, field: message.field, analyzer: message.analyzer, language: message.lang, asQuery: message.query)
        } else {
            report = try collection(message.collection).analyze(
                message.text, field: message.field, analyzer: message.analyzer, language: message.lang, asQuery: message.query)
        }
        call.respond(AnalyzeResponse(report))
    }

    func setSynonyms(_ call: ServerCall) throws {
        let message = try call.decodeRequest(SetSynonymsRequest.self)
        let rules = message.rules.map { HybridSearch.SynonymRule(from: $0.from, to: $0.to) }
        let before = try collection(message.collection).setSynonyms(rules)
        call.respond(SetSynonymsResponse(rules: UInt32(clamping: rules.count), rulesBefore: UInt32(clamping: before)))
    }

    func getSynonyms(_ call: ServerCall) throws {
        let message = try call.decodeRequest(GetSynonymsRequest.self)
        let rules = try collection(message.collection).synonyms
        call.respond(GetSynonymsResponse(rules: rules.map { WireProtocol.SynonymRule(from: $0.from, to: $0.to) }))
    }

    func mergeCollection(_ call: ServerCall) throws {
        let message = try call.decodeRequest(MergeCollectionRequest.self)
        let collection = try collection(message.name)
        let before = collection.status()
        try collection.merge(control: call.control)
        let after = collection.status()
        call.respond(
            MergeCollectionResponse(
                lexicalSegmentsBefore: UInt32(clamping: before.lexicalSegments), lexicalSegments: UInt32(clamping: after.lexicalSegments),
                vectorSegmentsBefore: UInt32(clamping: before.vectorSegments), vectorSegments: UInt32(clamping: after.vectorSegments),
                bytesBefore: UInt64(clamping: before.indexBytes), bytes: UInt64(clamping: after.indexBytes)))
    }

    /// Looks every 50 ms whether the new generation serves; no thread waits for it.
    private func watch(_ call: ServerCall, _ collection: HybridSearch.Collection, _ generation: UInt64) {
        MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .milliseconds(50)) {
            run(call, on: pools.administration) { call in
                let status = collection.status()
                if status.generation >= generation {
                    call.respond(RebuildCollectionResponse(generation: generation))
                } else if status.building?.generation == generation {
                    watch(call, collection, generation)
                } else {
                    throw TandemError(
                        .aborted, "generation \(generation) of collection '\(collection.name)' was given up: \(status.problem ?? "the daemon's log says why")")
                }
            }
        }
    }

    /// A new generation reads the documents that are in the log, so what they already use must stay.
    /// - Throws: `INVALID_ARGUMENT` naming a field that the new schema lacks or gives another type.
    static func change(from old: HybridSearch.CollectionSchema, to message: WireProtocol.CollectionSchema) throws -> HybridSearch.Collection.Rebuild {
        let new = try HybridSearch.CollectionSchema(message)
        if !message.textFields.isEmpty {
            for field in old.textFields where !new.textFields.contains(where: { $0.name == field.name }) {
                throw Mapping.refuse(
                    "schema", "text field '\(field.name)' is missing, and stored documents may use it; give it weight 0 to leave it out of searches")
            }
        }
        if !message.attributes.isEmpty {
            for field in old.attributes where !new.attributes.contains(field) {
                throw Mapping.refuse("schema", "attribute '\(field.name)' of type \(field.type) is missing, and stored documents may use it")
            }
        }
        for field in new.vectorFields where !old.vectorFields.contains(where: { $0.name == field.name && $0.metric == field.metric }) {
            throw Mapping.refuse("schema", "vector field '\(field.name)' cannot be added or change its metric in a rebuild")
        }
        return .init(
            model: message.model.map { $0 == "none" ? String?.none : $0 }, reranker: message.reranker.map { $0 == "none" ? String?.none : $0 },
            analyzer: { schema in
                if !message.textFields.isEmpty { schema.textFields = new.textFields }
                if !message.attributes.isEmpty { schema.attributes = new.attributes }
                for (field, asked) in zip(new.vectorFields, message.vectorFields) where asked.quantization != nil {
                    for known in schema.vectorFields.indices where schema.vectorFields[known].name == field.name {
                        schema.vectorFields[known].quantization = field.quantization
                    }
                }
                if message.analyzer != nil { schema.analyzer = new.analyzer }
                schema.alpha = message.alpha ?? schema.alpha
                schema.k1 = message.k1 ?? schema.k1
                schema.b = message.b ?? schema.b
                schema.rerankWeight = message.rerankWeight ?? schema.rerankWeight
            })
    }
}
