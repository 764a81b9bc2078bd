/// Takes the analysed text of documents field by field, as plain bytes; this target knows no analyzer.
public protocol LexicalFieldSink {
    /// Adds the text of one field of the current document.
    ///
    /// - Parameters:
    ///   - field: number of the text field; at most one call per field and document.
    ///   - length: surface positions of the text. It counts as at least 1 when there are tokens, and as 65,535 beyond that.
    ///     A document *has* a field when the field's length is above 0.
    ///   - termBytes: term keys (`Term.key`: form byte and UTF-8), anywhere in it.
    ///   - tokenCount: tokens of all forms; repeated keys make up the frequency.
    ///   - token: byte range of the `i`th token's key in `termBytes`: 1 to 256 bytes.
    mutating func addField(
        _ field: Int, length: Int, termBytes: UnsafeRawBufferPointer, tokenCount: Int,
        token: (_ i: Int) -> (start: Int, length: Int))
}
