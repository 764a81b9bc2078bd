/// One pass over a text: normalise, split into words, cut each word into pieces. Lives for one call.
///
/// The stages of Hugging Face's pipeline (clean, ideographs, NFD, marks, lower case, split) each make a new string; here
/// every scalar runs through all of them and lands in a buffer that holds one word. The only state between scalars is
/// that word and the run of combining marks that canonical ordering may still turn round.
/// Source of the piece search: Schuster & Nakajima, "Japanese and Korean Voice Search", ICASSP 2012, greedily as in BERT.
struct WordPieceScanner {
    private var rules: BertTextRules
    private let vocabulary: WordPieceVocabulary
    private let unknown: Int32
    private let charactersMax: Int
    /// The word so far, folded; scalars beyond `charactersMax` are counted but not stored.
    private let word: UnsafeMutablePointer<UInt8>
    private let hashes: UnsafeMutablePointer<UInt64>
    private var wordBytes = 0
    private var wordCharacters = 0
    /// Scalars with a combining class, not yet in canonical order: (class, scalar).
    private var pending: [(UInt32, UInt32)] = []
    var ids: [Int32]

    /// - Parameters:
    ///   - word: room for `charactersMax` scalars of 4 bytes.
    ///   - hashes: room for `vocabulary.keyBytesMax`.
    init(
        rules: BertTextRules, vocabulary: WordPieceVocabulary, unknown: Int32, charactersMax: Int,
        word: UnsafeMutablePointer<UInt8>, hashes: UnsafeMutablePointer<UInt64>
    ) {
        self.rules = rules
        self.vocabulary = vocabulary
        self.unknown = unknown
        self.charactersMax = charactersMax
        self.word = word
        self.hashes = hashes
        ids = []
    }

    /// From here on the text is taken to be normalised: only split it.
    mutating func use(_ rules: BertTextRules) { self.rules = rules }

    /// Appends the ids of `bytes` (valid UTF-8), as one text: the last word ends at its end.
    mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) {
        let byteClass = UnsafePointer(rules.byteClass.baseAddress!)
        let byteFolded = UnsafePointer(rules.byteFolded.baseAddress!)
        let base = bytes.baseAddress!
        let count = bytes.count
        var at = 0
        while at < count {
            let byte = base[at]
            switch byteClass[Int(byte)] {
            case BertTextRules.wordByte:
                if !pending.isEmpty { flushPending() }
                // A run of plain bytes, which most of English is.
                var stored = wordBytes
                var characters = wordCharacters
                repeat {
                    if characters < charactersMax {
                        word[stored] = byteFolded[Int(base[at])]
                        stored += 1
                    }
                    characters += 1
                    at += 1
                } while at < count && byteClass[Int(base[at])] == BertTextRules.wordByte
                wordBytes = stored
                wordCharacters = characters
            case BertTextRules.spaceByte:
                if !pending.isEmpty { flushPending() }
                endWord()
                at += 1
            case BertTextRules.punctuationByte:
                if !pending.isEmpty { flushPending() }
                endWord()
                word[0] = byteFolded[Int(byte)]
                wordBytes = 1
                wordCharacters = 1
                endWord()
                at += 1
            case BertTextRules.removedByte:
                at += 1
            default:
                takeScalar(UTF8Scalar.decode(bytes, &at))
            }
        }
        if !pending.isEmpty { flushPending() }
        endWord()
    }

    /// Clean, ideographs, decomposition; marks wait for their canonical order.
    private mutating func takeScalar(_ scalar: UInt32) {
        let entry = rules.entry(scalar)
        if entry & (BertTextRules.removed | BertTextRules.space | BertTextRules.ideograph) != 0 {
            if entry & BertTextRules.removed != 0 { return }
            // A space, or the spaces round an ideograph: starters, so they end a run of marks.
            if !pending.isEmpty { flushPending() }
            endWord()
            if entry & BertTextRules.ideograph != 0 {
                decompose(scalar, entry)
                if !pending.isEmpty { flushPending() }
                endWord()
            }
            return
        }
        decompose(scalar, entry)
    }

    private mutating func decompose(_ scalar: UInt32, _ entry: UInt32) {
        if entry & (BertTextRules.decomposes | BertTextRules.hangul) == 0 {
            order(scalar, entry)
        } else if entry & BertTextRules.hangul != 0 {
            let (leading, vowel, trailing) = Hangul.parts(scalar)
            order(leading, 0)
            order(vowel, 0)
            if trailing != 0 { order(trailing, 0) }
        } else {
            for part in rules.mapping(entry) { order(part, rules.entry(part)) }
        }
    }

    /// Canonical ordering: a starter ends the run of marks before it; marks are sorted by class, stably.
    @inline(__always)
    private mutating func order(_ scalar: UInt32, _ entry: UInt32) {
        let combiningClass = (entry & BertTextRules.combiningClassMask) >> 8
        if combiningClass != 0 {
            pending.append((combiningClass, scalar))
            return
        }
        if !pending.isEmpty { flushPending() }
        fold(scalar, entry)
    }

    private mutating func flushPending() {
        let run = pending
        pending.removeAll(keepingCapacity: true)
        // An attacker may send megabytes of marks in one run, so the sort is n log n; `sort` of the library is stable.
        let sorted = run.count > 1 ? run.sorted { $0.0 < $1.0 } : run
        for (_, scalar) in sorted { fold(scalar, rules.entry(scalar)) }
    }

    /// Drops marks, lower-cases.
    @inline(__always)
    private mutating func fold(_ scalar: UInt32, _ entry: UInt32) {
        if entry & (BertTextRules.mark | BertTextRules.lowers) == 0 {
            append(scalar, entry)
        } else if entry & BertTextRules.mark == 0 {
            for part in rules.mapping(entry) { append(part, rules.entry(part)) }
        }
    }

    /// Splits: white space ends a word, punctuation is one.
    @inline(__always)
    private mutating func append(_ scalar: UInt32, _ entry: UInt32) {
        if entry & (BertTextRules.space | BertTextRules.punctuation) == 0 {
            if wordCharacters < charactersMax { wordBytes += UTF8Scalar.encode(scalar, word + wordBytes) }
            wordCharacters += 1
            return
        }
        endWord()
        guard entry & BertTextRules.punctuation != 0 else { return }
        wordBytes = UTF8Scalar.encode(scalar, word)
        wordCharacters = 1
        endWord()
    }

    /// Cuts the word into its longest pieces from the left; a word that cannot be cut, or is too long, is one unknown.
    @inline(__always)
    private mutating func endWord() {
        guard wordCharacters > 0 else { return }
        let length = wordBytes
        let tooLong = wordCharacters > charactersMax
        wordBytes = 0
        wordCharacters = 0
        if tooLong {
            ids.append(unknown)
            return
        }
        let mark = ids.count
        var start = 0
        while start < length {
            guard let piece = vocabulary.longestPrefix(word, start, length, continuation: start > 0, hashes: hashes) else {
                ids.removeLast(ids.count - mark)
                ids.append(unknown)
                return
            }
            ids.append(piece.id)
            start = piece.end
        }
    }
}
