/// Chooses which neighbouring vector segments to merge.
///
/// A search walks one graph after another, at nearly the same cost whatever their size, so segments have to be few. And the graph of a merged
/// segment goes on from its largest input's, so a merge computes by what is added to that, not by what comes out. So, when nothing else is
/// written, a segment takes in all that follow it as soon as these have half of its vectors: two or three segments remain. While vectors come, that would
/// take the processor from searches and from the graphs of what has just come: then there are up to eight. Of a stream that ends as one segment of 500, bytes
/// are written some five times over, and a vector is inserted into a graph three times.
/// The last segments, if they are too small for a graph and together large enough, are merged also while vectors come, since every search scans them. Too small
/// even together, they wait until there are more than eight. A segment in which more than a third is dead is rewritten alone.
/// Source: the geometric partitioning of Lester, Moffat, Zobel, "Efficient online index construction for text databases", 2008.
package struct VectorMergePolicy: Sendable {
    /// A segment takes in its followers when they have one part in so many of its vectors.
    package var part = 2
    /// Segments that may be there while vectors come, and of those that are too small for a graph.
    package var fewMax = 8
    package var graphWorth: GraphWorth
    /// What a merge may come to.
    package var largestBytes: Int

    package init(graphWorth: GraphWorth, largestBytes: Int) {
        self.graphWorth = graphWorth
        self.largestBytes = largestBytes
    }

    /// A run to merge, or nil when the list is in good shape.
    /// - Parameter isQuiet: no vectors have come for a while.
    /// - Complexity: O(segments).
    package func choose(_ segments: [MergePolicy.Segment], isQuiet: Bool) -> Range<Int>? {
        for (i, segment) in segments.enumerated()
        where segment.documents > 0 && segment.documents - segment.liveDocuments > max(segment.documents / 3, 1000) {
            return i..<(i + 1)
        }
        let areMany = segments.count > fewMax
        guard isQuiet || areMany else { return withoutGraphs(segments) }
        // From the end, since what counts of a segment is what follows it.
        var chosen: Range<Int>?
        var (following, bytes) = (0, 0)
        for i in segments.indices.reversed() {
            bytes += segments[i].bytes
            if bytes > largestBytes { break }
            let live = segments[i].liveDocuments
            if i + 1 < segments.count, following * part >= live, following + live >= graphWorth.alone || areMany {
                chosen = i..<segments.count
            }
            following += live
        }
        return chosen
    }

    /// The last segments that have no graph each, if they would have one together.
    private func withoutGraphs(_ segments: [MergePolicy.Segment]) -> Range<Int>? {
        let counts = segments.map(\.documents)
        let withGraph = graphWorth.segments(counts)
        var (first, live, bytes) = (segments.count, 0, 0)
        while first > 0, !withGraph.contains(first - 1), bytes + segments[first - 1].bytes <= largestBytes {
            first -= 1
            live += segments[first].liveDocuments
            bytes += segments[first].bytes
        }
        return segments.count - first > 1 && graphWorth.isWorth(live, beside: Array(counts[..<first])) ? first..<segments.count : nil
    }
}
