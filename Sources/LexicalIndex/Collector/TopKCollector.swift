import SearchCore

/// A document and its score.
public struct LexicalHit: Sendable, Hashable {
    public var doc: DocID
    /// Above 0; higher is better; comparable within one query only.
    public var score: Double

    public init(doc: DocID, score: Double) {
        self.doc = doc
        self.score = score
    }
}

/// Keeps the k best documents, and those that tie with the last of them.
///
/// Order: score falling, then DocID rising. The k-th score may be shared by documents that did not make it; the caller breaks
/// such ties by external id, so up to 1,024 of them are kept, those of the lowest DocIDs: the same ones in whatever order
/// documents are offered. A binary heap with the worst hit on top.
struct TopKCollector {
    static let tiesMax = 1024

    private let k: Int
    private let minScore: Double
    private var heap: [LexicalHit] = []
    private var ties: [DocID] = []
    private var tieScore = 0.0
    /// Documents above this one cannot be among the lowest 1,024 any more.
    private var tieDocMax = DocID.end
    /// No document of a lower score can matter.
    private(set) var threshold: Double

    /// There is a score that documents have to reach: there are k hits, or the caller named one.
    var canPrune: Bool { threshold > Double.leastNonzeroMagnitude }

    /// - Parameter minScore: hits must reach it; any match has a score above 0.
    init(k: Int, minScore: Double) {
        self.k = k
        self.minScore = minScore
        threshold = k == 0 ? .infinity : minScore
        heap.reserveCapacity(k)
    }

    @inline(__always) private static func isWorse(_ a: LexicalHit, _ b: LexicalHit) -> Bool {
        a.score != b.score ? a.score < b.score : a.doc > b.doc
    }

    /// Offers a document; each at most once.
    mutating func offer(_ doc: DocID, _ score: Double) {
        guard score >= threshold else { return }
        let hit = LexicalHit(doc: doc, score: score)
        if heap.count < k {
            heap.append(hit)
            siftUp()
            if heap.count == k { threshold = heap[0].score }
            return
        }
        if Self.isWorse(hit, heap[0]) {
            // Here score == threshold: it ties with the k-th.
            keepTie(hit)
            return
        }
        let evicted = heap[0]
        heap[0] = hit
        siftDown()
        threshold = heap[0].score
        if evicted.score == threshold { keepTie(evicted) } else { clearTies() }
    }

    private mutating func clearTies() {
        ties.removeAll(keepingCapacity: true)
        tieDocMax = .end
    }

    private mutating func keepTie(_ hit: LexicalHit) {
        tieScore = hit.score
        guard hit.doc < tieDocMax else { return }
        ties.append(hit.doc)
        if ties.count >= 4 * Self.tiesMax { cutTies() }
    }

    // Cutting early is safe: only the lowest DocIDs of the final set matter, and the set only grows until it is cleared.
    private mutating func cutTies() {
        ties.sort()
        if ties.count > Self.tiesMax { ties.removeLast(ties.count - Self.tiesMax) }
        if ties.count == Self.tiesMax, let last = ties.last { tieDocMax = last }
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.isWorse(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = 2 * parent + 1
            guard worst < heap.count else { return }
            if worst + 1 < heap.count, Self.isWorse(heap[worst + 1], heap[worst]) { worst += 1 }
            guard Self.isWorse(heap[worst], heap[parent]) else { return }
            heap.swapAt(worst, parent)
            parent = worst
        }
    }

    consuming func finish() -> (hits: [LexicalHit], boundaryTies: [LexicalHit]) {
        cutTies()
        let score = tieScore
        return (heap.sorted { Self.isWorse($1, $0) }, ties.map { LexicalHit(doc: $0, score: score) })
    }
}
