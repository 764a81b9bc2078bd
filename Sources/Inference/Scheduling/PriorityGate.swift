import Dispatch
import SearchCore
import Synchronization

/// Kinds of inference work, the more urgent first.
package enum InferencePriority: Int, Sendable, CaseIterable {
    /// Embedding of a query: a few milliseconds that a person waits for.
    case query = 0
    /// A batch of a rerank: tens of milliseconds, with a budget.
    case rerank = 1
    /// A batch of documents: may wait.
    case ingestion = 2
}

/// Decides which batch runs next. Each running batch occupies one core.
///
/// Rules, with `n` cores:
/// 1. a query waits for other queries only (`n` at a time): it takes milliseconds, and the kernel gives it its share at once;
/// 2. a rerank batch starts when queries and reranks together occupy fewer than `n` cores; callers take turns, batch by batch;
/// 3. an ingestion batch starts when all work together occupies fewer than `n` cores, or after it has waited for
///    `ingestionPatience` (so that a server under full load still takes documents in); its threads run at a lower
///    priority of the kernel, so a query that comes while it runs need not wait for its end.
///
/// Waiting is first come, first served within a kind. Thread-safe; nothing is called while the lock is held.
package final class PriorityGate: Sendable {
    private final class Waiter: Sendable {
        let priority: InferencePriority
        let since: UInt64
        let semaphore = DispatchSemaphore(value: 0)
        init(_ priority: InferencePriority) {
            self.priority = priority
            since = monotonicNanoseconds()
        }
    }

    private struct State {
        var running = [0, 0, 0]
        var waiting: [[Waiter]] = [[], [], []]
    }

    private let state = Mutex(State())
    package let slots: Int
    private let ingestionPatienceNanoseconds: UInt64

    package init(slots: Int, ingestionPatience: Duration = .milliseconds(250)) {
        self.slots = max(slots, 1)
        ingestionPatienceNanoseconds = UInt64(max(ingestionPatience / .nanoseconds(1), 0))
    }

    /// Occupies a slot, waiting for it.
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`; then no slot is occupied.
    package func enter(_ priority: InferencePriority, control: QueryControl) throws {
        try control.checkpoint()
        let waiter: Waiter? = state.withLock { state in
            if state.waiting[priority.rawValue].isEmpty, mayStart(priority, waited: 0, state) {
                state.running[priority.rawValue] += 1
                return nil
            }
            let waiter = Waiter(priority)
            state.waiting[priority.rawValue].append(waiter)
            return waiter
        }
        guard let waiter else { return }
        while true {
            // The cancel flag has no wake-up of its own, and patience runs out without one: hence the short naps.
            if waiter.semaphore.wait(timeout: .now() + .milliseconds(10)) == .success { return }
            do {
                try control.checkpoint()
            } catch {
                let wasWaiting = state.withLock { state in
                    guard let index = state.waiting[priority.rawValue].firstIndex(where: { $0 === waiter }) else { return false }
                    state.waiting[priority.rawValue].remove(at: index)
                    return true
                }
                // Admitted in the meantime: give the slot on.
                if !wasWaiting { leave(priority) }
                throw error
            }
            if priority == .ingestion { admit() }
        }
    }

    /// Occupies a slot if one is free and nobody waits for it. A caller that holds a slot must use this one: two
    /// callers that wait while holding would wait for each other.
    package func tryEnter(_ priority: InferencePriority) -> Bool {
        state.withLock { state in
            guard state.waiting[priority.rawValue].isEmpty, mayStart(priority, waited: 0, state) else { return false }
            state.running[priority.rawValue] += 1
            return true
        }
    }

    package func leave(_ priority: InferencePriority) {
        state.withLock { $0.running[priority.rawValue] -= 1 }
        admit()
    }

    /// Running and waiting batches by kind, for metrics.
    package var load: [(running: Int, waiting: Int)] {
        state.withLock { state in zip(state.running, state.waiting).map { ($0, $1.count) } }
    }

    private func admit() {
        let admitted: [Waiter] = state.withLock { state in
            var admitted: [Waiter] = []
            for priority in InferencePriority.allCases {
                while let waiter = state.waiting[priority.rawValue].first,
                    mayStart(priority, waited: monotonicNanoseconds() - waiter.since, state)
                {
                    state.waiting[priority.rawValue].removeFirst()
                    state.running[priority.rawValue] += 1
                    admitted.append(waiter)
                }
            }
            return admitted
        }
        for waiter in admitted { waiter.semaphore.signal() }
    }

    private func mayStart(_ priority: InferencePriority, waited: UInt64, _ state: borrowing State) -> Bool {
        let queries = state.running[0]
        let reranks = state.running[1]
        let ingestion = state.running[2]
        switch priority {
        case .query: return queries < slots
        case .rerank: return queries + reranks < slots
        case .ingestion: return ingestion < slots && (queries + reranks + ingestion < slots || waited >= ingestionPatienceNanoseconds)
        }
    }
}
