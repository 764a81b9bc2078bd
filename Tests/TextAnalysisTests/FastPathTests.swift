// Goal: the plain-Swift path for ASCII, the plain-C path for other alphabets, and the cutting of a text into regions, change no token.
// Method: an analyzer whose fast path is off sends whole texts through ICU; both must agree on every token and offset. `tools/bench-analysis` does the same
// with a million texts.
import SearchCore
import Testing
import TextAnalysis

@Suite("ASCII fast path")
struct FastPathTests {
    let fast: Analyzer
    let slow: Analyzer

    init() throws {
        fast = try Analyzer()
        slow = try Analyzer(AnalyzerConfiguration(), usesFastPath: false)
    }

    private func firstDifference(_ text: String) -> String? {
        var a = AnalyzedText()
        var b = AnalyzedText()
        fast.analyze(text, into: &a)
        slow.analyze(text, into: &b)
        if a.tokens == b.tokens, a.termBytes == b.termBytes, a.length == b.length { return nil }
        return "\(text.debugDescription): \(fast.readableTokens(text)) but by ICU \(slow.readableTokens(text))"
    }

    @Test("every ASCII text of up to three characters of interest gives ICU's tokens")
    func exhaustive() {
        let alphabet = Array("aZ19_.,;:'\"-+#/ \n\r@(").map(String.init)
        for first in alphabet {
            for second in alphabet {
                for third in alphabet {
                    let difference = firstDifference(first + second + third)
                    #expect(difference == nil)
                    let within = firstDifference("x" + first + second + third + "7")
                    #expect(within == nil)
                }
            }
        }
    }

    @Test("every ASCII character between letters, digits and spaces gives ICU's tokens")
    func everyCharacter() {
        for byte in UInt8(0)..<128 {
            let character = String(UnicodeScalar(byte))
            for (left, right) in [("a", "b"), ("1", "2"), ("a", "2"), (" ", " "), ("_", "a"), ("", ""), ("a", ""), ("", "b"), (".", "a"), ("-", "-")] {
                let difference = firstDifference(left + character + right)
                #expect(difference == nil)
            }
        }
    }

    /// Without stems and languages, which are the same work on both sides.
    private func plainDifferences(_ texts: some Sequence<String>) throws -> [String] {
        let definition = AnalyzerDefinition(filters: [.fold, .parts, .wholes, .bigrams])
        let (fast, slow) = (try Analyzer(AnalyzerConfiguration(), definition), try Analyzer(AnalyzerConfiguration(), definition, usesFastPath: false))
        var (a, b) = (AnalyzedText(), AnalyzedText())
        return texts.filter { text in
            fast.analyze(text, into: &a)
            slow.analyze(text, into: &b)
            return a.tokens != b.tokens || a.termBytes != b.termBytes || a.length != b.length
        }
    }

    @Test("every character of the basic plane between letters, digits, marks and symbols gives ICU's tokens")
    func everyCharacterOfTheBasicPlane() throws {
        let surroundings = [
            ("é", "b"), ("é1", "2"), ("é", ""), ("", "é"), ("é", ".б"), ("é.", "б"), ("_", "א"), ("é\u{308}", "\u{308}b"), ("é ", "\u{301}"), ("éa'", "'b"),
        ]
        let texts = (UInt32(0x80)...0xFFFF).lazy.compactMap(UnicodeScalar.init).flatMap { scalar in surroundings.map { "\($0)\(scalar)\($1)" } }
        #expect(try plainDifferences(texts).prefix(10).isEmpty)
    }

    @Test("every pair of characters of interest to the rules gives ICU's tokens, after a letter and after a digit")
    func everyPair() throws {
        let interesting = [
            "a", "é", "ж", "א", "ع", "क", "த", "1", "١", "_", "‿", ".", "․", "'", "’", "\"", "״", "׳", ",", ";", "·", "‧", ":", "@", "-", "‐", "\u{301}",
            "\u{94D}", "\u{93C}",
            "\u{5B0}", "\u{64B}", "\u{BBE}", "\u{AD}", "\u{200B}", "\u{200D}", "\u{600}", "①", "½", "²", "´", "ˇ", "Ⓐ", "ª", "İ", "ß", "ﬁ", "ﷺ", "\u{A0}",
            "\u{2003}", "\u{85}", "©",
            "€", "漢", "か", "カ", "ก", "가", "\u{1100}", "👍", "🇩", "#", "\u{20E3}", "𝒳",
        ]
        let texts = interesting.lazy.flatMap { first in
            interesting.lazy.flatMap { second in
                ["é", "é1", "א", ""].map { "\($0)\(first)\(second)" } + [
                    "\(first)\(second)é", "é\(first)\(second)é", "é1\(first)\(second)1", "_\(first)\(second)é",
                ]
            }
        }
        #expect(try plainDifferences(texts).prefix(10).isEmpty)
    }

    @Test("random ASCII texts give ICU's tokens")
    func randomASCII() {
        var generator = SeededGenerator("random ASCII")
        let common = Array("abcXYZ0189_.,;:'\"-+#/@()[] \n  ".utf8)
        for _ in 0..<12_000 {
            let bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                Int.random(in: 0..<10, using: &generator) == 0
                    ? UInt8.random(in: 0..<128, using: &generator) : common.randomElement(using: &generator)!
            }
            let difference = firstDifference(String(decoding: bytes, as: UTF8.self))
            #expect(difference == nil)
        }
    }

    @Test("random texts that mix ASCII with other scripts give ICU's tokens")
    func randomMixed() {
        var generator = SeededGenerator("random mixed")
        let pieces = [
            " ", " ", "\n", "\r\n", "\t", "word", "C++", "node.js", "don't", "1,000", "-", ".", "'", "_", "é", "e\u{301}", "\u{301}", "ß", "ж", "हिन्दी",
            "ไทย", "ภาษาไทย", "漢字", "かな", "カナ", "ｶﾞ", "서울", "👍", "👨‍👩‍👧", "\u{200D}", "\u{200C}", "\u{200B}", "\u{AD}", "\u{FE0F}", "🇩🇪", "🇫", "🏽", "\u{A0}",
            "\u{2003}",
            "\u{2028}", "\u{85}", "´", "½", "ﷺ", "Ａ", "．", "’", "‑", "—", "“", "€", "°", "\"", "א", "צה\"ל", "\u{661}", "ភាសា", "မြန်မာ", "\u{FEFF}",
            "\u{1F3F4}\u{E0067}\u{E007F}", "𝒳", "\u{1100}", "\u{1161}",
        ]
        for _ in 0..<6_000 {
            let text = (0..<Int.random(in: 1...16, using: &generator)).map { _ in pieces.randomElement(using: &generator)! }.joined()
            let difference = firstDifference(text)
            #expect(difference == nil)
        }
    }

    @Test("texts longer than a slab give ICU's tokens, wherever the cut falls")
    func longTexts() {
        var generator = SeededGenerator("long texts")
        let pieces = ["the ", "quick,", "brown-fox ", "jumps.over ", "A-1 ", "(lazy) ", "naïve ", "日本語 ", "x\n", "über-cool "]
        for count in [700, 1_500, 4_000, 20_000] {
            for asciiOnly in [true, false] {
                let pool = asciiOnly ? Array(pieces.prefix(6)) : pieces
                let text = (0..<count).map { _ in pool.randomElement(using: &generator)! }.joined()
                let same = firstDifference(text) == nil
                #expect(same, "\(count) pieces, ASCII only: \(asciiOnly)")
            }
        }
        let unbroken = firstDifference(String(repeating: "abc/d.e-", count: 5_000)) == nil
        #expect(unbroken)
    }
}
