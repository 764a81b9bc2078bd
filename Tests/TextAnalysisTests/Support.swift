import SearchCore
import TextAnalysis

#if canImport(Glibc)
    import Glibc
#endif

/// A token with its texts, comparable and printable.
struct ReadableToken: Hashable, CustomStringConvertible {
    var form: TermForm
    var text: String
    var position: Int
    var source: String
    var description: String { "\(form):\(text)@\(position)‹\(source)›" }
}

extension Analyzer {
    /// All but the languages, which are no words.
    func readableTokens(_ text: String, _ context: LanguageContext = .unknown) -> [ReadableToken] {
        var analyzed = AnalyzedText()
        analyze(text, context, into: &analyzed)
        let bytes = Array(text.utf8)
        return analyzed.tokens.filter { $0.form != .language }.map { token in
            ReadableToken(
                form: token.form, text: analyzed.text(of: token), position: Int(token.position),
                source: String(decoding: bytes[Int(token.start)..<Int(token.end)], as: UTF8.self))
        }
    }

    func texts(_ text: String, _ form: TermForm, _ context: LanguageContext = .unknown) -> [String] {
        readableTokens(text, context).filter { $0.form == form }.map(\.text)
    }

    /// Codes of the languages that the text is found to be in, in their order in it.
    func languages(_ text: String, _ context: LanguageContext = .unknown) -> [String] {
        var analyzed = AnalyzedText()
        analyze(text, context, into: &analyzed)
        return analyzed.tokens.filter { $0.form == .language }.map { analyzed.text(of: $0) }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), seeded from TANDEM_TEST_SEED so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(_ name: String) {
        seed = getenv("TANDEM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)
        state = seed
        print("\(name): TANDEM_TEST_SEED=\(seed)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
