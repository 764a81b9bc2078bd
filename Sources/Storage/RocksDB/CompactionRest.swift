import CRocksDB
import Glibc
import Synchronization

/// Lets compactions rest for some 50 µs after each third of a millisecond of work.
///
/// They have a low priority, but a thread that never sleeps keeps a processor until the system's next tick, up to four milliseconds, each time it gets it; for the second that a compaction took beside searches the
/// slowest of a hundred waited for 10 to 80 ms. RocksDB's rate limiter counts what is written, by the megabyte, and would hold writers up too. A compaction
/// filter sees each key on the compaction's own thread, so one that keeps them all is the place to rest.
package enum CompactionRest {
    /// What is looked at between two rests, in bytes: with zstd a third of a millisecond.
    private static let stretch = 24 << 10
    /// What a key costs beside its bytes.
    private static let bytesPerKey = 256
    private static let restNanoseconds = 50_000
    /// Of all compactions of the process; whoever passes the mark rests.
    private static let seen = Atomic<Int>(0)
    private static let rested = Atomic<Int>(0)
    /// How often compactions of this process have rested.
    package static var count: Int { rested.load(ordering: .relaxed) }

    // SAFETY: made once, never freed, since RocksDB's options refer to it for as long as a database is open; RocksDB only reads it.
    nonisolated(unsafe) static let filter: OpaquePointer = rocksdb_compactionfilter_create(
        nil, { _ in },
        { _, _, _, keyLength, _, valueLength, _, _, _ in
            CompactionRest.look(at: keyLength + valueLength)
            return 0
        },
        { _ in UnsafePointer(CompactionRest.name) })!

    private nonisolated(unsafe) static let name: UnsafeMutablePointer<CChar> = strdup("tandem.rest")

    private static func look(at bytes: Int) {
        guard seen.add(bytes + bytesPerKey, ordering: .relaxed).newValue >= stretch else { return }
        seen.store(0, ordering: .relaxed)
        rested.add(1, ordering: .relaxed)
        var time = timespec(tv_sec: 0, tv_nsec: restNanoseconds)
        nanosleep(&time, nil)
    }
}
