import TandemClient
import TandemCommands
import Testing

@Suite("HighlightText")
struct HighlightTextTests {
    static let passage = Passage(
        start: 10, end: 29, text: "The fox\u{1B}[0m,\tfox\n.",
        matches: [PassageMatch(start: 14, end: 17, terms: ["fox"]), PassageMatch(start: 23, end: 26, terms: ["fox"])])

    static func page(_ hits: [Hit], isTerminal: Bool) -> String {
        var response = SearchResponse()
        response.hits = hits
        return SearchText.page(response, offset: 0, width: 80, isTerminal: isTerminal)
    }

    static func hit(_ passage: Passage) -> Hit {
        Hit(id: "d1", score: 1, highlights: [HighlightedField(field: "text", passages: [passage])])
    }

    @Test("matches are bold on a terminal and between asterisks elsewhere; a text's own control characters are gone")
    func marked() {
        #expect(Self.page([Self.hit(Self.passage)], isTerminal: false).contains("\n1. d1\n   text: … The **fox** [0m, **fox** .\n"))
        #expect(Self.page([Self.hit(Self.passage)], isTerminal: true).contains("   text: … The \u{1B}[1mfox\u{1B}[0m [0m, \u{1B}[1mfox\u{1B}[0m .\n"))
    }

    @Test("matches that touch are one mark; a text's own noncharacters mark nothing")
    func touching() {
        let passage = Passage(
            end: 12, text: "\u{FDCF}東京東", matches: [PassageMatch(start: 3, end: 6, terms: ["a"]), PassageMatch(start: 6, end: 9, terms: ["b"])])
        #expect(Self.page([Self.hit(passage)], isTerminal: false).contains("text: \u{FDCF}**東京**東\n"))
        var odd = "a fox"
        odd.unicodeScalars.insert(Unicode.Scalar(0xFDD0 as UInt32)!, at: odd.unicodeScalars.startIndex)
        #expect(Self.page([Self.hit(Passage(end: 8, text: odd))], isTerminal: false).contains("text: a fox\n"))
    }

    @Test("offsets that do not fit the passage mark nothing, and nothing traps")
    func bad() {
        let passage = Passage(
            start: 5, end: 9, text: "text",
            matches: [PassageMatch(start: 0, end: 6), PassageMatch(start: 7, end: 40), PassageMatch(start: 8, end: 7), PassageMatch(start: 6, end: 7)])
        #expect(Self.page([Self.hit(passage)], isTerminal: false).contains("text: … t**e**xt\n"))
    }

    @Test("the end is marked as cut only where the text is known to go on")
    func ends() {
        var hit = Self.hit(Passage(end: 4, text: "text", matches: []))
        hit.document = Document(id: "d1", texts: [TextField(name: "text", text: "text goes on")])
        #expect(Self.page([hit], isTerminal: false).contains("   text: text …\n"))
        hit.document = Document(id: "d1", texts: [TextField(name: "text", text: "text")])
        #expect(Self.page([hit], isTerminal: false).contains("   text: text\n"))
    }

    @Test("JSON carries passages, offsets and terms; without highlights there is no such key")
    func json() throws {
        let text = try SearchJSON.hit(Self.hit(Passage(start: 2, end: 5, text: "fox", score: 1.5, matches: [PassageMatch(start: 2, end: 5, terms: ["fox"])])))
            .text(pretty: false)
        #expect(
            text.contains(
                #""highlights":[{"field":"text","passages":[{"end":5,"matches":[{"end":5,"start":2,"terms":["fox"]}],"score":1.5,"start":2,"text":"fox"}]}]"#),
            "\(text)")
        #expect(!(try SearchJSON.hit(Hit(id: "x")).text(pretty: false).contains("highlights")))
    }

    @Test("the options arrive in the request, and make no sense without --highlight")
    func options() throws {
        func request(_ arguments: String...) throws -> SearchRequest {
            try #require(try TandemCommandLine.parseAsRoot(["search", "c", "t"] + arguments) as? SearchCommand).request()
        }
        #expect(try request().highlight == nil)
        #expect(try request("--highlight").highlight == HighlightOptions())
        #expect(
            try request("--highlight", "--highlight-fields", "title, text", "--passages", "3", "--passage-length", "50").highlight
                == HighlightOptions(fields: ["title", "text"], passages: 3, characters: 50))
        for wrong in [["--passages", "3"], ["--highlight", "--passages", "0"], ["--highlight", "--passage-length", "5000"]] {
            #expect(throws: (any Error).self) { try TandemCommandLine.parseAsRoot(["search", "c", "t"] + wrong) }
        }
    }
}
