import Glibc
import LexicalIndex
import SearchCore
import Testing

@Suite("LexicalSegment")
struct LexicalSegmentTests {
    @Test("the worked example of docs/formats/lexical-segment.md has these bytes")
    func golden() throws {
        let bytes = buildBytes([[TestText("red fish red")], [TestText("fish")]], fields: 1, first: 10)
        let sections = try SectionFile(MappedFile(copying: bytes), kind: .init("LEXS", version: 3))
        func hex(_ id: UInt32) throws -> String {
            try sections.required(id).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        }
        #expect(try hex(1) == "01 00 00 00 0a 00 00 00 02 00 00 00 00 00 00 00 02 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00 01 00 03 00 00 00 00 00")
        #expect(try hex(16) == "03 00 01 00")
        #expect(try hex(17) == "00 00 00 68 73 69 66 01 00 00 00 00 00 00 00 00")
        #expect(try hex(18) == "00 00 00 05 01 66 69 73 68 02 04 03 01 03 72 65 64 01 00 01 02")
        #expect(try hex(19) == "01 01 92 92" + String(repeating: " 00", count: 80))
        #expect(try hex(20) == "03 01")
        #expect(try hex(21) == "ff 01 00 00 02" + String(repeating: " 00", count: 80))
    }

    @Test("an empty segment, and one of empty documents, open, validate and match nothing")
    func empty() throws {
        for documents in [[], [[nil, nil]], [[TestText(length: 0, keys: []), nil]]] as [[TestDocument]] {
            let segment = try build(documents, fields: 2, first: 9)
            try segment.validate()
            #expect(segment.documentCount == documents.count)
            #expect(segment.firstDoc == DocID(9) && segment.endDoc == DocID(9 + UInt32(documents.count)))
            #expect(segment.fieldStatistics(0) == (0, 0))
            #expect(segment.termCount(0) == 0)
            let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("a", fields: [1, 1]))
            #expect(searcher.isEmpty)
            #expect(try searcher.topK(3, accept: DocBitSet(capacity: 20, full: true), control: .unlimited).hits.isEmpty)
        }
        #expect(try build([], fields: 0).fieldCount == 0)
    }

    @Test("a document has a field when its length is above 0; tokens without length count as length 1; lengths saturate")
    func lengths() throws {
        let documents: [TestDocument] = [
            [TestText(length: 5, keys: [])], [TestText(length: 0, keys: [key("p", .part)])], [TestText(length: 70_000, keys: [key("a")])], [nil],
        ]
        let segment = try build(documents, fields: 1)
        try segment.validate()
        #expect(segment.fieldStatistics(0) == (3, 5 + 1 + 65_535))
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("a"))
        #expect(try searcher.explain(DocID(2)).groups[0].postings[0].length == 65_535)
        let scores = try searcher.score(docs: [DocID(0), DocID(1), DocID(2), DocID(3)])
        let expected = Oracle(documents).scores(query("a"))
        #expect(scores[2] != nil && abs(scores[2]! - expected[2]!) < 1e-12 && scores[0] == nil && scores[1] == nil && scores[3] == nil)
    }

    @Test("every term of a large vocabulary is found, and no other", arguments: [1, 15, 16, 17, 33, 1000, 20_000])
    func vocabulary(count: Int) throws {
        var random = TestRandom()
        // Long common prefixes, so that the eight-byte prefixes of the index tie; keys that are prefixes of others; the
        // longest key; raw bytes.
        var keys: Set<[UInt8]> = []
        while keys.count < count {
            let number = Int.random(in: 0..<(count * 4), using: &random)
            switch number % 5 {
            case 0: keys.insert(key("internationalisation\(number)"))
            case 1: keys.insert(key("w\(number)"))
            case 2: keys.insert(key(String(repeating: "x", count: number % 256)))
            case 3: keys.insert([1, 0, 0, 0, 0, 0, 0, 0] + Array(repeating: 0, count: number % 20) + [UInt8(truncatingIfNeeded: number >> 8)])
            default: keys.insert((0..<(1 + number % 12)).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
        }
        let ordered = Array(keys).shuffled(using: &random)
        let documents: [TestDocument] =
            stride(from: 0, to: ordered.count, by: 7).map { i in
                let part = Array(ordered[i..<min(i + 7, ordered.count)])
                return [TestText(length: part.count, keys: part + part.prefix(i % 3))]
            } + [[TestText(length: 2, keys: [ordered[0], ordered[0]])]]
        let segment = try build(documents, fields: 1)
        try segment.validate()
        #expect(segment.termCount(0) == count)
        let view = LexicalSegmentView(segment: segment)
        for (i, key) in ordered.enumerated() where count <= 1000 || i % 7 == 0 {
            let q = LexicalQuery(groups: [LexicalGroup(text: "", forms: [LexicalForm(key: key)])], fieldWeights: [1])
            let searcher = try LexicalSearcher(views: [view], query: q)
            #expect(searcher.statistics.documentFrequencies == [[i == 0 && documents.count > 1 ? 2 : 1]])
            #expect(try searcher.score(docs: [DocID(UInt32(i / 7))])[0] != nil)
        }
        for _ in 0..<500 {
            var key = ordered.randomElement(using: &random)!
            if Bool.random(using: &random) { key.append(UInt8.random(in: 0...255, using: &random)) } else { key[key.count - 1] &+= 1 }
            if keys.contains(key) || key.isEmpty { continue }
            let q = LexicalQuery(groups: [LexicalGroup(text: "", forms: [LexicalForm(key: key)])], fieldWeights: [1])
            #expect(try LexicalSearcher(views: [view], query: q).isEmpty)
        }
    }

    @Test("frequencies of any size come back", arguments: [1, 2, 127, 128, 255, 300, 65_535, 70_000])
    func frequencies(frequency: Int) throws {
        let documents: [TestDocument] = (0..<130).map { d in
            [TestText(length: frequency, keys: Array(repeating: key("a"), count: d % 2 == 0 ? frequency : 1))]
        }
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: build(documents, fields: 1))], query: query("a"))
        for d in [0, 1, 126, 127, 128, 129] {
            #expect(try searcher.explain(DocID(UInt32(d))).groups[0].postings[0].frequency == (d % 2 == 0 ? frequency : 1))
        }
    }

    @Test("the number of fields must be the schema's")
    func fieldCount() throws {
        let bytes = buildBytes([[TestText("a"), nil]], fields: 2)
        #expect(throws: TandemError(.failedPrecondition, "")) { _ = try LexicalSegment(MappedFile(copying: bytes), fieldCount: 3) }
        #expect(try LexicalSegment(MappedFile(copying: bytes)).fieldCount == 2)
        #expect(throws: TandemError(.dataLoss, "")) { _ = try LexicalSegment(MappedFile(copying: Array(bytes.dropLast(3)))) }
    }

    @Test("a segment mapped from a file answers like the one in memory")
    func mapped() throws {
        let bytes = buildBytes((0..<500).map { [TestText("a w\($0)")] }, fields: 1)
        let path = "/tmp/tandem-lexical-\(UInt64.random(in: 0 ... .max)).seg"
        let file = fopen(path, "w")!
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
        defer { unlink(path) }
        let segment = try LexicalSegment(MappedFile(mapping: path), fieldCount: 1)
        #expect(!segment.isInMemory && segment.byteCount == bytes.count)
        let searcher = try LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query("w77"))
        #expect(try searcher.topK(3, accept: DocBitSet(capacity: 500, full: true), control: .unlimited).hits.map(\.doc) == [DocID(77)])
    }

    @Test("the builder's memory is counted and stays near the bytes of the postings")
    func memory() {
        var corpus = TestCorpus(random: TestRandom(seed: 5), vocabulary: 3000, fields: 1)
        let builder = LexicalSegmentBuilder(fieldCount: 1, firstDoc: DocID(0))
        var sink = builder
        for d in 0..<20_000 {
            builder.beginDocument(DocID(UInt32(d)))
            add(corpus.document(), to: &sink)
        }
        let memory = builder.memoryBytes
        let bytes = builder.finish().count
        #expect(memory > bytes / 2 && memory < 6 * bytes, "\(memory) bytes of memory for \(bytes)")
    }
}

@Suite("Prefixes")
struct PrefixTests {
    // Goal: over blocks of 16 keys, with prefixes at and between their borders, the keys are those that a plain filter finds.
    @Test("the keys that begin with some bytes, in order, up to the limit")
    func keys() throws {
        var random = TestRandom()
        let words = Set((0..<700).map { _ in String((0..<Int.random(in: 1...4, using: &random)).map { _ in "abc".randomElement(using: &random)! }) }).sorted()
        let segment = try build([[TestText(words.joined(separator: " "))], [TestText("aa")]], fields: 1)
        for prefix in ["", "a", "ab", "abc", "abca", "b", "bb", "cccc", "ccccc", "d", "0"] {
            let expected = words.filter { $0.hasPrefix(prefix) }.map { key($0) }
            #expect(try segment.keys(withPrefix: key(prefix), field: 0, limit: 1000) == expected, "\(prefix)")
            #expect(try segment.keys(withPrefix: key(prefix), field: 0, limit: 3) == Array(expected.prefix(3)), "\(prefix)")
        }
        #expect(try segment.keys(withPrefix: key("a"), field: 7, limit: 3).isEmpty)
    }
}
