// Goal: the plain-Swift path for ASCII, and the cutting of a text into regions, change no token.
// Method: an analyzer whose fast path is off sends whole texts through ICU; both must agree on every token and offset.
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
