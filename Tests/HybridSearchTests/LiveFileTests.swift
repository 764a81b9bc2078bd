import Foundation
import HybridSearch
import LexicalIndex
import SearchCore
import Testing

@Suite("Live file")
struct LiveFileTests {
    /// The worked example of docs/formats/live.md.
    static let example = """
        544e444d4c4956450100000000000000 \(String(repeating: "0", count: 96))
        03000000000000000500000000000000 \(String(repeating: "0", count: 96))
        01000000010101020200030001610102 016201000000000001000000\("5305a939")
        40000000000000001000000000000000 02000000adccf6248000000000000000
        13000000000000009800000000000000 02000000b5a3298ac6a259d24c495645
        544e444d00000000
        """

    func counts() -> DeadCounts {
        var document = DeadDocument()
        let bytes = Term(form: .surface, "a").key + Term(form: .surface, "b").key
        bytes.withUnsafeBytes {
            document.addField(0, length: 2, termBytes: $0, tokenCount: 2) { LexicalToken(start: UInt32(2 * $0), length: 2, position: nil) }
        }
        var counts = DeadCounts()
        counts.add(document)
        return counts
    }

    func live() -> DocBitSet {
        var live = DocBitSet(capacity: 3, full: true)
        live.remove(DocID(1))
        return live
    }

    @Test("its bytes are those of the format page's example")
    func golden() {
        let hex = LiveFile.encode(live: live(), dead: [counts()]).map { String(format: "%02x", $0) }.joined()
        #expect(hex == Self.example.filter { !$0.isWhitespace })
    }

    @Test("what was written is read back; another number of segments is damage, and so is each flipped bit")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/1.live"
        let bytes = LiveFile.encode(live: live(), dead: [counts()])
        try FileSystem.writeAtomically(path, bytes)
        let read = try LiveFile.decode(MappedFile(mapping: path), segments: 1)
        #expect(read.live == live() && read.dead == [counts()])
        expectError(.dataLoss, naming: path) { _ = try LiveFile.decode(MappedFile(mapping: path), segments: 2) }
        for i in bytes.indices {
            var bad = bytes
            bad[i] ^= UInt8(1 << (i % 8))
            try FileSystem.writeAtomically(path, bad)
            #expect(throws: TandemError.self) { try LiveFile.decode(MappedFile(mapping: path), segments: 1) }
        }
        let many = LiveFile.encode(live: DocBitSet(capacity: 130, full: true), dead: [DeadCounts(), counts(), DeadCounts()])
        try FileSystem.writeAtomically(path, many)
        #expect(try LiveFile.decode(MappedFile(mapping: path), segments: 3).live == DocBitSet(capacity: 130, full: true))
    }
}
