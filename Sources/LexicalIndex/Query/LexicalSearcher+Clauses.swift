import SearchCore

/// Queries with clauses: the tree is run over windows of the segment, or over the documents of a window that the required terms leave.
extension LexicalSearcher {
    /// The k best accepted documents that match the tree.
    /// - Parameter prunes: skip what cannot be among the best, where the tree allows; then not every match is counted.
    func topK(
        _ k: Int, of tree: ClauseTree, accept: DocBitSet, prunes: Bool, minScore: Double?, control: QueryControl
    ) throws -> LexicalTopK {
        if case .phrase(let number)? = tree.clauses.first, tree.clauses.count == 1 {
            return try topK(k, ofPhrase: number, accept: accept, prunes: prunes, minScore: minScore, control: control)
        }
        if prunes, let flat = tree.flat, let top = try topK(k, of: flat, accept: accept, minScore: minScore, control: control) { return top }
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: max(minScore ?? 0, .leastNonzeroMagnitude))
        var matched = 0
        let postingsRead = try run(tree, accept, control) { doc, score in
            matched += 1
            if score >= collector.threshold { collector.offer(doc, score) }
        }
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: true, postingsRead: postingsRead)
    }

    /// The same of a tree that is a bag of groups with some that a document has to have, or must not: by the bag's bounds.
    /// - Returns: nil where the bounds do not serve.
    private func topK(
        _ k: Int, of flat: ClauseTree.Flat, accept: DocBitSet, minScore: Double?, control: QueryControl
    ) throws -> LexicalTopK? {
        let numbers = query.groupNumbers
        // A rare demanded group leaves so few documents that bounds cost more than scores.
        let rarest = flat.demanded.map { number in numbers[number].map { postings(of: $0) } ?? 0 }.min()
        let lists = plans.map { $0.groups.reduce(0) { $0 + $1.lists.count } }.max() ?? 0
        if let rarest, rarest * lists * WindowRestriction.seekCost < query.groups.indices.reduce(0, { $0 + postings(of: $1) }) {
            return try intersection(k, of: flat, accept: accept, minScore: minScore, control: control)
        }
        let scored = Set(flat.scored.compactMap { numbers[$0] })
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: max(minScore ?? 0, .leastNonzeroMagnitude))
        let lease = PrunedScorerPool.take()
        for plan in plans {
            // In the tree's order, so that sums have its bits.
            let bag = SegmentPlan(
                segment: plan.segment, groups: flat.scored.compactMap { number in plan.groups.first { $0.group == numbers[number] } })
            if bag.groups.isEmpty { continue }
            guard Self.canBound(bag) else { return nil }
            let restriction = try WindowRestriction(
                plan, self, demanded: flat.demanded.map { numbers[$0] }, excluded: flat.excluded.map { numbers[$0] }, scored: scored,
                words: PrunedScorer.windowDocumentsMax / 64)
            try accept.words.withUnsafeBufferPointer {
                try lease.scorer.run(bag, searcher: self, accept: $0, restriction: restriction, collector: &collector, control: control)
            }
        }
        let (matched, postingsRead) = (lease.scorer.matched, lease.scorer.postingsRead)
        PrunedScorerPool.giveBack(lease)
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: false, postingsRead: postingsRead)
    }

    /// Of a group, in all segments.
    private func postings(of group: Int) -> Int {
        plans.reduce(0) { $0 + ($1.groups.first { $0.group == group }?.lists.reduce(0) { $0 + $1.list.count } ?? 0) }
    }

    /// Every accepted match, by rising document. - Returns: postings read.
    private func run(_ tree: ClauseTree, _ accept: DocBitSet, _ control: QueryControl, _ found: (DocID, Double) -> Void) throws -> Int {
        var evaluator = ClauseEvaluator(tree)
        var windows = WindowScorer()
        var postingsRead = 0
        for plan in plans {
            var run = try TreeRun(plan, self, tree, control)
            try accept.words.withUnsafeBufferPointer { accept in
                while let window = run.next(accept) {
                    try control.checkpoint()
                    try run.search(window, accept, &evaluator, &windows, found)
                }
            }
            postingsRead += run.postingsRead
        }
        return postingsRead + windows.postingsRead
    }

    /// The accepted documents that match a query with clauses.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`, asked once a window; `DATA_LOSS`.
    public func matches(accept: DocBitSet, control: QueryControl) throws -> DocBitSet {
        guard let tree else { preconditionFailure("a query without clauses") }
        var found = DocBitSet(capacity: accept.capacity)
        _ = try run(tree, accept, control) { doc, _ in found.insert(doc) }
        return found
    }

    /// Scores of given documents, rising; nil where the tree does not match.
    func score(_ docs: [DocID], by tree: ClauseTree, _ control: QueryControl) throws -> [Double?] {
        var scores = [Double?](repeating: nil, count: docs.count)
        var evaluator = ClauseEvaluator(tree)
        var start = 0
        for plan in plans {
            while start < docs.count, docs[start] < plan.segment.firstDoc { start += 1 }
            var end = start
            while end < docs.count, docs[end] < plan.segment.endDoc { end += 1 }
            var run = try TreeRun(plan, self, tree, control)
            for first in stride(from: start, to: end, by: ClauseEvaluator.slots) {
                let batch = docs[first..<min(first + ClauseEvaluator.slots, end)].map { $0.rawValue - plan.segment.firstDoc.rawValue }
                try run.pick(batch, &evaluator) { slot, score in scores[first + slot] = score }
            }
            start = end
        }
        return scores
    }
}

/// A query's tree in one segment. Not thread-safe; the searcher must outlive it.
///
/// A window is searched in two steps: first the groups without which nothing matches (``WindowRestriction``), then the whole tree, over the documents
/// that are left by seeking, or over the window where that reads less.
private struct TreeRun: ~Copyable {
    private static let windowDocuments = WindowScorer.windowDocuments

    private let plan: LexicalSearcher.SegmentPlan
    private let scoring: ScoringLists
    /// By number in the query: the group's place in `scoring`; nil where the segment lacks it.
    private let places: [Int?]
    private let restriction: WindowRestriction
    /// By number in the query; nil where the segment has no such phrase.
    private let phrases: [PhraseMatcher?]
    /// Per field: lengths, for `exists`.
    private let lengths: [UnsafePointer<UInt16>?]
    private let bits: UnsafeMutablePointer<UInt64>
    private var window: Int
    private let end: Int
    private let first: Int
    private let postings: Int
    private var picked: [UInt32] = []

    init(_ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, _ tree: ClauseTree, _ control: QueryControl) throws {
        let scoring = try ScoringLists(plan, searcher)
        let numbers = searcher.query.groupNumbers
        let restriction = try WindowRestriction(
            plan, searcher, demanded: tree.required.map { numbers[$0] }, excluded: [], words: ClauseEvaluator.words)
        let phrases = try searcher.query.phrases.map { try $0.map { try PhraseMatcher(plan, searcher, $0, control) } }
        // Nothing throws from here on.
        self.phrases = phrases
        self.plan = plan
        self.scoring = scoring
        self.restriction = restriction
        let placeOf = Dictionary(uniqueKeysWithValues: plan.groups.enumerated().map { ($1.group, $0) })
        places = numbers.map { $0.flatMap { placeOf[$0] } }
        lengths = plan.segment.fields.map { $0.norms?.lengths }
        bits = .allocate(capacity: ClauseEvaluator.words)
        first = Int(plan.segment.firstDoc.rawValue)
        end = first + plan.segment.documentCount
        window = first / Self.windowDocuments * Self.windowDocuments
        postings = plan.groups.reduce(0) { $1.lists.reduce($0) { $0 + $1.list.count } }
    }

    deinit { bits.deallocate() }

    var postingsRead: Int { restriction.postingsRead }

    /// The next window with accepted documents that the rarest required term may reach.
    mutating func next(_ accept: UnsafeBufferPointer<UInt64>) -> Int? {
        let nearest = restriction.nearest
        if nearest == .max { return nil }
        window = max(window, (first + Int(nearest)) / Self.windowDocuments * Self.windowDocuments)
        guard let word = WindowScorer.firstAccepted(accept, from: window / 64) else { return nil }
        if word * 64 >= window + Self.windowDocuments { window = word * 64 / Self.windowDocuments * Self.windowDocuments }
        guard window < end else { return nil }
        defer { window += Self.windowDocuments }
        return window
    }

    /// Every match of a window, by rising document.
    mutating func search(
        _ window: Int, _ accept: UnsafeBufferPointer<UInt64>, _ evaluator: inout ClauseEvaluator, _ windows: inout WindowScorer,
        _ found: (DocID, Double) -> Void
    ) throws {
        let low = UInt32(max(window - first, 0))
        let high = UInt32(min(window + Self.windowDocuments, end) - first)
        let base = UInt32(truncatingIfNeeded: window - first)
        var left = 0
        for word in 0..<ClauseEvaluator.words {
            let at = window / 64 + word
            var accepted = at < accept.count ? accept[at] : 0
            // Documents of the neighbouring segments are none of this one.
            let start = window + word * 64
            if start < first { accepted = first - start < 64 ? accepted & (.max << UInt64(first - start)) : 0 }
            if start + 64 > end { accepted = end > start ? accepted & (.max >> UInt64(start + 64 - end)) : 0 }
            bits[word] = accepted
            left += accepted.nonzeroBitCount
        }
        left = try restriction.restrict(bits, words: ClauseEvaluator.words, low: low, high: high, base: base, left: left)
        guard left > 0 else { return }
        let inWindow = postings / max(plan.segment.documentCount / Self.windowDocuments, 1)
        if left * scoring.lists.count * WindowRestriction.seekCost < inWindow {
            picked.removeAll(keepingCapacity: true)
            for word in 0..<ClauseEvaluator.words {
                var rest = bits[word]
                while rest != 0 {
                    picked.append(base &+ UInt32(word * 64 + rest.trailingZeroBitCount))
                    rest &= rest &- 1
                }
            }
            let (documents, firstDoc) = (picked, UInt32(first))
            try pick(documents, &evaluator) { slot, score in found(DocID(firstDoc + documents[slot]), score) }
            return
        }
        let frame = try evaluator.run(bits) { clause, frame in
            switch clause {
            case .group(let number):
                if let place = places[number] { try windows.fill(frame, scoring.groups[place], window, scoring, plan.segment) }
            case .phrase(let number):
                guard let phrase = phrases[number] else { return }
                var document = phrase.candidate(from: low)
                while document < high {
                    let slot = Int(document &- base)
                    if bits[slot >> 6] & (1 << UInt64(slot & 63)) != 0, let score = try phrase.score(document) { frame.add(slot, score) }
                    document = phrase.candidate(from: document + 1)
                }
                try phrase.check()
            case .exists(let field):
                guard let lengths = lengths[field] else { return }
                for document in low..<high where lengths[Int(document)] > 0 { frame.add(Int(document &- base), 1) }
            default: break
            }
        }
        frame.forEach { slot, score in found(DocID(UInt32(window + slot)), score) }
        evaluator.clear()
    }

    /// Runs the tree over documents of the segment, at most 4,096, rising from call to call: each match by its index.
    mutating func pick(_ documents: [UInt32], _ evaluator: inout ClauseEvaluator, _ found: (Int, Double) -> Void) throws {
        guard !documents.isEmpty else { return }
        for word in 0..<ClauseEvaluator.words {
            let rest = documents.count - word * 64
            bits[word] = rest >= 64 ? .max : rest > 0 ? .max >> UInt64(64 - rest) : 0
        }
        let frame = try evaluator.run(bits) { clause, frame in
            switch clause {
            case .group(let number):
                guard let place = places[number] else { return }
                let group = scoring.groups[place]
                for (slot, document) in documents.enumerated() {
                    var x = 0.0
                    for i in group.lists {
                        let list = scoring.lists.baseAddress! + i
                        let frequency = list.pointee.cursor.frequency(in: document)
                        guard frequency > 0 else { continue }
                        x += BM25F.weightedFrequency(
                            weight: list.pointee.weight, frequency: frequency, inverseNorm: list.pointee.norms.inverseNorm(document))
                    }
                    if x > 0 { frame.add(slot, BM25F.contribution(boostedIdf: group.boostedIdf, x: x, k1: scoring.k1)) }
                }
                for i in group.lists where scoring.lists[i].cursor.isDamaged {
                    throw TandemError.damaged(plan.segment.name, "a posting list does not decode")
                }
            case .phrase(let number):
                guard let phrase = phrases[number] else { return }
                for (slot, document) in documents.enumerated() where phrase.candidate(from: document) == document {
                    if let score = try phrase.score(document) { frame.add(slot, score) }
                }
                try phrase.check()
            case .exists(let field):
                guard let lengths = lengths[field] else { return }
                for (slot, document) in documents.enumerated() where lengths[Int(document)] > 0 { frame.add(slot, 1) }
            default: break
            }
        }
        frame.forEach(found)
        evaluator.clear()
    }
}
