import Foundation
import Synchronization
import TandemClient
import TandemCommands
import Testing

@Suite struct RankingMetricsTests {
    // Expected values: a few lines of Python after trec_eval's m_ndcg_cut.c (rel / log2(rank + 1)), m_recip_rank.c, m_recall.c.
    @Test("nDCG with linear gain, over the ideal of all judged documents")
    func ndcg() {
        let judged = ["a": 3, "b": 2, "c": 1, "d": 0, "e": -1, "z": 2]
        // DCG = 2/log2(2) + 0 + 3/log2(4) + 0 + 1/log2(6); ideal = 3 + 2/log2(3) + 2/log2(4) + 1/log2(5).
        let ranking = ["b", "x", "a", "e", "c"]
        #expect(abs(RankingMetrics.ndcg(ranking, judged, at: 10) - 0.6827980996) < 1e-9)
        #expect(abs(RankingMetrics.ndcg(ranking, judged, at: 1) - 2.0 / 3) < 1e-12)
        #expect(abs(RankingMetrics.ndcg(["x", "a"], ["a": 1], at: 10) - 0.6309297536) < 1e-9)
        #expect(RankingMetrics.ndcg(["a", "z", "b", "c"], judged, at: 10) == 1)
        #expect(RankingMetrics.ndcg([], judged, at: 10) == 0)
        #expect(RankingMetrics.ndcg(["a"], [:], at: 10) == 0)
        #expect(RankingMetrics.ndcg(["a"], ["a": 0], at: 10) == 0)
    }

    @Test("a relevant document behind the cut counts for nothing")
    func cut() {
        let ranking = (1...20).map { "d\($0)" }
        #expect(RankingMetrics.ndcg(ranking, ["d11": 1], at: 10) == 0)
        #expect(RankingMetrics.reciprocalRank(ranking, ["d11": 1], at: 10) == 0)
        #expect(RankingMetrics.reciprocalRank(ranking, ["d10": 1, "d4": 2, "d1": 0], at: 10) == 0.25)
        #expect(RankingMetrics.recall(ranking, ["d11": 1, "d2": 1, "gone": 1, "d3": 0], at: 10) == 1.0 / 3)
    }

    @Test("means are over queries")
    func means() {
        var means = MetricMeans()
        means.add(["a"], ["a": 1])
        means.add(["b", "a"], ["a": 1])
        #expect(means.queries == 2)
        #expect(means.mrrAt10 == 0.75)
        #expect(means.recallAt100 == 1)
        #expect(MetricMeans().ndcgAt10 == 0)
    }
}

@Suite struct TestCollectionFilesTests {
    private func failure(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return "\(error)" }
    }

    @Test("queries with and without languages; a mark, blank lines and CRLF are passed over")
    func queries() throws {
        let file = ScratchFile("\u{FEFF}{\"_id\": \"1\", \"text\": \"a\"}\r\n\r\n{\"_id\": 2, \"text\": \"b\", \"lang\": \"de\", \"para\": 1}")
        #expect(try TestCollectionFiles.queries(path: file.path) == [TestQuery(id: "1", text: "a"), TestQuery(id: "2", text: "b", language: "de")])
    }

    @Test(
        "bad queries are named by file and line",
        arguments: [
            ("{\"_id\": \"1\", \"text\": \"a\"}\n\n{\"_id\": \"1\", \"text\": \"b\"}", "line 3: the query '1' was on line 1"),
            ("{\"text\": \"a\"}", "line 1: no '_id'"), ("{\"_id\": \"1\"}", "line 1: no 'text'"), ("x", "line 1: not JSON"),
        ])
    func badQueries(content: String, reason: String) {
        let file = ScratchFile(content)
        let found = failure { _ = try TestCollectionFiles.queries(path: file.path) }
        #expect(found?.contains(reason) == true, "\(found ?? "")")
        #expect(failure { _ = try TestCollectionFiles.queries(path: file.path + "-gone") }?.contains("cannot be opened") == true)
    }

    @Test(
        "BEIR's three columns, with and without a header, and TREC's four",
        arguments: [
            "query-id\tcorpus-id\tscore\nq1\td 1\t1\nq1\td2\t0\nq2\td1\t2\n", "q1\td 1\t1\r\nq1\td2\t0\r\nq2\td1\t2",
            "q1\t0\td 1\t1\nq1\t0\td2\t0\nq2\t0\td1\t2\n\n",
        ])
    func judgements(content: String) throws {
        let file = ScratchFile(content)
        #expect(try TestCollectionFiles.judgements(path: file.path) == ["q1": ["d 1": 1, "d2": 0], "q2": ["d1": 2]])
    }

    @Test("white space separates where there is no tab")
    func spaces() throws {
        let file = ScratchFile("q1 0  d1 1\nq1 Q0 d2 2")
        #expect(try TestCollectionFiles.judgements(path: file.path) == ["q1": ["d1": 1, "d2": 2]])
    }

    @Test(
        "bad judgements are named by line",
        arguments: [
            ("q\td\t1\nq\td\tx", "line 2: the relevance 'x'"), ("q\td", "line 1: 2 columns"), ("q\td\t1\nq\td\t2", "line 2: 'd' was judged 1"),
            ("q\t\t1", "empty id"),
        ])
    func badJudgements(content: String, reason: String) {
        let file = ScratchFile(content)
        let found = failure { _ = try TestCollectionFiles.judgements(path: file.path) }
        #expect(found?.contains(reason) == true, "\(found ?? "")")
    }

    @Test("queries without a relevant document are left out")
    func judged() {
        let queries = ["a", "b", "c"].map { TestQuery(id: $0, text: "") }
        #expect(TestCollectionFiles.judged(queries, by: ["a": ["d": 0], "b": ["d": 1, "e": 0]]).map(\.id) == ["b"])
    }

    @Test("samples are evenly spaced, of each language by itself")
    func sample() {
        let queries = (0..<10).map { TestQuery(id: "\($0)", text: "", language: $0 < 7 ? "de" : "en") }
        #expect(TestCollectionFiles.sample(queries, limit: nil).count == 10)
        #expect(TestCollectionFiles.sample(queries, limit: 3).map(\.id) == ["0", "2", "4", "7", "8", "9"])
        #expect(TestCollectionFiles.sample(queries, limit: 5).map(\.id) == ["0", "1", "2", "4", "5", "7", "8", "9"])
    }
}

@Suite struct EvaluatorTests {
    @Test("each mode asks for what it measures")
    func requests() {
        let evaluator = Evaluator(settings: .init(collection: "c", alpha: 0.3, rerankDepth: 20, sameLanguageField: "lang"), search: { _ in SearchResponse() })
        let query = TestQuery(id: "q", text: "t", language: "de")
        let hybrid = evaluator.request(query, .hybrid)
        #expect(hybrid.mode == .hybrid && hybrid.rerank?.depth == 0 && hybrid.alpha == 0.3 && hybrid.limit == 100 && hybrid.fields == FieldSelection(names: []))
        #expect(hybrid.filter?.nodes == [FilterNode(op: .equal, field: "lang", values: [Value(keywordValue: "de")])])
        let reranked = evaluator.request(query, .reranked)
        #expect(reranked.mode == .hybrid && reranked.rerank?.depth == 20 && reranked.rerank?.unbounded == true)
        #expect(evaluator.request(query, .lexical).mode == .lexical)
        #expect(evaluator.request(TestQuery(id: "q", text: "t"), .semantic).filter == nil)
        let filtered = Evaluator(settings: .init(collection: "c", filter: "a = 1 or b = 2", sameLanguageField: "lang"), search: { _ in SearchResponse() })
        #expect(filtered.request(query, .lexical).filter?.expression == "(a = 1 or b = 2) and lang = \"de\"")
    }

    @Test("answers in any order give the same means, by language too, and degraded ones are counted")
    func run() async throws {
        let queries = (0..<40).map { TestQuery(id: "q\($0)", text: "\($0)", language: $0 % 2 == 0 ? "de" : "en") }
        let judgements = Dictionary(uniqueKeysWithValues: queries.map { ($0.id, ["d": 1]) })
        let done = Atomic(0)
        let evaluator = Evaluator(settings: .init(collection: "c", inFlight: 5)) { request in
            let number = Int(request.text)!
            try await Task.sleep(for: .milliseconds((number * 7) % 5))
            var response = SearchResponse(hits: number % 2 == 0 ? [Hit(id: "d")] : [Hit(id: "x"), Hit(id: "d")])
            if number == 3 { response.degraded = [Degradation(stage: "rerank", reason: "slow")] }
            return response
        }
        let result = try await evaluator.run(.hybrid, queries: queries, judgements: judgements) { done.wrappingAdd(1, ordering: .relaxed) }
        #expect(result.all.queries == 40 && result.all.mrrAt10 == 0.75)
        #expect(result.languages["de"]?.mrrAt10 == 1 && result.languages["en"]?.mrrAt10 == 0.5)
        #expect(result.degraded == 1)
        #expect(done.load(ordering: .relaxed) == 40)
        let json = try result.json(perLanguage: true).text(pretty: false)
        #expect(json.contains(#""languages":{"de":{"mrr@10":1,"ndcg@10":1,"queries":20,"recall@100":1}"#), "\(json)")
    }

    @Test("an error of a search ends the evaluation")
    func failing() async {
        let evaluator = Evaluator(settings: .init(collection: "c")) { _ in throw TandemClientError(.notFound, "no") }
        await #expect(throws: TandemClientError.self) {
            try await evaluator.run(.lexical, queries: [TestQuery(id: "q", text: "t")], judgements: ["q": ["d": 1]]) {}
        }
    }
}
