/// Lengths of one field's texts: one u16 per document of the segment, 0 for a document without the field.
///
/// A length counts surface positions, so that added forms (stems, parts) do not lengthen a text; it saturates at 65,535.
/// Stored exactly rather than in one lossy byte: two bytes a document buy scores that a formula on paper reproduces.
/// The memory belongs to the segment.
struct FieldNorms: @unchecked Sendable {
    // SAFETY (unchecked Sendable): immutable bytes of an immutable segment.
    let lengths: UnsafePointer<UInt16>
    /// ``LengthCode`` of each, for upper bounds.
    let codes: UnsafePointer<UInt8>
    let count: Int
}

extension FieldNorms {
    /// The length that counts: at least 1 where the text has tokens (a word of which only parts are indexed), at most 65,535.
    static func normalised(length: Int, tokens: Int) -> Int {
        min(max(length, tokens > 0 ? 1 : 0), LexicalFormat.lengthMax)
    }
}
