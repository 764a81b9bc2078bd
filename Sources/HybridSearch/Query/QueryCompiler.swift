import LexicalIndex
import SearchCore
import TextAnalysis

/// From a query to what the keyword leg runs: texts analysed into groups of forms, the tree flattened into clauses.
package struct QueryCompiler {
    /// Nodes inside one another; bounds the recursion.
    package static let depthMax = 64
    package static let nodesMax = 1024
    /// Words that a prefix may stand for.
    package static let expansionsMax = 1024
    /// Words that a fuzzy word stands for: the nearest ones, then the commonest.
    package static let fuzzyExpansionsMax = 64

    let schema: CollectionSchema
    let analysis: QueryAnalysis
    /// Where prefixes and fuzzy words find theirs.
    let views: [LexicalSegmentView]
    let control: QueryControl
    /// The string that the tree was written as, if it was.
    private let source: ParsedQuery?
    /// The node under work.
    private var current: QueryNode?
    var compiled = CompiledQuery()
    private var nodes = 0
    private var bytes = 0
    /// Words past the limit of groups are left out, instead of refusing the query.
    private var isBagOfWords = false

    private init(source: ParsedQuery?, schema: CollectionSchema, analysis: QueryAnalysis, views: [LexicalSegmentView], control: QueryControl) {
        self.source = source
        self.schema = schema
        self.analysis = analysis
        self.views = views
        self.control = control
    }

    /// A bag of words; a flat one where no synonym of several words is in it. Groups past the limit are counted and left out.
    /// - Throws: `DATA_LOSS` for a damaged dictionary.
    static func plain(
        _ text: String, schema: CollectionSchema, _ analysis: QueryAnalysis, _ views: [LexicalSegmentView], _ control: QueryControl
    ) throws -> CompiledQuery {
        // A search by vector alone.
        if text.isEmpty { return CompiledQuery() }
        let chains = try analysis.terms(of: text, in: nil, views)
        guard chains.allSatisfy(\.synonyms.isEmpty) else {
            var compiler = QueryCompiler(source: nil, schema: schema, analysis: analysis, views: views, control: control)
            compiler.isBagOfWords = true
            let parts = try compiler.text(chains, .any, isAskedFor: true, 1)
            compiler.compiled.clauses = parts.map { ($0.should).flatMap { $0 } + [.boolean(.init(should: $0.should.count))] } ?? Self.nothing
            return compiler.compiled
        }
        var compiled = CompiledQuery()
        for chain in chains {
            compiled.dropped += chain.dropped
            for term in chain.terms {
                guard compiled.terms.count < Limits.queryGroupsMax else {
                    compiled.dropped += 1
                    continue
                }
                compiled.append(term, fields: chain.chain.fields, isAskedFor: true)
            }
        }
        return compiled
    }

    /// The text of a tree that is nothing but a plain query.
    static func plainText(_ node: QueryNode) -> String? {
        guard case .boolean(let boolean) = node, boolean == QueryNode.Boolean(should: boolean.should), boolean.should.count == 1,
            case .words(let text, nil, .any) = boolean.should[0]
        else { return nil }
        return text
    }

    /// - Parameters:
    ///   - node: a tree, or a part of one.
    ///   - source: the string that the tree was written as; nil: a program built it.
    /// - Throws: `INVALID_ARGUMENT` for an unknown field, a number out of range, or too many nodes, terms or bytes; what is wrong with one clause
    ///   names its column in the string.
    static func compile(
        _ node: QueryNode, of source: ParsedQuery?, schema: CollectionSchema, analysis: QueryAnalysis, views: [LexicalSegmentView], control: QueryControl
    ) throws -> CompiledQuery {
        var compiler = QueryCompiler(source: source, schema: schema, analysis: analysis, views: views, control: control)
        let clauses = try compiler.clauses(of: node, isAskedFor: true, depth: 0)
        compiler.compiled.asksForNothing = clauses == nil
        compiler.compiled.clauses = clauses ?? Self.nothing
        return compiler.compiled
    }

    /// No document.
    private static let nothing: [LexicalClause] = [.all, .boolean(.init(mustNot: 1))]

    /// - Returns: nil for what has no word in it, such as `&`: whoever asks for that asks for nothing.
    private mutating func clauses(of node: QueryNode, isAskedFor: Bool, depth: Int) throws -> [LexicalClause]? {
        try count(depth)
        current = node
        switch node {
        case .prefix(let text, let field): return [try prefix(text, field, isAskedFor)]
        case .fuzzy(let text, let field, let distance, let prefixLength):
            return [try fuzzy(text, field, distance, prefixLength, isAskedFor)]
        case .phrase(let text, let field, let slop): return try phrase(text, field, slop, isAskedFor)
        case .boost(let factor, .phrase(let text, let field, let slop)):
            // As with words: a boost of its own is the term's, in scores, explanations and passages.
            try check("boost", factor)
            try count(depth + 1)
            return try phrase(text, field, slop, isAskedFor, boost: factor)
        case .all: return [.all]
        case .exists(let field): return [.exists(field: try number(of: field))]
        case .words, .boost(_, .words):
            guard let (must, should) = try text(node, isAskedFor) else { return nil }
            let all = must + should
            return all.count == 1 ? all[0] : all.flatMap { $0 } + [.boolean(.init(must: must.count, should: should.count))]
        case .constant(let score, let node):
            try check("constant score", score)
            return try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1).map { $0 + [.constant(score)] }
        case .boost(let factor, let node):
            try check("boost", factor)
            return try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1).map { $0 + [.boost(factor)] }
        case .best(let nodes, let tieBreaker):
            guard !nodes.isEmpty, tieBreaker >= 0, tieBreaker <= 1 else {
                throw refusal("the best of \(nodes.count) nodes with a tie breaker of \(tieBreaker); expected 1 node or more, 0 to 1")
            }
            var programs: [[LexicalClause]] = []
            for node in nodes { if let program = try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1) { programs.append(program) } }
            return programs.isEmpty ? nil : programs.flatMap { $0 } + [.disjunctionMax(count: programs.count, tieBreaker: tieBreaker)]
        case .boolean(let boolean): return try clauses(of: boolean, isAskedFor: isAskedFor, depth: depth)
        }
    }

    /// Texts inside a boolean become clauses of it where that says the same: one flat boolean of groups is what the keyword leg searches fastest.
    private mutating func clauses(of boolean: QueryNode.Boolean, isAskedFor: Bool, depth: Int) throws -> [LexicalClause]? {
        guard boolean.minimumShouldMatch ?? 0 >= 0 else { throw refusal("a minimum_should_match below 0") }
        var (must, should, filter, mustNot): ([[LexicalClause]], [[LexicalClause]], [[LexicalClause]], [[LexicalClause]]) = ([], [], [], [])
        let isFree = boolean.minimumShouldMatch == nil
        for node in boolean.must {
            if isFree, Self.demandsWords(node) {
                try count(depth + 1)
                guard let parts = try text(node, isAskedFor) else { continue }
                must += parts.must
                should += parts.should
            } else if let program = try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1) {
                must.append(program)
            }
        }
        for node in boolean.should {
            if isFree, Self.prefersWords(node) {
                try count(depth + 1)
                should += try text(node, isAskedFor)?.should ?? []
            } else if let program = try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1) {
                should.append(program)
            }
        }
        for node in boolean.filter {
            if Self.demandsWords(node) {
                try count(depth + 1)
                filter += try text(node, isAskedFor)?.must ?? []
            } else if let program = try clauses(of: node, isAskedFor: isAskedFor, depth: depth + 1) {
                filter.append(program)
            }
        }
        for node in boolean.mustNot { if let program = try clauses(of: node, isAskedFor: false, depth: depth + 1) { mustNot.append(program) } }
        let counts = LexicalClause.Boolean(
            must: must.count, should: should.count, filter: filter.count, mustNot: mustNot.count, minimumShouldMatch: boolean.minimumShouldMatch)
        let all = must + should + filter + mustNot
        return all.isEmpty ? nil : all.flatMap { $0 } + [.boolean(counts)]
    }

    private static func demandsWords(_ node: QueryNode) -> Bool {
        switch node {
        case .words(_, _, let match), .boost(_, .words(_, _, let match)): match != .any
        default: false
        }
    }

    private static func prefersWords(_ node: QueryNode) -> Bool {
        switch node {
        case .words(_, _, .any), .boost(_, .words(_, _, .any)): true
        default: false
        }
    }

    // MARK: Limits

    private mutating func count(_ depth: Int) throws {
        nodes += 1
        guard nodes <= Self.nodesMax else { throw TandemError.invalidArgument("the query has more than \(Self.nodesMax) clauses and words") }
        guard depth <= Self.depthMax else { throw TandemError.invalidArgument("the query's nodes are nested deeper than \(Self.depthMax)") }
    }

    mutating func countBytes(_ text: String) throws {
        bytes += text.utf8.count
        guard bytes <= Limits.queryBytesMax else {
            throw TandemError.invalidArgument("the query's texts have more than \(Limits.queryBytesMax) bytes together")
        }
    }

    func checkGroups() throws {
        guard compiled.terms.count < Limits.queryGroupsMax else {
            throw TandemError.invalidArgument("the query has more than \(Limits.queryGroupsMax) terms")
        }
    }

    private func check(_ name: String, _ value: Double) throws {
        guard value >= 1e-30, value <= 1e30 else { throw refusal("a \(name) of \(value); expected 1e-30 to 1e30") }
    }

    /// What is wrong with the node under work. Limits of the query as a whole are not about any one node.
    func refusal(_ what: String) -> TandemError {
        let place = current.flatMap { source?.column(of: $0) }.map { ", column \($0)" } ?? ""
        return .invalidArgument("query\(place): \(what)")
    }

    func number(of field: String) throws -> Int {
        guard let number = schema.textFields.firstIndex(where: { $0.name == field }) else {
            throw refusal("'\(field.prefix(64))' is no text field of the collection; it has \(schema.textFields.map(\.name).joined(separator: ", "))")
        }
        return number
    }

    // MARK: Texts

    /// The groups of a text, boosted or not, and whether each has to match. Where all words have to, those that stand at positions of their own do; of
    /// `c++` that is the joined form and not `c`. Pieces of words and joined forms of several only add to the score, but are what is written.
    /// - Returns: nil where the text has no word.
    private mutating func text(_ node: QueryNode, _ isAskedFor: Bool) throws -> (must: [[LexicalClause]], should: [[LexicalClause]])? {
        if case .boost(let factor, let words) = node {
            try check("boost", factor)
            return try text(words, isAskedFor, factor)
        }
        return try text(node, isAskedFor, 1)
    }

    private mutating func text(_ node: QueryNode, _ isAskedFor: Bool, _ factor: Double) throws -> (must: [[LexicalClause]], should: [[LexicalClause]])? {
        guard case .words(let text, let field, let match) = node else { preconditionFailure("no text") }
        current = node
        try countBytes(text)
        let fields = try field.map { Set([try number(of: $0)]) }
        return try self.text(try analysis.terms(of: text, in: fields, views), match, isAskedFor: isAskedFor, factor)
    }

    private mutating func text(
        _ analyzed: [QueryAnalysis.ChainTerms], _ match: QueryNode.Match, isAskedFor: Bool, _ factor: Double
    ) throws -> (must: [[LexicalClause]], should: [[LexicalClause]])? {
        var chains: [(must: [[LexicalClause]], should: [[LexicalClause]])] = []
        for chain in analyzed {
            compiled.dropped += chain.dropped
            let clauses = try self.clauses(of: chain, match, isAskedFor, factor)
            if !clauses.must.isEmpty || !clauses.should.isEmpty { chains.append(clauses) }
        }
        guard let first = chains.first else { return nil }
        if chains.count == 1 { return first }
        if chains.allSatisfy({ $0.must.isEmpty }) { return ([], chains.flatMap(\.should)) }
        // All words have to match in the fields of one chain or another.
        let programs = chains.map { chain in
            (chain.must + chain.should).flatMap { $0 } + [.boolean(.init(must: chain.must.count, should: chain.should.count))]
        }
        return ([programs.flatMap { $0 } + [.boolean(.init(should: programs.count))]], [])
    }

    /// What a term, or several and their synonyms, became.
    private struct Part {
        var program: [LexicalClause]
        var isDemanded: Bool
    }

    /// The groups of one chain, and whether each has to match.
    private mutating func clauses(
        of chain: QueryAnalysis.ChainTerms, _ match: QueryNode.Match, _ isAskedFor: Bool, _ factor: Double
    ) throws -> (must: [[LexicalClause]], should: [[LexicalClause]]) {
        let joined = Set(chain.terms.filter { $0.kind == .joined(words: 1) }.map(\.position))
        // By term; nil: it gave none, or it is a part of another's.
        var parts: [Part?] = []
        // The word that has to match, if it is the last term: its variant will do as well.
        var demanded: Int?
        for var term in chain.terms {
            parts.append(nil)
            var isDemanded = false
            switch (match, term.kind) {
            case (.any, _), (.all, .piece): break
            case (.all, .word): isDemanded = !joined.contains(term.position)
            case (.all, .joined(let words)): isDemanded = words == 1
            case (.all, .variant): break
            case (.exact, .piece), (.exact, .variant): continue
            case (.exact, .word):
                term.forms.removeAll { $0.term.form != .surface || $0.term.text != term.text }
                isDemanded = true
            case (.exact, .joined):
                term.forms.removeAll { $0.term.form != .whole || $0.term.text != term.text }
                isDemanded = true
            }
            // What was added to the words gives way; it is counted as left out.
            if compiled.terms.count >= Limits.queryGroupsMax, isBagOfWords || !isDemanded && (term.kind == .variant || term.kind == .piece) {
                compiled.dropped += 1
                continue
            }
            let clause = LexicalClause.group(try append(term, factor, chain, isAskedFor))
            if match == .all, term.kind == .variant, let word = demanded, chain.terms[word].position == term.position {
                parts[word]!.program += [clause, .boolean(.init(should: 2))]
            } else {
                parts[parts.count - 1] = Part(program: [clause], isDemanded: isDemanded)
            }
            demanded = isDemanded && term.kind == .word ? parts.count - 1 : nil
        }
        if match != .exact { try combine(&parts, chain, match, isAskedFor, factor) }
        return (parts.compactMap { $0?.isDemanded == true ? $0!.program : nil }, parts.compactMap { $0?.isDemanded == false ? $0!.program : nil })
    }

    private mutating func append(_ term: QueryTerm, _ factor: Double, _ chain: QueryAnalysis.ChainTerms, _ isAskedFor: Bool) throws -> Int {
        try checkGroups()
        var term = term
        // Within what a group may weigh; beyond, it would be left out.
        term.boost = min(max(term.boost * factor, 1e-30), 1e30)
        return compiled.append(term, fields: chain.chain.fields, isAskedFor: isAskedFor)
    }

    /// Puts the synonyms of several words, or for several words, beside them: the best counts.
    private mutating func combine(
        _ parts: inout [Part?], _ chain: QueryAnalysis.ChainTerms, _ match: QueryNode.Match, _ isAskedFor: Bool, _ factor: Double
    ) throws {
        // Terms that are a part of a group before.
        var taken: Set<Int> = []
        for group in chain.synonyms {
            // As with variants: what was added gives way.
            guard compiled.terms.count + 1 + group.phrases.count * SynonymIndex.phraseWordsMax <= Limits.queryGroupsMax else {
                compiled.dropped += group.phrases.count + (group.word == nil ? 0 : 1)
                continue
            }
            var programs: [[LexicalClause]] = []
            if let word = group.word { programs.append([.group(try append(word, factor, chain, isAskedFor))]) }
            for phrase in group.phrases {
                let boost = min(max(phrase.boost * factor, 1e-30), 1e30)
                if let clause = try self.phrase(phrase.text, chain.chain, 0, isAskedFor, boost: boost) { programs.append([clause]) }
            }
            guard !programs.isEmpty else { continue }
            // A word that another rule has taken, since the query says it twice: where all words have to match, another group of it stands here, else what this
            // rule says is only preferred.
            if match == .any, !taken.isDisjoint(with: group.originals) {
                for program in programs { parts.append(Part(program: program, isDemanded: false)) }
                continue
            }
            let words = try group.originals.compactMap { original in
                guard taken.contains(original) else { return parts[original] }
                return Part(program: [.group(try append(chain.terms[original], factor, chain, isAskedFor))], isDemanded: true)
            }
            guard words.count == group.originals.count else { continue }
            let own = group.originals.filter { !taken.contains($0) }
            taken.formUnion(group.originals)
            var said = words.flatMap(\.program)
            if words.count > 1 { said.append(.boolean(match == .all ? .init(must: words.count) : .init(should: words.count))) }
            if match == .all {
                for original in group.repeated where parts[original]?.isDemanded == true {
                    // A group stands in a tree once, so this is another one; it only demands.
                    let again = LexicalClause.group(try append(chain.terms[original], factor, chain, isAskedFor))
                    parts.append(Part(program: [again, .boolean(.init(filter: 1))], isDemanded: true))
                }
            }
            for original in own { parts[original] = nil }
            let part = Part(
                program: said + programs.flatMap { $0 } + [.disjunctionMax(count: programs.count + 1, tieBreaker: 0)],
                isDemanded: words.contains { $0.isDemanded })
            if let place = own.first { parts[place] = part } else { parts.append(part) }
        }
    }
}
