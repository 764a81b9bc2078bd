import SearchCore

extension LexicalSegment {
    /// The best `limit` keys of a field that a fuzzy word stands for: ``best(_:of:in:fields:control:)`` of one segment.
    public func keys(matching pattern: FuzzyPattern, field: Int, limit: Int, control: QueryControl = .unlimited) throws -> [FuzzyExpansion] {
        try Self.keys(matching: pattern, in: [LexicalSegmentView(segment: self)], fields: [field], limit: limit, control: control)
    }

    /// The best `limit` keys that a fuzzy word stands for, over some fields of some segments.
    ///
    /// Best first: fewer edits, then more documents, then lower bytes of the key. A key that lies in several segments or
    /// fields is one expansion, with the documents that ``FuzzyExpansion/documentFrequency`` says. The segments' matches are
    /// merged in key order before the best are kept, so that the answer depends neither on how documents are spread over
    /// segments nor on the order of `views` or `fields`.
    /// - Parameters:
    ///   - views: none is legal. Keys that only dead documents have are left out.
    ///   - fields: their numbers, each once; one that a segment lacks has no keys there.
    ///   - limit: keys at most; 0 gives none.
    ///   - control: looked at every 16 blocks of a dictionary.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`; `DATA_LOSS` when a dictionary is damaged. A key that is no UTF-8 behind the
    ///   pattern's leading bytes matches nothing.
    /// - Complexity: O(terms) at worst; figures are in docs/benchmarks.md. Memory: O(limit), and 9 KB a segment and field.
    public static func keys(
        matching pattern: FuzzyPattern, in views: [LexicalSegmentView], fields: [Int], limit: Int, control: QueryControl = .unlimited
    ) throws -> [FuzzyExpansion] {
        precondition(limit >= 0, "limit \(limit)")
        guard limit > 0 else { return [] }
        var merge = try FuzzyMerge(pattern, views, fields: fields, control)
        var best = BestExpansions(limit: limit)
        while try merge.next(control) {
            merge.key.withUnsafeBytes { best.offer($0, distance: merge.distance, documentFrequency: merge.documentFrequency) }
            if let distance = best.distanceMax { merge.limit(distance: distance) }
        }
        return best.finish()
    }
}
