import Foundation
import HybridSearch
import SearchCore
import Storage
import Testing

/// Searches over documents with client vectors, against brute force over the same documents.
@Suite("Searches over both legs")
struct SearchTests {
    let bench: Bench
    let documents: [Document]

    init() throws {
        var random = SeededGenerator("searches")
        bench = try Bench(vectorSchema, tinySettings())
        let sections = ["net", "text", "games"]
        var documents: [Document] = []
        for i in 0..<600 {
            // A tenth has no vector, a tenth no text.
            let text = i % 10 == 1 ? "" : words(20, of: 100, &random)
            let given: [Float]? = i % 10 == 2 ? nil : vector(&random)
            documents.append(document("d\(i)", text, section: sections[i % 3], size: Int64(i), vector: given))
        }
        self.documents = documents
        for start in stride(from: 0, to: 600, by: 100) {
            _ = try bench.collection.write(
                WriteBatch(documents[start..<(start + 100)].map { .upsert($0) }), acknowledgement: start == 500 ? .complete : .logged)
        }
    }

    func cosine(_ a: [Float], _ b: [Float]) -> Double {
        let dot = zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        return dot / sqrt(a.reduce(0) { $0 + Double($1) * Double($1) } * b.reduce(0) { $0 + Double($1) * Double($1) })
    }

    @Test("a member that one leg found carries the other leg's exact score")
    func trueScores() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        for _ in 0..<20 {
            let query = vector(&random)
            let text = "word\(random.zipf(100)) word\(random.zipf(100))"
            var all = lexical(text, limit: 1000)
            all.mode = .lexical
            let bm25 = Dictionary(uniqueKeysWithValues: try bench.collection.search(all).hits.map { ($0.id, $0.lexical!) })
            let response = try bench.collection.search(SearchRequest(text: text, vector: query, limit: 50, depth: 10))
            #expect(response.poolSize > 10 && response.poolSize <= 100)
            for hit in response.hits {
                #expect(hit.lexical == bm25[hit.id])
                let given = documents.first { $0.id == hit.id }!.vectors.first?.values
                #expect(hit.hasVector == (given != nil))
                if let given { #expect(abs(hit.semantic! - cosine(query, given)) < 1e-5) } else { #expect(hit.semantic == nil) }
            }
            #expect(zip(response.hits, response.hits.dropFirst()).allSatisfy { $0.fused >= $1.fused })
        }
    }

    @Test("alpha 0 and 1 give exactly the pure query's hits")
    func pure() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        let query = vector(&random)
        func search(_ mode: SearchRequest.Mode, _ alpha: Double?) throws -> SearchResponse {
            try bench.collection.search(SearchRequest(text: "word1 word2", vector: query, mode: mode, alpha: alpha, limit: 40))
        }
        #expect(try Outline(search(.hybrid, 0)) == Outline(search(.lexical, nil)))
        #expect(try Outline(search(.hybrid, 1)) == Outline(search(.semantic, nil)))
        #expect(try search(.hybrid, 0).mode == .lexical && search(.hybrid, 0).semanticBounds == nil)
        #expect(try search(.hybrid, 1).mode == .semantic && search(.hybrid, 1).lexicalMatched == nil)
    }

    @Test("a threshold affects its own leg only")
    func thresholds() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        let query = vector(&random)
        var request = SearchRequest(text: "word1 word2", vector: query, limit: 300, depth: 300)
        let plain = try bench.collection.search(request)
        let median = plain.hits.compactMap(\.semantic).sorted()[plain.hits.count / 4]
        request.thresholds.semantic = median
        let cut = try bench.collection.search(request)
        #expect(cut.hits.compactMap(\.semantic).allSatisfy { $0 >= median })
        // Those below stay by their words, without a semantic score, and still count as having a vector.
        #expect(cut.hits.contains { $0.semantic == nil && $0.hasVector && $0.lexical != nil })
        #expect(cut.lexicalMatched == plain.lexicalMatched)
        request.thresholds = .init(lexical: 1e9)
        let none = try bench.collection.search(request)
        #expect(none.hits.allSatisfy { $0.lexical == nil } && none.emptyLegs == ["lexical"] && !none.hits.isEmpty)
        #expect(none.hits[0].fused <= none.alpha)
        request.thresholds = .init(fused: plain.hits[9].fused)
        #expect(try bench.collection.search(request).hits.map(\.id) == plain.hits.filter { $0.fused >= plain.hits[9].fused }.map(\.id))
        // In a one-leg mode there is no fused scale.
        request.mode = .lexical
        request.thresholds = .init(fused: 1e9)
        #expect(try !bench.collection.search(request).hits.isEmpty)
    }

    @Test("ties across the border of K fall by id bytes, whatever the order of writing")
    func boundaryTies() throws {
        defer { bench.close() }
        let tied = try Bench(vectorSchema, tinySettings())
        defer { tied.close() }
        var random = SeededGenerator()
        for id in (0..<300).shuffled(using: &random) {
            _ = try tied.collection.write(WriteBatch([.upsert(document(String(format: "%03d", id), "same words", vector: [1, 0, 0, 0, 0, 0, 0, 0]))]))
        }
        _ = try tied.collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .complete)
        let expected = (0..<10).map { String(format: "%03d", $0) }
        for mode in SearchRequest.Mode.allCases {
            let response = try tied.collection.search(SearchRequest(text: "same", vector: [1, 0, 0, 0, 0, 0, 0, 0], mode: mode, limit: 10, depth: 10))
            #expect(response.hits.map(\.id) == expected, "\(mode)")
        }
        let second = try tied.collection.search(SearchRequest(text: "same", mode: .lexical, limit: 10, offset: 10))
        #expect(second.hits.map(\.id) == (10..<20).map { String(format: "%03d", $0) })
    }

    @Test("filters hold in both legs, by expression and by nodes, and follow updates")
    func filters() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        let query = vector(&random)
        for mode in SearchRequest.Mode.allCases {
            var request = SearchRequest(text: "word0 word1 word2", vector: query, mode: mode, limit: 600)
            let all = try bench.collection.search(request)
            request.filter = .expression("section = \"net\" and size >= 300")
            let some = try bench.collection.search(request)
            let allowed = Set(documents.enumerated().filter { $0.offset % 3 == 0 && $0.offset >= 300 }.map(\.element.id))
            #expect(some.hits.map(\.id).allSatisfy(allowed.contains))
            #expect(Set(some.hits.map(\.id)) == Set(all.hits.map(\.id)).intersection(allowed))
            request.filter = .nodes(
                Filter(nodes: [
                    .equal("section", .keyword("net")),
                    .range("size", lower: .int64(300), lowerInclusive: true, upper: nil, upperInclusive: false), .and(2),
                ]))
            #expect(try Outline(bench.collection.search(request)) == Outline(some))
        }
        // The same filter again, from the cache, after a document moved in and one moved out.
        let (into, out) = (documents[301], documents[300])
        _ = try bench.collection.write(
            WriteBatch([
                .upsert(document(into.id, "word0", section: "net", size: 301, vector: query)),
                .upsert(document(out.id, "word0", section: "text", size: 300, vector: query)),
            ]), acknowledgement: .complete)
        var request = SearchRequest(text: "word0", vector: query, limit: 600)
        request.filter = .expression("section = \"net\" and size >= 300")
        let ids = try bench.collection.search(request).hits.map(\.id)
        #expect(ids.contains(into.id) && !ids.contains(out.id))
    }

    @Test("the reply tells the stages, the bounds, and the pool; explain adds up to the scores")
    func reply() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        let response = try bench.collection.search(SearchRequest(text: "word1 word2", vector: vector(&random), limit: 10, explain: true, fields: ["text"]))
        #expect(Set(response.stages.map(\.name)).isSuperset(of: ["analyze", "filter", "embed", "lexical", "semantic", "true_scores", "fuse", "fetch"]))
        #expect(response.alpha == 0.5 && response.normalizer == .minMax && !response.isApproximate)
        for hit in response.hits {
            let why = try #require(hit.explanation)
            #expect(abs(why.terms.reduce(0) { $0 + $1.score } - (hit.lexical ?? 0)) < 1e-12)
            #expect(hit.fused == 0.5 * why.semanticNormalized! + 0.5 * why.lexicalNormalized!)
            #expect(hit.document!.attributes.isEmpty && hit.document!.vectors.isEmpty)
            #expect(!why.summary.isEmpty)
        }
    }

    @Test("deadline and cancel end a search; a token that nothing reaches ends at the deadline")
    func control() throws {
        defer { bench.close() }
        let cancelled = QueryControl()
        cancelled.cancel()
        expectError(.cancelled, naming: "cancel") { _ = try bench.collection.search(lexical("word1"), control: cancelled) }
        expectError(.deadlineExceeded, naming: "deadline") { _ = try bench.collection.search(lexical("word1"), control: QueryControl(timeout: .zero)) }
        var request = lexical("word1")
        request.after = SequenceNumber(1_000_000)
        expectError(.invalidArgument, naming: "token") { _ = try bench.collection.search(request) }
    }

    @Test("a query vector that cannot be is refused by its component")
    func badVector() throws {
        defer { bench.close() }
        for (vector, word) in [([Float](repeating: 1, count: 7), "7"), ([1, .nan, 0, 0, 0, 0, 0, 0], "1"), ([Float](repeating: 0, count: 8), "zero")] {
            expectError(.invalidArgument, naming: word) { _ = try bench.collection.search(SearchRequest(text: "word1", vector: vector)) }
        }
    }

    @Test("without a model and without a vector, hybrid answers by words and says so, semantic fails")
    func noModel() throws {
        defer { bench.close() }
        let response = try bench.collection.search(SearchRequest(text: "word1"))
        #expect(response.mode == .lexical && response.degraded.map(\.stage) == ["semantic"] && !response.hits.isEmpty)
        expectError(.failedPrecondition, naming: "embedding model") { _ = try bench.collection.search(SearchRequest(text: "word1", mode: .semantic)) }
        expectError(.failedPrecondition, naming: "embedding model") {
            _ = try bench.collection.search(SearchRequest(text: "word1", embedderFailure: .fail))
        }
        // alpha 1 asks for the semantic leg alone, and gets the words instead of nothing.
        #expect(try !bench.collection.search(SearchRequest(text: "word1", alpha: 1)).hits.isEmpty)
    }
}
