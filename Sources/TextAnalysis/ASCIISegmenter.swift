import CICU

/// UAX #29's word rules on ASCII, in plain Swift: the same pieces as ICU's root rules give, some ten times faster.
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
    ///   - text: lower-case ASCII; `text[count]` must be readable and no part of a word.
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
            var seen: UInt8 = 0
            while true {
                // `text[count]` ends every word, so the loop needs no bound.
                repeat {
                    seen |= of
                    index += 1
                    of = classes[Int(text[index])]
                } while of & Class.wordMask != 0
                guard of & (Class.midBoth.rawValue | Class.midNumber.rawValue) != 0, index + 1 < count else { break }
                let sides = classes[Int(text[index - 1])] & classes[Int(text[index + 1])]
                let joined = of & Class.midBoth.rawValue != 0 ? Class.letter.rawValue | Class.digit.rawValue : Class.digit.rawValue
                guard sides & joined != 0 else { break }
                seen |= of
                index += 1
                of = classes[Int(text[index])]
            }
            let isWord = seen & (Class.letter.rawValue | Class.digit.rawValue) != 0
            let simple = Class.letter.rawValue | Class.digit.rawValue | Class.graphic.rawValue
            segments[produced] = piece(
                start, index, base, UInt8(isWord ? TANDEM_SEGMENT_WORD : TANDEM_SEGMENT_SYMBOL), separated,
                isWord && seen & ~simple != 0 ? 1 : 0)
            produced += 1
            separated = 0
        }
        return produced
    }

    @inline(__always)
    private static func piece(
        _ start: Int, _ end: Int, _ base: UInt32, _ kind: UInt8, _ separated: UInt8, _ compound: UInt8
    ) -> tandem_segment {
        let start = UInt32(truncatingIfNeeded: start)
        let end = UInt32(truncatingIfNeeded: end)
        return tandem_segment(
            folded_start: start, folded_end: end, source_start: base &+ start, source_end: base &+ end,
            kind: kind, separated: separated, compound: compound, reserved: 0)
    }
}
