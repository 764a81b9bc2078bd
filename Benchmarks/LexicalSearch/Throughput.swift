import Foundation
import LexicalIndex
import SearchCore
import Synchronization

/// How many queries a second some threads answer together, over one index.
struct Throughput: Sendable {
    let corpus: CorpusIndex
    let queries: [LexicalQuery]
    let k: Int
    let seconds: Double

    /// Each thread goes through the queries from a place of its own, round and round; after a round of warming the clock runs.
    func run(_ threads: Int) throws -> Double {
        let accept = DocBitSet(capacity: corpus.documentCount, full: true)
        try search(queries[...], accept) { true }
        let done = Atomic<Int>(0)
        let failure = Mutex<(any Error)?>(nil)
        let begin = ContinuousClock.now
        let end = begin + .milliseconds(Int64(seconds * 1000))
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            let start = thread * queries.count / threads
            let order = queries[start...] + queries[..<start]
            do {
                while ContinuousClock.now < end {
                    let count = try search(order, accept) { ContinuousClock.now < end }
                    done.wrappingAdd(count, ordering: .relaxed)
                }
            } catch { failure.withLock { $0 = error } }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return Double(done.load(ordering: .relaxed)) / (begin.duration(to: .now) / .seconds(1))
    }

    @discardableResult
    private func search(_ queries: ArraySlice<LexicalQuery>, _ accept: DocBitSet, while goesOn: () -> Bool) throws -> Int {
        var count = 0
        for query in queries where goesOn() {
            _ = try LexicalSearcher(views: corpus.views, query: query).topK(k, accept: accept, strategy: .pruned, control: .unlimited)
            count += 1
        }
        return count
    }
}
