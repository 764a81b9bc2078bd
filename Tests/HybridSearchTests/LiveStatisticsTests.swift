import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// Goal: whatever happened to a collection, its scores are those of a fresh one with the same live documents, bit for bit.
/// Method: the same random operations under different segment layouts, a fresh collection beside, the same queries.
@Suite("Live statistics", .serialized)
struct LiveStatisticsTests {
    /// Applies random upserts, updates and deletes. - Returns: live documents in the order of their last write.
    func churn(_ collection: Collection, operations: Int, ids: Int, _ random: inout SeededGenerator, wait: Acknowledgement = .searchable) throws -> [Document] {
        var live: [String: (order: Int, document: Document)] = [:]
        var done = 0
        while done < operations {
            var batch: [WriteOperation] = []
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let id = "d\(Int.random(in: 0..<ids, using: &random))"
                done += 1
                if Int.random(in: 0..<4, using: &random) == 0 {
                    batch.append(.delete(id: id))
                    live[id] = nil
                } else {
                    var one = document(
                        id, words(Int.random(in: 0...60, using: &random), of: 300, &random),
                        title: words(Int.random(in: 0...5, using: &random), of: 300, &random))
                    // Now and then a field is absent altogether.
                    if Int.random(in: 0..<10, using: &random) == 0 { one.texts.removeAll { $0.name == "text" } }
                    batch.append(.upsert(one))
                    live[id] = (done, one)
                }
            }
            _ = try collection.write(WriteBatch(batch), acknowledgement: Int.random(in: 0..<3, using: &random) == 0 ? wait : .logged)
        }
        _ = try collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: wait)
        return live.values.sorted { $0.order < $1.order }.map(\.document)
    }

    func fresh(_ documents: [Document]) throws -> Bench {
        let bench = try Bench()
        for start in stride(from: 0, to: documents.count, by: 500) {
            _ = try bench.collection.write(WriteBatch(documents[start..<min(start + 500, documents.count)].map { .upsert($0) }))
        }
        _ = try bench.collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .searchable)
        return bench
    }

    static let queries = (0..<25).map { "word\($0) word\($0 * 7 % 300)" } + ["word0 word1 word2 word3 word299", "absent", "word5 word5 word5"]

    func compare(_ a: Collection, _ b: Collection, _ when: Comment) throws {
        for query in Self.queries {
            var request = lexical(query, limit: 1000)
            request.explain = query.hasPrefix("word5")
            let (x, y) = (try a.search(request), try b.search(request))
            #expect(Outline(x) == Outline(y), when)
            for (h, i) in zip(x.hits, y.hits) {
                #expect(h.explanation?.terms.map(\.documentFrequency) == i.explanation?.terms.map(\.documentFrequency), when)
                #expect(h.explanation?.terms.map(\.documentCount) == i.explanation?.terms.map(\.documentCount), when)
                #expect(h.document == i.document, when)
            }
        }
    }

    @Test("after random writes, refreshes, merges, seals and a reopening, scores equal a fresh collection's", arguments: [4 << 10, 64 << 10, 64 << 20])
    func equalFresh(seal: Int) throws {
        var random = SeededGenerator("statistics \(seal)")
        let settings = tinySettings(seal: seal)
        let bench = try Bench(textSchema, settings)
        var live = try churn(bench.collection, operations: 6000, ids: 900, &random)
        let expected = try fresh(live)
        defer { expected.close() }
        try compare(bench.collection, expected.collection, "right after the writes")
        let status = bench.collection.status()
        #expect(status.documents == live.count)
        #expect(status.problem == nil)
        try bench.collection.seal()
        try compare(bench.collection, expected.collection, "sealed")
        bench.close()

        let engine = try openEngine(bench.folder.path, settings)
        let again = try engine.collection("c")
        #expect(again.status().replayed == 0)
        try compare(again, expected.collection, "reopened")
        // More writes on top of what was loaded: dead counts that came from disk go on.
        for document in live.prefix(200) { _ = try again.write(WriteBatch([.delete(id: document.id)])) }
        _ = try again.write(WriteBatch([.delete(id: "none")]), acknowledgement: .searchable)
        live.removeFirst(200)
        let rest = try fresh(live)
        defer { rest.close() }
        try compare(again, rest.collection, "deleted after reopening")
        #expect(try again.check() == [])
        engine.close(within: .seconds(5))
    }

    @Test("deletes alone, with nothing left to seal, are checkpointed and not replayed")
    func deletesOnly() throws {
        let settings = tinySettings()
        let bench = try Bench(vectorSchema, settings)
        var random = SeededGenerator()
        _ = try bench.collection.write(
            WriteBatch((0..<200).map { .upsert(document("d\($0)", "alpha beta", vector: vector(&random))) }), acknowledgement: .complete)
        try bench.collection.seal()
        _ = try bench.collection.write(WriteBatch((0..<150).map { .delete(id: "d\($0)") }), acknowledgement: .complete)
        try bench.collection.seal()
        #expect(bench.collection.status().checkpoint == bench.collection.status().lastSequence)
        #expect(bench.collection.status().vectorCheckpoint == bench.collection.status().lastSequence)
        #expect(bench.collection.status().memoryBytes == 0)
        bench.close()
        let engine = try openEngine(bench.folder.path, settings)
        let collection = try engine.collection("c")
        #expect(collection.status().replayed == 0)
        #expect(collection.status().documents == 50)
        #expect(try collection.search(lexical("alpha", limit: 100)).hits.count == 50)
        engine.close(within: .seconds(5))
    }

    @Test("a collection whose every document was deleted answers with nothing")
    func allDeleted() throws {
        let bench = try Bench()
        defer { bench.close() }
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "alpha")), .upsert(document("b", "alpha"))]), acknowledgement: .searchable)
        _ = try bench.collection.write(WriteBatch([.delete(id: "a"), .delete(id: "b")]), acknowledgement: .searchable)
        let response = try bench.collection.search(lexical("alpha"))
        #expect(response.hits.isEmpty && response.emptyLegs == ["lexical"] && response.lexicalMatched == 0)
    }
}
