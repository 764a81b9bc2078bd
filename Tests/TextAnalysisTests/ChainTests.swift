import SearchCore
import Testing
import TextAnalysis

@Suite("Chains of fields")
struct ChainTests {
    private func chain(_ name: String) throws -> Analyzer { try Analyzer(AnalyzerConfiguration(), try #require(AnalyzerDefinition.builtIn[name])) }

    @Test(
        "built-in chains",
        arguments: [
            ("keyword", "  New York (NY) ", ["new york (ny)"]), ("keyword", "", []), ("whitespace", "C++, café\tΑ-1", ["c++,", "café", "α-1"]),
            ("code", "parseHTTPHeader(std::string, foo_bar-2)", ["parsehttpheader", "std::string", "foo_bar-2"]),
            ("code", "/usr/lib/x86_64 v1.2.3~rc1. C++ C# node.js;", ["/usr/lib/x86_64", "v1.2.3~rc1", "c++", "c#", "node.js"]),
            ("ngram", "abc d", ["ab", "abc", "bc"]), ("standard", "Hello, World", ["hello", "world"]), ("german", "Die Häuser", ["die", "häuser"]),
        ])
    func builtIn(name: String, text: String, words: [String]) throws {
        #expect(try chain(name).texts(text, .surface) == words)
    }

    @Test(
        "an identifier gives its pieces, which end where case changes and numbers begin",
        arguments: [
            ("parseHTTPHeader", "parse|http|header"), ("foo_bar-2", "foo|bar|2"), ("/usr/lib", "usr|lib"), ("x86_64", "x|86|64"), ("word", ""), ("WORD", ""),
            ("Word", ""), ("getÜberschrift", "get|überschrift"), ("v1.2.3", "v|1|2|3"), ("std::string", "std|string"), ("iOS", "i|os"),
        ])
    func identifiers(text: String, parts: String) throws {
        #expect(try chain("code").texts(text, .part).joined(separator: "|") == parts)
    }

    @Test(
        "pieces of an identifier are found, and find it",
        arguments: [("parseHTTPHeader", "header"), ("HTTPHeader", "parseHTTPHeader"), ("/usr/lib/foo", "foo")])
    func piecesMatch(query: String, text: String) throws {
        let code = try chain("code")
        var analyzed = AnalyzedText()
        code.analyze(text, into: &analyzed)
        let keys = Set(analyzed.tokens.map { analyzed.term(of: $0) })
        #expect(code.analyzeQuery(query).contains { $0.forms.contains { keys.contains($0.term) } })
    }

    @Test("a chain for one language stems for that alone")
    func oneLanguage() throws {
        let german = try chain("german")
        #expect(german.texts("Häuser houses", .stem) == ["haus", "hous"] && german.languages("The houses of the river") == ["de"])
    }

    @Test(
        "HTML leaves its text, and offsets select the source",
        arguments: [
            ("<p>Hello <b>wor</b>ld</p><p>x</p>", ["hello", "world", "x"], ["Hello", "wor</b>ld", "x"]),
            ("a&amp;b caf&eacute; &#x41;&#66;", ["a", "b", "café", "ab"], ["a", "b", "caf&eacute;", "&#x41;&#66;"]),
            ("x<script>if (a < b) {}</script>y<!-- no -->z", ["x", "y", "z"], ["x", "y", "z"]),
            ("1 < 2 > 1 & a<b", ["1", "2", "1", "a", "b"], ["1", "2", "1", "a", "b"]),
            ("<a href=\"x>y\">link</a", ["link", "a"], ["link", "a"]), ("&nbsp;&bogus; &copy", ["bogus", "copy"], ["bogus", "copy"]),
            ("<!DOCTYPE html>ok", ["ok"], ["ok"]),
        ])
    func html(text: String, words: [String], sources: [String]) throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: [.html]))
        let tokens = analyzer.readableTokens(text).filter { $0.form == .surface }
        #expect(tokens.map(\.text) == words && tokens.map(\.source) == sources)
    }

    @Test("hostile markup takes linear time", arguments: ["<", "<a ", "<!--", "&", "&#", "<script>", "</", "<a href='", "&amp"])
    func hostileMarkup(unit: String) throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: [.html]))
        let text = String(repeating: unit, count: 300_000 / unit.utf8.count)
        var analyzed = AnalyzedText()
        let took = ContinuousClock().measure { analyzer.analyze(text, into: &analyzed) }
        // A quadratic step would take minutes.
        #expect(took < .seconds(10))
    }

    @Test("replacements larger than the text are made, all of them, up to a bound; filters one after another do not fill the memory")
    func growth() throws {
        let long = String(repeating: "b", count: 200)
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: [.pattern("a", replacement: long)]))
        var analyzed = AnalyzedText()
        analyzer.analyze(String(repeating: "a ", count: 120), into: &analyzed)
        let words = analyzed.tokens.filter { $0.form == .surface }
        #expect(words.count == 120 && words.allSatisfy { analyzed.text(of: $0) == long })
        // Beyond 64 KiB and four times the text the rest stays as it is.
        analyzer.analyze(String(repeating: "a ", count: 2000), into: &analyzed)
        let rest = analyzed.tokens.filter { $0.form == .surface }.map { analyzed.text(of: $0) }
        #expect(rest.count == 2000 && rest.last == "a" && rest.first == long)
        let bomb = AnalyzerDefinition(characterFilters: (0..<16).map { _ in .pattern(".", replacement: String(repeating: "$0", count: 250)) })
        let begin = ContinuousClock.now
        try Analyzer(AnalyzerConfiguration(), bomb).analyze("a", into: &analyzed)
        #expect(begin.duration(to: .now) < .seconds(10))
    }

    @Test("a pattern replaces what it matches, and offsets select the source")
    func pattern() throws {
        let definition = AnalyzerDefinition(characterFilters: [.pattern("(\\d+)-(\\d+)", replacement: "$1x$2"), .pattern("ä", replacement: "ae")])
        let tokens = try Analyzer(AnalyzerConfiguration(), definition).readableTokens("ä 12-34 é 😀5-6").filter { $0.form == .surface }
        #expect(tokens.map(\.text) == ["ae", "12x34", "é", "😀", "5x6"] && tokens.map(\.source) == ["ä", "12-34", "é", "😀", "5-6"])
        let many = String(repeating: "1-2 ", count: 5000)
        #expect(try Analyzer(AnalyzerConfiguration(), definition).texts(many, .surface).count == 5000)
    }

    @Test("a pattern that backtracks without end leaves the text as it is")
    func endlessPattern() throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: [.pattern("(a+)+$", replacement: "x")]))
        #expect(analyzer.texts(String(repeating: "a", count: 40) + "!", .surface) == [String(repeating: "a", count: 40)])
    }

    @Test(
        "normalisers",
        arguments: [
            (AnalyzerDefinition.Normalizer.nfkcCasefold, "Ｆｕｌｌ ﬁn E\u{301}", "full|fin|é"), (.nfkc, "Ｆｕｌｌ ﬁn E\u{301}", "Full|fin|É"),
            (.nfc, "Ｆｕｌｌ ﬁn E\u{301}", "Ｆｕｌｌ|ﬁn|É"),
            (.none, "Full ﬁn E\u{301}", "Full|ﬁn|E\u{301}"),
        ])
    func normalizers(normalizer: AnalyzerDefinition.Normalizer, text: String, words: String) throws {
        let definition = AnalyzerDefinition(normalizer: normalizer, tokenizer: .whitespace, filters: [])
        let found = try Analyzer(AnalyzerConfiguration(), definition).texts(text, .surface)
        // By scalars: Swift's strings are equal under canonical equivalence.
        #expect(found.map { Array($0.unicodeScalars) } == words.split(separator: "|").map { Array($0.unicodeScalars) })
    }

    @Test(
        "a bad chain is refused",
        arguments: [
            AnalyzerDefinition(tokenizer: .ngram(min: 0, max: 2)), AnalyzerDefinition(tokenizer: .ngram(min: 3, max: 2)),
            AnalyzerDefinition(tokenizer: .ngram(min: 1, max: 17)), AnalyzerDefinition(language: "klingon"), AnalyzerDefinition(language: "vi"),
            AnalyzerDefinition(characterFilters: [.pattern("(.*)\\1x", replacement: "")]),
            AnalyzerDefinition(characterFilters: [.pattern("(?<a>.)\\k<a>", replacement: "")]),
            AnalyzerDefinition(characterFilters: [.pattern("(", replacement: "")]), AnalyzerDefinition(characterFilters: [.pattern("", replacement: "")]),
            AnalyzerDefinition(characterFilters: Array(repeating: .html, count: 17)),
        ])
    func refused(definition: AnalyzerDefinition) {
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(), definition) }
    }

    @Test("fields of one chain share an analyzer; others have their own")
    func fields() throws {
        let code = try #require(AnalyzerDefinition.builtIn["code"])
        let analyzers = try FieldAnalyzers(AnalyzerConfiguration(), [AnalyzerDefinition(), code, AnalyzerDefinition()])
        #expect(analyzers.chains.map(\.fields) == [[0, 2], [1]] && analyzers[field: 0] === analyzers[field: 2])
        #expect(analyzers.chains(of: [1]).map(\.fields) == [[1]] && analyzers.chains(of: [0, 1]).map(\.fields) == [[0], [1]])
        let one = try FieldAnalyzers(AnalyzerConfiguration(), [code, code])
        #expect(one.chains.map(\.fields) == [nil] && one.chains(of: [1]).map(\.fields) == [[1]])
    }

    @Test("a report shows every step")
    func report() throws {
        let definition = AnalyzerDefinition(characterFilters: [.html])
        let report = try Analyzer(AnalyzerConfiguration(), definition).report("<b>Cafés</b>", queryLanguages: [])
        #expect(
            report.stages.map(\.name) == [
                "character filter: html", "normalizer: nfkc_casefold", "tokenizer: standard", "filters: bigrams, fold, parts, stem, wholes",
            ])
        #expect(report.stages[0].text == "Cafés" && report.stages[1].text == "cafés")
        #expect(report.stages[2].tokens.map(\.text) == ["cafés"] && report.stages[2].tokens.map(\.source) == [3..<9])
        #expect(report.stages[3].tokens.contains { $0.form == .folded && $0.text == "cafes" } && !report.groups.isEmpty)
    }
}
