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
    func languages(of key: Key) -> UInt64 { entry(of: key)?.languages ?? 0 }

    /// The same, and a number that no other word has; nil: in no list.
    @inline(__always)
    func entry(of key: Key) -> (languages: UInt64, place: UInt32)? {
        guard key.count <= Key.bytesMax else { return nil }
        let hash = key.hash
        let bit = Self.filterPlace(hash)
        guard filter[bit &>> 6] &>> UInt64(bit & 63) & 1 != 0 else { return nil }
        let place = find(key, hash)
        let languages = slots[place].languages
        return languages == 0 ? nil : (languages, UInt32(truncatingIfNeeded: place))
    }

    /// The bits of some languages.
    func bits(of languages: [Language]) -> UInt64 {
        languages.reduce(0) { bits, language in self.languages.firstIndex(of: language).map { bits | 1 << UInt64($0) } ?? bits }
    }
}

/// The words of a text as keys, in lower case: what is neither an ASCII letter nor beyond ASCII divides. Eight bytes at a time.
struct WordReader {
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
