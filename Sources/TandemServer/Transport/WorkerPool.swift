import CLinux
import Dispatch
import NIOPosix
import SearchCore
import Synchronization

/// Threads for blocking work, with a bounded queue: what finds it full is refused at once instead of waiting past its deadline.
public final class WorkerPool: Sendable {
    private let pool: NIOThreadPool
    /// Waiting and running together.
    private let admission: Admission
    private let name: String
    private let threads: Int

    /// - Parameters:
    ///   - queueMax: work that may wait besides the `threads` that run.
    ///   - yields: searches go first where both want a processor, see ``SearchCore/BackgroundPriority/low()``.
    public init(name: String, threads: Int, queueMax: Int, yields: Bool = false) {
        precondition(threads > 0 && queueMax >= 0, "\(threads) threads, queue of \(queueMax)")
        self.name = name
        self.threads = threads
        pool = NIOThreadPool(numberOfThreads: threads)
        admission = Admission(limit: threads + queueMax)
        pool.start()
        // For `top` and profilers, which show the first 15 bytes. NIO's own name for a thread of a pool is the same in all pools.
        onEachThread { number in
            tandem_name_thread("\(name.prefix(12))-\(number)")
            if yields { BackgroundPriority.low() }
        }
    }

    /// Keeps each thread on a processor of its own, if there are as many threads as processors that this process may use; else does nothing. To be called before any work is submitted.
    ///
    /// Where all of a machine's threads have short stretches of work, Linux leaves two of them on one processor for milliseconds although another has hardly anything to do: a processor
    /// that is idle for some microseconds takes over only what has waited for half a millisecond, and others look around every few milliseconds. On two processors, beside 2,000 inserts and
    /// 4,400 searches a second, that was the larger part of what the slowest of a hundred searches waited for (3.3 to 3.9 ms with it, 4.3 to 9.5 without).
    public func pin() {
        var allowed = [Int32](repeating: 0, count: 1024)
        let count = Int(tandem_allowed_processors(&allowed, Int32(allowed.count)))
        guard count == threads, count > 1 else { return }
        let processors = allowed
        onEachThread { _ = tandem_pin_to_processor(processors[$0]) }
    }

    /// Runs `body` once on each thread, before what is submitted later.
    private func onEachThread(_ body: @escaping @Sendable (_ number: Int) -> Void) {
        // Every thread takes exactly one of these, since all wait until the last has begun.
        let arrivals = DispatchGroup()
        for _ in 0..<threads { arrivals.enter() }
        for number in 0..<threads {
            pool.submit { state in
                arrivals.leave()
                // A pool that is shut down at once calls what its threads have not begun one after another, on one thread.
                guard state == .active else { return }
                arrivals.wait()
                body(number)
            }
        }
    }

    /// Waiting and running now, for metrics.
    public var depth: Int { admission.current }

    /// - Throws: RESOURCE_EXHAUSTED, retryable, where the queue is full.
    /// After ``shutDown()`` work is dropped, so that its ``ServerCall`` ends by itself.
    public func submit(_ work: @escaping @Sendable () -> Void) throws {
        guard let ticket = admission.enter() else {
            throw TandemError(.resourceExhausted, "\(name): \(admission.limit) calls are waiting or running", isRetryable: true)
        }
        pool.submit { state in
            defer { ticket.giveBack() }
            if state == .active { work() }
        }
    }

    /// Runs `work` for a call, unless it was cancelled while it waited; its error ends the call.
    public func submit(_ call: ServerCall, _ work: @escaping @Sendable (ServerCall) throws -> Void) {
        do {
            try submit {
                do {
                    try call.control.checkpoint()
                    try work(call)
                } catch { call.fail(error) }
            }
        } catch { call.fail(error) }
    }

    /// Lets running work end, drops what waits.
    public func shutDown() async { try? await pool.shutdownGracefully() }
}
