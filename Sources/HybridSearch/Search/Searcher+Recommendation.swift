import LexicalIndex
import SearchCore
import VectorIndex

/// Documents like several stored ones, and unlike others: their vectors, weighted and summed, are the query of the semantic leg.
///
/// `q = Σ weight · v(example)`, in double, in the order of the examples, rounded to float32 once. v is the stored vector, or the mean of several; under
/// cosine each v is brought to length 1 before, and the sum after, so every example pulls by its weight alone. Nothing is embedded, and nothing but
/// stored bits goes in: the answer is the same before and after seals, merges and restarts.
/// Source: Rocchio, "Relevance feedback in information retrieval", 1971, without a query of its own.
extension Searcher {
    /// A sum this short beside the lengths of what was summed is what the rounding of the vectors left.
    private static let leastShare = 1e-6

    /// Fills in the query vector.
    /// - Returns: the examples, which are no hits.
    /// - Throws: `NOT_FOUND` naming an example that searches do not see; `FAILED_PRECONDITION` naming one without a vector;
    ///   `INVALID_ARGUMENT` for examples that are too many, named twice, beside another vector, or whose sum has no direction.
    func recommendation(_ request: inout SearchRequest) throws -> [DocID] {
        guard !request.recommend.isEmpty else { return [] }
        try check(request)
        guard let number = try schema.vectorFieldNumber(request.vectorField) else {
            throw TandemError(.failedPrecondition, "a recommendation is not possible: the collection has no vector field")
        }
        let field = schema.vectorFields[number]
        let metric = try field.vectorMetric()
        var sum = [Double](repeating: 0, count: field.dimension)
        // What the sum would be as long as, if all of it pulled in one direction.
        var reach = 0.0
        var docs: [DocID] = []
        for example in request.recommend {
            try control.checkpoint()
            let doc = try visible(example.id)
            docs.append(doc)
            var vector = try mean(of: doc, example.id, field, number)
            var norm = Self.norm(vector)
            if metric == .cosine {
                vector = vector.map { $0 / norm }
                norm = 1
            }
            for i in sum.indices { sum[i] += example.weight * vector[i] }
            reach += example.weight.magnitude * norm
        }
        let norm = Self.norm(sum)
        guard norm > reach * Self.leastShare else {
            throw TandemError.invalidArgument("the examples' weighted vectors cancel each other out: their sum has no direction")
        }
        request.vector = sum.map { Float(metric == .cosine ? $0 / norm : $0) }
        // Only dot products know lengths, and weights may bring them past the ends of float32.
        do { try VectorValidation.check(request.vector!, dimension: field.dimension, metric: metric) } catch {
            throw TandemError.invalidArgument("the examples' weighted vectors sum up to what 32-bit numbers cannot hold; use smaller weights")
        }
        // Without words there is nothing for the keyword leg to look for.
        if request.text.allSatisfy(\.isWhitespace), request.query == nil { request.mode = .semantic }
        return docs
    }

    private func check(_ request: SearchRequest) throws {
        guard request.like == nil, request.vector == nil else {
            throw TandemError.invalidArgument(
                "the search names examples, and \(request.vector == nil ? "a document to be like" : "a vector"); give one of them")
        }
        guard request.mode != .lexical else {
            throw TandemError.invalidArgument("the search names examples, whose vectors are compared; mode lexical searches by words only")
        }
        guard request.recommend.count <= Limits.examplesMax else {
            throw TandemError.invalidArgument("the search names \(request.recommend.count) examples; at most \(Limits.examplesMax) are taken")
        }
        var seen: Set<String> = []
        for example in request.recommend {
            guard seen.insert(example.id).inserted else { throw TandemError.invalidArgument("example '\(example.id.prefix(128))' is named twice") }
            guard example.weight.magnitude <= SearchRequest.Example.weightMax else {
                throw TandemError.invalidArgument(
                    "example '\(example.id.prefix(128))': weight is \(example.weight); expected −\(SearchRequest.Example.weightMax) to \(SearchRequest.Example.weightMax)"
                )
            }
        }
    }

    private func mean(of doc: DocID, _ id: String, _ field: CollectionSchema.VectorField, _ number: Int) throws -> [Double] {
        let rows = snapshot.vectors(of: doc, field: number)
        guard !rows.isEmpty else {
            let yet = snapshot.vectorApplied < snapshot.sequence(of: doc) ? " yet" : ""
            throw TandemError(.failedPrecondition, "example '\(id.prefix(128))' has no vector in field '\(field.name)'\(yet)")
        }
        let mean = (0..<field.dimension).map { i in rows.reduce(0) { $0 + Double($1[i]) } / Double(rows.count) }
        let longest = rows.map { row in row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }.max()!
        guard field.metric != "cosine" || Self.norm(mean) > longest * Self.leastShare else {
            throw TandemError(.failedPrecondition, "example '\(id.prefix(128))': its \(rows.count) vectors in field '\(field.name)' cancel each other out")
        }
        return mean
    }

    private static func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
