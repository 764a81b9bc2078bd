/// Counting and stepping in UTF-8. A character is a Unicode code point here.
enum UTF8Text {
    /// White space of ASCII; where a text may be taken apart.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// Code points that begin in `range`.
    static func characters(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
        var count = 0
        for byte in UnsafeBufferPointer(rebasing: text[range]) where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// `start`, or up to `count` code points behind it, not past `end`.
    static func forward(_ text: UnsafeBufferPointer<UInt8>, from start: Int, by count: Int, to end: Int) -> Int {
        var (index, left) = (start, count)
        while index < end, left > 0 {
            index += 1
            while index < end, text[index] & 0xC0 == 0x80 { index += 1 }
            left -= 1
        }
        return index
    }

    /// `start`, or up to `count` code points before it, not before `end`.
    static func backward(_ text: UnsafeBufferPointer<UInt8>, from start: Int, by count: Int, to end: Int) -> Int {
        var (index, left) = (start, count)
        while index > end, left > 0 {
            index -= 1
            while index > end, text[index] & 0xC0 == 0x80 { index -= 1 }
            left -= 1
        }
        return index
    }

    /// `range` without ASCII white space and U+3000 at its ends; what lies in `kept` stays.
    static func trimmed(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, keeping kept: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        let (startMax, endMin) = kept.isEmpty ? (end, start) : (kept.lowerBound, kept.upperBound)
        while start < startMax, let width = spaceWidth(text, at: start), start + width <= startMax { start += width }
        while end > max(endMin, start) {
            if isSpace(text[end - 1]) {
                end -= 1
            } else if end - 3 >= max(endMin, start), spaceWidth(text, at: end - 3) == 3 {
                end -= 3
            } else {
                break
            }
        }
        return start..<max(start, end)
    }

    private static func spaceWidth(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> Int? {
        if isSpace(text[index]) { return 1 }
        return index + 2 < text.count && text[index] == 0xE3 && text[index + 1] == 0x80 && text[index + 2] == 0x80 ? 3 : nil
    }
}
