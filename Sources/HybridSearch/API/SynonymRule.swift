import SearchCore

/// Words that mean the same, in queries. Each phrase is a word or several.
public struct SynonymRule: Sendable, Hashable, Codable {
    /// What a query says: where it has one of these, documents with one of ``to`` are found, too. Empty: each of ``to`` stands for all others.
    public var from: [String]
    public var to: [String]

    public init(from: [String] = [], to: [String]) {
        self.from = from
        self.to = to
    }

    public static let rulesMax = 10_000
    public static let phrasesMax = 64
    public static let phraseBytesMax = 256
    /// Of all rules together: they lie in the collection's manifest.
    public static let bytesMax = 1 << 20

    /// Of all rules together: what is said times what it stands for.
    public static let pairsMax = 400_000

    /// - Throws: `INVALID_ARGUMENT` that names the rule, counted from 1.
    static func validate(_ rules: [SynonymRule]) throws {
        guard rules.count <= rulesMax else { throw TandemError.invalidArgument("\(rules.count) synonym rules; at most \(rulesMax) are allowed") }
        var (bytes, pairs) = (0, 0)
        for (number, rule) in rules.enumerated() {
            func refusal(_ what: String) -> TandemError { .invalidArgument("synonym rule \(number + 1): \(what)") }
            guard rule.from.count + rule.to.count <= phrasesMax else {
                throw refusal("has \(rule.from.count + rule.to.count) phrases; at most \(phrasesMax) are allowed")
            }
            guard !rule.to.isEmpty else { throw refusal("says nothing to search for") }
            guard !rule.from.isEmpty || rule.to.count > 1 else { throw refusal("has a single phrase; words that mean the same are at least two") }
            pairs += (rule.from.isEmpty ? rule.to.count : rule.from.count) * rule.to.count
            guard pairs <= pairsMax else { throw refusal("the rules up to this one say more than \(pairsMax) times that something stands for something else") }
            for phrase in rule.from + rule.to {
                guard phrase.utf8.count <= phraseBytesMax else {
                    throw refusal("'\(phrase.prefix(40))…' has \(phrase.utf8.count) bytes; at most \(phraseBytesMax) are allowed")
                }
                guard !phrase.contains(where: \.isNewline) else { throw refusal("has a line break in a phrase") }
                guard phrase.contains(where: { !$0.isWhitespace }) else { throw refusal("has an empty phrase") }
                bytes += phrase.utf8.count
            }
        }
        guard bytes <= bytesMax else { throw TandemError.invalidArgument("the synonym rules have \(bytes) bytes; at most \(bytesMax) are allowed") }
    }
}
