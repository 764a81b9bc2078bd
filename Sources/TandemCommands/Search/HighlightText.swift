import TandemClient

/// Passages for people: the query's words in bold on a terminal, between two asterisks elsewhere.
struct HighlightText {
    let before: String
    let after: String

    init(isTerminal: Bool) {
        before = isTerminal ? "\u{1B}[1m" : "**"
        after = isTerminal ? "\u{1B}[0m" : "**"
    }

    // Noncharacters, which no text should hold, stand for the marks until control characters are gone.
    private static let open = Unicode.Scalar(0xFDD0 as UInt32)!
    private static let close = Unicode.Scalar(0xFDD1 as UInt32)!

    /// A line for each passage of a hit: the field, then the passage, with … where the text goes on (behind it only if the field was fetched, too).
    func lines(of hit: Hit) -> String {
        var text = ""
        for highlighted in hit.highlights {
            let length = hit.document?.texts.first { $0.name == highlighted.field }?.text.utf8.count
            for passage in highlighted.passages {
                let begins = passage.start > 0 ? "… " : ""
                let ends = length.map { Int(passage.end) < $0 } == true ? " …" : ""
                text += "   \(highlighted.field): \(begins)\(marked(passage))\(ends)\n"
            }
        }
        return text
    }

    /// The passage on one line. Matches that touch are marked as one.
    func marked(_ passage: Passage) -> String {
        let bytes = Array(passage.text.utf8)
        var text = ""
        var written = 0
        var isOpen = false
        func append(to end: Int) {
            let piece = String(decoding: bytes[written..<end], as: UTF8.self)
            text.unicodeScalars.append(contentsOf: piece.unicodeScalars.filter { $0 != Self.open && $0 != Self.close })
            written = end
        }
        for match in passage.matches {
            // Another daemon's offsets are not to be trusted with an array.
            let (start, end) = (Int(match.start) - Int(passage.start), Int(match.end) - Int(passage.start))
            guard start >= written, end > start, end <= bytes.count else { continue }
            if isOpen, start > written { text.unicodeScalars.append(Self.close) }
            let touches = isOpen && start == written
            append(to: start)
            if !touches { text.unicodeScalars.append(Self.open) }
            append(to: end)
            isOpen = true
        }
        if isOpen { text.unicodeScalars.append(Self.close) }
        append(to: bytes.count)
        var result = ""
        for scalar in DisplayWidth.plain(text).unicodeScalars {
            switch scalar {
            case Self.open: result += before
            case Self.close: result += after
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
