import Glibc

/// Divides compound words by a vocabulary: `pakketbeheerder` into `pakket` and `beheerder`.
///
/// The division whose parts are commonest wins, by the geometric mean of their document frequencies, if that is higher than the whole word's: Koehn, Knight, "Empirical
/// Methods for Compound Splitting", EACL 2003. Between parts there may be a linking element of the language.
public enum CompoundSplitter {
    /// Letters of a part; shorter ones are found in any word.
    public static let partMin = 4
    static let wordMin = 8
    /// Longer words are data.
    static let wordMax = 64
    static let partsMax = 3

    /// Whether a word of the vocabulary is another one with a word before it: `verwaltung` in `speicherverwaltung`.
    /// - Parameters:
    ///   - word: ends with `head`, and is longer.
    ///   - frequency: documents that have a word; 0: none.
    /// - Complexity: a look-up for each linking element of the language, at most.
    public static func isCompound(_ word: [UInt8], of head: [UInt8], _ language: Language, frequency: (ArraySlice<UInt8>) throws -> Int) rethrows -> Bool {
        guard let links = linkBytes[language.number] else { return false }
        let modifier = word.dropLast(head.count)
        for link in links where modifier.count > link.count && modifier.suffix(link.count).elementsEqual(link) {
            let part = modifier.dropLast(link.count)
            if part.count(where: { $0 & 0xC0 != 0x80 }) >= partMin, try frequency(part) > 0 { return true }
        }
        return false
    }

    /// Linking elements by language; languages without an entry write compounds apart.
    static let links: [String: [String]] = [
        "de": ["", "s", "n", "en", "es", "er", "e"], "nl": ["", "s", "en", "e", "er"], "da": ["", "s", "e"], "no": ["", "s", "e"], "sv": ["", "s"],
        "fi": ["", "n"], "hu": [""],
    ]

    /// Whether the language writes compounds as one word.
    public static func writesTogether(_ language: Language) -> Bool { links[language.code] != nil }

    /// Whether two neighbouring words may be one that is written apart: of scripts that have capitals, letters only, and not both short (`to be`, `a b`).
    ///
    /// Told from bytes, since properties of characters cost a hundred times as much, and a wrong answer costs a look-up.
    public static func mayBeJoined(_ first: String, _ second: String) -> Bool {
        guard let a = letters(first), let b = letters(second) else { return false }
        return a + b >= 5 && max(a, b) >= 4
    }

    /// Code points of a folded word; nil where it has others than letters, as far as ASCII goes, or is of a script without capitals.
    private static func letters(_ word: String) -> Int? {
        var word = word
        return word.withUTF8 { bytes in
            guard let base = bytes.baseAddress, !bytes.isEmpty else { return nil }
            switch WordScript.of(base, bytes.count) {
            case .latin, .greek, .cyrillic, .armenian: break
            default: return nil
            }
            var count = 0
            for byte in bytes {
                guard byte >= 0x80 || byte &- UInt8(ascii: "a") < 26 else { return nil }
                if byte & 0xC0 != 0x80 { count += 1 }
            }
            return count
        }
    }

    /// - Parameters:
    ///   - frequency: documents that have a word, given as its UTF-8 bytes; 0: none.
    /// - Returns: the parts, without links; empty where the word is none, or no compound.
    /// - Complexity: O(letters²) look-ups at most, each once; a part that is no word ends a branch.
    public static func split(_ word: String, _ language: Language, frequency: (ArraySlice<UInt8>) throws -> Int) rethrows -> [String] {
        // A letter has a byte at least.
        guard word.utf8.count >= wordMin, word.utf8.count <= 4 * wordMax, let links = linkBytes[language.number], letters(word) != nil else { return [] }
        let bytes = Array(word.utf8)
        // Where letters begin, and the end: code points, which is what letters of these languages are once a text is composed.
        let borders = bytes.indices.filter { bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
        guard (wordMin...wordMax).contains(borders.count - 1) else { return [] }
        var divider = Divider(bytes: bytes, borders: borders, links: links)
        let whole = try frequency(bytes[...])
        divider.bestScore = Double(whole)
        try divider.divide(from: 0, 0, 0, frequency)
        return divider.best.map { String(decoding: bytes[borders[$0.start]..<borders[$0.end]], as: UTF8.self) }
    }

    /// By ``Language/number``: the elements of ``links``.
    private static let linkBytes: [[[UInt8]]?] = Language.all.map { links[$0.code]?.map { Array($0.utf8) } }

    private struct Divider {
        let bytes: [UInt8]
        let borders: [Int]
        let links: [[UInt8]]
        var best: [(start: Int, end: Int)] = []
        var bestScore = 0.0
        private var parts: [(start: Int, end: Int)] = []
        private var known: [Part: Int] = [:]

        /// Hashed as a whole, where a slice would be byte by byte.
        private struct Part: Hashable {
            var bytes: ArraySlice<UInt8>

            func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
        }

        init(bytes: [UInt8], borders: [Int], links: [[UInt8]]) {
            self.bytes = bytes
            self.borders = borders
            self.links = links
        }

        private mutating func documents(_ start: Int, _ end: Int, _ frequency: (ArraySlice<UInt8>) throws -> Int) rethrows -> Int {
            let part = Part(bytes: bytes[borders[start]..<borders[end]])
            if let found = known[part] { return found }
            let found = try frequency(part.bytes)
            known[part] = found
            return found
        }

        /// - Parameters:
        ///   - start: in letters.
        ///   - logs: sum over the parts so far.
        mutating func divide(from start: Int, _ count: Int, _ logs: Double, _ frequency: (ArraySlice<UInt8>) throws -> Int) rethrows {
            let letterCount = borders.count - 1
            if start == letterCount {
                let score = exp2(logs / Double(count))
                if count > 1, score > bestScore { (best, bestScore) = (parts, score) }
                return
            }
            guard count < partsMax, letterCount - start >= partMin else { return }
            for end in stride(from: letterCount, through: start + partMin, by: -1) {
                if start == 0, end == letterCount { continue }
                let found = try documents(start, end, frequency)
                guard found > 0 else { continue }
                parts.append((start, end))
                for link in links where borders[end] + link.count <= bytes.count {
                    guard bytes[borders[end]..<borders[end] + link.count].elementsEqual(link) else { continue }
                    // Links are ASCII: a letter each. None ends a word.
                    if end + link.count == letterCount, !link.isEmpty { continue }
                    try divide(from: end + link.count, count + 1, logs + log2(Double(found)), frequency)
                }
                parts.removeLast()
            }
        }
    }
}
