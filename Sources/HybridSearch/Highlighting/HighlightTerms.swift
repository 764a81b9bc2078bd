import SearchCore
import TextAnalysis

/// The keys of the words that a query asks for, by text field: what ``MatchCollector`` looks each token up in.
///
/// A token matches a group if its key is that of one of the group's forms, which is how the index matches, too. So stems, folded letters, parts,
/// joined forms and what a prefix stands for need no rules of their own. Immutable, made once per search.
struct HighlightTerms: Sendable {
    struct Group: Sendable {
        /// As explanations name it.
        let text: String
        /// boost · idf.
        let worth: Double
        /// The same in 1/2²⁰ of the greatest, at least 1: sums of whole numbers do not depend on their order, and do not drift.
        let share: Int64
    }

    /// The keys of one field.
    struct Lookup: Sendable {
        /// A bit for each length (modulo 32) and last byte: turns nearly all tokens away before their keys are compared.
        private var signatures = [UInt64](repeating: 0, count: 32 * 256 / 64)
        private var groups: [[UInt8]: [UInt32]] = [:]

        fileprivate mutating func insert(_ key: [UInt8], group: UInt32) {
            guard let last = key.last else { return }
            let bit = Self.bit(key.count, last)
            signatures[bit >> 6] |= 1 << UInt64(bit & 63)
            if groups[key, default: []].last != group { groups[key, default: []].append(group) }
        }

        private static func bit(_ count: Int, _ last: UInt8) -> Int { (count & 31) << 8 | Int(last) }

        var isEmpty: Bool { groups.isEmpty }

        /// Numbers of the groups that have the key, ascending; nil: none.
        @inline(__always)
        func groups(of key: UnsafeBufferPointer<UInt8>) -> [UInt32]? {
            let bit = Self.bit(key.count, key[key.count - 1])
            guard signatures[bit >> 6] & (1 << UInt64(bit & 63)) != 0 else { return nil }
            return groups[Array(key)]
        }
    }

    let groups: [Group]
    private let lookups: [Int: Lookup]

    /// - Parameters:
    ///   - query: by group; those with a boost of 0 are excluded, and never marked.
    ///   - searched: by group, the text fields that it keeps to; nil: all.
    ///   - idf: by group.
    ///   - fields: numbers of the text fields to prepare.
    init(_ query: [QueryTerm], searched: [Set<Int>?], idf: [Double], fields: [Int]) {
        precondition(query.count == searched.count && query.count == idf.count, "\(query.count) groups, \(searched.count) with fields, \(idf.count) with idf")
        let worths = zip(query, idf).map { term, idf in term.boost > 0 ? term.boost * idf : 0 }
        let most = worths.max() ?? 0
        groups = zip(query, worths).map { term, worth in
            Group(text: term.text, worth: worth, share: most > 0 ? max(1, Int64(worth / most * 1_048_576)) : 1)
        }
        func lookup(_ isIn: (Set<Int>?) -> Bool) -> Lookup {
            var lookup = Lookup()
            for (number, term) in query.enumerated() where term.boost > 0 && isIn(searched[number]) {
                for form in term.forms { lookup.insert(form.term.key, group: UInt32(number)) }
            }
            return lookup
        }
        // A prefix may stand for hundreds of words: where no group keeps to some fields, all share one table.
        let shared = searched.allSatisfy { $0 == nil } ? lookup { _ in true } : nil
        lookups = Dictionary(uniqueKeysWithValues: fields.map { field in (field, shared ?? lookup { $0?.contains(field) != false }) })
    }

    func lookup(_ field: Int) -> Lookup { lookups[field] ?? Lookup() }
}
