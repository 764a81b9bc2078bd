import Foundation
import HybridSearch
import SearchCore
import Testing

/// Goal: a recommendation is the search for the examples' weighted sum, whatever became of the segments.
/// Method: the same as for vector fields, against a loop over the vectors as they were sent.
@Suite("Recommendations", .serialized)
struct RecommendationTests {
    static let schema = VectorFieldTests.schema

    static func request(_ field: String?, _ examples: [(String, Double)], limit: Int = 10_000) -> SearchRequest {
        var request = SearchRequest(text: "", limit: limit)
        request.vectorField = field
        request.recommend = examples.map { .init(id: $0.0, weight: $0.1) }
        return request
    }

    /// Σ weight · v, v being the mean of a document's vectors, of length 1 before and after under cosine.
    static func sum(_ documents: [String: Document], _ field: CollectionSchema.VectorField, _ examples: [(String, Double)]) -> [Double] {
        func unit(_ vector: [Double]) -> [Double] {
            let norm = vector.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / norm }
        }
        let isCosine = field.metric == "cosine"
        var sum = [Double](repeating: 0, count: field.dimension)
        for (id, weight) in examples {
            let rows = documents[id]!.vectors.filter { $0.name == field.name }.map { isCosine ? unit($0.values.map(Double.init)) : $0.values.map(Double.init) }
            let mean = sum.indices.map { i in rows.reduce(0) { $0 + $1[i] } / Double(rows.count) }
            for (i, value) in (isCosine ? unit(mean) : mean).enumerated() { sum[i] += weight * value }
        }
        return isCosine ? unit(sum) : sum
    }

    /// - Returns: the searches' answers, for a comparison to the last bit.
    func compare(_ collection: Collection, _ documents: [String: Document], _ when: Comment) throws -> [Outline] {
        var answers: [Outline] = []
        for field in Self.schema.vectorFields {
            let able = documents.values.filter { $0.vectors.contains { $0.name == field.name } }.map(\.id).sorted()
            for count in [1, 2, 3, 10] {
                let examples = (0..<count).map { (able[($0 * 7 + count) % able.count], $0 % 3 == 1 ? -0.4 : Double($0 + 1)) }
                let query = Self.sum(documents, field, examples)
                var expected = VectorFieldTests.scores(documents, field, query.map(Float.init))
                for (id, _) in examples { expected[id] = nil }
                var request = Self.request(field.name, examples)
                let response = try collection.search(request)
                #expect(response.mode == .semantic, when)
                #expect(Set(response.hits.map(\.id)) == Set(expected.keys), when)
                for hit in response.hits { #expect(abs(hit.semantic! - expected[hit.id]!) < 1e-4 * max(1, abs(hit.semantic!)), when) }
                for (hit, score) in zip(response.hits, expected.values.sorted(by: >)) { #expect(abs(hit.score - score) < 1e-4 * max(1, abs(score)), when) }
                answers.append(Outline(response))
                request.filter = .expression("size < 5")
                request.limit = 5
                let filtered = try collection.search(request).hits
                let accepted = response.hits.map(\.id).filter { if case .int64(let size) = documents[$0]!.attributes[0].values[0] { size < 5 } else { false } }
                #expect(filtered.map(\.id) == Array(accepted.prefix(5)), when)
            }
        }
        return answers
    }

    @Test("examples find what a loop over the stored vectors finds, the same to the last bit after seals, merges and restarts")
    func likeALoop() throws {
        var random = SeededGenerator("recommendations")
        let bench = try Bench(Self.schema, tinySettings(seal: 32 << 10))
        var documents: [String: Document] = [:]
        try VectorFieldTests.write(bench.collection, 12, into: &documents, &random)
        let answers = try compare(bench.collection, documents, "in memory")
        try bench.collection.seal()
        #expect(try compare(bench.collection, documents, "sealed") == answers)
        try bench.collection.merge()
        #expect(try compare(bench.collection, documents, "merged") == answers)
        bench.close()
        let engine = try openEngine(bench.folder.path, tinySettings())
        let collection = try engine.collection("c")
        #expect(try compare(collection, documents, "opened") == answers)
        engine.close(within: .seconds(5))
    }

    @Test("a text beside examples is the keyword leg's, and no example is a hit of either leg")
    func hybrid() throws {
        let bench = try Bench(vectorSchema)
        defer { bench.close() }
        func axis(_ i: Int, _ rest: Float = 0) -> [Float] { (0..<8).map { $0 == i ? 1 : $0 == 7 ? rest : 0 } }
        let documents = [
            document("a", "apples", vector: axis(0)), document("b", "apples and pears", vector: axis(0, 0.1)), document("c", "pears", vector: axis(1)),
            document("d", "apples"), document("e", "plums", vector: axis(1, 0.5)),
        ]
        _ = try bench.collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .complete)
        var request = Self.request(nil, [("a", 1)])
        request.text = "apples"
        let both = try bench.collection.search(request)
        #expect(both.mode == .hybrid && both.hits.map(\.id).prefix(1) == ["b"] && Set(both.hits.map(\.id)) == ["b", "c", "d", "e"])
        #expect(both.lexicalMatched == 2)
        // Away from c: e, which is near it, comes last.
        request = Self.request("v", [("a", 1), ("c", -1)])
        #expect(try bench.collection.search(request).hits.map(\.id) == ["b", "e"])
        request = Self.request("v", [("c", -1)])
        #expect(try bench.collection.search(request).hits.map(\.id).last == "e")
        // The version of a moment ago is the one that is meant.
        let last = try bench.collection.write(WriteBatch([.upsert(document("a", "apples", vector: axis(1)))]), acknowledgement: .complete).lastSequence
        request = Self.request("v", [("a", 1)], limit: 1)
        request.after = last
        #expect(try bench.collection.search(request).hits.map(\.id) == ["c"])
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var code: TandemError.Code
        var words: String
        var change: @Sendable (inout SearchRequest) -> Void
        var testDescription: String { words }
        init(_ code: TandemError.Code, _ words: String, _ change: @escaping @Sendable (inout SearchRequest) -> Void) {
            (self.code, self.words, self.change) = (code, words, change)
        }
    }

    static let bad: [Bad] = [
        Bad(.notFound, "no document 'nobody' that searches see") { $0.recommend.append(.init(id: "nobody")) },
        Bad(.failedPrecondition, "example 'bare' has no vector in field 'a'") { $0.recommend.append(.init(id: "bare", weight: 0.5)) },
        Bad(.failedPrecondition, "example 'split': its 2 vectors in field 'a' cancel each other out") { $0.recommend = [.init(id: "split")] },
        Bad(.failedPrecondition, "example 'x' has no vector in field 'b'") { $0.vectorField = "b" },
        Bad(.invalidArgument, "vector field 'z' is not in the schema") { $0.vectorField = "z" },
        Bad(.invalidArgument, "cancel each other out: their sum has no direction") { $0.recommend.append(.init(id: "y", weight: -1)) },
        // In binary .1 + .2 − .3 is not 0.
        Bad(.invalidArgument, "their sum has no direction") {
            $0.recommend = [.init(id: "x", weight: 0.1), .init(id: "y", weight: 0.2), .init(id: "twin", weight: -0.3)]
        },
        Bad(.invalidArgument, "their sum has no direction") { $0.recommend[0].weight = 0 },
        Bad(.invalidArgument, "example 'x' is named twice") { $0.recommend.append(.init(id: "x", weight: 2)) },
        Bad(.invalidArgument, "weight is nan") { $0.recommend[0].weight = .nan },
        Bad(.invalidArgument, "weight is -inf") { $0.recommend[0].weight = -.infinity },
        Bad(.invalidArgument, "names 257 examples; at most 256") { $0.recommend = (0..<257).map { .init(id: "x\($0)") } },
        Bad(.invalidArgument, "and a document to be like") { $0.like = "y" },
        Bad(.invalidArgument, "and a vector") { $0.vector = [1, 0, 0, 0, 0, 0, 0, 0] },
        Bad(.invalidArgument, "mode lexical") { ($0.mode, $0.text) = (.lexical, "apples") },
    ]

    @Test("what cannot be recommended from is refused by its name", arguments: bad)
    func refused(bad: Bad) throws {
        let bench = try Bench(Self.schema)
        defer { bench.close() }
        let a: [Float] = [1, 0, 0, 0, 0, 0, 0, 0]
        let documents =
            ["x", "y", "twin"].map { Document(id: $0, vectors: [("a", a)]) } + [
                Document(id: "bare", texts: [("text", "apples")]), Document(id: "split", vectors: [("a", a), ("a", a.map { -$0 })]),
            ]
        _ = try bench.collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .complete)
        var request = Self.request(nil, [("x", 1)])
        #expect(try bench.collection.search(request).hits.map(\.id).count == 3)
        bad.change(&request)
        expectError(bad.code, naming: bad.words) { _ = try bench.collection.search(request) }
    }

    @Test("a collection without vectors has nothing to recommend by")
    func withoutVectors() throws {
        let bench = try Bench()
        defer { bench.close() }
        _ = try bench.collection.write(WriteBatch([.upsert(document("a", "apples"))]), acknowledgement: .searchable)
        expectError(.failedPrecondition, naming: "the collection has no vector field") { _ = try bench.collection.search(Self.request(nil, [("a", 1)])) }
    }
}
