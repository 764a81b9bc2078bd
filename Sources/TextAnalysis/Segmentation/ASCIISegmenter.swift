import CICU

/// UAX #29's word rules on ASCII, in plain Swift: the same pieces as ICU's root rules give, many times faster (docs/analysis.md).
///
/// What remains of the rules where every character is ASCII (`:` and `@` are borders, see CICU's characters.h):
/// letters, digits and underscores stick together (WB5, 8, 9, 10, 13a, 13b); `.` and `'` stick between two letters (WB6, 7);
/// `.`, `'`, `,` and `;` between two digits (WB11, 12); everything else is a piece of its own.
enum ASCIISegmenter {
    /// Per byte: what it is to the rules.
    struct Class: OptionSet {
        let rawValue: UInt8
        static let letter = Class(rawValue: 1)
        static let digit = Class(rawValue: 2)
        static let underscore = Class(rawValue: 4)
        /// Joins two letters or two digits.
        static let midBoth = Class(rawValue: 8)
        /// Joins two digits.
        static let midNumber = Class(rawValue: 16)
        /// Neither white space nor control character.
        static let graphic = Class(rawValue: 32)
        /// Part of a word wherever it stands.
        static let wordMask: UInt8 = 1 | 2 | 4
    }

    /// 256 entries; lives as long as the process.
    // SAFETY: written once, before its address is known to anyone.
    nonisolated(unsafe) static let classes: UnsafePointer<UInt8> = {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        table.initialize(repeating: 0, count: 256)
        for byte in 0x21...0x7E { table[byte] = Class.graphic.rawValue }
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            table[Int(byte)] |= Class.letter.rawValue
            table[Int(byte) - 0x20] |= Class.letter.rawValue
        }
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] |= Class.digit.rawValue }
        table[Int(UInt8(ascii: "_"))] |= Class.underscore.rawValue
        for byte in [UInt8(ascii: "."), UInt8(ascii: "'")] { table[Int(byte)] |= Class.midBoth.rawValue }
        for byte in [UInt8(ascii: ","), UInt8(ascii: ";")] { table[Int(byte)] |= Class.midNumber.rawValue }
        return UnsafePointer(table)
    }()

    /// Writes the pieces of a folded ASCII text and returns their number.
    ///
    /// - Parameters:
    ///   - text: lower-case ASCII, followed by 32 zeros.
    ///   - base: added to the offsets in the source.
    ///   - segments: room for `count` pieces.
    /// - Complexity: O(`count`).
    static func segment(
        _ text: UnsafePointer<UInt8>, count: Int, base: UInt32, into segments: UnsafeMutablePointer<tandem_segment>
    ) -> Int {
        let classes = Self.classes
        var produced = 0
        var separated: UInt8 = 1
        var index = 0
        while index < count {
            let start = index
            var of = classes[Int(text[index])]
            guard of & Class.wordMask != 0 else {
                index += 1
                if of & Class.graphic.rawValue == 0 {
                    separated = 1
                    continue
                }
                segments[produced] = piece(start, index, base, UInt8(TANDEM_SEGMENT_SYMBOL), separated, 0)
                produced += 1
                separated = 0
                continue
            }
            // The whole run of letters, digits and underscores at once: a loop per byte mispredicts its end once a word.
            var isWord = false
            var isCompound = false
            while true {
                let run = wordRun(text + index)
                isWord = isWord || run.hasLetterOrDigit
                isCompound = isCompound || run.hasUnderscore
                index += run.count
                // `text[count]` and what follows it end every run.
                guard run.count < 8 else { continue }
                of = classes[Int(text[index])]
                guard of & (Class.midBoth.rawValue | Class.midNumber.rawValue) != 0, index + 1 < count else { break }
                let sides = classes[Int(text[index - 1])] & classes[Int(text[index + 1])]
                let joined = of & Class.midBoth.rawValue != 0 ? Class.letter.rawValue | Class.digit.rawValue : Class.digit.rawValue
                guard sides & joined != 0 else { break }
                isCompound = true
                index += 1
            }
            segments[produced] = piece(
                start, index, base, UInt8(isWord ? TANDEM_SEGMENT_WORD : TANDEM_SEGMENT_SYMBOL), separated,
                isWord && isCompound ? 1 : 0)
            produced += 1
            separated = 0
        }
        return produced
    }

    /// Length (at most 8) of the run of `[a-z0-9_]` at `text`, and what is in it. Reads 8 bytes, all of them ASCII.
    ///
    /// Arithmetic on eight bytes in one integer (Lamport, "Multiple byte processing with full-word instructions", 1975):
    /// for x < 128, the top bit of x + (128 − c) says x ≥ c, and no sum carries into the next byte. Swift's SIMD vectors
    /// compared lane by lane here: with them the analyzer fell from 365 to 34 MB/s (no stemmer).
    @inline(__always)
    private static func wordRun(_ text: UnsafePointer<UInt8>) -> (count: Int, hasLetterOrDigit: Bool, hasUnderscore: Bool) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let bytes = UInt64(littleEndian: UnsafeRawPointer(text).loadUnaligned(as: UInt64.self))
        @inline(__always) func atLeast(_ limit: UInt64) -> UInt64 { bytes &+ ones &* (128 &- limit) }
        let letters = atLeast(0x61) & ~atLeast(0x7B)
        let digits = atLeast(0x30) & ~atLeast(0x3A)
        let underscores = ~((bytes ^ (ones &* 0x5F)) &+ ones &* 0x7F)
        let words = (letters | digits) & tops
        let lines = underscores & tops
        let ends = ~(words | lines) & tops
        // 64 where all eight belong to the run.
        let bits = ends.trailingZeroBitCount
        let inside = (ends & (0 &- ends)) &- 1
        return (bits &>> 3, words & inside != 0, lines & inside != 0)
    }

    @inline(__always)
    private static func piece(
        _ start: Int, _ end: Int, _ base: UInt32, _ kind: UInt8, _ separated: UInt8, _ compound: UInt8
    ) -> tandem_segment {
        let start = UInt32(truncatingIfNeeded: start)
        let end = UInt32(truncatingIfNeeded: end)
        return tandem_segment(
            folded_start: start, folded_end: end, source_start: base &+ start, source_end: base &+ end,
            kind: kind, separated: separated, compound: compound, verbatim: 0)
    }
}
