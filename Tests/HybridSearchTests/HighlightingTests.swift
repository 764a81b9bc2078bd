import HybridSearch
import SearchCore
import Storage
import Testing

/// Highlights as part of a search: which groups are marked, in which fields, with which weights.
@Suite("Searches with highlights")
struct HighlightingTests {
    let bench: Bench

    init() throws {
        bench = try Bench(vectorSchema, tinySettings())
        let filler = String(repeating: "Plain words stand everywhere. ", count: 10)
        var documents = (0..<20).map { document("f\($0)", "common things \($0)", vector: [Float](repeating: 0.1, count: 8)) }
        documents.append(
            document(
                "d", "Common things first. " + filler + "A quokka is rare. " + filler + "Foxes and foxglove, not cats.", title: "The Quokka’s fox",
                vector: [1, 0, 0, 0, 0, 0, 0, 0]))
        _ = try bench.collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .complete)
    }

    func hit(_ text: String, _ options: HighlightOptions? = HighlightOptions(), change: (inout SearchRequest) -> Void = { _ in }) throws -> Hit {
        var request = SearchRequest(text: text, mode: .lexical, limit: 100)
        request.highlight = options
        change(&request)
        return try #require(try bench.collection.search(request).hits.first { $0.id == "d" })
    }

    func marks(_ hit: Hit) -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: hit.highlights.map { highlighted in
                let bytes = Array((highlighted.field == "title" ? "The Quokka’s fox" : hit.document?.text("text") ?? "").utf8)
                return (highlighted.field, highlighted.passages.flatMap(\.matches).map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) })
            })
    }

    @Test("each field has its passages; without being asked, a hit has none and no stage is reported")
    func fields() throws {
        defer { bench.close() }
        let both = try hit("quokka fox")
        #expect(both.highlights.map(\.field) == ["title", "text"])
        #expect(marks(both)["title"] == ["Quokka’s", "fox"])
        #expect(try hit("quokka fox", HighlightOptions(fields: ["text"])).highlights.map(\.field) == ["text"])
        #expect(try hit("quokka", nil).highlights.isEmpty)
        #expect(try bench.collection.search(lexical("quokka")).stages.allSatisfy { $0.name != "highlight" })
        var request = lexical("quokka fox")
        request.highlight = HighlightOptions()
        let stages = try bench.collection.search(request).stages
        #expect(stages.last?.name == "highlight" && stages.last?.seen == 1 && stages.last?.dropped == 0)
    }

    @Test("passages are of the stored text, also where no stored field is asked for")
    func withoutFields() throws {
        defer { bench.close() }
        let bare = try hit("quokka") { $0.fields = [] }
        #expect(bare.document == nil && bare.highlights.map(\.field) == ["title", "text"])
    }

    @Test(
        "the rare word's passage comes before the common one's: idf counts, in semantic mode, too", arguments: [SearchRequest.Mode.lexical, .semantic, .hybrid])
    func idf(_ mode: SearchRequest.Mode) throws {
        defer { bench.close() }
        let found = try hit("common things quokka", HighlightOptions(fields: ["text"], characters: 40)) {
            $0.mode = mode
            $0.vector = mode == .lexical ? nil : [1, 0, 0, 0, 0, 0, 0, 0]
        }
        #expect(found.highlights.first?.passages.first?.text.contains("A quokka is rare.") == true)
    }

    @Test("a hit by meaning alone has no passage")
    func semanticOnly() throws {
        defer { bench.close() }
        let found = try hit("zebra") {
            $0.mode = .semantic
            $0.vector = [1, 0, 0, 0, 0, 0, 0, 0]
        }
        #expect(found.highlights.isEmpty)
    }

    @Test("what is excluded is not marked; a field's word only there; a prefix marks all its words")
    func operators() throws {
        defer { bench.close() }
        func strict(_ text: String) throws -> [String: [String]] {
            marks(try hit(text, HighlightOptions(passages: 3)) { $0.syntax = .strict })
        }
        #expect(try strict("+fox -title:cats") == ["title": ["fox"], "text": ["Foxes"]])
        #expect(try strict("title:fox quokka") == ["title": ["Quokka’s", "fox"], "text": ["quokka"]])
        #expect(try strict("fox*") == ["title": ["fox"], "text": ["Foxes", "foxglove"]])
        let prefixed = try hit("fox*") { $0.syntax = .strict }
        #expect(prefixed.highlights.first?.passages.first?.matches.first?.terms == ["fox*"])
    }

    @Test("a search with bad options is refused before it runs")
    func refused() {
        defer { bench.close() }
        expectError(.invalidArgument, naming: "'body' is no text field") { _ = try hit("fox", HighlightOptions(fields: ["body"])) }
        expectError(.invalidArgument, naming: "passages is 17") { _ = try hit("zebra", HighlightOptions(passages: 17)) }
    }
}
