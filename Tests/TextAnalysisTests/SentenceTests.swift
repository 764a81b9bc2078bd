import TextAnalysis
import Testing

@Suite("Sentences")
struct SentenceTests {
    func sentences(_ text: String) throws -> [String] {
        let analyzer = try Analyzer()
        let bytes = Array(text.utf8)
        var starts: [UInt32] = [7]
        bytes.withUnsafeBufferPointer { analyzer.sentenceStarts(utf8: $0, into: &starts) }
        let borders = [0] + starts.map(Int.init) + [bytes.count]
        return zip(borders, borders.dropFirst()).map { String(decoding: bytes[$0..<$1], as: UTF8.self) }
    }

    @Test(
        "a sentence ends behind its full stop and white space, or at a line break; offsets are bytes",
        arguments: [
            ["One. ", "Two! ", "Three?"], ["Größe über alles.  ", "Ende"], ["line\n", "line\r\n", "line"], ["吾輩は猫である。", "名前はまだ無い。"],
            ["It is 3.14 e.g. here, no more."],
            ["👨‍👩‍👧. ", "🇩🇪"], [""], ["no end"], ["\u{0}. ", "A"],
        ])
    func borders(_ expected: [String]) throws { #expect(try sentences(expected.joined()) == expected) }

    @Test("the breaker is used again for other texts")
    func again() throws {
        let analyzer = try Analyzer()
        var starts: [UInt32] = []
        for count in [1000, 0, 3] {
            let bytes = Array(String(repeating: "So. ", count: count).utf8)
            bytes.withUnsafeBufferPointer { analyzer.sentenceStarts(utf8: $0, into: &starts) }
            #expect(starts == (1..<max(count, 1)).map { UInt32(4 * $0) })
        }
    }
}
