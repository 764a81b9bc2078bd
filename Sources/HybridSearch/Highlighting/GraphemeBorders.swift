/// Moves places in a text outwards to the borders of its grapheme clusters (UAX #29, extended, as the standard library has them: Indic conjuncts
/// stay whole).
///
/// Most borders are seen from the two bytes beside them. Where they are not, clusters are walked from the nearest place before that is sure. Asked
/// in ascending order, as it should be, all questions together walk each cluster once: a text of a million flags or accents is no trap.
package struct GraphemeBorders {
    private let text: String
    private let bytes: UnsafeBufferPointer<UInt8>
    /// The cluster found last.
    private var start: String.Index
    private var startByte = 0
    private var endByte = 0

    /// - Parameters:
    ///   - text: native UTF-8.
    ///   - bytes: the same; must outlive this value.
    package init(_ text: String, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.text = text
        self.bytes = bytes
        start = text.startIndex
    }

    /// The last border at or before the byte.
    package mutating func floor(_ byte: Int) -> Int {
        if isSure(byte) { return byte }
        find(byte)
        return startByte
    }

    /// The first border at or behind the byte.
    package mutating func ceiling(_ byte: Int) -> Int {
        if isSure(byte) { return byte }
        find(byte)
        return byte == startByte ? byte : endByte
    }

    /// Ends of the text; beside a control character (GB4, GB5), but not inside CR LF (GB3); between two ASCII characters, which have no marks,
    /// joiners or prefixes among them.
    private func isSure(_ byte: Int) -> Bool {
        if byte == 0 || byte == bytes.count { return true }
        let (before, after) = (bytes[byte - 1], bytes[byte])
        if before == 0x0D, after == 0x0A { return false }
        return Self.isControl(before) || Self.isControl(after) || (before < 0x80 && after < 0x80)
    }

    private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }

    /// The cluster that holds the byte, 0 < byte < count.
    private mutating func find(_ byte: Int) {
        if byte >= startByte, byte < endByte { return }
        var sure = byte - 1
        let known = byte >= endByte ? endByte : 0
        while sure > known, !isSure(sure) { sure -= 1 }
        if sure > known || byte < startByte {
            start = text.utf8.index(text.utf8.startIndex, offsetBy: sure)
            startByte = sure
        } else if endByte > 0 {
            start = text.index(after: start)
            startByte = endByte
        }
        while true {
            let next = text.index(after: start)
            let nextByte = startByte + text.utf8.distance(from: start, to: next)
            if nextByte > byte {
                endByte = nextByte
                return
            }
            start = next
            startByte = nextByte
        }
    }
}
