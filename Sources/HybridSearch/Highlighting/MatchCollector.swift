import SearchCore
import TextAnalysis

/// Finds a query's words in a text: analyses it piece by piece and keeps the places of the tokens that match.
///
/// Pieces end at ASCII white space, over which no word, no dictionary and no joined form reaches (docs/analysis.md), so that their tokens are the
/// text's. Only a megabyte without white space is cut elsewhere, where a word on the seam can be missed. Memory: that of a piece's
/// tokens, and ``TextMatches``. Time: linear.
struct MatchCollector {
    /// Pieces fit the second-level cache with their tokens; the deadline is checked before each.
    static let pieceBytes = 64 << 10
    static let pieceBytesMax = 1 << 20

    let analyzer: Analyzer
    let control: QueryControl

    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`.
    func matches(in text: UnsafeBufferPointer<UInt8>, _ lookup: HighlightTerms.Lookup, scratch: inout AnalyzedText) throws -> TextMatches {
        var places: [TextMatches.Place] = []
        guard !lookup.isEmpty else { return TextMatches(places, in: text) }
        var start = 0
        while start < text.count {
            try control.checkpoint()
            let end = pieceEnd(text, from: start)
            analyzer.analyze(utf8: UnsafeBufferPointer(rebasing: text[start..<end]), into: &scratch)
            let base = UInt32(start)
            scratch.termBytes.withUnsafeBufferPointer { bytes in
                for token in scratch.tokens {
                    let key = UnsafeBufferPointer(rebasing: bytes[Int(token.termStart)..<Int(token.termStart) + Int(token.termLength)])
                    guard let groups = lookup.groups(of: key) else { continue }
                    for group in groups { places.append(TextMatches.Place(start: base + token.start, end: base + token.end, group: group)) }
                }
            }
            start = end
        }
        return TextMatches(places, in: text)
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
