import CICU

/// The pieces of a word that the segmenter keeps whole: `node.js` → `node`, `js`; `snake_case` → `snake`, `case`; `3.14` →
/// `3`, `14`; `l'avion` → `l`, `avion`; `東京タワー` → `東`, `京`, `タワー`; `CPU를` → `cpu`, `를`.
///
/// Every Han character is a piece, because where a dictionary draws the borders of Chinese words depends on what stands around
/// them: the same word may be one in a text and two in a query.
enum WordParts {
    /// Calls `body` with the bounds of every Han character, and of every run of other letters, digits and marks, of a folded word.
    ///
    /// Non-ASCII bytes count as such, except U+00B7 (Catalan's middle dot) and the block of general punctuation, the only other
    /// characters that UAX #29 keeps inside a word of a living script.
    @inline(__always)
    static func forEach(_ word: UnsafePointer<UInt8>, _ count: Int, _ body: (_ start: Int, _ end: Int) -> Void) {
        let classes = ASCIISegmenter.classes
        let letterOrDigit = ASCIISegmenter.Class.letter.rawValue | ASCIISegmenter.Class.digit.rawValue
        var start = 0
        var index = 0
        var runIsHangul = false
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
            let ideograph = skipped == 0 ? ideographBytes(word + index, count - index) : 0
            if skipped == 0, ideograph == 0 {
                // Only where a character begins: Korean and what it is written together with.
                if byte & 0xC0 != 0x80 {
                    let isHangul = byte >= 0xEA && byte <= 0xED && WordScript.of(word + index, count - index) == .hangul
                    if start < index, isHangul != runIsHangul {
                        body(start, index)
                        start = index
                    }
                    runIsHangul = isHangul
                }
                index += 1
                continue
            }
            if start < index { body(start, index) }
            if ideograph > 0 { body(index, index + ideograph) }
            skipped += ideograph
            index += skipped
            start = index
        }
        if start < count { body(start, count) }
    }

    /// So many pieces someone may write as one; of an abbreviation (`u.s.s.r`) more.
    private static let joinedPiecesMax = 3
    private static let joinedLettersMax = 8
    static let joinedBytesMax = 64

    /// A word of a few pieces with dots or underscores between without them: `node.js` as `nodejs`, `user_name` as `username`, `u.s.a` as `usa`. Not what apostrophes
    /// join, since `we'll` is no `well`; nothing that begins with a digit; no Han, kana, Hangul, emoji.
    /// - Parameter buffer: room for ``joinedBytesMax``.
    /// - Returns: the bytes written, or nil.
    static func joined(_ word: UnsafePointer<UInt8>, _ count: Int, into buffer: UnsafeMutablePointer<UInt8>) -> Int? {
        guard count <= joinedBytesMax else { return nil }
        let classes = ASCIISegmenter.classes
        let letterOrDigit = ASCIISegmenter.Class.letter.rawValue | ASCIISegmenter.Class.digit.rawValue
        var (written, pieces, letters) = (0, 1, 0)
        var areSingle = true
        for index in 0..<count {
            let byte = word[index]
            if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") {
                guard letters > 0 else { continue }
                (pieces, letters) = (pieces + 1, 0)
                continue
            }
            // 0xC2 leads signs, the middle dot of Catalan among them; 0xE2 0x80 general punctuation.
            guard byte >= 0x80 ? byte < 0xE3 && byte != 0xC2 : classes[Int(byte)] & letterOrDigit != 0 else { return nil }
            if byte == 0xE2, index + 1 < count, word[index + 1] <= 0x81 { return nil }
            if byte & 0xC0 != 0x80 { letters += 1 }
            if letters > 1 { areSingle = false }
            buffer[written] = byte
            written += 1
        }
        if letters == 0 { pieces -= 1 }
        return pieces > 1 && !beginsWithDigit(UnsafePointer(buffer), written) && pieces <= (areSingle ? joinedLettersMax : joinedPiecesMax) ? written : nil
    }

    /// Of whatever script.
    static func beginsWithDigit(_ word: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        guard count > 0 else { return false }
        var first = word[0]
        if first >= 0x80 {
            var length = 1
            while length < count, word[length] & 0xC0 == 0x80 { length += 1 }
            // Well-formed or not, a character has four bytes at most.
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { plain in
                if length <= 4, tandem_fold_variants(word, length, plain.baseAddress, 0) > 0 { first = plain[0] }
            }
        }
        return first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9")
    }

    /// Whether a piece is one Han character.
    static func isIdeograph(_ piece: [UInt8]) -> Bool {
        piece.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { ideographBytes($0, bytes.count) == bytes.count } ?? false
        }
    }

    /// Bytes of the Han character at `text`, or 0: U+3007, U+3400–4DBF, U+4E00–9FFF, planes 2 and 3.
    @inline(__always)
    private static func ideographBytes(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
        if count >= 4, text[0] == 0xF0, text[1] >= 0xA0 { return 4 }
        guard count >= 3, text[0] >= 0xE3, text[0] <= 0xE9 else { return 0 }
        let scalar = UInt32(text[0] & 0x0F) << 12 | UInt32(text[1] & 0x3F) << 6 | UInt32(text[2] & 0x3F)
        return scalar == 0x3007 || (0x3400...0x4DBF).contains(scalar) || (0x4E00...0x9FFF).contains(scalar) ? 3 : 0
    }
}
