import Foundation
import LexicalIndex
import SearchCore

/// Puts a candidate's scores into words and numbers.
struct ExplanationBuilder {
    let schema: CollectionSchema
    let plan: QueryPlan
    let normalizer: SearchRequest.Normalizer

    /// - Parameter isAskedFor: by group; what is excluded is no part of a score.
    func build(_ candidate: Candidate, lexical: LexicalExplanation?, isAskedFor: [Bool]) -> Explanation {
        Explanation(
            terms: lexical.map { terms($0, isAskedFor) } ?? [], lexicalNormalized: candidate.lexicalNormalized,
            semanticNormalized: candidate.semanticNormalized, lexicalRank: candidate.lexicalRank,
            semanticRank: candidate.semanticRank, rerankNormalized: candidate.rerankNormalized,
            fusedNormalized: candidate.fusedNormalized, passage: candidate.rerank == nil ? nil : candidate.passage,
            summary: summary(candidate))
    }

    private func terms(_ lexical: LexicalExplanation, _ isAskedFor: [Bool]) -> [Explanation.TermMatch] {
        lexical.groups.enumerated().filter { number, _ in number >= isAskedFor.count || isAskedFor[number] }.map { _, group in
            Explanation.TermMatch(
                term: group.text, boost: group.boost, idf: group.idf, documentFrequency: group.documentFrequency,
                documentCount: group.documents, frequency: group.x, score: group.contribution,
                matches: group.postings.map { posting in
                    let term = Term(key: posting.key)
                    return Explanation.FormMatch(
                        field: schema.textFields[posting.field].name, form: term.form.map(String.init(describing:)) ?? "unknown",
                        term: term.text, frequency: posting.frequency, fieldLength: posting.length,
                        averageLength: lexical.averageLengths[posting.field], weight: posting.weight)
                })
        }
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
