import Foundation
import Glibc
import SearchCore
import Synchronization

/// Spreads background work of a thread over time: after some milliseconds on a processor it sleeps several times as long.
///
/// A low priority alone does not do: a thread that woke up on a processor of its own is left there for a while, however much waits for the others, and tens of milliseconds
/// of that are what the slowest of a hundred searches wait for. RocksDB's rate limiter does the same by bytes.
package final class Pace: Sendable {
    private static let stretch = 2e-3
    /// Rest for each unit of work: a fifth of a processor is used.
    private static let rests = 4.0
    private static let restMax = 0.02

    private let isUrgent: @Sendable () -> Bool
    private let used = Mutex(0.0)

    /// - Parameter isUrgent: no rest now; asked every few milliseconds.
    package init(unless isUrgent: @escaping @Sendable () -> Bool) { self.isUrgent = isUrgent }

    /// To be called by the one thread that works, every millisecond or so. It may sleep for ``restMax`` seconds.
    package func rest() {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        let worked = used.withLock { now - $0 }
        guard worked > Self.stretch || worked < 0 else { return }
        used.withLock { $0 = now }
        if worked > 0, !isUrgent() { Thread.sleep(forTimeInterval: min(Self.restMax, worked * Self.rests)) }
    }
}
