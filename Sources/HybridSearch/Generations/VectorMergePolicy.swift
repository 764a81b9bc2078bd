/// Chooses which neighbouring vector segments to merge.
///
/// A search walks one graph after another, at nearly the same cost whatever their size, so segments have to be few. And the graph of a merged
/// segment goes on from its largest input's, so a merge computes by what is added to that, not by what comes out. So a segment takes in all that
/// follow it as soon as these have half of its vectors. Of a stream of equal segments five remain at most; until 500 of them are one, bytes
/// were written eight times over, and a vector was inserted into a graph four times. Segments too small for a graph, even together,
/// are scanned anyway, and wait until there are more than eight.
/// A segment in which more than a third is dead is rewritten alone.
/// Source: the geometric partitioning of Lester, Moffat, Zobel, "Efficient online index construction for text databases", 2008.
package struct VectorMergePolicy: Sendable {
    /// A segment takes in its followers when they have one part in so many of its vectors.
    package var part = 2
    /// Segments that may be there whatever their size.
    package var fewMax = 8
    /// Vectors from which a segment has a graph.
    package var graphVectorsMin: Int
    /// What a merge may come to.
    package var largestBytes: Int

    package init(graphVectorsMin: Int, largestBytes: Int) {
        self.graphVectorsMin = graphVectorsMin
        self.largestBytes = largestBytes
    }

    /// A run to merge, or nil when the list is in good shape. - Complexity: O(segments).
    package func choose(_ segments: [MergePolicy.Segment]) -> Range<Int>? {
        for (i, segment) in segments.enumerated()
        where segment.documents > 0 && segment.documents - segment.liveDocuments > max(segment.documents / 3, 1000) {
            return i..<(i + 1)
        }
        // From the end, since what counts of a segment is what follows it.
        var chosen: Range<Int>?
        var (following, bytes) = (0, 0)
        for i in segments.indices.reversed() {
            bytes += segments[i].bytes
            if bytes > largestBytes { break }
            let live = segments[i].liveDocuments
            if i + 1 < segments.count, following * part >= live, following + live >= graphVectorsMin || segments.count > fewMax {
                chosen = i..<segments.count
            }
            following += live
        }
        return chosen
    }
}
