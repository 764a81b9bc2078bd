import TandemClient

/// A page of hits for people.
package enum SearchText {
    /// Where the width is not known (a pipe), texts are cut here.
    static let snippetWidthMax = 160

    package static func page(_ response: SearchResponse, offset: Int, width: Int?, isTerminal: Bool = false) -> String {
        var text = ""
        if response.hits.isEmpty {
            text += "no hits\n"
        } else {
            text += table(response, offset: offset, width: width)
            let highlighter = HighlightText(isTerminal: isTerminal)
            for (index, hit) in response.hits.enumerated() where hit.explanation != nil || !hit.highlights.isEmpty {
                text += "\n\(offset + index + 1). \(DisplayWidth.plain(hit.id))\n" + highlighter.lines(of: hit)
                if let explanation = hit.explanation { text += self.explanation(explanation, of: hit, in: response) }
            }
        }
        return text + "\n" + (response.spelling.map(spelling) ?? "") + report(response)
    }

    /// "Did you mean", or what was searched for instead.
    private static func spelling(_ spelling: SpellingReport) -> String {
        let words = spelling.corrections.map { "'\(DisplayWidth.plain($0.original))'" }.joined(separator: ", ")
        let text = DisplayWidth.plain(spelling.text)
        return spelling.applied ? "no document has \(words): searched for '\(text)'\n" : "did you mean: \(text)\n"
    }

    private static func table(_ response: SearchResponse, offset: Int, width: Int?) -> String {
        let hits = response.hits
        let hasLexical = hits.contains { $0.lexical != nil }
        let hasSemantic = hits.contains { $0.semantic != nil }
        let hasRerank = hits.contains { $0.rerank != nil }
        let hasText = hits.contains { $0.document?.texts.isEmpty == false }
        var columns: [TextTable.Column] = [.init("#", .right), .init("score", .right)]
        if hasLexical { columns.append(.init("lexical", .right)) }
        if hasSemantic { columns.append(.init("semantic", .right)) }
        if hasRerank { columns.append(.init("rerank", .right)) }
        columns.append(.init("id", isFlexible: !hasText))
        if hasText { columns.append(.init("text", isFlexible: true)) }
        var table = TextTable(columns)
        func score(_ value: Double?, _ places: Int) -> String { value.map { NumberText.decimal($0, places) } ?? "–" }
        for (index, hit) in hits.enumerated() {
            var row = [String(offset + index + 1), score(hit.score, 4)]
            if hasLexical { row.append(score(hit.lexical, 3)) }
            if hasSemantic { row.append(score(hit.semantic, 4)) }
            if hasRerank { row.append(score(hit.rerank, 3)) }
            row.append(hasText ? DisplayWidth.cut(DisplayWidth.plain(hit.id), to: 40) : hit.id)
            if hasText { row.append(snippet(hit.document)) }
            table.add(row)
        }
        return table.render(width: width)
    }

    /// The texts in the schema's order: usually title, then text.
    private static func snippet(_ document: Document?) -> String {
        // A text may be megabytes; the line shows its beginning.
        let parts = (document?.texts ?? []).map { DisplayWidth.plain($0.text.prefix(2 * snippetWidthMax)) }.filter { !$0.isEmpty }
        return DisplayWidth.cut(parts.joined(separator: " — "), to: snippetWidthMax)
    }

    /// How the page came about: one line on the pool, one on time, and one for each thing that was less than asked.
    package static func report(_ response: SearchResponse) -> String {
        var facts = ["\(response.hits.count) \(response.hits.count == 1 ? "hit" : "hits")"]
        if let matched = response.lexicalMatched {
            facts.append((response.lexicalMatchedAtLeast ? "at least " : "") + "\(NumberText.count(matched)) match a word")
        }
        facts.append("pool \(NumberText.count(response.poolSize))")
        if response.mode == .hybrid {
            facts.append("hybrid, alpha \(NumberText.decimal(response.alpha, 2)), \(response.normalizer)")
            if let bounds = response.lexicalBounds { facts.append("lexical \(range(bounds, 2))") }
            if let bounds = response.semanticBounds { facts.append("semantic \(range(bounds, 3))") }
        } else {
            facts.append("\(response.mode) only")
        }
        var lines = [facts.joined(separator: " · ")]
        if let rerank = response.rerank {
            lines.append(
                "reranked \(rerank.reranked) of \(rerank.requested)" + (rerank.model.isEmpty ? "" : " by \(rerank.model)")
                    + ", weight \(NumberText.decimal(rerank.weight, 2))" + (rerank.stop == .complete ? "" : ", stopped: \(stopReason(rerank.stop))"))
        }
        let stages = response.stages.map { "\($0.name) \(NumberText.milliseconds($0.durationMicroseconds))" }
        lines.append(
            NumberText.milliseconds(response.durationMicroseconds) + (stages.isEmpty ? "" : ": " + stages.joined(separator: " · ")))
        for leg in response.emptyLegs { lines.append("the \(leg) leg found nothing") }
        if response.mode != .lexical, response.vectorAppliedSequence < response.appliedSequence {
            let behind = NumberText.count(Int(response.appliedSequence - response.vectorAppliedSequence))
            lines.append("the semantic leg is \(behind) writes behind: documents that are not embedded yet are missing from it")
        }
        for degradation in response.degraded { lines.append("degraded: \(degradation.stage): \(DisplayWidth.plain(degradation.reason))") }
        if let semantic = response.semantic {
            lines.append(
                "semantic leg: "
                    + (semantic.exact
                        ? "exact, \(NumberText.count(semantic.scanned)) \(semantic.scanned == 1 ? "vector" : "vectors") compared" : work(semantic)))
        }
        if response.approximate { lines.append("approximate: an exhaustive search might find other hits") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func work(_ work: SemanticReport) -> String {
        var parts: [String] = []
        if work.graphSegments > 0 {
            parts.append("\(NumberText.count(work.visited)) nodes visited in \(work.graphSegments) \(work.graphSegments == 1 ? "graph" : "graphs")")
        }
        if work.estimated > 0 { parts.append("\(NumberText.count(work.estimated)) vectors estimated from 1-bit codes") }
        if work.scanned > 0 { parts.append("\(NumberText.count(work.scanned)) compared in 8 bits") }
        if work.abandonedGraphs > 0 { parts.append("\(work.abandonedGraphs) walked in vain") }
        return parts.joined(separator: ", ") + ", \(NumberText.count(work.refined)) scored in full (--exact compares all)"
    }

    static func stopReason(_ stop: RerankStop) -> String {
        switch stop {
        case .budget: "the time budget was used up (--rerank-budget)"
        case .deadline: "the deadline was near (--timeout)"
        case .error: "an error"
        case .noModel: "no model"
        default: stop.description
        }
    }

    private static func range(_ bounds: ScoreBounds, _ places: Int) -> String {
        "\(NumberText.decimal(bounds.floor, places))…\(NumberText.decimal(bounds.ceiling, places))"
    }

    /// The arithmetic of a hit, top-down: the final score, the fused one, each leg, each term.
    static func explanation(_ explanation: Explanation, of hit: Hit, in response: SearchResponse) -> String {
        var lines: [String] = []
        func number(_ value: Double, _ places: Int = 4) -> String { NumberText.decimal(value, places) }
        if let rerank = hit.rerank, let normalized = explanation.rerankNormalized, let weight = response.rerank?.weight {
            lines.append(
                "score \(number(hit.score)) = \(number(weight, 2)) × rerank \(number(normalized)) + \(number(1 - weight, 2)) × fused \(number(explanation.fusedNormalized ?? hit.fused))"
            )
            lines.append("rerank \(number(rerank, 3)) → \(number(normalized)) among the reranked")
        }
        if response.mode == .hybrid {
            if let lexicalRank = explanation.lexicalRank, let semanticRank = explanation.semanticRank {
                lines.append(
                    "fused \(number(hit.fused)) from rank \(lexicalRank) in the lexical leg and \(semanticRank) in the semantic one, alpha \(number(response.alpha, 2))"
                )
            } else {
                lines.append(
                    "fused \(number(hit.fused)) = \(number(response.alpha, 2)) × semantic \(number(explanation.semanticNormalized ?? 0)) + \(number(1 - response.alpha, 2)) × lexical \(number(explanation.lexicalNormalized ?? 0))"
                )
            }
        }
        if let semantic = hit.semantic {
            lines.append("semantic \(number(semantic))" + (explanation.semanticNormalized.map { " → \(number($0))" } ?? ""))
        } else if response.mode != .lexical {
            lines.append(hit.hasVector == true ? "semantic: not computed" : "semantic: the document has no vector")
        }
        if let lexical = hit.lexical {
            lines.append("lexical \(number(lexical))" + (explanation.lexicalNormalized.map { " → \(number($0))" } ?? ""))
        } else if response.mode != .semantic {
            lines.append("lexical: no word of the query in the document")
        }
        for term in explanation.terms where term.score != 0 || !term.matches.isEmpty {
            if term.idf == 0, term.matches.isEmpty {
                lines.append("  \(DisplayWidth.plain(term.term)) \(number(term.score)): clauses without words")
                continue
            }
            let boost = term.boost == 1 ? "" : "\(number(term.boost, 2)) × "
            // What only filters, and what stands in a part of the query that does not match.
            let formula =
                term.score == 0 ? " adds nothing" : " \(number(term.score)) = \(boost)idf \(number(term.idf)) × x / (k1 + x), x = \(number(term.frequency))"
            let documents =
                term.documentFrequency == 0
                ? "" : "  (in \(NumberText.count(term.documentFrequency)) of \(NumberText.count(term.documentCount)) documents)"
            lines.append("  '\(DisplayWidth.plain(term.term))'\(formula)\(documents)")
            for match in term.matches {
                let frequency = match.phraseFrequency.map { number($0) } ?? "\(match.frequency)"
                lines.append(
                    "    \(match.field): \(match.form) '\(DisplayWidth.plain(match.term))' × \(frequency), weight \(number(match.weight, 2)), "
                        + "length \(match.fieldLength) (mean \(number(match.averageLength, 1)))")
            }
        }
        let missing = explanation.terms.filter { $0.score == 0 && $0.matches.isEmpty }.map { "'\(DisplayWidth.plain($0.term))'" }
        if !missing.isEmpty { lines.append("  not in it: " + DisplayWidth.cut(missing.joined(separator: ", "), to: snippetWidthMax)) }
        if let passage = explanation.passage, !passage.isEmpty {
            lines.append("passage read: " + DisplayWidth.cut(DisplayWidth.plain(passage.prefix(400)), to: snippetWidthMax))
        }
        return lines.map { "   \($0)\n" }.joined()
    }
}
