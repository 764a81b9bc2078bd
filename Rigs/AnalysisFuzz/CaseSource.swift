import Foundation
import RigSupport
import TextAnalysis

/// A text and the chains that it goes through: all that is needed to repeat what happened.
struct FuzzCase: Codable {
    /// What the text is, for whoever reads a saved case.
    var kind: String
    var reason: String?
    var configuration: AnalyzerConfiguration
    /// A built-in chain, by its name, and one made by chance.
    var builtIn: String
    var definition: AnalyzerDefinition
    /// ISO 639-1 code that the document states.
    var stated: String?
    /// Codes of a query's languages.
    var queryLanguages: [String]
    var text: Data
}

/// Cases by number.
struct CaseSource {
    let seed: UInt64
    private let real: [[UInt8]]
    private let builtIn = AnalyzerDefinition.builtIn.keys.sorted()

    /// Consecutive cases of one random chain, so that its workspace is used again for other texts.
    private static let casesOfChain = 20

    init(seed: UInt64, collections: [String]) throws {
        struct Document: Decodable { var text: String }
        self.seed = seed
        real = try collections.flatMap { folder in
            try Data(contentsOf: URL(filePath: folder + "/corpus.jsonl")).split(separator: 0x0A).map {
                Array(try JSONDecoder().decode(Document.self, from: $0).text.utf8)
            }
        }
    }

    func fuzzCase(_ number: Int) -> FuzzCase {
        // Numbers far apart give seeds that look unrelated; the chain's differ from every text's.
        var texts = TextSource(seed: SeededGenerator.mix(seed &+ 2 &* UInt64(number)), real: real)
        var chain = SeededGenerator(seed: SeededGenerator.mix(seed &+ 2 &* UInt64(number / Self.casesOfChain) &+ 1))
        let (kind, text) = Self.text(&texts)
        let configuration = Self.configuration(&chain)
        let definition = Self.definition(&chain, &texts, isFirst: number % Self.casesOfChain == 0)
        return FuzzCase(
            kind: kind, configuration: configuration, builtIn: builtIn.randomElement(using: &texts.random)!, definition: definition,
            stated: texts.random.chance(1, in: 4) ? Language.all.randomElement(using: &texts.random)!.code : nil,
            queryLanguages: (0..<Int.random(in: 0...4, using: &texts.random)).map { _ in Language.all.randomElement(using: &texts.random)!.code },
            text: Data(text))
    }

    // MARK: Texts

    /// Length of a text: most are short, some long, few of many megabytes.
    private static func length(_ random: inout SeededGenerator) -> Int {
        switch Int.random(in: 0..<10_000, using: &random) {
        case 0..<2: Int.random(in: 1 << 20...10 << 20, using: &random)
        case 2..<100: Int.random(in: 32 << 10...200 << 10, using: &random)
        case 100..<1000: Int.random(in: 1 << 10...20 << 10, using: &random)
        default: Int.random(in: 1...300, using: &random)
        }
    }

    private static func text(_ source: inout TextSource) -> (kind: String, text: [UInt8]) {
        switch Int.random(in: 0..<8, using: &source.random) {
        case 0: return ("cut", source.cut(bytesMax: length(&source.random)))
        case 1, 2: return ("mutated", source.mutated(bytesMax: length(&source.random)))
        case 3, 4, 5:
            let kind = TextSource.Kind.allCases.randomElement(using: &source.random)!
            return ("made, \(kind.rawValue)", source.made(kind, pieces: min(length(&source.random), 4000)))
        default:
            let shape = TextSource.Shape.allCases.randomElement(using: &source.random)!
            var text = source.hostile(shape, bytes: length(&source.random))
            if source.random.chance(1, in: 4) { text = source.cut(bytesMax: 100) + text + source.cut(bytesMax: 100) }
            return ("hostile, \(shape.rawValue)", text)
        }
    }

    // MARK: Chains

    private static func configuration(_ random: inout SeededGenerator) -> AnalyzerConfiguration {
        guard random.chance(1, in: 2) else { return AnalyzerConfiguration() }
        func flip() -> Bool { random.chance(3, in: 4) }
        return AnalyzerConfiguration(
            stemmer: random.chance(1, in: 3)
                ? AnalyzerConfiguration.detectedStemmer : random.chance(1, in: 4) ? nil : Analyzer.languages.randomElement(using: &random),
            fallbackLanguageCode: random.chance(1, in: 2) ? "en" : random.chance(1, in: 4) ? nil : Language.all.randomElement(using: &random)!.code,
            indexParts: flip(), indexWholes: flip(), indexFolded: flip(), indexBigrams: flip())
    }

    /// - Parameter isFirst: most patterns that run without end are met once only, because each may take seconds.
    private static func definition(_ random: inout SeededGenerator, _ texts: inout TextSource, isFirst: Bool) -> AnalyzerDefinition {
        let filters: [AnalyzerDefinition.CharacterFilter] = (0..<[0, 0, 1, 1, 2, 3][Int.random(in: 0..<6, using: &random)]).map { _ in
            random.chance(1, in: 2) ? .html : .pattern(pattern(&random), replacement: replacement(&random))
        }
        let tokenizer: AnalyzerDefinition.Tokenizer =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: .keyword
            case 1: .whitespace
            case 2: .code
            case 3:
                {
                    let least = Int.random(in: 1...4, using: &random)
                    return .ngram(min: least, max: random.chance(1, in: 8) ? AnalyzerDefinition.gramMax : Int.random(in: least...least + 2, using: &random))
                }()
            default: .standard
            }
        let definition = AnalyzerDefinition(
            characterFilters: filters, normalizer: AnalyzerDefinition.Normalizer.allCases.randomElement(using: &random)!, tokenizer: tokenizer,
            filters: Set(AnalyzerDefinition.Filter.allCases.filter { _ in random.chance(2, in: 3) }),
            language: random.chance(1, in: 2) ? nil : Analyzer.languages.randomElement(using: &random))
        if isFirst, texts.random.chance(1, in: 20) {
            var slow = definition
            slow.characterFilters = [
                .pattern(["(a+)+b", "(x|xx)*y", "(.*)(.*)(.*)\\d$", "(\\w+\\s?)+!"].randomElement(using: &texts.random)!, replacement: "$1")
            ]
            return slow
        }
        return definition
    }

    private static let patternPieces = [
        "a", ".", "\\d", "\\w", "\\s", "\\S", "\\p{L}", "\\p{M}", "[a-z]", "[^a]", "é", "漢", "\\b", "^", "$", "\\X", "(?i)", "(a)", "(\\w)", "(.)(.)", "\\R",
        "(?=a)", "(?!b)", "\\u0301",
        "\\x{1F600}",
    ]

    private static func pattern(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            patternPieces.randomElement(using: &random)!
                + (random.chance(1, in: 4) ? ["?", "+", "*?", "{2}", "{0,3}", "++"].randomElement(using: &random)! : "")
        }.joined(separator: random.chance(1, in: 5) ? "|" : "")
    }

    private static func replacement(_ random: inout SeededGenerator) -> String {
        let pieces = [
            "", "$0", "$1", "$2", "$9", "$", "\\", "\\$", " ", "x", "é", "漢", "<b>", "\u{301}", "$0$0$0", "\u{0}", "\u{200D}",
            String(repeating: "y", count: 300),
        ]
        return (0..<Int.random(in: 0...3, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    }
}
