import TandemClient
import TandemServer
import Testing

@Suite("Highlights over the wire", .timeLimit(.minutes(1)))
struct HighlightServiceTests {
    static let text = "Nothing here. Der Café-Besitzer 👨‍👩‍👧 serves cafe\u{301}. " + String(repeating: "Filler goes on and on. ", count: 30) + "Cafés again."

    @Test("passages arrive with byte offsets into the stored text, by field")
    func passages() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("d", Self.text, title: "No match")], into: "c", acknowledgement: .searchable)
            var request = SearchRequest(collection: "c", text: "café 👨‍👩‍👧", mode: .lexical)
            request.highlight = HighlightOptions(passages: 2, characters: 80)
            let hit = try #require(try await client.search(request).hits.first)
            #expect(hit.highlights.map(\.field) == ["text"])
            let stored = Array(try #require(hit.document?.texts.first { $0.name == "text" }).text.utf8)
            let passages = try #require(hit.highlights.first?.passages)
            #expect(passages.count == 2 && passages[0].score > passages[1].score && passages[1].text.hasSuffix("Cafés again."))
            var marked: [[String]] = []
            for passage in passages {
                #expect(Array(passage.text.utf8) == Array(stored[Int(passage.start)..<Int(passage.end)]))
                marked.append(passage.matches.map { String(decoding: stored[Int($0.start)..<Int($0.end)], as: UTF8.self) })
            }
            #expect(marked == [["Café", "👨‍👩‍👧", "café"], ["Cafés"]])
            #expect(passages[0].matches.map(\.terms) == [["café"], ["👨👩👧"], ["café"]])

            request.fields = FieldSelection()
            request.highlight = HighlightOptions(fields: ["title"], noMatchCharacters: 50)
            let beginning = try #require(try await client.search(request).hits.first)
            #expect(beginning.document == nil)
            #expect(beginning.highlights == [HighlightedField(field: "title", passages: [Passage(end: 8, text: "No match")])])
        }
    }

    @Test(
        "options out of range are refused by name",
        arguments: [
            Refusal("passages is 0; expected 1 to 16") { $0.passages = 0 }, Refusal("passages is 4294967295") { $0.passages = .max },
            Refusal("characters is 10; expected 20 to 4096") { $0.characters = 10 }, Refusal("no_match_characters is 201") { $0.noMatchCharacters = 201 },
            Refusal("'nope' is no text field of the collection; it has title, text") { $0.fields = ["title", "nope"] },
        ] as [Refusal<HighlightOptions>])
    func refusals(_ refusal: Refusal<HighlightOptions>) async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            var options = HighlightOptions()
            refusal.change(&options)
            var request = SearchRequest(collection: "c", text: "a", mode: .lexical)
            request.highlight = options
            let error = await failure { _ = try await client.search(request) }
            #expect(error?.code == .invalidArgument && error?.message.contains(refusal.word) == true, "\(error?.message ?? "")")
        }
    }
}
