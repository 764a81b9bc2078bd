import RigSupport
import TextAnalysis

struct AgreementReport: Encodable {
    var seed: UInt64
    /// Texts compared, and how many of them were cut from real ones.
    var texts = 0
    var real = 0
    var bytes = 0
    var tokens = 0
    var differences = 0
}

/// Analyses texts twice: by the fast path, and by ICU on the whole text. Every token, key and offset has to be the same.
struct Agreement {
    private let fast: Analyzer
    private let slow: Analyzer
    private let real: [[UInt8]]
    /// Bytes of a text that is cut from a real one, at most.
    private static let cutBytesMax = 160
    /// Texts with a difference that are printed.
    private static let shownMax = 20

    /// - Parameter real: texts to cut from.
    init(_ real: [[UInt8]]) throws {
        // One language, since telling it is the same work on both sides and has no part in the question.
        let definition = AnalyzerDefinition(language: "en")
        fast = try Analyzer(AnalyzerConfiguration(), definition)
        slow = try Analyzer(AnalyzerConfiguration(), definition, usesFastPath: false)
        self.real = real
    }

    func compare(_ count: Int, seed: UInt64) throws -> AgreementReport {
        var source = TextSource(seed: seed, real: real)
        var report = AgreementReport(seed: seed)
        var progress = Progress()
        progress.line("    agreement: \(count) texts, seed \(seed)")
        var (a, b) = (AnalyzedText(), AnalyzedText())
        for number in 0..<count {
            let isReal = number % 2 == 0
            let text =
                if !isReal {
                    source.made(TextSource.Kind.allCases[number / 2 % TextSource.Kind.allCases.count])
                } else if source.random.chance(1, in: 4) {
                    source.mutated(bytesMax: Self.cutBytesMax)
                } else {
                    // Now and then longer than a slab of the fast path.
                    source.cut(bytesMax: source.random.chance(1, in: 500) ? 64 << 10 : Self.cutBytesMax)
                }
            text.withUnsafeBufferPointer {
                fast.analyze(utf8: $0, into: &a)
                slow.analyze(utf8: $0, into: &b)
            }
            report.texts += 1
            report.real += isReal ? 1 : 0
            report.bytes += text.count
            report.tokens += a.tokens.count
            if a.tokens != b.tokens || a.termBytes != b.termBytes || a.length != b.length {
                report.differences += 1
                if report.differences <= Self.shownMax {
                    progress.line("  ✗ \"\(escaped(text))\": \(Self.firstDifference(a, b))")
                }
            }
            if number & 1023 == 0 { progress.show("agreement: \(number) of \(count) texts, \(report.differences) differences") }
        }
        progress.line("    agreement: \(report.texts) texts compared, \(report.differences) differences")
        return report
    }

    private static func firstDifference(_ fast: AnalyzedText, _ slow: AnalyzedText) -> String {
        func told(_ text: AnalyzedText, _ index: Int) -> String {
            guard index < text.tokens.count else { return "no token" }
            let token = text.tokens[index]
            return "\(token.form) \"\(escaped(Array(text.key(of: token).dropFirst())))\" at \(token.start)..<\(token.end), position \(token.position)"
        }
        func key(_ text: AnalyzedText, _ index: Int) -> ArraySlice<UInt8> { text.key(of: text.tokens[index]) }
        var index = 0
        while index < fast.tokens.count, index < slow.tokens.count, fast.tokens[index] == slow.tokens[index], key(fast, index) == key(slow, index) {
            index += 1
        }
        return "token \(index) is \(told(fast, index)); by ICU \(told(slow, index))"
    }
}
