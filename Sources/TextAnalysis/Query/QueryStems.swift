import SearchCore

/// The stems of a query's words: by every language that they may be in, since nothing says which.
struct QueryStems {
    /// Different stems of a word at most: they cost a look-up each.
    static let max = 4

    private let stemmers: Stemmers?
    /// Those that the query may be in: their function words weigh less.
    let languages: [Language]
    /// The same as bits of the table of function words.
    let functionWords: UInt64
    /// By ``WordScript``.
    private var byScript: [[Language]] = Array(repeating: [], count: WordScript.count)

    /// - Parameter languages: the likeliest first; of a script of which there is none here, the usual one.
    init(_ chain: AnalysisChain, _ stemmers: Stemmers?, _ languages: [Language]) {
        self.stemmers = stemmers
        self.languages = languages
        functionWords = FunctionWordTable.shared.bits(of: languages)
        if chain.stemming == .none { return }
        for script in WordScript.allCases {
            let written = languages.filter { $0.scripts.contains(script) }
            let usual = chain.stemming != .detected ? nil : script == .latin ? chain.fallback : Language.usual(for: script)
            // As with documents: a language without stems is no reason to stem for another.
            byScript[Int(script.rawValue)] = written.isEmpty ? usual.map { [$0] } ?? [] : written.filter(\.isStemmed)
        }
    }

    /// - Parameter word: folded, not empty.
    /// - Returns: different ones, the likeliest language's first; empty where words of the script have no stems.
    func stems(of word: [UInt8]) -> [[UInt8]] {
        guard let stemmers else { return [] }
        // SAFETY: the cache reads 32 bytes, whatever the word's length.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: word.count + StemCache.wordBytesMax + 1) { padded in
            _ = padded.update(fromContentsOf: word)
            padded[word.count...].initialize(repeating: 0)
            let base = UnsafePointer(padded.baseAddress!)
            var stems: [[UInt8]] = []
            for language in byScript[Int(WordScript.of(base, word.count).rawValue)] where stems.count < Self.max {
                guard let cache = stemmers.cache(language) else { continue }
                let stem = Array(cache.stem(base, word.count).prefix(Limits.termBytesMax))
                // A single letter of a longer word says nothing: French's `ete` is no `e`.
                if stem.count(where: { $0 & 0xC0 != 0x80 }) > 1 || word.count(where: { $0 & 0xC0 != 0x80 }) == 1, !stems.contains(stem) { stems.append(stem) }
            }
            return stems
        }
    }
}
