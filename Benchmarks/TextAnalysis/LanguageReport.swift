import CAllocationCount
import Glibc
import TextAnalysis

/// Speed of one language's analysis.
struct LanguageReport: Encodable {
    /// Of one set of forms.
    struct Forms: Encodable {
        /// Terms of all forms.
        var terms = 0
        /// Millions of bytes a second of processor time: texts as they are, and joined to long ones.
        var megabytesPerSecond = 0.0
        var megabytesPerSecondJoined = 0.0
        /// In a pass over warm workspaces, texts as they are.
        var allocationsPerWord = 0.0
        /// Of all tokens and keys, so that the terms of two builds are told apart (FNV-1a).
        var digest = ""

        /// The faster times of two rounds, which must have found the same terms.
        mutating func merge(_ other: Forms) {
            precondition(terms == other.terms && digest == other.digest, "\(terms) terms, then \(other.terms) of the same texts")
            megabytesPerSecond = max(megabytesPerSecond, other.megabytesPerSecond)
            megabytesPerSecondJoined = max(megabytesPerSecondJoined, other.megabytesPerSecondJoined)
            allocationsPerWord = max(allocationsPerWord, other.allocationsPerWord)
        }
    }

    var texts = 0
    var bytes = 0
    /// Surface forms.
    var words = 0
    var surface = Forms()
    var every = Forms()

    /// About the length of a joined text.
    private static let joinedBytes = 64 << 10

    init(_ paragraphs: [[UInt8]], passes: Int, only: BenchAnalysis.FormsChoice? = nil) throws {
        texts = paragraphs.count
        bytes = paragraphs.reduce(0) { $0 + $1.count }
        let joined = Self.joined(paragraphs)
        if only != .every {
            let analyzer = try Analyzer(AnalyzerConfiguration(), AnalyzerDefinition(filters: []))
            (surface, words) = Self.measure(analyzer, paragraphs, joined, passes)
        }
        if only != .surface {
            let (found, again) = Self.measure(try Analyzer(), paragraphs, joined, passes)
            precondition(only != nil || again == words, "\(again) words with every form, \(words) without")
            (every, words) = (found, again)
        }
    }

    mutating func merge(_ other: LanguageReport) {
        surface.merge(other.surface)
        every.merge(other.every)
    }

    private static func joined(_ paragraphs: [[UInt8]]) -> [[UInt8]] {
        var joined: [[UInt8]] = []
        var text: [UInt8] = []
        for paragraph in paragraphs {
            if !text.isEmpty { text.append(0x0A) }
            text += paragraph
            if text.count >= joinedBytes {
                joined.append(text)
                text = []
            }
        }
        if !text.isEmpty { joined.append(text) }
        return joined
    }

    private static func measure(_ analyzer: Analyzer, _ paragraphs: [[UInt8]], _ joined: [[UInt8]], _ passes: Int) -> (Forms, words: Int) {
        var analyzed = AnalyzedText()
        func pass(_ texts: [[UInt8]]) -> (terms: Int, words: Int) {
            var (terms, words) = (0, 0)
            for text in texts {
                text.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, into: &analyzed) }
                terms += analyzed.tokens.count
                words += analyzed.length
            }
            return (terms, words)
        }
        func best(_ texts: [[UInt8]]) -> Double {
            let expected = pass(texts)
            var best = Double.infinity
            for _ in 0..<passes {
                let begin = processorSeconds()
                let found = pass(texts)
                best = min(best, processorSeconds() - begin)
                precondition(found == expected, "a pass gave \(found), the one before \(expected)")
            }
            return Double(texts.reduce(0) { $0 + $1.count }) / best * 1e-6
        }
        var forms = Forms()
        forms.megabytesPerSecondJoined = best(joined)
        forms.megabytesPerSecond = best(paragraphs)
        let before = allocation_count()
        let (terms, words) = pass(paragraphs)
        forms.allocationsPerWord = Double(allocation_count() - before) / Double(max(words, 1))
        forms.terms = terms
        forms.digest = String(digest(analyzer, joined + paragraphs), radix: 16)
        return (forms, words)
    }

    private static func digest(_ analyzer: Analyzer, _ texts: [[UInt8]]) -> UInt64 {
        var analyzed = AnalyzedText()
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ value: UInt32) { hash = (hash ^ UInt64(value)) &* 0x100_0000_01B3 }
        for text in texts {
            text.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, into: &analyzed) }
            for token in analyzed.tokens {
                for value in [UInt32(token.form.rawValue), token.position, token.start, token.end] { add(value) }
            }
            for byte in analyzed.termBytes { add(UInt32(byte)) }
        }
        return hash
    }

    /// Of the calling thread.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
