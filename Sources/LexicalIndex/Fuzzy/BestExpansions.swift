/// Keeps the `limit` best of the keys offered: fewer edits first, then more documents, then lower bytes of the key.
///
/// A binary heap with the worst one on top; of equal keys each must be offered once, with what all sources add up to. The
/// result does not depend on the order of the offers. Cost of an offer: O(1) for what is not kept, O(log limit) else.
struct BestExpansions {
    private let limit: Int
    private var heap: [FuzzyExpansion] = []

    /// - Parameter limit: above 0.
    init(limit: Int) {
        precondition(limit > 0, "limit \(limit)")
        self.limit = limit
    }

    /// Keys of more edits than this cannot be kept any more; nil: all may be.
    var distanceMax: Int? { heap.count < limit ? nil : heap[0].distance }

    mutating func offer(_ key: UnsafeRawBufferPointer, distance: Int, documentFrequency: Int) {
        if heap.count < limit {
            heap.append(FuzzyExpansion(key: Array(key), distance: distance, documentFrequency: documentFrequency))
            siftUp()
        } else if let worst = heap.first, Self.isBetter(distance, documentFrequency, key, than: worst) {
            heap[0] = FuzzyExpansion(key: Array(key), distance: distance, documentFrequency: documentFrequency)
            siftDown()
        }
    }

    /// The best, best first.
    consuming func finish() -> [FuzzyExpansion] { heap.sorted { Self.isBetter($0, than: $1) } }

    private static func isBetter(_ distance: Int, _ frequency: Int, _ key: UnsafeRawBufferPointer, than other: FuzzyExpansion) -> Bool {
        if distance != other.distance { return distance < other.distance }
        if frequency != other.documentFrequency { return frequency > other.documentFrequency }
        return other.key.withUnsafeBytes { compareBytes(key, $0) < 0 }
    }

    private static func isBetter(_ a: FuzzyExpansion, than b: FuzzyExpansion) -> Bool {
        a.key.withUnsafeBytes { isBetter(a.distance, a.documentFrequency, $0, than: b) }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.isBetter(heap[parent], than: heap[child]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = 2 * parent + 1
            guard worst < heap.count else { return }
            if worst + 1 < heap.count, Self.isBetter(heap[worst], than: heap[worst + 1]) { worst += 1 }
            guard Self.isBetter(heap[parent], than: heap[worst]) else { return }
            heap.swapAt(worst, parent)
            parent = worst
        }
    }
}
