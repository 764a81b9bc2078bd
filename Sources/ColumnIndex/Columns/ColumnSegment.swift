import SearchCore
import Synchronization

/// Immutable attributes of a run of consecutive documents, and each document's sequence number.
///
/// Per field the distinct values in order, each with its documents: so a value is found by binary search, and the
/// documents of a range of values are one slice; plus the way back, document → values. Mapped, opened in O(bytes) for the
/// checksums. Safe to share. Bytes: docs/formats/column-segment.md.
public final class ColumnSegment: Sendable {
    public let fields: [AttributeField]
    public let firstDoc: DocID
    public let documentCount: Int
    /// Tells this object from every other of the process, so that cached results of a closed segment are never taken for ours.
    public let instance: UInt64

    let file: SectionFile
    // SAFETY: pointers into `file`, which lives as long as self and never changes. Whoever reads through them holds self to
    // the end with `withExtendedLifetime`, because Swift may release an object right after its last mention.
    nonisolated(unsafe) let sequences: UnsafeBufferPointer<UInt64>
    nonisolated(unsafe) let columns: [Column]
    /// [documents + 1], or empty.
    nonisolated(unsafe) let idStarts: UnsafeBufferPointer<UInt64>
    nonisolated(unsafe) let ids: UnsafeRawBufferPointer

    private static let instances = Atomic<UInt64>(0)

    /// Opens and verifies a segment's bytes.
    /// - Parameters:
    ///   - fields: the generation's attribute fields, which must be the file's; nil takes the file's.
    ///   - checkpoint: asked every few MB; what it throws ends the opening.
    /// - Throws: `DATA_LOSS` for damage; `FAILED_PRECONDITION` for another kind, a newer version or other fields.
    public init(_ mapped: MappedFile, fields expected: [AttributeField]? = nil, checkpoint: () throws -> Void = {}) throws {
        let file = try SectionFile(mapped, kind: ColumnFormat.kind, checkpoint: checkpoint)
        var schema = ByteReader(try file.required(ColumnFormat.schema), name: file.name)
        let firstDoc = try schema.read(UInt32.self)
        let documentCount = Int(try schema.read(UInt32.self))
        let fieldCount = Int(try schema.read(UInt32.self))
        guard Int(firstDoc) + documentCount <= Int(UInt32.max), fieldCount <= Limits.fieldsMax else {
            throw TandemError.damaged(file.name, "\(documentCount) documents from \(firstDoc), \(fieldCount) fields")
        }
        var columns: [Column] = []
        for index in 0..<fieldCount {
            let rawType = try schema.read(UInt8.self)
            guard let type = ValueType(rawValue: rawType) else { throw TandemError.damaged(file.name, "field \(index) has unknown type \(rawType)") }
            let field = AttributeField(name: try schema.readCountedString(), type: type)
            let valueCount = Int(try schema.read(UInt32.self))
            let entryCount = Int(try schema.read(UInt32.self))
            guard valueCount <= entryCount, (valueCount == 0) == (entryCount == 0) else {
                throw TandemError.damaged(file.name, "field '\(field.name)': \(valueCount) values with \(entryCount) documents")
            }
            columns.append(
                try Column(file, index: index, field: field, valueCount: valueCount, entryCount: entryCount, documentCount: documentCount))
        }
        fields = columns.map(\.field)
        if let expected, expected != fields {
            throw TandemError(.failedPrecondition, "\(file.name): its fields are \(fields), expected \(expected); re-index")
        }
        sequences = try file.array(ColumnFormat.sequences, of: UInt64.self, count: documentCount)
        let ids = file.section(ColumnFormat.idBytes)
        idStarts = ids == nil ? .init(start: nil, count: 0) : try file.array(ColumnFormat.idStarts, of: UInt64.self, count: documentCount + 1)
        self.ids = ids ?? .init(start: nil, count: 0)
        self.file = file
        self.columns = columns
        self.firstDoc = DocID(firstDoc)
        self.documentCount = documentCount
        // Relaxed: the number only has to be unique.
        instance = Self.instances.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// Exclusive.
    public var endDoc: DocID { DocID(firstDoc.rawValue + UInt32(documentCount)) }
    public var byteCount: Int { file.byteCount }
    /// Of the file: see ``SearchCore/SectionFile/checksum``.
    public var checksum: UInt32 { file.checksum }
    public var isInMemory: Bool { file.file.isInMemory }
    public var name: String { file.name }

    /// The whole file, for writing it elsewhere; the pointer must not leave `body`.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(self) { try body(file.file.bytes) }
    }

    private func index(of doc: DocID) -> Int {
        precondition(doc >= firstDoc && doc < endDoc, "document \(doc) of a segment of \(firstDoc) ..< \(endDoc)")
        return Int(doc.rawValue - firstDoc.rawValue)
    }

    /// - Parameter doc: inside firstDoc ..< endDoc.
    public func sequence(of doc: DocID) -> SequenceNumber {
        withExtendedLifetime(self) { SequenceNumber(sequences[index(of: doc)]) }
    }

    /// What the caller knows the document by; nil when the segment does not say: it was dead, or a file of version 1.
    /// - Parameter doc: inside firstDoc ..< endDoc.
    /// - Throws: `DATA_LOSS`.
    public func id(of doc: DocID) throws -> String? {
        try withExtendedLifetime(self) {
            let bytes = try idBytes(of: doc)
            return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Empty when it is not known; for callers that hold self.
    func idBytes(of doc: DocID) throws -> UnsafeRawBufferPointer {
        let index = index(of: doc)
        guard !idStarts.isEmpty else { return .init(start: nil, count: 0) }
        let (start, end) = (idStarts[index], idStarts[index + 1])
        guard start <= end, end <= UInt64(ids.count) else { throw TandemError.damaged(name, "the id of document \(doc) lies at \(start) ..< \(end)") }
        return UnsafeRawBufferPointer(rebasing: ids[Int(start)..<Int(end)])
    }

    /// The document version that this operation wrote; nil when it is not in the segment.
    /// - Complexity: O(log documents).
    public func document(of sequence: SequenceNumber) -> DocID? {
        withExtendedLifetime(self) {
            var (low, high) = (0, documentCount)
            while low < high {
                let middle = (low + high) / 2
                if sequences[middle] < sequence.rawValue { low = middle + 1 } else { high = middle }
            }
            return low < documentCount && sequences[low] == sequence.rawValue ? DocID(firstDoc.rawValue + UInt32(low)) : nil
        }
    }

    func column(_ field: String) throws -> Column {
        guard let column = columns.first(where: { $0.field.name == field }) else {
            throw TandemError.invalidArgument("attribute '\(field)': the schema has no such field")
        }
        return column
    }

    /// Values of a document, distinct and ascending; empty when it has none.
    /// - Parameter doc: inside firstDoc ..< endDoc.
    /// - Throws: `INVALID_ARGUMENT` for an unknown field, `DATA_LOSS` for damage.
    public func values(of doc: DocID, field: String) throws -> [FieldValue] {
        let column = try column(field)
        return try withExtendedLifetime(self) {
            try column.ordinals(ofDocument: index(of: doc)).map { try column.value(Int($0)) }
        }
    }

    /// Distinct values of a field, ascending, each with the documents that had it when the segment was built; for facets.
    /// The buffers must not leave `body`.
    /// - Complexity: O(values).
    public func forEachValue(field: String, _ body: (_ value: FieldValue, _ documents: UnsafeBufferPointer<UInt32>) throws -> Void) throws {
        let column = try column(field)
        try withExtendedLifetime(self) {
            for ordinal in 0..<column.valueCount { try body(column.value(ordinal), column.docs(of: ordinal..<(ordinal + 1))) }
        }
    }
}
