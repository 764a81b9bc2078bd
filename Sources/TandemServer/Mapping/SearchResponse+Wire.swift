import HybridSearch
import SearchCore
import WireProtocol

extension WireProtocol.SearchResponse {
    init(_ response: HybridSearch.SearchResponse) {
        self.init()
        hits = response.hits.map { WireProtocol.Hit($0, hasLooked: response.mode != .lexical) }
        mode =
            switch response.mode {
            case .hybrid: .hybrid
            case .lexical: .lexical
            case .semantic: .semantic
            }
        alpha = response.alpha
        normalizer =
            switch response.normalizer {
            case .minMax: .minMax
            case .theoretical: .theoretical
            case .distribution: .dbsf
            case .reciprocalRank: .rrf
            }
        lexicalBounds = response.lexicalBounds.map { ScoreBounds(floor: $0.floor, ceiling: $0.ceiling) }
        semanticBounds = response.semanticBounds.map { ScoreBounds(floor: $0.floor, ceiling: $0.ceiling) }
        poolSize = UInt32(clamping: response.poolSize)
        lexicalMatched = response.lexicalMatched.map { UInt64(clamping: $0) }
        lexicalMatchedAtLeast = response.isLexicalMatchedAtLeast
        emptyLegs = response.emptyLegs
        stages = response.stages.map { stage in
            StageReport(
                name: stage.name, durationMicroseconds: UInt64(clamping: stage.microseconds), seen: UInt64(clamping: stage.seen),
                dropped: UInt64(clamping: stage.dropped))
        }
        rerank = response.rerank.map(RerankReport.init)
        semantic = response.semantic.map { work in
            SemanticReport(
                flatSegments: UInt32(clamping: work.flatSegments), filteredFlatSegments: UInt32(clamping: work.filteredFlatSegments),
                graphSegments: UInt32(clamping: work.graphSegments), abandonedGraphs: UInt32(clamping: work.abandonedGraphs),
                scanned: UInt64(clamping: work.scanned), visited: UInt64(clamping: work.visited), refined: UInt64(clamping: work.refined),
                exact: work.isExact, estimated: UInt64(clamping: work.estimated))
        }
        degraded = response.degraded.map { Degradation(stage: $0.stage, reason: $0.reason, reranked: UInt32(clamping: $0.reranked)) }
        spelling = response.spelling.map { spelling in
            SpellingReport(
                text: spelling.text ?? "", applied: spelling.isApplied,
                corrections: spelling.corrections.map {
                    SpellingCorrection(
                        original: $0.original, corrected: $0.corrected, start: UInt32(clamping: $0.range?.lowerBound ?? 0),
                        end: UInt32(clamping: $0.range?.upperBound ?? 0), originalDocuments: UInt64(clamping: $0.originalDocuments),
                        correctedDocuments: UInt64(clamping: $0.correctedDocuments))
                })
        }
        appliedSequence = response.applied.rawValue
        vectorAppliedSequence = response.vectorApplied.rawValue
        generation = response.generation
        approximate = response.isApproximate
        durationMicroseconds = UInt64(clamping: response.microseconds)
    }
}

extension RerankReport {
    fileprivate init(_ report: HybridSearch.SearchResponse.Reranked) {
        let stop: RerankStop =
            switch report.stopReason {
            case .complete: .complete
            case .budget: .budget
            case .deadline: .deadline
            case .error: .error
            case .noModel: .noModel
            }
        self.init(
            requested: UInt32(clamping: report.requested), reranked: UInt32(clamping: report.reranked), stop: stop,
            model: report.model, weight: report.weight)
    }
}

extension WireProtocol.Hit {
    fileprivate init(_ hit: HybridSearch.Hit, hasLooked: Bool) {
        self.init(id: hit.id, version: hit.version.rawValue, score: hit.score, fused: hit.fused)
        lexical = hit.lexical
        semantic = hit.semantic
        rerank = hit.rerank
        hasVector = hasLooked ? hit.hasVector : nil
        document = hit.document.map(WireProtocol.Document.init)
        explanation = hit.explanation.map(WireProtocol.Explanation.init)
        highlights = hit.highlights.map(WireProtocol.HighlightedField.init)
    }
}

extension WireProtocol.Explanation {
    fileprivate init(_ explanation: HybridSearch.Explanation) {
        self.init()
        terms = explanation.terms.map { term in
            TermMatch(
                term: term.term, boost: term.boost, idf: term.idf, documentFrequency: UInt64(clamping: term.documentFrequency),
                documentCount: UInt64(clamping: term.documentCount), frequency: term.frequency, score: term.score,
                matches: term.matches.map { match in
                    // A whole number, but for phrases with a slop.
                    FormMatch(
                        field: match.field, form: match.form, term: match.term, frequency: UInt64(match.frequency),
                        fieldLength: UInt64(clamping: match.fieldLength), averageLength: match.averageLength, weight: match.weight,
                        phraseFrequency: match.form == "phrase" ? match.frequency : nil)
                })
        }
        lexicalNormalized = explanation.lexicalNormalized
        semanticNormalized = explanation.semanticNormalized
        lexicalRank = explanation.lexicalRank.map { UInt32(clamping: $0) }
        semanticRank = explanation.semanticRank.map { UInt32(clamping: $0) }
        rerankNormalized = explanation.rerankNormalized
        fusedNormalized = explanation.fusedNormalized
        passage = explanation.passage
        summary = explanation.summary
    }
}
