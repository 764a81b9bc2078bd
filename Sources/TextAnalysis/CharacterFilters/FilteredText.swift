/// A text after character filters, with the way back: which bytes of the original each of its bytes stands for.
struct FilteredText {
    /// A run of bytes that was copied or replaced as one.
    private struct Run {
        var start: UInt32
        var source: Range<UInt32>
        /// Byte for byte the source.
        var isCopy: Bool
    }

    private(set) var bytes: [UInt8] = []
    private var runs: [Run] = []

    init(reserving count: Int) { bytes.reserveCapacity(count) }

    /// Appends `source` of the original as it is.
    mutating func copy(_ text: UnsafeBufferPointer<UInt8>, _ source: Range<Int>) {
        guard !source.isEmpty else { return }
        if let last = runs.last, last.isCopy, Int(last.source.upperBound) == source.lowerBound {
            runs[runs.count - 1].source = last.source.lowerBound..<UInt32(source.upperBound)
        } else {
            append(source, isCopy: true)
        }
        bytes.append(contentsOf: text[source])
    }

    /// Appends what stands for `source` of the original.
    mutating func replace(_ source: Range<Int>, by replacement: some Sequence<UInt8>) {
        let count = bytes.count
        append(source, isCopy: false)
        bytes.append(contentsOf: replacement)
        if bytes.count == count { runs.removeLast() }
    }

    private mutating func append(_ source: Range<Int>, isCopy: Bool) {
        runs.append(Run(start: UInt32(bytes.count), source: UInt32(source.lowerBound)..<UInt32(source.upperBound), isCopy: isCopy))
    }

    /// The original's bytes from which `range` of the filtered ones came; of an empty range the place. - Complexity: O(log runs).
    func source(of range: Range<UInt32>) -> Range<UInt32> {
        guard !runs.isEmpty else { return 0..<0 }
        if range.isEmpty {
            // A later filter has put text where none was.
            let place = runs[run(of: range.lowerBound)]
            let offset = place.source.lowerBound + (place.isCopy ? range.lowerBound - place.start : 0)
            return offset..<offset
        }
        let (first, last) = (runs[run(of: range.lowerBound)], runs[run(of: range.upperBound - 1)])
        let start = first.isCopy ? first.source.lowerBound + (range.lowerBound - first.start) : first.source.lowerBound
        let end = last.isCopy ? last.source.lowerBound + (range.upperBound - last.start) : last.source.upperBound
        return start..<max(start, end)
    }

    /// The last run that begins at `offset` or before it.
    private func run(of offset: UInt32) -> Int {
        var (low, high) = (0, runs.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].start <= offset { low = middle } else { high = middle }
        }
        return low
    }
}
