import HybridSearch
import SearchCore
import WireProtocol

extension HybridSearch.SearchRequest {
    /// - Throws: `INVALID_ARGUMENT` naming the field: numbers of enumerations that are not known, two filters, a field weight
    ///   given twice, a budget beside `unbounded`. Ranges are the engine's to judge.
    init(_ message: WireProtocol.SearchRequest) throws {
        self.init(text: message.text, vector: message.vector)
        syntax =
            switch message.syntax {
            case .plain: .plain
            case .strict: .strict
            case .lenient: .lenient
            default: throw Mapping.unknown("syntax", message.syntax)
            }
        if !message.clauses.isEmpty { query = try QueryNode(message.clauses) }
        mode =
            switch message.mode {
            case .hybrid: .hybrid
            case .lexical: .lexical
            case .semantic: .semantic
            default: throw Mapping.unknown("mode", message.mode)
            }
        normalizer =
            switch message.normalizer {
            case .minMax: .minMax
            case .theoretical: .theoretical
            case .dbsf: .distribution
            case .rrf: .reciprocalRank
            default: throw Mapping.unknown("normalizer", message.normalizer)
            }
        embedderFailure =
            switch message.embedderFailure {
            case .lexicalOnly: .lexicalOnly
            case .fail: .fail
            default: throw Mapping.unknown("embedder_failure", message.embedderFailure)
            }
        alpha = message.alpha
        rrfK = message.rrfK
        limit = Int(message.limit)
        offset = Int(message.offset)
        depth = message.depth.map(Int.init)
        if let options = message.rerank { rerank = try Rerank(options) }
        filter = try message.filter.map { try FilterInput($0) }
        if let given = message.thresholds {
            thresholds = Thresholds(lexical: given.lexical, semantic: given.semantic, fused: given.fused, rerank: given.rerank)
        }
        k1 = message.k1
        proximity = message.proximity
        like = message.like
        vectorField = message.vectorField
        language = message.lang
        usesSynonyms = message.synonyms
        if let options = message.spelling {
            spelling.mode =
                switch options.mode {
                case .off: .off
                case .suggest: .suggest
                case .retry: .retry
                default: throw Mapping.unknown("spelling.mode", options.mode)
                }
            spelling.includesCodes = options.codes
        }
        recommend = message.recommend.map { Example(id: $0.id, weight: $0.weight) }
        b = message.b
        semanticEffort = try SemanticEffort(message)
        for weight in message.fieldWeights {
            guard fieldWeights.updateValue(weight.weight, forKey: weight.field) == nil else {
                throw Mapping.refuse("field_weights", "field '\(weight.field.prefix(64))' is given twice")
            }
        }
        after = message.afterSequence.map { SequenceNumber($0) }
        explain = message.explain
        fields = message.fields?.names
        countsMatches = message.countMatches
        highlight = message.highlight.map(HybridSearch.HighlightOptions.init)
    }
}

extension HybridSearch.SearchRequest.SemanticEffort {
    fileprivate init(_ message: WireProtocol.SearchRequest) throws {
        switch (message.exact, message.effort, message.targetRecall) {
        case (false, nil, nil): self = .standard
        case (true, nil, nil): self = .exact
        case (false, let effort?, nil): self = .effort(effort)
        case (false, nil, let recall?): self = .recall(recall)
        default: throw Mapping.refuse("effort", "is given beside exact or target_recall; at most one of the three")
        }
    }
}

extension HybridSearch.SearchRequest.Rerank {
    fileprivate init(_ message: RerankOptions) throws {
        guard !message.unbounded || message.budgetMicroseconds == nil else {
            throw Mapping.refuse("rerank", "has a budget and is unbounded; give one of them")
        }
        guard message.model != "" else { throw Mapping.refuse("rerank.model", "is empty; expected a cross-encoder's name, or leave it out") }
        self.init(
            depth: message.depth.map(Int.init), weight: message.weight,
            budget: message.budgetMicroseconds.map { .microseconds(Int64(clamping: $0)) }, isUnbounded: message.unbounded,
            model: message.model)
    }
}
