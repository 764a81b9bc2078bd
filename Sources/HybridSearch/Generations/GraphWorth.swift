/// From how many vectors on a segment is worth a graph; a smaller one is scanned by 1-bit codes, which is as quick and finds more.
///
/// A search that has walked one graph knows how good a hit has to be, so that of what it scans afterwards hardly anything has to be compared exactly; a second walk costs nearly as
/// much as the first, however small the graph. So beside a segment with a graph others are scanned until they are three times as large as one that is alone.
/// docs/decisions/0016-graphs-beside-graphs.md has what was measured.
public struct GraphWorth: Sendable {
    /// Where no other segment of the field has a graph.
    public var alone: Int
    /// Where one has; no less than `alone`.
    public var beside: Int

    public init(alone: Int, beside: Int) {
        self.alone = alone
        self.beside = max(alone, beside)
    }

    /// The segments, by their numbers of vectors, that have or will have a graph: all from `beside` on; where there is none, the first one from `alone` on. The first and not the
    /// largest, since that stays the same one while others come.
    package func segments(_ counts: [Int]) -> Set<Int> {
        let large = counts.indices.filter { counts[$0] >= beside }
        return Set(large.isEmpty ? Array(counts.indices.filter { counts[$0] >= alone }.prefix(1)) : large)
    }

    /// Whether a segment of `count` vectors is worth one beside segments with these numbers.
    package func isWorth(_ count: Int, beside others: [Int]) -> Bool { segments(others + [count]).contains(others.count) }
}
