import CICU
import SearchCore

/// The characters of a run of words of a script without spaces, as far as the next bigram needs them.
struct BigramRun {
    /// The last character, folded, and its length; 0: the run begins.
    fileprivate var last: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)
    fileprivate var lastCount = 0
    fileprivate var position: UInt32 = 0
    fileprivate var start: UInt32 = 0

    /// Something else than the script's characters stands in between.
    @inline(__always)
    mutating func end() { lastCount = 0 }
}

/// Overlapping pairs of characters of Chinese, Japanese and Korean, across the borders of words: a dictionary's borders depend on what stands around a word,
/// and it does not know every word. Lucene's CJKBigramFilter does the same. In simplified characters and hiragana, so that script variants meet.
extension TokenEmitter {
    /// - Parameter word: its script's characters only; of Korean one word at a time, since it has spaces.
    /// - Parameter isVerbatim: its bytes are those from `start` on in the source.
    mutating func emitBigrams(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ script: WordScript, _ position: UInt32, _ start: UInt32, _ end: UInt32, isVerbatim: Bool
    ) {
        if script == .hangul { bigrams.end() }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(count, 1)) { buffer in
            let out = buffer.baseAddress!
            let changed = tandem_fold_variants(word, count, out, 0)
            let text = changed > 0 ? UnsafePointer(out) : word
            let length = changed > 0 ? changed : count
            // Where nothing was normalised a character is found again in the source, by the same bytes: ß gives two of one byte each.
            let isExact =
                isVerbatim && Int(end &- start) == count && length == count
                && (changed == 0 || (0..<count).allSatisfy { (text[$0] & 0xC0 == 0x80) == (word[$0] & 0xC0 == 0x80) })
            var index = 0
            while index < length {
                var next = index + 1
                while next < length, text[next] & 0xC0 == 0x80 { next += 1 }
                let charStart = isExact ? start &+ UInt32(truncatingIfNeeded: index) : start
                let charEnd = isExact ? start &+ UInt32(truncatingIfNeeded: next) : end
                append(character: text + index, min(next - index, 4), position, charStart, charEnd)
                index = next
            }
        }
        if script == .hangul { bigrams.end() }
    }

    private mutating func append(character: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32) {
        var pair: (UInt64) = 0
        withUnsafeMutableBytes(of: &pair) { pair in
            if bigrams.lastCount > 0 {
                let lastCount = bigrams.lastCount
                withUnsafeBytes(of: &bigrams.last) { pair.baseAddress!.copyMemory(from: $0.baseAddress!, byteCount: lastCount) }
                (pair.baseAddress! + lastCount).copyMemory(from: character, byteCount: count)
                append(
                    .bigram, pair.baseAddress!.assumingMemoryBound(to: UInt8.self), lastCount + count, bigrams.position, bigrams.start, end, exact: true)
            }
        }
        withUnsafeMutableBytes(of: &bigrams.last) { $0.baseAddress!.copyMemory(from: character, byteCount: count) }
        bigrams.lastCount = count
        bigrams.position = position
        bigrams.start = start
    }
}
