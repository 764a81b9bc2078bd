// Goal: every token's offsets select the text that it came from, for any bytes, through every chain; nothing is lost, nothing crashes.
import Foundation
import SearchCore
import Testing
import TextAnalysis

@Suite("Offsets of tokens")
struct RoundTripTests {
    private static let chains: [String] = ["standard", "keyword", "whitespace", "code", "ngram"]

    private static let pieces: [String] = [
        " ", "\n", "word", "Word's", "node.js", "C++", "1,000", "camelCaseHTTP2", "/usr/lib", "é", "e\u{301}", "ﬁ", "ﷺ", "½", "ß", "İ", "ж", "Ёлка", "ελληνικά",
        "हिन्दी", "தமிழ்", "עברית", "שָׁלוֹם",
        "مُحَمَّد", "عربي", "ภาษาไทย", "จำ", "ລາວ", "ខ្មែរ", "မြန်မာ", "我喜欢", "漢字", "かな", "カナ", "ｶﾞ", "서울에서", "CPU를", "👍🏽", "👨‍👩‍👧", "🇩🇪", "𐐀", "𠮷", "\u{200D}", "\u{200B}",
        "\u{AD}", "\u{FEFF}",
        "\u{0}", "\u{1100}\u{1161}", "\u{0E4D}\u{0E32}", "<b>", "&amp;", "-", ".", "'", "\u{301}", "\u{FFFD}",
    ]

    private func check(_ analyzer: Analyzer, _ bytes: [UInt8]) -> String? {
        var analyzed = AnalyzedText()
        bytes.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, into: &analyzed) }
        var again = AnalyzedText()
        var position: UInt32 = 0
        var covered = [Bool](repeating: false, count: bytes.count)
        for token in analyzed.tokens where token.form != .language {
            guard token.start < token.end, Int(token.end) <= bytes.count else { return "\(token)" }
            for index in token.start..<token.end { covered[Int(index)] = true }
            guard token.form == .surface else { continue }
            guard token.position == position else { return "position \(token.position) for \(position)" }
            position += 1
        }
        guard Int(position) == analyzed.length else { return "length \(analyzed.length) of \(position) words" }
        // A word that stands alone gives itself again. Where one character gives several words, or a dictionary cuts by what stands around, it may not.
        if analyzer.definition.tokenizer == .keyword || analyzer.definition.tokenizer == .whitespace {
            for token in analyzed.tokens where token.form == .surface {
                let source = Array(bytes[Int(token.start)..<Int(token.end)])
                // ﷺ is four words, and ´ a space with an accent.
                if String(decoding: source, as: UTF8.self).precomposedStringWithCompatibilityMapping.contains(where: \.isWhitespace) { continue }
                source.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, into: &again) }
                let words = again.tokens.filter { $0.form == .surface }
                guard words.count == 1, Array(again.key(of: words[0])) == Array(analyzed.key(of: token)) else {
                    return "\(analyzed.text(of: token)) of \(source)"
                }
            }
        }
        // What holds a letter or a digit is part of a word.
        let text = String(decoding: bytes, as: UTF8.self)
        if Array(text.utf8) == bytes, analyzer.definition.tokenizer == .standard, analyzer.definition.characterFilters.isEmpty {
            var offset = 0
            for scalar in text.unicodeScalars {
                let count = UTF8.width(scalar)
                // Letters of later releases of Unicode than Debian's ICU knows (15.0) are none to it yet.
                if let age = scalar.properties.age, age.major <= 15, scalar.properties.isAlphabetic,
                    scalar.properties.generalCategory == .uppercaseLetter || scalar.properties.generalCategory == .lowercaseLetter
                {
                    guard covered[offset] else { return "\(scalar) at \(offset) is lost" }
                }
                offset += count
            }
        }
        return nil
    }

    @Test("of texts in every script", arguments: chains)
    func scripts(name: String) throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), try #require(AnalyzerDefinition.builtIn[name]))
        var generator = SeededGenerator("RoundTripTests.scripts \(name)")
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator)! }.joined()
            let problem = check(analyzer, Array(text.utf8))
            #expect(problem == nil, "\(text.debugDescription): \(problem ?? "")")
        }
    }

    @Test("of bytes that are no UTF-8, and of text that is cut anywhere", arguments: chains)
    func illFormed(name: String) throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), try #require(AnalyzerDefinition.builtIn[name]))
        var generator = SeededGenerator("RoundTripTests.illFormed \(name)")
        for _ in 0..<3000 {
            var bytes = Array((0..<Int.random(in: 1...8, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator)! }.joined().utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.insert(UInt8.random(in: 0x80...255, using: &generator), at: at)
                default: if bytes.count > 1 { bytes.remove(at: at) }
                }
            }
            let problem = check(analyzer, bytes)
            #expect(problem == nil, "\(bytes): \(problem ?? "")")
        }
    }

    // What tools/fuzz-analysis found.

    @Test("a pattern's matches behind bytes that are no UTF-8 are where they are")
    func patternBehindIllFormed() throws {
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: [.pattern("b", replacement: "yy")], filters: []))
        for bytes: [UInt8] in [[0xFF, 0x20, 0x61, 0x62], [0xE4, 0xB8, 0x20, 0x61, 0x62], [0xED, 0xA0, 0x80, 0x20, 0x61, 0x62], [0xF0, 0x9F, 0x62, 0xC3]] {
            #expect(check(analyzer, bytes) == nil)
            var analyzed = AnalyzedText()
            bytes.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, into: &analyzed) }
            let token = try #require(analyzed.tokens.first { analyzed.text(of: $0).hasSuffix("yy") })
            #expect(Int(token.end) == bytes.lastIndex(of: 0x62)! + 1)
        }
    }

    @Test("text that a second filter puts where the first has put some is at that place")
    func filterBehindFilter() throws {
        let filters: [AnalyzerDefinition.CharacterFilter] = [.pattern("$", replacement: " x"), .pattern("(?=x)", replacement: "y ")]
        let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(characterFilters: filters, filters: []))
        var analyzed = AnalyzedText()
        analyzer.analyze("one two", into: &analyzed)
        #expect(analyzed.tokens.map { analyzed.text(of: $0) } == ["one", "two", "y", "x"])
        #expect(analyzed.tokens.dropFirst().allSatisfy { $0.start >= 4 })
    }

    @Test("a text has the same words in a process that has seen nothing else: ー opens no dictionary of ICU's, and is in one")
    func firstText() async {
        await #expect(processExitsWith: .success) {
            let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(filters: []), usesFastPath: false)
            func words(_ text: String) -> [ReadableToken] { analyzer.readableTokens(text) }
            let first = words("ー你好")
            _ = words("你好")
            precondition(first == words("ー你好"), "\(first)")
        }
    }

    @Test(
        "bigrams' offsets are between characters, also where folding keeps the number of bytes",
        arguments: ["璋ß", "野ſi", "尓\u{0DCA}", "かßſ", "漢K字", "〇\u{BBE}\u{BCD}"])
    func bigramOffsets(_ text: String) throws {
        let bytes = Array(text.utf8)
        for tokenizer in [AnalyzerDefinition.Tokenizer.standard, .whitespace, .keyword] {
            let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(tokenizer: tokenizer))
            var analyzed = AnalyzedText()
            analyzer.analyze(text, into: &analyzed)
            for token in analyzed.tokens {
                for offset in [Int(token.start), Int(token.end)] where offset < bytes.count { #expect(bytes[offset] & 0xC0 != 0x80, "\(token)") }
            }
        }
    }

    @Test("through character filters")
    func filtered() throws {
        let definition = AnalyzerDefinition(characterFilters: [.html, .pattern("[aeiou]+", replacement: "<$0>"), .pattern("\\d", replacement: "")])
        let analyzer = try Analyzer(AnalyzerConfiguration(), definition)
        var generator = SeededGenerator("RoundTripTests.filtered")
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 1...12, using: &generator)).map { _ in Self.pieces.randomElement(using: &generator)! }.joined()
            let problem = check(analyzer, Array(text.utf8))
            #expect(problem == nil, "\(text.debugDescription): \(problem ?? "")")
        }
    }
}
