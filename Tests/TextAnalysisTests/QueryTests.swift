import SearchCore
import Testing
import TextAnalysis

@Suite("Analyzer: queries")
struct QueryTests {
    let analyzer: Analyzer

    init() throws {
        analyzer = try Analyzer(
            AnalyzerConfiguration(
                surfaceWeight: 1, stemWeight: 0.75, foldedWeight: 0, partWeight: 0.5, bigramWeight: 0, wholeWeight: 0.25, chainWeight: 0.0625,
                stopWordBoost: 0.125))
    }

    private func summary(_ query: String) -> [String] {
        analyzer.analyzeQuery(query).map { term in
            "\(term.text)*\(term.boost)@\(term.position): "
                + term.forms.map { "\($0.term)*\($0.weight)" }.joined(separator: " ")
        }
    }

    @Test("a word is a group of its surface form, its stem, and itself as a part")
    func word() {
        #expect(summary("Running") == ["running*1.0@0: surface:running*1.0 stem:run*0.75 part:run*0.5"])
    }

    @Test("a compound word and its pieces are groups of their own")
    func compound() {
        #expect(
            summary("node.js") == [
                "node.js*1.0@0: surface:node.js*1.0 stem:node.j*0.75",
                "node*0.5@0: surface:node*1.0 stem:node*0.75 part:node*0.5",
                "js*0.5@0: surface:js*1.0 stem:js*0.75 part:js*0.5",
                "nodejs*0.0625@0: surface:nodejs*1.0 stem:nodej*0.75 part:nodej*0.5",
            ])
    }

    @Test("a joined form is a group besides its words")
    func whole() {
        #expect(
            summary("learn C++") == [
                "learn*1.0@0: surface:learn*1.0 stem:learn*0.75 part:learn*0.5",
                "c*1.0@1: surface:c*1.0 stem:c*0.75 part:c*0.5",
                "c++*1.0@1: whole:c++*0.25",
            ])
    }

    @Test("a joined form of several words has a weight of its own")
    func chain() {
        let terms = analyzer.analyzeQuery("x libfoo-dev/c++ .net")
        let wholes = terms.filter { $0.forms[0].term.form == .whole }
        #expect(
            wholes.map { "\($0.text)*\($0.forms[0].weight)@\($0.position)" } == [
                "libfoo-dev/c++*0.0625@1", "libfoo-dev*0.0625@1", "c++*0.25@3", ".net*0.25@4",
            ])
    }

    @Test("repeated words merge into one group with their count as boost")
    func repeated() {
        let terms = analyzer.analyzeQuery("Dog cat DOG C# c# dog")
        #expect(terms.map(\.text) == ["dog", "cat", "c", "c#"])
        #expect(terms.map(\.boost) == [3, 1, 2, 2])
    }

    @Test("stop words weigh less beside other words, and fully among themselves")
    func stopWords() {
        #expect(analyzer.analyzeQuery("the who").map(\.boost) == [1, 1])
        #expect(analyzer.analyzeQuery("the band").map(\.boost) == [0.125, 1])
        #expect(analyzer.analyzeQuery("don't").map(\.boost) == [1])
        #expect(analyzer.analyzeQuery("to be or not to be").map(\.boost) == [2, 2, 1, 1])
    }

    @Test("a query without words gives no groups", arguments: ["", " ", "?!", "...", "()", "\u{0}", "\u{301}", "- + /"])
    func nothing(query: String) {
        #expect(analyzer.analyzeQuery(query).isEmpty)
    }

    @Test("long queries keep their first groups")
    func limit() {
        let query = (0..<5_000).map { "word\($0)" }.joined(separator: " ")
        let terms = analyzer.analyzeQuery(query)
        #expect(terms.count == Limits.queryGroupsMax)
        #expect(terms.last?.text == "word\(Limits.queryGroupsMax - 1)")
    }

    /// What the engine does with the two sides: a group matches where one of its forms is among the text's keys.
    @Test(
        "words survive whole and by their parts",
        arguments: [
            ("2024", ["2024"]), ("C++", ["c++", "C"]), ("C#", ["c#", "C#,"]), (".NET", [".net", "NET"]), ("node.js", ["node.js", "Node", "JS"]),
            ("A-123", ["a-123", "A", "123", "(A-123)"]), ("3.14", ["3.14", "14"]), ("user@host", ["user@host", "user", "host"]),
            ("libfoo-dev", ["libfoo-dev", "libfoo", "dev"]), ("/etc/passwd", ["/etc/passwd", "etc", "passwd", "etc/passwd"]),
            ("-O2", ["-O2", "o2"]), ("snake_cases", ["snake_cases", "snake", "case", "snake_case"]), ("ﬁle‑name", ["file-name", "file"]),
            ("東京タワー", ["東京タワー", "東京", "タワー", "東"]), ("编程", ["编程", "学编程"]), ("हिन्दी", ["हिन्दी"]), ("👩‍💻", ["👩‍💻"]), ("Müller’s", ["müller's", "MÜLLER"]),
        ])
    func findable(text: String, queries: [String]) {
        var analyzed = AnalyzedText()
        analyzer.analyze("some words, then \(text).", into: &analyzed)
        let keys = Set(analyzed.tokens.map { analyzed.term(of: $0) })
        for query in queries {
            let matches = analyzer.analyzeQuery(query).contains { $0.forms.contains { keys.contains($0.term) } }
            #expect(matches, "\(query) finds \(text)")
        }
    }

    @Test("every surface and joined form of a text used as query is found in it")
    func sameChain() {
        for (text, _) in AnalyzerTests.words + AnalyzerTests.wholes {
            var analyzed = AnalyzedText()
            analyzer.analyze(text, into: &analyzed)
            let keys = Set(analyzed.tokens.map { analyzed.term(of: $0) })
            for term in analyzer.analyzeQuery(text) where term.forms[0].term.form == .whole || term.boost == 1 {
                #expect(term.forms.contains { keys.contains($0.term) })
            }
        }
    }
}
