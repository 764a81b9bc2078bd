import ColumnIndex
import SearchCore
import Testing

/// Damages a segment's sections and repairs every checksum, as a hostile writer would: only bounds checks are left.
func damaged(_ file: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = file
    func number(_ at: Int, _ width: Int) -> Int { (0..<width).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) } }
    func put(_ value: UInt32, _ at: Int) { withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(at..<(at + 4), with: $0) } }
    let trailer = bytes.count - SectionFile.trailerBytes
    let directory = number(trailer, 8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        let entry = directory + SectionFile.directoryEntryBytes * Int.random(in: 0..<number(trailer + 8, 4), using: &random)
        let (offset, length) = (number(entry + 8, 8), number(entry + 16, 8))
        guard length > 0 else { continue }
        let at = offset + Int.random(in: 0..<length, using: &random)
        bytes[at] = Bool.random(using: &random) ? bytes[at] ^ 1 << UInt8.random(in: 0..<8, using: &random) : [0, 0xFF].randomElement(using: &random)!
        put(CRC32C.checksum(Array(bytes[offset..<(offset + length)])), entry + 4)
    }
    put(CRC32C.checksum(Array(bytes[directory..<trailer])), trailer + 12)
    return bytes
}

@Suite struct ColumnSegmentTests {
    @Test("values, sequences, ids and documents come back; a value is given once and in order", arguments: [1, 2, 63, 64, 65, 500])
    func roundTrip(_ count: Int) throws {
        var random = SeededGenerator()
        let documents = randomDocuments(count, firstDoc: 1000, &random)
        let segment = try segment(documents)
        try segment.validate()
        #expect(segment.firstDoc == DocID(1000) && segment.endDoc == DocID(1000 + UInt32(count)) && segment.documentCount == count)
        for document in documents {
            #expect(segment.sequence(of: document.id) == document.sequence)
            #expect(segment.document(of: document.sequence) == document.id)
            #expect(try segment.id(of: document.id) == (document.externalID.isEmpty ? nil : document.externalID))
            for field in schema {
                let found = try segment.values(of: document.id, field: field.name)
                let expected = document.values(field.name)
                #expect(zip(found, found.dropFirst()).allSatisfy { compare($0, $1) < 0 })
                #expect(expected.allSatisfy { value in found.contains { compare($0, value) == 0 } })
                #expect(found.allSatisfy { value in expected.contains { compare($0, value) == 0 } })
            }
        }
        let known = Set(documents.map(\.sequence.rawValue))
        for gap in 0...(documents.last!.sequence.rawValue + 2) where !known.contains(gap) { #expect(segment.document(of: SequenceNumber(gap)) == nil) }
    }

    @Test("facets: every value once, ascending, with its documents")
    func facets() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(300, firstDoc: 7, &random)
        let segment = try segment(documents)
        for field in schema {
            var last: FieldValue?
            var entries = 0
            try segment.forEachValue(field: field.name) { value, docs in
                if let last { #expect(compare(last, value) < 0) }
                last = value
                entries += docs.count
                #expect(docs.elementsEqual(documents.filter { $0.values(field.name).contains { compare($0, value) == 0 } }.map(\.id.rawValue)))
            }
            #expect(entries == (try documents.reduce(0) { try $0 + segment.values(of: $1.id, field: field.name).count }))
        }
    }

    @Test("the worked example of the format page: the bytes of version 2 stay as they are")
    func workedExample() throws {
        var builder = ColumnSegmentBuilder(
            fields: [AttributeField(name: "section", type: .keyword), AttributeField(name: "size", type: .int64)], firstDoc: DocID(4))
        try builder.add(
            doc: DocID(4), sequence: SequenceNumber(9), id: "apt", attributes: [("section", [.keyword("net"), .keyword("doc")]), ("size", [.int64(-1)])])
        try builder.add(doc: DocID(5), sequence: SequenceNumber(12), attributes: [("section", [.keyword("net")])])
        let bytes = builder.finish()
        #expect(bytes.count == 1360 && CRC32C.checksum(bytes) == 0x3C38_32B1)
    }

    @Test("a file of version 1, which has no ids, is read, and merged with one that has some")
    func versionOne() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(90, firstDoc: 0, &random)
        var bytes = try build(documents[..<40].map { PlainDocument(id: $0.id, sequence: $0.sequence, attributes: $0.attributes) })
        bytes[8] = 1
        let checksum = CRC32C.checksum(Array(bytes[..<SectionFile.headerBytes])).littleEndian
        let place = bytes.count - SectionFile.trailerBytes + 16
        withUnsafeBytes(of: checksum) { bytes.replaceSubrange(place..<(place + 4), with: $0) }
        let old = try ColumnSegment(MappedFile(copying: bytes), fields: schema)
        try old.validate()
        let new = try segment(documents[40...])
        let merged = try ColumnSegment(
            MappedFile(copying: ColumnMerge.merge([old, new], live: DocBitSet(capacity: 90, full: true), control: .unlimited)), fields: schema)
        try merged.validate()
        for document in documents {
            let isKnown = document.id >= DocID(40) && !document.externalID.isEmpty
            #expect(try merged.id(of: document.id) == (isKnown ? document.externalID : nil))
            if document.id < DocID(40) { #expect(try old.id(of: document.id) == nil) }
        }
    }

    @Test("a segment without documents, and one without fields, are legal")
    func empty() throws {
        let empty = try ColumnSegment(MappedFile(copying: ColumnSegmentBuilder(fields: schema, firstDoc: DocID(5)).finish()), fields: schema)
        try empty.validate()
        #expect(empty.firstDoc == empty.endDoc && empty.document(of: SequenceNumber(1)) == nil)
        var builder = ColumnSegmentBuilder(fields: [], firstDoc: DocID(5))
        try builder.add(doc: DocID(5), sequence: SequenceNumber(9), attributes: [])
        let bare = try ColumnSegment(MappedFile(copying: builder.finish()), fields: [])
        #expect(bare.sequence(of: DocID(5)) == SequenceNumber(9))
        #expect(throws: TandemError(.invalidArgument, "")) { try bare.values(of: DocID(5), field: "size") }
    }

    @Test("negative zero is stored as zero, infinities and extremes as they are")
    func extremes() throws {
        let document = PlainDocument(
            id: DocID(0), sequence: SequenceNumber(1),
            attributes: [("rating", [.float64(-0.0), .float64(.infinity), .float64(-.infinity), .float64(0.0)]), ("size", [.int64(.max), .int64(.min)])])
        let segment = try segment([document])
        #expect(try segment.values(of: DocID(0), field: "rating") == [.float64(-.infinity), .float64(0), .float64(.infinity)])
        guard case .float64(let zero) = try segment.values(of: DocID(0), field: "rating")[1] else { return }
        #expect(zero.sign == .plus)
        #expect(try segment.values(of: DocID(0), field: "size") == [.int64(.min), .int64(.max)])
    }

    static let refused: [(String, [(name: String, values: [FieldValue])])] = [
        ("no such field", [("nope", [])]),
        ("given twice", [("size", []), ("size", [])]),
        ("has type int64, found keyword", [("size", [.keyword("1")])]),
        ("has type float64, found int64", [("rating", [.int64(1)])]),
        ("NaN", [("rating", [.float64(.nan)])]),
        ("1025 values", [("size", Array(repeating: .int64(1), count: 1025))]),
        ("4097 bytes", [("section", [.keyword(String(repeating: "a", count: 4097))])]),
    ]

    @Test("a document that the schema does not take is refused, named, and leaves the builder as it was", arguments: refused)
    func refusals(_ message: String, _ attributes: [(name: String, values: [FieldValue])]) throws {
        var builder = ColumnSegmentBuilder(fields: schema, firstDoc: DocID(0))
        do {
            try builder.add(doc: DocID(0), sequence: SequenceNumber(1), attributes: [("free", [.bool(true)])] + attributes)
            Issue.record("taken: \(message)")
        } catch {
            #expect((error as? TandemError)?.code == .invalidArgument && "\(error)".contains(message), "\(error)")
        }
        #expect(builder.documentCount == 0)
        try builder.add(doc: DocID(0), sequence: SequenceNumber(1), attributes: [("size", Array(repeating: .int64(1), count: 1024))])
        let segment = try ColumnSegment(MappedFile(copying: builder.finish()), fields: schema)
        #expect(try segment.values(of: DocID(0), field: "size") == [.int64(1)] && segment.values(of: DocID(0), field: "free") == [])
    }

    @Test("a segment of other fields is refused as such")
    func otherFields() throws {
        var random = SeededGenerator()
        let file = MappedFile(copying: try build(randomDocuments(3, firstDoc: 0, &random)))
        for fields in [[], Array(schema.dropLast()), schema.reversed(), schema + [AttributeField(name: "more", type: .bool)]] {
            #expect(throws: TandemError(.failedPrecondition, "")) { try ColumnSegment(file, fields: fields) }
        }
        #expect(try ColumnSegment(file).fields == schema)
    }

    @Test("memory grows with what was added")
    func memory() throws {
        var builder = ColumnSegmentBuilder(fields: schema, firstDoc: DocID(0))
        try builder.add(doc: DocID(0), sequence: SequenceNumber(1), attributes: [("section", [.keyword(String(repeating: "k", count: 1000))])])
        let first = builder.memoryBytes
        try builder.add(doc: DocID(1), sequence: SequenceNumber(2), attributes: [("section", [.keyword(String(repeating: "k", count: 1000))])])
        #expect(first >= 1000 && builder.memoryBytes > first && builder.memoryBytes < first + 100)
    }

    // Every checksum is right, so only bounds checks stand between the damage and a crash. Whatever is read may be wrong or an error.
    @Test("damage behind right checksums never crashes reader, check, merge or filter")
    func fuzz() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(40, firstDoc: 100, &random)
        let left = try build(documents.prefix(25))
        let right = try segment(documents.dropFirst(25))
        let live = randomLive(150, &random)
        var (opened, sound) = (0, 0)
        for _ in 0..<4000 {
            let bytes = damaged(left, &random)
            guard let bad = try? ColumnSegment(MappedFile(copying: bytes)) else { continue }
            opened += 1
            if (try? bad.validate()) != nil { sound += 1 }
            for doc in bad.firstDoc.rawValue..<min(bad.endDoc.rawValue, bad.firstDoc.rawValue + 40) {
                _ = bad.document(of: bad.sequence(of: DocID(doc)))
                _ = try? bad.id(of: DocID(doc))
                for field in bad.fields { _ = try? bad.values(of: DocID(doc), field: field.name) }
            }
            for field in bad.fields { try? bad.forEachValue(field: field.name) { _, _ in } }
            for _ in 0..<4 {
                _ = try? FilterEvaluator.evaluate(
                    randomFilter(&random), segments: [bad], live: live, cache: FilterCache(bytesMax: 1 << 20), control: .unlimited)
            }
            if bad.endDoc == right.firstDoc { _ = try? ColumnMerge.merge([bad, right], live: live, control: .unlimited) }
        }
        #expect(opened > 1000 && sound < opened)
    }
}
