import HybridSearch
import SearchCore
import Testing

@Suite("QueryPlan")
struct QueryPlanTests {
    static let schema = CollectionSchema(attributes: [.init(name: "size", type: "int64")], vectorFields: [.init(name: "v", dimension: 4)], reranker: "r")

    struct Bad: Sendable, CustomTestStringConvertible {
        var name: String
        var change: @Sendable (inout SearchRequest) -> Void
        var testDescription: String { name }
        init(_ name: String, _ change: @escaping @Sendable (inout SearchRequest) -> Void) {
            self.name = name
            self.change = change
        }
    }

    static let bad: [Bad] = [
        Bad("query has 65537 bytes") { $0.text = String(repeating: "a", count: 65537) },
        Bad("query is empty") { $0.text = " \n" },
        Bad("no text") { ($0.text, $0.vector, $0.mode) = ("", [1, 0, 0, 0], .lexical) },
        Bad("limit is -1") { $0.limit = -1 },
        Bad("limit is 10001") { $0.limit = 10001 },
        Bad("offset is -1") { $0.offset = -1 },
        Bad("offset is 9223372036854775807") { $0.offset = .max },
        Bad("offset + limit is 10001") { ($0.limit, $0.offset) = (5001, 5000) },
        Bad("depth is 0") { $0.depth = 0 },
        Bad("rerank depth is -1") { $0.rerank.depth = -1 },
        Bad("rerank weight is 1.5") { $0.rerank.weight = 1.5 },
        Bad("rerank budget is") { $0.rerank.budget = .milliseconds(-1) },
        Bad("alpha is 1.1") { $0.alpha = 1.1 },
        Bad("alpha is nan") { $0.alpha = .nan },
        Bad("k1 is -1.0") { $0.k1 = -1 },
        Bad("b is 2.0") { $0.b = 2 },
        Bad("rrf k is 0.0") { $0.rrfK = 0 },
        Bad("rrf k is inf") { $0.rrfK = .infinity },
        Bad("min_lexical") { $0.thresholds.lexical = .nan },
        Bad("min_semantic") { $0.thresholds.semantic = .nan },
        Bad("min_fused") { $0.thresholds.fused = .nan },
        Bad("min_rerank") { $0.thresholds.rerank = .nan },
        Bad("field weight for 'nope'") { $0.fieldWeights = ["nope": 1] },
        Bad("field weight for 'title'") { $0.fieldWeights = ["title": -.infinity] },
        Bad("stored field 'nope'") { $0.fields = ["nope"] },
        Bad("column 1") { $0.filter = .expression("nope = 1") },
        Bad("size") { $0.filter = .nodes(Filter(nodes: [.equal("size", .keyword("x"))])) },
    ]

    @Test("a vector without words is searched by the semantic leg alone, unless an alpha asks for both")
    func vectorAlone() throws {
        var request = SearchRequest(text: " ")
        request.vector = [1, 0, 0, 0]
        #expect(try QueryPlan(request, schema: Self.schema).mode == .semantic)
        request.alpha = 0.5
        #expect(try QueryPlan(request, schema: Self.schema).mode == .hybrid)
        (request.alpha, request.text) = (nil, "word")
        #expect(try QueryPlan(request, schema: Self.schema).mode == .hybrid)
    }

    @Test("a bad parameter is refused by its name", arguments: bad)
    func refused(bad: Bad) {
        var request = SearchRequest(text: "query")
        bad.change(&request)
        expectError(.invalidArgument, naming: bad.name) { _ = try QueryPlan(request, schema: Self.schema) }
    }

    @Test("the pool is as deep as the page, the rerank depth and the request ask for")
    func depth() throws {
        func depth(_ change: (inout SearchRequest) -> Void) throws -> Int {
            var request = SearchRequest(text: "q")
            change(&request)
            return try QueryPlan(request, schema: Self.schema).poolDepth
        }
        #expect(try depth { _ in } == 100)
        #expect(try depth { $0.depth = 7 } == 50)
        #expect(try depth { ($0.depth, $0.rerank.depth) = (7, 0) } == 10)
        #expect(try depth { ($0.offset, $0.limit) = (9000, 1000) } == 10_000)
        #expect(try depth { $0.rerank.depth = 300 } == 300)
    }

    @Test("alpha 0 and 1 run one leg, other weights both")
    func legs() throws {
        func plan(_ alpha: Double) throws -> QueryPlan { try QueryPlan(SearchRequest(text: "q", alpha: alpha), schema: Self.schema) }
        #expect(try plan(0).mode == .lexical && !plan(0).runsSemantic)
        #expect(try plan(1).mode == .semantic && !plan(1).runsLexical)
        #expect(try plan(0.5).runsLexical && plan(0.5).runsSemantic)
    }

    @Test("hybrid searches are reranked by default, pure ones on request")
    func rerank() throws {
        #expect(try QueryPlan(SearchRequest(text: "q"), schema: Self.schema).rerankDepth == 50)
        #expect(try QueryPlan(SearchRequest(text: "q", mode: .lexical), schema: Self.schema).rerankDepth == 0)
        #expect(try QueryPlan(SearchRequest(text: "q", rerank: .init(depth: 0)), schema: Self.schema).rerankDepth == 0)
        #expect(try QueryPlan(SearchRequest(text: "q", rerank: .init(isUnbounded: true)), schema: Self.schema).rerankBudget == nil)
    }
}

@Suite("StageClock")
struct StageClockTests {
    @Test("stages are kept in order with what they saw and dropped; a throwing stage leaves no entry")
    func stages() {
        var clock = StageClock()
        #expect(clock.measure("a") { (7, seen: 5, dropped: 2) } == 7)
        clock.add("b", .microseconds(1234), seen: 1, dropped: 0)
        _ = try? clock.measure("c") { () throws -> (Int, seen: Int, dropped: Int) in throw TandemError(.internal, "x") }
        #expect(clock.stages.map(\.name) == ["a", "b"])
        #expect(clock.stages[0].seen == 5 && clock.stages[0].dropped == 2)
        #expect(clock.stages[1].microseconds == 1234)
        #expect(clock.elapsed >= clock.stages[0].microseconds)
        #expect(Duration.nanoseconds(1999).microseconds == 1)
    }
}
