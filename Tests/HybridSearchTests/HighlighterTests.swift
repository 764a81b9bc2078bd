import HybridSearch
import SearchCore
import TextAnalysis
import Testing

/// What marks are put where, on texts whose answer is plain.
@Suite("Highlighter")
struct HighlighterTests {
    let analyzer: Analyzer
    // A group for each word, so that the tests can give each its idf.
    init() throws { analyzer = try Analyzer(AnalyzerConfiguration(indexFolded: false)) }

    /// Passages of a text; groups weigh alike unless `idf` says otherwise.
    func passages(_ query: String, _ text: String, _ options: HighlightOptions = HighlightOptions(), idf: [Double]? = nil) throws -> [Passage] {
        let terms = analyzer.analyzeQuery(query)
        var highlighter = try Highlighter(
            options, schema: textSchema, query: terms, searched: terms.map { _ in nil }, idf: idf ?? terms.map { _ in 1 },
            analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []),
            control: .unlimited)
        return try highlighter.highlights(of: document("d", text)).first { $0.field == "text" }?.passages ?? []
    }

    /// The marked pieces of the text, each with its terms behind an equals sign.
    func marks(_ query: String, _ text: String, _ options: HighlightOptions = HighlightOptions()) throws -> [String] {
        let bytes = Array(text.utf8)
        return try passages(query, text, options).flatMap(\.matches).map {
            String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) + "=" + $0.terms.joined(separator: ",")
        }
    }

    @Test(
        "stems, folded letters, parts and joined forms are marked in the original's own letters",
        arguments: [
            ("running", "He runs, RUNNING fast; a runner ran.", ["runs=running", "RUNNING=running"]),
            ("node", "Use Node.js or node.", ["Node.js=node", "node=node"]),
            ("c++", "C and C++ and c+", ["C=c", "C++=c,c++", "c=c"]),
            ("user@host", "mail user@host, the user", ["user@host=user,host,user@host", "user=user"]),
            ("fish", "A ﬁsh, ＦＩＳＨ and fishes", ["ﬁsh=fish", "ＦＩＳＨ=fish", "fishes=fish"]),
            ("strasse", "Die STRASSE, die Straße", ["STRASSE=strasse", "Straße=strasse"]),
            ("café", "cafe\u{301} CAFÉ cafe", ["cafe\u{301}=café", "CAFÉ=café"]),
            ("don't", "I don’t know", ["don’t=don't"]),
            ("ภาษาไทย", "นี่คือภาษาไทยครับ", ["ภาษา=ภาษา", "ไทย=ไทย"]),
            ("検索", "全文検索の方法", ["検索=検索,検,索"]),
            ("東京", "東京タワーへ", ["東京=東京,東,京"]), ("人", "中国人民", ["人=人"]),
            ("שלום", "אמר שלום לכולם", ["שלום=שלום"]),
            ("👨‍👩‍👧", "see 👨‍👩‍👧 here", ["👨‍👩‍👧=👨👩👧"]),
        ])
    func marked(_ query: String, _ text: String, _ expected: [String]) throws {
        let found = try marks(query, text)
        #expect(found == expected, "\(found)")
    }

    @Test(
        "a match never splits a grapheme cluster",
        arguments: [
            // A mark that folds away or starts no word hangs on to the letter before it.
            ("e", "xx e\u{20DD} yy", "e\u{20DD}"), ("a", "b a\u{200D} c", "a\u{200D}"), ("x", "\u{600}x", "\u{600}x"), ("க", "க\u{BCD}ஷ", "க\u{BCD}ஷ"),
            ("flag", "flag\u{301}\u{302}\u{303} flag", "flag\u{301}\u{302}\u{303}"), ("1", "1\u{FE0F}\u{20E3} one", "1\u{FE0F}\u{20E3}"),
        ])
    func clusters(_ query: String, _ text: String, _ cluster: String) throws {
        for passage in try passages(query, text) {
            for match in passage.matches {
                let piece = String(decoding: Array(text.utf8)[match.start..<match.end], as: UTF8.self)
                #expect(text.split(separator: " ").contains { $0.utf8.elementsEqual(piece.utf8) } || piece.utf8.elementsEqual(cluster.utf8), "\(piece)")
            }
        }
    }

    @Test("terms that overlap are one match with both names; neighbours stay two")
    func merged() throws {
        let passage = try #require(try passages("c++ c", "in c++ now").first)
        #expect(passage.matches == [Passage.Match(start: 3, end: 6, terms: ["c", "c++"])])
        #expect(try marks("東 京", "東京") == ["東=東", "京=京"])
        #expect(try marks("a b", "a b") == ["a=a", "b=b"])
    }

    @Test("a passage begins and ends with sentences where they fit")
    func sentences() throws {
        let text = "Nothing to see. The fox jumps over it. Then it sleeps. " + String(repeating: "Other things happen here too. ", count: 20)
        let one = try #require(try passages("fox", text, HighlightOptions(characters: 45)).first)
        #expect(one.text == "The fox jumps over it. Then it sleeps.")
        #expect(one.start == 16 && one.matches == [Passage.Match(start: 20, end: 23, terms: ["fox"])])
        let end = try #require(try passages("wolf", text + "A wolf came.", HighlightOptions(characters: 60)).first)
        #expect(end.text == "Other things happen here too. A wolf came.")
        #expect(try passages("wolf", "It is late. A wolf").map(\.text) == ["It is late. A wolf"])
        let lines = try #require(try passages("fox", "first line\r\nthe fox\r\nlast line", HighlightOptions(characters: 20)).first)
        #expect(lines.text == "the fox\r\nlast line")
    }

    @Test("without a sentence near it is cut between words, the match in the middle, punctuation with its word")
    func words() throws {
        let text = (0..<100).map { "w\($0)" }.joined(separator: " ") + " (middle), " + (100..<200).map { "w\($0)" }.joined(separator: " ")
        let passage = try #require(try passages("middle", text, HighlightOptions(characters: 40)).first)
        #expect(passage.text == "w96 w97 w98 w99 (middle), w100 w101 w102")
        let chinese = String(repeating: "我们在北京大学学习中文", count: 30) + "猫" + String(repeating: "我们在北京大学学习中文", count: 30)
        let cut = try #require(try passages("猫", chinese, HighlightOptions(characters: 30)).first)
        #expect(cut.text.unicodeScalars.count <= 30 && cut.text.unicodeScalars.count >= 24 && cut.text.contains("猫"))
    }

    @Test("the best passage holds the words that weigh most; others follow, apart from it")
    func best() throws {
        let filler = String(repeating: "and so it goes on. ", count: 30)
        let text = "A common word. " + filler + "A rare word and a common one. " + filler + "Common, common, common. " + filler
        let found = try passages("common rare", text, HighlightOptions(passages: 3, characters: 60), idf: [1, 5])
        #expect(found.count == 3)
        #expect(found[0].text.contains("A rare word and a common one."))
        #expect(found[1].text.contains("Common, common, common."))
        #expect(found[2].text.contains("A common word."))
        #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
        #expect(abs(found[0].score - 6) < 1e-9 && abs(found[1].score - (1.2 - 0.2 / 3)) < 1e-9)
    }

    @Test("matches that only repeat what is nearer do not begin a passage")
    func tightened() throws {
        let text =
            String(repeating: "Nothing of note. ", count: 10) + "Over the hills and through the moor. The fox sleeps in the den of the wolf. Nothing of note."
        let passage = try #require(try passages("the fox", text, HighlightOptions(characters: 50)).first)
        #expect(passage.text == "The fox sleeps in the den of the wolf.")
    }

    @Test("a word on the seam of two pieces is found", arguments: 0...12)
    func seam(_ before: Int) throws {
        // Byte 65,536, where a piece may end from, lies in or beside the word.
        let text = String(repeating: "b ", count: 32_762) + String(repeating: "x", count: 12 - before) + " C++-quokka " + String(repeating: "b ", count: 1000)
        #expect(try marks("quokka C++-quokka", text).map { $0.prefix(10) } == ["C++-quokka"])
    }

    @Test("a text without the query's words has no passage, or its beginning where that is asked for")
    func noMatch() throws {
        #expect(try passages("zebra", "The quick brown fox. It jumps.").isEmpty)
        let options = HighlightOptions(noMatchCharacters: 22)
        #expect(try passages("zebra", "  The quick brown fox. It jumps over.", options).map(\.text) == ["The quick brown fox."])
        #expect(try passages("zebra", "  The quick brown fox. It jumps over.", options).first?.matches == [])
        #expect(try passages("zebra", "short", options).map(\.text) == ["short"])
        #expect(try passages("zebra", String(repeating: "-", count: 100), options).map(\.text.count) == [22])
        #expect(try passages("zebra", " \n ", options).isEmpty && passages("", "", options).isEmpty)
    }

    @Test("a passage ends before a match that it cannot hold")
    func uncut() throws {
        let passage = try #require(try passages("fox user@host", "fox aaa bbb user@host ccc ddd", HighlightOptions(characters: 20), idf: [9, 1, 1, 1]).first)
        #expect(passage.text == "fox aaa bbb")
    }

    @Test("a word longer than a passage is cut at its length")
    func longWord() throws {
        let word = String(repeating: "ab\u{301}", count: 500)
        let passage = try #require(try passages(word, "x " + word + " y", HighlightOptions(characters: 50)).first)
        #expect(passage.start == 2 && (50...51).contains(passage.text.unicodeScalars.count))
        #expect(passage.matches.map { [$0.start, $0.end] } == [[passage.start, passage.end]])
    }

    @Test("NULs and control characters are text like any other")
    func controls() throws {
        let passage = try #require(try passages("fox", "\u{0}a\u{0}fox\u{0}\r\n\u{7}").first)
        #expect(passage.matches == [Passage.Match(start: 3, end: 6, terms: ["fox"])])
    }

    @Test("excluded terms are not marked, and terms of other fields are not")
    func groups() throws {
        var terms = analyzer.analyzeQuery("red green blue")
        terms[0].boost = 0
        var highlighter = try Highlighter(
            HighlightOptions(), schema: textSchema, query: terms, searched: [nil, [0], nil], idf: [1, 1, 1],
            analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []), control: .unlimited)
        let found = try highlighter.highlights(of: document("d", "red green blue", title: "red green blue"))
        #expect(found.map(\.field) == ["title", "text"])
        #expect(found.map { $0.passages[0].matches.flatMap(\.terms) } == [["green", "blue"], ["blue"]])
    }

    @Test(
        "numbers out of range and unknown fields are refused by name",
        arguments: [
            (HighlightOptions(passages: 0), "passages is 0; expected 1 to 16"), (HighlightOptions(passages: 17), "passages is 17"),
            (HighlightOptions(characters: 19), "characters is 19; expected 20 to 4096"), (HighlightOptions(characters: 5000), "characters is 5000"),
            (HighlightOptions(noMatchCharacters: 201), "no_match_characters is 201; expected 0 to 200"),
            (HighlightOptions(fields: ["text", "body"]), "'body' is no text field of the collection; it has title, text"),
        ])
    func refused(_ options: HighlightOptions, _ reason: String) {
        expectError(.invalidArgument, naming: reason) { _ = try passages("a", "a", options) }
    }

    @Test("a long text is given up at the deadline, within a piece")
    func deadline() throws {
        let control = QueryControl()
        control.cancel()
        let terms = analyzer.analyzeQuery("fox")
        var highlighter = try Highlighter(
            HighlightOptions(), schema: textSchema, query: terms, searched: [nil], idf: [1], analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []),
            control: control)
        expectError(.cancelled, naming: "cancelled") { _ = try highlighter.highlights(of: document("d", "fox")) }
    }
}
