import Dispatch
import Glibc
import Synchronization

/// SIGTERM, SIGINT and SIGHUP, from its making on.
///
/// ```
/// before next() is called   the process ends at once, with 0: it has not served yet, and the log needs no goodbye
/// the first one after       next() returns; five seconds later at most the process ends, whatever hangs
/// the second one            the process ends at once, with 128 + its number
/// ```
final class TerminationSignals: Sendable {
    /// Orderly shutdown takes four seconds at most; this is for what does not return.
    private static let patience = DispatchTimeInterval.milliseconds(4700)

    private enum State {
        case starting
        case waiting(CheckedContinuation<String, Never>)
        case stopping
    }

    private let state = Mutex(State.starting)
    // SAFETY: written once, here in `init`; held only to keep the sources alive, and libdispatch's objects are thread-safe.
    private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
    private let queue = DispatchQueue(label: "tandemd.signals")

    init() {
        let names: [(Int32, String)] = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT"), (SIGHUP, "SIGHUP")]
        sources = names.map { [queue] number, _ in
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for (source, (number, name)) in zip(sources, names) {
            source.setEventHandler { [unowned self] in receive(number, name) }
            source.activate()
        }
    }

    /// Waits for the first signal. Call once.
    func next() async -> String {
        await withCheckedContinuation { continuation in state.withLock { $0 = .waiting(continuation) } }
    }

    private func receive(_ number: Int32, _ name: String) {
        let waiter: CheckedContinuation<String, Never>? = state.withLock { state in
            defer { state = .stopping }
            switch state {
            case .starting: _exit(0)
            case .waiting(let waiter): return waiter
            case .stopping: _exit(128 + number)
            }
        }
        queue.asyncAfter(deadline: .now() + Self.patience) { _exit(0) }
        waiter?.resume(returning: name)
    }
}
