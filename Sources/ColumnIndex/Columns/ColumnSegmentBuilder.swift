import SearchCore

/// Collects the attributes of consecutive documents and encodes them as one column segment.
///
/// Documents come in DocID order without gaps, sequences strictly increasing. Single-threaded value type.
public struct ColumnSegmentBuilder {
    /// (code or keyword number, document) pairs of one field, in document order.
    private struct Collected {
        var entries: [(key: UInt64, doc: UInt32)] = []
        /// Keywords by bytes, not as `String`, whose equality would merge the composed and decomposed spelling of é.
        var keywordNumbers: [[UInt8]: UInt64] = [:]
    }

    public let fields: [AttributeField]
    public let firstDoc: DocID
    private var collected: [Collected]
    private var sequences: [UInt64] = []
    private var ids = DocumentIDs()
    /// Close estimate of the heap that the builder holds, for back-pressure.
    public private(set) var memoryBytes = 0

    /// - Parameter fields: at most ``Limits/fieldsMax``, names distinct; the same list for every segment of a generation.
    public init(fields: [AttributeField], firstDoc: DocID) {
        precondition(fields.count <= Limits.fieldsMax, "\(fields.count) fields, at most \(Limits.fieldsMax)")
        self.fields = fields
        self.firstDoc = firstDoc
        collected = Array(repeating: Collected(), count: fields.count)
    }

    public var documentCount: Int { sequences.count }

    /// Adds the next document.
    /// - Parameters:
    ///   - doc: must be `firstDoc + documentCount`.
    ///   - id: what the caller knows it by; empty: it is asked for elsewhere.
    /// - Throws: as ``AttributeField/check(_:against:)``, and `RESOURCE_EXHAUSTED` past 2³² values in one field; the builder is then unchanged.
    public mutating func add(doc: DocID, sequence: SequenceNumber, id: String = "", attributes: [(name: String, values: [FieldValue])]) throws {
        precondition(Int(doc.rawValue) == Int(firstDoc.rawValue) + sequences.count, "document \(doc) after \(sequences.count) from \(firstDoc)")
        precondition(sequence.rawValue > sequences.last ?? 0, "sequence \(sequence) after \(sequences.last ?? 0)")
        try AttributeField.check(attributes, against: fields)
        guard collected.allSatisfy({ $0.entries.count + Limits.valuesPerFieldMax <= Int(UInt32.max) }) else {
            throw TandemError(.resourceExhausted, "column segment: more than 2^32 values in one field; seal the segment earlier")
        }
        sequences.append(sequence.rawValue)
        ids.append(id.utf8)
        memoryBytes += 16 + id.utf8.count
        for (name, values) in attributes {
            let field = fields.firstIndex { $0.name == name }!
            for value in values {
                let key = ValueCode.encode(value) ?? intern(value, field)
                collected[field].entries.append((key, doc.rawValue))
                memoryBytes += 16
            }
        }
    }

    /// Number of a keyword in order of first appearance.
    private mutating func intern(_ value: FieldValue, _ field: Int) -> UInt64 {
        guard case .keyword(let text) = value else { preconditionFailure("\(value.type) is no keyword") }
        let bytes = Array(text.utf8)
        if let known = collected[field].keywordNumbers[bytes] { return known }
        let number = UInt64(collected[field].keywordNumbers.count)
        collected[field].keywordNumbers[bytes] = number
        memoryBytes += bytes.count + 80  // array header, hash slot at 3/4 load
        return number
    }

    /// The segment's bytes, a ``SectionFile`` of kind COLS. No document at all is legal.
    /// - Complexity: O(n log n) in the values.
    public consuming func finish() -> [UInt8] {
        var columns: [ColumnContents] = []
        for (field, collected) in zip(fields, collected) {
            columns.append(Self.encode(collected, field.type))
        }
        return ColumnSegmentWriter.write(
            fields: fields, columns: columns, firstDoc: firstDoc, sequences: sequences, ids: ids, capacity: 0,
            checkpoint: {})
    }

    private static func encode(_ collected: Collected, _ type: ValueType) -> ColumnContents {
        var entries = collected.entries
        var keywords: [[UInt8]] = []
        if type == .keyword {
            let sorted = collected.keywordNumbers.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            keywords = sorted.map(\.key)
            var ranks = [UInt64](repeating: 0, count: sorted.count)
            for (rank, keyword) in sorted.enumerated() { ranks[Int(keyword.value)] = UInt64(rank) }
            for i in entries.indices { entries[i].key = ranks[Int(entries[i].key)] }
        }
        entries.sort { ($0.key, $0.doc) < ($1.key, $1.doc) }

        var column = ColumnContents(type: type)
        column.docs.reserveCapacity(entries.count)
        var i = 0
        while i < entries.count {
            let key = entries[i].key
            var last: UInt32?
            while i < entries.count, entries[i].key == key {
                // A value given twice by one document counts once.
                if entries[i].doc != last { column.docs.append(entries[i].doc) }
                last = entries[i].doc
                i += 1
            }
            if type == .keyword {
                keywords[Int(key)].withUnsafeBytes { column.endValue(keyword: $0) }
            } else {
                column.endValue(code: key)
            }
        }
        return column
    }
}
