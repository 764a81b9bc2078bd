import LexicalIndex
import SearchCore
import Testing

/// Goal: the walk of the dictionaries, which skips most keys, finds exactly what a filter of all keys finds, in the same
/// order. Method: random dictionaries over small alphabets, so that every word has many neighbours and most prefixes are
/// shared; distances by ``EditDistance``.
@Suite("Fuzzy keys")
struct FuzzyKeysTests {
    /// Keys with their documents, by segment and field.
    typealias Frequencies = [[[UInt8]: Int]]

    /// A segment in which a key of a field is in so many documents.
    static func segment(_ fields: Frequencies, first: UInt32 = 0) throws -> LexicalSegment {
        try LexicalSegment(MappedFile(copying: segmentBytes(fields, first: first)))
    }

    static func segmentBytes(_ fields: Frequencies, first: UInt32 = 0) -> [UInt8] {
        let documents = fields.flatMap(\.values).max() ?? 0
        return buildBytes(
            (0..<documents).map { d in
                fields.map { keys in
                    let keys = keys.filter { $0.value > d }.map(\.key)
                    return TestText(length: keys.count, keys: keys)
                }
            }, fields: fields.count, first: first)
    }

    /// What is asked for, and the obvious answer to it.
    struct Question {
        var form: TermForm = .surface
        var word: [Unicode.Scalar]
        var distance: Int
        var prefixLength = 0
        var transpositions = true

        var pattern: FuzzyPattern {
            get throws {
                var text = String.UnicodeScalarView()
                text.append(contentsOf: word)
                return try FuzzyPattern(
                    leading: [form.rawValue], word: String(text), distance: distance, prefixLength: prefixLength, transpositions: transpositions)
            }
        }

        func answer(_ segments: [Frequencies], fields: [Int], limit: Int) -> [FuzzyExpansion] {
            var documents: [[UInt8]: [Int: Int]] = [:]
            for segment in segments {
                for field in fields where segment.indices.contains(field) {
                    for (key, count) in segment[field] { documents[key, default: [:]][field, default: 0] += count }
                }
            }
            let edits = EditDistance(transpositions: transpositions)
            var found: [FuzzyExpansion] = []
            for (key, counts) in documents where key.first == form.rawValue {
                guard let text = String(validating: key.dropFirst(), as: UTF8.self) else { continue }
                let scalars = Array(text.unicodeScalars)
                guard scalars.count >= min(prefixLength, word.count), scalars.starts(with: word.prefix(prefixLength)) else { continue }
                let distance = edits(scalars, word)
                if distance <= self.distance { found.append(.init(key: key, distance: distance, documentFrequency: counts.values.max()!)) }
            }
            found.sort {
                ($0.distance, $1.documentFrequency) == ($1.distance, $0.documentFrequency)
                    ? $0.key.lexicographicallyPrecedes($1.key) : ($0.distance, $1.documentFrequency) < ($1.distance, $0.documentFrequency)
            }
            return Array(found.prefix(limit))
        }
    }

    static func key(_ scalars: [Unicode.Scalar], _ form: TermForm = .surface) -> [UInt8] { [form.rawValue] + scalars.flatMap { UTF8.encode($0)! } }

    @Test("finds what a filter of all keys finds, over one to five segments of two fields", arguments: TestAlphabet.allCases)
    func random(_ alphabet: TestAlphabet) throws {
        var random = TestRandom()
        var matches = 0
        for round in 0..<32 {
            let count = [0, 1, 15, 16, 17, 33, 300, 2000][round % 8]
            let forms: [TermForm] = [.surface, .surface, .surface, .stem, .part]
            let vocabulary = (0..<count).map { _ in
                Self.key(alphabet.word(Int.random(in: 0...9, using: &random), &random), forms.randomElement(using: &random)!)
            }
            let data = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (0..<2).map { _ in
                    var keys: [[UInt8]: Int] = [:]
                    for key in vocabulary where Bool.random(using: &random) { keys[key] = [1, 1, 2, 3].randomElement(using: &random)! }
                    return keys
                }
            }
            let segments = try data.map { try Self.segment($0) }
            for _ in 0..<60 {
                let word = alphabet.word(Int.random(in: 0...9, using: &random), &random)
                let near = vocabulary.randomElement(using: &random).map { Array(String(decoding: $0.dropFirst(), as: UTF8.self).unicodeScalars) }
                let question = Question(
                    form: forms.randomElement(using: &random)!, word: Bool.random(using: &random) ? word : alphabet.edited(near ?? [], 1, &random),
                    distance: Int.random(in: 0...2, using: &random), prefixLength: [0, 0, 0, 1, 2, 12].randomElement(using: &random)!,
                    transpositions: Bool.random(using: &random))
                let fields = [[0], [1], [0, 1], [1, 0], [1, 7]].randomElement(using: &random)!
                let limit = [0, 1, 2, 5, 50, .max].randomElement(using: &random)!
                let expected = question.answer(data, fields: fields, limit: limit)
                matches += expected.count
                let found = try LexicalSegment.keys(
                    matching: question.pattern, in: segments.shuffled(using: &random).map { LexicalSegmentView(segment: $0) }, fields: fields, limit: limit)
                #expect(found == expected, "\(question), limit \(limit)")
                if let first = segments.first {
                    let own = try first.keys(matching: question.pattern, field: fields[0], limit: limit)
                    #expect(own == question.answer([data[0]], fields: [fields[0]], limit: limit), "\(question), limit \(limit)")
                }
            }
        }
        #expect(matches > 300, "too few matches to mean anything")
    }

    @Test("edges of dictionary blocks: every key is found as itself, and with its neighbours", arguments: [1, 15, 16, 17, 31, 32, 33])
    func blockEdges(count: Int) throws {
        // "aa", "ab", …: each is within 1 of those of its row and of its column; a second form lies on either side.
        func letter(_ i: Int) -> Unicode.Scalar { Unicode.Scalar(UInt8(97 + i)) }
        let words: [[Unicode.Scalar]] = (0..<count).map { [letter($0 / 6), letter($0 % 6)] }
        var keys: [[UInt8]: Int] = [Self.key(words[0], .surface): 1, Self.key(words[0], .part): 1]
        for (i, word) in words.enumerated() { keys[Self.key(word, .stem)] = 1 + i % 3 }
        let data: Frequencies = [keys]
        let segment = try Self.segment(data)
        for word in words + [["z", "z"], ["a"], []] {
            for distance in 0...2 {
                let question = Question(form: .stem, word: word, distance: distance)
                #expect(try segment.keys(matching: question.pattern, field: 0, limit: 100) == question.answer([data], fields: [0], limit: 100))
            }
        }
    }

    @Test("long keys and long words, up to 255 bytes", arguments: [63, 64, 65, 253, 254, 255])
    func long(length: Int) throws {
        var random = TestRandom()
        let word = TestAlphabet.ascii.word(length, &random)
        var keys: [[UInt8]: Int] = [Self.key(word): 2]
        while keys.count < 200 {
            let key = Self.key(TestAlphabet.ascii.edited(word, Int.random(in: 1...3, using: &random), &random))
            if key.count <= 256, keys[key] == nil { keys[key] = 1 }
        }
        let segment = try Self.segment([keys])
        for distance in 0...2 {
            for prefixLength in [0, 1, length - 1, length, 300] {
                let question = Question(word: word, distance: distance, prefixLength: prefixLength)
                let found = try segment.keys(matching: question.pattern, field: 0, limit: 300)
                #expect(found == question.answer([[keys]], fields: [0], limit: 300))
                #expect(found.first == FuzzyExpansion(key: Self.key(word), distance: 0, documentFrequency: 2))
            }
        }
        // Leading bytes longer than any key.
        let text = String(String.UnicodeScalarView(word))
        #expect(try segment.keys(matching: FuzzyPattern(leading: [1, 1, 1], word: text, distance: 2, prefixLength: 255), field: 0, limit: 9).isEmpty)
    }

    @Test("keys that are no UTF-8 match nothing and hide no others")
    func invalidUTF8() throws {
        var random = TestRandom()
        let pieces: [[UInt8]] = [
            [0x61], [0x62], [0xC3], [0xA9], [0xC3, 0xA9], [0xE2, 0x82], [0xE2, 0x82, 0xAC], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x98, 0x80], [0xF0, 0x9F],
            [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0x80],
        ]
        var keys: [[UInt8]: Int] = [:]
        for _ in 0..<4000 { keys[[1] + (0..<Int.random(in: 0...5, using: &random)).flatMap { _ in pieces.randomElement(using: &random)! }] = 1 }
        #expect(keys.keys.count { String(validating: $0, as: UTF8.self) == nil } > 1000)
        let segment = try Self.segment([keys])
        for word in ["", "a", "ab", "é", "aé", "€b", "😀", "a😀", "é€b", "\u{FFFD}"] {
            for distance in 0...2 {
                let question = Question(word: Array(word.unicodeScalars), distance: distance)
                #expect(try segment.keys(matching: question.pattern, field: 0, limit: .max) == question.answer([[keys]], fields: [0], limit: .max), "\(word)")
            }
        }
    }

    @Test("a walk ends when the call is cancelled, and when its deadline has passed")
    func control() throws {
        let segment = try Self.segment([[Self.key(["a"]): 1, Self.key(["b"]): 1]])
        let pattern = try FuzzyPattern(leading: [1], word: "a", distance: 1)
        let cancelled = QueryControl()
        cancelled.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try segment.keys(matching: pattern, field: 0, limit: 9, control: cancelled) }
        let late = QueryControl(timeout: .seconds(-1))
        #expect(throws: TandemError(.deadlineExceeded, "")) { try segment.keys(matching: pattern, field: 0, limit: 9, control: late) }
        #expect(try segment.keys(matching: pattern, field: 0, limit: 9, control: QueryControl(timeout: .seconds(60))).count == 2)
    }

    @Test("numbers out of range and words too long are refused by name")
    func arguments() {
        for (word, distance, prefixLength) in [("a", 3, 0), ("a", -1, 0), ("a", 1, -1), (String(repeating: "é", count: 128), 1, 0)] {
            #expect(throws: TandemError(.invalidArgument, "")) {
                _ = try FuzzyPattern(leading: [1], word: word, distance: distance, prefixLength: prefixLength)
            }
        }
    }

    @Test("a damaged dictionary is an error that names the segment's field")
    func damagedDictionary() throws {
        let keys = Dictionary(uniqueKeysWithValues: (0..<100).map { (Self.key(Array("word\($0)".unicodeScalars)), 2) })
        let bytes = Self.segmentBytes([keys])
        let sections = try SectionFile(MappedFile(copying: bytes), kind: .init("LEXS", version: 3))
        func damaged(_ section: UInt32, _ change: (inout [UInt8], Range<Int>) -> Void) throws -> LexicalSegment {
            let found = try sections.required(section)
            let start = found.baseAddress! - sections.file.bytes.baseAddress!
            var bytes = bytes
            change(&bytes, start..<(start + found.count))
            DamagedSegmentTests.reseal(&bytes)
            return try LexicalSegment(MappedFile(copying: bytes))
        }
        let pattern = try FuzzyPattern(leading: [1], word: "word5", distance: 2)
        #expect(try damaged(18) { _, _ in }.keys(matching: pattern, field: 0, limit: 9).count == 9)
        // Documents 0 of every term; blocks that begin past the dictionary's end.
        for segment in [
            try damaged(18) { for i in $1 { $0[i] = 0 } }, try damaged(17) { for i in $1.suffix(7 * 8) { $0[i] = 0xFF } },
        ] {
            let error = #expect(throws: TandemError(.dataLoss, "")) { try segment.keys(matching: pattern, field: 0, limit: 9) }
            #expect(error?.message.contains("field 0") == true)
        }
    }

    @Test("changed bytes of a dictionary with right checksums never trap")
    func changedBytes() throws {
        var random = TestRandom()
        var keys: [[UInt8]: Int] = [:]
        while keys.count < 400 {
            let alphabet = TestAlphabet.allCases.randomElement(using: &random)!
            keys[Self.key(alphabet.word(Int.random(in: 0...12, using: &random), &random))] = Int.random(in: 1...3, using: &random)
        }
        let bytes = Self.segmentBytes([keys])
        let sections = try SectionFile(MappedFile(copying: bytes), kind: .init("LEXS", version: 3))
        let patterns = try ["", "ab", "abcde", "日本", "e\u{301}e", "😀a"].flatMap { word in
            try (0...2).map { try FuzzyPattern(leading: $0 == 0 ? [] : [1], word: word, distance: $0) }
        }
        var errors = 0
        var changed = 0
        for section: UInt32 in [17, 18] {
            let found = try sections.required(section)
            let start = found.baseAddress! - sections.file.bytes.baseAddress!
            for round in 0..<1500 {
                var damaged = bytes
                for _ in 0..<(round % 4 == 3 ? 20 : 1) {
                    let at = start + Int.random(in: 0..<found.count, using: &random)
                    damaged[at] =
                        Bool.random(using: &random)
                        ? damaged[at] ^ 1 << UInt8.random(in: 0..<8, using: &random) : [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random)!
                }
                DamagedSegmentTests.reseal(&damaged)
                guard let segment = try? LexicalSegment(MappedFile(copying: damaged)) else { continue }
                changed += 1
                for pattern in patterns {
                    do { _ = try segment.keys(matching: pattern, field: 0, limit: 20) } catch let error as TandemError {
                        #expect(error == TandemError(.dataLoss, ""))
                        errors += 1
                    }
                }
            }
        }
        #expect(changed > 2000 && errors > 1000, "\(changed) segments, \(errors) errors")
    }
}
