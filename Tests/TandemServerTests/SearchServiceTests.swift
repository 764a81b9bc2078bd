import TandemClient
import TandemServer
import Testing

@Suite("Search over the wire", .timeLimit(.minutes(1)))
struct SearchServiceTests {
    static func fill(_ client: TandemClient) async throws {
        let schema = CollectionSchema(
            attributes: [AttributeSchema(name: "section", type: .keyword), AttributeSchema(name: "size", type: .int64)],
            vectorFields: [VectorFieldSchema(name: "v", dimension: 2)])
        _ = try await client.createCollection("c", schema: schema)
        let documents = (0..<60).map { index in
            var made = document(
                "d\(index)", String(repeating: "apple ", count: 1 + index % 7) + "pear number\(index)", title: index % 2 == 0 ? "even apple" : "odd",
                attributes: [
                    AttributeField(name: "section", keywords: [index % 3 == 0 ? "net" : "web", "all"]), AttributeField(name: "size", int64s: [Int64(index)]),
                ])
            made.vectors = [VectorField(name: "v", values: [Float(index), 1])]
            return made
        }
        _ = try await client.upsert(documents, into: "c", acknowledgement: .complete)
    }

    @Test("what may have been meant is said, or searched for, as the request has it")
    func spelling() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            var request = SearchRequest(collection: "c", text: "an aple", mode: .lexical)
            #expect(try await client.search(request).spelling == nil)
            request.spelling = SpellingOptions()
            let suggested = try await client.search(request)
            #expect(suggested.spelling?.text == "an apple" && suggested.spelling?.applied == false && suggested.hits.isEmpty)
            request.spelling = SpellingOptions(mode: .retry)
            let retried = try await client.search(request)
            #expect(retried.spelling?.applied == true && retried.hits.count == 10)
            let correction = retried.spelling?.corrections.first
            #expect(correction?.original == "aple" && correction?.corrected == "apple" && correction?.start == 3 && correction?.end == 7)
            #expect(correction?.originalDocuments == 0 && (correction?.correctedDocuments ?? 0) >= 60 && retried.stages.map(\.name).contains("spelling"))
            request.spelling = SpellingOptions(mode: SpellingMode(rawValue: 9))
            let refused = await failure { _ = try await client.search(request) }
            #expect(refused?.code == .invalidArgument && refused?.message.contains("spelling.mode") == true)
        }
    }

    @Test("hits come best first, with versions, stored fields, stages and counts")
    func lexical() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let found = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical))
            #expect(found.hits.count == 10 && found.lexicalMatched == 60 && found.mode == .lexical)
            #expect(found.hits.map(\.score) == found.hits.map(\.score).sorted(by: >))
            #expect(found.hits.allSatisfy { $0.lexical == $0.score && $0.semantic == nil && $0.rerank == nil && $0.explanation == nil })
            #expect(found.hits[0].document?.texts.count == 2 && found.hits[0].version > 0)
            #expect(found.stages.map(\.name).contains("lexical") && found.durationMicroseconds > 0 && found.generation == 1)
            #expect(found.degraded.isEmpty && !found.approximate)

            let bare = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, fields: FieldSelection()))
            #expect(bare.hits.allSatisfy { $0.document == nil })
            let title = try await client.search(
                SearchRequest(collection: "c", text: "apple", mode: .lexical, fields: FieldSelection(names: ["title", "size"])))
            #expect(title.hits.allSatisfy { $0.document?.texts.map(\.name) == ["title"] && $0.document?.attributes.map(\.name) == ["size"] })
        }
    }

    @Test("several vector fields, several vectors of a document in one: sent, described, read and searched")
    func vectorFields() async throws {
        try await withDaemon { _, client in
            let fields = [VectorFieldSchema(name: "a", dimension: 2), VectorFieldSchema(name: "b", dimension: 3, metric: .dot)]
            let made = try await client.createCollection("c", schema: CollectionSchema(vectorFields: fields))
            #expect(made.schema?.vectorFields.map(\.name) == fields.map(\.name) && made.schema?.vectorFields.map(\.metric) == fields.map(\.metric))
            var (one, two) = (document("one", "apple"), document("two", "pear"))
            one.vectors = [VectorField(name: "a", values: [1, 0]), VectorField(name: "b", values: [1, 0, 0]), VectorField(name: "b", values: [0, 2, 0])]
            two.vectors = [VectorField(name: "b", values: [0, 1, 0])]
            _ = try await client.upsert([one, two], into: "c", acknowledgement: .complete)
            let held = try await client.describeCollection("c")
            #expect(held.vectorFields.map(\.name) == ["a", "b"] && held.vectorFields.map(\.vectors) == [1, 3] && held.vectors == 4)
            #expect(try await client.get(["one"], from: "c").documents[0].document?.vectors == one.vectors)
            var request = SearchRequest(collection: "c", mode: .semantic)
            request.vector = [0, 1, 0]
            request.vectorField = "b"
            let hits = try await client.search(request).hits
            #expect(hits.map(\.id) == ["one", "two"] && hits.map(\.semantic) == [2, 1])
            // The mean of one's vectors is (.5, 1, 0).
            var recommend = SearchRequest(collection: "c", vectorField: "b", recommend: [Example(id: "one", weight: -2)])
            let recommended = try await client.search(recommend)
            #expect(recommended.mode == .semantic && recommended.hits.map(\.id) == ["two"] && recommended.hits.map(\.semantic) == [-2])
            recommend.recommend.append(Example(id: "three"))
            let unknown = await #expect(throws: TandemClientError.self) { try await client.search(recommend) }
            #expect(unknown?.code == .notFound && unknown?.message.contains("'three'") == true)
            for (field, word) in [(nil, "vector field 'a': the vector has 3 components"), ("z", "vector field 'z' is not in the schema")] as [(String?, String)]
            {
                request.vectorField = field
                let error = await #expect(throws: TandemClientError.self) { try await client.search(request) }
                #expect(error?.code == .invalidArgument && error?.message.contains(word) == true, "\(String(describing: error))")
            }
        }
    }

    @Test("pages together are the whole order, without a hit twice or lost")
    func paging() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let whole = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, limit: 60)).hits
            var pages: [Hit] = []
            for offset in stride(from: 0, to: 70, by: 7) {
                pages += try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, limit: 7, offset: UInt32(offset))).hits
            }
            #expect(whole.count == 60 && pages.map(\.id) == whole.map(\.id))
            #expect(try await client.search(SearchRequest(collection: "c", text: "apple", limit: 0)).hits.isEmpty)
        }
    }

    @Test("a query comes as text with syntax or as a postfix list, and both find the same")
    func clauses() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            var written = SearchRequest(collection: "c", text: "+apple -title:odd number7^2", mode: .lexical, limit: 60)
            written.syntax = .strict
            var built = SearchRequest(collection: "c", mode: .lexical, limit: 60)
            built.clauses = [
                QueryClause(op: .allWords, text: "apple"), QueryClause(op: .any, text: "number7"), QueryClause(op: .boost, value: 2),
                QueryClause(op: .allWords, text: "odd", field: "title"), QueryClause(op: .boolean, must: 1, should: 1, mustNot: 1),
            ]
            let (one, other) = (try await client.search(written), try await client.search(built))
            #expect(one.hits.count == 30 && one.hits.allSatisfy { Int($0.id.dropFirst())! % 2 == 0 })
            #expect(one.hits.map(\.id) == other.hits.map(\.id) && one.hits.map(\.score) == other.hits.map(\.score))

            let prefixed = SearchRequest(collection: "c", mode: .lexical, limit: 60, clauses: [QueryClause(op: .prefix, text: "Number4")])
            #expect(Set(try await client.search(prefixed).hits.map(\.id)) == Set(["d4"] + (40..<50).map { "d\($0)" }))

            for (clauses, reason) in [
                ([QueryClause(op: .boolean, must: 1)], "clause 1: pops 1 of 0"), ([QueryClause(op: .any)], "clause 1: any without text"),
                ([QueryClause(op: .matchAll), QueryClause(op: .matchAll)], "leave 2 sets"), ([QueryClause()], "clause 1.op"),
                ([QueryClause(op: .matchAll), QueryClause(op: .boolean, must: .max, should: .max)], "clause 2: pops 8589934590 of 1"),
                (Array(repeating: QueryClause(op: .matchAll), count: 1100), "1100 clauses"),
            ] {
                let request = SearchRequest(collection: "c", mode: .lexical, clauses: clauses)
                let error = await #expect(throws: TandemClientError.self) { try await client.search(request) }
                #expect(error?.code == .invalidArgument && error?.message.contains(reason) == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test("both forms of a filter find the same, in each leg")
    func filters() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let nodes = Filter(nodes: [
                FilterNode(op: .equal, field: "section", values: [Value(keywordValue: "net")]),
                FilterNode(op: .range, field: "size", lower: Value(int64Value: 10), upper: Value(int64Value: 40), upperInclusive: false),
                FilterNode(op: .and, count: 2), FilterNode(op: .in, field: "size", values: [Value(int64Value: 12), Value(int64Value: 15)]),
                FilterNode(op: .not), FilterNode(op: .and, count: 2),
            ])
            let text = Filter(expression: #"section = "net" and size >= 10 and size < 40 and not size in (12, 15)"#)
            let expected = Set((10..<40).filter { $0 % 3 == 0 && $0 != 12 && $0 != 15 }.map { "d\($0)" })
            for filter in [nodes, text] {
                let lexical = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, limit: 50, filter: filter))
                #expect(Set(lexical.hits.map(\.id)) == expected && lexical.lexicalMatched == UInt64(expected.count))
                let semantic = try await client.search(SearchRequest(collection: "c", vector: [1, 0], mode: .semantic, limit: 50, filter: filter))
                #expect(Set(semantic.hits.map(\.id)) == expected)
            }
        }
    }

    @Test("explanations add up to the scores")
    func explain() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let found = try await client.search(SearchRequest(collection: "c", text: "apple pears", mode: .lexical, explain: true))
            for hit in found.hits {
                let terms = hit.explanation?.terms ?? []
                #expect(terms.map(\.term) == ["apple", "pears"])
                #expect(abs(terms.reduce(0) { $0 + $1.score } - hit.score) < 1e-9)
                #expect(terms.allSatisfy { $0.documentCount == 60 && $0.documentFrequency == 60 && !$0.matches.isEmpty })
                #expect(hit.explanation?.summary.isEmpty == false)
            }
            let hybrid = try await client.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], alpha: 0.25, explain: true))
            #expect(hybrid.mode == .hybrid && hybrid.lexicalBounds != nil && hybrid.semanticBounds != nil)
            for hit in hybrid.hits {
                let normalized = (hit.explanation?.lexicalNormalized ?? .nan, hit.explanation?.semanticNormalized ?? .nan)
                #expect(abs(0.25 * normalized.1 + 0.75 * normalized.0 - hit.fused) < 1e-12)
            }
        }
    }

    @Test("a phrase is explained by how often a hit has it, nearer matches counting more")
    func explainPhrase() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("d", "red fish, red blue fish", title: "red fish")], into: "c", acknowledgement: .searchable)
            for (text, frequencies) in [("\"red fish\"~1", [1, 1.5]), ("\"red fish\"", [1, 1])] {
                var request = SearchRequest(collection: "c", text: text, mode: .lexical, explain: true)
                request.syntax = .strict
                let hit = try #require(try await client.search(request).hits.first)
                let term = try #require(hit.explanation?.terms.first)
                #expect(hit.explanation?.terms.count == 1 && term.term == text && abs(term.score - hit.score) < 1e-12)
                #expect(term.matches.map(\.field) == ["title", "text"] && term.matches.map(\.form) == ["phrase", "phrase"])
                #expect(term.matches.map(\.phraseFrequency) == frequencies && term.matches.map(\.frequency) == [1, 1])
                #expect(term.matches.map(\.fieldLength) == [2, 5])
            }
            let words = try await client.search(SearchRequest(collection: "c", text: "red", mode: .lexical, explain: true))
            #expect(words.hits.first?.explanation?.terms.first?.matches.allSatisfy { $0.phraseFrequency == nil && $0.frequency > 0 } == true)
        }
    }

    @Test("a threshold cuts its own leg only")
    func thresholds() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let all = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, limit: 60)).hits
            let middle = all[30].score
            let cut = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical, limit: 60, thresholds: Thresholds(lexical: middle)))
                .hits
            #expect(cut.map(\.id) == all.filter { $0.score >= middle }.map(\.id))
            let hybrid = try await client.search(
                SearchRequest(collection: "c", text: "apple", vector: [1, 0], limit: 60, thresholds: Thresholds(lexical: 1e9))
            ).hits
            #expect(hybrid.count == 60 && hybrid.allSatisfy { $0.lexical == nil && $0.semantic != nil })
            let fused = try await client.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], limit: 60, thresholds: Thresholds(fused: 0.5)))
                .hits
            #expect(!fused.isEmpty && fused.count < 60 && fused.allSatisfy { $0.fused >= 0.5 })
        }
    }

    @Test("alpha 0 and 1 are the pure legs, and a collection without a model answers hybrid text queries by keywords, flagged")
    func narrowing() async throws {
        try await withDaemon { _, client in
            try await Self.fill(client)
            let pure = try await client.search(SearchRequest(collection: "c", text: "apple", mode: .lexical)).hits.map(\.id)
            let zero = try await client.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], alpha: 0))
            #expect(zero.hits.map(\.id) == pure && zero.mode == .lexical)
            let one = try await client.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], alpha: 1))
            #expect(one.mode == .semantic && one.hits[0].id == "d59")
            let narrowed = try await client.search(SearchRequest(collection: "c", text: "apple"))
            #expect(narrowed.hits.map(\.id) == pure && narrowed.degraded.map(\.stage) == ["semantic"])
            let error = await failure { _ = try await client.search(SearchRequest(collection: "c", text: "apple", embedderFailure: .fail)) }
            #expect(error?.code == .failedPrecondition)
        }
    }

    @Test(
        "a request that cannot be is refused by the name of what is wrong",
        arguments: [
            Refusal("alpha", { $0.alpha = .nan }), Refusal("alpha", { $0.alpha = -0.1 }), Refusal("rrf", { $0.rrfK = 0 }),
            Refusal("limit", { $0.limit = 10_001 }), Refusal("offset", { $0.offset = 9_999 }), Refusal("depth", { $0.depth = 0 }),
            Refusal("k1", { $0.k1 = -1 }), Refusal("b ", { $0.b = 2 }),
            Refusal("mode", { $0.mode = SearchMode(rawValue: 9) }), Refusal("normalizer", { $0.normalizer = Normalizer(rawValue: 9) }),
            Refusal("embedder_failure", { $0.embedderFailure = EmbedderFailure(rawValue: 9) }),
            Refusal("filter", { $0.filter = Filter(nodes: [FilterNode(op: .all)], expression: "size > 1") }), Refusal("filter", { $0.filter = Filter() }),
            Refusal("column 9", { $0.filter = Filter(expression: "size >= ") }), Refusal("'nonsense'", { $0.filter = Filter(expression: "nonsense = 1") }),
            Refusal("node 1", { $0.filter = Filter(nodes: [FilterNode(op: .equal, field: "size", values: [])]) }),
            Refusal("node 1", { $0.filter = Filter(nodes: [FilterNode(op: .equal, field: "size", values: [Value()])]) }),
            Refusal("node 1", { $0.filter = Filter(nodes: [FilterNode(op: .exists, field: "size", values: [Value(int64Value: 1)])]) }),
            Refusal("node 2", { $0.filter = Filter(nodes: [FilterNode(op: .all), FilterNode(op: .and, count: 2)]) }),
            Refusal("node 1", { $0.filter = Filter(nodes: [FilterNode(op: FilterOperator(rawValue: 50))]) }),
            Refusal("'nonsense'", { $0.fieldWeights = [FieldWeight(field: "nonsense", weight: 1)] }),
            Refusal("'text'", { $0.fieldWeights = [FieldWeight(field: "text", weight: 1), FieldWeight(field: "text", weight: 2)] }),
            Refusal("'nonsense'", { $0.fields = FieldSelection(names: ["nonsense"]) }), Refusal("empty", { $0.text = "  " }),
            Refusal("min_lexical", { $0.thresholds = Thresholds(lexical: .nan) }),
            Refusal("rerank", { $0.rerank = RerankOptions(budgetMicroseconds: 1, unbounded: true) }),
            Refusal("rerank.model", { $0.rerank = RerankOptions(model: "") }),
            Refusal("rerank weight", { $0.rerank = RerankOptions(weight: 2) }), Refusal("3", { $0.vector = [1, 2, 3] }),
            Refusal("0", { $0.vector = [.infinity, 1] }),
            Refusal("bytes", { $0.text = String(repeating: "x", count: 70_000) }),
        ] as [Refusal<SearchRequest>])
    func refusals(_ refusal: Refusal<SearchRequest>) async throws {
        try await withDaemon { _, client in
            let schema = CollectionSchema(attributes: [AttributeSchema(name: "size", type: .int64)], vectorFields: [VectorFieldSchema(name: "v", dimension: 2)])
            _ = try await client.createCollection("c", schema: schema)
            var request = SearchRequest(collection: "c", text: "apple", limit: 10)
            refusal.change(&request)
            let error = await failure { _ = try await client.search(request) }
            #expect(error?.code == .invalidArgument && error?.didRun == false, "\(String(describing: error))")
            #expect(error?.message.contains(refusal.word) == true, "\(error?.message ?? "")")
        }
    }

    @Test("clients side by side get what one alone gets")
    func concurrency() async throws {
        try await withDaemon { daemon, client in
            try await Self.fill(client)
            let alone = try await client.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], limit: 60)).hits.map { "\($0.id) \($0.score)" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let other = TandemClient(daemon.endpoint)
                        for _ in 0..<25 {
                            let found = try await other.search(SearchRequest(collection: "c", text: "apple", vector: [1, 0], limit: 60))
                            #expect(found.hits.map { "\($0.id) \($0.score)" } == alone)
                        }
                        await other.shutDown()
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
