import LexicalIndex
import SearchCore
import TextAnalysis

/// The keys of the words that a query asks for, by text field: what ``MatchCollector`` looks each token up in.
///
/// A token matches a group if its key is that of one of the group's forms, which is how the index matches, too. So stems, folded letters, parts,
/// joined forms and what a prefix stands for need no rules of their own. Groups of a phrase are looked up as its words, which ``PhraseCollector``
/// marks only where they stand together. Immutable, made once per search.
struct HighlightTerms: Sendable {
    struct Group: Sendable {
        /// As explanations name it.
        let text: String
        /// boost · idf.
        let worth: Double
        /// The same in 1/2²⁰ of the greatest, at least 1: sums of whole numbers do not depend on their order, and do not drift.
        let share: Int64
    }

    /// A phrase in one field.
    struct Phrase: Sendable {
        /// - `group`: what a place of the phrase is filled by.
        /// - `word`: number of the group's keys in the lookup.
        /// - `offset`: the place, counted in words from 0.
        var slots: [(group: Int, word: Int, offset: Int)]
        var slop: Int
    }

    /// What a key stands for.
    struct Entry: Sendable {
        /// Groups that are marked wherever it stands, ascending.
        fileprivate(set) var groups: [UInt32] = []
        /// Words of phrases. Phrases that have a word in common share its number, so that its occurrences are kept once.
        fileprivate(set) var words: [Int] = []
    }

    /// The keys of one field.
    struct Lookup: Sendable {
        /// A bit for each length (modulo 32) and last byte: turns nearly all tokens away before their keys are compared.
        private var signatures = [UInt64](repeating: 0, count: 32 * 256 / 64)
        private var entries: [[UInt8]: Entry] = [:]
        fileprivate(set) var phrases: [Phrase] = []
        /// By their keys.
        private var wordNumbers: [[[UInt8]]: Int] = [:]
        var wordCount: Int { wordNumbers.count }

        fileprivate mutating func insert(_ term: QueryTerm, group: UInt32) {
            for form in term.forms {
                change(form.term.key) { entry in if entry.groups.last != group { entry.groups.append(group) } }
            }
        }

        /// - Returns: the word's number.
        fileprivate mutating func insertWord(_ term: QueryTerm) -> Int {
            // Parts of words have no positions.
            let keys = term.forms.filter { $0.term.form != .part }.map(\.term.key)
            if let number = wordNumbers[keys] { return number }
            let number = wordNumbers.count
            wordNumbers[keys] = number
            for key in keys { change(key) { entry in if entry.words.last != number { entry.words.append(number) } } }
            return number
        }

        private mutating func change(_ key: [UInt8], _ body: (inout Entry) -> Void) {
            guard let last = key.last else { return }
            let bit = Self.bit(key.count, last)
            signatures[bit >> 6] |= 1 << UInt64(bit & 63)
            body(&entries[key, default: Entry()])
        }

        private static func bit(_ count: Int, _ last: UInt8) -> Int { (count & 31) << 8 | Int(last) }

        var isEmpty: Bool { entries.isEmpty }

        /// Nil: no group has the key.
        @inline(__always)
        func entry(of key: UnsafeBufferPointer<UInt8>) -> Entry? {
            let bit = Self.bit(key.count, key[key.count - 1])
            guard signatures[bit >> 6] & (1 << UInt64(bit & 63)) != 0 else { return nil }
            return entries[Array(key)]
        }
    }

    let groups: [Group]
    private let lookups: [Int: Lookup]

    /// - Parameters:
    ///   - query: by group; those with a boost of 0 are excluded, and never marked.
    ///   - searched: by group, the text fields that it keeps to; nil: all.
    ///   - idf: by group.
    ///   - phrases: of groups that stand nowhere else.
    ///   - fields: numbers of the text fields to prepare.
    init(_ query: [QueryTerm], searched: [Set<Int>?], idf: [Double], phrases: [LexicalPhrase], fields: [Int]) {
        precondition(query.count == searched.count && query.count == idf.count, "\(query.count) groups, \(searched.count) with fields, \(idf.count) with idf")
        let worths = zip(query, idf).map { term, idf in term.boost > 0 ? term.boost * idf : 0 }
        let most = worths.max() ?? 0
        groups = zip(query, worths).map { term, worth in
            Group(text: term.text, worth: worth, share: most > 0 ? max(1, Int64(worth / most * 1_048_576)) : 1)
        }
        let inPhrases = Set(phrases.flatMap { $0.slots.map(\.group) })
        func lookup(_ isIn: (Set<Int>?) -> Bool) -> Lookup {
            var lookup = Lookup()
            func isAskedFor(_ group: Int) -> Bool { query[group].boost > 0 && isIn(searched[group]) }
            for (number, term) in query.enumerated() where !inPhrases.contains(number) && isAskedFor(number) { lookup.insert(term, group: UInt32(number)) }
            for phrase in phrases where phrase.slots.allSatisfy({ isAskedFor($0.group) }) {
                let slots = phrase.slots.map { (group: $0.group, word: lookup.insertWord(query[$0.group]), offset: $0.offset) }
                lookup.phrases.append(Phrase(slots: slots, slop: phrase.slop))
            }
            return lookup
        }
        // A prefix may stand for hundreds of words: where no group keeps to some fields, all share one table.
        let shared = searched.allSatisfy { $0 == nil } ? lookup { _ in true } : nil
        lookups = Dictionary(uniqueKeysWithValues: fields.map { field in (field, shared ?? lookup { $0?.contains(field) != false }) })
    }

    func lookup(_ field: Int) -> Lookup { lookups[field] ?? Lookup() }
}
