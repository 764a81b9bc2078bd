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
    /// The thread's processor time at its last rest, and the time since which it can have worked for a stretch.
    private let last = Mutex((used: 0.0, at: 0.0))

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
        // No more processor time than time has passed, and to ask for processor time is a system call.
        let now = Self.seconds(CLOCK_MONOTONIC)
        let worked: Double? = last.withLock { last in
            guard now - last.at > stretch else { return nil }
            let used = Self.seconds(CLOCK_THREAD_CPUTIME_ID)
            let worked = used - last.used
            guard worked > stretch || worked < 0 else {
                last.at = now - worked
                return nil
            }
            last = (used, now)
            return worked
        }
        guard let worked, worked > 0, !isUrgent() else { return }
        Thread.sleep(forTimeInterval: min(Self.restMax, worked * rests))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension QueryControl {
    /// For one thread of background work: it rests at its checkpoints.
    static func resting(_ pace: Pace, endingWith control: QueryControl) -> QueryControl { QueryControl(endingWith: control, rest: { pace.rest() }) }
}
