import CLinux
import ColumnIndex
import Foundation
import Inference
import LexicalIndex
import SearchCore
import Storage
import Synchronization
import TextAnalysis
import VectorIndex

/// Runs one search over one snapshot, stage by stage (docs/semantics, "Stages"):
///
/// ```
/// spelling → analyze → filter → lexical ∥ (embed → semantic) → pool → true scores → fuse → rerank → page → fetch
/// ```
///
/// A value made per search; nothing outlives it. Every stage checks the deadline and the cancel flag.
package struct Searcher: Sendable {
    let snapshot: GenerationSnapshot
    let schema: CollectionSchema
    let store: DocumentStore
    let analyzers: FieldAnalyzers
    let synonyms: SynonymIndex
    /// The analyzer version of most terms that the snapshot has.
    let termsVersion: UInt32
    let embedder: Embedder?
    let models: ModelLibrary
    let filterCache: FilterCache
    let recall: RecallMonitor
    let control: QueryControl

    /// Runs the lexical leg beside the semantic one. Its width is bounded by the server's number of search threads.
    private static let legs = DispatchQueue(label: "tandem.legs", qos: .userInitiated, attributes: .concurrent)

    package func search(_ request: SearchRequest) throws -> SearchResponse {
        var clock = StageClock()
        var request = request
        let examples = try recommendation(&request)
        let likeness = try likeness(&request)
        var plan = try QueryPlan(request, schema: schema)
        var degraded: [SearchResponse.Degradation] = []
        if let likeness, likeness.lacksVector {
            let field = schema.vectorFields[plan.vectorField].name
            degraded.append(.init(stage: "semantic", reason: "the document has no vector in field '\(field)': only its words are looked for", reranked: 0))
        }
        try narrowIfNoVectors(&plan, request, &degraded)

        var spelling: SearchResponse.Spelling?
        if request.spelling.mode != .off {
            try clock.measure("spelling") {
                spelling = try self.spelling(&plan, request)
                return ((), seen: 1, dropped: spelling?.corrections.count ?? 0)
            }
        }
        let query = try clock.measure("analyze") {
            // Also where the semantic leg runs alone: the reranker's passages, and a degraded answer, need them.
            let query = try likeness?.query ?? compile(&plan, request)
            return (query, seen: query.groups.count + query.dropped, dropped: query.dropped)
        }
        if query.dropped > 0 {
            let reason = "\(query.dropped) terms of the query, or synonyms of them, are too many; \(query.groups.count) are searched"
            degraded.append(.init(stage: "analyze", reason: reason, reranked: 0))
        }
        if let problem = plan.syntaxProblem { degraded.append(.init(stage: "analyze", reason: problem, reranked: 0)) }
        if termsVersion < AnalyzerConfiguration.currentVersion, plan.runsLexical {
            let current = AnalyzerConfiguration.currentVersion
            let reason = "its words are of analyzer version \(termsVersion) until those of version \(current) are built; some may be missed"
            degraded.append(.init(stage: "analyze", reason: reason, reranked: 0))
        }
        let accept = try clock.measure("filter") {
            var live = snapshot.live
            if let likeness { _ = live.remove(likeness.doc) }
            for example in examples { _ = live.remove(example) }
            let constraint = plan.runsSemantic ? plan.query?.constraint : nil
            guard plan.filter != nil || constraint != nil else { return (live, seen: live.capacity, dropped: 0) }
            var accepted = live
            if plan.filter != nil {
                accepted = try FilterEvaluator.evaluate(plan.filter, segments: snapshot.columns, live: live, cache: filterCache, control: control)
            }
            if let constraint { accepted = try documents(matching: constraint, plan, accepted) }
            let (before, after) = (live.count, accepted.count)
            return (accepted, seen: before, dropped: before - after)
        }

        let terms = query.terms
        let legs = try runLegs(&plan, request, query: query, accept: accept, clock: &clock, degraded: &degraded)
        let order = ResultOrder { try snapshot.ids(of: $0, store: store) }
        var pool = try makePool(legs, plan, order)
        try trueScores(&pool, legs, plan, request, &clock)

        var fused = Fusion.Outcome()
        try clock.measure("fuse") {
            if plan.mode == .hybrid {
                let fusion = Fusion(alpha: plan.alpha, normalizer: request.normalizer, rrfK: request.rrfK, cosineFloor: cosineFloor(plan))
                fused = try fusion.apply(to: &pool, order: order)
            } else {
                for i in pool.indices { pool[i].fused = (plan.runsLexical ? pool[i].lexical : pool[i].semantic) ?? 0 }
            }
            try order.sort(&pool) { $0.fused }
            let before = pool.count
            // In one-leg modes there is no fused scale that the threshold could mean.
            if let threshold = request.thresholds.fused, plan.mode == .hybrid { pool.removeAll { $0.fused < threshold } }
            return ((), seen: before, dropped: before - pool.count)
        }

        let poolSize = pool.count
        let rerank = try Reranker(searcher: self, plan: plan, thresholds: request.thresholds, terms: terms, lexical: legs.lexicalSearcher)
            .apply(to: &pool, order: order, clock: &clock, degraded: &degraded)

        let begin = ContinuousClock.now
        var marking = Duration.zero
        let page = pool.dropFirst(plan.offset).prefix(plan.limit)
        let hits = try fetch(Array(page), request, query, legs: legs, isReranked: rerank != nil, plan, marking: &marking)
        clock.add("fetch", begin.duration(to: .now) - marking, seen: poolSize, dropped: poolSize - hits.count)
        if request.highlight != nil {
            clock.add("highlight", marking, seen: hits.count, dropped: hits.count(where: \.highlights.isEmpty))
        }
        return SearchResponse(
            hits: hits, mode: plan.mode, alpha: plan.alpha, normalizer: request.normalizer,
            lexicalBounds: fused.lexicalBounds, semanticBounds: fused.semanticBounds, poolSize: poolSize,
            lexicalMatched: legs.lexical?.matched, isLexicalMatchedAtLeast: legs.lexical?.isCounted == false, emptyLegs: legs.emptyLegs(plan),
            stages: clock.stages, semantic: legs.semantic.map(SearchResponse.SemanticWork.init), rerank: rerank,
            spelling: spelling, degraded: degraded, applied: snapshot.applied, vectorApplied: snapshot.vectorApplied,
            generation: snapshot.generation, isApproximate: legs.lexical?.isApproximate == true || legs.semantic?.work.isExact == false,
            microseconds: clock.elapsed)
    }

    // MARK: Legs

    /// What the legs found, and the searchers that give true scores.
    struct Legs {
        var lexical: LexicalTopK?
        var semantic: VectorTopK?
        var lexicalSearcher: LexicalSearcher?
        var vectorSearcher: VectorSearcher?

        func emptyLegs(_ plan: QueryPlan) -> [String] {
            (plan.runsLexical && (lexical?.hits.isEmpty ?? true) ? ["lexical"] : [])
                + (plan.runsSemantic && (semantic?.hits.isEmpty ?? true) ? ["semantic"] : [])
        }
    }

    private func cosineFloor(_ plan: QueryPlan) -> Double {
        plan.vectorField == CollectionSchema.modelField ? embedder?.folder.cosineFloor ?? 0 : 0
    }

    /// A collection without vectors answers hybrid queries by keywords, and says so.
    private func narrowIfNoVectors(_ plan: inout QueryPlan, _ request: SearchRequest, _ degraded: inout [SearchResponse.Degradation]) throws {
        guard plan.runsSemantic else { return }
        if request.vector == nil, plan.vectorField != CollectionSchema.modelField {
            let field = schema.vectorFields[plan.vectorField]
            let own = schema.model == nil ? "" : ", which is '\(schema.vectorFields[CollectionSchema.modelField].name)'"
            throw TandemError.invalidArgument(
                "vector field '\(field.name)' is not the model's\(own): searching it takes a vector of \(field.dimension) numbers")
        }
        let reason: String
        if schema.vectorFields.isEmpty {
            reason = "the collection has no vector field"
        } else if request.vector == nil, embedder == nil {
            reason = schema.model.map { "the embedding model '\($0)' is not loaded" } ?? "the collection has no embedding model, and the query brings no vector"
        } else if request.vector == nil, plan.text.allSatisfy(\.isWhitespace) {
            reason = "the query asks for no words that could be embedded"
        } else {
            return
        }
        guard request.mode == .hybrid, request.embedderFailure == .lexicalOnly else {
            throw TandemError(.failedPrecondition, "semantic search is not possible: \(reason)")
        }
        plan.narrowToLexical()
        degraded.append(.init(stage: "semantic", reason: reason, reranked: 0))
    }

    private struct SemanticResult: Sendable {
        var searcher: VectorSearcher?
        var topK: VectorTopK?
        var embedTime = Duration.zero
        var scanTime = Duration.zero
        var embedFailure: TandemError?
        var failure: TandemError?
    }

    private struct LexicalResult: Sendable {
        var searcher: LexicalSearcher?
        var topK: LexicalTopK?
        var time = Duration.zero
        var failure: TandemError?
    }

    private final class LexicalBox: Sendable {
        let result = Mutex(LexicalResult())
    }

    private func runLegs(
        _ plan: inout QueryPlan, _ request: SearchRequest, query: CompiledQuery, accept: DocBitSet, clock: inout StageClock,
        degraded: inout [SearchResponse.Degradation]
    ) throws -> Legs {
        var legs = Legs()
        var result = SemanticResult()
        if plan.runsSemantic, plan.runsLexical {
            // The semantic leg stays on this thread, since it nearly always ends last: nobody has to be woken then.
            let box = LexicalBox()
            let group = DispatchGroup()
            Self.legs.async(group: group) { [self, plan] in
                // Its thread was made by a search thread, which may have a processor of its own: the legs would share that one.
                _ = tandem_use_all_processors()
                let result = lexicalLeg(plan, request, query, accept)
                box.result.withLock { $0 = result }
            }
            result = semanticLeg(plan, request, accept: accept)
            // Whatever became of this one: the other reads this search's snapshot.
            group.wait()
            try take(box.result.withLock { $0 }, &legs, &clock)
        } else if plan.runsSemantic {
            result = semanticLeg(plan, request, accept: accept)
        } else {
            try take(lexicalLeg(plan, request, query, accept), &legs, &clock)
        }
        guard plan.runsSemantic else { return legs }

        clock.add("embed", result.embedTime, seen: 1, dropped: result.embedFailure == nil ? 0 : 1)
        if let failure = result.embedFailure {
            // The caller's own deadline or cancel, or its vector, is its affair; only the model's failure degrades.
            let isOurs = failure.code != .cancelled && failure.code != .deadlineExceeded && failure.code != .invalidArgument
            guard isOurs, request.mode == .hybrid, request.embedderFailure == .lexicalOnly else { throw failure }
            plan.narrowToLexical()
            degraded.append(.init(stage: "embed", reason: failure.message, reranked: 0))
            if legs.lexical == nil { try take(lexicalLeg(plan, request, query, accept), &legs, &clock) }
            return legs
        }
        if let failure = result.failure { throw failure }
        if let topK = result.topK {
            clock.add("semantic", result.scanTime, seen: topK.scanned, dropped: topK.scanned - topK.hits.count)
        }
        legs.semantic = result.topK
        legs.vectorSearcher = result.searcher
        return legs
    }

    /// Never throws: it may run on another thread, and its failure is judged after both legs have ended.
    private func lexicalLeg(_ plan: QueryPlan, _ request: SearchRequest, _ compiled: CompiledQuery, _ accept: DocBitSet) -> LexicalResult {
        var result = LexicalResult()
        let begin = ContinuousClock.now
        do {
            let searcher = try lexicalSearcher(compiled, plan)
            var topK = try searcher.topK(
                plan.poolDepth, accept: accept, strategy: request.countsMatches || request.limit == 0 ? .exhaustive : .pruned,
                minScore: request.thresholds.lexical, control: control)
            // Without a filter all documents of a term match.
            if !topK.isCounted, plan.filter == nil, plan.query == nil, request.like == nil, request.recommend.isEmpty {
                topK.matched = max(topK.matched, searcher.matchedAtLeast)
            }
            result.topK = topK
            result.searcher = searcher
        } catch {
            result.failure = error as? TandemError ?? TandemError(.internal, "the lexical leg failed: \(error)")
        }
        result.time = begin.duration(to: .now)
        return result
    }

    private func lexicalSearcher(_ compiled: CompiledQuery, _ plan: QueryPlan) throws -> LexicalSearcher {
        var query = LexicalQuery(groups: compiled.groups, fieldWeights: plan.fieldWeights, k1: plan.k1, b: plan.b)
        query.clauses = compiled.clauses
        query.phrases = compiled.phrases
        if compiled.clauses.isEmpty { query.proximity = compiled.neighbours(boost: plan.proximity) }
        return try LexicalSearcher(views: snapshot.lexicalViews, query: query)
    }

    private func compile(_ plan: inout QueryPlan, _ request: SearchRequest) throws -> CompiledQuery {
        if let node = plan.query {
            // Words without operators are a plain query, in whatever syntax they are written.
            if let text = QueryCompiler.plainText(node) { return try plain(text, plan) }
            do {
                return try QueryCompiler.compile(
                    node, of: plan.source, schema: schema, analysis: analysis(plan), views: snapshot.lexicalViews, control: control)
            } catch let error as TandemError where request.syntax == .lenient { plan.readAsWords(request, because: error.message) }
        }
        return try plain(plan.text, plan)
    }

    private func plain(_ text: String, _ plan: QueryPlan) throws -> CompiledQuery {
        try QueryCompiler.plain(text, schema: schema, analysis(plan), snapshot.lexicalViews, control)
    }

    func analysis(_ plan: QueryPlan) -> QueryAnalysis {
        QueryAnalysis(analyzers: analyzers, languages: plan.languages ?? snapshot.languages, synonyms: plan.usesSynonyms ? synonyms : nil)
    }

    /// Both legs keep to what the query demands and excludes, as they do to the filter.
    private func documents(matching node: QueryNode, _ plan: QueryPlan, _ accepted: DocBitSet) throws -> DocBitSet {
        let compiled = try QueryCompiler.compile(
            node, of: plan.source, schema: schema, analysis: analysis(plan), views: snapshot.lexicalViews, control: control)
        if compiled.asksForNothing { return accepted }
        return try lexicalSearcher(compiled, plan).matches(accept: accepted, control: control)
    }

    private func take(_ result: LexicalResult, _ legs: inout Legs, _ clock: inout StageClock) throws {
        if let failure = result.failure { throw failure }
        guard let topK = result.topK else { return }
        clock.add("lexical", result.time, seen: topK.matched, dropped: topK.matched - topK.hits.count)
        legs.lexical = topK
        legs.lexicalSearcher = result.searcher
    }

    /// Never throws, as above: an embedder's failure may only degrade the answer.
    private func semanticLeg(_ plan: QueryPlan, _ request: SearchRequest, accept: DocBitSet) -> SemanticResult {
        var result = SemanticResult()
        var begin = ContinuousClock.now
        let vector: [Float]
        do {
            vector = try queryVector(plan, request)
        } catch {
            result.embedTime = begin.duration(to: .now)
            result.embedFailure = error as? TandemError ?? TandemError(.internal, "embedding the query failed: \(error)")
            return result
        }
        result.embedTime = begin.duration(to: .now)
        begin = .now
        do {
            let searcher = try VectorSearcher(snapshot.vectors[plan.vectorField], query: vector)
            let field = schema.vectorFields[plan.vectorField].name
            result.topK = try searcher.topK(
                plan.poolDepth, accept: accept, minScore: request.thresholds.semantic, effort: recall.corrected(plan.semanticEffort, field: field),
                control: control)
            if let topK = result.topK, !topK.work.isExact {
                recall.observe(
                    field: field, searcher, target: plan.recallTarget, k: plan.poolDepth, accept: accept, minScore: request.thresholds.semantic,
                    found: topK, keeping: snapshot)
            }
            result.searcher = searcher
        } catch {
            result.failure = error as? TandemError ?? TandemError(.internal, "the semantic leg failed: \(error)")
        }
        result.scanTime = begin.duration(to: .now)
        return result
    }

    private func queryVector(_ plan: QueryPlan, _ request: SearchRequest) throws -> [Float] {
        if let vector = request.vector {
            let field = schema.vectorFields[plan.vectorField]
            do {
                try VectorValidation.check(vector, dimension: field.dimension, metric: try field.vectorMetric())
            } catch let error as TandemError {
                throw TandemError(error.code, "vector field '\(field.name)': \(error.message)")
            }
            return vector
        }
        guard let embedder else { throw TandemError(.unavailable, "the embedding model is not loaded") }
        return try embedder.embedQuery(plan.text, control: control)
    }

    // MARK: Pool

    /// Union of both legs' first K, each candidate once, in DocID order.
    private func makePool(_ legs: Legs, _ plan: QueryPlan, _ order: ResultOrder) throws -> [Candidate] {
        var docs: Set<DocID> = []
        if let lexical = legs.lexical {
            let hits = try order.resolveBoundary(
                lexical.hits.map { ($0.doc, $0.score) }, ties: lexical.boundaryTies.map { ($0.doc, $0.score) }, k: plan.poolDepth)
            docs.formUnion(hits.map(\.doc))
        }
        if plan.runsSemantic, let semantic = legs.semantic {
            let hits = try order.resolveBoundary(
                semantic.hits.map { ($0.doc, $0.score) }, ties: semantic.boundaryTies.map { ($0.doc, $0.score) }, k: plan.poolDepth)
            docs.formUnion(hits.map(\.doc))
        }
        return docs.sorted().map(Candidate.init)
    }

    /// Both legs' true scores for every member; a score below its leg's threshold counts as none.
    private func trueScores(_ pool: inout [Candidate], _ legs: Legs, _ plan: QueryPlan, _ request: SearchRequest, _ clock: inout StageClock) throws {
        try clock.measure("true_scores") {
            let docs = pool.map(\.doc)
            if !plan.runsSemantic, let found = legs.lexical, !found.isApproximate {
                // One leg alone: its candidates come with their scores, which are those of scoring each of them.
                let scores = Dictionary((found.hits + found.boundaryTies).map { ($0.doc, $0.score) }) { first, _ in first }
                for i in pool.indices {
                    pool[i].lexical = scores[pool[i].doc].flatMap { $0 >= request.thresholds.lexical ?? -.infinity ? $0 : nil }
                }
            } else if plan.runsLexical, let searcher = legs.lexicalSearcher {
                for (i, score) in try searcher.score(docs: docs, control: control).enumerated() {
                    pool[i].lexical = score.flatMap { $0 >= request.thresholds.lexical ?? -.infinity ? $0 : nil }
                }
            }
            if plan.runsSemantic, let searcher = legs.vectorSearcher {
                for (i, score) in try semanticScores(docs, legs.semantic, searcher).enumerated() {
                    pool[i].hasVector = score != nil
                    pool[i].semantic = score.flatMap { $0 >= request.thresholds.semantic ?? -.infinity ? $0 : nil }
                }
            }
            return ((), seen: docs.count, dropped: 0)
        }
    }

    /// - Parameter docs: ascending.
    private func semanticScores(_ docs: [DocID], _ found: VectorTopK?, _ searcher: VectorSearcher) throws -> [Double?] {
        // Of several vectors of a document a walk may have met another one than the best.
        guard let found, searcher.hasOneVectorPerDocument else { return try searcher.score(docs: docs) }
        let known = (found.hits + found.boundaryTies).sorted { $0.doc < $1.doc }
        var scores = [Double?](repeating: nil, count: docs.count)
        var unknown: [Int] = []
        var next = 0
        for (i, doc) in docs.enumerated() {
            while next < known.count, known[next].doc < doc { next += 1 }
            if next < known.count, known[next].doc == doc { scores[i] = known[next].score } else { unknown.append(i) }
        }
        guard !unknown.isEmpty else { return scores }
        for (i, score) in zip(unknown, try searcher.score(docs: unknown.map { docs[$0] })) { scores[i] = score }
        return scores
    }

    // MARK: Page

    private static let fetchedAtOnce = 16
    /// Stored fields of one answer, roughly counted; as much as reading by id gives.
    private static let answerBytesMax = 48 << 20

    private func fetch(
        _ page: [Candidate], _ request: SearchRequest, _ query: CompiledQuery, legs: Legs, isReranked: Bool, _ plan: QueryPlan,
        marking: inout Duration
    ) throws -> [Hit] {
        var highlighter = try highlighter(request, query, legs, plan)
        let sequences = page.map { snapshot.sequence(of: $0.doc) }
        // Ids alone are asked for: no document is decoded.
        let ids = request.fields?.isEmpty == true && highlighter == nil ? try snapshot.ids(of: page.map(\.doc), store: store) : nil
        var documents: ArraySlice<Document?> = []
        var bytes = 0
        var hits: [Hit] = []
        for (i, candidate) in page.enumerated() {
            // Explaining a hit of a long query takes milliseconds.
            try control.checkpoint()
            // A few at a time, since a document may have megabytes.
            if ids == nil, documents.isEmpty {
                documents = try store.documents(at: Array(sequences[i..<min(i + Self.fetchedAtOnce, sequences.count)]))[...]
            }
            let stored = if let ids { Document?(Document(id: ids[i])) } else { documents.removeFirst() }
            guard var document = stored else {
                throw TandemError(.internal, "document \(candidate.doc) at sequence \(sequences[i]) is live, but not in the log")
            }
            let id = document.id
            let begin = ContinuousClock.now
            let highlights = try highlighter?.highlights(of: document) ?? []
            marking += begin.duration(to: .now)
            if let wanted = request.fields {
                document.texts.removeAll { !wanted.contains($0.name) }
                document.attributes.removeAll { !wanted.contains($0.name) }
                document.vectors.removeAll { !wanted.contains($0.name) }
            }
            bytes += document.approximateBytes + highlights.reduce(0) { $0 + $1.approximateBytes }
            guard bytes <= Self.answerBytesMax else {
                throw TandemError(
                    .resourceExhausted,
                    "the first \(i) hits fill an answer of \(Self.answerBytesMax) bytes; ask for fewer, or for fewer stored fields")
            }
            let explanation = request.explain ? try explain(candidate, query, legs, plan, request) : nil
            hits.append(
                Hit(
                    id: id, version: sequences[i], score: candidate.rerank == nil ? candidate.fused : candidate.final,
                    fused: candidate.fused, lexical: candidate.lexical, semantic: candidate.semantic, rerank: candidate.rerank,
                    hasVector: candidate.hasVector, document: request.fields?.isEmpty == true ? nil : document,
                    explanation: explanation, highlights: highlights))
        }
        return hits
    }

    private func explain(_ candidate: Candidate, _ query: CompiledQuery, _ legs: Legs, _ plan: QueryPlan, _ request: SearchRequest) throws -> Explanation {
        let builder = ExplanationBuilder(schema: schema, plan: plan, normalizer: request.normalizer)
        return builder.build(candidate, lexical: try legs.lexicalSearcher?.explain(candidate.doc, control: control), query: query)
    }
}
