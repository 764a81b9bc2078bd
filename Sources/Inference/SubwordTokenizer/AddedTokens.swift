/// Finds added tokens such as "[MASK]" in bytes: the leftmost, among those the longest, without overlap.
///
/// Hugging Face's `AddedVocabulary` does this with an Aho-Corasick automaton; vocabularies add a handful of tokens with
/// few first bytes, so a table of first bytes finds candidates at the speed of a byte loop.
/// `lstrip` and `rstrip` have no effect here: they only hand white space to the token, which the splitter drops anyway.
struct AddedTokens: Sendable {
    struct Token: Sendable {
        var content: [UInt8]
        var id: Int32
        /// Only where no word character (`\w`) touches it.
        var singleWord: Bool
    }

    /// Longest first, so that the first that matches is the one.
    private let tokens: [Token]
    private let firstBytes: [Bool]
    let isEmpty: Bool

    init(_ tokens: [Token]) {
        let usable = tokens.filter { !$0.content.isEmpty }
        self.tokens = usable.enumerated().sorted {
            $0.element.content.count != $1.element.content.count
                ? $0.element.content.count > $1.element.content.count : $0.offset < $1.offset
        }.map(\.element)
        var first = [Bool](repeating: false, count: 256)
        for token in usable { first[Int(token.content[0])] = true }
        firstBytes = first
        isEmpty = usable.isEmpty
    }

    /// Calls `text` for each run between tokens (maybe empty runs are left out) and `token` for each token, in order.
    func split(_ bytes: UnsafeBufferPointer<UInt8>, text: (UnsafeBufferPointer<UInt8>) -> Void, token: (Int32) -> Void) {
        var runStart = 0
        var at = 0
        let count = bytes.count
        func emit(until end: Int) {
            if end > runStart { text(UnsafeBufferPointer(rebasing: bytes[runStart..<end])) }
        }
        firstBytes.withUnsafeBufferPointer { first in
            while at < count {
                if !first[Int(bytes[at])] {
                    at += 1
                    continue
                }
                guard let found = match(bytes, at) else {
                    at += 1
                    continue
                }
                let end = at + found.content.count
                if !found.singleWord || !(touchesWord(before: at, bytes) || touchesWord(after: end, bytes)) {
                    emit(until: at)
                    token(found.id)
                    runStart = end
                }
                at = end
            }
        }
        emit(until: count)
    }

    private func match(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Token? {
        tokens.first { token in
            guard token.content.count <= bytes.count - at else { return false }
            for (i, byte) in token.content.enumerated() where bytes[at + i] != byte { return false }
            return true
        }
    }

    private func touchesWord(before index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var start = index - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        guard start >= 0 else { return false }
        return isWord(bytes, start)
    }

    private func touchesWord(after index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        index < bytes.count && isWord(bytes, index)
    }

    /// `\w` of Unicode regular expressions (UTS #18): alphabetic, mark, decimal digit, connector, join control.
    private func isWord(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
        var index = at
        guard let scalar = Unicode.Scalar(UTF8Scalar.decode(bytes, &index)) else { return false }
        let properties = scalar.properties
        if properties.isAlphabetic || properties.isJoinControl { return true }
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
        default: return false
        }
    }
}

enum UTF8Scalar {
    /// Scalar that starts at `index`, which moves behind it. The bytes are valid UTF-8 (they come from a `String`).
    @inline(__always)
    static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt32 {
        let lead = UInt32(bytes[index])
        if lead < 0x80 {
            index += 1
            return lead
        }
        if lead < 0xE0 {
            let scalar = (lead & 0x1F) << 6 | UInt32(bytes[index + 1]) & 0x3F
            index += 2
            return scalar
        }
        if lead < 0xF0 {
            let scalar = (lead & 0x0F) << 12 | (UInt32(bytes[index + 1]) & 0x3F) << 6 | UInt32(bytes[index + 2]) & 0x3F
            index += 3
            return scalar
        }
        let high = (lead & 0x07) << 18 | (UInt32(bytes[index + 1]) & 0x3F) << 12
        let low = (UInt32(bytes[index + 2]) & 0x3F) << 6 | UInt32(bytes[index + 3]) & 0x3F
        index += 4
        return high | low
    }

    /// Writes a scalar as UTF-8 and returns its number of bytes; room for four is the caller's duty.
    @inline(__always)
    static func encode(_ scalar: UInt32, _ out: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            out[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        let last = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        let second = UInt8(truncatingIfNeeded: 0x80 | (scalar >> 6) & 0x3F)
        if scalar < 0x800 {
            out[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
            out[1] = last
            return 2
        }
        if scalar < 0x10000 {
            out[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
            out[1] = second
            out[2] = last
            return 3
        }
        out[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        out[1] = UInt8(truncatingIfNeeded: 0x80 | (scalar >> 12) & 0x3F)
        out[2] = second
        out[3] = last
        return 4
    }
}
