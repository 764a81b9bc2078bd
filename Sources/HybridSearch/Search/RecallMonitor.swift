import Foundation
import Glibc
import SearchCore
import Synchronization
import VectorIndex

/// The running estimate of a collection's recall: of the searches that were not exact, a few are run again exactly when the
/// processor has nothing else to do. Where they find less than they were to, those that follow look harder (``RecallCorrection``).
///
/// At most one in ``sampledEvery`` (``isSampled(_:)``), at most a hundredth of one processor's time, one at a time. Thread-safe.
package final class RecallMonitor: Sendable {
    package struct Estimate: Sendable, Equatable {
        package var samples: Int
        /// Share of the exact hits that the graph had found; the last two hundred searches or so count.
        package var recall: Double
        /// What these searches asked for, on average.
        package var target: Double
    }

    package static let sampledEvery = 16
    private static let remembered = 200
    /// An exact search may take one part of so many of the time.
    private static let restFactor = 100

    private struct State {
        var estimates: [String: Estimate] = [:]
        var corrections: [String: RecallCorrection] = [:]
        var isBusy = false
        var notBefore = ContinuousClock.now
    }

    /// Searches do not wait for it: the thread that holds it now and then is of the lowest priority, and may be put aside while it does.
    private let state = Mutex(State())
    private let seen = Atomic<Int>(0)

    package init() {}

    /// By vector field.
    package var estimates: [String: Estimate] { state.withLock { $0.estimates } }

    /// The effort that a search with this one takes: more, where those before it found less than they were to.
    package func corrected(_ effort: VectorSearchEffort, field: String) -> VectorSearchEffort {
        guard case .recall(let target) = effort, let correction = state.withLockIfAvailable({ $0.corrections[field] }) ?? nil else { return effort }
        return .recall(correction.asked(for: target))
    }

    /// One number in ``sampledEvery``, evenly (multiples of the golden ratio, Weyl), and of no multiple's kind more than of others: a program that repeats eight kinds of
    /// searches in turn would have one kind sampled by every sixteenth, for good.
    package static func isSampled(_ number: Int) -> Bool { (UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15) >> 60 == 0 }

    /// Looks at a search that was not exact; returns at once.
    /// - Parameters:
    ///   - found: with an effort ``corrected(_:field:)``.
    ///   - snapshot: kept until the search was run again.
    package func observe(
        field: String, _ searcher: VectorSearcher, target: Double, k: Int, accept: DocBitSet, minScore: Double?, found: VectorTopK,
        keeping snapshot: any Sendable
    ) {
        guard k > 0, Self.isSampled(seen.wrappingAdd(1, ordering: .relaxed).oldValue) else { return }
        let begins = state.withLockIfAvailable { state in
            guard !state.isBusy, ContinuousClock.now >= state.notBefore else { return false }
            state.isBusy = true
            return true
        }
        guard begins == true else { return }
        let isQueued = IdleThread.shared.run { [self] in
            let began = ContinuousClock.now
            let exact = try? searcher.topK(k, accept: accept, minScore: minScore, control: QueryControl(timeout: .seconds(10)))
            let duration = began.duration(to: .now)
            withExtendedLifetime(snapshot) {}
            state.withLock { state in
                state.isBusy = false
                state.notBefore = .now + duration * Self.restFactor
                guard let exact, let last = exact.hits.last else { return }
                let recall = min(1, Double(found.hits.count { $0.score >= last.score }) / Double(exact.hits.count))
                var estimate = state.estimates[field] ?? Estimate(samples: 0, recall: 0, target: 0)
                estimate.samples += 1
                let share = 1 / Double(min(estimate.samples, Self.remembered))
                estimate.recall += (recall - estimate.recall) * share
                estimate.target += (target - estimate.target) * share
                state.estimates[field] = estimate
                state.corrections[field, default: RecallCorrection()].add(missed: 1 - recall, target: target)
            }
        }
        if !isQueued { state.withLock { $0.isBusy = false } }
    }

    /// Forgets what was measured: on other indexes than those that are served now.
    package func reset() { state.withLock { ($0.estimates, $0.corrections) = ([:], [:]) } }
}

/// One thread of the lowest priority for all collections, for what may wait for ever.
private final class IdleThread: Sendable {
    static let shared = IdleThread()
    private static let waitingMax = 8

    // As the monitor's state, nothing that a search waits for.
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

    /// - Returns: false if too many wait, or it cannot be told.
    func run(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isTaken = jobs.withLockIfAvailable { jobs in
            guard jobs.count < Self.waitingMax else { return false }
            jobs.append(job)
            return true
        }
        if isTaken == true { wake.signal() }
        return isTaken == true
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
