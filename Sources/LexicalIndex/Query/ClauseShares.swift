/// What the leaves of a query's tree add to one document's score: each leaf's own score times a factor, in which the boosts above it are
/// multiplied, and 0 where something above it did not match or does not score.
///
/// The tree as ``ClauseEvaluator`` runs it, for a single document.
struct ClauseShares {
    /// By number in the query; 0 where the tree has none of that number.
    private(set) var groups: [Double]
    private(set) var phrases: [Double]
    /// What clauses without words add: all, exists, and constants.
    private(set) var constant = 0.0

    private struct Entry {
        var isMatch = false
        var score = 0.0
        var groups: [(number: Int, factor: Double)] = []
        var phrases: [(number: Int, factor: Double)] = []
        var constant = 0.0

        mutating func scale(_ factor: Double) {
            score *= factor
            constant *= factor
            for i in groups.indices { groups[i].factor *= factor }
            for i in phrases.indices { phrases[i].factor *= factor }
        }

        mutating func add(_ other: Entry) {
            score += other.score
            constant += other.constant
            groups += other.groups
            phrases += other.phrases
        }
    }

    /// - Parameter score: of a group, a phrase, or a field that exists; nil: the document has it not.
    init(_ tree: ClauseTree, groupCount: Int, phraseCount: Int, score: (LexicalClause) -> Double?) {
        groups = Array(repeating: 0, count: groupCount)
        phrases = Array(repeating: 0, count: phraseCount)
        var stack: [Entry] = []
        for clause in tree.clauses {
            var entry = Entry()
            switch clause {
            case .group(let number):
                if let score = score(clause) { entry = Entry(isMatch: true, score: score, groups: [(number, 1)]) }
            case .phrase(let number):
                if let score = score(clause) { entry = Entry(isMatch: true, score: score, phrases: [(number, 1)]) }
            case .exists:
                if score(clause) != nil { entry = Entry(isMatch: true, score: 1, constant: 1) }
            case .all: entry = Entry(isMatch: true, score: 1, constant: 1)
            case .constant(let value):
                if stack.removeLast().isMatch { entry = Entry(isMatch: true, score: value, constant: value) }
            case .boost(let factor):
                entry = stack.removeLast()
                entry.scale(factor)
            case .boolean(let boolean): entry = Self.combine(Self.pop(boolean.count, &stack), boolean)
            case .disjunctionMax(let count, let tieBreaker): entry = Self.combine(Self.pop(count, &stack), tieBreaker)
            }
            stack.append(entry)
        }
        guard let whole = stack.last, whole.isMatch else { return }
        for (number, factor) in whole.groups { groups[number] = factor }
        for (number, factor) in whole.phrases { phrases[number] = factor }
        constant = whole.constant
    }

    private static func pop(_ count: Int, _ stack: inout [Entry]) -> [Entry] {
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private static func combine(_ children: [Entry], _ boolean: LexicalClause.Boolean) -> Entry {
        let scoring = boolean.must + boolean.should
        let isMatch =
            children[..<boolean.must].allSatisfy(\.isMatch)
            && children[boolean.must..<scoring].count(where: \.isMatch) >= boolean.leastShould
            && children[scoring..<scoring + boolean.filter].allSatisfy(\.isMatch)
            && !children[(scoring + boolean.filter)...].contains(where: \.isMatch)
        guard isMatch else { return Entry() }
        // Without a clause that scores each match counts 1.
        guard scoring > 0 else { return Entry(isMatch: true, score: 1, constant: 1) }
        var entry = Entry(isMatch: true)
        for child in children[..<scoring] { entry.add(child) }
        return entry
    }

    private static func combine(_ children: [Entry], _ tieBreaker: Double) -> Entry {
        var entry = Entry(isMatch: children.contains(where: \.isMatch))
        let best = children.indices.max { children[$0].score < children[$1].score }
        for (i, var child) in children.enumerated() {
            if i != best { child.scale(tieBreaker) }
            entry.add(child)
        }
        return entry
    }
}
