import HybridSearch
import SearchCore
import Testing
import TextAnalysis

/// Words that mean the same, by a collection's rules.
@Suite("Synonyms")
struct SynonymTests {
    private let folder: TemporaryFolder
    private let engine: SearchEngine
    private let collection: HybridSearch.Collection

    private static let texts = [
        "tv": "a tv on the wall", "television": "a television on the wall", "usa": "maps of the usa", "states": "maps of the united states",
        "united": "a united team of states men", "cpp": "a parser in cpp", "c++": "a parser in C++", "c": "a parser in c", "radio": "a radio on the wall",
    ]

    init() throws {
        folder = try TemporaryFolder()
        engine = try openEngine(folder.path, tinySettings())
        collection = try engine.create(name: "shop", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        _ = try collection.write(
            WriteBatch(Self.texts.sorted { $0.key < $1.key }.map { .upsert(Document(id: $0.key, texts: [("text", $0.value)])) }), acknowledgement: .searchable)
    }

    private func hits(_ text: String, in collection: HybridSearch.Collection? = nil, _ change: (inout SearchRequest) -> Void = { _ in }) throws -> [Hit] {
        var request = SearchRequest(text: text, mode: .lexical)
        change(&request)
        return try (collection ?? self.collection).search(request).hits
    }

    private func ids(_ text: String, in collection: HybridSearch.Collection? = nil, _ change: (inout SearchRequest) -> Void = { _ in }) throws -> [String] {
        try hits(text, in: collection, change).map(\.id)
    }

    @Test("words that mean the same find one another, what is written first; one way is one way")
    func words() throws {
        defer { engine.close(within: .seconds(5)) }
        #expect(try ids("tv") == ["tv"])
        #expect(try collection.setSynonyms([.init(to: ["tv", "television"])]) == 0)
        #expect(try ids("TV") == ["tv", "television"])
        #expect(try ids("television") == ["television", "tv"])
        // An inflected form of a synonym is found, too; a rule is by the word as it is written.
        #expect(try ids("televisions") == ["television"])
        #expect(try collection.setSynonyms([.init(from: ["tv"], to: ["television"])]) == 1)
        #expect(try ids("tv") == ["tv", "television"] && ids("television") == ["television"])
        #expect(try ids("tv") { $0.usesSynonyms = false } == ["tv"])
        #expect(try collection.setSynonyms([]) == 1)
        #expect(try ids("tv") == ["tv"])
    }

    @Test("several words on either side: as a phrase, the better side counting")
    func phrases() throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms([.init(to: ["USA", "united states"])])
        // Not `united`, whose words do not stand together.
        #expect(try ids("usa") == ["usa", "states"])
        let found = try ids("united states")
        #expect(found.first == "states" && Set(found) == ["states", "usa", "united"])
        #expect(try Set(ids("maps usa").prefix(2)) == ["usa", "states"])
        // All words have to match: one side has to as a whole.
        let strict: (inout SearchRequest) -> Void = { $0.syntax = .strict }
        #expect(try ids("+usa +maps", strict) == ["usa", "states"])
        #expect(try Set(ids("+united +states", strict)) == ["states", "united"])
        var all = SearchRequest(text: "", mode: .lexical)
        all.query = .words("united states", field: nil, match: .all)
        #expect(try Set(collection.search(all).hits.map(\.id)) == ["states", "united", "usa"])
        #expect(try ids("\"united states\"", strict) == ["states"])
        #expect(try ids("maps -usa", strict) == [])
        // A phrase has the idf of all its words together; it does not outrank what is written for that.
        #expect(try hits("maps usa").first?.id == "usa")
        // The score is the better side's, not the sum of both.
        _ = try collection.write(WriteBatch([.upsert(Document(id: "both", texts: [("text", "usa and united states")]))]), acknowledgement: .searchable)
        let both = try hits("usa") { $0.explain = true }.first { $0.id == "both" }
        let parts = both?.explanation?.terms.filter { $0.score > 0 } ?? []
        #expect(parts.count == 1 && abs(parts[0].score - (both?.lexical ?? 0)) < 1e-9)
    }

    @Test("symbols belong to a word of a rule")
    func symbols() throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms([.init(to: ["c++", "cpp"])])
        #expect(try Set(ids("cpp")) == ["cpp", "c++"])
        #expect(try ids("C++").prefix(2) == ["c++", "cpp"] && !ids("c").contains("cpp"))
    }

    @Test("a word that the query says twice is answered by a synonym once, and demanded where it stands by itself")
    func repeated() throws {
        defer { engine.close(within: .seconds(5)) }
        let texts = ["island": "tahiti island beach", "bora": "bora bora beach", "both": "kelim bora", "quip": "kelim bora quip", "said": "quip wox"]
        _ = try collection.write(WriteBatch(texts.map { .upsert(Document(id: $0.key, texts: [("text", $0.value)])) }), acknowledgement: .searchable)
        try collection.setSynonyms([
            .init(to: ["bora bora", "tahiti island"]), .init(from: ["quip wox"], to: ["kelim bora"]), .init(to: ["usa", "united states"]),
        ])
        func all(_ text: String) throws -> Set<String> {
            var request = SearchRequest(text: "", mode: .lexical)
            request.query = .words(text, field: nil, match: .all)
            return try Set(collection.search(request).hits.map(\.id))
        }
        #expect(try all("bora bora").isSuperset(of: ["island", "bora"]))
        #expect(try all("quip wox") == ["said", "both", "quip"])
        // The second `quip` is no part of the rule's words.
        #expect(try all("quip wox quip") == ["said", "quip"])
        // Two rules share a word: each may be answered by what it says.
        try collection.setSynonyms([
            .init(from: ["quip wox"], to: ["kelim bora"]), .init(from: ["quip beach"], to: ["tahiti"]), .init(to: ["usa", "united states"]),
        ])
        _ = try collection.write(WriteBatch([.upsert(Document(id: "sides", texts: [("text", "kelim bora tahiti")]))]), acknowledgement: .searchable)
        #expect(try all("quip wox quip beach") == ["sides"])
        let twice = try hits("united states united states")
        #expect(twice.first?.id == "states" && twice.contains { $0.id == "usa" })
    }

    @Test("the longest rule wins, a repeated word takes part once, the number of alternatives is bounded")
    func bounds() throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms([.init(from: ["united"], to: ["radio"]), .init(from: ["united states"], to: ["usa"])])
        #expect(try !ids("united states").contains("radio") && ids("united").contains("radio"))
        #expect(try ids("united states united states").contains("usa"))
        try collection.setSynonyms((0..<64).map { number in .init(from: ["tv"], to: (0..<60).map { "other \(number) \($0)" }) })
        #expect(try ids("tv") == ["tv"])
        let cut = try collection.search(SearchRequest(text: "tv", mode: .lexical)).degraded.first
        #expect(cut?.stage == "analyze")
        let many = (0..<900).map { "word\($0)" }.joined(separator: " ")
        try collection.setSynonyms((0..<900).map { .init(from: ["word\($0)"], to: ["television", "tv set \($0)", "radio"]) })
        let response = try collection.search(SearchRequest(text: many, mode: .lexical))
        #expect(Set(response.hits.map(\.id)) == ["television", "radio"] && response.degraded.first?.stage == "analyze")
    }

    @Test("many rules that begin with one word cost a query no more than few")
    func many() throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms((0..<10_000).map { .init(from: ["wall \($0)"], to: ["radio"]) })
        let text = String(repeating: "wall ", count: 12_000)
        let begin = ContinuousClock.now
        #expect(try !hits(text).isEmpty)
        // Rule by rule it took some fourteen seconds.
        #expect(begin.duration(to: .now) < .seconds(5))
        #expect(try ids("wall 7").contains("radio"))
    }

    @Test("rules outlive a restart and a rebuild")
    func restart() throws {
        try collection.setSynonyms([.init(to: ["tv", "television"])])
        let before = collection.status().generation
        try collection.rebuild()
        #expect(eventually { collection.status().generation > before })
        #expect(try ids("tv") == ["tv", "television"])
        engine.close(within: .seconds(5))
        expectError(.unavailable, naming: "closed") { try collection.setSynonyms([]) }
        let again = try openEngine(folder.path, tinySettings())
        defer { again.close(within: .seconds(5)) }
        let opened = try again.collection("shop")
        #expect(opened.synonyms == [.init(to: ["tv", "television"])] && opened.status().synonymRules == 1)
        #expect(try ids("tv", in: opened) == ["tv", "television"])
    }

    @Test(
        "rules that say nothing are refused, and change nothing",
        arguments: [
            ([SynonymRule(to: ["tv", "television"]), SynonymRule(to: ["tv"])], "rule 2"),
            ([SynonymRule(from: ["tv"], to: [])], "rule 1"),
            ([SynonymRule(from: ["tv"], to: [" "])], "empty phrase"),
            ([SynonymRule(from: ["tv"], to: ["***"])], "'***' has 0 words"),
            ([SynonymRule(to: ["tv", String(repeating: "a ", count: 17)])], "17 words"),
            ([SynonymRule(to: ["tv", String(repeating: "a", count: 257)])], "257 bytes"),
            ([SynonymRule(to: (0..<65).map { "word\($0)" })], "65 phrases"),
            ([SynonymRule(to: ["tv", "tele\nvision"])], "line break"),
            ([SynonymRule](repeating: SynonymRule(to: (0..<64).map { "w\($0)" }), count: 100), "400000 times"),
            ([SynonymRule](repeating: SynonymRule(to: ["a", "b"]), count: 10_001), "10001 synonym rules"),
        ])
    func refused(_ rules: [SynonymRule], _ text: String) throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms([.init(to: ["tv", "television"])])
        expectError(.invalidArgument, naming: text) { try collection.setSynonyms(rules) }
        #expect(try collection.synonyms == [.init(to: ["tv", "television"])] && ids("tv") == ["tv", "television"])
    }

    @Test("fields of different chains each have the synonyms of their words")
    func chains() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "text"), .init(name: "label", analyzer: "keyword")])
        let other = try engine.create(name: "labels", schema: schema, model: .none, reranker: .none)
        _ = try other.write(
            WriteBatch([
                .upsert(Document(id: "text", texts: [("text", "maps of the united states")])),
                .upsert(Document(id: "label", texts: [("label", "United States")])),
            ]), acknowledgement: .searchable)
        try other.setSynonyms([.init(to: ["usa", "united states"])])
        #expect(try Set(ids("usa", in: other)) == ["text", "label"])
    }

    @Test("the report of an analysed query shows them")
    func report() throws {
        defer { engine.close(within: .seconds(5)) }
        try collection.setSynonyms([.init(to: ["usa", "united states", "america"])])
        let report = try collection.analyze("usa", asQuery: true)
        #expect(report.groups.first?.forms.contains { $0.term.text == "america" && $0.weight == 0.8 } == true)
        #expect(report.groups.contains { $0.text == "\"united states\"" })
    }
}
