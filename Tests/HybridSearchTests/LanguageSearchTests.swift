import HybridSearch
import SearchCore
import Testing
import TextAnalysis

/// Searches in collections of many languages, and of fields with chains of their own.
@Suite("Searches by language and chain")
struct LanguageSearchTests {
    private let folder: TemporaryFolder
    private let engine: SearchEngine

    init() throws {
        folder = try TemporaryFolder()
        engine = try openEngine(folder.path, tinySettings())
    }

    private static let german = "Die Häuser am Fluss sind vor dem Krieg gebaut worden, und sie werden heute von vielen Familien bewohnt."
    private static let english = "The houses along the river were built before the war, and many families are living in them today."
    private static let polish = "Domy nad rzeką zostały zbudowane przed wojną, a dzisiaj mieszka w nich wiele rodzin z dziećmi."
    private static let korean = "강가에 있는 집들은 전쟁 전에 지어졌고 오늘날에는 많은 가족들이 아이들과 함께 살고 있다."

    private func write(_ collection: HybridSearch.Collection, _ documents: [Document]) throws {
        _ = try collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
    }

    private func ids(_ collection: HybridSearch.Collection, _ text: String, _ change: (inout SearchRequest) -> Void = { _ in }) throws -> [String] {
        var request = SearchRequest(text: text, mode: .lexical)
        request.syntax = .strict
        change(&request)
        return try collection.search(request).hits.map(\.id)
    }

    @Test("each language's inflections are found, nobody saying which language it is")
    func inflections() throws {
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.create(name: "all", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        let texts = [("de", Self.german), ("en", Self.english), ("pl", Self.polish), ("ko", Self.korean)]
        try write(collection, texts.map { Document(id: $0.0, texts: [("text", $0.1)]) })
        for (query, id) in [("haus", "de"), ("house", "en"), ("zbudowany", "pl"), ("전쟁을", "ko"), ("가족", "ko"), ("Hauser", "de")] {
            #expect(try ids(collection, query).first == id, "\(query)")
        }
        // The schema survives a restart, and so does what is found.
        engine.close(within: .seconds(5))
        let again = try openEngine(folder.path, tinySettings())
        defer { again.close(within: .seconds(5)) }
        #expect(try ids(try again.collection("all"), "haus") == ["de"])
    }

    @Test("which compounds a word finds depends on live documents alone, not on segments, dead documents and merges")
    func kindsBySegment() throws {
        defer { engine.close(within: .seconds(5)) }
        let around = "Das ist für die Häuser am Fluss und die Familien, die in ihnen wohnen, sehr wichtig gewesen: "
        let firsts = (0..<40).map { number in
            "teil" + String("abcdefghij".utf8.map { Character(UnicodeScalar($0)) }[number % 10]) + String(repeating: "o", count: number / 10)
        }
        let texts = firsts.map { around + $0 } + firsts.enumerated().flatMap { number, first in (0...number % 5).map { _ in around + first + "verwaltung" } }
        func fill(_ name: String, by size: Int, spoiled: Bool) throws -> HybridSearch.Collection {
            let collection = try engine.create(name: name, schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
            let documents = texts.enumerated().map { Document(id: "d\($0.offset)", texts: [("text", $0.element)]) }
            let spoil =
                spoiled ? (0..<60).map { Document(id: "x\($0)", texts: [("text", around + firsts[39] + "verwaltung " + firsts[$0 % 40] + "verwaltung")]) } : []
            let all = spoil + documents
            for start in stride(from: 0, to: all.count, by: size) { try write(collection, Array(all[start..<min(start + size, all.count)])) }
            if spoiled { _ = try collection.write(WriteBatch(spoil.map { .delete(id: $0.id) }), acknowledgement: .searchable) }
            return collection
        }
        func answer(_ collection: HybridSearch.Collection) throws -> [[String: UInt64]] {
            try ["verwaltung", firsts[3] + " verwaltung"].map { text in
                let hits = try collection.search(SearchRequest(text: text, mode: .lexical, limit: 1000)).hits
                return Dictionary(uniqueKeysWithValues: hits.map { ($0.id, $0.score.bitPattern) })
            }
        }
        let whole = try fill("whole", by: 1000, spoiled: false)
        let expected = try answer(whole)
        #expect(expected[0].count > 16)
        for (name, size, spoiled) in [("cut", 7, false), ("spoiled", 11, true)] {
            let collection = try fill(name, by: size, spoiled: spoiled)
            #expect(try answer(collection) == expected, "\(name)")
            try collection.merge()
            #expect(try answer(collection) == expected, "\(name), merged")
        }
    }

    @Test("the word as it is written ranks first, whichever spelling is the rarer one")
    func exactFirst() throws {
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.create(name: "exact", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        let pairs = [("cafe", "café"), ("koln", "köln"), ("sik", "şık"), ("елка", "ёлка"), ("كتاب", "كِتاب"), ("muller", "müller")]
        for (plain, accented) in pairs {
            // Rare in the one spelling, common in the other, and the other way round.
            let texts = (0..<6).map { ("\(plain)-\($0)", "\(plain) in town") } + [("\(plain)-accented", "\(accented) in town")]
            try write(collection, texts.map { Document(id: $0.0, texts: [("text", $0.1)]) })
            #expect(try ids(collection, plain).prefix(6).allSatisfy { !$0.hasSuffix("accented") }, "\(plain)")
            #expect(try ids(collection, plain).contains("\(plain)-accented"), "\(plain)")
            #expect(try ids(collection, accented).first == "\(plain)-accented", "\(accented)")
        }
    }

    @Test("a term that is there only in fields of another chain matches nothing, and harms nothing")
    func otherChain() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "title"), .init(name: "tag", analyzer: "keyword")])
        let collection = try engine.create(name: "tags", schema: schema, model: .none, reranker: .none)
        try write(collection, [Document(id: "1", texts: [("tag", "York")])])
        for query in ["xx York", "york?", "where is york", "New York City", "+york +xx"] { #expect(try ids(collection, query).isEmpty, "\(query)") }
        #expect(try ids(collection, "york") == ["1"])
    }

    @Test("a word finds compounds that end with it, where what stands before is a word of the collection, below texts with the word itself")
    func kinds() throws {
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.create(name: "kinds", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        let around = "Das ist für die Häuser am Fluss und die Familien, die in ihnen wohnen, sehr wichtig gewesen: "
        let texts = [
            "whole": "die Speicherverwaltung", "self": "die Verwaltung", "part": "der Speicher", "linked": "die Stadtverwaltungsreform und die Stadtverwaltung",
            "none": "die Xyzverwaltung", "other": "der Garten",
        ]
        try write(collection, texts.map { Document(id: $0.key, texts: [("text", around + $0.value)]) })
        let found = try ids(collection, "Verwaltung")
        // Of `Stadtverwaltung` no part is known until there is a text about a Stadt.
        #expect(found == ["self", "whole"])
        try write(collection, [Document(id: "stadt", texts: [("text", around + "die Stadt")])])
        #expect(try ids(collection, "Verwaltung").first == "self" && Set(ids(collection, "Verwaltung")) == ["self", "whole", "linked"])
        #expect(try ids(collection, "+Verwaltung") == ["self"])
        // The whole goes, and so does what was known by it.
        _ = try collection.write(WriteBatch([.delete(id: "part")]), acknowledgement: .searchable)
        #expect(try Set(ids(collection, "Verwaltung")) == ["self", "linked"])
    }

    @Test("a word that has to match may have other accents, or none, unless it is asked for as it is written")
    func accents() throws {
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.create(
            name: "accents", schema: CollectionSchema(textFields: [.init(name: "text")], analyzer: AnalyzerConfiguration(stemmer: nil)), model: .none,
            reranker: .none)
        try write(collection, ["cafe", "café", "tea"].map { Document(id: $0, texts: [("text", $0 + " house")]) })
        #expect(try ids(collection, "café") == ["café", "cafe"] && ids(collection, "cafe") == ["cafe", "café"])
        #expect(try ids(collection, "+café +house") == ["café", "cafe"] && ids(collection, "house -cafe") == ["tea"])
        #expect(try ids(collection, "\"café\"") == ["café"])
    }

    @Test("compounds are divided by the collection's own words, and words that documents write as one are joined")
    func compounds() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "text")], attributes: [.init(name: "lang", type: "keyword")])
        let collection = try engine.create(name: "compounds", schema: schema, model: .none, reranker: .none)
        func document(_ id: String, _ text: String) -> Document {
            Document(id: id, texts: [("text", text)], attributes: [("lang", [.keyword("de")])])
        }
        try write(
            collection,
            [
                document("apart", "Verwaltung von Speicher"), document("one", "Speicherverwaltung"), document("other", "Verwaltung"),
                document("third", "Speicher"),
            ])
        #expect(try ids(collection, "Speicherverwaltung") == ["one", "apart", "other", "third"])
        #expect(try ids(collection, "Speicher Verwaltung").first == "apart" && ids(collection, "Speicher Verwaltung").contains("one"))
        // What has to match is the word itself.
        #expect(try ids(collection, "+Speicherverwaltung") == ["one"])
        // A word that only dead documents have divides nothing.
        _ = try collection.write(WriteBatch(["apart", "other"].map { .delete(id: $0) }), acknowledgement: .searchable)
        #expect(try ids(collection, "Speicherverwaltung") == ["one"])
    }

    @Test("what is added to a query's words gives way where there are as many as a query may have")
    func many() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "text")], analyzer: AnalyzerConfiguration(stemmer: nil))
        let collection = try engine.create(name: "many", schema: schema, model: .none, reranker: .none)
        let words = (0..<Limits.queryGroupsMax).map { "wörd\($0)" }
        try write(collection, [Document(id: "a", texts: [("text", words.joined(separator: " ").replacing("ö", with: "o"))])])
        // Each word has a variant that the document has.
        let response = try collection.search(SearchRequest(text: words.joined(separator: " "), mode: .lexical))
        #expect(response.hits.map(\.id) == ["a"] && response.degraded.first?.reason.contains("terms") == true)
        #expect(try ids(collection, words.map { "title OR \($0)" }.prefix(300).joined(separator: " OR ")) == ["a"])
    }

    @Test("a query's own language is the only one that its words are stemmed for")
    func statedQuery() throws {
        defer { engine.close(within: .seconds(5)) }
        let collection = try engine.create(name: "two", schema: CollectionSchema(textFields: [.init(name: "text")]), model: .none, reranker: .none)
        try write(collection, [Document(id: "de", texts: [("text", Self.german)]), Document(id: "en", texts: [("text", Self.english)])])
        #expect(try ids(collection, "house") { $0.language = "en" } == ["en"])
        #expect(try ids(collection, "house") { $0.language = "pl" } == [])
        #expect(throws: TandemError.invalidArgument("")) { try ids(collection, "house") { $0.language = "klingon" } }
    }

    @Test("a document's own language is believed, and deletes keep the counts right")
    func statedDocument() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "text")], attributes: [.init(name: "lang", type: "keyword")])
        let collection = try engine.create(name: "stated", schema: schema, model: .none, reranker: .none)
        let one = Document(id: "a", texts: [("text", "Gebäuden")], attributes: [("lang", [.keyword("de")])])
        try write(collection, [one, Document(id: "b", texts: [("text", "other words")], attributes: [("lang", [.keyword("en")])])])
        #expect(try ids(collection, "Gebäude") == ["a"])
        _ = try collection.write(WriteBatch([.delete(id: "a")]), acknowledgement: .searchable)
        #expect(try ids(collection, "Gebäude") == [] && ids(collection, "word") == ["b"])
    }

    @Test("fields have chains of their own: code by its pieces, keywords whole, HTML without its markup")
    func chains() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(
            textFields: [.init(name: "text", analyzer: "page"), .init(name: "symbol", analyzer: "code"), .init(name: "label", analyzer: "keyword")],
            analyzers: ["page": AnalyzerDefinition(characterFilters: [.html])])
        let collection = try engine.create(name: "chains", schema: schema, model: .none, reranker: .none)
        try write(
            collection,
            [
                Document(
                    id: "a",
                    texts: [
                        ("text", "<p class=\"secret\">Red ap<b>ples</b></p>"), ("symbol", "parseHTTPHeader"), ("label", "New York"),
                    ]),
                Document(id: "b", texts: [("text", "green pears"), ("symbol", "std::vector"), ("label", "York")]),
            ])
        #expect(try ids(collection, "apple") == ["a"] && ids(collection, "secret") == [] && ids(collection, "header") == ["a"])
        #expect(try ids(collection, "\"new york\"") == ["a"] && ids(collection, "label:york") == ["b"] && ids(collection, "symbol:vector") == ["b"])
        // Each word in the fields of one chain or another.
        #expect(try ids(collection, "+red +apples") == ["a"] && ids(collection, "+red +header") == ["a"] && ids(collection, "+red +vector") == [])
        #expect(try ids(collection, "\"red apples\"") == ["a"] && ids(collection, "red -header") == [])
        var request = SearchRequest(text: "apples header", mode: .lexical)
        request.highlight = HighlightOptions()
        let passages = try #require(collection.search(request).hits.first).highlights
        let marked = passages.flatMap { field in field.passages.flatMap { passage in passage.matches.map { "\(field.field) \($0.start)-\($0.end)" } } }
        #expect(marked == ["text 22-31", "symbol 9-15"])
    }

    @Test(
        "a schema with a chain that is none is refused",
        arguments: [
            (CollectionSchema(textFields: [.init(name: "t", analyzer: "none")]), "unknown analyzer 'none'"),
            (CollectionSchema(analyzers: ["standard": AnalyzerDefinition()]), "'standard' is built in"),
            (CollectionSchema(analyzers: ["a": AnalyzerDefinition(characterFilters: [.pattern("(", replacement: "")])]), "no regular expression"),
        ])
    func refused(schema: CollectionSchema, reason: String) throws {
        defer { engine.close(within: .seconds(5)) }
        expectError(.invalidArgument, naming: reason) { _ = try engine.create(name: "c", schema: schema, model: .none, reranker: .none) }
    }

    @Test("an analysis is that of the field, or of the chain that is named")
    func analysis() throws {
        defer { engine.close(within: .seconds(5)) }
        let schema = CollectionSchema(textFields: [.init(name: "text"), .init(name: "symbol", analyzer: "code")])
        let collection = try engine.create(name: "analysis", schema: schema, model: .none, reranker: .none)
        func words(_ report: AnalysisReport) -> [String] { report.stages.last { $0.name.hasPrefix("tokenizer") }?.tokens.map(\.text) ?? [] }
        #expect(try words(collection.analyze("foo::bar")) == ["foo", "bar"])
        #expect(try words(collection.analyze("foo::bar", field: "symbol")) == ["foo::bar"])
        #expect(try words(collection.analyze("foo::bar baz", analyzer: "keyword")) == ["foo::bar baz"])
        try write(collection, [Document(id: "de", texts: [("text", Self.german)])])
        let report = try collection.analyze("Häuser", asQuery: true)
        #expect(report.queryLanguages.map(\.code) == ["de"] && report.groups.first?.forms.contains { $0.term.text == "haus" } == true)
        expectError(.invalidArgument, naming: "no text field") { _ = try collection.analyze("a", field: "nothing") }
        expectError(.invalidArgument, naming: "unknown analyzer") { _ = try collection.analyze("a", analyzer: "nothing") }
        expectError(.invalidArgument, naming: "give one of them") { _ = try collection.analyze("a", field: "text", analyzer: "code") }
        expectError(.invalidArgument, naming: "lang is 'xx'") { _ = try collection.analyze("a", language: "xx") }
        expectError(.invalidArgument, naming: "at most 1048576") { _ = try collection.analyze(String(repeating: "a", count: 1 << 20 + 1)) }
    }
}
