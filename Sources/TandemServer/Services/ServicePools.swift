import SearchCore

/// The threads that calls run on. Apart, so that one kind of work cannot starve another: a backup never delays a search, a
/// flood of searches never hides the health of the daemon.
///
/// ```
/// searches        CPU-bound, one thread a core        short queue: what waits longer than its use is refused
/// writes          decode, validate, hand over         the committer's own queue bounds what comes after; searches go first
/// reads           get, describe, list                 disk-bound
/// administration  create, drop, backup, check …       minutes
/// probes          health, metrics, info               one thread of their own
/// ```
struct ServicePools: Sendable {
    let searches: WorkerPool
    let writes: WorkerPool
    let reads: WorkerPool
    let administration: WorkerPool
    let probes: WorkerPool

    /// - Parameters:
    ///   - searchQueue: searches that may wait besides those that run.
    ///   - pinsSearches: see ``WorkerPool/pin()``.
    ///   - callsMax: what the transport lets in. A batch of a stream never meets a full queue, since a stream has one batch there at most.
    init(searchThreads: Int, searchQueue: Int, pinsSearches: Bool, callsMax: Int) {
        searches = WorkerPool(name: "searches", threads: searchThreads, queueMax: searchQueue)
        if pinsSearches { searches.pin() }
        writes = WorkerPool(name: "writes", threads: 2, queueMax: callsMax, yields: true)
        reads = WorkerPool(name: "reads", threads: 4, queueMax: 256)
        administration = WorkerPool(name: "administration", threads: 2, queueMax: 16)
        probes = WorkerPool(name: "probes", threads: 1, queueMax: 64)
    }

    var all: [(name: String, pool: WorkerPool)] {
        [("searches", searches), ("writes", writes), ("reads", reads), ("administration", administration), ("probes", probes)]
    }

    /// Lets running work end, drops what waits; gives up waiting after `within`.
    func shutDown(within: Duration) async {
        let end = ContinuousClock.now + within
        let running = all.map { _, pool in Task { await pool.shutDown() } }
        // `Task.value` cannot be given up, so the end of each is watched from outside.
        let left = Counter(running.count)
        let watchers = running.map { task in
            Task {
                await task.value
                left.decrement()
            }
        }
        while left.value > 0, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(5)) }
        _ = watchers
    }
}
