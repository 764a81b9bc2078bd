import Glibc
import SearchCore

/// What BM25 needs to know of the whole collection about one query: the "statistics" step of a search.
///
/// Plain sums over segments, so those of several shards can be added (``formSum(with:)``) before any of them scores; the same
/// documents give the same sums however they are cut into segments.
public struct LexicalStatistics: Sendable, Hashable {
    /// Per text field of the query's `fieldWeights`: live documents that have it and their total length. Zero where the
    /// field is not searched.
    public private(set) var fields: [FieldStatistics]
    /// Per distinct key of the query, in order of first use, then per field: live documents that have the key there.
    public private(set) var documentFrequencies: [[Int]]

    /// From one shard's segments.
    /// - Throws: `DATA_LOSS` when a segment is damaged.
    public init(query: LexicalQuery, views: [LexicalSegmentView]) throws {
        self = try LexicalSearcher(views: views, query: query).statistics
    }

    /// From sums made elsewhere, as another shard's answer brings them.
    public init(fields: [FieldStatistics], documentFrequencies: [[Int]]) {
        self.fields = fields
        self.documentFrequencies = documentFrequencies
    }

    init(_ query: PreparedQuery, fieldCount: Int) {
        fields = Array(repeating: FieldStatistics(), count: fieldCount)
        documentFrequencies = Array(repeating: Array(repeating: 0, count: fieldCount), count: query.keys.count)
    }

    mutating func add(_ view: LexicalSegmentView, field: Int) {
        let built = view.segment.fieldStatistics(field)
        fields[field].documents += max(built.documents - view.dead.deadDocuments(field: field), 0)
        fields[field].totalLength += built.totalLength - min(built.totalLength, view.dead.deadLength(field: field))
    }

    mutating func add(key: Int, field: Int, documents: Int) { documentFrequencies[key][field] += documents }

    /// Adds another shard's sums for the same query.
    /// - Throws: `INVALID_ARGUMENT` when they are not for the same query.
    public mutating func formSum(with other: LexicalStatistics) throws {
        guard other.fields.count == fields.count, other.documentFrequencies.count == documentFrequencies.count,
            other.documentFrequencies.allSatisfy({ $0.count == fields.count })
        else { throw TandemError.invalidArgument("statistics of two different queries cannot be added") }
        for field in fields.indices {
            fields[field].documents += other.fields[field].documents
            fields[field].totalLength += other.fields[field].totalLength
            for key in documentFrequencies.indices { documentFrequencies[key][field] += other.documentFrequencies[key][field] }
        }
    }

    /// Average length of a field over the live documents that have it; 1 where none has.
    public func averageLength(_ field: Int) -> Double {
        guard fields.indices.contains(field), fields[field].documents > 0 else { return 1 }
        return max(Double(fields[field].totalLength) / Double(fields[field].documents), 1)
    }

    /// N: the largest live document count among the searched fields.
    func documents(_ query: PreparedQuery) -> Int { query.fields.reduce(0) { max($0, fields[$1.field].documents) } }

    /// n: the largest live df among the group's postings, so that a rare spelling does not make a common word rare.
    func documentFrequency(_ group: PreparedQuery.Group, _ query: PreparedQuery) -> Int {
        var n = 0
        for form in group.forms {
            for (field, _) in query.fields where group.searches(field) { n = max(n, documentFrequencies[form.key][field]) }
        }
        return n
    }

    func idf(_ group: PreparedQuery.Group, _ query: PreparedQuery) -> Double {
        let n = documentFrequency(group, query)
        return BM25F.idf(documents: max(documents(query), n), documentFrequency: n)
    }
}
