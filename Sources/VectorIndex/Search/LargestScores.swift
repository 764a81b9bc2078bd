/// The k largest of the scores pushed: a binary min-heap, whose root is the bar that the next one must pass.
struct LargestScores {
    private let k: Int
    private var heap: [Double] = []

    init(_ k: Int) {
        self.k = k
        heap.reserveCapacity(min(k, 4096))
    }

    /// The k-th largest; nil while there are fewer than k.
    var bar: Double? { heap.count == k ? heap.first : nil }

    mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

    /// - Complexity: O(log k), O(1) for a score at or below the bar. NaN counts as the smallest.
    mutating func push(_ pushed: Double) {
        guard k > 0 else { return }
        let score = pushed.isNaN ? -.infinity : pushed
        if heap.count < k {
            heap.append(score)
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) >> 1
                guard heap[child] < heap[parent] else { return }
                heap.swapAt(child, parent)
                child = parent
            }
        } else if score > heap[0] {
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < k else { break }
                if child + 1 < k, heap[child + 1] < heap[child] { child += 1 }
                guard heap[child] < score else { break }
                heap[parent] = heap[child]
                parent = child
            }
            heap[parent] = score
        }
    }
}
