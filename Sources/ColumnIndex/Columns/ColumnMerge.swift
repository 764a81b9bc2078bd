import SearchCore

/// Joins neighbouring segments into one with the same DocIDs.
public enum ColumnMerge {
    /// - Parameters:
    ///   - segments: neighbours in order: each begins where the one before ends; at least one; all with the same fields.
    ///   - live: documents whose values and ids are kept; those past its capacity count as dead. Every document keeps its sequence.
    /// - Returns: a COLS file; the same bytes as a builder makes that is given all documents, the dead ones without attributes.
    /// - Throws: `FAILED_PRECONDITION` for unequal fields; `RESOURCE_EXHAUSTED` past 2³² values in one field; what `control` says, which is asked
    ///   every few thousand values and few megabytes; `DATA_LOSS`.
    /// - Complexity: O(entries + values · segments) time; memory: the result twice.
    public static func merge(_ segments: [ColumnSegment], live: DocBitSet, control: QueryControl) throws -> [UInt8] {
        precondition(!segments.isEmpty, "a merge of no segments")
        for (left, right) in zip(segments, segments.dropFirst()) {
            precondition(left.endDoc == right.firstDoc, "segments \(left.name) and \(right.name) are not neighbours")
            guard left.fields == right.fields else {
                throw TandemError(.failedPrecondition, "segments \(left.name) and \(right.name) have different fields")
            }
        }
        let fields = segments[0].fields
        return try withExtendedLifetime(segments) {
            var columns: [ColumnContents] = []
            for index in fields.indices {
                let inputs = segments.map { (column: $0.columns[index], docs: $0.firstDoc.rawValue..<$0.endDoc.rawValue) }
                columns.append(try merge(inputs, fields[index].type, live, control))
            }
            var ids = DocumentIDs()
            for segment in segments {
                for doc in segment.firstDoc.rawValue..<segment.endDoc.rawValue {
                    if doc & 4095 == 0 { try control.checkpoint() }
                    if live.contains(DocID(doc)) { ids.append(try segment.idBytes(of: DocID(doc))) } else { ids.append(EmptyCollection()) }
                }
            }
            return try ColumnSegmentWriter.write(
                fields: fields, columns: columns, firstDoc: segments[0].firstDoc, sequences: segments.flatMap { Array($0.sequences) }, ids: ids,
                capacity: segments.reduce(4096) { $0 + $1.byteCount }, checkpoint: control.checkpoint)
        }
    }

    /// Walks the sorted values of all inputs at once; the documents of equal values follow one another in segment order.
    private static func merge(
        _ inputs: [(column: Column, docs: Range<UInt32>)], _ type: ValueType, _ live: DocBitSet, _ control: QueryControl
    ) throws -> ColumnContents {
        let entries = inputs.reduce(0) { $0 + $1.column.docs.count }
        guard entries <= Int(UInt32.max) else {
            throw TandemError(.resourceExhausted, "field '\(inputs[0].column.field.name)': a merge of \(entries) values; merge fewer segments")
        }
        var merged = ColumnContents(type: type)
        merged.docs.reserveCapacity(entries)
        var next = [Int](repeating: 0, count: inputs.count)
        // Values and their documents since the last look: few values may have all the documents.
        var steps = 4096
        while true {
            if steps >= 4096 {
                try control.checkpoint()
                steps = 0
            }
            steps += 1
            var smallest: Int?
            for (i, input) in inputs.enumerated() where next[i] < input.column.valueCount {
                if let best = smallest, try compare(input.column, next[i], inputs[best].column, next[best]) >= 0 { continue }
                smallest = i
            }
            guard let first = smallest else { return merged }
            let ordinal = next[first]
            // Inputs before `first` hold only larger values, so equal ones are at it or after.
            for i in first..<inputs.count where next[i] < inputs[i].column.valueCount {
                guard try i == first || compare(inputs[i].column, next[i], inputs[first].column, ordinal) == 0 else { continue }
                let docs = try inputs[i].column.docs(of: next[i]..<(next[i] + 1))
                steps += docs.count
                for doc in docs {
                    guard inputs[i].docs.contains(doc) else {
                        throw TandemError.damaged(inputs[i].column.name, "document \(doc) outside \(inputs[i].docs)")
                    }
                    if live.contains(DocID(doc)) { merged.docs.append(doc) }
                }
                next[i] += 1
            }
            if type == .keyword {
                merged.endValue(keyword: try inputs[first].column.keyword(ordinal))
            } else {
                merged.endValue(code: inputs[first].column.codes[ordinal])
            }
        }
    }

    private static func compare(_ a: Column, _ i: Int, _ b: Column, _ j: Int) throws -> Int {
        if a.field.type == .keyword { return compareBytes(try a.keyword(i), try b.keyword(j)) }
        return a.codes[i] < b.codes[j] ? -1 : a.codes[i] == b.codes[j] ? 0 : 1
    }
}
