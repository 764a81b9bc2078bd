import SearchCore

/// One step of a query's tree, in postfix order: leaves push a set of documents with their scores, the others pop what they combine.
///
/// The same clauses score and filter: under `must` and `should` they count, under `filter` and `mustNot` only their documents do. Flat, as it
/// comes over the wire: nothing recurses. Terms are those of Lucene's BooleanQuery and DisjunctionMaxQuery.
public enum LexicalClause: Sendable, Hashable {
    /// The documents of the query's group of that number, with what it adds to their scores. Each group stands in one place of a tree at most.
    case group(Int)
    /// The documents that have the query's phrase of that number, with what it adds to their scores. Each phrase stands in one place of a tree at most.
    case phrase(Int)
    /// Every document, with a score of 1.
    case all
    /// The documents that have the text field, with a score of 1.
    case exists(field: Int)
    /// Pops one; its documents, each with this score, above 0.
    case constant(Double)
    /// Pops one; its scores times this factor, above 0.
    case boost(Double)
    /// Pops as many as it says.
    case boolean(Boolean)
    /// Pops `count`, at least 1; all their documents, with the greatest of their scores and `tieBreaker` (0 to 1) times the others.
    case disjunctionMax(count: Int, tieBreaker: Double)

    /// How many of each kind a boolean pops; they were pushed in this order.
    public struct Boolean: Sendable, Hashable {
        /// All of these have to match; their scores add up, with those of `should`.
        public var must: Int
        /// At least ``minimumShouldMatch`` of these have to.
        public var should: Int
        /// As `must`, without scores.
        public var filter: Int
        /// None of these may match.
        public var mustNot: Int
        /// Nil: 1 where there is neither `must` nor `filter`, else 0. More than there are: nothing matches.
        public var minimumShouldMatch: Int?

        public init(must: Int = 0, should: Int = 0, filter: Int = 0, mustNot: Int = 0, minimumShouldMatch: Int? = nil) {
            self.must = must
            self.should = should
            self.filter = filter
            self.mustNot = mustNot
            self.minimumShouldMatch = minimumShouldMatch
        }

        var count: Int { must + should + filter + mustNot }
        var leastShould: Int { minimumShouldMatch ?? (should > 0 && must + filter == 0 ? 1 : 0) }
    }
}

/// A query's tree, checked: it runs without underflow, within the stack, and leaves one set.
struct ClauseTree: Sendable {
    /// Sets on the stack at a time; each takes 33 KB while a search runs.
    static let depthMax = 256
    static let clausesMax = 4096

    /// To run; wide booleans are chains here.
    let clauses: [LexicalClause]
    /// Sets on the stack at a time.
    let depth: Int
    /// Groups without which no document matches the whole.
    let required: [Int]
    /// Nil where the tree is more than one boolean of groups.
    let flat: Flat?
    /// Something may match where no term of the query occurs.
    let matchesWithoutTerms: Bool

    /// Booleans with more children than that become chains.
    private static let childrenMax = 6

    /// The same tree with narrow booleans, so that the stack stays low however many terms a query has: `(+a +b c d -e)` is
    /// `((((+a +b) +· c) +· d) -e)`, whose sums add up in the same order. One that asks for several of its optional clauses is left as it is, and so is what does
    /// not combine.
    private static func chained(_ clauses: [LexicalClause]) -> [LexicalClause] {
        var programs: [[LexicalClause]] = []
        for clause in clauses {
            var count = 0
            switch clause {
            case .group, .phrase, .all, .exists: break
            case .constant, .boost: count = 1
            case .disjunctionMax(let children, _): count = children
            case .boolean(let boolean):
                let least = min(boolean.must, boolean.should, boolean.filter, boolean.mustNot)
                guard least >= 0, boolean.count > 0 else { return clauses }
                count = boolean.count
            }
            guard count >= 0, count <= programs.count else { return clauses }
            let children = Array(programs.suffix(count))
            programs.removeLast(count)
            // One clause that has to match is the whole.
            if case .boolean(let boolean) = clause, count == 1, boolean.must == 1 && boolean.leastShould == 0 || boolean.should == 1 && boolean.leastShould == 1
            {
                programs += children
                continue
            }
            if case .boolean(let boolean) = clause, count > childrenMax, isChainable(boolean) {
                programs.append(chain(children, boolean))
            } else {
                programs.append(children.flatMap { $0 } + [clause])
            }
        }
        return programs.flatMap { $0 }
    }

    private static func isChainable(_ boolean: LexicalClause.Boolean) -> Bool {
        switch boolean.leastShould {
        case 0: true
        case 1: boolean.must == 0 && boolean.filter == 0 && boolean.should > 0
        default: false
        }
    }

    private static func chain(_ children: [[LexicalClause]], _ boolean: LexicalClause.Boolean) -> [LexicalClause] {
        let (musts, rest) = (children.prefix(boolean.must), children.dropFirst(boolean.must))
        let (shoulds, others) = (rest.prefix(boolean.should), rest.dropFirst(boolean.should))
        let (filters, nots) = (others.prefix(boolean.filter), others.dropFirst(boolean.filter))
        func join(_ programs: ArraySlice<[LexicalClause]>, _ pair: LexicalClause.Boolean) -> [LexicalClause] {
            guard var all = programs.first else { return [] }
            for program in programs.dropFirst() { all += program + [.boolean(pair)] }
            return all
        }
        let filter = join(filters, .init(filter: 2))
        let not = join(nots, .init(should: 2))
        // Optional clauses are added one by one, behind the demanded ones.
        var scored = join(musts, .init(must: 2))
        if musts.isEmpty {
            scored = join(shoulds, .init(should: 2))
        } else {
            for program in shoulds { scored += program + [.boolean(.init(must: 1, should: 1))] }
        }
        let isDemanded = !musts.isEmpty || boolean.leastShould == 1
        return scored + filter + not + [
            .boolean(
                .init(
                    must: scored.isEmpty || !isDemanded ? 0 : 1, should: scored.isEmpty || isDemanded ? 0 : 1, filter: filter.isEmpty ? 0 : 1,
                    mustNot: not.isEmpty ? 0 : 1, minimumShouldMatch: isDemanded ? nil : 0))
        ]
    }

    /// One boolean of groups: a bag of those that score, with some demanded and some excluded.
    struct Flat: Sendable {
        /// In the order in which their scores add up.
        var scored: [Int]
        var demanded: [Int]
        var excluded: [Int]

        init?(_ clauses: [LexicalClause]) {
            guard case .boolean(let boolean)? = clauses.last, boolean.count == clauses.count - 1 else { return nil }
            let groups = clauses.dropLast().compactMap { clause -> Int? in
                if case .group(let number) = clause { number } else { nil }
            }
            guard groups.count == boolean.count, boolean.must + boolean.should > 0 else { return nil }
            scored = Array(groups.prefix(boolean.must + boolean.should))
            demanded = Array(groups.prefix(boolean.must)) + groups[scored.count..<scored.count + boolean.filter]
            excluded = Array(groups.suffix(boolean.mustNot))
            // A match has to have a group that scores: then it is one of the bag's.
            guard boolean.must > 0 ? boolean.leastShould == 0 : boolean.leastShould == 1 else { return nil }
        }
    }

    /// - Throws: `INVALID_ARGUMENT` that names the clause by its place, counted from 0.
    init(_ clauses: [LexicalClause], phrases: [LexicalPhrase], groupCount: Int, fieldCount: Int) throws {
        func wrong(_ place: Int, _ what: String) -> TandemError { .invalidArgument("query clause \(place): \(what)") }
        guard clauses.count <= Self.clausesMax else {
            throw TandemError.invalidArgument("the query has \(clauses.count) clauses; at most \(Self.clausesMax) are taken")
        }
        let given = clauses
        let clauses = Self.chained(clauses)
        /// What is known of each set on the stack: the groups that it requires.
        var stack: [Set<Int>] = []
        var depth = 0
        var used: Set<Int> = []
        var usedPhrases: Set<Int> = []
        for (place, clause) in clauses.enumerated() {
            func pop(_ count: Int) throws -> ArraySlice<Set<Int>> {
                guard count <= stack.count else { throw wrong(place, "takes \(count) of \(stack.count) clauses before it") }
                defer { stack.removeLast(count) }
                return stack.suffix(count)
            }
            func isFactor(_ value: Double) -> Bool { value >= 1e-30 && value <= 1e30 }
            switch clause {
            case .group(let group):
                guard group >= 0, group < groupCount else { throw wrong(place, "group \(group) of \(groupCount)") }
                guard used.insert(group).inserted else { throw wrong(place, "group \(group) stands in the tree twice") }
                stack.append([group])
            case .phrase(let number):
                guard phrases.indices.contains(number) else { throw wrong(place, "phrase \(number) of \(phrases.count)") }
                guard usedPhrases.insert(number).inserted else { throw wrong(place, "phrase \(number) stands in the tree twice") }
                if let defect = phrases[number].defect(groupCount: groupCount) { throw wrong(place, defect) }
                stack.append(Set(phrases[number].slots.map(\.group)))
            case .all: stack.append([])
            case .exists(let field):
                guard field >= 0, field < fieldCount else { throw wrong(place, "field \(field) of \(fieldCount)") }
                stack.append([])
            case .constant(let value), .boost(let value):
                guard isFactor(value) else { throw wrong(place, "a factor of \(value); expected 1e-30 to 1e30") }
                stack.append(try pop(1).first!)
            case .boolean(let boolean):
                guard min(boolean.must, boolean.should, boolean.filter, boolean.mustNot, boolean.leastShould) >= 0, boolean.count > 0,
                    boolean.count <= Self.depthMax
                else { throw wrong(place, "a boolean of \(boolean.count) clauses") }
                let children = Array(try pop(boolean.count))
                let musts = children.prefix(boolean.must) + children[(boolean.must + boolean.should)...].prefix(boolean.filter)
                var required = musts.reduce(into: Set()) { $0.formUnion($1) }
                if boolean.should == 1, boolean.leastShould == 1 { required.formUnion(children[boolean.must]) }
                stack.append(required)
            case .disjunctionMax(let count, let tieBreaker):
                guard count >= 1, count <= Self.depthMax else { throw wrong(place, "a disjunction of \(count) clauses") }
                guard tieBreaker >= 0, tieBreaker <= 1 else { throw wrong(place, "a tie breaker of \(tieBreaker); expected 0 to 1") }
                let children = try pop(count)
                stack.append(count == 1 ? children.first! : [])
            }
            depth = max(depth, stack.count)
        }
        guard stack.count == 1 else { throw TandemError.invalidArgument("the query's clauses leave \(stack.count) sets; expected 1") }
        guard depth <= Self.depthMax else {
            throw TandemError.invalidArgument(
                "the query's clauses need \(depth) sets at a time; at most \(Self.depthMax) are kept. Nest them less, or cut them in parts")
        }
        self.clauses = clauses
        self.depth = depth
        required = stack[0].sorted()
        flat = Flat(given)
        matchesWithoutTerms = clauses.contains {
            switch $0 {
            case .all, .exists: true
            case .boolean(let boolean): boolean.must + boolean.should == 0 || boolean.leastShould == 0 && boolean.must == 0
            default: false
            }
        }
    }
}
