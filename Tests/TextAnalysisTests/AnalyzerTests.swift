import Foundation
import SearchCore
import Testing
import TextAnalysis

@Suite("Analyzer")
struct AnalyzerTests {
    let analyzer: Analyzer

    init() throws { analyzer = try Analyzer() }

    /// Expected surface words, separated by `|`.
    static let words: [(text: String, words: String)] = [
        ("", ""), (" \n\t", ""), ("...", ""), ("?!", ""), ("\u{0}", ""), ("\u{301}", ""), ("\u{200D}", ""),
        ("Hello, World!", "hello|world"),
        ("node.js 3.14 1,000 don't snake_case", "node.js|3.14|1,000|don't|snake_case"),
        ("a:b 1:2 a,b a;b 1;2 1'2 a_.b __ _a a__", "a|b|1|2|a|b|a|b|1;2|1'2|a_|b|_a|a__"),
        // Typographic apostrophe and hyphen are those of the keyboard.
        ("don’t l’avion A‑123", "don't|l'avion|a|123"),
        ("Straße STRASSE ﬁn ＦＵＬＬ Ⅻ x²", "strasse|strasse|fin|full|xii|x2"),
        ("cafe\u{301} café Åse", "café|café|åse"),
        // A soft hyphen is no border, a zero-width space is one.
        ("Donau\u{AD}dampf foo\u{200B}bar", "donaudampf|foo|bar"),
        ("İstanbul IĞDIR", "i\u{307}stanbul|iğdir"),
        ("ΟΔΟΣ οδός", "οδοσ|οδόσ"),
        ("Привет, мир", "привет|мир"),
        ("हिन्दी में", "हिन्दी|में"),
        ("مرحبا بالعالم", "مرحبا|بالعالم"),
        ("שלום צה\"ל", "שלום|צה\"ל"),
        ("ภาษาไทยง่ายมาก", "ภาษา|ไทย|ง่าย|มาก"),
        ("ພາສາລາວ", "ພາສາ|ລາວ"),
        ("我喜欢你，世界。", "我|喜欢|你|世界"),
        ("東京タワーへ", "東京タワー|へ"),
        ("서울 부산", "서울|부산"),
        ("👨‍👩‍👧 👍🏽x 🇩🇪🇫🇷 ❤️", "👨👩👧|👍🏽|x|🇩🇪|🇫🇷|❤"),
        ("½ ㎏ ﷺ", "1⁄2|kg|صلى|الله|عليه|وسلم"),
        ("€ + = ©", ""),
    ]

    @Test("words are those of UAX #29 after folding", arguments: words)
    func goldenWords(text: String, words: String) {
        #expect(analyzer.texts(text, .surface).joined(separator: "|") == words)
    }

    static let wholes: [(text: String, wholes: String)] = [
        ("C++ C# .NET", "c++|c#|.net"),
        ("A-123 user@host libfoo-dev /etc/passwd -O2 --help", "a-123|user@host|libfoo-dev|/etc/passwd|-o2|--help"),
        ("\"C++,\" (C#). [libfoo-dev]! <C++>", "c++|c#|libfoo-dev|c++"),
        ("plain words, (nothing) \"joined\"; here: no! etc.", ""),
        ("node.js 3.14 snake_case", ""),
        ("f(x) foo() (foo)", "f(x)|foo()"),
        ("../lib ..., ...and --- ---x", "../lib"),
        ("--color=always,c++/c#", "--color=always,c++/c#|--color|c++|c#"),
        ("and/or src/ /usr/", "and/or|/usr"),
        ("100% 50$ #tag", "100%|50$|#tag"),
        // Words of scripts without spaces stand alone.
        ("C++编程 北京-上海 A-👍", "c++"),
        ("Ｃ＋＋ Ａ‑１２３", "c++|a-123"),
        ("Anne-Marie’s naïve-Bayes", "anne-marie's|naïve-bayes"),
        ("a-b-c-d-e-f-g-h a-b-c-d-e-f-g-h-i", "a-b-c-d-e-f-g-h"),
        ("100€ 20°", "100€|20°"),
    ]

    @Test("joined forms keep meaningful symbols and lose punctuation", arguments: wholes)
    func goldenWholes(text: String, wholes: String) {
        #expect(analyzer.texts(text, .whole).joined(separator: "|") == wholes)
    }

    @Test(
        "a word that the segmenter keeps whole gives its parts, by their stems",
        arguments: [
            ("node.js", "node|js|nodej"), ("3.14", "3|14"), ("snake_cases __init__", "snake|case|snakecas|init"), ("don't", "don|t"),
            ("l’avion", "l|avion"), ("U.S.A.", "u|s|a|usa"), ("word", ""), ("col·lecció", "col|leccio"),
            ("東京タワー", "東|京|タワー"), ("喜欢 我", "喜|欢"), ("行き", "行|き"), ("𠮷野家", "野|家"), ("タワー ภาษา 서울", ""),
        ])
    func parts(text: String, parts: String) throws {
        let english = try Analyzer(AnalyzerConfiguration(stemmer: "english"))
        #expect(english.texts(text, .part).joined(separator: "|") == parts)
    }

    @Test("every word of the language's script has a stem at its own position, also where it equals the word")
    func stems() throws {
        let tokens = try Analyzer(AnalyzerConfiguration(stemmer: "english")).readableTokens("Running 2024 हिन्दी ran")
        #expect(tokens.filter { $0.form == .stem }.map { "\($0.text)@\($0.position)" } == ["run@0", "2024@1", "ran@3"])
    }

    @Test("a stemmer of another language stems its words")
    func german() throws {
        let german = try Analyzer(AnalyzerConfiguration(stemmer: "german"))
        #expect(german.texts("Häuser Häusern", .stem) == ["haus", "haus"])
    }

    @Test("joined forms take the position of their first word and do not count in the length")
    func positions() {
        var analyzed = AnalyzedText()
        analyzer.analyze("see /etc/passwd, (x-y)/C++ node.js", into: &analyzed)
        #expect(analyzed.length == 7)
        let found = analyzed.tokens.filter { $0.form == .whole }.map { "\(analyzed.text(of: $0))@\($0.position)" }
        #expect(found == ["/etc/passwd@1", "x-y)/c++@3", "x-y@3", "c++@5"])
    }

    @Test(
        "offsets select the original bytes",
        arguments: [
            ("Ｎｏｄｅ.ｊｓ", ["Ｎｏｄｅ.ｊｓ"]), ("a cafe\u{301}!", ["a", "cafe\u{301}"]), ("x ½-y", ["x", "½", "y"]),
            ("ﷺ", ["ﷺ", "ﷺ", "ﷺ", "ﷺ"]), ("x 👨‍👩‍👧y", ["x", "👨‍👩‍👧", "y"]), ("Donau\u{AD}dampf", ["Donau\u{AD}dampf"]),
        ])
    func offsets(text: String, sources: [String]) {
        #expect(analyzer.readableTokens(text).filter { $0.form == .surface }.map(\.source) == sources)
        #expect(analyzer.readableTokens("see (“C＋＋”)").last?.source == "C＋＋")
    }

    @Test("a long word is cut at a code point", arguments: ["a", "é", "ｗ", "𝒳", "ж", "ह", "𐐀"])
    func longWords(letter: String) {
        for count in [1, 31, 32, 63, 64, 84, 85, 86, 127, 128, 254, 255, 256, 1000] {
            let tokens = analyzer.readableTokens(String(repeating: letter, count: count))
            let surface = tokens[0].text
            let folded = analyzer.texts(letter, .surface)[0]
            #expect(tokens.filter { $0.form == .surface }.count == 1)
            #expect(surface == String(repeating: folded, count: min(count, Limits.termBytesMax / folded.utf8.count)))
            #expect(tokens.allSatisfy { $0.text.utf8.count <= Limits.termBytesMax })
        }
    }

    @Test(
        "hostile megabytes take linear time",
        arguments: [
            "a", ".", "a.", "_", "-", "(", "x)", "\u{301}", "\u{301}\u{316}", "a\u{301}\u{316}", "👍", "🇩", "\u{200D}", "ก", "漢", "\u{0}", "A-",
            "e\u{1D165}\u{316}", "\u{1100}\u{1161}", "﷽", "/c++", "'", "１.",
        ])
    func hostileTexts(unit: String) {
        let text = String(repeating: unit, count: 1_000_000 / unit.utf8.count)
        var analyzed = AnalyzedText()
        let took = ContinuousClock().measure { analyzer.analyze(text, into: &analyzed) }
        // A quadratic step would take minutes.
        #expect(took < .seconds(10))
        #expect(analyzed.tokens.allSatisfy { $0.form == .language || ($0.end <= text.utf8.count && $0.start < $0.end) })
    }

    @Test("an AnalyzedText is reusable: content is replaced")
    func reuse() {
        var analyzed = AnalyzedText()
        analyzer.analyze("one two three-four", into: &analyzed)
        analyzer.analyze("five", into: &analyzed)
        #expect(analyzed.length == 1)
        #expect(analyzed.tokens.filter { $0.form != .language }.map { analyzed.text(of: $0) } == ["five", "five"])
        analyzer.analyze("", into: &analyzed)
        #expect(analyzed.tokens.isEmpty && analyzed.termBytes.isEmpty && analyzed.length == 0)
    }

    @Test("forms that the configuration leaves out are not emitted")
    func configuration() throws {
        let bare = try Analyzer(AnalyzerConfiguration(stemmer: nil, indexParts: false, indexWholes: false))
        #expect(bare.readableTokens("node.js C++ runs").map(\.description) == ["surface:node.js@0‹node.js›", "surface:c@1‹C›", "surface:runs@2‹runs›"])
    }

    @Test("a bad configuration is refused by name")
    func badConfiguration() {
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(stemmer: "klingon")) }
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(stemmer: "eng\u{0}lish")) }
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(version: 99)) }
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(stemWeight: .nan)) }
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(partWeight: -1)) }
        #expect(throws: TandemError.invalidArgument("")) { try Analyzer(AnalyzerConfiguration(fallbackLanguageCode: "xx")) }
        #expect(Analyzer.languages.contains("de"))
    }

    @Test("a configuration of version 1 takes the new defaults; one of today comes back as it was")
    func codable() throws {
        let old =
            #"{"version":1,"stemmer":"english","indexParts":true,"indexWholes":false,"surfaceWeight":1,"stemWeight":0.5,"partWeight":0.75,"wholeWeight":1,"chainWeight":0.25,"stopWordBoost":0.5}"#
        let read = try JSONDecoder().decode(AnalyzerConfiguration.self, from: Data(old.utf8))
        #expect(read == AnalyzerConfiguration(version: 1, indexWholes: false, stemWeight: 0.5))
        var given = AnalyzerConfiguration(stemmer: nil, fallbackLanguageCode: nil, indexFolded: false)
        (given.compoundWeight, given.variantWeight) = (0.3, 0.2)
        #expect(try JSONDecoder().decode(AnalyzerConfiguration.self, from: JSONEncoder().encode(given)) == given)
    }

    @Test("threads may share one analyzer")
    func threads() async {
        let texts = ["Running node.js C++", "ภาษาไทยง่ายมาก", "naïve Häuser, 東京タワー", "don’t 👨‍👩‍👧 A-123"]
        let expected = texts.map { analyzer.readableTokens($0) }
        await withTaskGroup(of: Bool.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { round in
                        let index = (worker + round) % texts.count
                        return analyzer.readableTokens(texts[index]) == expected[index]
                    }
                }
            }
            for await allEqual in group { #expect(allEqual) }
        }
    }
}
