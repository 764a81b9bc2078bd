/// Which spelling of a word a term is. On disk (first byte of every term): never renumber; 0 is invalid.
///
/// The form is part of the term's key, so that the stem "run" and the word "run" keep separate document frequencies.
public enum TermForm: UInt8, Sendable, Hashable, CaseIterable {
    /// The word as it stands in the text, after NFKC case folding. Surface positions make up a field's length.
    case surface = 1
    /// What a stemmer leaves of the surface form, without accents; indexed for every word of a script that has stemmers, also where it equals the surface form.
    case stem = 2
    /// Part of a word that the segmenter keeps whole (`node`, `js` of `node.js`).
    case part = 3
    /// Several words that no space divides, joined (`a-123`, `c++`, `user@host`).
    case whole = 4
    /// The word without accents, vowel signs and script variants, where it has any: `cafe` for `café`.
    case folded = 5
    /// Two neighbouring characters of Chinese, Japanese or Korean.
    case bigram = 6
    /// A language in which some of the text is: its ISO 639-1 code. No word; tells which languages a collection holds.
    case language = 7

    /// Whether the index keeps where in a text a term of this form stands.
    public var hasPosition: Bool { self != .part && self != .language }
}

/// A term of the inverted index: one form byte followed by the form's UTF-8 bytes.
///
/// Order is that of the bytes, which is the order of the term dictionary.
public struct Term: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `key[0]` is a ``TermForm``; the rest is UTF-8, at most ``Limits/termBytesMax`` bytes.
    public let key: [UInt8]

    @inlinable public init(key: [UInt8]) { self.key = key }

    @inlinable public init(form: TermForm, text: some Sequence<UInt8>) {
        var key: [UInt8] = []
        key.reserveCapacity(text.underestimatedCount + 1)
        key.append(form.rawValue)
        key.append(contentsOf: text)
        self.key = key
    }

    public init(form: TermForm, _ text: String) { self.init(form: form, text: text.utf8) }

    /// Nil for an empty key or an unknown form byte, as in a damaged file.
    public var form: TermForm? { key.first.flatMap(TermForm.init(rawValue:)) }
    public var text: String { String(decoding: key.dropFirst(), as: UTF8.self) }
    public var description: String { "\(form.map(String.init(describing:)) ?? "?"):\(text)" }

    /// As a whole: an array of bytes would be hashed byte by byte.
    public func hash(into hasher: inout Hasher) { key.withUnsafeBytes { hasher.combine(bytes: $0) } }

    @inlinable public static func < (a: Term, b: Term) -> Bool { a.key.lexicographicallyPrecedes(b.key) }
}
