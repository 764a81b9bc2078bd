import HybridSearch
import SearchCore
import Synchronization

/// The engine, once it is open: the daemon listens before, so that a client learns that it starts instead of being refused.
final class EngineSlot: Sendable {
    enum State: Sendable {
        case starting
        case serving(SearchEngine)
        case stopping
    }

    private let state = Mutex(State.starting)

    var current: State { state.withLock { $0 } }
    func set(_ new: State) { state.withLock { $0 = new } }

    /// - Throws: `UNAVAILABLE`, retryable, while the daemon starts or stops.
    var engine: SearchEngine {
        get throws {
            switch current {
            case .serving(let engine): engine
            case .starting:
                throw TandemError(
                    .unavailable, "the daemon is starting: it is still opening its collections", isRetryable: true, retryAfter: .milliseconds(500))
            case .stopping: throw TandemError(.unavailable, "the daemon is shutting down", isRetryable: true)
            }
        }
    }
}
