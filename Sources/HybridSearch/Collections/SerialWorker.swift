import Dispatch
import Glibc
import SearchCore
import Synchronization

/// A named thread that runs closures one after another, at a lower priority than searches.
///
/// A dispatch queue would do but for the priority: on Linux its threads run at the process's own, and on a busy machine a seal of a hundred milliseconds every
/// few seconds is what the slowest of a hundred searches wait for.
package final class SerialWorker: Sendable {
    private final class Queue: Sendable {
        struct State {
            var jobs: [@Sendable () -> Void] = []
            var isOver = false
        }

        let state = Mutex(State())
        let available = DispatchSemaphore(value: 0)

        func run() {
            BackgroundPriority.low()
            while true {
                available.wait()
                guard let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) else { return }
                job()
            }
        }

        /// - Returns: false when it is over.
        func add(_ job: @escaping @Sendable () -> Void) -> Bool {
            let isTaken = state.withLock { state in
                if !state.isOver { state.jobs.append(job) }
                return !state.isOver
            }
            if isTaken { available.signal() }
            return isTaken
        }

        func end() {
            let isFirst = state.withLock { state in
                defer { state.isOver = true }
                return !state.isOver
            }
            // One more than there are jobs: without one the loop returns.
            if isFirst { available.signal() }
        }
    }

    private let queue = Queue()
    private let thread: Worker

    package init(name: String) { thread = Worker(name: name) { [queue] in queue.run() } }

    /// What was added is still run.
    deinit { queue.end() }

    /// Runs `job` after those before it; after ``finish()`` at once, on the calling thread.
    package func async(_ job: @escaping @Sendable () -> Void) {
        if !queue.add(job) { job() }
    }

    /// The same, and waits for it. Not to be called by a job.
    package func sync<R: Sendable, Failure: Error>(_ body: @escaping @Sendable () throws(Failure) -> R) throws(Failure) -> R {
        let result = Mutex<Result<R, Failure>?>(nil)
        let done = DispatchSemaphore(value: 0)
        async {
            let outcome = Result { () throws(Failure) -> R in try body() }
            result.withLock { $0 = outcome }
            done.signal()
        }
        done.wait()
        return try result.withLock { $0! }.get()
    }

    /// Waits for all that was added, and ends the thread.
    package func finish() {
        queue.end()
        thread.join()
    }
}
