import TextAnalysis

/// Which words may be corrected, and by how much.
enum SpellingRules {
    /// Shorter words have too many neighbours. A syllable of Hangul, or of several code points as in Devanagari, says more than a letter.
    static func isLongEnough(_ word: [Character]) -> Bool {
        if word.count > 2 { return true }
        guard word.count == 2, let scalar = word[0].unicodeScalars.first?.value else { return false }
        return (0xAC00...0xD7A3).contains(scalar) || word.reduce(0) { $0 + $1.unicodeScalars.count } > 4
    }

    /// Edits that a word of so many letters may be away.
    static func distance(letters: Int) -> Int { letters < 5 ? 1 : 2 }

    /// Letters and their marks alone, none of them Han: a wrong character of Chinese or Japanese is another word, and moves the borders of words around it.
    static func isPlain(_ word: [Character]) -> Bool {
        word.allSatisfy { letter in
            letter.isLetter && !letter.unicodeScalars.contains { $0.properties.isIdeographic }
        }
    }

    /// Capitals inside of a word, as in `readFile` and `iOS`: somebody has named something. All capitals are none of these.
    static func hasCapitalsInside(_ original: Substring) -> Bool {
        var hasLower = false
        for letter in original {
            if letter.isUppercase, hasLower { return true }
            if letter.isLowercase { hasLower = true }
        }
        return false
    }

    /// A correction in the case in which the word was written.
    static func inCase(of original: Substring, _ corrected: String) -> String {
        let cased = original.filter(\.isCased)
        guard let first = cased.first, first.isUppercase else { return corrected }
        if cased.count > 1, cased.allSatisfy(\.isUppercase) { return corrected.uppercased() }
        return corrected.prefix(1).uppercased() + corrected.dropFirst()
    }

    /// Both are written in one script, as far as scripts matter here: nobody means `сор` by `cop`.
    static func haveOneScript(_ a: [Character], _ b: [Character]) -> Bool {
        guard let first = a.first?.unicodeScalars.first, let other = b.first?.unicodeScalars.first else { return false }
        return script(first.value) == script(other.value)
    }

    /// The block of a letter, those of one script taken together; what is not listed is told apart by 128 code points, the size of a block of most scripts.
    private static func script(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0...0x24F, 0x1E00...0x1EFF: 0
        case 0x370...0x3FF, 0x1F00...0x1FFF: 1
        case 0x400...0x52F: 2
        case 0x590...0x5FF: 3
        case 0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF: 4
        case 0x3040...0x30FF: 5
        case 0xAC00...0xD7A3: 6
        default: 100 + scalar >> 7
        }
    }
}
