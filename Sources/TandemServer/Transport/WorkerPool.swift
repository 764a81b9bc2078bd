import NIOPosix
import SearchCore
import Synchronization

/// Threads for blocking work, with a bounded queue: what finds it full is refused at once instead of waiting past its deadline.
public final class WorkerPool: Sendable {
    private let pool: NIOThreadPool
    /// Waiting and running together.
    private let admission: Admission
    private let name: String

    /// `queueMax`: work that may wait besides the `threads` that run.
    public init(name: String, threads: Int, queueMax: Int) {
        precondition(threads > 0 && queueMax >= 0, "\(threads) threads, queue of \(queueMax)")
        self.name = name
        pool = NIOThreadPool(numberOfThreads: threads)
        admission = Admission(limit: threads + queueMax)
        pool.start()
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
