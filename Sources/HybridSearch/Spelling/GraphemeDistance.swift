/// Edits between two words by what a person sees as a letter: a letter with its vowel signs, accents or points is one, however many code points it has.
enum GraphemeDistance {
    /// Inserted, deleted or substituted grapheme clusters, and swaps of neighbours (optimal string alignment).
    /// - Returns: nil where there are more than `limit`.
    /// - Complexity: O(letters of both, multiplied); for words.
    static func between(_ a: [Character], _ b: [Character], limit: Int) -> Int? {
        guard abs(a.count - b.count) <= limit else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in 0..<b.count {
                var best = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            if row.min()! > limit { return nil }
            (beforeLast, last) = (last, row)
        }
        return last[b.count] <= limit ? last[b.count] : nil
    }
}
