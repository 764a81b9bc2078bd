public import SearchCore

/// Terms of one text, in two flat arrays, so that analysing a document allocates nothing per term. Reuse one value from text
/// to text: ``Analyzer/analyze(_:into:)`` empties it and keeps its memory.
///
/// A word gives, in this order and at one position: its surface form, its stem, its parts. Joined forms follow after the last
/// word that they contain, at the position of their first. Surface positions ascend by one; so do `start` and `end` of surface
/// tokens, except where one character folds to several words, which then all select it.
public struct AnalyzedText: Sendable {
    public struct Token: Sendable, Hashable {
        /// Where the term's key begins in ``AnalyzedText/termBytes``.
        public var termStart: UInt32
        /// Bytes of the key, form byte included; at most ``Limits/termBytesMax`` + 1.
        public var termLength: UInt16
        public var form: TermForm
        /// Number of the word, counted in surface forms from 0.
        public var position: UInt32
        /// First and one past the last UTF-8 byte, in the original text, of what the term stands for.
        public var start: UInt32
        public var end: UInt32
    }

    /// The keys (form byte, then UTF-8) of all tokens, back to back in token order.
    public var termBytes: [UInt8] = []
    public var tokens: [Token] = []
    /// Number of surface positions: the text's length for BM25.
    public var length = 0

    public init() {}

    /// The token's key, as in ``Term/key``.
    public func key(of token: Token) -> ArraySlice<UInt8> {
        termBytes[Int(token.termStart)..<Int(token.termStart) + Int(token.termLength)]
    }

    public func term(of token: Token) -> Term { Term(key: Array(key(of: token))) }

    /// The token's text without its form.
    public func text(of token: Token) -> String { String(decoding: key(of: token).dropFirst(), as: UTF8.self) }

    public mutating func removeAll(keepingCapacity: Bool = true) {
        termBytes.removeAll(keepingCapacity: keepingCapacity)
        tokens.removeAll(keepingCapacity: keepingCapacity)
        length = 0
    }
}
