import SearchCore

extension Analyzer {
    /// The term groups of a query, in order of their first words.
    ///
    /// - A word is a group of its surface form, its stem, and the word as a part of longer ones.
    /// - The pieces of a word like `node.js` are groups of their own, boosted by `partWeight`; single letters are left out.
    ///   (Not forms of the word's group: that would give it the idf of its commonest piece.)
    /// - A joined form is a group of its own, besides those of its words: `c++` weighs `wholeWeight`, `user@host` `chainWeight`.
    /// - What the query says twice is one group with twice the boost.
    /// - English stop words get `stopWordBoost` where another word stands beside them.
    ///
    /// A query without letters, digits and emoji gives no groups. At most ``Limits/queryGroupsMax``, the first ones.
    public func analyzeQuery(_ text: String) -> [QueryTerm] {
        withWorkspace { workspace in
            var analyzed = workspace.text
            workspace.text = AnalyzedText()
            withBytes(of: text) { workspace.analyze($0, into: &analyzed) }
            let terms = groups(of: analyzed, workspace)
            workspace.text = analyzed
            return terms
        }
    }

    private func groups(of analyzed: AnalyzedText, _ workspace: AnalysisWorkspace) -> [QueryTerm] {
        var builder = GroupBuilder(configuration: configuration, stems: workspace.stems)
        var surfaces: [AnalyzedText.Token] = []
        for token in analyzed.tokens {
            switch token.form {
            case .surface:
                surfaces.append(token)
                let word = Array(analyzed.key(of: token).dropFirst())
                let pieces = builder.pieces(of: word)
                if pieces == [word] {
                    builder.addWord(word, position: token.position, boost: 1, asPart: true)
                } else {
                    builder.addWord(word, position: token.position, boost: 1, asPart: false)
                    if configuration.indexParts, configuration.partWeight > 0, !builder.isStopWord(word) {
                        for piece in pieces where builder.isWorthSearching(piece) {
                            builder.addWord(piece, position: token.position, boost: configuration.partWeight, asPart: true, isPiece: true)
                        }
                    }
                }
            case .whole:
                let words = wordCount(within: token, surfaces)
                let weight = words > 1 ? configuration.chainWeight : configuration.wholeWeight
                builder.addWhole(Array(analyzed.key(of: token)), words: words, weight: weight, position: token.position)
            case .stem, .part:
                // Stems are made with their words above; parts are groups of their own in a query.
                continue
            }
        }
        return builder.finish()
    }

    /// Number of words that a joined form was made of: at most ``TokenEmitter/wholeWordsMax``.
    private func wordCount(within whole: AnalyzedText.Token, _ surfaces: [AnalyzedText.Token]) -> Int {
        // By bisection, because a hostile query may have thousands of joined forms in one chunk.
        var low = 0
        var high = surfaces.count
        while low < high {
            let middle = (low + high) / 2
            if surfaces[middle].start < whole.start { low = middle + 1 } else { high = middle }
        }
        return surfaces[low...].prefix(while: { $0.end <= whole.end }).count
    }
}

/// Collects groups and merges repeated ones.
private struct GroupBuilder {
    let configuration: AnalyzerConfiguration
    let stems: StemCache?
    private var terms: [QueryTerm] = []
    private var areStopWords: [Bool] = []
    /// Index in `terms` by the first form's key.
    private var indexes: [[UInt8]: Int] = [:]
    private let stopWords: Set<String>

    init(configuration: AnalyzerConfiguration, stems: StemCache?) {
        self.configuration = configuration
        self.stems = stems
        stopWords = configuration.stemmer == "english" || configuration.stemmer == "porter" ? StopWords.english : []
    }

    func pieces(of word: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        word.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return }
            WordParts.forEach(base, bytes.count) { start, end in pieces.append(Array(bytes[start..<end])) }
        }
        return pieces
    }

    func isStopWord(_ word: [UInt8]) -> Bool { stopWords.contains(String(decoding: word, as: UTF8.self)) }

    /// A Han character, or more than one letter: the `t` of `don't` and the `s` of `U.S.` say nothing by themselves.
    func isWorthSearching(_ piece: [UInt8]) -> Bool {
        piece.count(where: { $0 & 0xC0 != 0x80 }) > 1 || WordParts.isIdeograph(piece)
    }

    mutating func addWord(_ word: [UInt8], position: UInt32, boost: Double, asPart: Bool, isPiece: Bool = false) {
        let surface = [TermForm.surface.rawValue] + word
        if let index = indexes[surface] {
            terms[index].boost += boost
            if !isPiece { terms[index].kind = .word }
            return
        }
        guard terms.count < Limits.queryGroupsMax else { return }
        var forms = [QueryForm(term: Term(key: surface), weight: configuration.surfaceWeight)]
        let stem = stem(of: word)
        if stems != nil, configuration.stemWeight > 0 {
            forms.append(QueryForm(term: Term(form: .stem, text: stem), weight: configuration.stemWeight))
        }
        if asPart, configuration.indexParts, configuration.partWeight > 0 {
            forms.append(QueryForm(term: Term(form: .part, text: stem), weight: configuration.partWeight))
        }
        let text = String(decoding: word, as: UTF8.self)
        indexes[surface] = terms.count
        areStopWords.append(stopWords.contains(text))
        terms.append(QueryTerm(text: text, boost: boost, forms: forms, position: Int(position), kind: isPiece ? .piece : .word))
    }

    mutating func addWhole(_ key: [UInt8], words: Int, weight: Double, position: UInt32) {
        guard weight > 0 else { return }
        if let index = indexes[key] {
            terms[index].boost += 1
            return
        }
        guard terms.count < Limits.queryGroupsMax else { return }
        indexes[key] = terms.count
        areStopWords.append(false)
        let term = Term(key: key)
        terms.append(
            QueryTerm(
                text: term.text, boost: 1, forms: [QueryForm(term: term, weight: weight)],
                position: Int(position), kind: .joined(words: words)))
    }

    private func stem(of word: [UInt8]) -> [UInt8] {
        guard let stems else { return word }
        // SAFETY: the cache reads 32 bytes, whatever the word's length.
        let padded = word + [UInt8](repeating: 0, count: StemCache.wordBytesMax + 1)
        return padded.withUnsafeBufferPointer { bytes in
            Array(stems.stem(bytes.baseAddress!, word.count).prefix(Limits.termBytesMax))
        }
    }

    func finish() -> [QueryTerm] {
        guard areStopWords.contains(false) else { return terms }
        var terms = terms
        for index in terms.indices where areStopWords[index] {
            terms[index].boost *= configuration.stopWordBoost
            terms[index].isStopWord = true
        }
        return terms
    }
}
