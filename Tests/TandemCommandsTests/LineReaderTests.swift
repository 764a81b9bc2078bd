import Foundation
import TandemCommands
import Testing

@Suite struct LineReaderTests {
    private func batches(_ bytes: [UInt8], limits: LineReader.Limits = .init(), from offset: UInt64 = 0, line: Int = 1) throws -> [RawBatch] {
        let file = ScratchFile(bytes: bytes)
        let descriptor = open(file.path, O_RDONLY)
        defer { close(descriptor) }
        lseek(descriptor, off_t(offset), SEEK_SET)
        let reader = LineReader(descriptor, offset: offset, line: line, limits: limits)
        var batches: [RawBatch] = []
        while let batch = try reader.next() { batches.append(batch) }
        return batches
    }

    private func texts(_ batches: [RawBatch]) -> [String] {
        batches.flatMap { batch in batch.lines.map { "\($0.number):" + String(decoding: batch.bytes[$0.range], as: UTF8.self) } }
    }

    @Test(
        "line ends, blank lines, a byte order mark and a missing last line break",
        arguments: [
            ("", []), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\r\nb\r\n", ["1:a", "2:b"]), ("\n\n a \n\t\n\nb", ["3:a", "6:b"]),
            ("\u{FEFF}a\nb", ["1:a", "2:b"]), ("\u{FEFF}", []), ("\n", []), ("\r\n\r\n", []), ("a\n\u{FEFF}b", ["1:a", "2:\u{FEFF}b"]),
        ] as [(String, [String])])
    func lineEnds(content: String, expected: [String]) throws {
        #expect(texts(try batches(Array(content.utf8))) == expected)
    }

    @Test("batches hold as many lines as asked for, join up without a gap, and number on")
    func batching() throws {
        let content = Array((1...10).map { "line \($0)\n" }.joined().utf8)
        let found = try batches(content, limits: .init(lines: 4))
        #expect(found.map(\.lines.count) == [4, 4, 2])
        #expect(found.map(\.start) == [0] + found.dropLast().map(\.end))
        #expect(found.last?.end == UInt64(content.count))
        #expect(found.map(\.nextLine) == [5, 9, 11])
    }

    @Test("a reader that begins at a batch's end cuts as the first one did")
    func resumedBatching() throws {
        var random = SeededGenerator(state: testSeed())
        var text = ""
        for _ in 0..<2000 {
            text += String(repeating: "x", count: Int.random(in: 0..<400, using: &random)) + (Bool.random(using: &random) ? "\n" : "\r\n")
        }
        let limits = LineReader.Limits(lines: 50, bytes: 6000)
        let whole = try batches(Array(text.utf8), limits: limits)
        let middle = whole[whole.count / 3]
        let rest = try batches(Array(text.utf8), limits: limits, from: middle.end, line: middle.nextLine)
        #expect(rest.map(\.end) == whole[(whole.count / 3 + 1)...].map(\.end))
        #expect(texts(rest) == texts(Array(whole[(whole.count / 3 + 1)...])))
    }

    @Test("lines longer than a read are whole, and a line over the limit is reported by itself")
    func longLines() throws {
        let long = String(repeating: "y", count: 3_000_000)
        #expect(texts(try batches(Array("a\n\(long)\nb\n".utf8))) == ["1:a", "2:\(long)", "3:b"])

        let found = try batches(Array("a\n\(long)\nb\n".utf8), limits: .init(lineBytes: 100_000))
        #expect(found.map(\.isOverlong) == [false, true, false])
        #expect(found.map { $0.lines[0].number } == [1, 2, 3])
        #expect(found.map(\.start) == [0, 2, 3_000_003])
        #expect(found.last?.end == 3_000_005)
        let unended = try batches(Array("a\n\(long)".utf8), limits: .init(lineBytes: 100_000))
        #expect(unended.map(\.isOverlong) == [false, true])
    }
}
