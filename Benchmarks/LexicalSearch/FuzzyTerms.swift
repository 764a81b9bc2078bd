import Foundation
import LexicalIndex
import SearchCore

/// A dictionary of distinct terms, and misspelt words to look for in it.
///
/// The terms are the words of a file, as far as they go, then words that an order-3 letter model of the file makes; so that
/// prefixes are shared as in a language, which is what a walk of the dictionary costs by. Same file, same dictionary.
struct FuzzyTerms {
    struct Report: Encodable {
        struct Row: Encodable {
            var distance: Int
            var transpositions: Bool
            var prefixLength: Int
            var times: SetReport
            /// Of a word, before the best are kept.
            var matchesMean: Double
        }
        var terms: Int
        var segments: Int
        var expansions: Int
        var rows: [Row]
        /// The first search for words by their ends makes a table of a segment: its time in ms; then a word's, in µs.
        var suffixTable: Double
        var suffixes: SetReport
    }

    struct WrongAnswer: Error, CustomStringConvertible { let description: String }

    let terms: [String]
    let segments: [LexicalSegment]
    let queries: [String]

    init(words path: String, terms count: Int, segments: Int) throws {
        var random = SplitMix(state: 20_240_607)
        var distinct: Set<String> = []
        var terms: [String] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") where terms.count < count {
            let word = line.lowercased()
            if (1...64).contains(word.utf8.count), distinct.insert(word).inserted { terms.append(word) }
        }
        let real = terms.count
        guard real > 0 else { throw WrongAnswer(description: "\(path): no words") }
        let model = LetterModel(terms)
        while terms.count < count {
            let word = model.word(&random)
            if distinct.insert(word).inserted { terms.append(word) }
        }
        queries = (0..<200).map { _ in
            var word = Array(terms[Int.random(in: 0..<real, using: &random)].unicodeScalars)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let at = Int.random(in: 0...word.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: word.insert("e", at: at)
                case 1 where at < word.count: word.remove(at: at)
                case 2 where at + 1 < word.count: word.swapAt(at, at + 1)
                default: break
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: word)
            return String(text)
        }
        self.terms = terms
        // 1,000 documents a segment; a term is in one, every 16th in up to 60.
        self.segments = try (0..<segments).map { number in
            var documents = [[String]](repeating: [], count: 1000)
            for i in stride(from: number, to: terms.count, by: segments) {
                let frequency = i % 16 == 0 ? Int.random(in: 1...60, using: &random) : 1
                let first = Int.random(in: 0...(1000 - frequency), using: &random)
                for d in first..<(first + frequency) { documents[d].append(terms[i]) }
            }
            let builder = LexicalSegmentBuilder(fieldCount: 1, firstDoc: DocID(UInt32(1000 * number)))
            for (d, words) in documents.enumerated() {
                builder.beginDocument(DocID(UInt32(1000 * number + d)))
                var bytes: [UInt8] = []
                var tokens: [LexicalToken] = []
                for word in words {
                    tokens.append(LexicalToken(start: UInt32(bytes.count), length: UInt16(1 + word.utf8.count), position: UInt32(tokens.count)))
                    bytes.append(TermForm.surface.rawValue)
                    bytes.append(contentsOf: word.utf8)
                }
                bytes.withUnsafeBytes { raw in builder.addField(0, length: words.count, termBytes: raw, tokenCount: words.count) { tokens[$0] } }
            }
            return try LexicalSegment(MappedFile(copying: builder.finish()))
        }
    }

    func run(expansions: Int, passes: Int) throws -> Report {
        var rows: [Report.Row] = []
        for (distance, transpositions, prefixLength) in [(0, true, 0), (1, true, 0), (1, false, 0), (2, true, 0), (2, false, 0), (2, true, 1)] {
            let patterns = try queries.map {
                try FuzzyPattern(
                    leading: [TermForm.surface.rawValue], word: $0, distance: distance, prefixLength: prefixLength, transpositions: transpositions)
            }
            var best = [Double](repeating: .infinity, count: patterns.count)
            for _ in 0..<passes {
                for (number, pattern) in patterns.enumerated() {
                    let begin = ThreadClock.microseconds()
                    _ = try LexicalSegment.keys(
                        matching: pattern, in: segments.map { LexicalSegmentView(segment: $0) }, fields: [0], limit: expansions,
                        control: QueryControl(timeout: .seconds(60)))
                    best[number] = min(best[number], ThreadClock.microseconds() - begin)
                }
            }
            let matches = try patterns.map {
                try LexicalSegment.keys(matching: $0, in: segments.map { LexicalSegmentView(segment: $0) }, fields: [0], limit: .max).count
            }
            try check(Array(zip(queries, patterns).prefix(5)), Array(matches.prefix(5)), prefixLength: prefixLength)
            rows.append(
                .init(
                    distance: distance, transpositions: transpositions, prefixLength: prefixLength,
                    times: SetReport("fuzzy", best), matchesMean: Double(matches.reduce(0, +)) / Double(matches.count)))
        }
        let (table, suffixes) = try byEnds(passes: passes)
        return Report(terms: terms.count, segments: segments.count, expansions: expansions, rows: rows, suffixTable: table, suffixes: suffixes)
    }

    /// Words that end with the last five letters of each query's.
    private func byEnds(passes: Int) throws -> (table: Double, SetReport) {
        let endings = queries.map { Array($0.utf8.suffix(5)) }
        func find(_ ending: [UInt8]) throws -> Int {
            var count = 0
            for segment in segments {
                try segment.forEachWord(endingWith: ending, form: TermForm.surface.rawValue, field: 0) { _, _ in
                    count += 1
                    return true
                }
            }
            return count
        }
        let begin = ThreadClock.microseconds()
        _ = try find(endings[0])
        let table = (ThreadClock.microseconds() - begin) / 1000
        var best = [Double](repeating: .infinity, count: endings.count)
        for _ in 0..<passes {
            for (number, ending) in endings.enumerated() {
                let begin = ThreadClock.microseconds()
                _ = try find(ending)
                best[number] = min(best[number], ThreadClock.microseconds() - begin)
            }
        }
        for ending in endings.prefix(5) {
            let expected = terms.count { word in
                word.utf8.suffix(ending.count).elementsEqual(ending) && (8...64).contains(word.utf8.count)
                    && word.utf8.allSatisfy { $0 >= 0x80 || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) }
            }
            guard try find(ending) == expected else { throw WrongAnswer(description: "words that end with \(ending): expected \(expected)") }
        }
        return (table, SetReport("suffixes", best))
    }

    /// A fast wrong answer is no answer: counts the matches term by term.
    private func check(_ patterns: [(String, FuzzyPattern)], _ found: [Int], prefixLength: Int) throws {
        for (number, (word, pattern)) in patterns.enumerated() {
            let automaton = LevenshteinAutomaton(
                word: word.unicodeScalars, distance: pattern.distance, transpositions: pattern.automaton.transpositions)
            let expected = terms.count {
                $0.unicodeScalars.starts(with: word.unicodeScalars.prefix(prefixLength)) && automaton.distance(to: $0.unicodeScalars) != nil
            }
            guard expected == found[number] else {
                throw WrongAnswer(description: "'\(word)' within \(pattern.distance): \(found[number]) keys, expected \(expected)")
            }
        }
    }
}

/// Letters by the two before them, as often as in some words.
private struct LetterModel {
    // A space begins a word, a line's end ends it.
    private var followers: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]

    init(_ words: [String]) {
        for word in words {
            var context: [Unicode.Scalar] = [" ", " "]
            for scalar in word.unicodeScalars + ["\n"] {
                followers[context, default: []].append(scalar)
                context = [context[1], scalar]
            }
        }
    }

    func word(_ random: inout SplitMix) -> String {
        var text = String.UnicodeScalarView()
        var context: [Unicode.Scalar] = [" ", " "]
        while text.count < 60, let scalar = followers[context]?.randomElement(using: &random), scalar != "\n" {
            text.append(scalar)
            context = [context[1], scalar]
        }
        return String(text)
    }
}

private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
