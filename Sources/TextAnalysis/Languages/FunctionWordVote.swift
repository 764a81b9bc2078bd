/// Tells the language of a text from its function words and scripts, where that is plain: some thirty times faster than CLD2, which is asked about the rest.
///
/// Function words make up a third of running text, and each language has its own (Grefenstette, "Comparing two language identification schemes", 1995).
package enum FunctionWordVote {
    enum Verdict: Equatable {
        /// Nil: none that is known.
        case language(Language?)
        /// Ask someone else.
        case unclear
    }

    /// Votes that the first must have, and by how many it must lead each other one.
    private static let votesMin = 4
    private static let leadMin = 2
    /// Of two languages only the words count that one has and the other has not: the first must have so many times as many of them. Neighbours such as Spanish
    /// and Catalan share half of their function words. On samples of 192 bytes in 24 languages with a list (Debian's package descriptions, xquad) this tells
    /// 61 % (Spanish 92), with 0.07 % mistakes; all votes of the first at least 1.5 times the second's told 53 % (Spanish 51), with 0.09 %.
    private static let exclusiveRatio = 3
    /// Votes within the sample of a language that leads by what stands around it.
    private static let ownVotesMin = 2

    /// The language of a sample, by itself; where that is unclear, by what stands around it, too, provided that no other language has more votes in the sample.
    /// - Parameter around: contains the sample.
    /// - Complexity: O(bytes), less than a nanosecond each.
    static func verdict(_ text: UnsafeBufferPointer<UInt8>, _ sample: Range<Int>, around: Range<Int>) -> Verdict {
        count(text, sample) { own in
            let verdict = decide(own, text, sample)
            guard verdict == .unclear, around != sample else { return verdict }
            return count(text, around) { ballot in
                let languages = FunctionWordTable.shared.languages
                guard let first = leader(ballot), own.votes[first] >= ownVotesMin, own.votes[first] == own.votes[..<languages.count].max() else {
                    return .unclear
                }
                return .language(languages[first])
            } ?? .unclear
        } ?? .unclear
    }

    /// How many of a text's words are function words of a language; none where it has no words.
    package static func votes(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> [(language: Language, votes: Int)] {
        count(text, range) { ballot in
            FunctionWordTable.shared.languages.enumerated().compactMap { number, language in
                ballot.votes[number] > 0 ? (language, Int(ballot.votes[number])) : nil
            }
        } ?? []
    }

    /// What the words of a text say.
    private struct Ballot {
        /// By bit of the table.
        let votes: UnsafeMutableBufferPointer<UInt16>
        /// Bytes of words, by script.
        let scripts: UnsafeMutableBufferPointer<UInt16>
        /// The languages of each function word, as bits of the table.
        let words: Slice<UnsafeMutableBufferPointer<UInt64>>
    }

    private static func count<Result>(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ body: (Ballot) -> Result) -> Result? {
        guard let base = text.baseAddress else { return nil }
        let table = FunctionWordTable.shared
        // Between two words stands a byte at least.
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: range.count / 2 + 1) { words in
            withUnsafeTemporaryAllocation(of: UInt16.self, capacity: FunctionWordTable.languagesMax + WordScript.count) { counts in
                counts.initialize(repeating: 0)
                let scripts = UnsafeMutableBufferPointer(rebasing: counts[FunctionWordTable.languagesMax...])
                var found = 0
                var reader = WordReader(base, range, readableEnd: text.count)
                while let word = reader.next() {
                    let script = WordScript.of(base + word.start, word.count)
                    scripts[Int(script.rawValue)] &+= UInt16(truncatingIfNeeded: word.count)
                    var languages = table.languages(of: word.key)
                    guard languages != 0 else { continue }
                    words.initializeElement(at: found, to: languages)
                    found &+= 1
                    while languages != 0 {
                        counts[languages.trailingZeroBitCount] &+= 1
                        languages &= languages - 1
                    }
                }
                return body(Ballot(votes: counts, scripts: scripts, words: words[..<found]))
            }
        }
    }

    private static func decide(_ ballot: Ballot, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Verdict {
        // A script that one language is written in, or none that is stemmed, decides alone. Such texts have Latin words between; the other way round is rare.
        let total = ballot.scripts.reduce(0) { $0 + Int($1) }
        guard total > 0 else { return .unclear }
        for script in WordScript.allCases where Int(ballot.scripts[Int(script.rawValue)]) * 4 > total {
            switch script {
            case .greek, .armenian, .tamil, .hangul: return .language(Language.usual(for: script))
            case .chineseOrJapanese: return .language(Language(code: has(0xE3, 0x81...0x83, text, range) ? "ja" : "zh"))
            case .other: return .language(has(0xE0, 0xB8...0xB9, text, range) ? Language(code: "th") : nil)
            case .latin, .cyrillic, .hebrew, .arabic, .devanagari: continue
            }
        }
        return leader(ballot).map { .language(FunctionWordTable.shared.languages[$0]) } ?? .unclear
    }

    /// The bit of the language that leads clearly.
    private static func leader(_ ballot: Ballot) -> Int? {
        let languages = FunctionWordTable.shared.languages.indices
        guard let first = languages.max(by: { ballot.votes[$0] < ballot.votes[$1] }) else { return nil }
        let best = Int(ballot.votes[first])
        guard best >= votesMin else { return nil }
        for other in languages where other != first {
            let votes = Int(ballot.votes[other])
            guard best >= votes + leadMin else { return nil }
            guard best < exclusiveRatio * votes else { continue }
            let both: UInt64 = 1 << UInt64(first) | 1 << UInt64(other)
            let shared = ballot.words.reduce(0) { $0 + ($1 & both == both ? 1 : 0) }
            guard best - shared >= exclusiveRatio * (votes - shared) else { return nil }
        }
        return first
    }

    /// Whether a character begins with these bytes.
    private static func has(_ lead: UInt8, _ second: ClosedRange<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        range.dropLast().contains { text[$0] == lead && second.contains(text[$0 + 1]) }
    }
}

/// The words of a text as keys, in lower case: what is neither an ASCII letter nor beyond ASCII divides. Eight bytes at a time.
private struct WordReader {
    private let base: UnsafePointer<UInt8>
    private var index: Int
    private let end: Int
    private let readableEnd: Int

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// - Parameter readableEnd: one past the last byte that may be read, from `range.upperBound` on.
    init(_ base: UnsafePointer<UInt8>, _ range: Range<Int>, readableEnd: Int) {
        self.base = base
        index = range.lowerBound
        end = range.upperBound
        self.readableEnd = readableEnd
    }

    @inline(__always)
    mutating func next() -> (start: Int, count: Int, key: FunctionWordTable.Key)? {
        while index < end {
            let bytes = eight(at: index)
            let letters = Self.letters(bytes)
            guard letters != 0 else {
                index &+= 8
                continue
            }
            index &+= letters.trailingZeroBitCount &>> 3
            return index < end ? word() : nil
        }
        return nil
    }

    /// The word that begins at `index`, which moves past it.
    @inline(__always)
    private mutating func word() -> (start: Int, count: Int, key: FunctionWordTable.Key) {
        let start = index
        var key = FunctionWordTable.Key()
        let first = take()
        key.words.0 = first.bytes
        if first.count == 8 {
            let second = take()
            key.words.1 = second.bytes
            if second.count == 8 {
                let third = take()
                key.words.2 = third.bytes
                if third.count == 8 { while take().count == 8 {} }
            }
        }
        key.count = index &- start
        return (start, key.count, key)
    }

    /// The next of a word's bytes, at most eight; `index` moves past them.
    @inline(__always)
    private mutating func take() -> (bytes: UInt64, count: Int) {
        guard index < end else { return (0, 0) }
        let bytes = eight(at: index)
        let count = min(((~Self.letters(bytes) & Self.tops).trailingZeroBitCount) &>> 3, end &- index)
        index &+= count
        let lower = bytes | (~bytes & Self.tops) &>> 2
        return (count == 8 ? lower : lower & (1 &<< UInt64(count &* 8) &- 1), count)
    }

    /// Zeros after what may be read.
    @inline(__always)
    private func eight(at index: Int) -> UInt64 {
        if index &+ 8 <= readableEnd { return UInt64(littleEndian: UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)) }
        var bytes: UInt64 = 0
        for offset in 0..<max(0, readableEnd &- index) { bytes |= UInt64(base[index &+ offset]) &<< UInt64(offset &* 8) }
        return bytes
    }

    /// The top bit of each byte that is an ASCII letter or beyond ASCII. (Sums as in ``ASCIISegmenter``: none carries into the next byte.)
    @inline(__always)
    private static func letters(_ bytes: UInt64) -> UInt64 {
        let lower = (bytes | ones &* 0x20) & ~tops
        return ((lower &+ ones &* (128 &- 0x61)) & ~(lower &+ ones &* (128 &- 0x7B)) | bytes) & tops
    }
}

/// Function words of all languages, each with the languages that have it: a hash table with linear probing.
///
/// `@unchecked Sendable`: written once, before anyone knows of it.
final class FunctionWordTable: @unchecked Sendable {
    static let shared = FunctionWordTable(StopWords.lists)
    /// A bit each.
    static let languagesMax = 64

    /// A word of at most `bytesMax` bytes, followed by zeros; longer ones are in no list.
    struct Key {
        static let bytesMax = 24
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        var count = 0

        init() {}

        init(_ word: some Sequence<UInt8>) {
            for byte in word { append(byte) }
        }

        private mutating func append(_ byte: UInt8) {
            let shifted = UInt64(byte) &<< UInt64(count &* 8)
            switch count &>> 3 {
            case 0: words.0 |= shifted
            case 1: words.1 |= shifted
            case 2: words.2 |= shifted
            default: break
            }
            count &+= 1
        }

        /// 32 bits.
        @inline(__always)
        var hash: UInt64 {
            let mixed = (words.0 &* 0x9E37_79B9_7F4A_7C15) ^ (words.1 &* 0xC2B2_AE3D_27D4_EB4F) ^ (words.2 &* 0x1656_67B1_9E37_79F9)
            return ((mixed ^ mixed &>> 29) &* 0x9E37_79B9_7F4A_7C15) &>> 32
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
    /// A bit for each hash that some word has, so that most words that are in no list never touch the half megabyte of slots (Bloom, 1970, with one function).
    private let filter: UnsafeMutablePointer<UInt64>
    private static let filterBits = 16

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
        filter = .allocate(capacity: 1 << (Self.filterBits - 6))
        filter.initialize(repeating: 0, count: 1 << (Self.filterBits - 6))
        for (bit, language) in languages.enumerated() {
            for word in lists[language.code]!.split(whereSeparator: \.isWhitespace) where word.utf8.count <= Key.bytesMax {
                let key = Key(word.utf8)
                let slot = find(key, key.hash)
                let place = Self.filterPlace(key.hash)
                filter[place >> 6] |= 1 << UInt64(place & 63)
                slots[slot].words = key.words
                slots[slot].languages |= 1 << UInt64(bit)
            }
        }
    }

    @inline(__always)
    private static func filterPlace(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> UInt64(32 &- filterBits)) }

    @inline(__always)
    private func find(_ key: Key, _ hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].languages != 0, slots[index].words != key.words { index = (index + 1) & mask }
        return index
    }

    /// The languages whose list has the word, as bits; 0: none.
    @inline(__always)
    func languages(of key: Key) -> UInt64 {
        guard key.count <= Key.bytesMax else { return 0 }
        let hash = key.hash
        let place = Self.filterPlace(hash)
        guard filter[place &>> 6] &>> UInt64(place & 63) & 1 != 0 else { return 0 }
        return slots[find(key, hash)].languages
    }

    /// The bits of some languages.
    func bits(of languages: [Language]) -> UInt64 {
        languages.reduce(0) { bits, language in self.languages.firstIndex(of: language).map { bits | 1 << UInt64($0) } ?? bits }
    }
}
