import SearchCore
import TextAnalysis

/// Finds a query's words in a text: analyses it piece by piece and keeps the places of the tokens that match.
///
/// Pieces end at ASCII white space, over which no word, no dictionary and no joined form reaches (docs/analysis.md), so that their tokens are the
/// text's. Only a megabyte without white space is cut elsewhere, where a word on the seam can be missed. Memory: that of a piece's
/// tokens, ``TextMatches`` and ``PhraseCollector``. Time: linear.
struct MatchCollector {
    /// Pieces fit the second-level cache with their tokens; the deadline is checked before each.
    static let pieceBytes = 64 << 10
    static let pieceBytesMax = 1 << 20

    let analyzer: Analyzer
    /// Of the language of the text, as when it was indexed.
    let context: LanguageContext
    let control: QueryControl

    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    func matches(in text: UnsafeBufferPointer<UInt8>, _ lookup: HighlightTerms.Lookup, scratch: inout AnalyzedText) throws -> TextMatches {
        var places: [TextMatches.Place] = []
        guard !lookup.isEmpty else { return TextMatches(places, in: text) }
        var phrases = PhraseCollector(lookup)
        var start = 0
        // Words before the piece: the index counts those of the whole text.
        var position: UInt32 = 0
        while start < text.count {
            try control.checkpoint()
            let end = pieceEnd(text, from: start)
            analyzer.analyze(utf8: UnsafeBufferPointer(rebasing: text[start..<end]), context, into: &scratch)
            let base = UInt32(start)
            scratch.termBytes.withUnsafeBufferPointer { bytes in
                for token in scratch.tokens {
                    let key = UnsafeBufferPointer(rebasing: bytes[Int(token.termStart)..<Int(token.termStart) + Int(token.termLength)])
                    guard let entry = lookup.entry(of: key) else { continue }
                    let word = Int(base + token.start)..<Int(base + token.end)
                    for place in token.form == .part ? Self.characters(key, in: word, of: text) ?? [word] : [word] {
                        for group in entry.groups {
                            places.append(TextMatches.Place(start: UInt32(place.lowerBound), end: UInt32(place.upperBound), group: group))
                        }
                    }
                    for number in entry.words {
                        phrases.add(.init(position: position + token.position, start: base + token.start, end: base + token.end), ofWord: number)
                    }
                }
            }
            position += UInt32(scratch.length)
            start = end
        }
        try phrases.appendMatches(to: &places, control)
        return TextMatches(places, in: text)
    }

    /// Where a Han character that is part of a word stands in it: a Chinese word is marked by its characters where only those were asked for.
    /// Other parts are stems, which have no place of their own.
    /// - Returns: nil where it is no such character, or is written in another way there.
    private static func characters(_ key: UnsafeBufferPointer<UInt8>, in word: Range<Int>, of text: UnsafeBufferPointer<UInt8>) -> [Range<Int>]? {
        let part = key.dropFirst()
        // Any Han character has three or four bytes.
        guard part.count == 3 || part.count == 4, part.count < word.count else { return nil }
        let scalars = String(decoding: part, as: UTF8.self).unicodeScalars
        guard scalars.count == 1, scalars.first!.properties.isIdeographic else { return nil }
        let found = (word.lowerBound...(word.upperBound - part.count)).filter { text[$0..<$0 + part.count].elementsEqual(part) }
        return found.isEmpty ? nil : found.map { $0..<$0 + part.count }
    }

    private func pieceEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard text.count - start > Self.pieceBytes else { return text.count }
        let last = min(text.count, start + Self.pieceBytesMax)
        var end = start + Self.pieceBytes
        while end < last, !UTF8Text.isSpace(text[end]) { end += 1 }
        while end < text.count, end > start, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end > start ? end : last
    }
}
