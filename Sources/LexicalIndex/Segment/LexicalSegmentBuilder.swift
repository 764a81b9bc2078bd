import SearchCore

/// Builds one immutable lexical segment in memory.
///
/// Documents come in DocID order without gaps; a document may have no text at all. Not thread-safe.
/// ```
/// builder.beginDocument(doc)
/// builder.addField(0, length: 12, termBytes: bytes, tokenCount: n) { i in tokens[i] }   // at most once per field
/// let bytes = builder.finish()
/// ```
/// Cost: about 0.1 µs per token; memory close to what ``memoryBytes`` says.
public final class LexicalSegmentBuilder: LexicalFieldSink {
    private let fieldCount: Int
    private let firstDoc: DocID
    private var arena = PostingArena()
    private var norms: [[UInt16]]
    private var statistics: [FieldStatistics]
    public private(set) var documentCount = 0

    /// - Parameters:
    ///   - fieldCount: text fields of the schema, 0 to ``Limits/fieldsMax``.
    ///   - firstDoc: the number that the first document will have.
    public init(fieldCount: Int, firstDoc: DocID) {
        precondition((0...Limits.fieldsMax).contains(fieldCount), "\(fieldCount) fields")
        self.fieldCount = fieldCount
        self.firstDoc = firstDoc
        norms = Array(repeating: [], count: fieldCount)
        statistics = Array(repeating: FieldStatistics(), count: fieldCount)
    }

    /// Bytes that the builder holds now. ``finish()`` needs up to the finished segment's size twice on top.
    public var memoryBytes: Int {
        arena.memoryBytes + norms.reduce(0) { $0 + $1.capacity * 2 }
    }

    /// True when no further document may be added, since offsets inside the builder are 32 bits wide (about 2 GB of postings).
    public var isFull: Bool { arena.arenaCount > 2 << 30 }

    /// Starts a document; the fields added from here on are its.
    /// - Parameter doc: `firstDoc + documentCount`.
    public func beginDocument(_ doc: DocID) {
        let expected = UInt64(firstDoc.rawValue) + UInt64(documentCount)
        precondition(UInt64(doc.rawValue) == expected, "document \(doc), expected \(expected)")
        precondition(doc < .end, "DocID space is used up")
        documentCount += 1
    }

    public func addField(
        _ field: Int, length: Int, termBytes: UnsafeRawBufferPointer, tokenCount: Int,
        token: (_ i: Int) -> LexicalToken
    ) {
        precondition((0..<fieldCount).contains(field), "field \(field) of \(fieldCount)")
        precondition(documentCount > 0, "a field before the first document")
        let document = documentCount - 1
        precondition(norms[field].count <= document, "field \(field) twice in document \(document)")
        let counted = FieldNorms.normalised(length: length, tokens: tokenCount)
        if counted > 0 {
            let missing = document - norms[field].count
            if missing > 0 { norms[field].append(contentsOf: repeatElement(0, count: missing)) }
            norms[field].append(UInt16(counted))
            statistics[field].documents += 1
            statistics[field].totalLength += UInt64(counted)
        }
        arena.add(field: UInt8(field), document: UInt32(document), bytes: termBytes, tokenCount: tokenCount, token: token)
    }

    /// The segment's bytes (a ``SectionFile`` of kind "LEXS"). The builder is spent afterwards: its
    /// memory is released.
    /// - Complexity: O(terms · log terms + postings).
    public func finish() -> [UInt8] {
        var encoder = SegmentEncoder(fieldCount: fieldCount, firstDoc: firstDoc, documentCount: documentCount)
        for field in 0..<fieldCount where statistics[field].documents > 0 {
            norms[field].append(contentsOf: repeatElement(0, count: documentCount - norms[field].count))
            var dictionary = TermDictionaryWriter()
            var postings = PostingListEncoder(lengths: norms[field], impacts: NominalImpact(statistics[field]))
            let numbers = arena.sortedTerms(of: UInt8(field))
            for (i, number) in numbers.enumerated() {
                // In the order of the keys, terms lie anywhere.
                if i + 16 < numbers.count { arena.prefetch(record: Int(numbers[i + 16])) }
                if i + 8 < numbers.count { arena.prefetch(contents: Int(numbers[i + 8])) }
                arena.encode(Int(number), into: &postings)
                if let entry = postings.finishList() { dictionary.append(arena.key(of: Int(number)), entry) }
            }
            encoder.append(
                field: field, statistics: statistics[field], norms: norms[field], dictionary: dictionary,
                lists: postings.finish(), checkpoint: {})
            norms[field] = []
        }
        arena = PostingArena()
        return encoder.finish()
    }
}
