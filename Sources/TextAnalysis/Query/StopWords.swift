/// Function words: articles, pronouns, prepositions, conjunctions, auxiliaries, question words.
///
/// They stay in the index and can be searched; beside other words of a query they only weigh less
/// (``AnalyzerConfiguration/stopWordBoost``). Negations and words with a second life as content (`can`, `will`, `it` the
/// department, `us` the country...) are in the lists as well: a lower boost costs them little, where removal would lose them.
enum StopWords {
    /// - Parameters:
    ///   - word: folded UTF-8; longer than ``FunctionWordTable/Key/bytesMax`` none is.
    ///   - languages: as ``FunctionWordTable/bits(of:)``.
    static func contains(_ word: [UInt8], in languages: UInt64) -> Bool {
        guard languages != 0, word.count <= FunctionWordTable.Key.bytesMax else { return false }
        let key = FunctionWordTable.Key(word)
        return FunctionWordTable.shared.languages(of: key) & languages != 0
    }
}
