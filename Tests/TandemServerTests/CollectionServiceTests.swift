import TandemClient
import TandemServer
import Testing

@Suite("Collections over the wire", .timeLimit(.minutes(1)))
struct CollectionServiceTests {
    @Test("a collection without a schema has title and text, and no model")
    func plain() async throws {
        try await withDaemon { _, client in
            let made = try await client.createCollection("notes")
            #expect(made.name == "notes" && made.generation == 1 && made.documents == 0)
            #expect(made.schema?.textFields.map(\.name) == ["title", "text"])
            #expect(made.schema?.model == nil && made.schema?.reranker == nil && made.schema?.vectorFields == [])
            #expect(made.schema?.alpha == 0.5 && made.schema?.k1 == 1.2 && made.schema?.b == 0.75)
            #expect(made.schema?.analyzer?.stemmer == "auto" && (made.schema?.analyzer?.version ?? 0) > 0)
            let listed = try await client.listCollections()
            #expect(listed.map(\.name) == ["notes"] && listed[0].model == nil && listed[0].problem == nil)
            let described = try await client.describeCollection("notes")
            #expect(described.name == made.name && described.schema == made.schema && described.generation == made.generation)
        }
    }

    @Test("synonyms are set, shown, used and cleared; a rule that says nothing is refused")
    func synonyms() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("shop")
            _ = try await client.upsert([document("1", "a television")], into: "shop", acknowledgement: .searchable)
            let rules = [SynonymRule(to: ["tv", "television"]), SynonymRule(from: ["usa"], to: ["united states"])]
            let set = try await client.setSynonyms("shop", rules)
            #expect(set.rules == 2 && set.rulesBefore == 0)
            #expect(try await client.synonyms("shop") == rules)
            #expect(try await client.describeCollection("shop").synonymRules == 2)
            var request = SearchRequest(collection: "shop", text: "tv", mode: .lexical)
            #expect(try await client.search(request).hits.map(\.id) == ["1"])
            request.synonyms = false
            #expect(try await client.search(request).hits.isEmpty)
            let refused = await failure { try await client.setSynonyms("shop", [SynonymRule(to: ["tv"])]) }
            #expect(refused?.code == .invalidArgument && refused?.message.contains("rule 1") == true)
            #expect(await failure { try await client.setSynonyms("nosuch", rules) }?.code == .notFound)
            #expect(try await client.setSynonyms("shop", []).rulesBefore == 2)
            #expect(try await client.synonyms("shop").isEmpty)
        }
    }

    @Test("a schema comes back as it was given")
    func schema() async throws {
        try await withDaemon { _, client in
            var schema = CollectionSchema()
            schema.textFields = [TextFieldSchema(name: "body", weight: 2, analyzer: "html"), TextFieldSchema(name: "note", weight: 0, analyzer: "code")]
            schema.attributes = [
                AttributeSchema(name: "k", type: .keyword), AttributeSchema(name: "i", type: .int64), AttributeSchema(name: "f", type: .float64),
                AttributeSchema(name: "b", type: .bool), AttributeSchema(name: "t", type: .timestamp),
            ]
            schema.vectorFields = [
                VectorFieldSchema(name: "v", dimension: 3, metric: .dot, quantization: .int4),
                VectorFieldSchema(name: "w", dimension: 2, quantization: .binary),
            ]
            schema.analyzer = AnalyzerOptions(stemmer: "", stemWeight: 0.25, chainWeight: 0.5, stopWordBoost: 0)
            schema.analyzers = [
                AnalyzerDefinition(
                    name: "html", characterFilters: [CharacterFilter(kind: .html), CharacterFilter(kind: .pattern, pattern: "a+", replacement: "a")],
                    normalizer: "nfkc", tokenizer: "ngram", gramMin: 2, gramMax: 4, filters: ["fold", "stem"], language: "de")
            ]
            schema.languageAttribute = "k"
            schema.alpha = 0
            schema.k1 = 0.9
            schema.b = 0
            schema.rerankWeight = 1
            let made = try await client.createCollection("c", schema: schema).schema
            #expect(made?.textFields == schema.textFields && made?.attributes == schema.attributes && made?.vectorFields == schema.vectorFields)
            #expect(made?.analyzers == schema.analyzers && made?.languageAttribute == "k")
            #expect(made?.analyzer?.stemmer == "" && made?.analyzer?.stemWeight == 0.25)
            #expect(made?.analyzer?.chainWeight == 0.5 && made?.analyzer?.stopWordBoost == 0)
            #expect(made?.alpha == 0 && made?.k1 == 0.9 && made?.b == 0 && made?.rerankWeight == 1)
        }
    }

    @Test(
        "what a schema may not be is refused by name",
        arguments: [
            Refusal("an attribute without a type", "attribute 'k'", { $0.attributes = [AttributeSchema(name: "k")] }),
            Refusal("a type from the future", "attribute 'k'", { $0.attributes = [AttributeSchema(name: "k", type: ValueType(rawValue: 99))] }),
            Refusal("dimension 0 without a model", "dimension", { $0.vectorFields = [VectorFieldSchema(name: "v", dimension: 0)] }),
            Refusal(
                "a metric from the future", "metric", { $0.vectorFields = [VectorFieldSchema(name: "v", dimension: 2, metric: VectorMetric(rawValue: 9))] }),
            Refusal(
                "a quantization from the future", "quantization",
                { $0.vectorFields = [VectorFieldSchema(name: "v", dimension: 2, quantization: VectorQuantization(rawValue: 9))] }),
            Refusal("alpha that is no number", "alpha", { $0.alpha = .nan }),
            Refusal("alpha over 1", "alpha", { $0.alpha = 1.5 }),
            Refusal("a field named twice", "'a'", { $0.textFields = [TextFieldSchema(name: "a"), TextFieldSchema(name: "a")] }),
            Refusal("a field without a name", "field name", { $0.textFields = [TextFieldSchema(name: "")] }),
            Refusal("a negative weight", "weight", { $0.textFields = [TextFieldSchema(name: "a", weight: -1)] }),
            Refusal("a form's weight that is no number", "stem_weight", { $0.analyzer = AnalyzerOptions(stemWeight: .infinity) }),
            Refusal("a stemmer that does not exist", "stemmer", { $0.analyzer = AnalyzerOptions(stemmer: "klingon") }),
        ] as [Refusal<CollectionSchema>])
    func refusals(_ refusal: Refusal<CollectionSchema>) async throws {
        try await withDaemon { _, client in
            var schema = CollectionSchema()
            refusal.change(&schema)
            let error = await failure { _ = try await client.createCollection("c", schema: schema) }
            #expect(error?.code == .invalidArgument && error?.didRun == false && error?.isRetryable == false)
            #expect(error?.message.contains(refusal.word) == true, "\(error?.message ?? "")")
            let collections = try await client.listCollections()
            #expect(collections.isEmpty)
        }
    }

    @Test("names: bad ones are refused, one that exists is said to exist", arguments: ["", ".hidden", "a/b", "../up", "ü", String(repeating: "x", count: 129)])
    func names(_ name: String) async throws {
        try await withDaemon { _, client in
            #expect(await failure { _ = try await client.createCollection(name) }?.code == .invalidArgument)
            _ = try await client.createCollection("good")
            #expect(await failure { _ = try await client.createCollection("good") }?.code == .alreadyExists)
        }
    }

    @Test("a model that is not there is named, with what there is")
    func missingModel() async throws {
        try await withDaemon { _, client in
            let error = await failure { _ = try await client.createCollection("c", schema: CollectionSchema(model: "no-such-model")) }
            #expect(error?.code == .notFound && error?.message.contains("no-such-model") == true)
            // Default models where none are installed: a keyword collection.
            let made = try await client.createCollection("d", defaultModels: true)
            #expect(made.schema?.model == nil && made.schema?.reranker == nil)
            let none = try await client.createCollection("e", schema: CollectionSchema(model: "none", reranker: "none"), defaultModels: true)
            #expect(none.schema?.model == nil)
        }
    }

    @Test("an empty model name is no model that is missing, but a mistake, and names its field")
    func emptyModel() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("there")
            for (schema, field) in [(CollectionSchema(model: ""), "schema.model"), (CollectionSchema(model: "none", reranker: ""), "schema.reranker")] {
                for error in [
                    await failure { _ = try await client.createCollection("c", schema: schema) },
                    await failure { _ = try await client.createCollection("c", schema: schema, defaultModels: true) },
                    await failure { _ = try await client.rebuildCollection("there", schema: schema) },
                ] {
                    #expect(error?.code == .invalidArgument && error?.didRun == false)
                    #expect(
                        error?.message.hasPrefix("\(field): is empty") == true && error?.message.contains("there are: none") == true, "\(error?.message ?? "")")
                }
            }
            #expect(try await client.listCollections().map(\.name) == ["there"])
        }
    }

    @Test("every call on a collection that is not there says so")
    func unknown() async throws {
        try await withDaemon { _, client in
            let calls: [(String, () async throws -> Void)] = [
                ("describe", { _ = try await client.describeCollection("gone") }), ("drop", { try await client.dropCollection("gone") }),
                ("rebuild", { _ = try await client.rebuildCollection("gone") }), ("get", { _ = try await client.get(["1"], from: "gone") }),
                ("delete", { _ = try await client.delete(["1"], from: "gone") }),
                ("upsert", { _ = try await client.upsert([document("1", "x")], into: "gone") }),
                ("search", { _ = try await client.search(SearchRequest(collection: "gone", text: "x")) }), ("check", { _ = try await client.check("gone") }),
            ]
            for (name, call) in calls {
                let error = await failure(call)
                #expect(
                    error?.code == .notFound && error?.message.contains("'gone'") == true && error?.didRun == false, "\(name): \(String(describing: error))")
            }
            #expect(await failure { _ = try await client.search(SearchRequest(text: "x")) }?.code == .invalidArgument, "no name at all")
        }
    }

    @Test("a dropped collection is gone, and its name is free again")
    func drop() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("1", "one")], into: "c", acknowledgement: .searchable)
            try await client.dropCollection("c")
            #expect(try await client.listCollections().isEmpty)
            #expect(try await client.createCollection("c").documents == 0)
            #expect(try await client.search(SearchRequest(collection: "c", text: "one")).hits.isEmpty)
        }
    }

    @Test("searches beside a drop end with hits or with NOT_FOUND, and the daemon goes on")
    func dropDuringSearches() async throws {
        try await withDaemon { _, client in
            for round in 0..<5 {
                _ = try await client.createCollection("c")
                _ = try await client.upsert((0..<200).map { document("\($0)", "apple pear \($0)") }, into: "c", acknowledgement: .searchable)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            for _ in 0..<10 {
                                do {
                                    let found = try await client.search(SearchRequest(collection: "c", text: "apple"))
                                    #expect(found.hits.count == 10)
                                } catch let error as TandemClientError {
                                    #expect(error.code == .notFound || error.code == .unavailable, "round \(round): \(error)")
                                }
                            }
                        }
                    }
                    group.addTask { try await client.dropCollection("c") }
                    try await group.waitForAll()
                }
            }
            #expect(try await client.health().status == .serving)
        }
    }

    @Test("a rebuild flips to the next generation and changes what it was told to")
    func rebuild() async throws {
        try await withDaemon { _, client in
            var schema = CollectionSchema(attributes: [AttributeSchema(name: "n", type: .int64)])
            _ = try await client.createCollection("c", schema: schema)
            _ = try await client.upsert((0..<100).map { document("\($0)", "running \($0)") }, into: "c", acknowledgement: .searchable)
            _ = try await client.delete((0..<50).map(String.init), from: "c", acknowledgement: .searchable)
            #expect(try await client.describeCollection("c").deadDocuments == 50)
            #expect(try await client.search(SearchRequest(collection: "c", text: "run")).hits.count == 10, "by the stem")

            schema = CollectionSchema(analyzer: AnalyzerOptions(stemmer: ""), alpha: 0.25)
            #expect(try await client.rebuildCollection("c", schema: schema, wait: true) == 2)
            let now = try await client.describeCollection("c")
            #expect(now.generation == 2 && now.documents == 50 && now.deadDocuments == 0 && now.building == nil)
            #expect(now.schema?.alpha == 0.25 && now.schema?.attributes.count == 1)
            #expect(try await client.search(SearchRequest(collection: "c", text: "run")).hits.isEmpty, "no stems any more")
            #expect(try await client.search(SearchRequest(collection: "c", text: "running")).lexicalMatched == 50)

            let error = await failure {
                _ = try await client.rebuildCollection("c", schema: CollectionSchema(attributes: [AttributeSchema(name: "n", type: .bool)]))
            }
            #expect(error?.code == .invalidArgument && error?.message.contains("'n'") == true)
        }
    }

    @Test("a rebuild changes the quantization of the fields that it names, and of no other")
    func rebuildQuantization() async throws {
        try await withDaemon { _, client in
            let schema = CollectionSchema(vectorFields: [VectorFieldSchema(name: "a", dimension: 2), VectorFieldSchema(name: "b", dimension: 3)])
            let made = try await client.createCollection("c", schema: schema).schema
            #expect(made?.vectorFields.map(\.quantization) == [.binary, .binary])
            let change = CollectionSchema(vectorFields: [VectorFieldSchema(name: "b", quantization: .int4)])
            _ = try await client.rebuildCollection("c", schema: change, wait: true)
            let now = try await client.describeCollection("c").schema
            #expect(now?.vectorFields.map(\.quantization) == [.binary, .int4] && now?.vectorFields.map(\.dimension) == [2, 3])
            _ = try await client.rebuildCollection("c", wait: true)
            #expect(try await client.describeCollection("c").schema?.vectorFields.map(\.quantization) == [.binary, .int4])
        }
    }
}
