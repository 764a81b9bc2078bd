import Foundation
import Glibc
import SearchCore
import Synchronization

/// Spreads background work of a thread over time: after some milliseconds on a processor it sleeps.
///
/// A low priority alone does not do: a thread that woke up on a processor of its own is left there for a while, however much waits for the others, and tens of milliseconds
/// of that are what the slowest of a hundred searches wait for. (Linux moves threads that wait to a processor as soon as it has nothing to do, but between processors that both work only now
/// and then, and where one of two has a graph to build and the other has all searches, that took 10 to 20 ms by the scheduler's trace.) RocksDB's rate limiter does the same by bytes.
package final class Pace: Sendable {
    private static let restMax = 0.02

    /// Seconds of work after which it rests, and rest for each unit of work.
    private let stretch: Double
    private let rests: Double
    private let isUrgent: @Sendable () -> Bool
    private let used = Mutex(0.0)

    private init(stretch: Double, rests: Double, unless isUrgent: @escaping @Sendable () -> Bool) {
        self.stretch = stretch
        self.rests = rests
        self.isUrgent = isUrgent
    }

    /// Half of a processor is used. (A fifth, as it was, kept 16,384 vectors from being sealed for seven seconds beside searches.)
    /// - Parameter isUrgent: no rest now; asked every half millisecond.
    package convenience init(unless isUrgent: @escaping @Sendable () -> Bool) { self.init(stretch: 0.5e-3, rests: 1, unless: isUrgent) }

    /// Nine tenths of a processor: only so that what waits elsewhere gets a chance to come over, every millisecond.
    package static func brisk() -> Pace { Pace(stretch: 1e-3, rests: 0.05) { false } }

    /// The same every third of a millisecond, unless much waits: for what follows the log in bursts of some milliseconds a few times a second.
    package static func inBursts(unless isUrgent: @escaping @Sendable () -> Bool) -> Pace { Pace(stretch: 0.3e-3, rests: 0.05, unless: isUrgent) }

    /// To be called by the one thread that works, every millisecond or so. It may sleep for ``restMax`` seconds.
    package func rest() {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        let worked = used.withLock { now - $0 }
        guard worked > stretch || worked < 0 else { return }
        used.withLock { $0 = now }
        if worked > 0, !isUrgent() { Thread.sleep(forTimeInterval: min(Self.restMax, worked * rests)) }
    }
}

extension QueryControl {
    /// For one thread of background work: it rests at its checkpoints.
    static func resting(_ pace: Pace, endingWith control: QueryControl) -> QueryControl { QueryControl(endingWith: control, rest: { pace.rest() }) }
}
