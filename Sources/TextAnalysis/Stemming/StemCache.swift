import CICU
import Glibc

/// A stemmer behind a cache: stemming costs far more than finding a word again, and by Zipf's law most
/// words of a text are few. A word is in one of four entries side by side: with one place a word, 9,000 words of Turkish in 65,536 places took
/// Snowball 14 % of the time, with two places 5 %.
///
/// An entry is one cache line: the word (bytes 0–30, zero-padded), its length (31; 0 means free), its stem (32–62), the stem's
/// length (63). Longer words are stemmed each time. Not thread-safe, as Snowball is not. Owns its memory until `free()`.
struct StemCache {
    static let wordBytesMax = 31
    /// 4 MiB of entries, of which only what is used takes memory. On biomedical abstracts, in the same minutes of a busy machine,
    /// 1, 2 and 4 MiB gave about 147, 161 and 185 MB/s; two ways of 1 MiB each gave 148.
    static let slotBitsOfMain = 16
    /// Of the languages besides the main ones: 1 MiB each, since a workspace may hold all of them.
    static let slotBitsOfOthers = 14
    /// Places a word may be in; a power of 2.
    private static let ways = 4
    /// Languages of a workspace that count as main: the fallback, and the first that turn up; most collections have no more. Languages that inflect have
    /// many words: with 4 MiB instead of 1, German went from 41 to 60 MB/s, Turkish from 19 to 27, with every form.
    static let mainLanguages = 3

    private struct Entry {
        var word: SIMD4<UInt64>
        var stem: SIMD4<UInt64>
    }

    private let stemmer: WordStemmer
    /// ``sharedMasks``, without the check whether it is initialised.
    private let masks: UnsafePointer<SIMD4<UInt64>>
    private let memory: UnsafeMutableRawPointer
    private let entries: UnsafeMutablePointer<Entry>
    private let slotBits: Int

    /// Nil for a language that has no stems, or where memory ran out.
    init?(_ language: Language, slotBits: Int, folds: Bool) {
        self.slotBits = slotBits
        guard let stemmer = WordStemmer(language, folds: folds) else { return nil }
        self.stemmer = stemmer
        // Zeroed by the system page by page, on first touch; aligned by hand to cache lines.
        let bytes = MemoryLayout<Entry>.stride << slotBits
        guard let memory = calloc(1, bytes + 64) else {
            stemmer.free()
            return nil
        }
        self.memory = memory
        masks = Self.sharedMasks
        entries = memory.alignedUp(toMultipleOf: 64).bindMemory(to: Entry.self, capacity: 1 << slotBits)
    }

    var memoryBytes: Int { MemoryLayout<Entry>.stride << slotBits }

    func free() {
        stemmer.free()
        Glibc.free(memory)
    }

    /// The stem of a folded word; valid until the next call. An empty stem counts as the word itself.
    ///
    /// SAFETY: 32 bytes from `word` must be readable, whatever `count` is; so are 32 bytes from the result, if it is of a word
    /// of at most ``wordBytesMax`` bytes.
    @inline(__always)
    func stem(_ word: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        guard count <= Self.wordBytesMax else { return stemmer.stem(word, count) }
        let key = key(of: word, count)
        var entry = entry(for: key)
        if entry.pointee.word != key { entry = otherEntry(entry, key, word, count) }
        let stem = UnsafeRawPointer(entry) + 32
        return UnsafeBufferPointer(
            start: stem.assumingMemoryBound(to: UInt8.self), count: Int((stem + 31).load(as: UInt8.self)))
    }

    /// Fetches the word's entry into the cache, some words ahead of ``stem(_:_:)``: most of a lookup is waiting for memory.
    ///
    /// SAFETY: as of ``stem(_:_:)``.
    @inline(__always)
    func prefetch(_ word: UnsafePointer<UInt8>, _ count: Int) {
        if count <= Self.wordBytesMax { tandem_prefetch(entry(for: key(of: word, count))) }
    }

    /// The word's own bytes, zeros, and its length in the last byte.
    @inline(__always)
    private func key(of word: UnsafePointer<UInt8>, _ count: Int) -> SIMD4<UInt64> {
        var key = UnsafeRawPointer(word).loadUnaligned(as: SIMD4<UInt64>.self) & masks[count]
        key[3] |= UInt64(truncatingIfNeeded: count) &<< 56
        return key
    }

    @inline(__always)
    private func entry(for key: SIMD4<UInt64>) -> UnsafeMutablePointer<Entry> {
        // Multiplicative hashing; the constants are odd and otherwise arbitrary (golden ratio, and primes of xxHash).
        let mixed =
            (key[0] &* 0x9E37_79B9_7F4A_7C15) ^ (key[1] &* 0xC2B2_AE3D_27D4_EB4F)
            ^ (key[2] &* 0x1656_67B1_9E37_79F9) ^ (key[3] &* 0x27D4_EB2F_1656_67C5)
        let hash = (mixed ^ (mixed &>> 29)) &* 0x9E37_79B9_7F4A_7C15
        return entries + Int(truncatingIfNeeded: hash &>> UInt64(64 &- slotBits))
    }

    /// `sharedMasks[n]` keeps the first n bytes, n ≤ 31. (Little-endian, as every machine of this project.)
    // SAFETY: written once, before its address is known to anyone.
    private nonisolated(unsafe) static let sharedMasks: UnsafePointer<SIMD4<UInt64>> = {
        let masks = UnsafeMutablePointer<SIMD4<UInt64>>.allocate(capacity: 32)
        for count in 0..<32 {
            var mask = SIMD4<UInt64>.zero
            for byte in 0..<count { mask[byte / 8] |= 0xFF << UInt64(8 * (byte % 8)) }
            (masks + count).initialize(to: mask)
        }
        return UnsafePointer(masks)
    }()

    /// The word's entry where its first place has another word.
    @inline(never)
    private func otherEntry(
        _ entry: UnsafeMutablePointer<Entry>, _ key: SIMD4<UInt64>, _ word: UnsafePointer<UInt8>, _ count: Int
    ) -> UnsafeMutablePointer<Entry> {
        let place = entries.distance(to: entry)
        for other in 1..<Self.ways where entries[place ^ other].word == key { return entries + (place ^ other) }
        // The first place has what came last; what was there goes to a free one, else to the neighbour's.
        if entry.pointee.word != .zero {
            let free = (1..<Self.ways).first { entries[place ^ $0].word == .zero }
            entries[place ^ (free ?? 1)] = entry.pointee
        }
        fill(entry, key, word, count)
        return entry
    }

    private func fill(_ entry: UnsafeMutablePointer<Entry>, _ key: SIMD4<UInt64>, _ word: UnsafePointer<UInt8>, _ count: Int) {
        var stem = stemmer.stem(word, count)
        // A stemmer may lengthen a word; beyond the entry the word stands for itself.
        if stem.count > Self.wordBytesMax { stem = UnsafeBufferPointer(start: word, count: count) }
        var padded = SIMD4<UInt64>.zero
        withUnsafeMutableBytes(of: &padded) {
            $0.copyMemory(from: UnsafeRawBufferPointer(stem))
            $0[31] = UInt8(stem.count)
        }
        entry.pointee = Entry(word: key, stem: padded)
    }
}
