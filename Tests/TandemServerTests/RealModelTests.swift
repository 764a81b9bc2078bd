import TandemClient
import TandemServer
import Testing

@Suite("Hybrid search with the default models", .serialized, .enabled(if: RealModels.folder != nil, RealModels.areMissing), .timeLimit(.minutes(3)))
struct RealModelTests {
    private static let texts = [
        ("berlin", "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers."),
        ("newyork", "New York City is famous for the Metropolitan Museum of Art."), ("cat", "The cat sits on the mat."),
        ("rain", "It rains cats and dogs in London today."), ("swift", "Swift is a compiled programming language."),
    ]

    private func fill(_ client: TandemClient) async throws {
        _ = try await client.createCollection("m", defaultModels: true)
        _ = try await client.upsert(Self.texts.map { document($0.0, $0.1) }, into: "m", acknowledgement: .complete)
    }

    @Test("both legs, the cross-encoder and their reports come through the wire")
    func hybrid() async throws {
        try await withDaemon(configure: { $0.modelsFolder = RealModels.folder }) { _, client in
            try await fill(client)
            let made = try await client.describeCollection("m")
            #expect(made.schema?.model == "all-MiniLM-L6-v2" && made.schema?.reranker == "ms-marco-MiniLM-L-12-v2" && made.vectors == 5)
            let found = try await client.search(
                SearchRequest(
                    collection: "m", text: "How many people live in Berlin?", rerank: RerankOptions(unbounded: true), explain: true))
            #expect(found.mode == .hybrid && found.hits[0].id == "berlin" && found.degraded.isEmpty)
            #expect(found.rerank?.stop == .complete && found.rerank?.reranked == 5 && found.rerank?.model == "ms-marco-MiniLM-L-12-v2")
            // The check values of docs: about 9.3 for the right passage, -11.2 for the museum.
            #expect(abs((found.hits[0].rerank ?? 0) - 9.27) < 0.3)
            #expect(found.hits[0].explanation?.passage?.contains("population") == true && found.hits.allSatisfy { $0.hasVector == true })
            #expect(found.stages.map(\.name).contains("rerank") && found.stages.map(\.name).contains("embed"))

            let semantic = try await client.search(SearchRequest(collection: "m", text: "inhabitants of the German capital", mode: .semantic))
            #expect(semantic.hits[0].id == "berlin" && semantic.rerank == nil)
            let health = try await client.health()
            #expect(health.status == .serving)
            #expect(try await client.info().models.map(\.name).contains("all-MiniLM-L6-v2"))
        }
    }

    @Test("an unknown reranker degrades the answer and does not fail it")
    func degraded() async throws {
        try await withDaemon(configure: { $0.modelsFolder = RealModels.folder }) { _, client in
            try await fill(client)
            let found = try await client.search(SearchRequest(collection: "m", text: "cat", rerank: RerankOptions(depth: 5, model: "no-such-model")))
            #expect(!found.hits.isEmpty && found.degraded.map(\.stage) == ["rerank"] && found.hits.allSatisfy { $0.rerank == nil })
            let off = try await client.search(SearchRequest(collection: "m", text: "cat", rerank: RerankOptions(depth: 0)))
            #expect(off.rerank == nil && off.degraded.isEmpty)
            let budget = try await client.search(SearchRequest(collection: "m", text: "cat", rerank: RerankOptions(depth: 5, budgetMicroseconds: 0)))
            #expect(budget.rerank?.stop == .budget && budget.rerank?.reranked == 0)
        }
    }

    @Test("without its model folder a collection answers by keywords, and health says why")
    func withoutModels() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(data: folder.path + "/data", configure: { $0.modelsFolder = RealModels.folder }) { _, client in try await fill(client) }
        try await withDaemon(data: folder.path + "/data") { _, client in
            let found = try await client.search(SearchRequest(collection: "m", text: "cat"))
            #expect(found.mode == .lexical && !found.hits.isEmpty && !found.degraded.isEmpty)
            let health = try await client.health()
            #expect(health.status == .degraded && health.problems.contains { $0.contains("all-MiniLM-L6-v2") })
        }
    }

    @Test("a cancelled rerank frees its thread within a batch")
    func cancellation() async throws {
        try await withDaemon(configure: {
            $0.modelsFolder = RealModels.folder
            $0.searchThreads = 1
        }) { _, client in
            let passage = String(repeating: "many words about apples and pears in the garden of the old house ", count: 10)
            _ = try await client.createCollection("long", schema: CollectionSchema(model: "none", reranker: "ms-marco-MiniLM-L-12-v2"))
            _ = try await client.upsert((0..<400).map { document("\($0)", "\($0) " + passage) }, into: "long", acknowledgement: .searchable)
            let task = Task {
                try await client.search(
                    SearchRequest(collection: "long", text: "apples in the garden", mode: .lexical, rerank: RerankOptions(depth: 400, unbounded: true)),
                    timeout: .seconds(120))
            }
            try await Task.sleep(for: .milliseconds(1500))
            let cancelledAt = ContinuousClock.now
            task.cancel()
            _ = await task.result
            _ = try await client.search(SearchRequest(collection: "long", text: "apples", mode: .lexical))
            let waited = cancelledAt.duration(to: .now)
            print("a search on the one thread came through \(waited) after the rerank was cancelled")
            // One batch of inference is the grain; on a busy machine it takes its time.
            #expect(waited < .milliseconds(1000))
        }
    }
}
