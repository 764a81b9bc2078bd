import Foundation
import LexicalIndex
import SearchCore
import Testing

/// Goal: bytes that a release has written are read the same for ever, or refused by name. Method: a small segment of each format version
/// is kept under Fixtures; `TANDEM_WRITE_GOLDEN=1` writes that of the present version where there is none yet.
@Suite("Golden segments")
struct GoldenSegmentTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

    /// Of a fixed seed, with everything that the format has: blocks and rests, wide gaps, several places of a position block, terms of one document.
    private static func documents() -> [TestDocument] {
        var random = TestRandom(seed: 20_261_128)
        return PhraseTests.documents(400, words: 30, &random)
    }

    @Test("a segment of version 3 is read, and written, as it was")
    func version3() throws {
        let path = Self.folder.appendingPathComponent("lexs-3.bin").path
        let documents = Self.documents()
        let built = buildBytes(documents, fields: 2)
        if ProcessInfo.processInfo.environment["TANDEM_WRITE_GOLDEN"] != nil, !FileManager.default.fileExists(atPath: path) {
            try Data(built).write(to: URL(fileURLWithPath: path))
        }
        let segment = try LexicalSegment(MappedFile(mapping: path), fieldCount: 2)
        try segment.validate()
        #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == built)
        let views = [LexicalSegmentView(segment: segment)]
        let oracle = Oracle(documents)
        let bag = query("w1 w3 w29", fields: [1, 2])
        try check(
            try LexicalSearcher(views: views, query: bag), capacity: 400, accept: DocBitSet(capacity: 400, full: true), expected: oracle.scores(bag), k: 10)
        var phrase = query("w0 w1", fields: [1, 1])
        phrase.phrases = [LexicalPhrase(text: "", slots: [.init(group: 0, offset: 0), .init(group: 1, offset: 1)])]
        phrase.clauses = [.phrase(0)]
        let expected = oracle.scores(phrase.phrases[0], phrase, frequency: PhraseTests.exact)
        #expect(expected.contains { $0 != nil })
        try check(
            try LexicalSearcher(views: views, query: phrase), capacity: 400, accept: DocBitSet(capacity: 400, full: true), expected: expected, k: 10)
    }

    @Test("a segment of version 2 is refused, and the message says what to do")
    func version2() throws {
        // The worked example of version 2, as it stood in docs/formats/lexical-segment.md.
        var writer = SectionFileWriter(kind: .init("LEXS", version: 2))
        func section(_ id: UInt32, _ hex: String, zeros: Int = 0) {
            writer.append(section: id, hex.split(separator: " ").map { UInt8($0, radix: 16)! } + Array(repeating: 0, count: zeros))
        }
        section(16, "03 00 01 00")
        section(20, "03 01")
        section(17, "00 00 00 68 73 69 66 01 00 00 00 00 00 00 00 00")
        section(18, "00 00 05 01 66 69 73 68 02 04 01 03 72 65 64 01 00 01")
        section(19, "01 01 92 92", zeros: 80)
        section(1, "01 00 00 00 0a 00 00 00 02 00 00 00 00 00 00 00 02 00 00 00 02 00 00 00 04 00 00 00 00 00 00 00 01 00 03 00 00 00 00 00")
        let bytes = writer.finish()
        let error = #expect(throws: TandemError.self) { try LexicalSegment(MappedFile(copying: bytes)) }
        #expect(error?.code == .dataLoss && error?.message.contains("format version 2, this build reads 3 to 3; it has to be built anew") == true)
    }
}
