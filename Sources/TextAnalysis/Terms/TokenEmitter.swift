import CICU
import Glibc
import SearchCore

/// Turns segments into terms: surface form, stems, folded forms, parts of every word; bigrams of scripts without spaces; joined forms of every chunk.
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
    let stemmers: Stemmers?
    /// Of ASCII words in the present passage.
    private var latin: StemCache?
    private var latinToo: StemCache?
    private let forms: AnalysisChain.Forms
    /// The text's passages, and the one under work.
    private var passages: UnsafeBufferPointer<LanguagePassage> = .init(start: nil, count: 0)
    private var passage = 0
    private var passageEnd: UInt32 = .max
    /// The languages that stemmers are chosen for.
    private var entered: (first: Int8, second: Int8)?
    /// A folded word, and another spelling of it.
    private let variant: UnsafeMutablePointer<UInt8>
    var bigrams = BigramRun()
    /// Of a query: its stems and variants are made with its groups, for other languages.
    private var isQuery = false

    init(stemmers: Stemmers?, forms: AnalysisChain.Forms) {
        self.stemmers = stemmers
        self.forms = forms
        keyCapacity = 64 << 10
        keys = .allocate(capacity: keyCapacity)
        tokenCapacity = 4 << 10
        tokens = .allocate(capacity: tokenCapacity)
        variant = .allocate(capacity: Self.variantBytes)
    }

    /// Longer words have no variants.
    static let variantBytes = Limits.termBytesMax

    func free() {
        keys.deallocate()
        tokens.deallocate()
        variant.deallocate()
        stemmers?.free()
    }

    var memoryBytes: Int { keyCapacity + tokenCapacity * MemoryLayout<AnalyzedText.Token>.stride }

    /// - Parameter passages: of the text that is emitted next; valid until it is. Empty where nothing is stemmed.
    /// - Parameter isQuery: neither stems nor variants are emitted; without passages.
    mutating func begin(passages: UnsafeBufferPointer<LanguagePassage>, isQuery: Bool) {
        self.isQuery = isQuery
        keyCount = 0
        tokenCount = 0
        keyBase = 0
        position = 0
        bigrams = BigramRun()
        self.passages = passages
        passage = 0
        passageEnd = passages.isEmpty ? .max : passages[0].end
        if isQuery {
            (latin, latinToo, entered) = (nil, nil, nil)
        } else {
            enterPassage()
        }
    }

    private mutating func enterPassage() {
        guard let stemmers, !passages.isEmpty else { return }
        // Most texts are in the language of the one before.
        let languages = (passages[passage].first, passages[passage].second)
        if let entered, entered == languages { return }
        entered = languages
        stemmers.activate(passages[passage])
        let active = stemmers.active[Int(WordScript.latin.rawValue)]
        latin = active.first
        latinToo = active.second
    }

    @inline(never)
    private mutating func advance(to start: UInt32) {
        while passage + 1 < passages.count, start >= passages[passage].end { passage += 1 }
        passageEnd = passage + 1 < passages.count ? passages[passage].end : .max
        enterPassage()
    }

    /// A term for each language of the passages, so that the collection knows which languages it holds.
    mutating func emitLanguages() {
        guard forms.stems, position > 0 else { return }
        var seen: UInt64 = 0
        for passage in passages {
            for number in [passage.first, passage.second] where number >= 0 && seen & 1 << UInt64(number) == 0 {
                seen |= 1 << UInt64(number)
                let code = Array(Language.all[Int(number)].code.utf8)
                code.withUnsafeBufferPointer { append(.language, $0.baseAddress!, $0.count, 0, 0, 0, exact: true) }
            }
        }
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
    /// - Parameter isASCII: no word has other characters.
    @inline(__always)
    mutating func emit(_ segments: UnsafeBufferPointer<tandem_segment>, folded: UnsafePointer<UInt8>, base: UInt32, isASCII: Bool) {
        var chunkStart = 0
        var chunkPosition = position
        // Regions of other languages than English are short: without their first words, most are waited for.
        for index in 0..<min(Self.prefetchedAhead, segments.count) { prefetchStem(segments[index], folded, isASCII: isASCII) }
        for index in segments.indices {
            let segment = segments[index]
            if base &+ segment.source_start >= passageEnd { advance(to: base &+ segment.source_start) }
            if index + Self.prefetchedAhead < segments.count { prefetchStem(segments[index + Self.prefetchedAhead], folded, isASCII: isASCII) }
            // A standalone word begins a chunk and ends it.
            let standalone = segment.kind == UInt8(TANDEM_SEGMENT_STANDALONE)
            if segment.separated != 0 || standalone {
                if forms.wholes, index - chunkStart > 1 {
                    emitWholes(segments, chunkStart..<index, chunkPosition, folded, base)
                }
                chunkStart = standalone ? index + 1 : index
                chunkPosition = standalone ? position &+ 1 : position
            }
            if !isASCII, segment.separated != 0 || !standalone { bigrams.end() }
            if !isASCII, segment.kind == UInt8(TANDEM_SEGMENT_PART) {
                emitPiece(
                    folded + Int(segment.folded_start), Int(segment.folded_end - segment.folded_start), base &+ segment.source_start,
                    base &+ segment.source_end)
            } else if segment.kind != UInt8(TANDEM_SEGMENT_SYMBOL) {
                emitWord(
                    folded + Int(segment.folded_start), Int(segment.folded_end - segment.folded_start),
                    start: base &+ segment.source_start, end: base &+ segment.source_end, segment, isASCII: isASCII)
            }
        }
        if !isASCII { bigrams.end() }
        if forms.wholes, segments.count - chunkStart > 1 {
            emitWholes(segments, chunkStart..<segments.count, chunkPosition, folded, base)
        }
    }

    /// Words that a stem is asked for ahead.
    private static let prefetchedAhead = 8

    @inline(__always)
    private func prefetchStem(_ segment: tandem_segment, _ folded: UnsafePointer<UInt8>, isASCII: Bool) {
        let word = folded + Int(segment.folded_start)
        let count = Int(segment.folded_end &- segment.folded_start)
        if isASCII || word[0] < 0x80 {
            latin?.prefetch(word, count)
        } else if !isQuery, let stemmers {
            stemmers.active[Int(WordScript.of(word, count).rawValue)].first?.prefetch(word, count)
        }
    }

    @inline(__always)
    private mutating func emitWord(
        _ word: UnsafePointer<UInt8>, _ wordCount: Int, start: UInt32, end: UInt32, _ segment: tandem_segment, isASCII: Bool
    ) {
        let position = position
        self.position = position &+ 1
        let count = cut(word, wordCount)
        append(.surface, word, count, position, start, end)
        if isASCII || Self.isASCII(word, count) {
            if let latin { emitStems(latin, latinToo, word, count, position, start, end) }
        } else {
            emitBeyondASCII(word, count, position, start, end, isVerbatim: segment.verbatim != 0)
        }
        if segment.compound != 0 { emitInside(word, wordCount, count, position, start, end) }
    }

    /// SAFETY: reads up to 8 bytes beyond the word, which are there.
    @inline(__always)
    private static func isASCII(_ word: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let first = UInt64(littleEndian: UnsafeRawPointer(word).loadUnaligned(as: UInt64.self))
        let inside: UInt64 = count >= 8 ? .max : 1 << UInt64(8 &* count) &- 1
        guard first & inside & 0x8080_8080_8080_8080 == 0 else { return false }
        var index = 8
        while index < count {
            if word[index] >= 0x80 { return false }
            index += 1
        }
        return true
    }

    @inline(__always)
    private mutating func emitStems(
        _ first: StemCache, _ second: StemCache?, _ word: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32
    ) {
        let stem = first.stem(word, count)
        // SAFETY: `append` may read 32 bytes, which a cached stem has; an uncached one is longer than that or copied exactly.
        append(.stem, stem.baseAddress!, cut(stem.baseAddress!, stem.count), position, start, end, exact: count > StemCache.wordBytesMax)
        if let second { emitSecondStem(second, after: keys + keyCount, word, count, position, start, end) }
    }

    /// Another language's stem, unless it is the first one's.
    @inline(never)
    private mutating func emitSecondStem(
        _ second: StemCache, after first: UnsafeMutablePointer<UInt8>, _ word: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32,
        _ end: UInt32
    ) {
        let firstCount = Int(tokens[tokenCount - 1].termLength) - 1
        let stem = second.stem(word, count)
        let stemCount = cut(stem.baseAddress!, stem.count)
        if stemCount == firstCount, memcmp(first - firstCount, stem.baseAddress!, stemCount) == 0 { return }
        append(.stem, stem.baseAddress!, stemCount, position, start, end, exact: count > StemCache.wordBytesMax)
    }

    /// Stems by script, what the word is without accents and variants, bigrams.
    @inline(never)
    private mutating func emitBeyondASCII(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32, isVerbatim: Bool
    ) {
        let script = WordScript.of(word, count)
        if let stemmers, !isQuery {
            let active = stemmers.active[Int(script.rawValue)]
            if let first = active.first { emitStems(first, active.second, word, count, position, start, end) }
        }
        if forms.folds, !isQuery { emitVariants(word, count, script, position, start, end) }
        if forms.bigrams, script == .chineseOrJapanese || script == .hangul {
            emitBigrams(word, count, script, position, start, end, isVerbatim: isVerbatim)
        }
    }

    /// The word without accents and script variants, and with ä as ae, where these differ from it.
    private mutating func emitVariants(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ script: WordScript, _ position: UInt32, _ start: UInt32, _ end: UInt32
    ) {
        guard count <= Self.variantBytes else { return }
        let plain = tandem_fold_variants(word, count, variant, 0)
        guard plain > 0 else { return }
        append(.folded, variant, plain, position, start, end, exact: true)
        guard script == .latin, tandem_has_spelling(word, count) != 0 else { return }
        let at = keys + keyCount - plain
        let spelled = tandem_fold_variants(word, count, variant, 1)
        if spelled == plain, memcmp(at, variant, plain) == 0 { return }
        append(.folded, variant, spelled, position, start, end, exact: true)
    }

    /// Of a word that begins with ASCII and has other characters or symbols inside.
    @inline(never)
    private mutating func emitInside(
        _ word: UnsafePointer<UInt8>, _ wordCount: Int, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32
    ) {
        guard forms.parts else { return }
        let isMixed = word[0] < 0x80
        WordParts.forEach(word, wordCount) { from, to in
            let piece = word + from
            let count = cut(piece, to - from)
            // Korean writes `CPU를` and `3월` as one word.
            if isMixed, forms.bigrams, WordScript.of(piece, count) == .hangul { emitBigrams(piece, count, .hangul, position, start, end, isVerbatim: false) }
            // A part is indexed by its stem only: it is a loose match anyway, and so `users` finds `manage_user`.
            let stem = stemOfPart(piece, count)
            append(.part, stem.baseAddress!, cut(stem.baseAddress!, stem.count), position, start, end, exact: true)
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: WordParts.joinedBytesMax + StemCache.wordBytesMax + 1) { buffer in
            guard let joined = WordParts.joined(word, wordCount, into: buffer.baseAddress!) else { return }
            appendJoinedPart(buffer, joined, position, start, end)
        }
    }

    /// The stem of what was put together in `buffer`, which has room for 32 bytes more.
    mutating func appendJoinedPart(_ buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int, _ position: UInt32, _ start: UInt32, _ end: UInt32) {
        // SAFETY: the stemmer may read 32 bytes from a word's beginning.
        (buffer.baseAddress! + count).initialize(repeating: 0, count: buffer.count - count)
        let word = UnsafePointer(buffer.baseAddress!)
        let stem = stemOfPart(word, count)
        append(.part, stem.baseAddress!, cut(stem.baseAddress!, stem.count), position, start, end, exact: true)
        // As one more spelling of the word, since a query in another language has another stem.
        guard forms.folds, !isQuery, count <= Self.variantBytes, !stem.elementsEqual(UnsafeBufferPointer(start: word, count: count)) else { return }
        let plain = tandem_fold_variants(word, count, variant, 0)
        append(.folded, plain > 0 ? UnsafePointer(variant) : word, plain > 0 ? plain : count, position, start, end, exact: true)
    }

    /// A piece that the tokenizer found, of the word before.
    private mutating func emitPiece(_ piece: UnsafePointer<UInt8>, _ count: Int, _ start: UInt32, _ end: UInt32) {
        guard forms.parts else { return }
        append(.part, piece, cut(piece, count), position &- 1, start, end, exact: true)
    }

    var indexesParts: Bool { forms.parts }

    func stemOfPart(_ piece: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        let whole = UnsafeBufferPointer(start: piece, count: count)
        guard let stemmers, count > 0, !isQuery else { return whole }
        return stemmers.active[Int(WordScript.of(piece, count).rawValue)].first?.stem(piece, count) ?? whole
    }

    /// At most `Limits.termBytesMax` bytes, whole code points.
    @inline(__always)
    func cut(_ text: UnsafePointer<UInt8>, _ count: Int) -> Int {
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
