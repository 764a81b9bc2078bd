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

    init(of lengths: [UInt16]) {
        self.init()
        for length in lengths where length > 0 {
            documents += 1
            totalLength += UInt64(length)
        }
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
    /// Shortest and longest length above 0.
    private var extremes: [(shortest: UInt16, longest: UInt16)]
    private var writer = SectionFileWriter(kind: LexicalFormat.kind)

    init(fieldCount: Int, firstDoc: DocID, documentCount: Int) {
        self.fieldCount = fieldCount
        self.firstDoc = firstDoc
        self.documentCount = documentCount
        statistics = Array(repeating: FieldStatistics(), count: fieldCount)
        termCounts = Array(repeating: 0, count: fieldCount)
        extremes = Array(repeating: (0, 0), count: fieldCount)
    }

    /// Adds a field that at least one document has.
    /// - Parameter norms: the lengths that the postings' impacts were computed from.
    mutating func append(
        field: Int, statistics: FieldStatistics, norms: [UInt16], dictionary: consuming TermDictionaryWriter,
        lists: (postings: [UInt8], positions: [UInt8])
    ) {
        extremes[field] = (norms.lazy.filter { $0 > 0 }.min() ?? 0, norms.max() ?? 0)
        self.statistics[field] = statistics
        termCounts[field] = dictionary.count
        writer.append(section: LexicalFormat.Section.norms(field), array: norms)
        writer.append(section: LexicalFormat.Section.lengthCodes(field), norms.map(LengthCode.init(of:)).map(\.rawValue))
        guard dictionary.count > 0 else { return }
        writer.append(section: LexicalFormat.Section.dictionaryIndex(field), array: dictionary.index)
        writer.append(section: LexicalFormat.Section.dictionary(field), dictionary.bytes)
        if !lists.postings.isEmpty { writer.append(section: LexicalFormat.Section.postings(field), lists.postings) }
        if !lists.positions.isEmpty { writer.append(section: LexicalFormat.Section.positions(field), lists.positions) }
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
            header.appendLittleEndian(extremes[field].shortest)
            header.appendLittleEndian(extremes[field].longest)
            header.appendLittleEndian(UInt32(0))
        }
        writer.append(section: LexicalFormat.Section.header, header)
        return writer.finish()
    }
}
