import CStemmer

/// A Snowball stemmer behind a direct-mapped cache: stemming a word takes 150 ns, finding it again 5, and by Zipf's law almost
/// every word of a text is one of a few thousand.
///
/// Words of at most 32 bytes are cached. Not thread-safe, as Snowball is not. Owns its memory until `free()`.
struct StemCache {
    static let wordBytesMax = 32
    private static let slotBits = 12
    private static let slots = 1 << slotBits

    private let stemmer: OpaquePointer
    /// Per slot: the word, zero-padded to 32 bytes; its stem likewise; both lengths (word 0: free).
    private let words: UnsafeMutablePointer<SIMD4<UInt64>>
    private let stems: UnsafeMutablePointer<SIMD4<UInt64>>
    private let lengths: UnsafeMutablePointer<(word: UInt8, stem: UInt8)>

    /// Nil for an algorithm that Snowball does not know.
    init?(algorithm: String) {
        guard !algorithm.utf8.contains(0), let stemmer = sb_stemmer_new(algorithm, "UTF_8") else { return nil }
        self.stemmer = stemmer
        words = .allocate(capacity: Self.slots)
        stems = .allocate(capacity: Self.slots)
        lengths = .allocate(capacity: Self.slots)
        words.initialize(repeating: .zero, count: Self.slots)
        stems.initialize(repeating: .zero, count: Self.slots)
        lengths.initialize(repeating: (0, 0), count: Self.slots)
    }

    func free() {
        sb_stemmer_delete(stemmer)
        words.deallocate()
        stems.deallocate()
        lengths.deallocate()
    }

    /// Names of Snowball's algorithms.
    static var algorithms: [String] {
        var names: [String] = []
        guard var name = sb_stemmer_list() else { return names }
        while let text = name.pointee {
            names.append(String(cString: text))
            name += 1
        }
        return names
    }

    /// The stem of a folded word; valid until the next call. An empty stem counts as the word itself.
    ///
    /// SAFETY: 32 bytes from `word` must be readable, whatever `count` is; so are 32 bytes from the result if `count` ≤ 32.
    @inline(__always)
    func stem(_ word: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        guard count <= Self.wordBytesMax else { return stemUncached(word, count) }
        let raw = UnsafeRawPointer(word)
        // A word's own bytes, the rest zero. Shifts by 64 or more give 0 (smart shift), which makes the masks right.
        @inline(__always) func lane(_ index: Int) -> UInt64 {
            let bits = (count - 8 * index) * 8
            let value = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            return bits >= 64 ? value : bits <= 0 ? 0 : value & (UInt64.max &>> UInt64(64 - bits))
        }
        let key = SIMD4(lane(0), lane(1), lane(2), lane(3))
        // Multiplicative hashing; the constants are odd and otherwise arbitrary (golden ratio, and primes of xxHash).
        let mixed = (key[0] &* 0x9E37_79B9_7F4A_7C15) ^ (key[1] &* 0xC2B2_AE3D_27D4_EB4F)
            ^ (key[2] &* 0x1656_67B1_9E37_79F9) ^ (key[3] &* 0x27D4_EB2F_1656_67C5)
        let slot = Int(truncatingIfNeeded: ((mixed ^ (mixed &>> 29)) &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - Self.slotBits))
        if words[slot] != key || Int(lengths[slot].word) != count {
            fill(slot, key, word, count)
        }
        return UnsafeBufferPointer(
            start: UnsafeRawPointer(stems + slot).assumingMemoryBound(to: UInt8.self), count: Int(lengths[slot].stem))
    }

    @inline(never)
    private func fill(_ slot: Int, _ key: SIMD4<UInt64>, _ word: UnsafePointer<UInt8>, _ count: Int) {
        var stem = stemUncached(word, count)
        // A stemmer may lengthen a word; beyond the slot the word stands for itself.
        if stem.count > Self.wordBytesMax { stem = UnsafeBufferPointer(start: word, count: count) }
        stems[slot] = .zero
        UnsafeMutableRawPointer(stems + slot).copyMemory(from: stem.baseAddress!, byteCount: stem.count)
        words[slot] = key
        lengths[slot] = (UInt8(count), UInt8(stem.count))
    }

    private func stemUncached(_ word: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        // Snowball copies the word; NULL means out of memory.
        guard let stem = sb_stemmer_stem(stemmer, word, Int32(count)) else {
            return UnsafeBufferPointer(start: word, count: count)
        }
        let length = Int(sb_stemmer_length(stemmer))
        guard length > 0 else { return UnsafeBufferPointer(start: word, count: count) }
        return UnsafeBufferPointer(start: stem, count: length)
    }
}
