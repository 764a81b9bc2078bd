import Testing
import TextAnalysis

@Suite("Compounds")
struct CompoundTests {
    private static let german = [
        "speicher": 90, "verwaltung": 80, "haus": 100, "boot": 50, "donau": 20, "dampf": 30, "schiff": 40, "fahrt": 60, "autobahn": 70, "auto": 90, "bahn": 80,
        "kinder": 50, "garten": 40,
        "liebling": 20, "essen": 30, "aktion": 30, "plan": 20, "straße": 10,
    ]

    private static func documents(_ word: ArraySlice<UInt8>) -> Int { german[String(decoding: word, as: UTF8.self)] ?? 0 }

    @Test(
        "a word is divided where its parts are commoner than itself",
        arguments: [
            ("speicherverwaltung", "speicher|verwaltung"), ("hausboot", "haus|boot"), ("dampfschifffahrt", "dampf|schiff|fahrt"),
            ("donaudampfschiff", "donau|dampf|schiff"),
            // Links between the parts.
            ("lieblingsessen", "liebling|essen"), ("aktionsplan", "aktion|plan"), ("kindergarten", "kinder|garten"),
            // Both words exist, but the whole one is no rarer than they are.
            ("autobahn", "auto|bahn"), ("speicher", ""), ("hausbooten", ""), ("unbekannteswort", ""), ("haus-boot", ""), ("", ""),
        ])
    func german(word: String, parts: String) throws {
        let language = try #require(Language("de"))
        #expect(CompoundSplitter.split(word, language) { Self.documents($0) }.joined(separator: "|") == parts)
    }

    @Test("a common word is no compound, and languages that write compounds apart have none")
    func none() throws {
        let (de, en) = (try #require(Language("de")), try #require(Language("en")))
        #expect(CompoundSplitter.split("autobahn", de) { $0.elementsEqual("autobahn".utf8) ? 1000 : Self.documents($0) }.isEmpty)
        #expect(CompoundSplitter.split("hausboot", en) { Self.documents($0) }.isEmpty)
    }

    @Test(
        "a word is a kind of another one that it ends with, if what stands before is a word, with a link or none",
        arguments: [
            ("speicherverwaltung", "verwaltung", true), ("aktionsplan", "plan", true), ("lieblingsessen", "essen", true),
            ("vorverwaltung", "verwaltung", false),
            ("unbekanntplan", "plan", false), ("verwaltung", "verwaltung", false), ("bootboot", "boot", true), ("straßenplan", "plan", true),
        ])
    func kinds(word: String, head: String, isCompound: Bool) throws {
        let (de, en) = (try #require(Language("de")), try #require(Language("en")))
        #expect(CompoundSplitter.isCompound(Array(word.utf8), of: Array(head.utf8), de) { Self.documents($0) } == isCompound)
        #expect(!CompoundSplitter.isCompound(Array(word.utf8), of: Array(head.utf8), en) { Self.documents($0) })
    }

    @Test("a hostile word takes few look-ups")
    func hostile() throws {
        let language = try #require(Language("de"))
        var asked = 0
        _ = CompoundSplitter.split(String(repeating: "e", count: 64), language) { _ in
            asked += 1
            return 1
        }
        #expect(asked <= 64)
        #expect(CompoundSplitter.split(String(repeating: "e", count: 10_000), language) { _ in 1 }.isEmpty)
    }

    @Test(
        "words with hyphens, dots and underscores are indexed and searched as one, too",
        arguments: [
            ("e-mail", "email"), ("email", "e-mail"), ("on-line-shops", "onlineshop"), ("Data-Base", "databases"), ("A-123", "a123"), ("covid19", "COVID-19"),
            ("nodejs", "node.js"), ("node.js", "NodeJS"), ("username", "user_name"), ("user_names", "username"), ("usa", "U.S.A."), ("U.S.S.R.", "ussr"),
            ("ссср", "С.С.С.Р."),
            ("python311", "python3.11"), ("tiếngviệt", "tiếng_việt"), ("एसी", "ए.सी."), ("Ἀθόσ", "Ἀθ.όσ"),
        ])
    func joined(query: String, text: String) throws { #expect(try meet(query, text)) }

    @Test(
        "nothing else is joined",
        arguments: [
            ("well", "we'll"), ("cant", "can't"), ("314", "3.14"), ("orgapacheluceneindex", "org.apache.lucene.index"), ("20240102", "2024-01-02"),
            ("1b2", "1-b2"), ("314", "३-१४"), ("314", "٣_١٤"), ("12", "१-2"), ("init", "in'it"),
        ])
    func notJoined(query: String, text: String) throws { #expect(try !meet(query, text)) }

    /// Whether the query finds the text.
    private func meet(_ query: String, _ text: String) throws -> Bool {
        let analyzer = try Analyzer(AnalyzerConfiguration(stemmer: "english"))
        var analyzed = AnalyzedText()
        analyzer.analyze(text, into: &analyzed)
        let keys = Set(analyzed.tokens.filter { $0.form != .language }.map { analyzed.term(of: $0) })
        return analyzer.analyzeQuery(query).contains { $0.forms.contains { keys.contains($0.term) } }
    }
}
