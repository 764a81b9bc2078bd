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
    private var writer: SectionFileWriter

    /// - Parameter capacity: about the bytes of the file, if known.
    init(fieldCount: Int, firstDoc: DocID, documentCount: Int, capacity: Int = 0) {
        writer = SectionFileWriter(kind: LexicalFormat.kind, capacity: capacity)
        self.fieldCount = fieldCount
        self.firstDoc = firstDoc
        self.documentCount = documentCount
        statistics = Array(repeating: FieldStatistics(), count: fieldCount)
        termCounts = Array(repeating: 0, count: fieldCount)
        extremes = Array(repeating: (0, 0), count: fieldCount)
    }

    /// Adds a field that at least one document has.
    /// - Parameters:
    ///   - norms: the lengths that the postings' impacts were computed from.
    ///   - checkpoint: asked every few MB.
    mutating func append(
        field: Int, statistics: FieldStatistics, norms: [UInt16], dictionary: consuming TermDictionaryWriter,
        lists: (postings: [UInt8], positions: [UInt8]), checkpoint: () throws -> Void
    ) rethrows {
        extremes[field] = (norms.lazy.filter { $0 > 0 }.min() ?? 0, norms.max() ?? 0)
        self.statistics[field] = statistics
        termCounts[field] = dictionary.count
        typealias Section = LexicalFormat.Section
        try writer.append(section: Section.norms(field), array: norms, checkpoint: checkpoint)
        try writer.append(section: Section.lengthCodes(field), array: norms.map(LengthCode.init(of:)).map(\.rawValue), checkpoint: checkpoint)
        guard dictionary.count > 0 else { return }
        try writer.append(section: Section.dictionaryIndex(field), array: dictionary.index, checkpoint: checkpoint)
        try writer.append(section: Section.dictionary(field), array: dictionary.bytes, checkpoint: checkpoint)
        if !lists.postings.isEmpty { try writer.append(section: Section.postings(field), array: lists.postings, checkpoint: checkpoint) }
        if !lists.positions.isEmpty { try writer.append(section: Section.positions(field), array: lists.positions, checkpoint: checkpoint) }
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
