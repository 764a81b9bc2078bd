/// Chooses which neighbours to merge: a tiered policy over runs of segments in document order.
///
/// A segment's level is ⌊log₈(bytes / unit)⌋. Eight neighbours of a level, or lower, become one of about the next level,
/// so a document is rewritten once per level: write amplification is at most log₈(total / unit) + 1. A segment in which
/// more than a third is dead is rewritten alone.
struct MergePolicy: Sendable {
    /// Neighbours that are merged at once, and the ratio between levels.
    var factor = 8
    /// Bytes of a level-0 segment at most.
    var unitBytes: Int
    /// Segments at least this large are left alone, unless they are mostly dead.
    var largestBytes: Int

    struct Segment {
        var bytes: Int
        var documents: Int
        var liveDocuments: Int
    }

    /// A run to merge, or nil when the list is in good shape. - Complexity: O(segments · levels).
    func choose(_ segments: [Segment]) -> Range<Int>? {
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
                while end < segments.count, levels[end] <= level { end += 1 }
                if end - start >= factor { return start..<(start + factor) }
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
