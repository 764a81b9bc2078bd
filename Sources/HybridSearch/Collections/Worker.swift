import CLinux
import Foundation
import Synchronization

/// A named thread that runs one closure and can be waited for.
///
/// The engine's long loops (indexing, embedding) block on disk, locks and inference, so they live on threads of their own
/// and never on Swift's cooperative pool.
final class Worker: Sendable {
    private let finished = DispatchSemaphore(value: 0)
    private let isJoined = Mutex(false)

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let finished = self.finished
        let thread = Thread {
            Self.beginThread(name)
            body()
            finished.signal()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// Names the calling thread, for `top` and debuggers, which show the first 15 bytes; a name that a thread is given before it runs does not reach the system. And lets
    /// it run on any processor: the one that made it may have been a search thread, which has one of its own.
    static func beginThread(_ name: String) {
        Thread.current.name = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        _ = tandem_use_all_processors()
    }

    /// Waits until the closure has returned; further calls return at once.
    func join() {
        isJoined.withLock { joined in
            if !joined { finished.wait() }
            joined = true
        }
    }
}

/// Wakes one sleeping loop; signals that come while it works are folded into one.
final class WakeSignal: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    // Relaxed would do: the semaphore orders the data, the flag only keeps its count at one or less.
    private let isPending = Atomic<Bool>(false)

    func signal() {
        if !isPending.exchange(true, ordering: .acquiringAndReleasing) { semaphore.signal() }
    }

    /// Returns on a signal or after `timeout`.
    func wait(timeout: Duration) {
        let nanoseconds = Int(timeout / .nanoseconds(1))
        if semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds)) == .success {
            isPending.store(false, ordering: .releasing)
        }
    }
}
