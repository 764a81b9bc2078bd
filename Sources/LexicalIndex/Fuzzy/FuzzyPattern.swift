import SearchCore

/// Which keys a fuzzy word stands for: leading bytes as they are, then text within an edit distance of a word.
///
/// A key matches when it begins with ``leading``, when the rest is UTF-8, and when that text is within ``distance`` edits of
/// the word and begins with the word's first `prefixLength` code points. Edits: ``LevenshteinAutomaton``.
public struct FuzzyPattern: Sendable {
    /// Bytes that a key has to begin with: the caller's, then the word's code points that must be equal.
    public let leading: [UInt8]
    /// Reads what follows ``leading``. A common prefix takes no part in the distance of two words, so the rest of the word
    /// alone gives the distance of the whole.
    public let automaton: LevenshteinAutomaton

    /// Edits allowed.
    public var distance: Int { automaton.distance }

    /// - Parameters:
    ///   - leading: what stands before the text in a key (a form byte); empty is legal.
    ///   - word: its text as keys have it: folded and normalised alike. Empty is legal: it stands for texts of up to
    ///     `distance` code points.
    ///   - distance: edits allowed, 0 to ``LevenshteinAutomaton/distanceMax``.
    ///   - prefixLength: so many code points at the beginning have to be equal; a shorter word has to be equal as a whole.
    ///   - transpositions: a swap of two neighbours is one edit; else it is two.
    /// - Throws: `INVALID_ARGUMENT` when a number is out of its range, or when the word has more than
    ///   ``Limits/termBytesMax`` bytes.
    public init(leading: [UInt8], word: String, distance: Int, prefixLength: Int = 0, transpositions: Bool = true) throws {
        guard (0...LevenshteinAutomaton.distanceMax).contains(distance) else {
            throw TandemError.invalidArgument("an edit distance of \(distance); expected 0 to \(LevenshteinAutomaton.distanceMax)")
        }
        guard prefixLength >= 0 else { throw TandemError.invalidArgument("a prefix length of \(prefixLength); expected 0 or more") }
        guard word.utf8.count <= Limits.termBytesMax else {
            throw TandemError.invalidArgument("a fuzzy word of \(word.utf8.count) bytes; expected \(Limits.termBytesMax) at most")
        }
        var leading = leading
        for scalar in word.unicodeScalars.prefix(prefixLength) { leading.append(contentsOf: UTF8.encode(scalar)!) }
        self.leading = leading
        automaton = LevenshteinAutomaton(
            word: word.unicodeScalars.dropFirst(prefixLength), distance: distance, transpositions: transpositions)
    }
}

/// A key that a fuzzy word stands for.
public struct FuzzyExpansion: Sendable, Hashable {
    public var key: [UInt8]
    /// Edits between the word and the key's text.
    public var distance: Int
    /// Live documents with the key; over several segments their sum,
    /// over several fields the largest.
    public var documentFrequency: Int

    public init(key: [UInt8], distance: Int, documentFrequency: Int) {
        self.key = key
        self.distance = distance
        self.documentFrequency = documentFrequency
    }
}
