import SearchCore

extension Analyzer {
    /// The term groups of a query, in order of their first words.
    ///
    /// - A word is a group of its surface form, its stem, and the word as a part of longer ones.
    /// - The pieces of a word like `node.js` are groups of their own, boosted by `partWeight`; single letters are left out.
    ///   (Not forms of the word's group: that would give it the idf of its commonest piece.)
    /// - A joined form is a group of its own, besides those of its words: `c++` weighs `wholeWeight`, `user@host` `chainWeight`.
    /// - What the query says twice is one group with twice the boost.
    /// - Stop words get `stopWordBoost` where another word stands beside them.
    /// - Two characters of a longer Chinese, Japanese or Korean word, or of two words, are a group, boosted by `bigramWeight`.
    ///
    /// - Parameter languages: those for which words are stemmed, the likeliest first: a query is too short to show its own. At most
    ///   ``QueryStems/max`` different stems of a word are taken.
    /// A query without letters, digits and emoji gives no groups. At most ``Limits/queryGroupsMax``, the first ones.
    public func analyzeQuery(_ text: String, languages: [Language] = []) -> [QueryTerm] { analyzeQuery(text, held: languages).terms }

    /// The same, and the languages that the query may be in, the likeliest first.
    public func analyzeQuery(_ text: String, held languages: [Language]) -> (terms: [QueryTerm], languages: [Language]) {
        withWorkspace { workspace in
            var analyzed = workspace.text
            workspace.text = AnalyzedText()
            var plausible: [Language] = []
            withBytes(of: text) {
                workspace.analyze($0, nil, into: &analyzed)
                plausible = self.plausible($0, languages)
            }
            let terms = groups(of: analyzed, QueryStems(chain, workspace.stemmers, plausible))
            workspace.text = analyzed
            return (terms, plausible)
        }
    }

    /// Whether a folded word is an article, a pronoun, a preposition or the like of one of the languages.
    public static func isFunctionWord(_ word: String, in languages: [Language]) -> Bool {
        StopWords.contains(Array(word.utf8), in: FunctionWordTable.shared.bits(of: languages))
    }

    /// The languages that a query's words are stemmed for, the likeliest first.
    public func queryLanguages(_ text: String, _ held: [Language]) -> [Language] { withBytes(of: text) { plausible($0, held) } }

    private func plausible(_ query: UnsafeBufferPointer<UInt8>, _ held: [Language]) -> [Language] {
        switch chain.stemming {
        case .none: []
        case .language(let only): [only]
        case .detected where held.isEmpty: [chain.fallback].compactMap { $0 }
        case .detected: LanguageDetector.plausible(query, held: held)
        }
    }

    private func groups(of analyzed: AnalyzedText, _ stems: QueryStems) -> [QueryTerm] {
        var builder = QueryGroupBuilder(configuration: configuration, forms: chain.forms, stems: stems)
        var surfaces: [AnalyzedText.Token] = []
        // Its tokenizer has found the pieces, by case too, which is gone from the word.
        let isCode = definition.tokenizer == .code
        for token in analyzed.tokens {
            switch token.form {
            case .surface:
                surfaces.append(token)
                let word = Array(analyzed.key(of: token).dropFirst())
                let pieces = isCode ? [] : builder.pieces(of: word)
                if pieces.isEmpty {
                    builder.addWord(word, position: token.position, boost: 1, asPart: true)
                } else {
                    builder.addWord(word, position: token.position, boost: 1, asPart: false)
                    if chain.forms.parts, configuration.partWeight > 0, !builder.isStopWord(word) {
                        for piece in pieces where builder.isWorthSearching(piece) {
                            builder.addWord(piece, position: token.position, boost: configuration.partWeight, asPart: true, isPiece: true)
                        }
                        builder.addJoined(word, position: token.position)
                    }
                }
            case .bigram:
                builder.addBigram(Array(analyzed.key(of: token)), position: token.position)
            case .whole:
                let words = wordCount(within: token, surfaces)
                let weight = words > 1 ? configuration.chainWeight : configuration.wholeWeight
                builder.addWhole(Array(analyzed.key(of: token)), words: words, weight: weight, position: token.position)
            case .part where isCode:
                builder.addWord(
                    Array(analyzed.key(of: token).dropFirst()), position: token.position, boost: configuration.partWeight, asPart: true, isPiece: true)
            case .stem, .part, .folded, .language:
                // Stems and folded forms are made with their words above; parts are groups of their own in a query.
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
