import SearchCore

extension LexicalSearcher {
    /// True scores of given documents, by seeking: the same bits that top-k gives them.
    ///
    /// - Parameter docs: rising DocIDs; dead ones and ones of no segment are legal (the caller knows what is live).
    /// - Returns: [docs.count]; nil where no term of the query matches.
    /// - Throws: `DATA_LOSS` when a posting list is damaged; `CANCELLED`, `DEADLINE_EXCEEDED`, asked while phrases are looked for.
    /// - Complexity: O(docs · lists), about a block's decoding each.
    public func score(docs: [DocID], control: QueryControl = .unlimited) throws -> [Double?] {
        precondition(zip(docs, docs.dropFirst()).allSatisfy { $0 < $1 }, "the documents do not rise")
        if let tree { return try score(docs, by: tree, control) }
        var scores = [Double](repeating: 0, count: docs.count)
        var start = 0
        for plan in plans {
            while start < docs.count, docs[start] < plan.segment.firstDoc { start += 1 }
            var end = start
            while end < docs.count, docs[end] < plan.segment.endDoc { end += 1 }
            if start < end {
                _ = try seek(plan, docs[start..<end], &scores)
                try addProximity(plan, docs[start..<end], &scores, control)
            }
            start = end
        }
        return scores.map { $0 > 0 ? $0 : nil }
    }

    /// Scores documents of one segment, list by list, each list's cursor seeking through them.
    /// - Parameters:
    ///   - docs: rising, all of the segment.
    ///   - scores: zeros at the indices of `docs`; 0 stays where no term matches.
    /// - Returns: postings found.
    func seek(_ plan: SegmentPlan, _ docs: ArraySlice<DocID>, _ scores: inout [Double]) throws -> Int {
        let block = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * LexicalFormat.blockPostings)
        defer { block.deallocate() }
        var x = [Double](repeating: 0, count: docs.count)
        let first = plan.segment.firstDoc.rawValue
        var found = 0
        for group in plan.groups {
            for planned in group.lists {
                let norms = try norms(plan.segment, planned.field)
                var cursor = PostingCursor(planned.list, documents: block, frequencies: block + LexicalFormat.blockPostings)
                for i in docs.indices {
                    let document = docs[i].rawValue - first
                    if cursor.lowerBound > document { continue }
                    let run = cursor.nextRun(from: document, to: document + 1)
                    guard let index = run.first else { continue }
                    found += 1
                    x[i - docs.startIndex] += BM25F.weightedFrequency(
                        weight: planned.weight, frequency: cursor.frequencies[index], inverseNorm: norms.inverseNorm(document))
                }
                if cursor.isDamaged { throw plan.segment.damaged(planned.field, "a posting list does not decode") }
            }
            for i in docs.indices where x[i - docs.startIndex] > 0 {
                scores[i] += BM25F.contribution(boostedIdf: boostedIdfs[group.group], x: x[i - docs.startIndex], k1: query.k1)
                x[i - docs.startIndex] = 0
            }
        }
        return found
    }
}
