import HybridSearch
import SearchCore
import Testing
import TextAnalysis

/// "Did you mean", by the words that live documents have.
@Suite("Spelling")
struct SpellingTests {
    private let folder: TemporaryFolder
    private let engine: SearchEngine
    private let collection: HybridSearch.Collection

    private static let texts = [
        "kernel panic on boot", "kernel module loader", "kernel memory allocator", "a colonel of the army", "database server with replication",
        "database client library", "memory management unit", "résumé of the meeting", "readfile helper", "libfoo123 runtime", "हिन्दी भाषा का व्याकरण",
        "Грамматика русского языка", "한국어 형태소 분석기", "ภาษาไทย", "全文检索引擎", "windows manager for x11", "receive buffers", "the receiver of packets",
    ]

    init() throws {
        folder = try TemporaryFolder()
        engine = try openEngine(folder.path, tinySettings())
        collection = try engine.create(name: "notes", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        _ = try collection.write(
            WriteBatch(Self.texts.enumerated().map { .upsert(Document(id: String($0.offset), texts: [("text", $0.element)])) }), acknowledgement: .searchable)
    }

    private func search(_ text: String, _ mode: SearchRequest.Spelling.Mode = .suggest, _ change: (inout SearchRequest) -> Void = { _ in }) throws
        -> SearchResponse
    {
        var request = SearchRequest(text: text, mode: .lexical)
        request.spelling = .init(mode: mode)
        change(&request)
        return try collection.search(request)
    }

    private func meant(_ text: String, _ change: (inout SearchRequest) -> Void = { _ in }) throws -> String? {
        try search(text, .suggest, change).spelling?.text
    }

    @Test(
        "a word that no document has is corrected: an edit, a swap, a forgotten space, in the case in which it is written",
        arguments: [
            ("kernal panic", "kernel panic"), ("Kernle", "Kernel"), ("KERNAL", "KERNEL"), ("databse sever", "database server"),
            ("memorymanagement", "memory management"), ("(kernal, again)", "(kernel, again)"), ("recieve", "receive"), ("dattabasee", "database"),
            ("हिन्ती", "हिन्दी"), ("граматика", "грамматика"), ("한국오", "한국어"),
        ])
    func corrected(_ query: String, _ expected: String) throws {
        defer { engine.close(within: .seconds(5)) }
        #expect(try meant(query) == expected)
    }

    @Test(
        "what is found, what looks like code, what is short, and what is like nothing is left alone",
        arguments: [
            "kernel", "kernels", "resume", "received", "databases", "kernal1", "kernalPanic",
            "/etc/kernal", "kernal.c", "krn", "x", "zzzzzzzzzz", "тест", "全文检锁", "", "???",
        ])
    func leftAlone(_ query: String) throws {
        defer { engine.close(within: .seconds(5)) }
        guard !query.isEmpty else {
            expectError(.invalidArgument, naming: "empty") { _ = try meant(query) { $0.mode = .hybrid } }
            return
        }
        #expect(try meant(query) == nil)
    }

    @Test("codes are corrected where that is asked for")
    func codes() throws {
        defer { engine.close(within: .seconds(5)) }
        #expect(try meant("libfoo124") == nil)
        #expect(try meant("libfoo124") { $0.spelling.includesCodes = true } == "libfoo123")
    }

    @Test("letters of another script are no edit")
    func scripts() throws {
        defer { engine.close(within: .seconds(5)) }
        _ = try collection.write(WriteBatch([.upsert(Document(id: "cop", texts: [("text", "сорт")]))]), acknowledgement: .searchable)
        #expect(try meant("copt") == nil)
        #expect(try meant("сорд") == "сорт")
    }

    @Test("the query's other words decide between candidates, or else how many documents have them")
    func company() throws {
        defer { engine.close(within: .seconds(5)) }
        let documents =
            (0..<40).map { Document(id: "cornet\($0)", texts: [("text", "a cornet of ice")]) }
            + (0..<10).map { Document(id: "carpet\($0)", texts: [("text", "a carpet shop")]) }
        _ = try collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
        #expect(try meant("carnet") == "cornet")
        #expect(try meant("carnet shop") == "carpet shop")
    }

    @Test("a word that is found without its accents is no mistake, and function words are no corrections")
    func accents() throws {
        defer { engine.close(within: .seconds(5)) }
        let documents = (0..<40).map { Document(id: "and\($0)", texts: [("text", "one and another")]) } + [Document(id: "o", texts: [("text", "Öland")])]
        _ = try collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
        let response = try search("oland", .retry)
        #expect(response.spelling == nil && response.hits.map(\.id) == ["o"])
        #expect(try meant("andd") == nil)
    }

    @Test("a retry searches for the corrected text and says so; words that are found stay as they are")
    func retry() throws {
        defer { engine.close(within: .seconds(5)) }
        let suggested = try search("kernal panic")
        #expect(suggested.hits.map(\.id) == ["0"] && suggested.spelling?.isApplied == false)
        let retried = try search("kernal panic", .retry)
        #expect(retried.spelling?.isApplied == true && retried.spelling?.text == "kernel panic" && retried.hits.map(\.id) == ["0", "1", "2"])
        let correction = retried.spelling?.corrections.first
        #expect(correction?.original == "kernal" && correction?.corrected == "kernel" && correction?.range == 0..<6)
        #expect(correction?.originalDocuments == 0 && correction?.correctedDocuments == 3)
        #expect(try search("kernel panic", .retry).spelling == nil)
        #expect(try search("kernal", .off).spelling == nil && search("kernal", .off).hits.isEmpty)
    }

    @Test("queries with operators keep them; what is asked for by the letter is not corrected, and words came as clauses are named")
    func operators() throws {
        defer { engine.close(within: .seconds(5)) }
        func strict(_ text: String) throws -> SearchResponse { try search(text, .retry) { $0.syntax = .strict } }
        let demanded = try strict("+kernal -colonel^2 text:modul*")
        #expect(demanded.spelling?.text == "+kernel -colonel^2 text:modul*" && Set(demanded.hits.map(\.id)) == ["0", "1", "2"])
        #expect(try strict("\"kernal panic\"").hits.map(\.id) == ["0"])
        #expect(try strict("\"kernal\"").spelling == nil)
        #expect(try strict("-kernal database").spelling == nil)
        var request = SearchRequest(text: "", mode: .lexical)
        request.query = .boolean(.init(must: [.words("Kernal", field: "text", match: .all)]))
        request.spelling = .init(mode: .retry)
        let response = try collection.search(request)
        #expect(Set(response.hits.map(\.id)) == ["0", "1", "2"] && response.spelling?.text == nil)
        #expect(response.spelling?.corrections.first?.corrected == "kernel" && response.spelling?.corrections.first?.range == nil)
        request.query = .words("kernal", field: nil, match: .exact)
        #expect(try collection.search(request).spelling == nil)
    }

    @Test("a word is corrected wherever it stands in a query, or nowhere; operators are none, and stay")
    func wholeQuery() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "code", analyzer: "keyword"), .init(name: "title"), .init(name: "text")])
        let other = try engine.create(name: "fields", schema: schema, model: .none, reranker: .none)
        let documents =
            (0..<3).map { Document(id: "t\($0)", texts: [("text", "a carpet, not an editor")]) } + [Document(id: "title", texts: [("title", "carpat")])]
        _ = try other.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
        func strict(_ text: String) throws -> SearchResponse {
            var request = SearchRequest(text: text, mode: .lexical)
            (request.syntax, request.spelling) = (.strict, .init(mode: .retry))
            return try other.search(request)
        }
        // The first field's chain has no words.
        #expect(try strict("edtior").spelling?.text == "editor")
        // It is a word of the title.
        let fields = try strict("title:carpat text:carpat")
        #expect(fields.spelling == nil && fields.hits.map(\.id) == ["title"])
        #expect(try strict("text:carpat").spelling?.text == "text:carpet")
        // Somebody means it as it is.
        #expect(try strict("carpet -edtior edtior").spelling == nil)
        let spoken = try strict("carpet NTO")
        #expect(spoken.spelling?.text == nil || spoken.spelling?.text == "carpet not")
        // What is escaped is not what is written.
        #expect(try strict("car\\pett").spelling == nil)
        let many = try strict((0..<30).map { "+carpe\(Character(UnicodeScalar(97 + $0 % 26)!))\($0 < 26 ? "" : "t")" }.joined(separator: " "))
        #expect((many.spelling?.corrections.count ?? 0) <= 8)
    }

    @Test("deleted documents' words are no corrections, and fields that are not searched have none")
    func live() throws {
        defer { engine.close(within: .seconds(5)) }
        _ = try collection.write(WriteBatch((0..<3).map { .delete(id: String($0)) }), acknowledgement: .searchable)
        #expect(try meant("kernal") == nil)
        #expect(try meant("databse") { $0.fieldWeights = ["text": 0] } == nil)
    }

    @Test("a rare word is doubted beside a neighbour that many documents have, but searched as it is")
    func rare() throws {
        defer { engine.close(within: .seconds(5)) }
        let documents =
            (0..<900).map { Document(id: "p\($0)", texts: [("text", "a package number \($0)")]) } + [Document(id: "typo", texts: [("text", "pakcage")])]
        _ = try collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
        let response = try search("pakcage", .retry)
        #expect(response.spelling?.text == "package" && response.spelling?.isApplied == false && response.hits.map(\.id) == ["typo"])
    }

    @Test("a long query costs a bounded number of corrections")
    func bounded() throws {
        defer { engine.close(within: .seconds(5)) }
        let response = try search((0..<400).map { _ in "kernal" }.joined(separator: " ") + (0..<400).map { " qwx\($0)" }.joined())
        #expect(response.spelling?.corrections.count == 400 && Set(response.spelling!.corrections.map(\.corrected)) == ["kernel"])
    }
}
