import LexicalIndex
import SearchCore
import Testing

/// Goal: bytes that are wrong although every checksum is right (a bug of a writer, or an attacker) give an error or a
/// harmless answer, never a trap or a read outside the segment. Method: change bytes at random, compute the checksums
/// again, and use every reader on what results. Run it with the address sanitizer to see stray reads as well.
@Suite("Damaged segments")
struct DamagedSegmentTests {
    /// Recomputes the checksums of all sections and of the directory.
    static func reseal(_ bytes: inout [UInt8]) {
        func u32(_ at: Int) -> Int { (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
        func put(_ value: UInt32, _ at: Int) { for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i)) } }
        let trailer = bytes.count - SectionFile.trailerBytes
        let directory = u32(trailer)
        for entry in stride(from: directory, to: trailer, by: SectionFile.directoryEntryBytes) {
            let start = u32(entry + 8)
            put(CRC32C.checksum(Array(bytes[start..<(start + u32(entry + 16))])), entry + 4)
        }
        put(CRC32C.checksum(Array(bytes[directory..<trailer])), trailer + 12)
    }

    static func use(_ bytes: [UInt8], queries: [LexicalQuery], capacity: Int) -> (opened: Bool, valid: Bool) {
        guard let segment = try? LexicalSegment(MappedFile(copying: bytes), fieldCount: 2) else { return (false, false) }
        var valid = true
        do { try segment.validate() } catch { valid = false }
        let full = DocBitSet(capacity: capacity, full: true)
        var few = DocBitSet(capacity: capacity)
        for d in stride(from: 5, to: capacity, by: 997) { few.insert(DocID(UInt32(d))) }
        for query in queries {
            guard let searcher = try? LexicalSearcher(views: [LexicalSegmentView(segment: segment)], query: query) else { continue }
            _ = try? searcher.topK(20, accept: full, control: .unlimited)
            _ = try? searcher.topK(20, accept: few, control: .unlimited)
            _ = try? searcher.topK(1, accept: full, strategy: .alwaysPruned, control: .unlimited)
            _ = try? searcher.score(docs: [0, 1, 127, 128, 500, 1023, 1024].map { DocID($0) })
            _ = try? searcher.explain(DocID(3))
        }
        _ = try? LexicalMerge.merge([segment], live: full, control: .unlimited)
        return (true, valid)
    }

    @Test("changed bytes with right checksums never trap, and the deep check sees most of them")
    func changedBytes() throws {
        var corpus = TestCorpus(random: TestRandom(), vocabulary: 300, fields: 2)
        let documents = (0..<1200).map { _ in corpus.document() }
        let bytes = buildBytes(documents, fields: 2)
        var phrase = query("w0 w1", fields: [1, 1])
        phrase.phrases = [LexicalPhrase(text: "", slots: [.init(group: 0, offset: 0), .init(group: 1, offset: 1)], slop: 3)]
        phrase.clauses = [.phrase(0)]
        let queries = (0..<6).map { _ in corpus.query() } + [query("w0 w1 w2 s0", fields: [1, 1]), phrase]
        #expect(Self.use(bytes, queries: queries, capacity: 1200) == (true, true))
        let directory = bytes.count - SectionFile.trailerBytes
        var silent = 0
        let rounds = 1500
        for round in 0..<rounds {
            var damaged = bytes
            for _ in 0..<(round % 4 == 3 ? 30 : 1) {
                let at = Int.random(in: SectionFile.headerBytes..<(directory - 400), using: &corpus.random)
                switch Int.random(in: 0..<3, using: &corpus.random) {
                case 0: damaged[at] ^= 1 << UInt8.random(in: 0..<8, using: &corpus.random)
                case 1: damaged[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &corpus.random)!
                default: for i in 0..<8 { damaged[min(at + i, damaged.count - 1)] = UInt8.random(in: 0...255, using: &corpus.random) }
                }
            }
            Self.reseal(&damaged)
            if damaged != bytes, Self.use(damaged, queries: queries, capacity: 1200).valid { silent += 1 }
        }
        // Changed frequencies, letters of a key that keep the order, and bytes between sections make another valid segment.
        #expect(silent < rounds * 6 / 10, "\(silent) of \(rounds) changes passed the deep check")
    }

    @Test("every byte of the header and of the skip entries set to extremes never traps")
    func headerAndSkips() throws {
        // One list of many blocks, so that the file is mostly packed blocks and skip entries.
        let documents: [TestDocument] = (0..<1000).map { d in [TestText("all" + String(repeating: " x", count: d % 5)), nil] }
        let bytes = buildBytes(documents, fields: 2)
        var phrase = query("all x", fields: [1, 0])
        phrase.phrases = [LexicalPhrase(text: "", slots: [.init(group: 0, offset: 0), .init(group: 1, offset: 1)])]
        phrase.clauses = [.phrase(0)]
        let queries = [query("all", fields: [1, 0]), query("all x", fields: [1, 1]), phrase]
        let directory = bytes.count - SectionFile.trailerBytes - 7 * SectionFile.directoryEntryBytes
        for at in SectionFile.headerBytes..<directory {
            for value: UInt8 in at % 3 == 0 ? [0, 0xFF] : [bytes[at] ^ 0x80] {
                var damaged = bytes
                damaged[at] = value
                Self.reseal(&damaged)
                _ = Self.use(damaged, queries: queries, capacity: 1000)
            }
        }
    }

    @Test("a changed byte without a new checksum is refused on opening")
    func checksums() throws {
        let bytes = buildBytes((0..<50).map { [TestText("a w\($0)"), nil] }, fields: 2)
        let used = try SectionFile(MappedFile(copying: bytes), kind: .init("LEXS", version: 3))
        for id: UInt32 in [1, 16, 17, 18, 19, 20, 21] {
            let section = try used.required(id)
            let at = section.baseAddress! - used.file.bytes.baseAddress!
            var damaged = bytes
            damaged[at + section.count / 2] ^= 4
            #expect(throws: TandemError(.dataLoss, "")) { _ = try LexicalSegment(MappedFile(copying: damaged)) }
        }
    }
}
