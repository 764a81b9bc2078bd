import SearchCore

extension ColumnSegment {
    /// Deep check of every order and cross reference, beyond the checksums that opening verified; for `tandem check`.
    /// - Throws: `DATA_LOSS` naming the field and what is wrong.
    /// - Complexity: O(bytes).
    public func validate() throws {
        // What is mapped may have changed since it was opened.
        _ = try SectionFile(file.file, kind: ColumnFormat.kind)
        try withExtendedLifetime(self) {
            guard zip(sequences, sequences.dropFirst()).allSatisfy(<), sequences.first != 0 else {
                throw TandemError.damaged(name, "sequence numbers do not increase")
            }
            for doc in firstDoc.rawValue..<endDoc.rawValue {
                guard String(validating: try idBytes(of: DocID(doc)), as: UTF8.self) != nil else {
                    throw TandemError.damaged(name, "the id of document \(doc) is not UTF-8")
                }
            }
            guard idStarts.isEmpty || (idStarts.first == 0 && idStarts.last == UInt64(ids.count)) else {
                throw TandemError.damaged(name, "ids do not cover their bytes")
            }
            for column in columns where column.valueCount > 0 { try validate(column) }
        }
    }

    private func validate(_ column: Column) throws {
        func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
            guard condition else { throw TandemError.damaged(name, "field '\(column.field.name)': \(what())") }
        }
        try require(column.starts.first == 0 && Int(column.starts.last!) == column.docs.count, "values do not cover the documents")
        for ordinal in 0..<column.valueCount {
            try validateValue(ordinal, of: column, require)
            try require(column.starts[ordinal] < column.starts[ordinal + 1], "value \(ordinal) has no document")
            let docs = try column.docs(of: ordinal..<(ordinal + 1))
            try require(zip(docs, docs.dropFirst()).allSatisfy(<), "documents of value \(ordinal) do not increase")
            try require(
                docs.first! >= firstDoc.rawValue && docs.last! < endDoc.rawValue, "value \(ordinal) names a document outside the segment")
        }
        let (docStarts, ordinals) = ColumnContents.invert(
            starts: column.starts, docs: column.docs, firstDoc: firstDoc.rawValue, documentCount: documentCount, checkpoint: {})
        try require(
            docStarts.elementsEqual(column.docStarts) && ordinals.elementsEqual(column.ordinals),
            "the values of the documents disagree with the documents of the values")
    }

    private func validateValue(_ ordinal: Int, of column: Column, _ require: (Bool, @autoclosure () -> String) throws -> Void) throws {
        switch column.field.type {
        case .keyword:
            let keyword = try column.keyword(ordinal)
            try require(ordinal > 0 || column.keywordOffsets[0] == 0, "keywords do not start at byte 0")
            try require(try ordinal == 0 || compareBytes(column.keyword(ordinal - 1), keyword) < 0, "keyword \(ordinal) is out of order")
            try require(keyword.count <= Limits.keywordBytesMax, "keyword \(ordinal) has \(keyword.count) bytes")
            try require(String(validating: keyword, as: UTF8.self) != nil, "keyword \(ordinal) is not UTF-8")
        case .bool, .float64, .int64, .timestamp:
            let code = column.codes[ordinal]
            try require(ordinal == 0 || column.codes[ordinal - 1] < code, "value \(ordinal) is out of order")
            if column.field.type == .bool { try require(code <= 1, "value \(ordinal) is no truth value") }
            if case .float64(let number) = ValueCode.decode(code, column.field.type) {
                try require(!number.isNaN && ValueCode.encode(number) == code, "value \(ordinal) is NaN or −0.0")
            }
        }
    }
}
