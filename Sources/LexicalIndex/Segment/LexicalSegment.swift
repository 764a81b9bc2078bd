import SearchCore

/// An immutable run of documents, inverted: per text field a term dictionary, posting lists and lengths.
///
/// Reads its bytes in place, mapped from disk or on the heap; opening verifies every section's checksum and touches nothing
/// else but the small header. Damaged bytes give errors, never a read outside them. Bytes: docs/formats/lexical-segment.md.
/// Thread-safe: immutable, but for tables that are derived from it when they are first asked for.
public final class LexicalSegment: Sendable {
    /// One field's readers; nil parts where no document has the field or no text has tokens.
    struct Field: Sendable {
        var statistics = FieldStatistics()
        var norms: FieldNorms?
        /// Shortest and longest length of a document that has the field.
        var shortest: UInt16 = 0
        var longest: UInt16 = 0
        var dictionary: TermDictionary?
        var postings: PostingBytes
        var positions: PostingBytes
    }

    /// A field's postings section, or its positions.
    struct PostingBytes: @unchecked Sendable {
        // SAFETY (unchecked Sendable): immutable bytes of the segment's file.
        let bytes: UnsafeRawBufferPointer
    }

    private let file: SectionFile
    let fields: [Field]
    let suffixes = SuffixTables()
    /// The first document's number.
    public let firstDoc: DocID
    /// Documents of the run, dead ones and ones without text included.
    public let documentCount: Int

    /// The number after the last document's.
    public var endDoc: DocID { DocID(firstDoc.rawValue + UInt32(documentCount)) }
    public var fieldCount: Int { fields.count }
    public var byteCount: Int { file.byteCount }
    /// Of the file: see ``SearchCore/SectionFile/checksum``.
    public var checksum: UInt32 { file.checksum }
    /// True if the bytes are on the heap.
    public var isInMemory: Bool { file.file.isInMemory }
    public var name: String { file.name }

    /// Opens a segment.
    /// - Parameters:
    ///   - fieldCount: text fields of the schema; nil: whatever the segment has.
    ///   - checkpoint: asked every few MB; what it throws ends the opening.
    /// - Throws: `DATA_LOSS` when bytes are damaged; `FAILED_PRECONDITION` for another kind of file, a newer version, or
    ///   another number of fields.
    /// - Complexity: O(bytes), for the checksums.
    public init(_ file: MappedFile, fieldCount: Int? = nil, checkpoint: () throws -> Void = {}) throws {
        let sections = try SectionFile(file, kind: LexicalFormat.kind, checkpoint: checkpoint)
        var header = ByteReader(try sections.required(LexicalFormat.Section.header), name: file.name)
        let storedFields = Int(try header.read(UInt32.self))
        let first = try header.read(UInt32.self)
        let count = try header.read(UInt32.self)
        _ = try header.read(UInt32.self)
        guard storedFields <= Limits.fieldsMax, header.remaining == storedFields * LexicalFormat.headerFieldBytes else {
            throw TandemError.damaged(file.name, "a header of \(header.bytes.count) bytes for \(storedFields) fields")
        }
        guard UInt64(first) + UInt64(count) <= UInt64(UInt32.max) else {
            throw TandemError.damaged(file.name, "\(count) documents from number \(first) on exceed the number space")
        }
        if let fieldCount, fieldCount != storedFields {
            throw TandemError(
                .failedPrecondition,
                "\(file.name): has \(storedFields) text fields, the schema \(fieldCount): it belongs to another generation")
        }
        var fields: [Field] = []
        for field in 0..<storedFields {
            let documents = try header.read(UInt32.self)
            let terms = Int(try header.read(UInt32.self))
            let length = try header.read(UInt64.self)
            let extremes = (try header.read(UInt16.self), try header.read(UInt16.self))
            _ = try header.read(UInt32.self)
            fields.append(
                try Self.open(
                    field, sections, documentCount: Int(count), termCount: terms,
                    FieldStatistics(documents: Int(documents), totalLength: length), extremes))
        }
        self.file = sections
        self.fields = fields
        firstDoc = DocID(first)
        documentCount = Int(count)
    }

    private static func open(
        _ field: Int, _ sections: SectionFile, documentCount: Int, termCount: Int, _ statistics: FieldStatistics,
        _ extremes: (shortest: UInt16, longest: UInt16)
    ) throws -> Field {
        let name = sections.name
        let none = PostingBytes(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        var result = Field(statistics: statistics, postings: none, positions: none)
        // Bounds that every sum over segments relies on.
        guard statistics.documents <= documentCount,
            statistics.totalLength >= UInt64(statistics.documents),
            statistics.totalLength <= UInt64(statistics.documents) * UInt64(LexicalFormat.lengthMax)
        else {
            throw TandemError.damaged(
                name,
                "field \(field): \(statistics.documents) of \(documentCount) documents with a total length of \(statistics.totalLength)")
        }
        guard statistics.documents > 0 else {
            guard termCount == 0 else { throw TandemError.damaged(name, "field \(field): \(termCount) terms in no document") }
            return result
        }
        let norms = try sections.array(LexicalFormat.Section.norms(field), of: UInt16.self, count: documentCount)
        guard let lengths = norms.baseAddress else { throw TandemError.damaged(name, "field \(field): no lengths") }
        let codes = try sections.array(LexicalFormat.Section.lengthCodes(field), of: UInt8.self, count: documentCount)
        guard let codeBase = codes.baseAddress else { throw TandemError.damaged(name, "field \(field): no length codes") }
        result.norms = FieldNorms(lengths: lengths, codes: codeBase, count: documentCount)
        (result.shortest, result.longest) = extremes
        guard extremes.shortest > 0, extremes.shortest <= extremes.longest else {
            throw TandemError.damaged(name, "field \(field): lengths from \(extremes.shortest) to \(extremes.longest)")
        }
        guard termCount > 0 else { return result }
        let blocks = (termCount + LexicalFormat.dictionaryBlockTerms - 1) / LexicalFormat.dictionaryBlockTerms
        let index = try sections.array(LexicalFormat.Section.dictionaryIndex(field), of: UInt64.self, count: 2 * blocks)
        let bytes = try sections.required(LexicalFormat.Section.dictionary(field))
        guard let dictionary = TermDictionary(count: termCount, index: index, bytes: bytes) else {
            throw TandemError.damaged(name, "field \(field): a dictionary index of \(index.count) numbers for \(termCount) terms")
        }
        result.dictionary = dictionary
        if let postings = sections.section(LexicalFormat.Section.postings(field)) { result.postings = PostingBytes(bytes: postings) }
        if let positions = sections.section(LexicalFormat.Section.positions(field)) { result.positions = PostingBytes(bytes: positions) }
        return result
    }

    func verifyChecksums() throws { _ = try SectionFile(file.file, kind: LexicalFormat.kind) }

    /// What the field's texts added up to when the segment was built or merged: documents that died since are still in it.
    /// Zero for a field that the segment does not have.
    public func fieldStatistics(_ field: Int) -> (documents: Int, totalLength: UInt64) {
        guard fields.indices.contains(field) else { return (0, 0) }
        return (fields[field].statistics.documents, fields[field].statistics.totalLength)
    }

    /// Distinct terms of a field.
    public func termCount(_ field: Int) -> Int { fields.indices.contains(field) ? fields[field].dictionary?.count ?? 0 : 0 }

    /// A term's postings in a field; nil when no document of the segment has it.
    func postings(_ key: UnsafeRawBufferPointer, field: Int) throws -> PostingList? {
        guard fields.indices.contains(field), let dictionary = fields[field].dictionary else { return nil }
        do throws(Damaged) {
            guard let entry = try dictionary.lookup(key) else { return nil }
            return try list(entry, field: field)
        } catch { throw damaged(field, error.what) }
    }

    /// Documents of the segment, dead ones included, that have a term in a field.
    /// - Throws: `DATA_LOSS` when the dictionary is damaged.
    /// - Complexity: O(log terms).
    public func documentFrequency(of key: [UInt8], field: Int) throws -> Int {
        guard fields.indices.contains(field), let dictionary = fields[field].dictionary else { return 0 }
        return try key.withUnsafeBytes { key in
            do throws(Damaged) { return Int(try dictionary.lookup(key)?.documentFrequency ?? 0) } catch { throw damaged(field, error.what) }
        }
    }

    /// The keys of a field that begin with some bytes, in their order.
    /// - Parameters:
    ///   - limit: so many at most.
    ///   - isWanted: of a key and its documents, dead ones included; others are left out.
    /// - Throws: `DATA_LOSS` when the dictionary is damaged.
    /// - Complexity: O(log terms + keys).
    public func keys(
        withPrefix prefix: [UInt8], field: Int, limit: Int, isWanted: (_ key: UnsafeRawBufferPointer, _ documents: Int) -> Bool = { _, _ in true }
    ) throws -> [[UInt8]] {
        guard fields.indices.contains(field), let dictionary = fields[field].dictionary else { return [] }
        return try prefix.withUnsafeBytes { prefix in
            var keys: [[UInt8]] = []
            do throws(Damaged) {
                let cursor = try TermDictionaryCursor(dictionary, atBlock: max(try dictionary.block(of: prefix), 0))
                while keys.count < limit, try cursor.advance() {
                    if cursor.key.starts(with: prefix) {
                        if isWanted(cursor.key, Int(cursor.entry.documentFrequency)) { keys.append(Array(cursor.key)) }
                    } else if compareBytes(cursor.key, prefix) > 0 {
                        break
                    }
                }
            } catch { throw damaged(field, error.what) }
            return keys
        }
    }

    func list(_ entry: TermEntry, field: Int) throws(Damaged) -> PostingList {
        try PostingList(
            entry, section: fields[field].postings.bytes, positions: fields[field].positions.bytes, documentCount: UInt32(documentCount))
    }

    func damaged(_ field: Int, _ what: String) -> TandemError { .damaged(name, "field \(field): \(what)") }
}
