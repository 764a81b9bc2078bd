/// One term of a text.
public struct LexicalToken: Sendable, Hashable {
    /// Where its key begins among the text's bytes, and the key's bytes: 1 to 256.
    public var start: UInt32
    public var length: UInt16
    /// Number of the word in its text; nil: nobody will ask where the term stands. A key has positions everywhere in a field, or nowhere.
    public var position: UInt32?

    @inlinable public init(start: UInt32, length: UInt16, position: UInt32?) {
        self.start = start
        self.length = length
        self.position = position
    }
}

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
    ///   - token: the `i`th token; its key lies in `termBytes`.
    mutating func addField(
        _ field: Int, length: Int, termBytes: UnsafeRawBufferPointer, tokenCount: Int,
        token: (_ i: Int) -> LexicalToken)
}
