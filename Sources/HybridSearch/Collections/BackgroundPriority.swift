import Glibc

/// How much of a processor a thread of the engine may take from those that answer.
enum BackgroundPriority {
    /// Linux' `SCHED_IDLE`, a macro that Swift does not see.
    private static let idlePolicy: Int32 = 5
    /// About a tenth of a search thread's share of a processor, where both want it.
    private static let niceness: Int32 = 10

    /// For work that may wait for ever: a thread that wakes takes this one's place at once, and looks for a processor on which nothing but
    /// such work runs, where niceness alone would let it wait for the end of a time slice of some milliseconds. On a machine that is never idle this one gets three
    /// thousandths of a processor, too little for seals, merges and graphs: docs/benchmarks.md, "Vectors that change".
    ///
    /// A thread cannot take it back.
    static func idle() {
        var parameters = sched_param()
        // 0 is the calling thread, as for `setpriority`: Linux gives each its own.
        if sched_setscheduler(0, idlePolicy, &parameters) != 0 { low() }
    }

    /// For work that must go on whatever else the machine does, slowly.
    static func low() { _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
}
