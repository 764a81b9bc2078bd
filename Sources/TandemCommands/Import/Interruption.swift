import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as a request to stop in an orderly way; a second one ends the process at once.
///
/// Made once per command. The signals are taken over for the life of the object and never given back in between: on Linux a
/// later `signal()` removes Dispatch's own handler for good, after which the signal would be ignored.
final class Interruption: Sendable {
    private struct State {
        var isRequested = false
        /// Cancels what is running; nil between two bodies.
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    // SAFETY: set once in `init` and only read afterwards; sources themselves may be used from any thread.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]

    init() {
        let queue = DispatchQueue(label: "tandem.signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            source.setEventHandler { [weak self] in self?.request() }
            source.resume()
        }
    }

    deinit { sources.forEach { $0.cancel() } }

    var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Runs `body`, which is cancelled by the signal; one that came earlier cancels it at its start.
    func during<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let task = Task { try await body() }
        let isRequested = state.withLock { state in
            state.cancel = { task.cancel() }
            return state.isRequested
        }
        if isRequested { task.cancel() }
        defer { state.withLock { $0.cancel = nil } }
        return try await task.value
    }

    private func request() {
        let (isSecond, cancel) = state.withLock { state in
            defer { state.isRequested = true }
            return (state.isRequested, state.cancel)
        }
        if isSecond { _exit(130) }
        cancel?()
    }
}
