import HybridSearch
import NIOCore
import NIOPosix
import SearchCore
import Synchronization
import WireProtocol

extension Status: Error {}

/// One batch on its way: into the committer, as soon as that has room, then up to its acknowledgement level. No thread waits.
///
/// ```
/// submit ─▶ committer full? ──yes──▶ again in 100 ms (the caller's next batch is not asked for meanwhile)
///              │ no: onAccepted
///              ▼
///          durable ─▶ level reached ─▶ completion
/// ```
final class PendingWrite: Sendable {
    /// Longest time that a batch waits for room before its caller is told to come back.
    private static let patience = Duration.seconds(30)
    private static let pause = TimeAmount.milliseconds(100)

    private let batch: WriteBatch
    private let level: HybridSearch.Acknowledgement
    private let collection: HybridSearch.Collection
    private let call: ServerCall
    private let router: ServiceRouter
    private let begin = ContinuousClock.now

    init(batch: WriteBatch, level: HybridSearch.Acknowledgement, collection: HybridSearch.Collection, call: ServerCall, router: ServiceRouter) {
        self.batch = batch
        self.level = level
        self.collection = collection
        self.call = call
        self.router = router
    }

    /// On a thread of `writes`: validates and encodes the batch here.
    ///
    /// - Parameters:
    ///   - onAccepted: the committer has the batch, or it has failed; runs before `completion`, at most once, on this or another thread of `writes`.
    ///   - completion: once, on this thread or one of the engine's: it must only hand over.
    func submit(onAccepted: @escaping @Sendable () -> Void, completion: @escaping @Sendable (Result<CommitOutcome, Status>) -> Void) {
        // A refusal comes back before `write` returns; that is how "nothing was done" is told from "not known".
        let refusal = Refusal()
        collection.write(batch, acknowledgement: .logged, deadline: nil) { [self] result in
            switch result {
            case .success(let outcome):
                guard level != .logged else { return completion(.success(outcome)) }
                collection.whenApplied(outcome.lastSequence, level, deadline: call.control.deadline) { [self] waited in
                    completion(waited.map { outcome }.mapError { status($0, didRun: true) })
                }
            case .failure(let error):
                if !refusal.keep(error) { completion(.failure(status(error, didRun: nil))) }
            }
        }
        guard let error = refusal.close() else { return onAccepted() }
        if let error = error as? TandemError, error.code == .resourceExhausted, error.isRetryable, begin.duration(to: .now) < Self.patience {
            MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: Self.pause) { [self] in
                do {
                    try router.pools.writes.submit { [self] in
                        do {
                            try call.control.checkpoint()
                            submit(onAccepted: onAccepted, completion: completion)
                        } catch { completion(.failure(status(error, didRun: false))) }
                    }
                } catch { completion(.failure(status(error, didRun: false))) }
            }
        } else {
            completion(.failure(status(error, didRun: false)))
        }
    }

    private func status(_ error: any Error, didRun: Bool?) -> Status { router.statuses.status(error, method: call.method, didRun: didRun) }

    /// Catches an error that is reported while `write` still runs on the calling thread.
    private final class Refusal: Sendable {
        private let state = Mutex<(isOpen: Bool, error: (any Error)?)>((true, nil))

        func keep(_ error: any Error) -> Bool {
            state.withLock { state in
                guard state.isOpen else { return false }
                state.error = error
                return true
            }
        }

        func close() -> (any Error)? {
            state.withLock { state in
                state.isOpen = false
                return state.error
            }
        }
    }
}
