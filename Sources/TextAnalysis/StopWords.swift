/// English function words: articles, pronouns, prepositions, conjunctions, auxiliaries, question words.
///
/// They stay in the index and can be searched; beside other words of a query they only weigh less
/// (``AnalyzerConfiguration/stopWordBoost``). Negations and words with a second life as content (`can`, `will`, `it` the
/// department, `us` the country...) are in the list as well: a lower boost costs them little, where removal would lose them.
enum StopWords {
    static let english: Set<String> = [
        "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are", "aren't", "as", "at",
        "be", "because", "been", "before", "being", "below", "between", "both", "but", "by",
        "can", "can't", "could", "couldn't", "did", "didn't", "do", "does", "doesn't", "doing", "don't", "down", "during",
        "each", "either", "few", "for", "from", "further", "had", "hadn't", "has", "hasn't", "have", "haven't", "having",
        "he", "her", "here", "hers", "herself", "him", "himself", "his", "how", "i", "i'm", "if", "in", "into", "is", "isn't",
        "it", "it's", "its", "itself", "just", "may", "me", "might", "more", "most", "must", "my", "myself",
        "neither", "no", "nor", "not", "of", "off", "on", "once", "only", "or", "other", "our", "ours", "ourselves", "out", "over",
        "own", "same", "shall", "she", "should", "shouldn't", "so", "some", "such", "than", "that", "that's", "the", "their",
        "theirs", "them", "themselves", "then", "there", "these", "they", "this", "those", "through", "to", "too",
        "under", "until", "up", "upon", "us", "very", "was", "wasn't", "we", "were", "weren't", "what", "when", "where", "which",
        "while", "who", "whom", "whose", "why", "will", "with", "within", "without", "won't", "would", "wouldn't",
        "you", "your", "yours", "yourself", "yourselves",
    ]
}
