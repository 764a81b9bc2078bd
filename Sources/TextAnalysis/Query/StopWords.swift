/// Function words: articles, pronouns, prepositions, conjunctions, auxiliaries, question words.
///
/// They stay in the index and can be searched; beside other words of a query they only weigh less
/// (``AnalyzerConfiguration/stopWordBoost``). Negations and words with a second life as content (`can`, `will`, `it` the
/// department, `us` the country...) are in the lists as well: a lower boost costs them little, where removal would lose them.
enum StopWords {
    /// By ``Language/number``; empty for a language without a list.
    private static let sets: [Set<String>] = Language.all.map { language in
        Set((lists[language.code] ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
    }

    static func contains(_ word: String, in languages: [Language]) -> Bool { languages.contains { sets[$0.number].contains(word) } }
}
