import Synchronization

/// Keeps the memory of finished searches for the next ones: some 400 KB each, which to take from the system and to zero cost a twentieth of a query.
///
/// Thread-safe. A search that failed does not give its scorer back, since its sums may not be zero.
enum PrunedScorerPool {
    // SAFETY (unchecked Sendable): one search at a time has it; the pool's lock lies between two.
    final class Lease: @unchecked Sendable {
        var scorer = PrunedScorer()
    }

    /// More are freed: no more searches than that have anything to gain at a time.
    private static let idleMax = 16
    /// One that has grown beyond is freed: a query of a thousand words takes megabytes, and few have so many.
    private static let keptBytesMax = 2 << 20
    private static let idle = Mutex<[Lease]>([])

    static func take() -> Lease {
        let lease = idle.withLock { $0.popLast() } ?? Lease()
        lease.scorer.resetCounts()
        return lease
    }

    static func giveBack(_ lease: Lease) {
        guard lease.scorer.growingBytes <= keptBytesMax else { return }
        idle.withLock { if $0.count < idleMax { $0.append(lease) } }
    }
}
