import ArgumentParser
import Foundation
import TandemClient
import TandemCommands
import Testing

@Suite struct CommandLineTests {
    @Test(
        "wrong usage ends with 2",
        arguments: [
            ["bogus"], ["serch", "c", "t"], ["--timeout", "1", "bogus"],
            ["search"], ["search", "c"], ["search", "c", "t", "--alpha", "2"], ["search", "c", "t", "--alpha", "x"],
            ["search", "c", "t", "--mode", "vector"], ["search", "c", "t", "--limit", "-1"],
            ["search", "c", "t", "--rerank-budget", "soon"], ["search", "c", "t", "--bogus"], ["import", "c"], ["import", "c", "f", "--wait", "never"],
            ["import", "c", "f", "--map", "x"], ["import", "c", "f", "--map", "=x"], ["import", "c", "f", "--batch", "0"],
            ["collection", "create"], ["collection", "create", "c", "--attribute", "x"], ["collection", "create", "c", "--attribute", "x:text"],
            ["collection", "create", "c", "--text-field", ":2"], ["collection", "create", "c", "--text-field", "a:-1"],
            ["collection", "create", "c", "--vector-dimension", "0"], ["collection", "create", "c", "--k1", "-1"], ["collection", "bogus"],
            ["eval", "c"], ["eval", "c", "--queries", "q", "--qrels", "r", "--modes", "x"],
            ["eval", "c", "--queries", "q", "--qrels", "r", "--limit-queries", "0"],
            ["--connect", "host:port", "status"], ["status", "--connect", "host:70000"], ["status", "--timeout", "0"], ["status", "--timeout", "soon"],
            ["model", "add"], ["model", "add", "x", "--name", "../y"], ["restore", "x"], ["get", "c"], ["delete", "c"],
        ])
    func usage(arguments: [String]) async { #expect(await TandemCommandLine.execute(arguments) == 2) }

    @Test(
        "help and version end with 0",
        arguments: [
            ["--help"], ["--version"], ["help", "search"], ["version"], ["collection", "--help"], ["search", "-h"], ["import", "--help"], ["eval", "--help"],
            ["collection", "create", "--help"], ["model", "add", "--help"], ["restore", "--help"],
        ])
    func help(arguments: [String]) async { #expect(await TandemCommandLine.execute(arguments) == 0) }

    // No daemon listens there: 1 says that the text was understood, 2 that it was taken for options, 0 that help was printed.
    @Test(
        "a search text may begin with a dash",
        arguments: [
            ["search", "c", "-heart", "--json"], ["search", "c", "-attack heart", "--syntax", "strict"], ["search", "c", "--explain", "-O2"],
            ["search", "c", "--min-lexical", "-3", "-vim"], ["search", "c", "--", "--help"], ["search", "c", "word", "--min-semantic", "-0.5"],
        ])
    func dashes(arguments: [String]) async {
        #expect(await TandemCommandLine.execute(arguments + (arguments.contains("--") ? [] : ["--timeout", "1", "--connect", "127.0.0.1:1"])) == 1)
    }

    @Test(
        "what fails ends with 1: no daemon, no file, no model",
        arguments: [
            ["--connect", "127.0.0.1:1", "--timeout", "1", "status"], ["health", "--connect", "127.0.0.1:1", "--timeout", "1"],
            ["import", "c", "/nonexistent/file"], ["import", "c", "/"], ["eval", "c", "--queries", "/nonexistent", "--qrels", "/nonexistent"],
            ["model", "add", "/nonexistent"], ["restore", "/nonexistent", "--data", "/nonexistent/data"],
        ])
    func failures(arguments: [String]) async { #expect(await TandemCommandLine.execute(arguments) == 1) }

    @Test(
        "the daemon's address may stand before or behind the command",
        arguments: [
            ["--connect", "h:1", "search", "c", "t"], ["search", "--connect", "h:1", "c", "t"], ["search", "c", "t", "--connect=h:1"],
        ])
    func address(arguments: [String]) throws {
        let command = try #require(try TandemCommandLine.parseAsRoot(arguments) as? SearchCommand)
        #expect(command.connection.address == "h:1")
    }

    private func search(_ arguments: [String]) throws -> SearchRequest {
        try #require(try TandemCommandLine.parseAsRoot(["search"] + arguments) as? SearchCommand).request()
    }

    @Test("without options a search leaves everything to the collection, but that a person is told what may have been meant")
    func defaultSearch() throws {
        let request = try search(["papers", "heart failure"])
        var expected = SearchRequest(collection: "papers", text: "heart failure")
        expected.limit = 10
        expected.spelling = SpellingOptions(mode: .suggest)
        #expect(request.encode() == expected.encode())
        #expect(request.rerank == nil && request.alpha == nil && request.depth == nil && request.fields == nil)
    }

    @Test("spelling and synonyms can be switched off, and spelling to a retry")
    func words() throws {
        #expect(try search(["c", "x", "--spelling", "off"]).spelling == nil && search(["c", "x"]).synonyms)
        let retry = try search(["c", "x", "--spelling", "retry", "--spelling-of-codes", "--no-synonyms"])
        #expect(retry.spelling == SpellingOptions(mode: .retry, codes: true) && !retry.synonyms)
    }

    @Test("every option of a search arrives in the request")
    func fullSearch() throws {
        let request = try search([
            "c", "--alpha", "0.25", "--limit", "5", "--offset", "7", "--depth", "300", "--rerank", "20", "--rerank-budget", "1.5", "--rerank-weight", "0.7",
            "--normalizer", "rrf", "--filter", "a = 1", "--min-lexical", "1", "--min-semantic", "-0.5", "--min-fused", "0.1", "--min-rerank", "-3",
            "--after", "99", "--fields", "title, lang", "--field-weight", "title:3", "--explain", "--", "-dashed",
        ])
        #expect(request.text == "-dashed" && request.alpha == 0.25 && request.limit == 5 && request.offset == 7 && request.depth == 300)
        #expect(request.rerank == RerankOptions(depth: 20, weight: 0.7, budgetMicroseconds: 1500))
        #expect(request.normalizer == .rrf && request.filter?.expression == "a = 1" && request.afterSequence == 99 && request.explain)
        #expect(request.thresholds == Thresholds(lexical: 1, semantic: -0.5, fused: 0.1, rerank: -3))
        #expect(request.fields?.names == ["title", "lang"] && request.fieldWeights == [FieldWeight(field: "title", weight: 3)])
        #expect(try search(["c", "t", "--rerank-budget", "none"]).rerank?.unbounded == true)
        #expect(try search(["c", "t", "--rerank", "0"]).rerank?.depth == 0)
        #expect(try search(["c", "t", "--mode", "semantic", "--rerank", "0"]).mode == .semantic)
        #expect(try search(["c", "t", "--fields", ""]).fields?.names == [])
    }

    private func create(_ arguments: [String]) throws -> CollectionSchema {
        try #require(try TandemCommandLine.parseAsRoot(["collection", "create", "c"] + arguments) as? CollectionCommand.Create).schema()
    }

    @Test("a collection has title, text, lang and the default models, unless told otherwise")
    func defaultCollection() throws {
        let schema = try create([])
        #expect(schema.textFields.map(\.name) == ["title", "text"])
        #expect(schema.attributes == [AttributeSchema(name: "lang", type: .keyword)])
        #expect(schema.model == nil && schema.reranker == nil)
    }

    @Test(
        "models: absent means the daemon's default, 'none' is said in words; one's own vectors need no model",
        arguments: [
            (["--model", "none"], "none", nil), (["--model", "none", "--reranker", "r"], "none", "r"), (["--model", "m"], "m", nil),
            (["--model", "m", "--reranker", "none"], "m", "none"), (["--reranker", "r"], nil, "r"), (["--vector-dimension", "8"], "none", nil),
            (["--vector-dimension", "384", "--model", "m"], "m", nil),
        ] as [([String], String?, String?)])
    func models(arguments: [String], model: String?, reranker: String?) throws {
        let schema = try create(arguments)
        #expect(schema.model == model && schema.reranker == reranker)
    }

    @Test("fields and settings arrive in the schema")
    func fullCollection() throws {
        let schema = try create([
            "--model", "none", "--text-field", "a:2.5", "--text-field", "b", "--attribute", "n:int64", "--attribute", "t:timestamp", "--vector-dimension", "3",
            "--metric", "dot", "--alpha", "0.6", "--k1", "0.9", "--b", "0.4", "--stemmer", "none",
        ])
        #expect(schema.textFields == [TextFieldSchema(name: "a", weight: 2.5), TextFieldSchema(name: "b")])
        #expect(schema.attributes == [AttributeSchema(name: "n", type: .int64), AttributeSchema(name: "t", type: .timestamp)])
        #expect(schema.vectorFields == [VectorFieldSchema(name: "embedding", dimension: 3, metric: .dot)])
        #expect(schema.alpha == 0.6 && schema.k1 == 0.9 && schema.b == 0.4 && schema.analyzer?.stemmer == "")
    }

    @Test(
        "vector fields are taken one by one, the model's without a length; a single field's length and metric may stand apart",
        arguments: [
            (["--vector-field", "t:768", "--vector-field", "i:512:dot"], "none", ["t 768 cosine", "i 512 dot"]),
            (["--vector-field", "t", "--vector-field", "i:512"], nil, ["t 0 cosine", "i 512 cosine"]),
            (["--vector-field", "t", "--vector-dimension", "3", "--metric", "dot"], "none", ["t 3 dot"]),
            (["--vector-field", "t:7", "--metric", "dot"], "none", ["t 7 dot"]), (["--metric", "dot"], nil, ["embedding 0 dot"]),
            (["--model", "m", "--vector-field", "t:384"], "m", ["t 384 cosine"]), ([], nil, []),
        ] as [([String], String?, [String])])
    func vectorFields(arguments: [String], model: String?, fields: [String]) throws {
        let schema = try create(arguments)
        #expect(schema.vectorFields.map { "\($0.name) \($0.dimension) \($0.metric)" } == fields && schema.model == model)
    }

    @Test(
        "quantization is each field's, or that of all that say nothing else; without a word it is the daemon's",
        arguments: [
            (["--vector-field", "t:7:cosine:int4", "--vector-field", "i:5"], [.int4, nil]),
            (["--vector-field", "t:7:dot:binary", "--vector-field", "i:5", "--quantization", "int4"], [.binary, .int4]),
            (["--quantization", "int4"], [.int4]), (["--vector-dimension", "3"], [nil]),
        ] as [([String], [VectorQuantization?])])
    func quantization(arguments: [String], fields: [VectorQuantization?]) throws {
        #expect(try create(arguments).vectorFields.map(\.quantization) == fields)
    }

    @Test(
        "vector fields that do not fit together are wrong usage",
        arguments: [
            ["--vector-field", "a:3", "--vector-dimension", "3"], ["--vector-field", "a:3", "--vector-field", "b:3", "--metric", "dot"],
            ["--vector-field", "a:3", "--vector-field", "b"], ["--model", "none", "--vector-field", "a"], ["--vector-field", "a:0"],
            ["--vector-field", "a:3:dot:x"], ["--vector-field", "a:3:dot:int4:x"], ["--quantization", "int8"], ["--model", "none", "--quantization", "int4"],
            ["--vector-field", "a:3:best"], ["--vector-field", ":3"], ["--vector-field", "a:3:dot", "--metric", "dot"],
        ])
    func wrongVectorFields(arguments: [String]) {
        #expect(throws: (any Error).self) { try create(arguments) }
    }

    @Test(
        "what is wrong with a vector or a field of vectors is said by its part",
        arguments: [
            (["collection", "create", "c", "--vector-field", "a:5000"], "length '5000' of field 'a'"),
            (["collection", "create", "c", "--vector-field", "a:64:cosin"], "unknown metric 'cosin'; there are cosine and dot"),
            (["collection", "create", "c", "--vector-field", "a:64:dot:int8"], "unknown quantization 'int8'; there are binary and int4"),
            (["collection", "create", "c", "--vector-field", ":64"], "has no name"),
            (["search", "c", "--vector", "@/no/such/file"], "the file '/no/such/file' cannot be read"),
            (["search", "c", "--vector", "1,nan,3"], "component 2, 'nan'"), (["search", "c", "--vector", "1,2,x"], "component 3, 'x', is no number"),
        ])
    func partsOfVectors(arguments: [String], expected: String) {
        let error = #expect(throws: (any Error).self) { try TandemCommandLine.parseAsRoot(arguments) }
        let message = error.map { TandemCommandLine.message(for: $0) } ?? ""
        #expect(message.contains(expected), "\(message)")
    }

    @Test("a query vector is numbers with commas or blanks, in brackets or not, or a file of them")
    func queryVector() throws {
        func vector(_ text: String) throws -> [Float]? {
            let command = try TandemCommandLine.parseAsRoot(["search", "c", "--vector", text, "--vector-field", "v"])
            let request = try #require(command as? SearchCommand).request()
            #expect(request.vectorField == "v" && request.text == "")
            return request.vector
        }
        #expect(try vector("-0.5,1, 2e3") == [-0.5, 1, 2000] && vector("[1 2\n3]") == [1, 2, 3])
        let path = NSTemporaryDirectory() + "tandem-vector-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("[0.25, 1]\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try vector("@" + path) == [0.25, 1])
        for wrong in ["", "1,x", "nan", "1e999", "@/nowhere/at/all"] { #expect(throws: (any Error).self) { try vector(wrong) } }
    }

    @Test("examples are ids with the weight behind the last '=', if that is a number")
    func examples() throws {
        let arguments = ["a", "b=0.5", "c=-2", "d=x", "e=5=1", "=", "-f=-1e-2"].flatMap { ["--recommend", $0] }
        let command = try TandemCommandLine.parseAsRoot(["search", "c", "--vector-field", "v"] + arguments)
        let request = try #require(command as? SearchCommand).request()
        #expect(request.recommend.map(\.id) == ["a", "b", "c", "d=x", "e=5", "=", "-f"])
        #expect(request.recommend.map(\.weight) == [1, 0.5, -2, 1, 1, 1, -0.01] && request.vectorField == "v")
        for wrong in [
            ["--recommend", ""], ["--recommend", "=1"], ["--recommend", "a=nan"], ["--recommend", "a", "--like", "b"],
            ["--recommend", "a", "--vector", "1"], ["--recommend", "a", "--mode", "lexical"],
        ] {
            #expect(throws: (any Error).self) { try TandemCommandLine.parseAsRoot(["search", "c"] + wrong) }
        }
    }

    @Test("modes of an evaluation are taken once each")
    func modes() throws {
        #expect(try EvalCommand.modes("hybrid, lexical,hybrid") == [.hybrid, .lexical])
    }
}

@Suite struct SearchTextTests {
    private func response() -> SearchResponse {
        var hit = Hit(id: "doc\u{1B}[2J1", version: 7, score: 0.8, fused: 0.75, lexical: 12.5, semantic: 0.61, rerank: 3.2)
        hit.document = Document(
            id: "doc1", texts: [TextField(name: "title", text: "心臓"), TextField(name: "text", text: String(repeating: "word ", count: 1000))])
        hit.explanation = Explanation(
            terms: [
                TermMatch(
                    term: "heart", idf: 2.5, documentFrequency: 12, documentCount: 5183, frequency: 1.5, score: 1.389,
                    matches: [FormMatch(field: "text", form: "stem", term: "heart", frequency: 3, fieldLength: 200, averageLength: 180.5, weight: 0.5)]),
                TermMatch(
                    term: "\"warm heart\"~2", boost: 2, idf: 4, documentCount: 5183, frequency: 1.5, score: 4.444,
                    matches: [
                        FormMatch(
                            field: "text", form: "phrase", term: "\"warm heart\"~2", frequency: 1, fieldLength: 200, averageLength: 180.5, weight: 1,
                            phraseFrequency: 1.5)
                    ]),
            ], lexicalNormalized: 0.9, semanticNormalized: 0.6, rerankNormalized: 0.85, fusedNormalized: 0.75)
        var response = SearchResponse(hits: [hit, Hit(id: "plain", score: 0.1)])
        response.alpha = 0.5
        response.poolSize = 152
        response.lexicalMatched = 1840
        response.stages = [StageReport(name: "lexical", durationMicroseconds: 830)]
        response.rerank = RerankReport(requested: 50, reranked: 12, stop: .budget, model: "m", weight: 0.5)
        response.degraded = [Degradation(stage: "rerank", reason: "slow")]
        response.durationMicroseconds = 12_400
        return response
    }

    @Test("the table fits the terminal, steers nothing, and the report says what was less than asked", arguments: [60, 80, 200])
    func page(width: Int) {
        let page = SearchText.page(response(), offset: 0, width: width)
        let table = page.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        for line in table { #expect(DisplayWidth.of(line) <= width, "\(line)") }
        #expect(!page.contains("\u{1B}"))
        for part in [
            "心臓", "152", "1,840 match", "reranked 12 of 50 by m", "--rerank-budget", "degraded: rerank: slow", "12.4 ms: lexical 0.83 ms", "'heart' 1.3890",
            "stem 'heart' × 3", "'\"warm heart\"~2' 4.4440 = 2.00 × idf 4.0000",
            "text: phrase '\"warm heart\"~2' × 1.5000, weight 1.00, length 200 (mean 180.5)",
        ] {
            #expect(page.contains(part), "\(part)")
        }
    }

    @Test("no hits are said so")
    func empty() { #expect(SearchText.page(SearchResponse(), offset: 0, width: 80).hasPrefix("no hits\n")) }

    @Test("JSON carries the same facts, and leaves out what did not happen")
    func json() throws {
        let text = try SearchJSON.value(response(), collection: "c", query: "q").text(pretty: false)
        for part in [
            #""id":"plain""#, #""lexical":12.5"#, #""stop":"budget""#, #""pool_size":152"#, #""term":"heart""#, #""frequency":3"#,
            #""form":"phrase","frequency":1.5"#, #""title":"心臓""#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        let plain = try SearchJSON.hit(Hit(id: "x")).text(pretty: false)
        #expect(!plain.contains("lexical") && !plain.contains("rerank") && !plain.contains("fields"))
    }
}
