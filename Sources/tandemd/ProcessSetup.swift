import Glibc

/// What a process sets for itself once, before anything else runs.
enum ProcessSetup {
    /// A connection costs a descriptor, a collection a few hundred: take all that we may have.
    /// - Returns: the limit that is now in force.
    static func raiseFileLimit() -> UInt64 {
        var limit = rlimit()
        let which = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(which, &limit) == 0 else { return 0 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(which, &raised) == 0 { limit = raised }
        }
        return UInt64(limit.rlim_cur)
    }

    /// A write to a closed socket or pipe is an error of that write, not the end of the process.
    static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}
