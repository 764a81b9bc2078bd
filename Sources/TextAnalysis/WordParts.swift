/// The pieces of a word that the segmenter keeps whole: `node.js` → `node`, `js`; `snake_case` → `snake`, `case`; `3.14` →
/// `3`, `14`; `l'avion` → `l`, `avion`.
enum WordParts {
    /// Calls `body` with the bounds of every run of letters, digits and marks of a folded word.
    ///
    /// Non-ASCII bytes count as such, except U+00B7 (Catalan's middle dot) and the block of general punctuation, the only other
    /// characters that UAX #29 keeps inside a word of a living script.
    @inline(__always)
    static func forEach(_ word: UnsafePointer<UInt8>, _ count: Int, _ body: (_ start: Int, _ end: Int) -> Void) {
        let classes = ASCIISegmenter.classes
        let letterOrDigit = ASCIISegmenter.Class.letter.rawValue | ASCIISegmenter.Class.digit.rawValue
        var start = 0
        var index = 0
        while index < count {
            let byte = word[index]
            var skipped = 0
            if byte < 0x80 {
                if classes[Int(byte)] & letterOrDigit == 0 { skipped = 1 }
            } else if byte == 0xC2, index + 1 < count, word[index + 1] == 0xB7 {
                skipped = 2
            } else if byte == 0xE2, index + 2 < count, word[index + 1] == 0x80 || word[index + 1] == 0x81 {
                skipped = 3
            }
            if skipped == 0 {
                index += 1
                continue
            }
            if start < index { body(start, index) }
            index += skipped
            start = index
        }
        if start < count { body(start, count) }
    }
}
