/// Drops the markup of HTML and XML and decodes character references; what is no well-formed markup stays as it is.
///
/// A filter for words, not a parser: it needs no tree, keeps the way back to the source, and takes any input in linear time. Tags that stand inside words
/// (`<b>`, `<wbr>`) vanish; all others divide words. Scripts, styles and comments are dropped with what is in them.
enum HTMLFilter {
    private static let inline: Set<String> = [
        "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span",
        "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
    ]
    /// Their content is no text.
    private static let dropped: Set<String> = ["script", "style"]
    /// Longer ones are text.
    private static let tagBytesMax = 64 << 10

    static func apply(_ text: UnsafeBufferPointer<UInt8>) -> FilteredText {
        var result = FilteredText(reserving: text.count)
        var index = 0
        var copied = 0
        // Where the search for a `-->` has failed once it fails again.
        var hasNoCommentEnd = false
        func flush(to end: Int) {
            result.copy(text, copied..<end)
        }
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "<") {
                if !hasNoCommentEnd, starts(text, index, with: "<!--") {
                    guard let end = find("-->", in: text, from: index + 4) else {
                        hasNoCommentEnd = true
                        index += 1
                        continue
                    }
                    flush(to: index)
                    result.replace(index..<end, by: CollectionOfOne(0x20))
                    (index, copied) = (end, end)
                    continue
                }
                guard let tag = tag(in: text, at: index) else {
                    index += 1
                    continue
                }
                flush(to: index)
                var end = tag.end
                if dropped.contains(tag.name), !tag.isClosing { end = endOfElement(tag.name, in: text, from: end) }
                if inline.contains(tag.name) {
                    result.replace(index..<end, by: EmptyCollection())
                } else {
                    result.replace(index..<end, by: CollectionOfOne(0x20))
                }
                (index, copied) = (end, end)
            } else if byte == UInt8(ascii: "&"), let reference = reference(in: text, at: index) {
                flush(to: index)
                result.replace(index..<reference.end, by: reference.character.utf8)
                (index, copied) = (reference.end, reference.end)
            } else {
                index += 1
            }
        }
        flush(to: text.count)
        return result
    }

    // MARK: Tags

    private static func tag(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (name: String, isClosing: Bool, end: Int)? {
        var index = start + 1
        guard index < text.count else { return nil }
        let isClosing = text[index] == UInt8(ascii: "/")
        if isClosing { index += 1 }
        guard index < text.count else { return nil }
        // Declarations and instructions: `<!DOCTYPE html>`, `<?xml …?>`.
        let isMarkup = !isClosing && (text[index] == UInt8(ascii: "!") || text[index] == UInt8(ascii: "?"))
        guard isMarkup || isLetter(text[index]) else { return nil }
        let nameStart = index
        while index < text.count, isLetter(text[index]) || (0x30...0x39).contains(text[index]) || text[index] == UInt8(ascii: "-") { index += 1 }
        let name = String(decoding: text[nameStart..<index], as: UTF8.self).lowercased()
        var quote: UInt8?
        let limit = min(text.count, start + tagBytesMax)
        while index < limit {
            let byte = text[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return (name, isClosing, index + 1)
            } else if byte == UInt8(ascii: "<") {
                return nil
            }
            index += 1
        }
        return nil
    }

    /// Behind the closing tag; the text's end where there is none.
    private static func endOfElement(_ name: String, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var index = start
        while let close = find("</", in: text, from: index) {
            if let tag = tag(in: text, at: close - 2), tag.isClosing, tag.name == name { return tag.end }
            index = close
        }
        return text.count
    }

    // MARK: Character references

    private static func reference(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (character: String, end: Int)? {
        var index = start + 1
        guard index < text.count else { return nil }
        if text[index] == UInt8(ascii: "#") {
            index += 1
            let isHex = index < text.count && text[index] | 0x20 == UInt8(ascii: "x")
            if isHex { index += 1 }
            let digits = index
            while index < text.count, index - digits < 8, Character(UnicodeScalar(text[index])).isHexDigit { index += 1 }
            guard index > digits, let value = UInt32(String(decoding: text[digits..<index], as: UTF8.self), radix: isHex ? 16 : 10),
                let scalar = UnicodeScalar(value), value > 0
            else { return nil }
            if index < text.count, text[index] == UInt8(ascii: ";") { index += 1 }
            return (String(Character(scalar)), index)
        }
        let name = index
        while index < text.count, index - name < HTMLReferences.nameMax, isLetter(text[index]) || (0x30...0x39).contains(text[index]) { index += 1 }
        // Without a semicolon it may be an address: `?a=1&copy=2`.
        guard index < text.count, text[index] == UInt8(ascii: ";"),
            let character = HTMLReferences.characters[String(decoding: text[name..<index], as: UTF8.self)]
        else { return nil }
        return (character, index + 1)
    }

    // MARK: Bytes

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    private static func starts(_ text: UnsafeBufferPointer<UInt8>, _ index: Int, with prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard index + count <= text.count else { return false }
        for offset in 0..<count where text[index + offset] != prefix.utf8Start[offset] { return false }
        return true
    }

    /// - Returns: the place behind it.
    private static func find(_ needle: StaticString, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var index = start
        while index + needle.utf8CodeUnitCount <= text.count {
            if starts(text, index, with: needle) { return index + needle.utf8CodeUnitCount }
            index += 1
        }
        return nil
    }
}
