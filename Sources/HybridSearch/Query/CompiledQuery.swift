import LexicalIndex
import TextAnalysis

/// A query as the keyword leg runs it.
package struct CompiledQuery: Sendable {
    /// By group. Those that are excluded have a boost of 0 here: neither passages nor explanations are about them.
    private(set) var terms: [QueryTerm] = []
    /// By group: it is asked for, not excluded.
    var isAskedFor: [Bool] { terms.map { $0.boost > 0 } }
    private(set) var groups: [LexicalGroup] = []
    /// Of groups that stand nowhere else.
    var phrases: [LexicalPhrase] = []
    /// Empty: any of the groups.
    var clauses: [LexicalClause] = []
    /// There is no word in it: nothing is found by it, and nothing is demanded or excluded.
    var asksForNothing = false
    /// The groups stand in the order of a text: some are neighbours.
    var hasNeighbours = true
    /// Groups that were left out.
    var dropped = 0

    /// - Returns: the group's number.
    @discardableResult
    mutating func append(_ term: QueryTerm, fields: Set<Int>?, isAskedFor: Bool) -> Int {
        var shown = term
        if !isAskedFor { shown.boost = 0 }
        terms.append(shown)
        groups.append(
            LexicalGroup(
                text: term.text, boost: term.boost, forms: term.forms.map { LexicalForm(key: $0.term.key, weight: $0.weight) }, fields: fields))
        return groups.count - 1
    }

    /// Words that the distance between two neighbours may differ by; Metzler & Croft, "A Markov Random Field Model for Term Dependencies", 2005,
    /// look at windows of four words for each of the two.
    private static let neighbourSlop = 8

    /// Pairs of words of a plain query that stand side by side in it, stop words between them aside.
    /// - Parameter boost: of each; 0: none.
    func neighbours(boost: Double) -> [LexicalPhrase] {
        guard boost >= 1e-30, hasNeighbours else { return [] }
        let words = terms.indices.filter { terms[$0].kind == .word && !terms[$0].isStopWord }.sorted { terms[$0].position < terms[$1].position }
        return zip(words, words.dropFirst()).map { first, second in
            LexicalPhrase(
                text: "\(terms[first].text) \(terms[second].text)", boost: boost,
                slots: [.init(group: first, offset: 0), .init(group: second, offset: max(terms[second].position - terms[first].position, 1))],
                slop: Self.neighbourSlop)
        }
    }
}
