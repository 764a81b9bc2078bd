/// `BertNormalizer` as a function from text to text.
///
/// The tokenizer does not go this way: ``WordPieceScanner`` runs the same rules scalar by scalar without a string in
/// between. This is for what needs the normalised text itself: added tokens that are matched after normalisation.
struct BertNormalizer {
    let rules: BertTextRules
    let flags: BertNormalizerFlags

    /// - Parameter bytes: valid UTF-8.
    /// - Complexity: O(n) plus the sorting of runs of combining marks.
    func normalize(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var pending: [(combiningClass: UInt32, scalar: UInt32)] = []

        func write(_ scalar: UInt32) {
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
                let count = UTF8Scalar.encode(scalar, buffer.baseAddress!)
                out.append(contentsOf: buffer[..<count])
            }
        }
        func fold(_ scalar: UInt32) {
            let entry = rules.entry(scalar)
            if entry & BertTextRules.mark != 0 { return }
            if entry & BertTextRules.lowers != 0 {
                for part in rules.mapping(entry) { write(part) }
            } else {
                write(scalar)
            }
        }
        func flush() {
            for (_, scalar) in pending.sorted(by: { $0.combiningClass < $1.combiningClass }) { fold(scalar) }
            pending.removeAll(keepingCapacity: true)
        }
        func order(_ scalar: UInt32) {
            let combiningClass = (rules.entry(scalar) & BertTextRules.combiningClassMask) >> 8
            if combiningClass != 0 {
                pending.append((combiningClass, scalar))
            } else {
                flush()
                fold(scalar)
            }
        }
        func decompose(_ scalar: UInt32, _ entry: UInt32) {
            if entry & BertTextRules.hangul != 0 {
                for part in Hangul.decompose(scalar) { order(part) }
            } else if entry & BertTextRules.decomposes != 0 {
                for part in rules.mapping(entry) { order(part) }
            } else {
                order(scalar)
            }
        }

        var at = 0
        while at < bytes.count {
            let scalar = UTF8Scalar.decode(bytes, &at)
            let entry = rules.entry(scalar)
            if entry & BertTextRules.removed != 0 { continue }
            if entry & BertTextRules.space != 0 {
                // Without clean_text white space stays what it is; the splitter knows all kinds.
                order(flags.cleanText ? 0x20 : scalar)
            } else if entry & BertTextRules.ideograph != 0 {
                order(0x20)
                decompose(scalar, entry)
                order(0x20)
            } else {
                decompose(scalar, entry)
            }
        }
        flush()
        return out
    }
}

enum Hangul {
    /// Canonical decomposition of a syllable U+AC00…U+D7A3 by arithmetic: The Unicode Standard, 3.12.
    @inline(__always)
    static func decompose(_ syllable: UInt32) -> [UInt32] {
        let (leading, vowel, trailing) = parts(syllable)
        return trailing == 0 ? [leading, vowel] : [leading, vowel, trailing]
    }

    /// Leading consonant, vowel, and trailing consonant or 0.
    @inline(__always)
    static func parts(_ syllable: UInt32) -> (UInt32, UInt32, UInt32) {
        let index = syllable - 0xAC00
        return (0x1100 + index / 588, 0x1161 + index % 588 / 28, index % 28 == 0 ? 0 : 0x11A7 + index % 28)
    }
}
