import LexicalIndex
import SearchCore

extension Searcher {
    /// What marks a page's hits; nil where the request does not ask for it.
    /// - Throws: `DATA_LOSS` when a segment is damaged.
    func highlighter(_ request: SearchRequest, _ query: CompiledQuery, _ legs: Legs, _ plan: QueryPlan) throws -> Highlighter? {
        guard let options = request.highlight else { return nil }
        // Where the semantic leg ran alone, the words still have to be weighed: as those of a bag, since what they combine to is of no matter here.
        let lexical =
            try legs.lexicalSearcher
            ?? LexicalSearcher(
                views: snapshot.lexicalViews, query: LexicalQuery(groups: query.groups, fieldWeights: plan.fieldWeights, k1: plan.k1, b: plan.b))
        return try Highlighter(
            options, schema: schema, query: query.terms, searched: query.groups.map(\.fields),
            idf: query.terms.indices.map { lexical.inverseDocumentFrequency(group: $0) }, phrases: query.phrases, analyzers: analyzers, control: control)
    }
}
