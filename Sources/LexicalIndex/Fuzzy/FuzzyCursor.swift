import SearchCore

/// Walks the keys of one dictionary that a fuzzy word stands for, in key order.
///
/// The intersection of a Levenshtein automaton with the sorted dictionary. The automaton's states along the current key lie
/// on a stack, so that what a key shares with the one before is not read again. Where a key dies, the lowest string above it
/// that can still match becomes the `target`: the deepest prefix from whose state a higher code point stays alive, and the
/// lowest such code point. Below the target a term costs the decoding of its entry and no byte of its text more than it
/// shares with the target; where the target lies beyond the block, the sparse index is galloped through to its block.
///
/// ```
/// word           h e l l o              distance 1
/// key            01 | h e l p s         dies at s: behind `help` the edit is used up, and only l and o go on
/// states           s0 s1 s2 s3 s4       behind `help` nothing above s goes on, behind `hel` anything does
/// target         01 | h e l q           the lowest string above the key that can still match
/// ```
///
/// Invariants: (1) `bytes[0 ..< ends[top]]` is what `states[top]` has read, behind the pattern's leading bytes; (2) with a
/// target, `bytes[0 ..< length]` is the target, no key walked so far reaches it, and the last one shares exactly `common`
/// bytes with it; without one, it is the last key walked.
///
/// Not thread-safe. The key's bytes stay valid until the next ``next()``. Source: Mihov & Schulz, "Fast approximate search in
/// large dictionaries", 2004; the target is that of Lucene's `AutomatonTermsEnum`.
final class FuzzyCursor {
    /// Keys of more edits are passed over from here on; may only fall.
    var distanceMax: Int
    private(set) var distance = 0
    private(set) var documentFrequency = 0

    private let dictionary: TermDictionary
    private let pattern: FuzzyPattern
    private let automaton: LevenshteinAutomaton
    private var entries: TermEntryReader
    private var block: Int

    private let bytes: UnsafeMutableRawBufferPointer
    private var length = 0
    private var hasTarget = true
    private var common = 0

    private struct Level {
        var state: LevenshteinAutomaton.State
        /// The code point that led to the state.
        var scalar: Unicode.Scalar
        /// Bytes of the key up to it.
        var end: Int
    }
    private let levels: UnsafeMutablePointer<Level>
    private var top = 0
    private var isDone = false

    /// A block takes about 0.5 µs; a look at the clock takes a tenth of that.
    private static let checkpointBlocks = 16
    private var blocksVisited = 0
    private var nextCheckpoint = 0

    init(_ dictionary: TermDictionary, _ pattern: FuzzyPattern) throws(Damaged) {
        self.dictionary = dictionary
        self.pattern = pattern
        automaton = pattern.automaton
        distanceMax = pattern.distance
        // Behind the longest key: one code point of a target, and what is read of a target as its key prefix.
        bytes = .allocate(byteCount: LexicalFormat.keyBytesMax + 16, alignment: 8)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        levels = .allocate(capacity: LexicalFormat.keyBytesMax + 1)
        levels.initialize(to: Level(state: pattern.automaton.start, scalar: "\0", end: pattern.leading.count))
        entries = TermEntryReader()
        block = 0
        guard pattern.leading.count <= LexicalFormat.keyBytesMax else {
            isDone = true
            return
        }
        // The first target: the leading bytes.
        length = pattern.leading.count
        bytes.copyBytes(from: pattern.leading)
        block = max(try dictionary.block(of: UnsafeRawBufferPointer(rebasing: bytes[..<length])), 0)
        try enter()
    }

    deinit {
        bytes.deallocate()
        levels.deallocate()
    }

    var key: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[..<length]) }

    /// Goes to the next matching key.
    /// - Returns: false after the last one.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`; ``Damaged`` when the dictionary's bytes make no sense, though keys out of
    ///   order may go unnoticed and unfound.
    func next(_ control: QueryControl) throws -> Bool {
        while !isDone {
            if blocksVisited >= nextCheckpoint {
                nextCheckpoint = blocksVisited + Self.checkpointBlocks
                try control.checkpoint()
            }
            if entries.isAtEnd {
                block += 1
                guard block < dictionary.blockCount else { break }
                try enter()
            }
            if try advance(), let distance = try match() {
                self.distance = distance
                documentFrequency = Int(entries.documentFrequency)
                return true
            }
        }
        isDone = true
        return false
    }

    private func enter() throws(Damaged) {
        guard let reader = dictionary.reader(ofBlock: block), let entries = TermEntryReader(reader, count: dictionary.termCount(ofBlock: block))
        else { throw Damaged("term dictionary index, block \(block)") }
        self.entries = entries
        // The first entry of a block shares nothing as it stands: what it has in common with the target is found below.
        if hasTarget { common = 0 }
        blocksVisited += 1
    }

    /// Takes the next entry as the current key, with the levels that it shares with the last one; false when it is below the
    /// target, or behind all keys of the leading bytes, which ends the walk.
    @inline(__always)
    private func advance() throws(Damaged) -> Bool {
        let isFirst = entries.isAtStart
        guard let (shared, suffix) = entries.next() else { throw Damaged("term dictionary, block \(block)") }
        var kept = shared
        if hasTarget {
            // As in `TermDictionary.lookup`: more shared with the last term: it departs from the target where that one did.
            if shared > common { return false }
            if shared == common {
                let equal = equalBytes(suffix, from: shared)
                kept += equal
                if kept < length, equal == suffix.count || suffix[equal] < bytes[kept] {
                    common = kept
                    return false
                }
            }
            hasTarget = false
        } else if isFirst {
            kept += equalBytes(suffix, from: shared)
        }
        guard shared <= length, suffix.count <= LexicalFormat.keyBytesMax - shared else { throw Damaged("term dictionary, block \(block)") }
        // The keys that begin with the leading bytes lie together.
        guard kept >= pattern.leading.count else {
            isDone = true
            return false
        }
        UnsafeMutableRawBufferPointer(rebasing: bytes[shared...]).copyMemory(from: suffix)
        length = shared + suffix.count
        while levels[top].end > kept { top -= 1 }
        return true
    }

    /// Bytes that a suffix has in common with `bytes[start ..< length]`.
    @inline(__always) private func equalBytes(_ suffix: UnsafeRawBufferPointer, from start: Int) -> Int {
        let limit = min(suffix.count, length - start)
        var equal = 0
        while equal < limit, suffix[equal] == bytes[start + equal] { equal += 1 }
        return equal
    }

    /// Reads the rest of the current key: its distance if it matches, else the target is set if it died.
    @inline(__always)
    private func match() throws(Damaged) -> Int? {
        let rest = UnsafeRawBufferPointer(bytes)
        while levels[top].end < length {
            let at = levels[top].end
            // What is no UTF-8 matches nothing. No target is set: whether more bytes would mend it is not worth knowing.
            guard let (scalar, count) = decodeScalar(rest, at: at, end: length) else { return nil }
            let state = automaton.step(levels[top].state, scalar)
            guard automaton.isAlive(state, within: distanceMax) else {
                try seek(above: scalar)
                return nil
            }
            top += 1
            (levels + top).initialize(to: Level(state: state, scalar: scalar, end: at + count))
        }
        guard let distance = automaton.distance(of: levels[top].state), distance <= distanceMax else { return nil }
        return distance
    }

    /// Sets the target: the lowest string with a live step above the current key, which died at a code point behind `top`.
    private func seek(above dead: Unicode.Scalar) throws(Damaged) {
        var dead = dead
        var lowest = automaton.lowestStep(levels[top].state, above: dead, within: distanceMax)
        while lowest == nil {
            guard top > 0 else {
                isDone = true
                return
            }
            dead = levels[top].scalar
            top -= 1
            lowest = automaton.lowestStep(levels[top].state, above: dead, within: distanceMax)
        }
        // Of the key stays what `top` has read, and what the dead code point's bytes share with the ones put in their place.
        let end = levels[top].end
        common = end
        length = end
        var isShared = true
        for byte in UTF8.encode(lowest!)! {
            if isShared, bytes[length] == byte { common += 1 } else { isShared = false }
            bytes[length] = byte
            length += 1
        }
        hasTarget = true
        // For the target's key prefix; nothing else reads behind the length.
        bytes.storeBytes(of: 0, toByteOffset: length, as: UInt64.self)
        let prefix = UInt64(bigEndian: bytes.load(as: UInt64.self))
        guard block + 1 < dictionary.blockCount, dictionary.prefix(ofBlock: block + 1) <= prefix else { return }
        let found = try dictionary.block(of: UnsafeRawBufferPointer(rebasing: bytes[..<length]), prefix: prefix, from: block)
        if found > block {
            block = found
            try enter()
        }
    }
}

/// The code point at a place of UTF-8, and its bytes; nil where there is none: cut off, overlong, a surrogate, too large.
@inline(__always)
private func decodeScalar(_ bytes: UnsafeRawBufferPointer, at start: Int, end: Int) -> (Unicode.Scalar, Int)? {
    let first = bytes[start]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard first >= 0xC2, first < 0xF5, start + count <= end else { return nil }
    var value = UInt32(first & (0x7F >> UInt8(count)))
    for i in 1..<count {
        let next = bytes[start + i]
        guard next & 0xC0 == 0x80 else { return nil }
        value = value << 6 | UInt32(next & 0x3F)
    }
    guard count == 2 || value >= (count == 3 ? 0x800 : 0x1_0000), let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, count)
}
