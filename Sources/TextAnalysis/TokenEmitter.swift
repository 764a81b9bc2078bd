import CICU
import SearchCore

/// Turns segments into terms: surface form, stem, parts of every word; joined forms of every chunk.
///
/// A value of raw buffers, so that the hot loop works on locals. Owned by one ``AnalysisWorkspace``; flushed into an
/// ``AnalyzedText`` region by region, while still in cache.
struct TokenEmitter {
    private(set) var keys: UnsafeMutablePointer<UInt8>
    private(set) var keyCount = 0
    private var keyCapacity: Int
    private(set) var tokens: UnsafeMutablePointer<AnalyzedText.Token>
    private(set) var tokenCount = 0
    private var tokenCapacity: Int
    /// Bytes of keys flushed so far.
    private var keyBase: UInt32 = 0
    private var position: UInt32 = 0
    let stems: StemCache?
    private let parts: Bool
    private let wholes: Bool

    init(stems: StemCache?, parts: Bool, wholes: Bool) {
        self.stems = stems
        self.parts = parts
        self.wholes = wholes
        keyCapacity = 64 << 10
        keys = .allocate(capacity: keyCapacity)
        tokenCapacity = 4 << 10
        tokens = .allocate(capacity: tokenCapacity)
    }

    func free() {
        keys.deallocate()
        tokens.deallocate()
        stems?.free()
    }

    var memoryBytes: Int { keyCapacity + tokenCapacity * MemoryLayout<AnalyzedText.Token>.stride }

    mutating func begin() {
        keyCount = 0
        tokenCount = 0
        keyBase = 0
        position = 0
    }

    /// Moves what was emitted to the end of `text`.
    mutating func flush(into text: inout AnalyzedText) {
        text.termBytes.append(contentsOf: UnsafeBufferPointer(start: keys, count: keyCount))
        text.tokens.append(contentsOf: UnsafeBufferPointer(start: tokens, count: tokenCount))
        text.length = Int(position)
        keyBase = UInt32(text.termBytes.count)
        keyCount = 0
        tokenCount = 0
    }

    /// Emits all terms of one region. No chunk may reach over a region's end.
    ///
    /// - Parameter folded: the text that `segments` point into, followed by 32 readable bytes.
    /// - Parameter base: added to the offsets in the source.
    mutating func emit(_ segments: UnsafeBufferPointer<tandem_segment>, folded: UnsafePointer<UInt8>, base: UInt32) {
        var chunkStart = 0
        var chunkPosition = position
        let ahead = 8
        for index in segments.indices {
            let segment = segments[index]
            if let stems, index + ahead < segments.count {
                let later = segments[index + ahead]
                stems.prefetch(folded + Int(later.folded_start), Int(later.folded_end &- later.folded_start))
            }
            // A standalone word begins a chunk and ends it.
            let standalone = segment.kind == UInt8(TANDEM_SEGMENT_STANDALONE)
            if segment.separated != 0 || standalone {
                if wholes, index - chunkStart > 1 {
                    emitWholes(segments, chunkStart..<index, chunkPosition, folded, base)
                }
                chunkStart = standalone ? index + 1 : index
                chunkPosition = standalone ? position &+ 1 : position
            }
            if segment.kind != UInt8(TANDEM_SEGMENT_SYMBOL) {
                emitWord(
                    folded + Int(segment.folded_start), Int(segment.folded_end - segment.folded_start),
                    start: base &+ segment.source_start, end: base &+ segment.source_end, compound: segment.compound != 0)
            }
        }
        if wholes, segments.count - chunkStart > 1 {
            emitWholes(segments, chunkStart..<segments.count, chunkPosition, folded, base)
        }
    }

    @inline(__always)
    private mutating func emitWord(
        _ word: UnsafePointer<UInt8>, _ wordCount: Int, start: UInt32, end: UInt32, compound: Bool
    ) {
        let position = position
        self.position = position &+ 1
        let count = cut(word, wordCount)
        append(.surface, word, count, position, start, end)
        if let stems {
            let stem = stems.stem(word, count)
            // SAFETY: `append` may read 32 bytes, which a cached stem has; an uncached one is longer than that or copied exactly.
            append(.stem, stem.baseAddress!, cut(stem.baseAddress!, stem.count), position, start, end, exact: count > StemCache.wordBytesMax)
        }
        if compound, parts { emitParts(word, wordCount, position, start, end) }
    }

    @inline(never)
    private mutating func emitParts(
        _ word: UnsafePointer<UInt8>, _ wordCount: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32
    ) {
        WordParts.forEach(word, wordCount) { from, to in
            let piece = word + from
            let count = cut(piece, to - from)
            // A part is indexed by its stem only: it is a loose match anyway, and so `users` finds `manage_user`.
            if let stems {
                let stem = stems.stem(piece, count)
                append(.part, stem.baseAddress!, cut(stem.baseAddress!, stem.count), position, start, end, exact: true)
            } else {
                append(.part, piece, count, position, start, end, exact: true)
            }
        }
    }

    /// At most `Limits.termBytesMax` bytes, whole code points.
    @inline(__always)
    private func cut(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard count > Limits.termBytesMax else { return count }
        var cut = Limits.termBytesMax
        while cut > 0, text[cut] & 0xC0 == 0x80 { cut -= 1 }
        return cut
    }

    /// Adds one term. `count` ≤ 255. Unless `exact`, 32 bytes of `text` must be readable.
    @inline(__always)
    mutating func append(
        _ form: TermForm, _ text: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32,
        exact: Bool = false
    ) {
        if keyCount + 320 > keyCapacity || tokenCount == tokenCapacity { grow() }
        let key = keys + keyCount
        key[0] = form.rawValue
        let target = UnsafeMutableRawPointer(key + 1)
        if count <= 32, !exact {
            // One vector move instead of a call; what is too much gets overwritten by the next key.
            target.storeBytes(of: UnsafeRawPointer(text).loadUnaligned(as: SIMD32<UInt8>.self), as: SIMD32<UInt8>.self)
        } else {
            target.copyMemory(from: text, byteCount: count)
        }
        tokens[tokenCount] = AnalyzedText.Token(
            termStart: keyBase &+ UInt32(truncatingIfNeeded: keyCount), termLength: UInt16(truncatingIfNeeded: count + 1),
            form: form, position: position, start: start, end: end)
        keyCount += count + 1
        tokenCount += 1
    }

    @inline(never)
    private mutating func grow() {
        if keyCount + 320 > keyCapacity {
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: keyCapacity * 2)
            larger.update(from: keys, count: keyCount)
            keys.deallocate()
            keys = larger
            keyCapacity *= 2
        }
        if tokenCount == tokenCapacity {
            let larger = UnsafeMutablePointer<AnalyzedText.Token>.allocate(capacity: tokenCapacity * 2)
            larger.moveInitialize(from: tokens, count: tokenCount)
            tokens.deallocate()
            tokens = larger
            tokenCapacity *= 2
        }
    }
}
