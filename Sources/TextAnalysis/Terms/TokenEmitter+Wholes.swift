import CICU
import SearchCore

/// Joined forms: `c++`, `c#`, `.net`, `a-123`, `user@host`, `libfoo-dev`, `/etc/passwd`, `-o2`.
///
/// A chunk is what stands between white space. Sentence punctuation and brackets are trimmed from its ends; the rest is one
/// term, unless it is a single word (that has its surface form) or longer than ``wholeCodePointsMax`` or ``wholeWordsMax``,
/// which URLs and data are. Where separators such as `/`, `=` or `,` divide the chunk, its sections are joined forms as well:
/// `--color=always,c++/c#` holds `--color`, `c++` and `c#`.
extension TokenEmitter {
    static let wholeCodePointsMax = 64
    static let wholeWordsMax = 8
    /// Words that someone may write as one: `e-mail`, `note-book-like`.
    static let hyphenatedWordsMax = 3

    private struct SymbolClass: OptionSet {
        let rawValue: UInt8
        /// Means nothing before a word.
        static let trimmedBefore = SymbolClass(rawValue: 1)
        /// Means nothing after a word.
        static let trimmedAfter = SymbolClass(rawValue: 2)
        /// Divides a chunk into sections.
        static let separator = SymbolClass(rawValue: 4)
    }

    private static let symbolClasses: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 128)
        func mark(_ symbols: String, _ symbolClass: SymbolClass) {
            for byte in symbols.utf8 { table[Int(byte)] |= symbolClass.rawValue }
        }
        // Kept before a word: - -- . / # @ $ + ~ % \ (options, hidden files, paths, tags, variables, percentages).
        mark("()[]{}<>\"'`,;:!?|=*^&_", .trimmedBefore)
        // Kept after a word: + # % $ (c++, c#, 50%, 100$).
        mark("()[]{}<>\"'`,;:!?|=*^&_./\\-~@", .trimmedAfter)
        mark("()[]{}<>\"`,;:!?|=&/\\", .separator)
        return table
    }()

    /// Emits the joined forms of the chunk `range`, in which no white space stands. `first`: position of its first word.
    @inline(never)
    mutating func emitWholes(
        _ segments: UnsafeBufferPointer<tandem_segment>, _ range: Range<Int>, _ first: UInt32,
        _ folded: UnsafePointer<UInt8>, _ base: UInt32
    ) {
        Self.symbolClasses.withUnsafeBufferPointer { classes in
            func symbolClass(_ index: Int) -> UInt8 {
                let segment = segments[index]
                guard segment.kind == UInt8(TANDEM_SEGMENT_SYMBOL) else { return 0 }
                let byte = folded[Int(segment.folded_start)]
                return byte < 0x80 ? classes[Int(byte)] : 0
            }
            let chunk = trim(segments, range, folded, symbolClass)
            emitWhole(segments, chunk, range.lowerBound, first, folded, base)

            var sectionStart = chunk.lowerBound
            var position = first
            var positionIndex = range.lowerBound
            for index in chunk {
                guard symbolClass(index) & SymbolClass.separator.rawValue != 0 else { continue }
                section(index)
                sectionStart = index + 1
            }
            if sectionStart > chunk.lowerBound { section(chunk.upperBound) }

            func section(_ end: Int) {
                guard end - sectionStart > 1 else { return }
                let trimmed = trim(segments, sectionStart..<end, folded, symbolClass)
                guard trimmed != chunk else { return }
                while positionIndex < trimmed.lowerBound {
                    if segments[positionIndex].kind != UInt8(TANDEM_SEGMENT_SYMBOL) { position &+= 1 }
                    positionIndex += 1
                }
                emitWhole(segments, trimmed, trimmed.lowerBound, position, folded, base)
            }
        }
    }

    /// Without the symbols at both ends that mean nothing there. A closing bracket stays if its partner is inside: `f(x)`.
    private func trim(
        _ segments: UnsafeBufferPointer<tandem_segment>, _ range: Range<Int>, _ folded: UnsafePointer<UInt8>,
        _ symbolClass: (Int) -> UInt8
    ) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, symbolClass(start) & SymbolClass.trimmedBefore.rawValue != 0 { start += 1 }
        // An ellipsis or a rule (`...`, `---`) is punctuation, where `.`, `..`, `-` and `--` are not.
        if start < end {
            let byte = folded[Int(segments[start].folded_start)]
            if segments[start].kind == UInt8(TANDEM_SEGMENT_SYMBOL), byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") {
                var runEnd = start
                while runEnd < end, segments[runEnd].kind == UInt8(TANDEM_SEGMENT_SYMBOL),
                    folded[Int(segments[runEnd].folded_start)] == byte
                { runEnd += 1 }
                if runEnd - start > 2 { start = runEnd }
            }
        }
        trailing: while start < end, symbolClass(end - 1) & SymbolClass.trimmedAfter.rawValue != 0 {
            // Longer ranges give no whole form, so their brackets need no partners.
            if end - start <= 2 * Self.wholeCodePointsMax {
                let closing = folded[Int(segments[end - 1].folded_start)]
                let opening: UInt8
                switch closing {
                case UInt8(ascii: ")"): opening = UInt8(ascii: "(")
                case UInt8(ascii: "]"): opening = UInt8(ascii: "[")
                case UInt8(ascii: "}"): opening = UInt8(ascii: "{")
                case UInt8(ascii: ">"): opening = UInt8(ascii: "<")
                default: end -= 1; continue trailing
                }
                var open = 0
                for index in start..<end where segments[index].kind == UInt8(TANDEM_SEGMENT_SYMBOL) {
                    let byte = folded[Int(segments[index].folded_start)]
                    if byte == opening { open += 1 } else if byte == closing { open -= 1 }
                }
                // `open` counts this bracket too: 0 means that it has its partner.
                if open >= 0 { break trailing }
            }
            end -= 1
        }
        return start..<end
    }

    /// Emits `range` joined, if it is more than a word and within bounds. `first` is the position of the first word from
    /// `firstIndex` on.
    private mutating func emitWhole(
        _ segments: UnsafeBufferPointer<tandem_segment>, _ range: Range<Int>, _ firstIndex: Int, _ first: UInt32,
        _ folded: UnsafePointer<UInt8>, _ base: UInt32
    ) {
        guard range.count > 1, range.count <= Self.wholeCodePointsMax else { return }
        var words = 0
        for index in range where segments[index].kind != UInt8(TANDEM_SEGMENT_SYMBOL) { words += 1 }
        guard words > 0, words <= Self.wholeWordsMax else { return }
        var position = first
        for index in firstIndex..<range.lowerBound where segments[index].kind != UInt8(TANDEM_SEGMENT_SYMBOL) { position &+= 1 }

        let head = segments[range.lowerBound]
        let tail = segments[range.upperBound - 1]
        let text = folded + Int(head.folded_start)
        let count = Int(tail.folded_end - head.folded_start)
        guard count <= Limits.termBytesMax else { return }
        var codePoints = 0
        for index in 0..<count where text[index] & 0xC0 != 0x80 { codePoints += 1 }
        guard codePoints <= Self.wholeCodePointsMax else { return }
        append(.whole, text, count, position, base &+ head.source_start, base &+ tail.source_end, exact: true)
        if words > 1, words <= Self.hyphenatedWordsMax { emitWithoutHyphens(text, count, position, base &+ head.source_start, base &+ tail.source_end) }
    }

    /// `e-mail` as `email`, `a-123` as `a123`, a part, where nothing but hyphens is inside.
    private mutating func emitWithoutHyphens(_ text: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32) {
        guard indexesParts else { return }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count + StemCache.wordBytesMax + 1) { buffer in
            guard let joined = Self.withoutHyphens(UnsafeBufferPointer(start: text, count: count), into: buffer) else { return }
            appendJoinedPart(buffer, joined, position, start, end)
        }
    }

    /// - Returns: the bytes written; nil where there is no hyphen, or something else than letters, digits and hyphens, or it begins with a digit.
    static func withoutHyphens(_ text: UnsafeBufferPointer<UInt8>, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        var written = 0
        for byte in text {
            if byte == UInt8(ascii: "-") { continue }
            let isLetter = byte >= 0x80 || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
            guard isLetter || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) else { return nil }
            buffer[written] = byte
            written += 1
        }
        guard written > 0, written < text.count, !WordParts.beginsWithDigit(UnsafePointer(buffer.baseAddress!), written) else { return nil }
        return written
    }
}
