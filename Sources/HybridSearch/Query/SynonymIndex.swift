import SearchCore
import TextAnalysis

/// A collection's synonyms by the words that a query may say: every phrase of the rules, analysed by each chain of the text fields.
///
/// Applied to queries only, so that rules may change at any time, and documents need no place for them. Of rules that begin at one word the longest wins
/// (as in Lucene's SynonymGraphFilter); rules do not lead to one another.
///
/// Thread-safe: immutable.
package final class SynonymIndex: Sendable {
    /// A place of a query where a rule applies.
    struct Match: Equatable {
        /// Numbers of the query's words.
        var words: Range<Int>
        /// As the rules have them.
        var alternatives: [Alternative]
        /// Those that are too many.
        var dropped = 0
    }

    struct Alternative: Hashable {
        var text: String
        /// Else it is searched as a phrase.
        var isOneWord: Bool
    }

    private struct Entry {
        var alternatives: [Alternative]
        var dropped: Int
    }

    private struct Entries {
        var byWords: [[String]: Entry] = [:]
        /// By a first word, how many words there are from it on.
        var lengths: [String: Set<Int>] = [:]
    }

    /// Alternatives of a place at most, and in a whole query: each costs look-ups.
    private static let alternativesMax = 32
    static let alternativesOfQueryMax = 128
    /// Of a chain that makes more words of a phrase, for example `ngram`, it has no synonym.
    static let phraseWordsMax = 16

    package let rules: [SynonymRule]
    /// By chain.
    private let entries: [ObjectIdentifier: Entries]

    /// - Complexity: O(bytes of the rules · chains), some microseconds a phrase.
    package init(_ rules: [SynonymRule], _ analyzers: FieldAnalyzers) {
        self.rules = rules
        var entries: [ObjectIdentifier: Entries] = [:]
        if !rules.isEmpty {
            for chain in analyzers.chains { entries[ObjectIdentifier(chain.analyzer)] = Self.entries(of: rules, chain.analyzer) }
        }
        self.entries = entries
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// - Throws: `INVALID_ARGUMENT` for a phrase that no chain could find: it has no letter, digit or emoji, or too many words.
    func checkPhrases(_ analyzers: FieldAnalyzers) throws {
        for (number, rule) in rules.enumerated() {
            for phrase in rule.from + rule.to {
                let counts = analyzers.chains.map { $0.analyzer.words(of: phrase).count }
                if counts.contains(where: { (1...Self.phraseWordsMax).contains($0) }) { continue }
                throw TandemError.invalidArgument(
                    "synonym rule \(number + 1): '\(phrase.prefix(64))' has \(counts.max() ?? 0) words; expected 1 to \(Self.phraseWordsMax)")
            }
        }
    }

    private static func entries(of rules: [SynonymRule], _ analyzer: Analyzer) -> Entries {
        var words: [String: [String]] = [:]
        func analyzed(_ phrase: String) -> [String] {
            if let known = words[phrase] { return known }
            let found = analyzer.words(of: phrase).map(\.text)
            words[phrase] = found
            return found
        }
        // In the rules' order, so that equal rules give equal queries.
        var order: [Place] = []
        var places: [[String]: Place] = [:]
        for rule in rules {
            for said in rule.from.isEmpty ? rule.to : rule.from {
                let key = analyzed(said)
                // What has no words in this chain, or too many, stands for nothing in it.
                guard (1...phraseWordsMax).contains(key.count) else { continue }
                let place = places[key] ?? Place(key)
                if places.updateValue(place, forKey: key) == nil { order.append(place) }
                for other in rule.to {
                    let meant = analyzed(other)
                    guard (1...phraseWordsMax).contains(meant.count), meant != key, place.known.insert(meant).inserted else { continue }
                    if place.alternatives.count < alternativesMax {
                        place.alternatives.append(Alternative(text: other, isOneWord: meant.count == 1))
                    } else {
                        place.dropped += 1
                    }
                }
            }
        }
        var entries = Entries()
        for place in order where !place.alternatives.isEmpty {
            entries.byWords[place.words] = Entry(alternatives: place.alternatives, dropped: place.dropped)
            entries.lengths[place.words[0], default: []].insert(place.words.count)
        }
        return entries
    }

    /// What is collected for the words of a query, while an index is made.
    private final class Place {
        let words: [String]
        var alternatives: [Alternative] = []
        var known: Set<[String]> = []
        var dropped = 0

        init(_ words: [String]) { self.words = words }
    }

    /// Where rules apply, from left to right, none overlapping another.
    /// - Complexity: O(words), ``phraseWordsMax`` look-ups each at most.
    func matches(in words: [String], _ analyzer: Analyzer) -> [Match] {
        guard let entries = entries[ObjectIdentifier(analyzer)] else { return [] }
        var found: [Match] = []
        var at = 0
        while at < words.count {
            var match: Match?
            for length in entries.lengths[words[at], default: []].sorted(by: >) where match == nil && at + length <= words.count {
                guard let entry = entries.byWords[Array(words[at..<at + length])] else { continue }
                match = Match(words: at..<at + length, alternatives: entry.alternatives, dropped: entry.dropped)
            }
            if let match { found.append(match) }
            at += match?.words.count ?? 1
        }
        return found
    }
}
