import CICU
import SearchCore

/// Collects the groups of a query and merges repeated ones.
struct QueryGroupBuilder {
    let configuration: AnalyzerConfiguration
    private let indexed: AnalysisChain.Forms
    let stems: QueryStems
    private var terms: [QueryTerm] = []
    private var areStopWords: [Bool] = []
    /// Index in `terms` by the first form's key.
    private var indexes: [Term: Int] = [:]
    /// Groups of variants: not of what the query says, and mostly of words that no document has.
    private var variantCount = 0
    private var isFull: Bool { terms.count - variantCount >= Limits.queryGroupsMax }
    /// Bigrams that are a group, or a form of one.
    private var bigrams: Set<Term> = []

    init(configuration: AnalyzerConfiguration, forms: AnalysisChain.Forms, stems: QueryStems) {
        indexed = forms
        self.configuration = configuration
        self.stems = stems
        indexes.reserveCapacity(32)
        terms.reserveCapacity(32)
    }

    /// More than one where it is a compound; else none.
    func pieces(of word: [UInt8]) -> [[UInt8]] {
        // Most words are letters alone.
        if word.allSatisfy({ $0 &- UInt8(ascii: "a") < 26 }) { return [] }
        var pieces: [[UInt8]] = []
        word.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            WordParts.forEach(base, bytes.count) { start, end in pieces.append(Array(bytes[start..<end])) }
        }
        return pieces == [word] ? [] : pieces
    }

    /// A word of several pieces as one: `node.js` as `nodejs`.
    mutating func addJoined(_ word: [UInt8], position: UInt32) {
        let joined = [UInt8](unsafeUninitializedCapacity: WordParts.joinedBytesMax) { buffer, count in
            count = WordParts.joined(word, word.count, into: buffer.baseAddress!) ?? 0
        }
        if !joined.isEmpty { addWord(joined, position: position, boost: configuration.chainWeight, asPart: true, isPiece: true) }
    }

    func isStopWord(_ word: [UInt8]) -> Bool { StopWords.contains(word, in: stems.functionWords) }

    /// A Han character, or more than one letter: the `t` of `don't` and the `s` of `U.S.` say nothing by themselves.
    func isWorthSearching(_ piece: [UInt8]) -> Bool {
        piece.count(where: { $0 & 0xC0 != 0x80 }) > 1 || WordParts.isIdeograph(piece)
    }

    mutating func addWord(_ word: [UInt8], position: UInt32, boost: Double, asPart: Bool, isPiece: Bool = false) {
        let surface = Term(form: .surface, text: word)
        if let index = indexes[surface] {
            terms[index].boost += boost
            if !isPiece { terms[index].kind = .word }
            return
        }
        guard !isFull else { return }
        var forms: [QueryForm] = []
        forms.reserveCapacity(8)
        forms.append(QueryForm(term: surface, weight: configuration.surfaceWeight))
        let stems = stems.stems(of: word)
        if configuration.stemWeight > 0 {
            for stem in stems { forms.append(QueryForm(term: Term(form: .stem, text: stem), weight: configuration.stemWeight)) }
        }
        if asPart, indexed.parts, configuration.partWeight > 0 {
            for stem in stems.isEmpty ? [word] : stems { forms.append(QueryForm(term: Term(form: .part, text: stem), weight: configuration.partWeight)) }
        }
        let variants = indexed.folds ? Self.variants(of: word) : []
        if indexed.bigrams, configuration.bigramWeight > 0, let pair = Self.pair(word) {
            let term = Term(form: .bigram, text: pair)
            bigrams.insert(term)
            forms.append(QueryForm(term: term, weight: configuration.bigramWeight))
        }
        let text = String(decoding: word, as: UTF8.self)
        indexes[surface] = terms.count
        let isStopWord = isStopWord(word)
        areStopWords.append(isStopWord)
        terms.append(QueryTerm(text: text, boost: boost, forms: forms, position: Int(position), kind: isPiece ? .piece : .word))
        if !isPiece, indexed.folds {
            // Written without accents, it may stand for a word with any.
            let weight = variants.isEmpty ? configuration.foldedWeight : configuration.variantWeight
            addVariants(variants, of: word, text, isStopWord, position: position, boost: boost * weight)
        }
    }

    /// A group of its own for the word with other accents, or none: in the word's group it would have the idf of all words that differ by accents only.
    private mutating func addVariants(
        _ variants: [[UInt8]], of word: [UInt8], _ text: String, _ isStopWord: Bool, position: UInt32, boost: Double
    ) {
        guard boost > 0 else { return }
        var forms = [QueryForm(term: Term(form: .folded, text: variants.first ?? word), weight: 1)]
        for variant in variants { forms.append(QueryForm(term: Term(form: .surface, text: variant), weight: 1)) }
        // So that the word as it is written has both groups, and others only this one: a text that is written otherwise must not outrank it by a rare spelling's
        // idf. (A word with accents has its folded form in documents, too.)
        if variants.isEmpty { forms.append(QueryForm(term: Term(form: .surface, text: word), weight: 1)) }
        let key = forms[0].term
        if let index = indexes[key] {
            terms[index].boost += boost
            return
        }
        variantCount += 1
        indexes[key] = terms.count
        areStopWords.append(isStopWord)
        terms.append(QueryTerm(text: text, boost: boost, forms: forms, position: Int(position), kind: .variant))
    }

    /// Without accents and script variants, and with ä as ae; those that differ from the word and from one another.
    private static func variants(of word: [UInt8]) -> [[UInt8]] {
        var found: [[UInt8]] = []
        guard word.contains(where: { $0 >= 0x80 }) else { return found }
        for spelled in [Int32(0), 1] {
            let variant = [UInt8](unsafeUninitializedCapacity: word.count) { buffer, count in
                count = tandem_fold_variants(word, word.count, buffer.baseAddress, spelled)
            }
            if !variant.isEmpty, !found.contains(variant) { found.append(variant) }
        }
        return found
    }

    /// The bigram of a word of two characters that bigrams are made of: the same characters anywhere.
    private static func pair(_ word: [UInt8]) -> [UInt8]? {
        guard word.count >= 6, word.count(where: { $0 & 0xC0 != 0x80 }) == 2 else { return nil }
        let script = word.withUnsafeBufferPointer { WordScript.of($0.baseAddress!, $0.count) }
        guard script == .chineseOrJapanese || script == .hangul else { return nil }
        return variants(of: word).first ?? word
    }

    /// Two neighbouring characters, unless they are a word of their own.
    mutating func addBigram(_ key: [UInt8], position: UInt32) {
        guard configuration.bigramWeight > 0, !isFull, bigrams.insert(Term(key: key)).inserted else { return }
        areStopWords.append(false)
        let term = Term(key: key)
        terms.append(
            QueryTerm(text: term.text, boost: configuration.bigramWeight, forms: [QueryForm(term: term, weight: 1)], position: Int(position), kind: .piece))
    }

    mutating func addWhole(_ key: [UInt8], words: Int, weight: Double, position: UInt32) {
        guard weight > 0 else { return }
        defer { if 2...TokenEmitter.hyphenatedWordsMax ~= words, indexed.parts { addWithoutHyphens(key, position: position) } }
        if let index = indexes[Term(key: key)] {
            terms[index].boost += 1
            return
        }
        guard !isFull else { return }
        indexes[Term(key: key)] = terms.count
        areStopWords.append(false)
        let term = Term(key: key)
        terms.append(
            QueryTerm(
                text: term.text, boost: 1, forms: [QueryForm(term: term, weight: weight)],
                position: Int(position), kind: .joined(words: words)))
    }

    /// `e-mail` as `email`.
    private mutating func addWithoutHyphens(_ key: [UInt8], position: UInt32) {
        let word = key.dropFirst().withUnsafeBufferPointer { text in
            [UInt8](unsafeUninitializedCapacity: text.count) { buffer, count in count = TokenEmitter.withoutHyphens(text, into: buffer) ?? 0 }
        }
        if !word.isEmpty { addWord(word, position: position, boost: configuration.chainWeight, asPart: true, isPiece: true) }
    }

    func finish() -> [QueryTerm] {
        guard areStopWords.contains(false) else { return terms }
        var terms = terms
        for index in terms.indices where areStopWords[index] {
            terms[index].boost *= configuration.stopWordBoost
            terms[index].isStopWord = true
            // They say little, and have the longest lists: their inflections and spellings would cost more than all other words.
            terms[index].forms.removeAll { $0.term.form == .stem || $0.term.form == .part }
        }
        terms.removeAll { $0.isStopWord && $0.kind == .variant }
        return terms
    }
}
