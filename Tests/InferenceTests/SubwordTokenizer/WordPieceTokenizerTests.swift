import Foundation
import Inference
import SearchCore
import Testing

/// Golden ids from Hugging Face's library (tools/make-tokenizer-golden). Its small vocabulary holds single scalars, so that
/// nearly every difference in normalisation shows in the ids; that of a real model is used where the model is present.
@Suite struct WordPieceTokenizerTests {
    struct Golden: Decodable {
        struct Setting: Decodable {
            var name, normalizer: String
            var checksums, scalars: [UInt32]
        }
        struct Pair: Decodable {
            var first, second, max: Int
            var ids, types: [Int32]
        }
        var strings: [String]
        var settings: [Setting]
        var pairs: [Pair]
        var real: [[Int32]]
    }

    static let golden: Golden = {
        let data = FileManager.default.contents(atPath: Fixtures.path("wordpiece-golden.json")) ?? Data()
        return try! JSONDecoder().decode(Golden.self, from: data)
    }()

    static func smallTokenizer(_ normalizer: String? = nil) throws -> WordPieceTokenizer {
        try changed { text in
            if let normalizer { text.replace(golden.settings[0].normalizer, with: normalizer) }
        }
    }

    /// The small tokenizer's file, edited.
    static func changed(_ edit: (inout String) -> Void) throws -> WordPieceTokenizer {
        try Fixtures.withTemporaryFolder { folder in
            // Bytes, not canonical equivalents, are replaced: Latin-1 carries them through String unchanged.
            var text = String(data: try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("wordpiece-small.json"))), encoding: .isoLatin1)!
            edit(&text)
            try text.data(using: .isoLatin1)!.write(to: URL(fileURLWithPath: folder + "/tokenizer.json"))
            return try WordPieceTokenizer(tokenizerJSON: folder + "/tokenizer.json")
        }
    }

    static func checksum(_ ids: [Int32]) -> UInt32 { ids.withUnsafeBytes { CRC32C.checksum($0) } }

    @Test("ids equal Hugging Face's on every golden string, for each setting of the normaliser", arguments: 0..<5)
    func goldenStrings(setting: Int) throws {
        let setting = Self.golden.settings[setting]
        let tokenizer = try Self.smallTokenizer(setting.normalizer)
        #expect(Self.golden.strings.count >= 2000)
        var wrong: [String] = []
        for (text, expected) in zip(Self.golden.strings, setting.checksums) where Self.checksum(tokenizer.encode(text)) != expected {
            wrong.append(text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " "))
        }
        #expect(wrong.isEmpty, "\(setting.name): \(wrong.count) differ, as \(wrong.prefix(5))")
    }

    @Test("every scalar of Unicode is normalised and split as by Hugging Face, for each setting", arguments: 0..<5)
    func everyScalar(setting: Int) throws {
        let setting = Self.golden.settings[setting]
        let tokenizer = try Self.smallTokenizer(setting.normalizer)
        var wrong: [String] = []
        for (block, expected) in setting.scalars.enumerated() {
            var bytes: [UInt8] = []
            for value in UInt32(block * 4096)..<UInt32(block * 4096 + 4096) {
                guard let scalar = Unicode.Scalar(value) else { continue }
                let text = "a" + String(Character(scalar)) + "b"
                bytes.append(contentsOf: tokenizer.normalized(text).utf8)
                bytes.append(0xFF)
                tokenizer.encode(text).withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
            if CRC32C.checksum(bytes) != expected { wrong.append(String(block * 4096, radix: 16)) }
        }
        #expect(wrong.isEmpty, "\(setting.name): blocks of 4,096 scalars that differ: \(wrong)")
    }

    @Test(
        "ids equal Hugging Face's with a real model's vocabulary",
        .enabled(if: Fixtures.hasModels, Fixtures.needsModels),
        arguments: [Fixtures.embedderFolder, Fixtures.crossEncoderFolder])
    func realVocabulary(folder: String) throws {
        let tokenizer = try WordPieceTokenizer(tokenizerJSON: folder + "/tokenizer.json")
        for (text, expected) in zip(Self.golden.strings, Self.golden.real) {
            let ids = tokenizer.encode(text)
            #expect(ids == expected, "\(text.unicodeScalars.map { String($0.value, radix: 16) })")
        }
    }

    @Test("pairs are framed and cut as by longest_first")
    func pairs() throws {
        let tokenizer = try Self.smallTokenizer()
        for pair in Self.golden.pairs {
            let sequence = tokenizer.assemble(
                tokenizer.encode(String(repeating: "a ", count: pair.first)),
                tokenizer.encode(String(repeating: "b ", count: pair.second)), maxTokens: pair.max)
            #expect(sequence.ids == pair.ids)
            #expect(sequence.secondStart == pair.types.firstIndex(of: 1) ?? pair.ids.count)
            #expect(sequence.tokensCut == max(pair.first + pair.second + 3 - pair.max, 0))
        }
    }

    @Test(
        "one text is framed, cut at its end, and the cut is counted",
        arguments: [(0, 8, 2, 0), (5, 8, 7, 0), (6, 8, 8, 0), (7, 8, 8, 1), (100, 8, 8, 94), (3, 2, 2, 3)])
    func single(tokens: Int, maxTokens: Int, length: Int, cut: Int) throws {
        let tokenizer = try Self.smallTokenizer()
        let sequence = tokenizer.assemble(tokenizer.encode(String(repeating: "a ", count: tokens)), maxTokens: maxTokens)
        #expect(sequence.ids.count == length)
        #expect(sequence.ids.first == tokenizer.classificationID)
        #expect(sequence.ids.last == tokenizer.separatorID)
        #expect(sequence.tokensCut == cut)
        #expect(sequence.secondStart == length)
    }

    @Test("canonically equivalent tokens of a vocabulary stay two tokens")
    func canonicalTwins() throws {
        let tokenizer = try Self.smallTokenizer(Self.golden.settings.last!.normalizer)
        let one = tokenizer.encode("\u{E9}")
        let two = tokenizer.encode("e\u{301}")
        #expect(one.count == 1 && two.count == 1)
        #expect(one != two)
    }

    @Test("a run of a million combining marks takes no quadratic time")
    func longRunOfMarks() throws {
        let tokenizer = try Self.smallTokenizer()
        let text = "a" + String(repeating: "\u{301}\u{316}", count: 500_000)
        let clock = ContinuousClock()
        var ids: [Int32] = []
        let time = clock.measure { ids = tokenizer.encode(text) }
        #expect(ids == tokenizer.encode("a"))
        #expect(time < .seconds(5))
    }

    @Test("other kinds of tokenizer are refused by name", arguments: ["Unigram", "BPE", "WordLevel"])
    func otherKinds(kind: String) throws {
        let error = #expect(throws: TandemError.self) {
            try Self.changed { $0.replace("\"type\":\"WordPiece\"", with: "\"type\":\"\(kind)\"") }
        }
        #expect(error?.code == .unimplemented)
        #expect(error?.message.contains("'\(kind)'") == true)
        #expect(error?.message.contains("this build supports WordPiece models") == true)
    }

    @Test(
        "a file that is no tokenizer's is an error that names the file, never a crash",
        arguments: [
            "", "{", "[]", "{}", "null", "{\"model\":{}}", "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{}}}",
            "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":-1}}}", "{\"model\":{\"vocab\":[[\"a\",1]],\"type\":\"WordPiece\"}}",
            "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"a\":99999999999}}}", "\u{0}\u{1}",
        ])
    func noTokenizer(text: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/tokenizer.json"
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            let error = #expect(throws: TandemError.self) { try WordPieceTokenizer(tokenizerJSON: path) }
            #expect(error?.message.contains(path) == true)
        }
    }

    @Test("a missing file is NOT_FOUND")
    func missing() {
        let error = #expect(throws: TandemError.self) { try WordPieceTokenizer(tokenizerJSON: "/nonexistent/tokenizer.json") }
        #expect(error?.code == .notFound)
    }

    @Test("flipped bytes in the file make an error or a tokenizer, never a crash")
    func damagedFile() throws {
        var generator = SeededGenerator()
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("wordpiece-small.json"))))
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/tokenizer.json"
            for _ in 0..<20 {
                var damaged = bytes
                for _ in 0..<3 { damaged[Int.random(in: 0..<2000, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
                if Bool.random(using: &generator) { damaged.removeLast(Int.random(in: 1..<damaged.count, using: &generator)) }
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                if let tokenizer = try? WordPieceTokenizer(tokenizerJSON: path) { _ = tokenizer.encode("quick brown fox é 中") }
            }
        }
    }

    @Test("English goes at 20 MB/s or more, and the real vocabulary loads in 100 ms", .enabled(if: Fixtures.hasModels, Fixtures.needsModels))
    func speed() throws {
        let clock = ContinuousClock()
        var tokenizer: WordPieceTokenizer!
        var load = Duration.seconds(100)
        for _ in 0..<3 {
            load = try min(load, clock.measure { tokenizer = try WordPieceTokenizer(tokenizerJSON: Fixtures.embedderFolder + "/tokenizer.json") })
        }
        let sentence = "The daemon keeps an inverted index next to a dense index, computes embeddings itself, and reranks unaffable candidates. "
        let text = String(repeating: sentence, count: 20_000)
        var best = Duration.seconds(100)
        var count = 0
        for _ in 0..<3 { best = min(best, clock.measure { count = tokenizer.encode(text).count }) }
        let megabytesPerSecond = Double(text.utf8.count) / 1e6 / (best / .seconds(1))
        print("tokenizer: load \(load / .milliseconds(1)) ms, \(megabytesPerSecond) MB/s, \(count) tokens")
        #expect(count == 20_000 * tokenizer.encode(sentence).count)
        // Other work may share the machine's cores: the bar is a fifth of what an idle one reaches.
        #expect(megabytesPerSecond > 20)
        #expect(load < .milliseconds(400))
    }
}

/// SplitMix64 from `TANDEM_TEST_SEED`, or from a new seed that is printed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ name: String = #function) {
        let seed = ProcessInfo.processInfo.environment["TANDEM_TEST_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0...UInt64.max)
        print("\(name): TANDEM_TEST_SEED=\(seed)")
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
