import SearchCore
import Testing
import VectorIndex

@Suite struct VectorSegmentTests {
    @Test("what was appended is read back", arguments: [1, 15, 16, 17, 64, 100, 4096])
    func roundTrip(dimension: Int) throws {
        var random = SeededRandom(testSeed("VectorSegmentTests.roundTrip"))
        for metric in VectorMetric.allCases {
            let vectors = makeVectors(
                .random, count: 60, dimension: dimension, metric: metric, rowsPerDocument: 0...3, docStep: 7, random: &random)
            let segment = try vectors.segment(0..<60)
            #expect(segment.dimension == dimension && segment.metric == metric && segment.count == 60 && segment.isInMemory)
            #expect(segment.firstDoc.rawValue == vectors.rows[0].doc && segment.lastDoc.rawValue == vectors.rows[59].doc)
            for (ordinal, row) in vectors.rows.enumerated() {
                #expect(Array(segment.vector(at: ordinal)) == TestVectors.prepare(row.vector, metric))
                #expect(segment.document(at: ordinal).rawValue == row.doc)
            }
            for doc in 0..<UInt32(vectors.capacity + 2) {
                let expected = vectors.rows.indices.filter { vectors.rows[$0].doc == doc }
                #expect(Array(segment.ordinals(of: DocID(doc))) == expected)
            }
            try segment.validate()
        }
    }

    /// docs/formats/vector-segment.md: page, bytes and code change together.
    @Test("the format page's example")
    func golden() throws {
        var builder = VectorSegmentBuilder(dimension: 3, metric: .dot)
        try builder.append(doc: DocID(7), [1, -0.5, 0.25])
        try builder.append(doc: DocID(9), [0, 2, 0])
        var expected = [UInt8](repeating: 0, count: 840)
        let parts: [(Int, [UInt8])] = [
            (0, [0x54, 0x4e, 0x44, 0x4d, 0x56, 0x45, 0x43, 0x53, 0x01]),
            (64, [3, 0, 0, 0, 2, 0, 0, 0, 2]),
            (128, [7, 0, 0, 0, 9]),
            (192, [0x7f, 0xc0, 0x20]),
            (256, [0, 0x7f]),
            (320, [0x04, 0x02, 0x01, 0x3c, 0x04, 0x02, 0x81, 0x3c]),
            (384, [0x31, 0x3c, 0x90, 0x3b, 0x01, 0x00, 0x00, 0x32]),
            (448, [0x76, 0xa4, 0x92, 0x3f, 0x01, 0x00, 0x00, 0x40]),
            (512, [0, 0, 0x80, 0x3f, 0, 0, 0, 0xbf, 0, 0, 0x80, 0x3e]),
            (576, [0, 0, 0, 0, 0, 0, 0, 0x40]),
        ]
        for (offset, bytes) in parts { expected.replaceSubrange(offset..<(offset + bytes.count), with: bytes) }
        let bytes = builder.finish()
        #expect(bytes.count == 840)
        #expect(Array(bytes[..<640]) == Array(expected[..<640]))
    }

    @Test("a segment can be read from a mapped file")
    func mapped() throws {
        var random = SeededRandom(1)
        let vectors = makeVectors(.random, count: 50, dimension: 20, metric: .cosine, random: &random)
        var builder = VectorSegmentBuilder(dimension: 20, metric: .cosine)
        for row in vectors.rows { try builder.append(doc: DocID(row.doc), row.vector) }
        #expect(builder.count == 50 && builder.memoryBytes > 50 * 20 * 5)
        let path = FileScratch.path("segment.vec")
        try FileScratch.write(builder.finish(), to: path)
        defer { try? FileSystem.remove(path) }
        let segment = try VectorSegment(MappedFile(mapping: path))
        #expect(!segment.isInMemory)
        try segment.validate()
    }

    @Test("vectors that cannot be indexed are refused, naming the component, and nothing is appended")
    func refusals() throws {
        var builder = VectorSegmentBuilder(dimension: 4, metric: .cosine)
        func message(_ vector: [Float]) -> String {
            do {
                try builder.append(doc: DocID(1), vector)
                return "accepted"
            } catch let error as TandemError {
                #expect(error.code == .invalidArgument)
                return error.message
            } catch { return "\(error)" }
        }
        #expect(message([1, .nan, 1, 1]).contains("component 1 (counted from 0) is not a number"))
        #expect(message([1, 1, 1, -.infinity]).contains("component 3 (counted from 0) is infinite"))
        #expect(message([0, -0.0, 0, 0]).contains("zero"))
        #expect(message([1, 2, 3]).contains("3 components, expected 4"))
        #expect(builder.count == 0)
        #expect(message([0, 0, 0, .leastNonzeroMagnitude]) == "accepted")
        #expect(throws: Never.self) { try VectorValidation.check([0, 0], dimension: 2, metric: .dot) }
    }

    /// Section numbers and places of a segment file, to damage one thing at a time.
    private struct Patcher {
        var bytes: [UInt8]
        private let directory: Int
        private let count: Int

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            let trailer = bytes.count - SectionFile.trailerBytes
            directory = Int(Self.number(bytes, at: trailer, width: 8))
            count = Int(Self.number(bytes, at: trailer + 8, width: 4))
        }

        static func number(_ bytes: [UInt8], at: Int, width: Int) -> UInt64 {
            (0..<width).reversed().reduce(0) { $0 << 8 | UInt64(bytes[at + $1]) }
        }

        mutating func put(_ value: UInt64, at: Int, width: Int) {
            for i in 0..<width { bytes[at + i] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(i))) }
        }

        func section(_ index: Int) -> (entry: Int, offset: Int, length: Int) {
            let entry = directory + index * SectionFile.directoryEntryBytes
            // Truncating: a damaged directory may name places that are no Int.
            return (
                entry, Int(truncatingIfNeeded: Self.number(bytes, at: entry + 8, width: 8)),
                Int(truncatingIfNeeded: Self.number(bytes, at: entry + 16, width: 8))
            )
        }

        var sectionCount: Int { count }

        /// Makes all checksums right again, so that the decoder itself is what is tested.
        mutating func reseal() {
            for index in 0..<count {
                let (entry, offset, length) = section(index)
                guard offset >= 0, length >= 0, offset <= directory, length <= directory - offset else { continue }
                put(UInt64(CRC32C.checksum(Array(bytes[offset..<(offset + length)]))), at: entry + 4, width: 4)
            }
            let trailer = bytes.count - SectionFile.trailerBytes
            put(UInt64(CRC32C.checksum(Array(bytes[directory..<trailer]))), at: trailer + 12, width: 4)
            put(UInt64(CRC32C.checksum(Array(bytes[0..<SectionFile.headerBytes]))), at: trailer + 16, width: 4)
        }
    }

    private func sample(_ random: inout SeededRandom, count: Int = 40, dimension: Int = 12) throws -> [UInt8] {
        let vectors = makeVectors(
            .random, count: count, dimension: dimension, metric: .cosine, rowsPerDocument: 1...3, docStep: 3, random: &random)
        var builder = VectorSegmentBuilder(dimension: dimension, metric: .cosine)
        for row in vectors.rows { try builder.append(doc: DocID(row.doc), row.vector) }
        return builder.finish()
    }

    @Test("a flipped bit anywhere is found by a checksum or does not matter")
    func flippedBit() throws {
        var random = SeededRandom(testSeed("VectorSegmentTests.flippedBit"))
        let bytes = try sample(&random)
        for at in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[at] ^= 1 << UInt8(random.next() % 8)
            // Padding between sections is not covered, and is not read.
            guard let segment = try? VectorSegment(MappedFile(copying: damaged)) else { continue }
            try segment.validate()
        }
    }

    @Test("flipped bits under right checksums: an error or an answer, never a crash")
    func fuzz() throws {
        let seed = testSeed("VectorSegmentTests.fuzz")
        var random = SeededRandom(seed)
        let bytes = try sample(&random)
        var opened = 0
        for round in 0..<6000 {
            var patcher = Patcher(bytes)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int(random.next() % UInt64(patcher.sectionCount))
                let (entry, offset, length) = patcher.section(index)
                switch random.next() % 6 {
                case 0: patcher.bytes[entry + 8 + Int(random.next() % 16)] ^= 1 << UInt8(random.next() % 8)
                case 1: patcher.bytes[entry + Int(random.next() % 4)] ^= 1 << UInt8(random.next() % 8)
                default:
                    guard offset >= 0, offset < bytes.count, length > 0, length <= bytes.count - offset else { continue }
                    patcher.bytes[offset + Int(random.next() % UInt64(length))] ^= 1 << UInt8(random.next() % 8)
                }
            }
            patcher.reseal()
            guard let segment = try? VectorSegment(MappedFile(copying: patcher.bytes)) else { continue }
            opened += 1
            try? segment.validate()
            let query = (0..<segment.dimension).map { Float($0 % 5) - 1.5 }
            let capacity = 1 + Int(min(segment.lastDoc.rawValue, 5000))
            let searcher = try VectorSearcher(segments: [segment], query: query)
            for share in [1, 0.05] {
                let accept = makeAccept(capacity: capacity, share: share, random: &random)
                let found = try searcher.topK(1 + round % 7, accept: accept, minScore: nil, control: .unlimited)
                #expect(found.hits.count <= 7)
            }
            _ = try searcher.score(docs: [DocID(0), DocID(5), DocID(4_000_000_000)])
            _ = try? VectorMerge.merge([segment, segment], live: DocBitSet(capacity: capacity, full: true), control: .unlimited)
        }
        print("VectorSegmentTests.fuzz: \(opened) of 6000 damaged files opened")
        #expect(opened > 500)
    }

    @Test("truncated files and other kinds are refused")
    func truncated() throws {
        var random = SeededRandom(2)
        let bytes = try sample(&random)
        for length in stride(from: 0, to: bytes.count, by: 13) {
            #expect(throws: TandemError.self) { try VectorSegment(MappedFile(copying: Array(bytes[..<length]))) }
        }
        var other = SectionFileWriter(kind: SectionFile.Kind("LEXS", version: 1))
        #expect(throws: TandemError(.failedPrecondition, "")) { try VectorSegment(MappedFile(copying: other.finish())) }
        var empty = SectionFileWriter(kind: SectionFile.Kind("VECS", version: 1))
        #expect(throws: TandemError(.dataLoss, "")) { try VectorSegment(MappedFile(copying: empty.finish())) }
    }

    @Test("validate finds a bound that does not hold", arguments: [3, 4, 5, 6, 7])
    func validateFindsDamage(section number: Int) throws {
        var random = SeededRandom(4)
        var patcher = Patcher(try sample(&random))
        let index = try #require((0..<patcher.sectionCount).first { patcher.bytes[patcher.section($0).entry] == UInt8(number) })
        let (_, offset, _) = patcher.section(index)
        // Codes: another value; floats: a lower exponent, so a bound, scale or component that is far too small.
        if number == 3 { patcher.bytes[offset + 2] ^= 0x40 } else { patcher.bytes[offset + 3] ^= 0x02 }
        patcher.reseal()
        let segment = try VectorSegment(MappedFile(copying: patcher.bytes))
        #expect(throws: TandemError(.dataLoss, "")) { try segment.validate() }
    }

    @Test("documents out of order are found on opening")
    func unorderedDocuments() throws {
        var random = SeededRandom(4)
        var patcher = Patcher(try sample(&random))
        let index = try #require((0..<patcher.sectionCount).first { patcher.bytes[patcher.section($0).entry] == 2 })
        patcher.put(0, at: patcher.section(index).offset + 8, width: 4)
        patcher.reseal()
        #expect(throws: TandemError(.dataLoss, "")) { try VectorSegment(MappedFile(copying: patcher.bytes)) }
    }

    @Test("a merge of neighbours equals one segment of what lives, byte for byte", arguments: [1.0, 0.7, 0.01, 0])
    func merge(share: Double) throws {
        var random = SeededRandom(testSeed("VectorSegmentTests.merge"))
        let vectors = makeVectors(
            .random, count: 9000, dimension: 10, metric: .cosine, rowsPerDocument: 0...3, docStep: 4, random: &random)
        let live = makeAccept(capacity: vectors.capacity, share: share, random: &random)
        var builder = VectorSegmentBuilder(dimension: 10, metric: .cosine)
        for row in vectors.rows where live.contains(DocID(row.doc)) { try builder.append(doc: DocID(row.doc), row.vector) }
        let parts = try vectors.segments(cutAt: [0, 20, 4000, 8999])
        let merged = try VectorMerge.merge(parts, live: live, control: .unlimited)
        #expect(merged.bytes == builder.finish())
        let segment = try VectorSegment(MappedFile(copying: merged.bytes))
        try segment.validate()
        // Every vector is told where it went, or that it was dropped.
        var kept = 0
        for (number, part) in parts.enumerated() {
            let ordinals = merged.ordinals(ofInput: number)
            #expect(ordinals.count == part.count)
            for (old, new) in ordinals.enumerated() {
                guard new != GraphSeed.dropped else {
                    #expect(!live.contains(part.document(at: old)))
                    continue
                }
                kept += 1
                #expect(segment.document(at: Int(new)) == part.document(at: old) && segment.vector(at: Int(new)).elementsEqual(part.vector(at: old)))
            }
        }
        #expect(kept == segment.count)
    }

    @Test("a merge of interleaved segments is in document order")
    func mergeInterleaved() throws {
        var random = SeededRandom(testSeed("VectorSegmentTests.mergeInterleaved"))
        let vectors = makeVectors(.random, count: 300, dimension: 5, metric: .dot, rowsPerDocument: 1...3, random: &random)
        var parts = [vectors, vectors, vectors]
        for part in 0..<3 { parts[part].rows = [] }
        for row in vectors.rows { parts[Int(row.doc) % 3].rows.append(row) }
        var builder = VectorSegmentBuilder(dimension: 5, metric: .dot)
        for row in vectors.rows { try builder.append(doc: DocID(row.doc), row.vector) }
        let live = DocBitSet(capacity: vectors.capacity, full: true)
        #expect(try VectorMerge.merge(try parts.map { try $0.segment(0..<$0.rows.count) }, live: live, control: .unlimited).bytes == builder.finish())
    }

    @Test("a merge of nothing, or of different shapes, is refused")
    func mergeRefusals() throws {
        let a = try VectorSegment(MappedFile(copying: VectorSegmentBuilder(dimension: 5, metric: .dot).finish()))
        let b = try VectorSegment(MappedFile(copying: VectorSegmentBuilder(dimension: 5, metric: .cosine).finish()))
        let live = DocBitSet(capacity: 1)
        #expect(throws: TandemError(.failedPrecondition, "")) { try VectorMerge.merge([], live: live, control: .unlimited) }
        #expect(throws: TandemError(.failedPrecondition, "")) { try VectorMerge.merge([a, b], live: live, control: .unlimited) }
        #expect(try VectorSegment(MappedFile(copying: VectorMerge.merge([a, a], live: live, control: .unlimited).bytes)).count == 0)
    }
}
