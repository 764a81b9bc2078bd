/// A word as a query says it, with its place in the query's text.
public struct QueryWord: Sendable, Hashable {
    /// Folded; of a word and its symbols the joined form, `c++`.
    public var text: String
    /// In UTF-8 bytes of the text.
    public var range: Range<Int>
    /// Symbols belong to it: `c++`, `.net`.
    public var hasSymbols: Bool
    /// It stands in a joined form of several words and other symbols than hyphens: `etc` of `/etc/passwd`.
    public var isInside: Bool
}

extension Analyzer {
    /// The words of a text in their order, repeated ones too. What ``analyzeQuery(_:languages:)`` makes groups of, under the same names.
    /// - Parameter joiningSymbols: false: a word is the word alone, whatever symbols stand around it.
    /// - Complexity: O(bytes).
    public func words(of text: String, joiningSymbols: Bool = true) -> [QueryWord] {
        var analyzed = AnalyzedText()
        withWorkspace { workspace in withBytes(of: text) { workspace.analyze($0, nil, into: &analyzed) } }
        var words = analyzed.tokens.filter { $0.form == .surface }.map {
            QueryWord(text: analyzed.text(of: $0), range: Int($0.start)..<Int($0.end), hasSymbols: false, isInside: false)
        }
        for whole in analyzed.tokens where joiningSymbols && whole.form == .whole {
            // Words are in order: the first inside, by bisection, because a hostile text may have thousands of joined forms.
            var (low, high) = (0, words.count)
            while low < high {
                let middle = (low + high) / 2
                if words[middle].range.lowerBound < Int(whole.start) { low = middle + 1 } else { high = middle }
            }
            let inside = words[low...].prefix { $0.range.upperBound <= Int(whole.end) }.indices
            let text = analyzed.text(of: whole)
            if inside.count == 1 {
                words[low] = QueryWord(text: text, range: Int(whole.start)..<Int(whole.end), hasSymbols: true, isInside: words[low].isInside)
            } else if !text.allSatisfy({ $0.isLetter || $0.isNumber || "-'".contains($0) }) {
                for index in inside { words[index].isInside = true }
            }
        }
        return words
    }
}
