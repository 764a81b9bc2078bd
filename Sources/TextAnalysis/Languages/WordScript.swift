/// The script of a word, as far as stemmers and bigrams care: told from its first bytes, since a word is of one script (but for Latin letters and digits that
/// Korean writes together with its own).
enum WordScript: UInt8, Sendable, CaseIterable {
    /// Latin letters, digits, and what else begins with ASCII.
    case latin, greek, cyrillic, armenian, hebrew, arabic, devanagari, tamil, hangul
    /// Han, hiragana, katakana: written without spaces.
    case chineseOrJapanese
    case other

    static let count = allCases.count

    /// - Parameter word: folded UTF-8, not empty.
    @inline(__always)
    static func of(_ word: UnsafePointer<UInt8>, _ count: Int) -> WordScript {
        let lead = word[0]
        if lead < 0x80 { return .latin }
        return ofNonASCII(word, count)
    }

    private static func ofNonASCII(_ word: UnsafePointer<UInt8>, _ count: Int) -> WordScript {
        guard count > 1 else { return .other }
        let (lead, second) = (word[0], word[1])
        switch lead {
        case 0xC3...0xCA: return .latin
        case 0xCD...0xCF: return .greek
        case 0xD0...0xD3: return .cyrillic
        case 0xD4: return second < 0xB0 ? .cyrillic : .armenian
        case 0xD5: return .armenian
        case 0xD6: return second < 0x90 ? .armenian : .hebrew
        case 0xD7: return .hebrew
        case 0xD8...0xDB: return .arabic
        case 0xDD: return second >= 0x90 && second < 0xC0 ? .arabic : .other
        case 0xE0: return second == 0xA4 || second == 0xA5 ? .devanagari : second == 0xAE || second == 0xAF ? .tamil : .other
        case 0xE1: return second >= 0xB8 && second <= 0xBB ? .latin : second >= 0xBC ? .greek : .other
        case 0xE3: return second == 0x80 && count > 2 && word[2] != 0x85 && word[2] != 0x86 && word[2] != 0x87 ? .other : .chineseOrJapanese
        case 0xE4...0xE9: return .chineseOrJapanese
        case 0xEA: return second >= 0xB0 ? .hangul : .other
        case 0xEB, 0xEC: return .hangul
        case 0xED: return second < 0x9E || (second == 0x9E && count > 2 && word[2] < 0xA4) ? .hangul : .other
        case 0xF0: return second >= 0xA0 ? .chineseOrJapanese : .other
        default: return .other
        }
    }
}
