import SearchCore

/// Queries with clauses: the tree is run over windows of the segment, or over the documents of a window that the required terms leave.
extension LexicalSearcher {
    /// The k best accepted documents that match the tree; every match is counted.
    func topK(_ k: Int, of tree: ClauseTree, accept: DocBitSet, minScore: Double?, control: QueryControl) throws -> LexicalTopK {
        var collector = TopKCollector(k: min(k, accept.capacity), minScore: max(minScore ?? 0, .leastNonzeroMagnitude))
        var matched = 0
        let postingsRead = try run(tree, accept, control) { doc, score in
            matched += 1
            if score >= collector.threshold { collector.offer(doc, score) }
        }
        let (hits, ties) = collector.finish()
        return LexicalTopK(hits: hits, boundaryTies: ties, matched: matched, isCounted: true, postingsRead: postingsRead)
    }

    /// Every accepted match, by rising document. - Returns: postings read.
    private func run(_ tree: ClauseTree, _ accept: DocBitSet, _ control: QueryControl, _ found: (DocID, Double) -> Void) throws -> Int {
        var evaluator = ClauseEvaluator(tree)
        var windows = WindowScorer()
        var postingsRead = 0
        for plan in plans {
            var run = try TreeRun(plan, self, tree)
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
    func score(_ docs: [DocID], by tree: ClauseTree) throws -> [Double?] {
        var scores = [Double?](repeating: nil, count: docs.count)
        var evaluator = ClauseEvaluator(tree)
        var start = 0
        for plan in plans {
            while start < docs.count, docs[start] < plan.segment.firstDoc { start += 1 }
            var end = start
            while end < docs.count, docs[end] < plan.segment.endDoc { end += 1 }
            var run = try TreeRun(plan, self, tree)
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
/// A window is searched in two steps: first the terms without which nothing matches, the rarest first, each keeping what the ones before left;
/// then the whole tree, over the documents that are left by seeking, or over the window where that reads less.
/// Source: conjunctions by the shortest list, Culpepper & Moffat, "Efficient set intersection for inverted indexing", 2010.
private struct TreeRun: ~Copyable {
    private static let windowDocuments = WindowScorer.windowDocuments
    /// What seeking a document in a list costs in terms of a posting read in a run.
    private static let seekCost = 16

    private let plan: LexicalSearcher.SegmentPlan
    private let scoring: ScoringLists
    /// By number in the query: the group's place in `scoring`; nil where the segment lacks it.
    private let places: [Int?]
    /// The required groups, the rarest first, with cursors of their own.
    private let required: ScoringLists
    private let requiredPostings: [Int]
    private let isHopeless: Bool
    /// Per field: lengths, for `exists`.
    private let lengths: [UnsafePointer<UInt16>?]
    private let bits: UnsafeMutablePointer<UInt64>
    private var window: Int
    private let end: Int
    private let first: Int
    private let postings: Int
    private var picked: [UInt32] = []
    private(set) var postingsRead = 0

    init(_ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher, _ tree: ClauseTree) throws {
        let scoring = try ScoringLists(plan, searcher)
        let placeOf = Dictionary(uniqueKeysWithValues: plan.groups.enumerated().map { ($1.group, $0) })
        let places = searcher.query.groupNumbers.map { $0.flatMap { placeOf[$0] } }
        var needed: [LexicalSearcher.PlannedGroup] = []
        var isHopeless = false
        for group in tree.required {
            if let place = places[group] { needed.append(plan.groups[place]) } else { isHopeless = true }
        }
        func count(_ group: LexicalSearcher.PlannedGroup) -> Int { group.lists.reduce(0) { $0 + $1.list.count } }
        needed.sort { count($0) < count($1) }
        let required = try ScoringLists(LexicalSearcher.SegmentPlan(segment: plan.segment, groups: needed), searcher)
        // Nothing throws from here on.
        self.plan = plan
        self.scoring = scoring
        self.places = places
        self.required = required
        requiredPostings = needed.map(count)
        self.isHopeless = isHopeless
        lengths = plan.segment.fields.map { $0.norms?.lengths }
        bits = .allocate(capacity: ClauseEvaluator.words)
        first = Int(plan.segment.firstDoc.rawValue)
        end = first + plan.segment.documentCount
        window = first / Self.windowDocuments * Self.windowDocuments
        postings = plan.groups.reduce(0) { $0 + count($1) }
    }

    deinit { bits.deallocate() }

    /// The next window with accepted documents that the rarest required term may reach.
    mutating func next(_ accept: UnsafeBufferPointer<UInt64>) -> Int? {
        if isHopeless { return nil }
        if let rarest = required.groups.first {
            let nearest = rarest.lists.reduce(UInt32.max) { min($0, required.lists[$1].cursor.lowerBound) }
            if nearest == .max { return nil }
            window = max(window, (first + Int(nearest)) / Self.windowDocuments * Self.windowDocuments)
        }
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
        for place in requiredPostings.indices where left > 0 { left = try restrict(required.groups[place], place, low, high, base, left) }
        guard left > 0 else { return }
        let inWindow = postings / max(plan.segment.documentCount / Self.windowDocuments, 1)
        if left * scoring.lists.count * Self.seekCost < inWindow {
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
            case .exists(let field):
                guard let lengths = lengths[field] else { return }
                for document in low..<high where lengths[Int(document)] > 0 { frame.add(Int(document &- base), 1) }
            default: break
            }
        }
        for word in 0..<ClauseEvaluator.words {
            var rest = frame.bits[word]
            while rest != 0 {
                let slot = word * 64 + rest.trailingZeroBitCount
                rest &= rest &- 1
                found(DocID(UInt32(window + slot)), frame.scores[slot])
            }
        }
        evaluator.clear()
    }

    /// Leaves in `bits` what has the group. - Returns: how many those are.
    private mutating func restrict(_ group: ScoringLists.Group, _ place: Int, _ low: UInt32, _ high: UInt32, _ base: UInt32, _ left: Int) throws -> Int {
        var kept = 0
        let expected = requiredPostings[place] / max(plan.segment.documentCount / Self.windowDocuments, 1)
        if left * group.lists.count * Self.seekCost < expected {
            for word in 0..<ClauseEvaluator.words {
                var rest = bits[word]
                while rest != 0 {
                    let bit = rest & (0 &- rest)
                    rest ^= bit
                    let document = base &+ UInt32(word * 64 + bit.trailingZeroBitCount)
                    var has = false
                    for i in group.lists where !has { has = Self.frequency(required.lists.baseAddress! + i, document) > 0 }
                    if has { kept += 1 } else { bits[word] ^= bit }
                }
            }
        } else {
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: ClauseEvaluator.words) { present in
                present.initialize(repeating: 0)
                for i in group.lists {
                    let list = required.lists.baseAddress! + i
                    while true {
                        let run = list.pointee.cursor.nextRun(from: low, to: high)
                        if run.isEmpty { break }
                        for j in run {
                            let slot = list.pointee.cursor.documents[j] &- base
                            present[Int(slot >> 6)] |= 1 << UInt64(slot & 63)
                        }
                        postingsRead += run.count
                    }
                }
                for word in 0..<ClauseEvaluator.words {
                    bits[word] &= present[word]
                    kept += bits[word].nonzeroBitCount
                }
            }
        }
        for i in group.lists where required.lists[i].cursor.isDamaged {
            throw TandemError.damaged(plan.segment.name, "a posting list does not decode")
        }
        return kept
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
                        let frequency = Self.frequency(list, document)
                        guard frequency > 0 else { continue }
                        x += BM25F.weightedFrequency(
                            weight: list.pointee.weight, frequency: frequency, inverseNorm: list.pointee.norms.inverseNorm(document))
                    }
                    if x > 0 { frame.add(slot, BM25F.contribution(boostedIdf: group.boostedIdf, x: x, k1: scoring.k1)) }
                }
                for i in group.lists where scoring.lists[i].cursor.isDamaged {
                    throw TandemError.damaged(plan.segment.name, "a posting list does not decode")
                }
            case .exists(let field):
                guard let lengths = lengths[field] else { return }
                for (slot, document) in documents.enumerated() where lengths[Int(document)] > 0 { frame.add(slot, 1) }
            default: break
            }
        }
        for word in 0..<ClauseEvaluator.words {
            var rest = frame.bits[word]
            while rest != 0 {
                let slot = word * 64 + rest.trailingZeroBitCount
                rest &= rest &- 1
                found(slot, frame.scores[slot])
            }
        }
        evaluator.clear()
    }

    @inline(__always)
    private static func frequency(_ list: UnsafeMutablePointer<ScoringLists.List>, _ document: UInt32) -> UInt32 {
        if list.pointee.cursor.lowerBound > document { return 0 }
        let run = list.pointee.cursor.nextRun(from: document, to: document + 1)
        return run.isEmpty ? 0 : list.pointee.cursor.frequencies[run.lowerBound]
    }
}
