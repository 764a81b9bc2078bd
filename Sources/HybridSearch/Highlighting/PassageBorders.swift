import SearchCore
import TextAnalysis

/// Grows the core of a passage to where it may begin and end.
///
/// It begins at the start of the sentence that holds the first match, or, where that is too far away, at a word so that the core stands in the
/// middle. It ends at the last end of a sentence in the second half of the length, else at the last word that fits. What is left of the
/// length then takes in whole sentences before. A match is never cut, unless it is longer than a passage.
struct PassageBorders {
    let analyzer: Analyzer
    let text: UnsafeBufferPointer<UInt8>
    let matches: TextMatches
    /// Longest passage, in code points.
    let characters: Int

    /// - Parameters:
    ///   - core: bytes that the passage holds; empty: a place where it begins.
    ///   - free: bytes that it may hold; `core` lies in it.
    /// - Returns: bytes without white space at the ends; at most `characters` long, but a whole core up to that length.
    /// - Complexity: O(characters), with a local analysis.
    func passage(around core: Range<Int>, in free: Range<Int>, scratch: inout AnalyzedText) -> Range<Int> {
        let limit = UTF8Text.forward(text, from: core.lowerBound, by: characters, to: free.upperBound)
        guard UTF8Text.characters(text, core) < characters else { return core.lowerBound..<limit }
        // As a title does.
        if free.count <= 4 * characters, UTF8Text.characters(text, free) <= characters { return UTF8Text.trimmed(text, free, keeping: core) }
        let window =
            UTF8Text.backward(
                text, from: core.lowerBound, by: characters, to: free.lowerBound)..<UTF8Text.forward(
                text, from: core.upperBound, by: characters, to: free.upperBound)
        let ruler = Ruler(text, window)
        let sentences = sentenceCuts(window, free)
        // Only where a sentence's border is not at hand: in Chinese and Thai, words cost as much as all the rest.
        var found: (starts: [Int], ends: [Int])?
        func words() -> (starts: [Int], ends: [Int]) {
            let words = found ?? wordCuts(window, free, &scratch)
            found = words
            return words
        }
        let coreLength = ruler.length(core.lowerBound, core.upperBound)

        var start = core.lowerBound
        var beginsSentence = false
        if let sentence = sentences.last(where: { $0 <= core.lowerBound }), ruler.length(sentence, core.upperBound) <= characters {
            start = sentence
            beginsSentence = true
        } else {
            let before = (characters - coreLength) / 2
            start = words().starts.first { $0 <= core.lowerBound && ruler.length($0, core.lowerBound) <= before } ?? core.lowerBound
        }
        func fits(_ end: Int) -> Bool { end >= core.upperBound && end > start && ruler.length(start, end) <= characters }
        var end: Int
        if let sentence = sentences.last(where: fits), ruler.length(start, sentence) >= characters / 2 || sentence == free.upperBound {
            end = sentence
        } else if let word = words().ends.last(where: fits) {
            end = word
        } else {
            end = core.isEmpty ? limit : core.upperBound
        }
        end = max(end, core.upperBound)
        func reaches(_ from: Int) -> Bool { from < start && ruler.length(from, end) <= characters }
        if let sentence = sentences.first(where: reaches) {
            start = sentence
        } else if !beginsSentence, let word = words().starts.first(where: reaches) {
            start = word
        }
        return UTF8Text.trimmed(text, start..<end, keeping: core)
    }

    /// Where sentences end and the next ones begin; the borders of what is free count as such.
    private func sentenceCuts(_ window: Range<Int>, _ free: Range<Int>) -> [Int] {
        var starts: [UInt32] = []
        analyzer.sentenceStarts(utf8: UnsafeBufferPointer(rebasing: text[window]), into: &starts)
        var cuts = window.lowerBound == free.lowerBound ? [free.lowerBound] : []
        cuts += starts.lazy.map { window.lowerBound + Int($0) }.filter { !matches.isInside($0) }
        if window.upperBound == free.upperBound { cuts.append(free.upperBound) }
        return cuts
    }

    /// Where words begin, with the punctuation that clings to them, and where they end, likewise. Words at a border of the window that is none of
    /// the free text are left out: they may be halves.
    private func wordCuts(_ window: Range<Int>, _ free: Range<Int>, _ scratch: inout AnalyzedText) -> (starts: [Int], ends: [Int]) {
        analyzer.analyze(utf8: UnsafeBufferPointer(rebasing: text[window]), into: &scratch)
        var (starts, ends): ([Int], [Int]) = ([], [])
        var previous = window.lowerBound
        for token in scratch.tokens where token.form == .surface {
            let (start, end) = (window.lowerBound + Int(token.start), window.lowerBound + Int(token.end))
            // One character that folds to several words.
            guard start >= previous, end > start else { continue }
            let gap = previous..<start
            if !ends.isEmpty, let space = text[gap].firstIndex(where: UTF8Text.isSpace) {
                ends[ends.count - 1] = space
            } else if !ends.isEmpty {
                ends[ends.count - 1] = start
            }
            let begin = text[gap].lastIndex(where: UTF8Text.isSpace).map { $0 + 1 } ?? start
            if start > window.lowerBound || window.lowerBound == free.lowerBound { starts.append(begin) }
            ends.append(end)
            previous = end
        }
        if let last = ends.last {
            if last == window.upperBound, window.upperBound < free.upperBound {
                ends.removeLast()
            } else {
                ends[ends.count - 1] = text[last..<window.upperBound].firstIndex(where: UTF8Text.isSpace) ?? window.upperBound
            }
        }
        return (starts.filter { !matches.isInside($0) }, ends.filter { !matches.isInside($0) })
    }

    /// Distances in code points between bytes of a window.
    private struct Ruler {
        private let origin: Int
        /// Code points that begin before each byte.
        private var counts: [Int32]

        init(_ text: UnsafeBufferPointer<UInt8>, _ window: Range<Int>) {
            origin = window.lowerBound
            counts = [0]
            counts.reserveCapacity(window.count + 1)
            var count: Int32 = 0
            for byte in UnsafeBufferPointer(rebasing: text[window]) {
                if byte & 0xC0 != 0x80 { count += 1 }
                counts.append(count)
            }
        }

        func length(_ from: Int, _ to: Int) -> Int { Int(counts[to - origin] - counts[from - origin]) }
    }
}
