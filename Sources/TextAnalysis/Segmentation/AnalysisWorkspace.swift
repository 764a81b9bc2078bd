import CICU
import SearchCore

/// What one thread needs to analyse: ICU's iterators, a stemmer, buffers. Opening one can cost a millisecond, so analyzers
/// keep them in a pool.
///
/// `@unchecked Sendable`: not thread-safe by itself; the pool hands each to one thread at a time.
final class AnalysisWorkspace: @unchecked Sendable {
    /// ASCII runs are worked off in slabs of about this size, which stay in the second-level cache with their segments.
    private static let slabBytes = 8 << 10
    /// Non-ASCII regions are cut at white space beyond this size, to bound ICU's buffers.
    private static let regionBytes = 64 << 10
    /// A workspace that grew beyond this is dropped rather than kept.
    static let keptBytesMax = 8 << 20

    private let segmenter: OpaquePointer
    /// Opened by the first who asks for sentences: indexing never does.
    private var sentences: OpaquePointer?
    @exclusivity(unchecked) private var emitter: TokenEmitter
    private let usesFastPath: Bool
    private let chain: AnalysisChain
    private let options: tandem_segmenter_options
    private let characterFilters: CharacterFilters
    @exclusivity(unchecked) private var passages: [LanguagePassage] = []
    // SAFETY of the unchecked ones: no method that has access to one of them calls another that has.
    @exclusivity(unchecked) private var slab: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) private var segments: UnsafeMutablePointer<tandem_segment>
    @exclusivity(unchecked) private var slabCapacity: Int
    /// For queries, whose terms are read from it.
    var text = AnalyzedText()

    /// - Throws: `invalidArgument` for a character filter that is none; `internal` where ICU's data is missing.
    init(_ chain: AnalysisChain, _ filters: [AnalyzerDefinition.CharacterFilter], usesFastPath: Bool) throws {
        characterFilters = try CharacterFilters(filters)
        guard let segmenter = tandem_segmenter_open() else {
            throw TandemError(.internal, "analyzer: ICU's word breaker does not open: its data is missing, or memory")
        }
        self.segmenter = segmenter
        self.chain = chain
        self.usesFastPath = usesFastPath && chain.hasFastPath
        var options = chain.options
        options.rules_only = usesFastPath ? 0 : 1
        self.options = options
        emitter = TokenEmitter(
            stemmers: chain.forms.stems ? Stemmers(fallback: chain.fallback, stemsOthers: chain.stemming == .detected, folds: chain.forms.folds) : nil,
            forms: chain.forms)
        slabCapacity = 2 * Self.slabBytes
        slab = .allocate(capacity: slabCapacity + Int(TANDEM_FOLDED_PADDING))
        segments = .allocate(capacity: slabCapacity)
    }

    deinit {
        tandem_segmenter_close(segmenter)
        tandem_sentences_close(sentences)
        emitter.free()
        slab.deallocate()
        segments.deallocate()
    }

    var memoryBytes: Int {
        tandem_segmenter_memory(segmenter) + emitter.memoryBytes + text.termBytes.capacity
            + text.tokens.capacity * MemoryLayout<AnalyzedText.Token>.stride
            + slabCapacity * (1 + MemoryLayout<tandem_segment>.stride)
    }

    var stemmers: Stemmers? { emitter.stemmers }

    /// Analyses well-formed UTF-8 of at most ``Analyzer/textBytesMax`` bytes.
    /// - Parameter context: nil: of a query, without a language of its own, stems and variants.
    func analyze(_ bytes: UnsafeBufferPointer<UInt8>, _ context: LanguageContext?, into text: inout AnalyzedText) {
        text.removeAll(keepingCapacity: true)
        guard characterFilters.isEmpty else {
            let filtered = characterFilters.apply(bytes)
            filtered.last?.bytes.withUnsafeBufferPointer { analyzeFiltered(Analyzer.cut($0), context, into: &text) }
            for index in text.tokens.indices {
                var range = text.tokens[index].start..<text.tokens[index].end
                for step in filtered.reversed() { range = step.source(of: range) }
                (text.tokens[index].start, text.tokens[index].end) = (range.lowerBound, range.upperBound)
            }
            return
        }
        analyzeFiltered(bytes, context, into: &text)
    }

    /// The text after each character filter.
    func filterSteps(_ bytes: UnsafeBufferPointer<UInt8>) -> [FilteredText] { characterFilters.apply(bytes) }

    /// The text that the tokenizer divides, after character filters and normaliser.
    func normalized(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        func normalized(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
            var result = tandem_segmentation()
            guard tandem_segmenter_normalize(segmenter, options, bytes.baseAddress, bytes.count, &result) == 0 else { return "" }
            return String(decoding: UnsafeBufferPointer(start: result.folded, count: result.folded_count), as: UTF8.self)
        }
        return characterFilters.apply(bytes).last.map { $0.bytes.withUnsafeBufferPointer(normalized) } ?? normalized(bytes)
    }

    var passagesOfLastText: [LanguagePassage] { passages }

    private func analyzeFiltered(_ bytes: UnsafeBufferPointer<UInt8>, _ context: LanguageContext?, into text: inout AnalyzedText) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        var passages = self.passages
        if let context { divide(bytes, context, into: &passages) } else { passages.removeAll(keepingCapacity: true) }
        passages.withUnsafeBufferPointer { analyze(base, bytes.count, $0, isQuery: context == nil, into: &text) }
        self.passages = passages
    }

    private func divide(_ bytes: UnsafeBufferPointer<UInt8>, _ context: LanguageContext, into passages: inout [LanguagePassage]) {
        switch chain.stemming {
        case .none: passages.removeAll(keepingCapacity: true)
        case .language(let language): passages = [LanguagePassage(end: bytes.count, language)]
        case .detected: LanguageDetector.divide(bytes, context, fallback: chain.fallback, into: &passages)
        }
    }

    private func analyze(
        _ base: UnsafePointer<UInt8>, _ count: Int, _ passages: UnsafeBufferPointer<LanguagePassage>, isQuery: Bool,
        into text: inout AnalyzedText
    ) {
        // A copy, because access to a class's field costs a check each time.
        var emitter = self.emitter
        emitter.begin(passages: passages, isQuery: isQuery)
        var index = 0
        while index < count {
            let end: Int
            if usesFastPath {
                let region = nextRegion(base, from: index, count: count)
                end = region.end
                if region.isASCII {
                    emitASCII(base, index..<end, &emitter)
                } else {
                    emitUnicode(base, index..<end, &emitter)
                }
            } else {
                end = count
                emitUnicode(base, index..<end, &emitter)
            }
            // While what was written is still in cache, but not for every small region.
            if emitter.keyCount > Self.slabBytes { emitter.flush(into: &text) }
            index = end
        }
        emitter.emitLanguages()
        emitter.flush(into: &text)
        self.emitter = emitter
    }

    /// As ``Analyzer/sentenceStarts(utf8:into:)``. Without memory for a breaker, the text is one sentence.
    func sentenceStarts(_ bytes: UnsafeBufferPointer<UInt8>, into starts: inout [UInt32]) {
        starts.removeAll(keepingCapacity: true)
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        if sentences == nil { sentences = tandem_sentences_open() }
        guard let sentences else { return }
        // Each sentence has a byte at least.
        starts = Array(unsafeUninitializedCapacity: bytes.count) { buffer, count in
            count = max(0, Int(tandem_sentences_find(sentences, base, bytes.count, buffer.baseAddress, buffer.count)))
        }
    }

    /// The next run of chunks that are all ASCII, or all not. Regions end at ASCII white space: there every rule of UAX #29
    /// breaks whatever stands around it (WB3a, WB3b, WB999), no dictionary reaches across, and NFKC combines nothing with what
    /// stands before, so that the regions' words are the text's.
    private func nextRegion(_ text: UnsafePointer<UInt8>, from start: Int, count: Int) -> (end: Int, isASCII: Bool) {
        var index = start
        var firstIsASCII: Bool?
        while index < count {
            let chunkStart = index
            // A chunk: its leading white space, then up to the next white space. Long ASCII runs are found eight bytes at a time.
            while index < count, isSpace(text[index]) { index += 1 }
            var isASCII = true
            var isLongChunk = true
            while index + 8 <= count {
                let word = UInt64(littleEndian: UnsafeRawPointer(text + index).loadUnaligned(as: UInt64.self))
                let spaces = spaces(word)
                // Of the bytes before the first space, if there is one.
                if word & ((spaces & (0 &- spaces)) &- 1) & 0x8080_8080_8080_8080 != 0 { isASCII = false }
                if spaces != 0 {
                    index += spaces.trailingZeroBitCount &>> 3
                    isLongChunk = false
                    break
                }
                index += 8
            }
            while isLongChunk, index < count {
                let byte = text[index]
                if isSpace(byte) { break }
                if byte >= 0x80 { isASCII = false }
                index += 1
            }
            if let first = firstIsASCII {
                if first != isASCII { return (chunkStart, first) }
            } else {
                firstIsASCII = isASCII
            }
            if isASCII {
                index = asciiEnd(text, from: index, count: min(count, start + Self.slabBytes))
                if index - start >= Self.slabBytes { return (index, true) }
            } else if index - start >= Self.regionBytes {
                return (index, false)
            }
        }
        return (count, firstIsASCII ?? true)
    }

    /// From white space at `start`, the last white space before the first non-ASCII byte or `count`.
    @inline(__always)
    private func asciiEnd(_ text: UnsafePointer<UInt8>, from start: Int, count: Int) -> Int {
        var index = start
        while index + 8 <= count {
            let word = UnsafeRawPointer(text + index).loadUnaligned(as: UInt64.self)
            if word & 0x8080_8080_8080_8080 != 0 { break }
            index += 8
        }
        while index > start, !isSpace(text[min(index, count - 1)]) { index -= 1 }
        return max(index, start)
    }

    @inline(__always)
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

    /// The top bit of each byte that is white space: 0x09 to 0x0D, 0x20. (Sums as in ``ASCIISegmenter``.)
    @inline(__always)
    private func spaces(_ bytes: UInt64) -> UInt64 {
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let low = bytes & ~tops
        let controls = (low &+ ones &* (128 &- 0x09)) & ~(low &+ ones &* (128 &- 0x0E))
        let blanks = ~((low ^ ones &* 0x20) &+ ones &* 0x7F)
        return (controls | blanks) & ~bytes & tops
    }

    private func emitASCII(_ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ emitter: inout TokenEmitter) {
        let count = range.count
        if count > slabCapacity {
            slab.deallocate()
            segments.deallocate()
            slabCapacity = count
            slab = .allocate(capacity: slabCapacity + Int(TANDEM_FOLDED_PADDING))
            segments = .allocate(capacity: slabCapacity)
        }
        let slab = self.slab
        let source = text + range.lowerBound
        for index in 0..<count {
            let byte = source[index]
            slab[index] = byte &+ ((byte &- UInt8(ascii: "A")) < 26 ? 0x20 : 0)
        }
        (slab + count).initialize(repeating: 0, count: Int(TANDEM_FOLDED_PADDING))
        let produced = ASCIISegmenter.segment(slab, count: count, base: 0, into: segments)
        emitter.emit(
            UnsafeBufferPointer(start: segments, count: produced), folded: slab,
            base: UInt32(truncatingIfNeeded: range.lowerBound), isASCII: true)
    }

    private func emitUnicode(_ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ emitter: inout TokenEmitter) {
        var result = tandem_segmentation()
        let status = tandem_segmenter_segment(segmenter, options, text + range.lowerBound, range.count, &result)
        // Any well-formed text of this size segments, so what fails is memory, for which Swift has no other answer either.
        precondition(status == 0, "segmenting \(range.count) bytes: out of memory")
        guard let folded = result.folded else { return }
        emitter.emit(
            UnsafeBufferPointer(start: result.segments, count: result.segment_count), folded: folded,
            base: UInt32(truncatingIfNeeded: range.lowerBound), isASCII: false)
    }
}
