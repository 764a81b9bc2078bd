import Foundation
import Glibc
import SearchCore
import Synchronization
import VectorIndex

/// The running estimate of a collection's recall: of the searches that walked a graph, a few are run again exactly when the
/// processor has nothing else to do.
///
/// At most one in ``sampledEvery``, at most a hundredth of one processor's time, one at a time. Thread-safe.
final class RecallMonitor: Sendable {
    struct Estimate: Sendable, Equatable {
        var samples: Int
        /// Share of the exact hits that the graph had found; the last two hundred searches or so count.
        var recall: Double
        /// What these searches asked for, on average.
        var target: Double
    }

    static let sampledEvery = 16
    private static let remembered = 200
    /// An exact search may take one part of so many of the time.
    private static let restFactor = 100

    private struct State {
        var estimates: [String: Estimate] = [:]
        var isBusy = false
        var notBefore = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let seen = Atomic<Int>(0)

    /// By vector field.
    var estimates: [String: Estimate] { state.withLock { $0.estimates } }

    /// Looks at a search that walked a graph; returns at once.
    /// - Parameter snapshot: kept until the search was run again.
    func observe(
        field: String, _ searcher: VectorSearcher, target: Double, k: Int, accept: DocBitSet, minScore: Double?, found: [VectorHit],
        snapshot: GenerationSnapshot
    ) {
        guard k > 0, seen.wrappingAdd(1, ordering: .relaxed).oldValue % Self.sampledEvery == 0 else { return }
        let begins = state.withLock { state in
            guard !state.isBusy, ContinuousClock.now >= state.notBefore else { return false }
            state.isBusy = true
            return true
        }
        guard begins else { return }
        let isQueued = IdleThread.shared.run { [self] in
            let began = ContinuousClock.now
            let exact = try? searcher.topK(k, accept: accept, minScore: minScore, control: QueryControl(timeout: .seconds(10)))
            let duration = began.duration(to: .now)
            withExtendedLifetime(snapshot) {}
            state.withLock { state in
                state.isBusy = false
                state.notBefore = .now + duration * Self.restFactor
                guard let exact, let last = exact.hits.last else { return }
                let recall = Double(found.count { $0.score >= last.score }) / Double(exact.hits.count)
                var estimate = state.estimates[field] ?? Estimate(samples: 0, recall: 0, target: 0)
                estimate.samples += 1
                let share = 1 / Double(min(estimate.samples, Self.remembered))
                estimate.recall += (min(1, recall) - estimate.recall) * share
                estimate.target += (target - estimate.target) * share
                state.estimates[field] = estimate
            }
        }
        if !isQueued { state.withLock { $0.isBusy = false } }
    }

    /// Forgets what was measured: on other indexes than those that are served now.
    func reset() { state.withLock { $0.estimates = [:] } }
}

/// One thread of the lowest priority for all collections, for what may wait for ever.
private final class IdleThread: Sendable {
    static let shared = IdleThread()
    private static let waitingMax = 8

    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let wake = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            Worker.beginThread("idle")
            BackgroundPriority.idle()
            while true {
                wake.wait()
                jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
        thread.start()
    }

    /// - Returns: false if too many wait.
    func run(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = jobs.withLock { jobs in
            guard jobs.count < Self.waitingMax else { return false }
            jobs.append(job)
            return true
        }
        if isTaken { wake.signal() }
        return isTaken
    }
}

extension SearchResponse.SemanticWork {
    init(_ topK: VectorTopK) {
        let work = topK.work
        self.init(
            flatSegments: work.flatSegments, filteredFlatSegments: work.filteredFlatSegments, graphSegments: work.graphSegments,
            abandonedGraphs: work.abandonedGraphs, estimated: work.estimated, scanned: work.scanned, visited: work.visited, refined: topK.refined,
            isExact: work.isExact)
    }
}
