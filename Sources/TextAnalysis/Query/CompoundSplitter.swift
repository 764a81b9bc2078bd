import Glibc

/// Divides compound words by a vocabulary: `pakketbeheerder` into `pakket` and `beheerder`.
///
/// The division whose parts are commonest wins, by the geometric mean of their document frequencies, if that is higher than the whole word's: Koehn, Knight, "Empirical
/// Methods for Compound Splitting", EACL 2003. Between parts there may be a linking element of the language.
public enum CompoundSplitter {
    /// Letters of a part; shorter ones are found in any word.
    static let partMin = 4
    static let wordMin = 8
    /// Longer words are data.
    static let wordMax = 64
    static let partsMax = 3

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
    ///   - frequency: documents that have a word; 0: none.
    /// - Returns: the parts, without links; empty where the word is none, or no compound.
    /// - Complexity: O(letters²) look-ups at most, each once; a part that is no word ends a branch.
    public static func split(_ word: String, _ language: Language, frequency: (String) throws -> Int) rethrows -> [String] {
        // A letter has a byte at least.
        guard word.utf8.count >= wordMin, let links = links[language.code] else { return [] }
        let letters = Array(word)
        guard (wordMin...wordMax).contains(letters.count), letters.allSatisfy({ $0.isLetter }) else { return [] }
        var known: [String: Int] = [:]
        func documents(_ word: String) throws -> Int {
            if let found = known[word] { return found }
            let found = try frequency(word)
            known[word] = found
            return found
        }
        var best: (parts: [String], score: Double) = ([], Double(try documents(word)))
        func divide(from start: Int, _ parts: [String], _ logs: Double) throws {
            if start == letters.count {
                let score = exp2(logs / Double(parts.count))
                if parts.count > 1, score > best.score { best = (parts, score) }
                return
            }
            guard parts.count < partsMax, letters.count - start >= partMin else { return }
            for end in stride(from: letters.count, through: start + partMin, by: -1) {
                if start == 0, end == letters.count { continue }
                let part = String(letters[start..<end])
                let found = try documents(part)
                guard found > 0 else { continue }
                for link in links where end + link.count <= letters.count {
                    if String(letters[end..<end + link.count]) != link { continue }
                    if end + link.count == letters.count, !link.isEmpty { continue }
                    try divide(from: end + link.count, parts + [part], logs + log2(Double(found)))
                }
            }
        }
        try divide(from: 0, [], 0)
        return best.parts
    }
}
