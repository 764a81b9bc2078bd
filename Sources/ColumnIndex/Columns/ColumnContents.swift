import SearchCore

/// One column being written: values in ascending order, each with its documents. Builder and merge both end here.
struct ColumnContents {
    let type: ValueType
    var codes: [UInt64] = []
    var keywordOffsets: [UInt64] = [0]
    var keywordBytes: [UInt8] = []
    var starts: [UInt32] = [0]
    var docs: [UInt32] = []

    init(type: ValueType) { self.type = type }

    var valueCount: Int { starts.count - 1 }

    /// Ends the value whose documents were appended to `docs`; a value without documents is dropped.
    mutating func endValue(code: UInt64) {
        guard docs.count > Int(starts.last!) else { return }
        codes.append(code)
        starts.append(UInt32(docs.count))
    }

    mutating func endValue(keyword: UnsafeRawBufferPointer) {
        guard docs.count > Int(starts.last!) else { return }
        keywordBytes.append(contentsOf: keyword)
        keywordOffsets.append(UInt64(keywordBytes.count))
        starts.append(UInt32(docs.count))
    }

    /// The other direction, by counting: where each document's ordinals begin, and the ordinals, ascending.
    /// - Parameter checkpoint: asked between the passes and every few values.
    /// - Complexity: O(documents + entries).
    static func invert(
        starts: some RandomAccessCollection<UInt32>, docs: some RandomAccessCollection<UInt32>, firstDoc: UInt32, documentCount: Int,
        checkpoint: () throws -> Void
    ) rethrows -> (docStarts: [UInt32], ordinals: [UInt32]) {
        var next = [UInt32](repeating: 0, count: documentCount + 1)
        for doc in docs { next[Int(doc - firstDoc) + 1] += 1 }
        for d in 0..<documentCount { next[d + 1] += next[d] }
        try checkpoint()
        let docStarts = next
        var ordinals = [UInt32](repeating: 0, count: docs.count)
        for (ordinal, (from, to)) in zip(starts, starts.dropFirst()).enumerated() {
            if ordinal & 4095 == 0 || to - from >= 4096 { try checkpoint() }
            for doc in docs.dropFirst(Int(from)).prefix(Int(to - from)) {
                ordinals[Int(next[Int(doc - firstDoc)])] = UInt32(ordinal)
                next[Int(doc - firstDoc)] += 1
            }
        }
        return (docStarts, ordinals)
    }
}

/// The documents' ids being written, one after another; empty: not known, or of no use because the document is dead.
struct DocumentIDs {
    private(set) var starts: [UInt64] = [0]
    private(set) var bytes: [UInt8] = []

    mutating func append(_ id: some Sequence<UInt8>) {
        bytes.append(contentsOf: id)
        starts.append(UInt64(bytes.count))
    }
}

/// Assembles the file from its columns.
enum ColumnSegmentWriter {
    /// - Parameters:
    ///   - capacity: about the bytes of the file, if known.
    ///   - checkpoint: asked every few megabytes.
    static func write(
        fields: [AttributeField], columns: [ColumnContents], firstDoc: DocID, sequences: [UInt64], ids: DocumentIDs, capacity: Int,
        checkpoint: () throws -> Void
    ) rethrows -> [UInt8] {
        var file = SectionFileWriter(kind: ColumnFormat.kind, capacity: capacity)
        var schema = ByteWriter()
        schema.append(firstDoc.rawValue)
        schema.append(UInt32(sequences.count))
        schema.append(UInt32(fields.count))
        for (field, column) in zip(fields, columns) {
            schema.append(field.type.rawValue)
            schema.appendCounted(field.name)
            schema.append(UInt32(column.valueCount))
            schema.append(UInt32(column.docs.count))
        }
        file.append(section: ColumnFormat.schema, schema.bytes)
        try file.append(section: ColumnFormat.sequences, array: sequences, checkpoint: checkpoint)
        if !ids.bytes.isEmpty {
            try file.append(section: ColumnFormat.idStarts, array: ids.starts, checkpoint: checkpoint)
            try file.append(section: ColumnFormat.idBytes, array: ids.bytes, checkpoint: checkpoint)
        }
        for (field, column) in columns.enumerated() where !column.docs.isEmpty {
            if column.type == .keyword {
                try file.append(section: ColumnFormat.section(.values, field: field), array: column.keywordOffsets, checkpoint: checkpoint)
                try file.append(section: ColumnFormat.section(.keywordBytes, field: field), array: column.keywordBytes, checkpoint: checkpoint)
            } else {
                try file.append(section: ColumnFormat.section(.values, field: field), array: column.codes, checkpoint: checkpoint)
            }
            try file.append(section: ColumnFormat.section(.starts, field: field), array: column.starts, checkpoint: checkpoint)
            try file.append(section: ColumnFormat.section(.docs, field: field), array: column.docs, checkpoint: checkpoint)
            let (docStarts, ordinals) = try ColumnContents.invert(
                starts: column.starts, docs: column.docs, firstDoc: firstDoc.rawValue, documentCount: sequences.count, checkpoint: checkpoint)
            try file.append(section: ColumnFormat.section(.docStarts, field: field), array: docStarts, checkpoint: checkpoint)
            try file.append(section: ColumnFormat.section(.ordinals, field: field), array: ordinals, checkpoint: checkpoint)
        }
        return file.finish()
    }
}
