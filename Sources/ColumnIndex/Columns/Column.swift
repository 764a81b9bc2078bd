import Glibc
import SearchCore

/// Reader of one field's column inside a mapped segment. Every index that comes from the file is checked where it is used.
struct Column {
    let field: AttributeField
    /// The segment's name, for messages.
    let name: String
    let valueCount: Int
    let codes: UnsafeBufferPointer<UInt64>
    let keywordOffsets: UnsafeBufferPointer<UInt64>
    let keywordBytes: UnsafeRawBufferPointer
    let starts: UnsafeBufferPointer<UInt32>
    let docs: UnsafeBufferPointer<UInt32>
    let docStarts: UnsafeBufferPointer<UInt32>
    let ordinals: UnsafeBufferPointer<UInt32>

    /// - Throws: `DATA_LOSS` when a section is missing or of the wrong length.
    init(_ file: SectionFile, index: Int, field: AttributeField, valueCount: Int, entryCount: Int, documentCount: Int) throws {
        self.field = field
        name = file.name
        self.valueCount = valueCount
        func array<T: BitwiseCopyable>(_ part: ColumnFormat.Part, _ count: Int) throws -> UnsafeBufferPointer<T> {
            // A field that no document uses has no sections.
            guard entryCount > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
            return try file.array(ColumnFormat.section(part, field: index), of: T.self, count: count)
        }
        let isKeyword = field.type == .keyword
        codes = isKeyword ? UnsafeBufferPointer(start: nil, count: 0) : try array(.values, valueCount)
        keywordOffsets = isKeyword ? try array(.values, valueCount + 1) : UnsafeBufferPointer(start: nil, count: 0)
        keywordBytes =
            isKeyword && entryCount > 0
            ? try file.required(ColumnFormat.section(.keywordBytes, field: index)) : UnsafeRawBufferPointer(start: nil, count: 0)
        starts = try array(.starts, valueCount + 1)
        docs = try array(.docs, entryCount)
        docStarts = try array(.docStarts, documentCount + 1)
        ordinals = try array(.ordinals, entryCount)
    }

    private func damaged(_ what: String) -> TandemError { .damaged(name, "field '\(field.name)': \(what)") }

    /// Bytes of the keyword with this ordinal, 0 ..< valueCount.
    func keyword(_ ordinal: Int) throws -> UnsafeRawBufferPointer {
        let (from, to) = (keywordOffsets[ordinal], keywordOffsets[ordinal + 1])
        guard from <= to, to <= UInt64(keywordBytes.count) else { throw damaged("keyword \(ordinal) lies outside its section") }
        return UnsafeRawBufferPointer(rebasing: keywordBytes[Int(from)..<Int(to)])
    }

    func value(_ ordinal: Int) throws -> FieldValue {
        guard ordinal < valueCount else { throw damaged("value \(ordinal) of \(valueCount)") }
        if field.type == .keyword { return .keyword(String(decoding: try keyword(ordinal), as: UTF8.self)) }
        return ValueCode.decode(codes[ordinal], field.type)
    }

    /// Documents of the values in `range` of ordinals: ascending within a value.
    func docs(of range: Range<Int>) throws -> UnsafeBufferPointer<UInt32> {
        guard !range.isEmpty else { return UnsafeBufferPointer(start: nil, count: 0) }
        let (from, to) = (Int(starts[range.lowerBound]), Int(starts[range.upperBound]))
        guard from <= to, to <= docs.count else { throw damaged("the documents of values \(range) lie outside their section") }
        return UnsafeBufferPointer(rebasing: docs[from..<to])
    }

    /// Ordinals of the values of the `index`-th document of the segment, ascending.
    func ordinals(ofDocument index: Int) throws -> UnsafeBufferPointer<UInt32> {
        guard !docStarts.isEmpty else { return UnsafeBufferPointer(start: nil, count: 0) }
        let (from, to) = (Int(docStarts[index]), Int(docStarts[index + 1]))
        guard from <= to, to <= ordinals.count else { throw damaged("the values of document \(index) lie outside their section") }
        return UnsafeBufferPointer(rebasing: ordinals[from..<to])
    }

    /// First ordinal whose value is at least `value` (with `after`: greater than it); valueCount when there is none.
    /// - Complexity: O(log values).
    func lowerBound(_ value: FieldValue, after: Bool = false) throws -> Int {
        func search(_ isBefore: (Int) throws -> Bool) rethrows -> Int {
            var (low, high) = (0, valueCount)
            while low < high {
                let middle = (low + high) / 2
                if try isBefore(middle) { low = middle + 1 } else { high = middle }
            }
            return low
        }
        if case .keyword(var text) = value {
            return try text.withUTF8 { wanted in
                try search {
                    let order = compareBytes(try keyword($0), UnsafeRawBufferPointer(wanted))
                    return order < 0 || after && order == 0
                }
            }
        }
        let wanted = ValueCode.encode(value)!
        return search { codes[$0] < wanted || after && codes[$0] == wanted }
    }
}

/// Order of two byte strings: negative, zero, positive; a prefix comes first.
func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let common = min(a.count, b.count)
    let order = common == 0 ? 0 : Int(memcmp(a.baseAddress!, b.baseAddress!, common))
    return order != 0 ? order : a.count - b.count
}
