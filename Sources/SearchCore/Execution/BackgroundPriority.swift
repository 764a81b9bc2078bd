import CLinux
import Glibc

/// How much of a processor a thread may take from those that answer searches.
package enum BackgroundPriority {
    /// Linux' `SCHED_IDLE`, a macro that Swift does not see.
    private static let idlePolicy: Int32 = 5
    /// About a tenth of a search thread's share of a processor, where both want it.
    private static let niceness: Int32 = 10
    /// In nanoseconds, the longest that Linux takes. A thread that wakes takes the place of one with a longer slice at once (EEVDF's `PREEMPT_SHORT`, from Linux 6.12 on), whereas
    /// niceness alone lets it wait for that one's slice to end, or for the next tick of the clock: up to four milliseconds.
    private static let slice: UInt64 = 100_000_000

    /// For work that may wait for ever: a thread that wakes takes this one's place at once, and looks for a processor on which nothing but
    /// such work runs. On a machine that is never idle this one gets three
    /// thousandths of a processor, too little for seals, merges and graphs: docs/benchmarks.md, "Vectors that change".
    ///
    /// A thread cannot take it back.
    package static func idle() {
        var parameters = sched_param()
        // 0 is the calling thread, as for `setpriority`: Linux gives each its own.
        if sched_setscheduler(0, idlePolicy, &parameters) != 0 { low() }
    }

    /// For work that must go on whatever else the machine does, slowly: seals, merges and graphs, and taking in what is written. A batch of a hundred vectors is a millisecond and a half of that at once, which
    /// searches waited for.
    package static func low() {
        if tandem_set_niceness_and_slice(niceness, slice) != 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
    }

    /// For what follows the log: a third of a search thread's share, after whatever wakes. It is done in bursts of some milliseconds, which writers wait for, but gladly longer than searches.
    package static func yielding() {
        if tandem_set_niceness_and_slice(5, slice) != 0 { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5) }
    }
}
