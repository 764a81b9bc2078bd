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

    /// Why there is no engine, retryable; nil while the daemon serves.
    var unavailability: TandemError? {
        switch current {
        case .serving: nil
        case .starting:
            TandemError(
                .unavailable, "the daemon is starting: it is still opening its collections; try again in a moment", isRetryable: true,
                retryAfter: .milliseconds(500))
        case .stopping: TandemError(.unavailable, "the daemon is shutting down", isRetryable: true)
        }
    }

    /// - Throws: ``unavailability``.
    var engine: SearchEngine {
        get throws {
            if case .serving(let engine) = current { return engine }
            throw unavailability ?? TandemError(.unavailable, "the daemon's state has just changed", isRetryable: true)
        }
    }
}
