/// Columns that text takes on a terminal: 2 for Chinese, Japanese, Korean and most emoji, 0 for marks.
public enum DisplayWidth {
    /// East Asian Width W and F, apart from emoji, which the standard library knows (Unicode 16, EastAsianWidth.txt).
    /// Unassigned code points in between count as wide, as terminals do.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
        0x1F200...0x1F2FF, 0x20000...0x3FFFD,
    ]

    public static func of(_ text: some StringProtocol) -> Int {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    public static func of(_ character: Character) -> Int {
        var width = 0
        for scalar in character.unicodeScalars {
            // Emoji presentation makes narrow symbols wide.
            if scalar.value == 0xFE0F { return 2 }
            width = max(width, of(scalar))
        }
        return width
    }

    private static func of(_ scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .surrogate: return 0
        default: break
        }
        return scalar.properties.isEmojiPresentation || wideRanges.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// `text` cut to `columns`, with … where something is missing; never cut inside a character.
    public static func cut(_ text: String, to columns: Int) -> String {
        if columns <= 0 { return "" }
        // A character takes at most 2 columns and at least a byte, so short texts need no look.
        if text.utf8.count <= columns { return text }
        var width = 0
        var cutEnd = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let next = width + of(text[index])
            if next > columns { return text[..<cutEnd] + "…" }
            width = next
            index = text.index(after: index)
            if width < columns { cutEnd = index }
        }
        return text
    }

    /// `text` without what would steer the terminal or break a table: control characters and line breaks become spaces,
    /// runs of white space one.
    public static func plain(_ text: some StringProtocol) -> String {
        var result = ""
        var isSpace = true
        for scalar in text.unicodeScalars {
            let steers: Bool
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate: steers = true
            // Overrides of the writing direction would turn the rest of the line around.
            case .format: steers = (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            default: steers = false
            }
            if steers {
                if !isSpace { result.unicodeScalars.append(" ") }
                isSpace = true
            } else {
                result.unicodeScalars.append(scalar)
                isSpace = false
            }
        }
        if isSpace, !result.isEmpty { result.removeLast() }
        return result
    }
}
