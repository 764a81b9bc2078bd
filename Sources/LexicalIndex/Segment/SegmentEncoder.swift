import SearchCore

/// What a field's texts add up to, over the documents that have it.
public struct FieldStatistics: Sendable, Hashable {
    /// Documents whose length in the field is above 0.
    public var documents: Int
    /// Sum of their lengths, each at most 65,535.
    public var totalLength: UInt64

    public init(documents: Int = 0, totalLength: UInt64 = 0) {
        self.documents = documents
        self.totalLength = totalLength
    }
}

/// Puts the parts of a segment into the section file; the one writer behind builder and merge, so that both give the same
/// bytes for the same documents.
struct SegmentEncoder {
    private let fieldCount: Int
    private let firstDoc: DocID
    private let documentCount: Int
    private var statistics: [FieldStatistics]
    private var termCounts: [Int]
    private var writer = SectionFileWriter(kind: LexicalFormat.kind)

    init(fieldCount: Int, firstDoc: DocID, documentCount: Int) {
        self.fieldCount = fieldCount
        self.firstDoc = firstDoc
        self.documentCount = documentCount
        statistics = Array(repeating: FieldStatistics(), count: fieldCount)
        termCounts = Array(repeating: 0, count: fieldCount)
    }

    /// Adds a field that at least one document has.
    mutating func append(
        field: Int, statistics: FieldStatistics, norms: [UInt16], dictionary: consuming TermDictionaryWriter, postings: [UInt8]
    ) {
        self.statistics[field] = statistics
        termCounts[field] = dictionary.count
        writer.append(section: LexicalFormat.Section.norms(field), array: norms)
        guard dictionary.count > 0 else { return }
        writer.append(section: LexicalFormat.Section.dictionaryIndex(field), array: dictionary.index)
        writer.append(section: LexicalFormat.Section.dictionary(field), dictionary.bytes)
        if !postings.isEmpty { writer.append(section: LexicalFormat.Section.postings(field), postings) }
    }

    consuming func finish() -> [UInt8] {
        var header: [UInt8] = []
        header.appendLittleEndian(UInt32(fieldCount))
        header.appendLittleEndian(firstDoc.rawValue)
        header.appendLittleEndian(UInt32(documentCount))
        header.appendLittleEndian(UInt32(0))
        for field in 0..<fieldCount {
            header.appendLittleEndian(UInt32(statistics[field].documents))
            header.appendLittleEndian(UInt32(termCounts[field]))
            header.appendLittleEndian(statistics[field].totalLength)
        }
        writer.append(section: LexicalFormat.Section.header, header)
        return writer.finish()
    }
}
