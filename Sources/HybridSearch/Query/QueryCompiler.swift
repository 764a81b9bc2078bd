import LexicalIndex
import SearchCore
import TextAnalysis

/// From a query to what the keyword leg runs: texts analysed into groups of forms, the tree flattened into clauses.
package struct QueryCompiler {
    /// Nodes inside one another; bounds the recursion.
    package static let depthMax = 64
    package static let nodesMax = 1024

    private let schema: CollectionSchema
    private let analyzer: Analyzer
    private(set) var compiled = CompiledQuery()
    private var nodes = 0

    init(schema: CollectionSchema, analyzer: Analyzer) {
        self.schema = schema
        self.analyzer = analyzer
    }

    /// A bag of words. Groups past the limit are counted and left out.
    static func plain(_ text: String, _ analyzer: Analyzer) -> CompiledQuery {
        var compiled = CompiledQuery()
        let terms = analyzer.analyzeQuery(text)
        for term in terms.prefix(Limits.queryGroupsMax) { compiled.append(term, fields: nil, isAskedFor: true) }
        compiled.dropped = terms.count - compiled.terms.count
        return compiled
    }

    /// - Throws: `INVALID_ARGUMENT` for an unknown field, a number out of range, or too many nodes or terms.
    static func compile(_ node: QueryNode, schema: CollectionSchema, analyzer: Analyzer) throws -> CompiledQuery {
        var compiler = QueryCompiler(schema: schema, analyzer: analyzer)
        compiler.compiled.clauses = try compiler.clauses(of: node, isAskedFor: true, depth: 0)
        return compiler.compiled
    }

    private mutating func clauses(of node: QueryNode, isAskedFor: Bool, depth: Int) throws -> [LexicalClause] {
        nodes += 1
        guard nodes <= Self.nodesMax else { throw TandemError.invalidArgument("the query has more than \(Self.nodesMax) nodes") }
        guard depth <= Self.depthMax else { throw TandemError.invalidArgument("the query's nodes are nested deeper than \(Self.depthMax)") }
        func children(_ nodes: [QueryNode], _ isAskedFor: Bool) throws -> [LexicalClause] {
            var all: [LexicalClause] = []
            for node in nodes { all += try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1) }
            return all
        }
        switch node {
        case .words(let text, let field, let match): return try words(text, field, match, isAskedFor)
        case .all: return [.all]
        case .exists(let field): return [.exists(field: try number(of: field))]
        case .constant(let score, let node):
            guard score >= 1e-30, score <= 1e30 else { throw TandemError.invalidArgument("query: a constant score of \(score); expected 1e-30 to 1e30") }
            return try children([node], isAskedFor) + [.constant(score)]
        case .boost(let factor, let node):
            guard factor >= 1e-30, factor <= 1e30 else { throw TandemError.invalidArgument("query: a boost of \(factor); expected 1e-30 to 1e30") }
            return try children([node], isAskedFor) + [.boost(factor)]
        case .best(let nodes, let tieBreaker):
            guard !nodes.isEmpty, tieBreaker >= 0, tieBreaker <= 1 else {
                throw TandemError.invalidArgument(
                    "query: the best of \(nodes.count) nodes with a tie breaker of \(tieBreaker); expected 1 node or more, 0 to 1")
            }
            return try children(nodes, isAskedFor) + [.disjunctionMax(count: nodes.count, tieBreaker: tieBreaker)]
        case .boolean(let boolean):
            let counts = LexicalClause.Boolean(
                must: boolean.must.count, should: boolean.should.count, filter: boolean.filter.count, mustNot: boolean.mustNot.count,
                minimumShouldMatch: boolean.minimumShouldMatch)
            guard boolean.minimumShouldMatch ?? 0 >= 0 else { throw TandemError.invalidArgument("query: a minimum_should_match below 0") }
            guard counts.must + counts.should + counts.filter + counts.mustNot > 0 else { return Self.nothing }
            return try flattened(boolean, counts, isAskedFor, depth)
        }
    }

    /// A boolean's clauses. Texts among them become clauses of the boolean itself where that says the same: one flat boolean of groups is what the
    /// keyword leg searches fastest.
    private mutating func flattened(
        _ boolean: QueryNode.Boolean, _ counts: LexicalClause.Boolean, _ isAskedFor: Bool, _ depth: Int
    ) throws -> [LexicalClause] {
        var (must, should, filter, mustNot): ([LexicalClause], [LexicalClause], [LexicalClause], [LexicalClause]) = ([], [], [], [])
        var counts = counts
        counts.must = 0
        counts.should = 0
        counts.filter = 0
        for node in boolean.must {
            if boolean.minimumShouldMatch == nil, case .words(let text, let field, let match) = node, match != .any,
                let parts = try parts(text, field, match, isAskedFor)
            {
                must += parts.must
                should += parts.should
                counts.must += parts.must.count
                counts.should += parts.should.count
            } else {
                must += try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1)
                counts.must += 1
            }
        }
        for node in boolean.should {
            if boolean.minimumShouldMatch == nil, case .words(let text, let field, .any) = node, let parts = try parts(text, field, .any, isAskedFor) {
                should += parts.should
                counts.should += parts.should.count
            } else {
                should += try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1)
                counts.should += 1
            }
        }
        for node in boolean.filter {
            if case .words(let text, let field, let match) = node, match != .any, let parts = try parts(text, field, match, isAskedFor) {
                filter += parts.must
                counts.filter += parts.must.count
            } else {
                filter += try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1)
                counts.filter += 1
            }
        }
        for node in boolean.mustNot { mustNot += try clauses(of: node, isAskedFor: false, depth: depth + 1) }
        return must + should + filter + mustNot + [.boolean(counts)]
    }

    /// No document.
    private static let nothing: [LexicalClause] = [.all, .boolean(.init(mustNot: 1))]

    private func number(of field: String) throws -> Int {
        guard let number = schema.textFields.firstIndex(where: { $0.name == field }) else {
            throw TandemError.invalidArgument(
                "query: '\(field.prefix(64))' is no text field of the collection; it has \(schema.textFields.map(\.name).joined(separator: ", "))")
        }
        return number
    }

    private mutating func words(_ text: String, _ field: String?, _ match: QueryNode.Match, _ isAskedFor: Bool) throws -> [LexicalClause] {
        guard let (must, should) = try parts(text, field, match, isAskedFor) else { return Self.nothing }
        let all = must + should
        return all.count == 1 ? all : all + [.boolean(.init(must: must.count, should: should.count))]
    }

    /// The groups of a text, and whether each has to match: words that stand at positions of their own where all have to; pieces of a word and
    /// joined forms only add to the score, but a joined form is what is written.
    /// - Returns: nil where the text has no word, or none that could be demanded where all are.
    private mutating func parts(
        _ text: String, _ field: String?, _ match: QueryNode.Match, _ isAskedFor: Bool
    ) throws -> (must: [LexicalClause], should: [LexicalClause])? {
        let fields = try field.map { Set([try number(of: $0)]) }
        var must: [LexicalClause] = []
        var should: [LexicalClause] = []
        var positions: Set<Int> = []
        for var term in analyzer.analyzeQuery(text) {
            let isWhole = term.forms.allSatisfy { $0.term.form == .whole }
            let isWord = !isWhole && positions.insert(term.position).inserted
            if match == .exact {
                guard isWord || isWhole else { continue }
                if isWord { term.forms.removeAll { $0.term.form != .surface } }
            }
            guard compiled.terms.count < Limits.queryGroupsMax else {
                throw TandemError.invalidArgument("the query has more than \(Limits.queryGroupsMax) terms")
            }
            let clause = LexicalClause.group(compiled.append(term, fields: fields, isAskedFor: isAskedFor))
            if match == .exact || match == .all && isWord { must.append(clause) } else { should.append(clause) }
        }
        return must.isEmpty && (match != .any || should.isEmpty) ? nil : (must, should)
    }
}

/// A query as the keyword leg runs it.
package struct CompiledQuery: Sendable {
    /// By group. Those that are excluded have a boost of 0 here: neither passages nor explanations are about them.
    private(set) var terms: [QueryTerm] = []
    private(set) var groups: [LexicalGroup] = []
    /// Empty: any of the groups.
    var clauses: [LexicalClause] = []
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
}
