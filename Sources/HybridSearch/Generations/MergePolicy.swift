/// Chooses which neighbours to merge: a tiered policy over runs of segments in document order.
///
/// A segment's level is ⌈log₈(bytes / unit)⌉. Eight neighbours of a level, with the smaller ones between them, become one
/// of the next level, so a document is rewritten once per level: about log₈(total / unit) + 1 times. Eight neighbours that
/// are merely *at most* of a level would not do: one large and seven small ones would rewrite the large one for every seven
/// small ones. A segment in which more than a third is dead is rewritten alone.
/// Source: the log-structured merge of Lucene's LogByteSizeMergePolicy; deviation: smaller neighbours are merged along.
package struct MergePolicy: Sendable {
    /// Neighbours that are merged at once, and the ratio between levels.
    package var factor = 8
    /// Bytes of a level-0 segment at most.
    package var unitBytes: Int
    /// Segments at least this large are left alone, unless they are mostly dead.
    package var largestBytes: Int

    package init(unitBytes: Int, largestBytes: Int) {
        precondition(unitBytes > 0, "a merge unit of \(unitBytes) bytes")
        self.unitBytes = unitBytes
        self.largestBytes = largestBytes
    }

    package struct Segment {
        package var bytes: Int
        package var documents: Int
        package var liveDocuments: Int

        package init(bytes: Int, documents: Int, liveDocuments: Int) {
            self.bytes = bytes
            self.documents = documents
            self.liveDocuments = liveDocuments
        }
    }

    /// A run to merge, or nil when the list is in good shape. - Complexity: O(segments · levels).
    package func choose(_ segments: [Segment]) -> Range<Int>? {
        for (i, segment) in segments.enumerated()
        where segment.documents > 0 && segment.documents - segment.liveDocuments > max(segment.documents / 3, 1000) {
            return i..<(i + 1)
        }
        let levels = segments.map { $0.bytes >= largestBytes ? Int.max : level($0.bytes) }
        guard let highest = levels.filter({ $0 != .max }).max() else { return nil }
        for level in 0...highest {
            var start = 0
            while start < segments.count {
                guard levels[start] <= level else {
                    start += 1
                    continue
                }
                var end = start
                var ofLevel = 0
                while end < segments.count, levels[end] <= level, ofLevel < factor {
                    ofLevel += levels[end] == level ? 1 : 0
                    end += 1
                }
                if ofLevel == factor { return start..<end }
                start = end
            }
        }
        return nil
    }

    private func level(_ bytes: Int) -> Int {
        var level = 0
        var limit = unitBytes
        while bytes > limit {
            limit *= factor
            level += 1
        }
        return level
    }
}
