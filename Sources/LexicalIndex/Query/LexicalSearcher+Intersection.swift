import SearchCore

/// Conjunctions with a rare word: its documents, one by one, looked up in the other words' lists.
extension LexicalSearcher {
    /// The k best accepted documents of a flat tree that demands something; every match is counted.
    /// - Complexity: O(postings of the rarest demanded group · lists), 20 to 60 ns for each list that is asked.
    func intersection(
        _ k: Int, of flat: ClauseTree.Flat, accept: DocBitSet, minScore: Double?, control: QueryControl
    ) throws -> LexicalTopK {
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: max(minScore ?? 0, .leastNonzeroMagnitude))
        var (matched, seen) = (0, 0)
        for plan in plans {
            guard var run = try IntersectionRun(plan, self, flat) else { continue }
            let first = plan.segment.firstDoc.rawValue
            while let document = run.nextCandidate() {
                seen += 1
                if seen & 1023 == 0 { try control.checkpoint() }
                let doc = DocID(first + document)
                guard accept.contains(doc), let score = run.score(document) else { continue }
                matched += 1
                if score >= collector.threshold { collector.offer(doc, score) }
            }
            try run.check()
        }
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: true, postingsRead: seen)
    }
}

/// One segment of it. Not thread-safe; the searcher must outlive it.
private struct IntersectionRun: ~Copyable {
    private let plan: LexicalSearcher.SegmentPlan
    private let scoring: ScoringLists
    /// Places in `scoring`, the rarest first.
    private let demanded: [Int]
    private let excluded: [Int]
    /// Those that score, in the tree's order, and those of them that are not demanded.
    private let scored: [Int]
    private let optional: [Int]
    /// By place: x of the document that is looked at.
    private var x: [Double]
    /// Per list of the rarest group: what is left of its decoded block.
    private var runs: [Range<Int>]
    private var low: UInt32 = 0

    /// Nil: the segment lacks something that is demanded.
    init?(_ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, _ flat: ClauseTree.Flat) throws {
        func place(_ number: Int) -> Int? { searcher.query.groupNumbers[number].flatMap { number in plan.groups.firstIndex { $0.group == number } } }
        let needed = flat.demanded.compactMap(place)
        guard needed.count == flat.demanded.count else { return nil }
        self.plan = plan
        demanded = needed.sorted { a, b in
            plan.groups[a].lists.reduce(0) { $0 + $1.list.count } < plan.groups[b].lists.reduce(0) { $0 + $1.list.count }
        }
        excluded = flat.excluded.compactMap(place)
        scored = flat.scored.compactMap(place)
        optional = scored.filter { !needed.contains($0) }
        x = Array(repeating: 0, count: plan.groups.count)
        runs = Array(repeating: 0..<0, count: plan.groups[demanded[0]].lists.count)
        scoring = try ScoringLists(plan, searcher)
    }

    /// The next document of the rarest group, whose x is then known; nil at the end.
    mutating func nextCandidate() -> UInt32? {
        let group = scoring.groups[demanded[0]]
        var document = UInt32.max
        for i in group.lists {
            let list = scoring.lists.baseAddress! + i
            let number = i - group.lists.lowerBound
            if runs[number].isEmpty { runs[number] = list.pointee.cursor.nextRun(from: low, to: .max) }
            if !runs[number].isEmpty { document = min(document, list.pointee.cursor.documents[runs[number].lowerBound]) }
        }
        guard document < .max else { return nil }
        var sum = 0.0
        for i in group.lists {
            let list = scoring.lists.baseAddress! + i
            let number = i - group.lists.lowerBound
            guard !runs[number].isEmpty, list.pointee.cursor.documents[runs[number].lowerBound] == document else { continue }
            sum += BM25F.weightedFrequency(
                weight: list.pointee.weight, frequency: list.pointee.cursor.frequencies[runs[number].lowerBound],
                inverseNorm: list.pointee.norms.inverseNorm(document))
            runs[number] = runs[number].dropFirst()
        }
        x[demanded[0]] = sum
        low = document + 1
        return document
    }

    /// Nil where the candidate lacks something, or has what it must not.
    mutating func score(_ document: UInt32) -> Double? {
        for place in demanded.dropFirst() where !has(place, document) { return nil }
        for place in excluded where has(place, document) { return nil }
        for place in optional { _ = has(place, document) }
        var score = 0.0
        for place in scored where x[place] > 0 {
            score += BM25F.contribution(boostedIdf: scoring.groups[place].boostedIdf, x: x[place], k1: scoring.k1)
        }
        // Where only filters are demanded, one of the groups that score has to be there.
        return score > 0 ? score : nil
    }

    private mutating func has(_ place: Int, _ document: UInt32) -> Bool {
        var sum = 0.0
        for i in scoring.groups[place].lists {
            let list = scoring.lists.baseAddress! + i
            let frequency = list.pointee.cursor.frequency(in: document)
            guard frequency > 0 else { continue }
            sum += BM25F.weightedFrequency(
                weight: list.pointee.weight, frequency: frequency, inverseNorm: list.pointee.norms.inverseNorm(document))
        }
        x[place] = sum
        return sum > 0
    }

    func check() throws {
        for i in 0..<scoring.lists.count where scoring.lists[i].cursor.isDamaged {
            throw TandemError.damaged(plan.segment.name, "a posting list does not decode")
        }
    }
}
