/// Byte strings to token ids, made for the longest-prefix search of WordPiece.
///
/// Layout: one pool of key bytes, one entry per key, and an open-addressing table of (tag, entry) slots at most half full.
/// A key that starts with the continuation prefix is entered once more without it, under another hash seed, so that a
/// piece inside a word is looked up without building "##" + piece. The hash is FNV-1a, because its value for a prefix
/// falls out on the way to the value for the whole: one pass over a word gives the hash of every candidate.
/// FNV is only an index here: every hit is confirmed by comparing bytes.
///
/// Immutable after init, so safe to share.
final class WordPieceVocabulary: @unchecked Sendable {
    private struct Slot {
        var tag: UInt32
        /// Index into `entries`, -1 where the slot is free.
        var entry: Int32
    }

    private struct Entry {
        var start: UInt32
        var length: UInt32
        var id: Int32
    }

    // SAFETY: filled in init, freed in deinit, never mutated between; hence @unchecked Sendable is sound.
    private let slots: UnsafeMutableBufferPointer<Slot>
    private let entries: UnsafeMutableBufferPointer<Entry>
    private let pool: UnsafeMutableBufferPointer<UInt8>
    private let mask: Int
    /// Bytes of the longest key: longer prefixes need no look-up.
    let keyBytesMax: Int
    /// Number of different keys.
    let count: Int

    private static let initialSeed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let continuationSeed: UInt64 = 0x9AE1_6A3B_2F90_404F
    private static let prime: UInt64 = 0x0000_0100_0000_01B3

    /// - Parameters:
    ///   - tokens: bytes and id of every token; a key that occurs twice keeps its first id.
    ///   - continuationPrefix: "##" in BERT's vocabularies; empty: pieces inside a word look like words.
    /// - Complexity: O(total bytes).
    init(tokens: [(key: [UInt8], id: Int32)], continuationPrefix: [UInt8]) {
        var keys = 0
        var bytes = 0
        var longest = 0
        func isContinuation(_ key: [UInt8]) -> Bool {
            key.count > continuationPrefix.count && key.starts(with: continuationPrefix)
        }
        for (key, _) in tokens {
            keys += isContinuation(key) ? 2 : 1
            bytes += key.count
            longest = max(longest, key.count)
        }
        var capacity = 16
        while capacity < keys * 2 { capacity *= 2 }
        count = tokens.count
        keyBytesMax = longest
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(tag: 0, entry: -1))
        entries = .allocate(capacity: max(keys, 1))
        pool = .allocate(capacity: max(bytes, 1))

        var entryCount = 0
        var poolCount = 0
        for (key, id) in tokens {
            let start = poolCount
            for byte in key {
                pool.initializeElement(at: poolCount, to: byte)
                poolCount += 1
            }
            insert(start: start, length: key.count, id: id, seed: Self.initialSeed, &entryCount)
            if isContinuation(key) {
                let skip = continuationPrefix.count
                insert(start: start + skip, length: key.count - skip, id: id, seed: Self.continuationSeed, &entryCount)
            }
        }
    }

    deinit {
        slots.deallocate()
        entries.deallocate()
        pool.deallocate()
    }

    private func insert(start: Int, length: Int, id: Int32, seed: UInt64, _ entryCount: inout Int) {
        guard length > 0 else { return }
        let key = UnsafePointer(pool.baseAddress! + start)
        var hash = seed
        for i in 0..<length { hash = (hash ^ UInt64(key[i])) &* Self.prime }
        // The two kinds of key share one table: the seed tells them apart in the hash, a bit of the tag in the slot.
        let tag = Self.tag(hash, continuation: seed == Self.continuationSeed)
        var at = Self.home(hash) & mask
        while slots[at].entry >= 0 {
            if slots[at].tag == tag, equals(slots[at].entry, key, length) { return }
            at = (at + 1) & mask
        }
        entries.initializeElement(at: entryCount, to: Entry(start: UInt32(start), length: UInt32(length), id: id))
        slots[at] = Slot(tag: tag, entry: Int32(entryCount))
        entryCount += 1
    }

    @inline(__always)
    private static func tag(_ hash: UInt64, continuation: Bool) -> UInt32 {
        (UInt32(truncatingIfNeeded: hash >> 32) & ~1) | (continuation ? 1 : 0)
    }

    // FNV's low bits are weak for short keys; folding the high half in spreads them.
    @inline(__always)
    private static func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash ^ (hash >> 29)) & 0x7FFF_FFFF) }

    @inline(__always)
    private func equals(_ entry: Int32, _ key: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let e = entries[Int(entry)]
        guard Int(e.length) == length else { return false }
        let own = pool.baseAddress! + Int(e.start)
        for i in 0..<length where own[i] != key[i] { return false }
        return true
    }

    /// Longest key that is a prefix of `word[start..<end]`.
    ///
    /// - Parameters:
    ///   - hashes: scratch, at least ``keyBytesMax`` long.
    /// - Returns: the id and the end of the piece, or nil if no prefix is a key.
    /// - Complexity: O(min(end - start, keyBytesMax)) look-ups.
    @inline(__always)
    func longestPrefix(
        _ word: UnsafePointer<UInt8>, _ start: Int, _ end: Int, continuation: Bool, hashes: UnsafeMutablePointer<UInt64>
    ) -> (id: Int32, end: Int)? {
        let length = min(end - start, keyBytesMax)
        let base = word + start
        var hash = continuation ? Self.continuationSeed : Self.initialSeed
        for i in 0..<length {
            hash = (hash ^ UInt64(base[i])) &* Self.prime
            hashes[i] = hash
        }
        var candidate = length
        while candidate > 0 {
            // A key never ends inside a scalar, so such prefixes need no look-up.
            if start + candidate < end, base[candidate] & 0xC0 == 0x80 {
                candidate -= 1
                continue
            }
            let h = hashes[candidate - 1]
            let tag = Self.tag(h, continuation: continuation)
            var at = Self.home(h) & mask
            while true {
                let slot = slots[at]
                if slot.entry < 0 { break }
                if slot.tag == tag, equals(slot.entry, base, candidate) {
                    return (entries[Int(slot.entry)].id, start + candidate)
                }
                at = (at + 1) & mask
            }
            candidate -= 1
        }
        return nil
    }

    /// Id of exactly `key`, nil if it is none.
    func id(of key: [UInt8]) -> Int32? {
        guard !key.isEmpty, key.count <= keyBytesMax else { return nil }
        return key.withUnsafeBufferPointer { key in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: key.count) { hashes in
                guard let found = longestPrefix(key.baseAddress!, 0, key.count, continuation: false, hashes: hashes.baseAddress!),
                    found.end == key.count
                else { return nil }
                return found.id
            }
        }
    }
}
