import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// The default models, where they are installed.
enum Models {
    static let folder = ProcessInfo.processInfo.environment["TANDEM_MODELS"] ?? "/var/lib/tandem/models"
    static let embedder = "all-MiniLM-L6-v2"
    static let reranker = "ms-marco-MiniLM-L-12-v2"
    static var areInstalled: Bool { FileSystem.exists(folder + "/" + embedder) && FileSystem.exists(folder + "/" + reranker) }
}

@Suite("Searches with real models", .enabled(if: Models.areInstalled, "the default models are not installed: run tools/fetch-models"), .serialized)
struct ModelTests {
    static let texts = [
        ("cats", "A cat sleeps on the warm windowsill."), ("dogs", "Puppies play fetch in the park."),
        ("bread", "Knead the dough, let it rise, and bake it until the crust is golden."), ("berlin", "Berlin has 3.5 million inhabitants."),
        ("python", "Use a virtual environment to isolate Python packages."), ("net", "A router forwards packets between networks."),
        ("moon", "The moon orbits the Earth every 27 days."), ("tea", "Steep green tea at eighty degrees."),
    ]

    func open(_ folder: String, models: Bool = true, log: LogLines = LogLines(), _ settings: GenerationSettings = tinySettings()) throws -> SearchEngine {
        try openEngine(folder, settings, models: models ? Models.folder : nil, log: log)
    }

    func fill(_ engine: SearchEngine) throws -> Collection {
        let collection = try engine.create(name: "c", schema: textSchema)
        #expect(collection.schema.model == Models.embedder && collection.schema.reranker == Models.reranker)
        _ = try collection.write(WriteBatch(Self.texts.map { .upsert(document($0.0, $0.1)) }), acknowledgement: .complete)
        return collection
    }

    @Test("meaning finds what words do not; the reranker blends, stops by its budget, and explains")
    func hybrid() throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder.path)
        defer { engine.close(within: .seconds(5)) }
        let collection = try fill(engine)
        func search(_ change: (inout SearchRequest) -> Void) throws -> SearchResponse {
            var request = SearchRequest(text: "kitten napping")
            request.rerank.isUnbounded = true
            change(&request)
            return try collection.search(request)
        }
        #expect(try search { $0.mode = .lexical }.hits.isEmpty)
        #expect(try search { $0.mode = .semantic }.hits.first?.id == "cats")
        let reranked = try search { $0.explain = true }
        #expect(reranked.hits.first?.id == "cats" && reranked.emptyLegs == ["lexical"])
        #expect(reranked.rerank?.reranked == Self.texts.count && reranked.rerank?.stopReason == .complete)
        for hit in reranked.hits {
            let why = try #require(hit.explanation)
            let weight = reranked.rerank!.weight
            #expect(hit.score == weight * why.rerankNormalized! + (1 - weight) * why.fusedNormalized!)
            #expect(why.passage != nil)
        }
        let part = try search { $0.rerank = .init(depth: 3, isUnbounded: true) }
        #expect(part.hits.prefix(3).allSatisfy { $0.rerank != nil } && part.hits.dropFirst(3).allSatisfy { $0.rerank == nil })
        let none = try search { $0.rerank = .init(budget: .zero) }
        #expect(none.rerank?.stopReason == .budget && none.hits.count == Self.texts.count)
        let plain = try search { $0.rerank.depth = 0 }
        #expect(plain.rerank == nil && none.hits.map(\.id).dropFirst(none.rerank!.reranked) == plain.hits.map(\.id).dropFirst(none.rerank!.reranked))
        let unknown = try search { $0.rerank.model = "nope" }
        #expect(unknown.degraded.map(\.stage) == ["rerank"] && unknown.hits.map(\.id) == plain.hits.map(\.id))
        let sure = try search { $0.thresholds.rerank = 0 }
        #expect(sure.hits.allSatisfy { $0.rerank == nil || $0.rerank! >= 0 })
    }

    @Test("a replay takes vectors from the store instead of computing them again, and so does a vacuum")
    func vectorsReused() throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder.path)
        let collection = try fill(engine)
        #expect(collection.embeddingCounts == (Self.texts.count, 0))
        let answer = try Outline(collection.search(SearchRequest(text: "sleeping animal", rerank: .init(depth: 0))))
        try collection.rebuild()
        #expect(eventually { collection.status().generation == 2 })
        #expect(eventually { collection.status().vectors == Self.texts.count })
        #expect(collection.embeddingCounts == (0, Self.texts.count))
        #expect(try Outline(collection.search(SearchRequest(text: "sleeping animal", rerank: .init(depth: 0)))) == answer)
        engine.close(within: .seconds(5))
        try FileSystem.removeTree(folder.path + "/collections/c/generations/2")
        let again = try open(folder.path)
        let reopened = try again.collection("c")
        #expect(eventually { reopened.status().vectorApplied == reopened.status().lastSequence })
        #expect(reopened.embeddingCounts == (0, Self.texts.count))
        #expect(try Outline(reopened.search(SearchRequest(text: "sleeping animal", rerank: .init(depth: 0)))) == answer)
        again.close(within: .seconds(5))
    }

    @Test("without its model a collection answers by words and keeps its vectors; what came meanwhile is embedded on the model's return")
    func modelMissing() throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder.path)
        let collection = try fill(engine)
        _ = collection
        engine.close(within: .seconds(5))

        let log = LogLines()
        let poor = try open(folder.path, models: false, log: log)
        let without = try poor.collection("c")
        #expect(log.contains("the embedding model cannot be loaded"))
        #expect(without.status().vectors == Self.texts.count)
        _ = try without.write(WriteBatch([.upsert(document("late", "A kitten naps in the sun."))]), acknowledgement: .searchable)
        #expect(eventually { without.status().problem?.contains(Models.embedder) == true })
        #expect(without.status().vectorApplied < without.status().lastSequence)
        let response = try without.search(SearchRequest(text: "kitten"))
        #expect(response.mode == .lexical && response.hits.map(\.id) == ["late"] && response.degraded.map(\.stage).contains("semantic"))
        expectError(.failedPrecondition, naming: Models.embedder) { try without.rebuild() }
        expectError(.failedPrecondition, naming: "in the log") {
            _ = try without.write(WriteBatch([.delete(id: "none"), .delete(id: "tea")]), acknowledgement: .complete)
        }
        poor.close(within: .seconds(5))

        let rich = try open(folder.path)
        let with = try rich.collection("c")
        #expect(eventually { with.status().vectorApplied == with.status().lastSequence })
        #expect(with.embeddingCounts.embedded == 1)
        #expect(try with.search(SearchRequest(text: "small cat asleep", mode: .semantic)).hits.prefix(2).map(\.id).contains("late"))
        rich.close(within: .seconds(5))
    }

    @Test("a collection swaps to a model and away from it while it serves; vectors of its own are never thrown out")
    func swap() throws {
        let folder = try TemporaryFolder()
        let engine = try open(folder.path)
        defer { engine.close(within: .seconds(5)) }
        let own = try engine.create(
            name: "own", schema: CollectionSchema(vectorFields: [.init(name: "v", dimension: 8)]), model: .none, reranker: .none)
        expectError(.invalidArgument, naming: "vectors of its own") { try own.rebuild(.init(model: .some(Models.embedder))) }
        let collection = try engine.create(name: "c", schema: CollectionSchema(), model: .none, reranker: .none)
        _ = try collection.write(WriteBatch(Self.texts.map { .upsert(document($0.0, $0.1)) }), acknowledgement: .complete)
        try collection.rebuild(.init(model: .some(Models.embedder), reranker: .some(Models.reranker)))
        #expect(eventually(.seconds(60)) { collection.status().generation == 2 }, "\(collection.status().problem ?? "")")
        #expect(eventually { collection.status().vectorApplied == collection.status().lastSequence })
        #expect(try collection.search(SearchRequest(text: "kitten napping", mode: .semantic)).hits.first?.id == "cats")
        #expect(try collection.search(SearchRequest(text: "kitten napping")).rerank?.model == Models.reranker)
        expectError(.notFound, naming: "nope") { try collection.rebuild(.init(model: .some("nope"))) }
        try collection.rebuild(.init(model: .some(nil), reranker: .some(nil)))
        #expect(eventually(.seconds(60)) { collection.status().generation == 3 })
        #expect(try collection.search(SearchRequest(text: "cat")).degraded.map(\.stage) == ["semantic"])
    }
}
