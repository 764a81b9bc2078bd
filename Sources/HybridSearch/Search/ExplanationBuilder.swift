import Foundation
import LexicalIndex
import SearchCore

/// Puts a candidate's scores into words and numbers.
struct ExplanationBuilder {
    let schema: CollectionSchema
    let plan: QueryPlan
    let normalizer: SearchRequest.Normalizer

    /// - Parameter query: what is excluded in it is no part of a score.
    func build(_ candidate: Candidate, lexical: LexicalExplanation?, query: CompiledQuery) -> Explanation {
        Explanation(
            terms: lexical.map { terms($0, query) + phrases($0, query) + constant($0) } ?? [], lexicalNormalized: candidate.lexicalNormalized,
            semanticNormalized: candidate.semanticNormalized, lexicalRank: candidate.lexicalRank,
            semanticRank: candidate.semanticRank, rerankNormalized: candidate.rerankNormalized,
            fusedNormalized: candidate.fusedNormalized, passage: candidate.rerank == nil ? nil : candidate.passage,
            summary: summary(candidate))
    }

    /// The words of phrases are shown with their phrases.
    private func terms(_ lexical: LexicalExplanation, _ query: CompiledQuery) -> [Explanation.TermMatch] {
        let isAskedFor = query.isAskedFor
        let inPhrases = Set(query.phrases.flatMap { $0.slots.map(\.group) })
        return lexical.groups.enumerated().filter { number, _ in
            (number >= isAskedFor.count || isAskedFor[number]) && !inPhrases.contains(number)
        }.map { _, group in
            Explanation.TermMatch(
                term: group.text, boost: group.boost, idf: group.idf, documentFrequency: group.documentFrequency,
                documentCount: group.documents, frequency: group.x, score: group.contribution,
                matches: group.postings.map { match($0, lexical) })
        }
    }

    private func phrases(_ lexical: LexicalExplanation, _ query: CompiledQuery) -> [Explanation.TermMatch] {
        let proximity = query.neighbours(boost: plan.proximity)
        return zip(query.clauses.isEmpty ? proximity : query.phrases, lexical.phrases).filter { phrase, _ in
            phrase.slots.allSatisfy { query.isAskedFor[$0.group] }
        }.map { phrase, found in
            let words = phrase.slots.compactMap { lexical.groups.indices.contains($0.group) ? lexical.groups[$0.group] : nil }
            let term = "\"\(phrase.text)\"" + (phrase.slop > 0 ? "~\(phrase.slop)" : "")
            return Explanation.TermMatch(
                term: term, boost: found.boost, idf: found.idf,
                // How many documents have the phrase is not known, and no part of its score.
                documentFrequency: 0, documentCount: words.map(\.documents).max() ?? 0,
                frequency: found.x, score: found.contribution,
                matches: found.matches.map { match in
                    Explanation.FormMatch(
                        field: schema.textFields[match.field].name, form: "phrase", term: term, frequency: match.frequency, fieldLength: match.length,
                        averageLength: lexical.averageLengths[match.field], weight: match.weight)
                })
        }
    }

    /// Clauses without words, as one term; none where they add nothing.
    private func constant(_ lexical: LexicalExplanation) -> [Explanation.TermMatch] {
        guard lexical.constant > 0 else { return [] }
        return [
            Explanation.TermMatch(
                term: Explanation.constantTerm, boost: 1, idf: 0, documentFrequency: 0, documentCount: 0, frequency: 0, score: lexical.constant, matches: [])
        ]
    }

    private func match(_ posting: LexicalExplanation.Posting, _ lexical: LexicalExplanation) -> Explanation.FormMatch {
        let term = Term(key: posting.key)
        return Explanation.FormMatch(
            field: schema.textFields[posting.field].name, form: term.form.map(String.init(describing:)) ?? "unknown",
            term: term.text, frequency: Double(posting.frequency), fieldLength: posting.length,
            averageLength: lexical.averageLengths[posting.field], weight: posting.weight)
    }

    private func summary(_ candidate: Candidate) -> String {
        func number(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "none" }
        var text: String
        switch plan.mode {
        case .lexical: text = "BM25 \(number(candidate.lexical))"
        case .semantic: text = "similarity \(number(candidate.semantic))"
        case .hybrid:
            text =
                "fused \(number(candidate.fused)) = \(number(plan.alpha)) · semantic \(number(candidate.semanticNormalized))"
                + " (\(number(candidate.semantic))) + \(number(1 - plan.alpha)) · lexical \(number(candidate.lexicalNormalized))"
                + " (\(number(candidate.lexical))) by \(normalizer.rawValue)"
        }
        if candidate.rerank != nil {
            text =
                "final \(number(candidate.final)) = \(number(plan.rerankWeight)) · rerank \(number(candidate.rerankNormalized))"
                + " (\(number(candidate.rerank))) + \(number(1 - plan.rerankWeight)) · fused \(number(candidate.fusedNormalized)); \(text)"
        }
        return text
    }
}
