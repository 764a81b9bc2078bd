/// Tells the language of a text from its function words and scripts, where that is plain: some thirty times faster than CLD2, which is asked about the rest.
///
/// Function words make up a third of running text, and each language has its own (Grefenstette, "Comparing two language identification schemes", 1995).
enum FunctionWordVote {
    enum Verdict: Equatable {
        /// Nil: none that is known.
        case language(Language?)
        /// Ask someone else.
        case unclear
    }

    /// Votes that the first must have, and lead by, of words in this language's list.
    private static let votesMin = 4
    private static let leadMin = 2

    /// - Complexity: O(bytes), about a nanosecond each.
    static func verdict(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Verdict {
        count(text, range) { votes, bytes in decide(votes, bytes, text, range) } ?? .unclear
    }

    /// How many of a text's words are function words of a language; none where it has no words.
    static func votes(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [(language: Language, votes: Int)] {
        count(text, range) { votes, _ in
            FunctionWordTable.shared.languages.enumerated().compactMap { number, language in
                votes[number] > 0 ? (language, Int(votes[number])) : nil
            }
        } ?? []
    }

    /// Calls `body` with the votes by bit of the table, and the bytes of words by script.
    private static func count<Result>(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<UInt16>, UnsafeMutableBufferPointer<UInt16>) -> Result
    ) -> Result? {
        guard let base = text.baseAddress else { return nil }
        let table = FunctionWordTable.shared
        return withUnsafeTemporaryAllocation(of: UInt16.self, capacity: FunctionWordTable.languagesMax + WordScript.count) { counts in
            counts.initialize(repeating: 0)
            let scripts = UnsafeMutableBufferPointer(rebasing: counts[FunctionWordTable.languagesMax...])
            var index = range.lowerBound
            let end = range.upperBound
            while index < end {
                // What is neither letter nor beyond ASCII divides.
                while index < end, !isLetter(base[index]) { index += 1 }
                let start = index
                var word = FunctionWordTable.Key()
                while index < end, isLetter(base[index]) {
                    word.append(lowered(base[index]))
                    index += 1
                }
                guard index > start else { break }
                let script = WordScript.of(base + start, index - start)
                scripts[Int(script.rawValue)] &+= UInt16(truncatingIfNeeded: index - start)
                var languages = table.languages(of: word)
                while languages != 0 {
                    counts[languages.trailingZeroBitCount] &+= 1
                    languages &= languages - 1
                }
            }
            return body(counts, scripts)
        }
    }

    private static func decide(
        _ votes: UnsafeMutableBufferPointer<UInt16>, _ bytes: UnsafeMutableBufferPointer<UInt16>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Verdict {
        // A script that one language is written in, or none that is stemmed, decides alone. Such texts have Latin words between; the other way round is rare.
        let total = bytes.reduce(0) { $0 + Int($1) }
        guard total > 0 else { return .unclear }
        for script in WordScript.allCases where Int(bytes[Int(script.rawValue)]) * 4 > total {
            switch script {
            case .greek, .armenian, .tamil, .hangul: return .language(Language.usual(for: script))
            case .chineseOrJapanese: return .language(Language(code: has(0xE3, 0x81...0x83, text, range) ? "ja" : "zh"))
            case .other: return .language(has(0xE0, 0xB8...0xB9, text, range) ? Language(code: "th") : nil)
            case .latin, .cyrillic, .hebrew, .arabic, .devanagari: continue
            }
        }
        var (first, best, second) = (-1, 0, 0)
        for number in FunctionWordTable.shared.languages.indices {
            let count = Int(votes[number])
            if count > best {
                (second, best, first) = (best, count, number)
            } else if count > second {
                second = count
            }
        }
        guard best >= votesMin, best >= second + leadMin, best * 2 >= second * 3 else { return .unclear }
        return .language(FunctionWordTable.shared.languages[first])
    }

    /// Whether a character begins with these bytes.
    private static func has(_ lead: UInt8, _ second: ClosedRange<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        range.dropLast().contains { text[$0] == lead && second.contains(text[$0 + 1]) }
    }

    @inline(__always)
    private static func isLetter(_ byte: UInt8) -> Bool { byte >= 0x80 || (byte | 0x20) &- UInt8(ascii: "a") < 26 }

    @inline(__always)
    private static func lowered(_ byte: UInt8) -> UInt8 { byte < 0x80 ? byte | 0x20 : byte }
}

/// Function words of all languages, each with the languages that have it: a hash table with linear probing.
///
/// `@unchecked Sendable`: written once, before anyone knows of it.
final class FunctionWordTable: @unchecked Sendable {
    static let shared = FunctionWordTable(StopWords.lists)
    /// A bit each.
    static let languagesMax = 64

    /// Bytes of a word, at most `bytesMax`; longer ones are in no list.
    struct Key {
        static let bytesMax = 24
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var count = 0

        @inline(__always)
        mutating func append(_ byte: UInt8) {
            let shifted = UInt64(byte) &<< UInt64(count &* 8)
            switch count &>> 3 {
            case 0: words.0 |= shifted
            case 1: words.1 |= shifted
            case 2: words.2 |= shifted
            default: break
            }
            count &+= 1
        }

        @inline(__always)
        var hash: Int {
            let mixed = (words.0 &* 0x9E37_79B9_7F4A_7C15) ^ (words.1 &* 0xC2B2_AE3D_27D4_EB4F) ^ (words.2 &* 0x1656_67B1_9E37_79F9)
            return Int(truncatingIfNeeded: (mixed ^ mixed &>> 29) &* 0x9E37_79B9_7F4A_7C15 &>> 40)
        }
    }

    private struct Slot {
        var words: (UInt64, UInt64, UInt64)
        var languages: UInt64
    }

    /// By bit, in the order of their codes.
    let languages: [Language]
    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int

    private init(_ lists: [String: String]) {
        languages = lists.keys.sorted().map { code in
            guard let language = Language(code: code) else { preconditionFailure("function words of '\(code)', which is no known language") }
            return language
        }
        precondition(languages.count <= Self.languagesMax, "more than \(Self.languagesMax) languages")
        let words = lists.values.reduce(0) { $0 + $1.utf8.count / 4 }
        var capacity = 1024
        while capacity < 2 * words { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(words: (0, 0, 0), languages: 0), count: capacity)
        for (bit, language) in languages.enumerated() {
            for word in lists[language.code]!.split(whereSeparator: \.isWhitespace) where word.utf8.count <= Key.bytesMax {
                var key = Key()
                for byte in word.utf8 { key.append(byte) }
                let slot = find(key)
                slots[slot].words = key.words
                slots[slot].languages |= 1 << UInt64(bit)
            }
        }
    }

    private func find(_ key: Key) -> Int {
        var index = key.hash & mask
        while slots[index].languages != 0, slots[index].words != key.words { index = (index + 1) & mask }
        return index
    }

    /// The languages whose list has the word, as bits; 0: none.
    @inline(__always)
    func languages(of key: Key) -> UInt64 {
        guard key.count <= Key.bytesMax else { return 0 }
        return slots[find(key)].languages
    }

    /// The bits of some languages.
    func bits(of languages: [Language]) -> UInt64 {
        languages.reduce(0) { bits, language in self.languages.firstIndex(of: language).map { bits | 1 << UInt64($0) } ?? bits }
    }
}
