import SearchCore

/// One member of a search's pool with what each stage found out about it.
package struct Candidate: Sendable {
    package var doc: DocID
    /// BM25; nil: no query term, or below the leg's threshold, or the leg did not run.
    package var lexical: Double?
    /// True score of the vector leg; nil likewise.
    package var semantic: Double?
    package var hasVector = false
    package var lexicalNormalized: Double?
    package var semanticNormalized: Double?
    package var lexicalRank: Int?
    package var semanticRank: Int?
    package var fused = 0.0
    package var rerank: Double?
    package var rerankNormalized: Double?
    package var fusedNormalized: Double?
    package var final = 0.0
    package var passage: String?

    package init(doc: DocID) { self.doc = doc }
}

/// The order of results: score, then lexical, then semantic, then the bytes of the external id.
///
/// Ids live in the store, so they are read only where everything before them is equal. The order depends on nothing but
/// scores and ids: not on DocIDs, segments or threads.
package struct ResultOrder {
    /// External ids of live documents of the snapshot, in their order; one read for all, since ties come by the hundred.
    private let externalIDs: ([DocID]) throws -> [String]

    package init(externalIDs: @escaping ([DocID]) throws -> [String]) { self.externalIDs = externalIDs }

    /// Sorts descending by `key`, ties as above. - Complexity: O(n log n), plus one read per tied candidate.
    package func sort(_ candidates: inout [Candidate], by key: (Candidate) -> Double) throws {
        func tuple(_ c: Candidate) -> (Double, Double, Double) {
            (key(c), c.lexical ?? -.infinity, c.semantic ?? -.infinity)
        }
        candidates.sort { a, b in
            let (x, y) = (tuple(a), tuple(b))
            return x == y ? a.doc < b.doc : x > y
        }
        var start = 0
        while start < candidates.count {
            var end = start + 1
            while end < candidates.count, tuple(candidates[end]) == tuple(candidates[start]) { end += 1 }
            if end - start > 1 {
                candidates.replaceSubrange(start..<end, with: try sortedByID(Array(candidates[start..<end]), doc: \.doc))
            }
            start = end
        }
    }

    /// The first `k` of a leg's hits where the k-th score is shared: those of equal score are chosen by id, not by DocID.
    ///
    /// - Parameters:
    ///   - hits: at most `k`, score descending.
    ///   - ties: further documents with exactly the last hit's score.
    package func resolveBoundary(_ hits: [(doc: DocID, score: Double)], ties: [(doc: DocID, score: Double)], k: Int) throws -> [(doc: DocID, score: Double)] {
        guard let last = hits.last, !ties.isEmpty else { return hits }
        let kept = hits.prefix { $0.score > last.score }
        return try Array(kept) + sortedByID(hits.dropFirst(kept.count) + ties, doc: \.doc).prefix(k - kept.count)
    }

    private func sortedByID<Item>(_ items: [Item], doc: (Item) -> DocID) throws -> [Item] {
        let ids = try externalIDs(items.map(doc)).map { Array($0.utf8) }
        return zip(items, ids).sorted { $0.1.lexicographicallyPrecedes($1.1) }.map(\.0)
    }
}
