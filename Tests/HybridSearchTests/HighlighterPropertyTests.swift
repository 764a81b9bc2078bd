import Foundation
import HybridSearch
import SearchCore
import TextAnalysis
import Testing

/// Goal: whatever the text, offsets are right, clusters whole, and exactly the tokens marked that the index would find.
/// Method: random texts of odd pieces against an oracle that analyses the whole text at once and walks its characters.
@Suite("Highlighter on random texts", .timeLimit(.minutes(2)))
struct HighlighterPropertyTests {
    static let pieces = [
        "fox", "Foxes", "running", "ran", "node.js", "C++", "user@host", "don’t", "e\u{301}te\u{301}", "été", "ﬁsh", "fish", "Straße", "STRASSE",
        "İstanbul", "ıstanbul", "ภาษาไทยไม่มี", "全文検索", "東京タワー", "한국어", "\u{1112}\u{1161}\u{11AB}", "שָׁלוֹם", "مرحبا", "क्षत्रिय", "👨‍👩‍👧", "🇩🇪🇫🇷", "👍🏽", "1\u{FE0F}\u{20E3}",
        "½", "x\u{300}\u{301}\u{302}", "\u{600}42", "\u{AD}soft\u{AD}hyphen", "a\u{200D}", "\u{301}", "\u{200B}", "---", "…", "(fox)", "“fox”", "A.B.C.",
        "3.14",
        "ＦＯＸ", "ﷺ", "ŉ", "ǆ",
    ]
    static let separators = [" ", " ", " ", "", "\r\n", "\n", ". ", "。", "! ", "\t", "\u{0}", "\u{3000}", "\u{A0}", ", ", "\u{2028}", "\u{202E}"]

    let analyzer: Analyzer
    init() throws { analyzer = try Analyzer() }

    /// Byte offsets of all borders between characters.
    static func borders(_ text: String) -> [Int] {
        var borders = [0]
        for character in text { borders.append(borders.last! + character.utf8.count) }
        return borders
    }

    struct Token {
        var range: Range<Int>
        var group: Int
    }

    /// All tokens of the text that a group asks for, widened to whole characters.
    func oracle(_ text: String, _ terms: [QueryTerm], _ borders: [Int]) -> [Token] {
        var analyzed = AnalyzedText()
        analyzer.analyze(text, into: &analyzed)
        var keys: [[UInt8]: [Int]] = [:]
        for (group, term) in terms.enumerated() { for form in term.forms { keys[form.term.key, default: []].append(group) } }
        var floors = [Int](repeating: 0, count: text.utf8.count + 1)
        var ceilings = floors
        for (low, high) in zip(borders, borders.dropFirst()) {
            for byte in low..<high { (floors[byte], ceilings[byte]) = (low, byte == low ? low : high) }
        }
        (floors[text.utf8.count], ceilings[text.utf8.count]) = (text.utf8.count, text.utf8.count)
        let bytes = Array(text.utf8)
        return analyzed.tokens.flatMap { token in
            var ranges = [Int(token.start)..<Int(token.end)]
            let part = analyzed.text(of: token)
            if token.form == .part, part.unicodeScalars.count == 1, part.unicodeScalars.first!.properties.isIdeographic {
                // Of Han characters that are parts, only those are marked.
                let ends = ranges[0].filter { bytes[..<($0 + 1)].reversed().starts(with: part.utf8.reversed()) }.map { $0 + 1 }
                let places = ends.map { $0 - part.utf8.count..<$0 }.filter { $0.lowerBound >= token.start }
                if !places.isEmpty { ranges = places }
            }
            return (keys[Array(analyzed.key(of: token))] ?? []).flatMap { group in
                ranges.map { Token(range: floors[$0.lowerBound]..<ceilings[$0.upperBound], group: group) }
            }
        }
    }

    func check(_ text: String, _ query: String, _ options: HighlightOptions, idf: (Int) -> Double) throws {
        let terms = analyzer.analyzeQuery(query)
        let weights = terms.indices.map(idf)
        var highlighter = try Highlighter(
            options, schema: textSchema, query: terms, searched: terms.map { _ in nil }, idf: weights,
            analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []), control: .unlimited)
        let passages = try highlighter.highlights(of: document("d", text)).first?.passages ?? []
        let bytes = Array(text.utf8)
        let borders = Self.borders(text)
        let isBorder = Set(borders)
        let tokens = oracle(text, terms, borders)
        var isAsked = [Bool](repeating: false, count: bytes.count)
        for token in tokens { for byte in token.range { isAsked[byte] = true } }

        #expect(passages.isEmpty == tokens.isEmpty && passages.count <= options.passages)
        #expect(passages.map(\.score) == passages.map(\.score).sorted(by: >))
        let ordered = passages.sorted { $0.start < $1.start }
        for (one, next) in zip(ordered, ordered.dropFirst()) { #expect(one.end <= next.start) }
        for passage in passages {
            try #require(passage.start >= 0 && passage.start < passage.end && passage.end <= bytes.count)
            #expect(isBorder.contains(passage.start) && isBorder.contains(passage.end))
            #expect(Array(passage.text.utf8) == Array(bytes[passage.start..<passage.end]))
            // Clusters at the ends may reach over the length.
            #expect(passage.text.dropFirst().dropLast().unicodeScalars.count <= options.characters)
            var isMarked = [Bool](repeating: false, count: bytes.count)
            var last = passage.start
            for match in passage.matches {
                #expect(match.start >= last && match.start < match.end && match.end <= passage.end)
                #expect(isBorder.contains(match.start) && isBorder.contains(match.end))
                last = match.end
                for byte in match.start..<match.end { isMarked[byte] = true }
                let groups = Set(tokens.filter { $0.range.overlaps(match.start..<match.end) }.map { terms[$0.group].text })
                #expect(!match.terms.isEmpty && Set(match.terms).isSubset(of: groups) && Set(match.terms).count == match.terms.count)
                // Where nothing is cut off, all of them.
                if tokens.allSatisfy({
                    !$0.range.overlaps(match.start..<match.end) || (passage.start <= $0.range.lowerBound && $0.range.upperBound <= passage.end)
                }) {
                    #expect(Set(match.terms) == groups)
                }
            }
            #expect(!passage.matches.isEmpty)
            let lastCluster = passage.end - (passage.text.last?.utf8.count ?? 0)
            for match in merged(tokens) where String(decoding: bytes[match.range], as: UTF8.self).unicodeScalars.count <= options.characters {
                #expect(
                    !(match.range.lowerBound < lastCluster && passage.end > match.range.lowerBound && passage.end < match.range.upperBound), "cut at the end")
                if !passages.contains(where: { $0.end == passage.start }) {
                    #expect(!(passage.start > match.range.lowerBound && passage.start < match.range.upperBound), "cut at the start")
                }
            }
            #expect(Array(isMarked[passage.start..<passage.end]) == Array(isAsked[passage.start..<passage.end]), "marks of '\(query)' in '\(passage.text)'")
        }
        guard let first = passages.first else { return }
        // A text that fits is shown whole, but for white space at its ends.
        if text.unicodeScalars.count <= options.characters {
            let shown = text.utf8.count - first.text.utf8.count
            #expect(shown <= text.unicodeScalars.filter { $0.properties.isWhitespace }.reduce(0) { $0 + UTF8.width($1) }, "'\(first.text)' of '\(text)'")
        }
        #expect(first.score * 1.2001 >= bestWindow(bytes, tokens, weights, terms, options.characters))
    }

    /// Tokens that overlap are one match.
    func merged(_ tokens: [Token]) -> [(range: Range<Int>, groups: Set<Int>)] {
        var matches: [(range: Range<Int>, groups: Set<Int>)] = []
        for token in tokens.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            if let last = matches.last, token.range.lowerBound < last.range.upperBound {
                let merged = last.range.lowerBound..<max(last.range.upperBound, token.range.upperBound)
                matches[matches.count - 1] = (merged, last.groups.union([token.group]))
            } else {
                matches.append((token.range, [token.group]))
            }
        }
        return matches
    }

    /// The greatest worth of any stretch of at most so many code points, or of one match, by trying every pair of matches.
    func bestWindow(_ bytes: [UInt8], _ tokens: [Token], _ idf: [Double], _ terms: [QueryTerm], _ characters: Int) -> Double {
        var counts = [0]
        for byte in bytes { counts.append(counts.last! + (byte & 0xC0 != 0x80 ? 1 : 0)) }
        let matches = merged(tokens)
        var best = 0.0
        for (index, first) in matches.enumerated() {
            var groups: Set<Int> = []
            for match in matches[index...] where match.range == first.range || counts[match.range.upperBound] - counts[first.range.lowerBound] <= characters {
                groups.formUnion(match.groups)
            }
            best = max(best, groups.reduce(0) { $0 + idf[$1] * terms[$1].boost })
        }
        return best
    }

    @Test("ranges are in bounds, on borders of characters, and mark what the index finds")
    func random() throws {
        var random = SeededGenerator()
        for _ in 0..<1500 {
            var text = ""
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                text += Self.pieces.randomElement(using: &random)! + Self.separators.randomElement(using: &random)!
            }
            let query = (0..<Int.random(in: 1...4, using: &random)).map { _ in Self.pieces.randomElement(using: &random)! }.joined(separator: " ")
            let options = HighlightOptions(
                passages: Int.random(in: 1...4, using: &random), characters: [20, 25, 40, 80, 200].randomElement(using: &random)!)
            let idf = (0..<64).map { _ in Double.random(in: 0.1...10, using: &random) }
            try check(text, query, options) { idf[$0] }
        }
    }

    @Test("pieces of a long text give the tokens of the whole")
    func long() throws {
        var random = SeededGenerator()
        var text = ""
        while text.utf8.count < 3 * 65_536 {
            text += Self.pieces.randomElement(using: &random)! + (Bool.random(using: &random) ? " " : Self.separators.randomElement(using: &random)!)
            if Int.random(in: 0..<400, using: &random) == 0 { text += String(repeating: "filler ", count: 100) }
        }
        // Few matches, since the oracle tries every pair.
        text += " quokka " + text + " C++quokka quokka's "
        try check(text, "quokka numbat", HighlightOptions(passages: 3)) { _ in 1 }
    }

    @Test(
        "texts made against the clock take no longer than others: flags, marks, one letter, no space",
        arguments: [
            "🇩🇪", "\u{301}", "a ", "ก", "東", "👨‍👩‍👧", "e\u{301} ", "\r\n", "क्ष", "a.",
        ])
    func hostile(_ unit: String) throws {
        let text = "fox " + String(repeating: unit, count: 2_000_000 / unit.utf8.count) + " fox"
        let terms = analyzer.analyzeQuery("fox a ก 東 é क्ष 👨‍👩‍👧 🇩🇪")
        var highlighter = try Highlighter(
            HighlightOptions(passages: 16, characters: 4096), schema: textSchema, query: terms, searched: terms.map { _ in nil }, idf: terms.map { _ in 1 },
            analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []), control: .unlimited)
        let begin = ContinuousClock.now
        let found = try highlighter.highlights(of: document("d", text))
        #expect(found.count == 1)
        // A quadratic walk over a million clusters takes hours; this is two orders above what is usual.
        #expect(begin.duration(to: .now) < .seconds(15))
    }

    /// Figures for docs/highlighting.md: TANDEM_MEASURE=1.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["TANDEM_MEASURE"] != nil))
    func cost() throws {
        var random = SeededGenerator()
        let vocabulary = (0..<3000).map { _ in String((0..<Int.random(in: 2...9, using: &random)).map { _ in "etaoinshrdlu".randomElement(using: &random)! }) }
        func sentence() -> String { (0..<14).map { _ in vocabulary[random.zipf(3000)] }.joined(separator: " ") + ". " }
        func english(_ bytes: Int) -> String {
            var text = ""
            while text.utf8.count < bytes { text += sentence() }
            return text
        }
        let chinese = "我们在北京大学学习中文，然后去图书馆看书。"
        let query = [1, 40, 300, 2000].map { vocabulary[$0] }.joined(separator: " ")
        for (name, text, rounds) in [
            ("1 KB", english(1000), 5000), ("10 KB", english(10_000), 500), ("1 MB", english(1_000_000), 5), ("4 MB", english(4_000_000), 2),
            ("1 KB Chinese", String(repeating: chinese, count: 17), 1000), ("1 MB Chinese", String(repeating: chinese + " ", count: 16_000), 2),
        ] {
            let terms = analyzer.analyzeQuery(query + " 北京 图书馆")
            for passages in [1, 3] {
                var highlighter = try Highlighter(
                    HighlightOptions(passages: passages), schema: textSchema, query: terms, searched: terms.map { _ in nil }, idf: terms.map { _ in 1 },
                    analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []), control: .unlimited)
                let subject = document("d", text)
                var best = Duration.seconds(100)
                for _ in 0..<5 {
                    let begin = ContinuousClock.now
                    for _ in 0..<rounds { _ = try highlighter.highlights(of: subject) }
                    best = min(best, begin.duration(to: .now) / rounds)
                }
                let microseconds = Double(best.components.attoseconds) / 1e12 + Double(best.components.seconds) * 1e6
                print("highlight \(name), \(passages) passages: \(microseconds) µs, \(Double(text.utf8.count) / microseconds) MB/s")
            }
        }
    }
}

@Suite("GraphemeBorders")
struct GraphemeBordersTests {
    @Test("borders are those of Character, asked in order or not")
    func characters() {
        var random = SeededGenerator()
        let scalars: [Unicode.Scalar] = [
            "a", " ", "\r", "\n", "\u{0}", "e", "\u{301}", "\u{200D}", "👨", "👧", "\u{1F3FD}", "🇩", "🇪", "\u{600}", "क", "\u{94D}", "ष", "ᄒ", "ᅡ", "ᆫ", "한", "ก",
            "ำ", "\u{FE0F}",
            "\u{7F}", "\u{85}", "\u{2028}", "東", "\u{E0067}",
        ]
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 1...30, using: &random) { text.unicodeScalars.append(scalars.randomElement(using: &random)!) }
            let all = HighlighterPropertyTests.borders(text)
            var bytes = Array(text.utf8)
            bytes.withUnsafeMutableBufferPointer { buffer in
                let places = Array(0...buffer.count)
                for order in [places, places.shuffled(using: &random)] {
                    var borders = GraphemeBorders(text, UnsafeBufferPointer(buffer))
                    for byte in order {
                        #expect(borders.floor(byte) == all.last { $0 <= byte }, "\(byte) of \(text.unicodeScalars.map(\.value))")
                        #expect(borders.ceiling(byte) == all.first { $0 >= byte }, "\(byte) of \(text.unicodeScalars.map(\.value))")
                    }
                }
            }
        }
    }
}
