import ColumnIndex
import SearchCore
import Testing

@Suite struct ColumnMergeTests {
    /// Documents with the attributes of the dead taken away.
    private func stripped(_ documents: [PlainDocument], _ live: DocBitSet) -> [PlainDocument] {
        documents.map { live.contains($0.id) ? $0 : PlainDocument(id: $0.id, sequence: $0.sequence, attributes: []) }
    }

    @Test("a merge is, byte for byte, what a builder makes of all documents, the dead ones without attributes")
    func equalsBuilder() throws {
        var random = SeededGenerator()
        for round in 0..<40 {
            let documents = randomDocuments(Int.random(in: 1...200, using: &random), firstDoc: 50, &random)
            let segments = try randomSegments(documents, &random)
            let live = randomLive(50 + documents.count, &random)
            let merged = try ColumnMerge.merge(segments, live: live, control: .unlimited)
            #expect(merged == (try build(stripped(documents, live))), "round \(round)")
            try ColumnSegment(MappedFile(copying: merged), fields: schema).validate()
        }
    }

    @Test("merging in any grouping gives the same bytes")
    func associative() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(120, firstDoc: 0, &random)
        let live = randomLive(120, &random)
        let parts = try [documents[..<30], documents[30..<70], documents[70...]].map { try segment($0) }
        func merge(_ segments: ColumnSegment...) throws -> ColumnSegment {
            try ColumnSegment(MappedFile(copying: try ColumnMerge.merge(segments, live: live, control: .unlimited)), fields: schema)
        }
        let groupings = [
            try merge(parts[0], parts[1], parts[2]), try merge(merge(parts[0], parts[1]), parts[2]), try merge(parts[0], merge(parts[1], parts[2])),
        ].map { $0.withBytes { Array($0) } }
        #expect(groupings[0] == groupings[1] && groupings[0] == groupings[2])
    }

    @Test("every document keeps its sequence, the dead ones too, and those past the live set's capacity count as dead")
    func deadKeepSequences() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(20, firstDoc: 0, &random)
        let merged = try ColumnSegment(
            MappedFile(
                copying: try ColumnMerge.merge(
                    [try segment(documents[..<9]), try segment(documents[9...])], live: DocBitSet(capacity: 3), control: .unlimited)))
        for document in documents {
            #expect(merged.sequence(of: document.id) == document.sequence)
            for field in schema { #expect(try merged.values(of: document.id, field: field.name).isEmpty) }
        }
    }

    @Test("a cancelled merge stops, other fields are refused")
    func stops() throws {
        var random = SeededGenerator()
        let documents = randomDocuments(20, firstDoc: 0, &random)
        let one = try segment(documents[..<9])
        let control = QueryControl()
        control.cancel()
        #expect(throws: TandemError(.cancelled, "")) { try ColumnMerge.merge([one], live: DocBitSet(capacity: 20), control: control) }
        var builder = ColumnSegmentBuilder(fields: [], firstDoc: DocID(9))
        try builder.add(doc: DocID(9), sequence: SequenceNumber(99), attributes: [])
        let other = try ColumnSegment(MappedFile(copying: builder.finish()))
        #expect(throws: TandemError(.failedPrecondition, "")) { try ColumnMerge.merge([one, other], live: DocBitSet(capacity: 20), control: .unlimited) }
    }
}
