import CLanguageDetector

/// What is known of a text's language before it is looked at.
public struct LanguageContext: Sendable, Hashable {
    /// What the document says of itself: nothing is guessed then.
    public var stated: Language?
    /// The language of what stands around the text: of the document's longest text, for a title of three words.
    public var surrounding: Language?

    public init(stated: Language? = nil, surrounding: Language? = nil) {
        self.stated = stated
        self.surrounding = surrounding
    }

    public static let unknown = LanguageContext()
}

/// A stretch of a text and the languages that its words are stemmed for.
struct LanguagePassage: Hashable {
    /// One past its last byte.
    var end: UInt32
    /// Numbers in ``Language/all``; -1: none. The second where the first is a guess.
    var first: Int8
    var second: Int8 = -1

    init(end: Int, _ first: Language?, _ second: Language? = nil) {
        self.end = UInt32(truncatingIfNeeded: end)
        self.first = Int8(first?.number ?? -1)
        self.second = second == first ? -1 : Int8(second?.number ?? -1)
    }
}

/// Divides a text into passages of one language each.
///
/// CLD2 reads some 25 MB/s, so a long text is sampled; only between samples that differ it reads all, and divides the text where the language changes.
enum LanguageDetector {
    /// A sample is taken in each such stretch of a text.
    private static let stride = 1024
    private static let sampleBytes = 192
    /// Shorter texts can be of about any language: what stands around them counts as much.
    private static let sureBytes = 64
    /// CLD2 reads so much at once.
    private static let windowBytes = 32 << 10

    /// Replaces `passages`: ascending, the last one to the text's end. A pure function of its arguments.
    ///
    /// - Parameters:
    ///   - text: well-formed UTF-8.
    ///   - fallback: where a text does not show its language.
    static func divide(
        _ text: UnsafeBufferPointer<UInt8>, _ context: LanguageContext, fallback: Language?, into passages: inout [LanguagePassage]
    ) {
        passages.removeAll(keepingCapacity: true)
        let count = text.count
        if let stated = context.stated {
            passages.append(LanguagePassage(end: count, stated))
            return
        }
        if count <= 2 * sampleBytes {
            let guess = detect(text, 0..<count)
            passages.append(passage(end: count, guess, isSure: guess.isReliable && count >= sureBytes, context, fallback))
            return
        }
        // Most texts are in one language, so one sample is kept without an array.
        var first: Sample?
        var samples: [Sample] = []
        var at = 0
        while at < count {
            // The last one ends with the text.
            let range = cut(text, at..<min(at + sampleBytes, count))
            let guess = detect(text, range)
            if guess.isReliable {
                let sample = Sample(guess: guess, firstEnd: range.upperBound, end: range.upperBound)
                if let last = samples.last {
                    if last.guess == guess { samples[samples.count - 1].end = sample.end } else { samples.append(sample) }
                } else if let one = first {
                    if one.guess == guess { first?.end = sample.end } else { samples = [one, sample] }
                } else {
                    first = sample
                }
            }
            let next = at + stride
            at = next < count ? next : at < count - sampleBytes ? count - sampleBytes : count
        }
        if samples.isEmpty {
            passages.append(passage(end: count, first?.guess ?? Guess(), isSure: first != nil, context, fallback))
        } else {
            readBetween(samples, text, &passages)
        }
    }

    /// Neighbouring samples that agree, as one.
    private struct Sample {
        let guess: Guess
        /// Where the first of them ends, and the last.
        let firstEnd: Int
        var end: Int
        var isAlone: Bool { end == firstEnd }
    }

    /// The language of most of a text, where it is certain.
    static func dominant(_ text: UnsafeBufferPointer<UInt8>) -> Language? {
        let guess = detect(text, cut(text, 0..<min(text.count, 4 * sampleBytes)))
        return guess.isReliable && text.count >= sureBytes ? guess.language : nil
    }

    /// The languages that a query may be in, the likeliest first. A query is too short to be sure, so function words, CLD2's guess and what the collection
    /// holds are weighed together, and only what is far behind is left out.
    /// - Parameter held: what documents are in, the commonest first; no other language comes into question.
    static func plausible(_ query: UnsafeBufferPointer<UInt8>, held: [Language]) -> [Language] {
        guard held.count > 1, let base = query.baseAddress else { return held }
        let range = cut(query, 0..<min(query.count, 4 * sampleBytes))
        var scores = [Double](repeating: 0, count: Language.all.count)
        // At equal evidence the commoner language is the likelier one.
        for (rank, language) in held.enumerated() { scores[language.number] += Weights.commonest / Double(rank + 1) }
        for (language, votes) in FunctionWordVote.votes(query, range) { scores[language.number] += Weights.functionWord * Double(votes) }
        // Asking CLD2 takes as long as all the rest; where one language is so far ahead that its best guess would not bring another one near, nobody asks.
        let leads = held.map { scores[$0.number] }.sorted(by: >).prefix(2)
        if leads[0] - leads[1] >= Weights.farBehind + Weights.reliableGuess { return held.filter { scores[$0.number] == leads[0] } }
        var result = tandem_language_detection()
        let bytes = UnsafeRawPointer(base + range.lowerBound).assumingMemoryBound(to: CChar.self)
        if tandem_detect_language(bytes, range.count, &result, nil, 0) == 0 {
            for (rank, share) in [result.languages.0, result.languages.1, result.languages.2].enumerated() {
                guard let code = share.code, let language = language(code) else { continue }
                scores[language.number] += rank > 0 ? Weights.otherGuess : result.is_reliable != 0 ? Weights.reliableGuess : Weights.guess
            }
        }
        guard let best = held.map({ scores[$0.number] }).max() else { return held }
        return held.filter { scores[$0.number] >= best - Weights.farBehind }
            .sorted { (scores[$1.number], $0.number) < (scores[$0.number], $1.number) }
    }

    /// Of the evidence for a query's language. The unit is one function word.
    enum Weights {
        static let functionWord = 1.0
        static let reliableGuess = 2.0
        static let guess = 0.75
        static let otherGuess = 0.5
        static let commonest = 0.5
        static let farBehind = 1.5
    }

    /// By CLD2's code, which may name a script: `zh-Hant`.
    private static func language(_ code: UnsafePointer<CChar>) -> Language? {
        let code = String(cString: code)
        return Language(code: code) ?? Language(code)
    }

    private struct Guess: Equatable {
        /// Nil: none that is known.
        var language: Language?
        var isReliable = false

        init() {}

        init(code: UnsafePointer<CChar>) { language = LanguageDetector.language(code) }
    }

    private static func detect(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Guess {
        guard !range.isEmpty, let base = text.baseAddress else { return Guess() }
        var guess = Guess()
        // Three times as many words cost a tenth of asking CLD2 about these. A sample at the text's end has them before it.
        let start = max(0, min(range.lowerBound, text.count - 3 * sampleBytes))
        let around = cut(text, start..<min(start + 3 * sampleBytes, text.count))
        if case .language(let language) = FunctionWordVote.verdict(text, range, around: around) {
            guess.language = language
            guess.isReliable = true
            return guess
        }
        var result = tandem_language_detection()
        let bytes = UnsafeRawPointer(base + range.lowerBound).assumingMemoryBound(to: CChar.self)
        guard tandem_detect_language(bytes, range.count, &result, nil, 0) == 0, let code = result.languages.0.code else { return Guess() }
        guess = Guess(code: code)
        guess.isReliable = result.is_reliable != 0
        return guess
    }

    /// A sure guess counts alone, also that it is none that is known; else what stands around counts too.
    private static func passage(
        end: Int, _ guess: Guess, isSure: Bool, _ context: LanguageContext, _ fallback: Language?
    ) -> LanguagePassage {
        if isSure { return LanguagePassage(end: end, guess.language) }
        let likely = context.surrounding ?? fallback
        guard let language = guess.language else { return LanguagePassage(end: end, likely) }
        return LanguagePassage(end: end, language, likely)
    }

    /// Divides a text where the language changes: from the end of a sample to that of the next one which differs CLD2 reads all. What stands between samples that agree
    /// is in their language.
    private static func readBetween(_ samples: [Sample], _ text: UnsafeBufferPointer<UInt8>, _ passages: inout [LanguagePassage]) {
        let chunks = UnsafeMutablePointer<tandem_language_chunk>.allocate(capacity: 256)
        defer { chunks.deallocate() }
        func append(_ end: Int, _ guess: Guess) {
            let next = LanguagePassage(end: end, guess.language)
            if let previous = passages.last, previous.first == next.first {
                passages[passages.count - 1].end = next.end
            } else {
                passages.append(next)
            }
        }
        var last = samples[0].guess
        // A sample that stands alone may be a quotation, or a mistake: what CLD2 makes of it together with what stands around it counts.
        var at = samples[0].isAlone ? 0 : samples[0].end
        if at > 0 { append(at, last) }
        for sample in samples.dropFirst() {
            let end = sample.firstEnd
            while at < end {
                let range = cut(text, at..<min(at + windowBytes, end))
                var result = tandem_language_detection()
                let bytes = UnsafeRawPointer(text.baseAddress! + range.lowerBound).assumingMemoryBound(to: CChar.self)
                if tandem_detect_language(bytes, range.count, &result, chunks, 256) == 0 {
                    for chunk in UnsafeBufferPointer(start: chunks, count: Int(result.chunk_count)) {
                        // What is too short or too mixed goes with what stands before it.
                        if let code = chunk.code { last = Guess(code: code) }
                        append(range.lowerBound + Int(chunk.end), last)
                    }
                }
                append(range.upperBound, last)
                at = range.upperBound
            }
            guard !sample.isAlone else { continue }
            (last, at) = (sample.guess, sample.end)
            append(at, last)
        }
        append(text.count, last)
    }

    /// Ends and begins between characters, and where there is white space near, between words.
    private static func cut(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        if start > 0 {
            while start < end, text[start] & 0xC0 == 0x80 { start += 1 }
        }
        if end < text.count {
            let near = max(start + (end - start) * 3 / 4, start + 1)
            var space = end
            while space > near, text[space - 1] != 0x20 { space -= 1 }
            if space > near { end = space } else { while end > start, text[end] & 0xC0 == 0x80 { end -= 1 } }
            // A run of continuation bytes is no UTF-8; go on somewhere.
            if end == start { end = range.upperBound }
        }
        return start..<end
    }
}
