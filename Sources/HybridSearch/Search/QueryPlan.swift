import ColumnIndex
import SearchCore
import TextAnalysis
import VectorIndex

/// A request with every default filled in and every value checked: what the stages work from.
package struct QueryPlan: Sendable {
    /// What the semantic leg and the reranker read.
    package private(set) var text: String
    /// What the keyword leg looks for; nil: the words of `text`.
    package private(set) var query: QueryNode?
    /// Where `query` stands in the text, when it was written as one.
    private(set) var source: ParsedQuery?
    /// Why a lenient query is searched as plain words.
    package private(set) var syntaxProblem: String?
    package private(set) var runsLexical: Bool
    package private(set) var runsSemantic: Bool
    package private(set) var mode: SearchRequest.Mode
    package private(set) var alpha: Double
    package private(set) var limit: Int
    package private(set) var offset: Int
    /// Candidates of each leg: max(depth, offset + limit, rerank depth); with two legs, or a reranker, 100 where no depth is given.
    package private(set) var poolDepth: Int
    package private(set) var rerankDepth: Int
    package private(set) var rerankWeight: Double
    package private(set) var rerankModel: String?
    /// Nil: no budget.
    package private(set) var rerankBudget: Duration?
    package private(set) var k1: Double
    package private(set) var proximity: Double
    package private(set) var b: Double
    /// Per text field of the schema, in order.
    package private(set) var fieldWeights: [Double]
    package private(set) var filter: Filter?
    /// Number of the vector field that the semantic leg searches; 0 where the schema has none.
    package private(set) var vectorField: Int
    let semanticEffort: VectorSearchEffort
    /// The share of the best hits that is asked for.
    var recallTarget: Double { if case .recall(let target) = semanticEffort { target } else { 1 } }
    /// The language that the request says its text is in; nil: any that the collection holds.
    private(set) var languages: [Language]?
    let usesSynonyms: Bool

    private static let readAsWordsNote = " (so it is searched as plain words)"
    static let defaultDepth = 100
    /// Measured: docs/benchmarks.md, "Proximity".
    package static let defaultProximity = 0.0
    static let defaultRerankDepth = 50
    static let defaultRerankBudget = Duration.milliseconds(250)

    /// - Throws: `INVALID_ARGUMENT` naming the parameter, what it is and what it may be.
    package init(_ request: SearchRequest, schema: CollectionSchema) throws {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw TandemError.invalidArgument("\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
            }
        }
        guard request.text.utf8.count <= Limits.queryBytesMax else {
            throw TandemError.invalidArgument("the query has \(request.text.utf8.count) bytes; at most \(Limits.queryBytesMax) are allowed")
        }
        let isBlank = request.text.allSatisfy(\.isWhitespace)
        guard request.vector != nil || request.query != nil || !isBlank else {
            throw TandemError.invalidArgument("the query is empty: give a text, a vector, or both")
        }
        if request.mode == .lexical, request.query == nil, isBlank {
            throw TandemError.invalidArgument("the query has no text; mode lexical searches by words only")
        }
        try check("limit", request.limit, 0...Limits.depthMax)
        try check("offset", request.offset, 0...Limits.depthMax)
        try check("offset + limit", request.offset + request.limit, 0...Limits.depthMax)
        if let depth = request.depth { try check("depth", depth, 1...Limits.depthMax) }
        if let budget = request.rerank.budget, budget < .zero {
            throw TandemError.invalidArgument("rerank budget is \(budget); expected zero or more")
        }
        if let depth = request.rerank.depth { try check("rerank depth", depth, 0...Limits.depthMax) }
        alpha = request.alpha ?? schema.alpha
        try CollectionSchema.check("alpha", alpha, 0...1)
        rerankWeight = request.rerank.weight ?? schema.rerankWeight
        try CollectionSchema.check("rerank weight", rerankWeight, 0...1)
        k1 = request.k1 ?? schema.k1
        try CollectionSchema.check("k1", k1, 0...100)
        proximity = request.proximity ?? Self.defaultProximity
        try CollectionSchema.check("proximity", proximity, 0...1)
        b = request.b ?? schema.b
        try CollectionSchema.check("b", b, 0...1)
        guard request.rrfK.isFinite, request.rrfK > 0 else {
            throw TandemError.invalidArgument("rrf k is \(request.rrfK); expected a number above 0")
        }
        for (name, value) in [
            ("min_lexical", request.thresholds.lexical), ("min_semantic", request.thresholds.semantic),
            ("min_fused", request.thresholds.fused), ("min_rerank", request.thresholds.rerank),
        ] {
            if let value, value.isNaN { throw TandemError.invalidArgument("\(name) is not a number") }
        }

        switch request.semanticEffort {
        case .exact: semanticEffort = .exact
        case .effort(let effort):
            try CollectionSchema.check("effort", effort, 0...1)
            semanticEffort = .knob(effort)
        case .recall(let recall):
            guard recall >= 0, recall < 1 else {
                throw TandemError.invalidArgument("target recall is \(recall); expected 0 to below 1 (an exact search finds all)")
            }
            semanticEffort = .recall(recall)
        }
        if let name = request.language {
            guard let language = Language(name) else {
                throw TandemError.invalidArgument(
                    "lang is '\(name.prefix(64))'; known languages: \(Language.all.map(\.code).joined(separator: ", "))")
            }
            languages = [language]
        }
        usesSynonyms = request.usesSynonyms
        vectorField = try schema.vectorFieldNumber(request.vectorField) ?? 0
        let fields = try schema.attributeFields()
        switch request.filter {
        case nil: filter = nil
        case .nodes(let nodes): filter = nodes
        case .expression(let text): filter = try FilterExpression.parse(text, fields: fields)
        }
        filter = try filter?.validated(against: fields)

        fieldWeights = schema.textFields.map { request.fieldWeights[$0.name] ?? $0.weight }
        for (name, weight) in request.fieldWeights {
            guard schema.textFields.contains(where: { $0.name == name }) else {
                throw TandemError.invalidArgument("field weight for '\(name)': the collection has no such text field")
            }
            try CollectionSchema.check("field weight for '\(name)'", weight, CollectionSchema.weightRange)
        }
        if let wanted = request.fields {
            let known = Set(schema.textFields.map(\.name) + schema.attributes.map(\.name) + schema.vectorFields.map(\.name))
            if let unknown = wanted.first(where: { !known.contains($0) }) {
                throw TandemError.invalidArgument("stored field '\(unknown)' is not in the schema; it has \(known.sorted().joined(separator: ", "))")
            }
        }
        _ = try request.highlight?.fieldNumbers(schema)

        query = request.query
        if request.syntax != .plain, !isBlank {
            guard query == nil else { throw TandemError.invalidArgument("the query has clauses and a text with syntax; give one of them") }
            do {
                source = try QueryString.parse(request.text, fields: schema.textFields.map(\.name), isLenient: request.syntax == .lenient)
                query = source?.node
            } catch let error as TandemError where request.syntax == .lenient {
                syntaxProblem = error.message + Self.readAsWordsNote
            }
        }
        // The operators are none of the models' business.
        text = request.syntax == .plain && !isBlank ? request.text : query.map { $0.askedFor.joined(separator: " ") } ?? request.text
        limit = request.limit
        offset = request.offset
        // alpha 0 and 1 leave one leg without weight: run the other alone, so that its order is exactly the pure query's. So does a vector without words.
        switch request.mode {
        case .hybrid where query == nil && isBlank && request.alpha == nil: mode = .semantic
        case .hybrid where alpha == 0: mode = .lexical
        case .hybrid where alpha == 1: mode = .semantic
        default: mode = request.mode
        }
        runsLexical = mode != .semantic
        runsSemantic = mode != .lexical
        rerankModel = request.rerank.model ?? schema.reranker
        // A reranker belongs to every hybrid search; pure queries get it only when they ask.
        rerankDepth = request.limit == 0 ? 0 : request.rerank.depth ?? (mode == .hybrid && rerankModel != nil ? Self.defaultRerankDepth : 0)
        rerankBudget = request.rerank.isUnbounded ? nil : (request.rerank.budget ?? Self.defaultRerankBudget)
        // Fusion needs candidates that one leg ranks low. Where one leg runs alone, none of those behind the page can come onto it.
        let usual = mode == .hybrid || rerankDepth > 0 ? Self.defaultDepth : 1
        poolDepth = min(Limits.depthMax, max(request.depth ?? usual, request.offset + request.limit, rerankDepth))
    }

    /// A lenient query that cannot be searched as it is written is one of plain words.
    mutating func readAsWords(_ request: SearchRequest, because problem: String) {
        query = nil
        source = nil
        text = request.text
        syntaxProblem = problem + Self.readAsWordsNote
    }

    /// The words that were meant, instead of those that were written.
    mutating func correct(text: String, query: QueryNode?) {
        self.text = text
        self.query = query
    }

    /// The keyword leg alone answers, because the semantic one cannot.
    mutating func narrowToLexical() {
        mode = .lexical
        runsLexical = true
        runsSemantic = false
    }
}
