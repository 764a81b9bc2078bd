import SearchCore

/// The posting lists of one query in one segment, ready for loops: cursors with their decoding buffers, lengths and weights as plain
/// pointers, in query order. The segment and the searcher must outlive it. Not thread-safe.
struct ScoringLists: ~Copyable {
    struct List {
        var cursor: PostingCursor
        var norms: Norms
        let weight: Double
    }

    struct Group {
        let lists: Range<Int>
        let boostedIdf: Double
    }

    let lists: UnsafeMutableBufferPointer<List>
    let groups: UnsafeMutableBufferPointer<Group>
    let k1: Double
    /// Most lists of a group.
    let largestGroup: Int
    private let blocks: UnsafeMutablePointer<UInt32>

    init(_ plan: LexicalSearcher.SegmentPlan, _ searcher: LexicalSearcher) throws {
        let count = plan.groups.reduce(0) { $0 + $1.lists.count }
        k1 = searcher.query.k1
        largestGroup = plan.groups.reduce(0) { max($0, $1.lists.count) }
        // Before anything is allocated: what throws leaves nothing behind.
        let norms = try plan.groups.map { try $0.lists.map { try searcher.norms(plan.segment, $0.field) } }
        blocks = .allocate(capacity: count * 2 * LexicalFormat.blockPostings)
        lists = .allocate(capacity: count)
        groups = .allocate(capacity: plan.groups.count)
        var next = 0
        for (number, group) in plan.groups.enumerated() {
            let start = next
            for (planned, norms) in zip(group.lists, norms[number]) {
                let documents = blocks + next * 2 * LexicalFormat.blockPostings
                let cursor = PostingCursor(planned.list, documents: documents, frequencies: documents + LexicalFormat.blockPostings)
                lists.initializeElement(at: next, to: List(cursor: cursor, norms: norms, weight: planned.weight))
                next += 1
            }
            groups.initializeElement(at: number, to: Group(lists: start..<next, boostedIdf: searcher.boostedIdfs[group.group]))
        }
    }

    deinit {
        lists.deallocate()
        groups.deallocate()
        blocks.deallocate()
    }
}
