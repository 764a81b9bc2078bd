import SearchCore

/// Section numbers of a column segment; docs/formats/column-segment.md. On disk: never renumber.
enum ColumnFormat {
    static let kind = SectionFile.Kind("COLS", version: 2)

    static let schema: UInt32 = 1
    static let sequences: UInt32 = 2
    /// u64 × (documents + 1) offsets into `idBytes`; neither section is there when no id is known.
    static let idStarts: UInt32 = 3
    static let idBytes: UInt32 = 4

    /// Sections of one column, relative to ``base(ofField:)``.
    enum Part: UInt32 {
        /// u64 order-preserving codes, ascending; for keywords u64 offsets into `keywordBytes`, one more than values.
        case values = 0
        case keywordBytes = 1
        /// u32 × (values + 1): where each value's documents begin.
        case starts = 2
        /// u32 DocIDs: ascending within a value.
        case docs = 3
        /// u32 × (documents + 1): where each document's value ordinals begin.
        case docStarts = 4
        /// u32 value ordinals: ascending within a document.
        case ordinals = 5
    }

    static func section(_ part: Part, field: Int) -> UInt32 { 16 * UInt32(field + 1) + part.rawValue }
}

/// Order-preserving codes: a < b as values exactly when code(a) < code(b) as unsigned numbers.
enum ValueCode {
    static func encode(_ value: Int64) -> UInt64 { UInt64(bitPattern: value) ^ 1 << 63 }

    /// Positive numbers get the sign bit, negative ones are inverted: IEEE 754's own order. −0.0 becomes 0.0.
    static func encode(_ value: Double) -> UInt64 {
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
    }

    /// Nil for keywords, whose order is that of their UTF-8 bytes.
    static func encode(_ value: FieldValue) -> UInt64? {
        switch value {
        case .keyword: nil
        case .int64(let number), .timestamp(let number): encode(number)
        case .float64(let number): encode(number)
        case .bool(let flag): flag ? 1 : 0
        }
    }

    /// - Parameter type: any but keyword.
    static func decode(_ code: UInt64, _ type: ValueType) -> FieldValue {
        let integer = Int64(bitPattern: code ^ 1 << 63)
        switch type {
        case .int64: return .int64(integer)
        case .timestamp: return .timestamp(microseconds: integer)
        case .bool: return .bool(code != 0)
        case .float64: return .float64(Double(bitPattern: code >> 63 == 1 ? code ^ 1 << 63 : ~code))
        case .keyword: preconditionFailure("a keyword has no code")
        }
    }
}
