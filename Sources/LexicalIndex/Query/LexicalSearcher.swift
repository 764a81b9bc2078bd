import SearchCore

/// One query, ready to run over one snapshot of segments: terms looked up, statistics taken, weights computed.
///
/// Immutable, so it may be used from several threads at once. It keeps the segments alive.
/// Scores are exhaustive BM25F in double (``BM25F``): ``topK(_:accept:minScore:control:)``, ``score(docs:)`` and
/// ``explain(_:)`` give a document the same bits, on any segmentation of the same live documents.
public struct LexicalSearcher: Sendable {
    /// One posting list of a group in one segment, with its weight `w_field · w_form`.
    struct PlannedList: Sendable {
        let list: PostingList
        let form: Int
        let field: Int
        let weight: Double
    }

    /// The lists of one group that exist in one segment, forms in order, then fields in order.
    struct PlannedGroup: Sendable {
        let group: Int
        let lists: [PlannedList]
    }

    struct SegmentPlan: Sendable {
        let segment: LexicalSegment
        /// Groups with at least one list, in query order.
        let groups: [PlannedGroup]
    }

    let query: PreparedQuery
    /// Nil: a bag of groups.
    let tree: ClauseTree?
    /// Segments in DocID order, only those in which some term occurs, unless a clause matches without.
    let plans: [SegmentPlan]
    /// Per group of the prepared query.
    let idfs: [Double]
    let boostedIdfs: [Double]
    /// Per field; nil where not searched.
    let normTables: [NormTable?]
    /// idf of a group of the query, in the order of ``LexicalQuery/groups`` (those that the query kept); 0 past the last.
    public func inverseDocumentFrequency(group: Int) -> Double { idfs.indices.contains(group) ? idfs[group] : 0 }

    /// Live documents with a group of the query, as its idf counts them; numbered as above.
    public func documentFrequency(group: Int) -> Int {
        query.groups.indices.contains(group) ? statistics.documentFrequency(query.groups[group], query) : 0
    }

    /// Live documents that match, at least: those of the most frequent term.
    public var matchedAtLeast: Int { query.groups.reduce(0) { max($0, statistics.documentFrequency($1, query)) } }

    /// The statistics that the scores are computed from.
    public let statistics: LexicalStatistics

    /// Prepares a query.
    /// - Parameters:
    ///   - views: segments of one snapshot, in any order, with disjoint documents.
    ///   - statistics: of the whole collection, when these segments are only a part of it; nil: of these segments. The
    ///     terms are looked up once either way.
    /// - Throws: `DATA_LOSS` when a segment is damaged; `INVALID_ARGUMENT` for another query's statistics, and for clauses that do not combine.
    /// - Complexity: O(segments · distinct keys · fields · log terms).
    public init(views: [LexicalSegmentView], query: LexicalQuery, statistics: LexicalStatistics? = nil) throws {
        let prepared = PreparedQuery(query)
        let fieldCount = query.fieldWeights.prefix(Limits.fieldsMax).count
        tree = query.clauses.isEmpty ? nil : try ClauseTree(query.clauses, phrases: query.phrases, groupCount: query.groups.count, fieldCount: fieldCount)
        if let defect = query.proximity.lazy.compactMap({ $0.defect(groupCount: query.groups.count) }).first {
            throw TandemError.invalidArgument("proximity: \(defect)")
        }
        var counted = LexicalStatistics(prepared, fieldCount: fieldCount)
        var plans: [SegmentPlan] = []
        for view in views.sorted(by: { $0.segment.firstDoc < $1.segment.firstDoc }) {
            for (field, _) in prepared.fields { counted.add(view, field: field) }
            // By key, then by field.
            var found: [PostingList?] = []
            found.reserveCapacity(prepared.keys.count * prepared.fields.count)
            for (number, key) in prepared.keys.enumerated() {
                for (field, _) in prepared.fields {
                    let list = try key.withUnsafeBytes { try view.segment.postings($0, field: field) }
                    found.append(list)
                    guard let list else { continue }
                    let dead = view.dead.deadDocuments(containing: key, field: field)
                    counted.add(key: number, field: field, documents: max(list.count - dead, 0))
                }
            }
            // A term may be there, and only in fields that its group does not look into.
            let plan = Self.plan(prepared, view.segment, found)
            if !plan.groups.isEmpty || tree?.matchesWithoutTerms == true { plans.append(plan) }
        }
        if let statistics {
            guard statistics.fields.count == counted.fields.count,
                statistics.documentFrequencies.count == counted.documentFrequencies.count,
                statistics.documentFrequencies.allSatisfy({ $0.count == counted.fields.count })
            else { throw TandemError.invalidArgument("the statistics are of another query") }
            counted = statistics
        }
        self.query = prepared
        self.plans = plans
        self.statistics = counted
        idfs = prepared.groups.map { counted.idf($0, prepared) }
        boostedIdfs = zip(prepared.groups, idfs).map { $0.boost * $1 }
        var tables: [NormTable?] = Array(repeating: nil, count: fieldCount)
        for (field, _) in prepared.fields { tables[field] = NormTable.of(average: counted.averageLength(field), b: prepared.b) }
        normTables = tables
    }

    private static func plan(_ query: PreparedQuery, _ segment: LexicalSegment, _ found: [PostingList?]) -> SegmentPlan {
        var groups: [PlannedGroup] = []
        groups.reserveCapacity(query.groups.count)
        for (number, group) in query.groups.enumerated() {
            var lists: [PlannedList] = []
            for (formNumber, form) in group.forms.enumerated() {
                for (i, (field, weight)) in query.fields.enumerated() where group.searches(field) {
                    guard let list = found[form.key * query.fields.count + i] else { continue }
                    lists.append(PlannedList(list: list, form: formNumber, field: field, weight: weight * form.weight))
                }
            }
            if !lists.isEmpty { groups.append(PlannedGroup(group: number, lists: lists)) }
        }
        return SegmentPlan(segment: segment, groups: groups)
    }

    /// True when no term of the query occurs in any segment: nothing can match.
    public var isEmpty: Bool { plans.isEmpty }

    /// Lengths of a field in a segment, as plain pointers.
    func norms(_ segment: LexicalSegment, _ field: Int) throws -> Norms {
        guard let norms = segment.fields[field].norms, let table = normTables[field] else {
            throw segment.damaged(field, "postings without lengths")
        }
        return Norms(norms, table)
    }
}
