import SearchCore

extension LexicalSearcher {
    /// The k best accepted documents that have a phrase: candidate by candidate, without windows.
    /// - Parameter prunes: pass over candidates whose words are too rare in them; then not every match is counted.
    func topK(
        _ k: Int, ofPhrase number: Int, accept: DocBitSet, prunes: Bool, minScore: Double?, control: QueryControl
    ) throws -> LexicalTopK {
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: max(minScore ?? 0, .leastNonzeroMagnitude))
        var matched = 0
        var candidates = 0
        for plan in plans {
            guard let phrase = query.phrases[number] else { break }
            let matcher = try PhraseMatcher(plan, self, phrase, control)
            if prunes, collector.canPrune { matcher.pass(below: collector.threshold) }
            let first = plan.segment.firstDoc.rawValue
            var document = matcher.candidate(from: 0)
            while document != .max {
                if candidates % Self.candidatesBetweenChecks == 0 { try control.checkpoint() }
                candidates += 1
                let doc = DocID(first + document)
                if accept.contains(doc), let score = try matcher.score(document) {
                    matched += 1
                    if score >= collector.threshold {
                        collector.offer(doc, score)
                        if prunes, collector.canPrune { matcher.pass(below: collector.threshold) }
                    }
                }
                document = matcher.candidate(from: document + 1)
            }
            try matcher.check()
        }
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: !prunes, postingsRead: candidates)
    }

    private static let candidatesBetweenChecks = 1024
}
