import Glibc

/// Many readers or one writer, over `pthread_rwlock_t`; a waiting writer goes before new readers.
///
/// The store's calls hold it shared around every use of the database handle; closing and reopening hold it alone.
/// Not recursive: a thread that holds it must not take it again, not even shared.
final class ReadWriteLock: @unchecked Sendable {
    // SAFETY: one heap address for the life of the object, touched only by the pthread calls.
    private let lock: UnsafeMutablePointer<pthread_rwlock_t>

    init() {
        lock = .allocate(capacity: 1)
        var attributes = pthread_rwlockattr_t()
        pthread_rwlockattr_init(&attributes)
        // glibc prefers readers by default, so that a stream of overlapping reads would keep a reopen waiting for ever.
        pthread_rwlockattr_setkind_np(&attributes, Int32(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP))
        let failure = pthread_rwlock_init(lock, &attributes)
        precondition(failure == 0, "pthread_rwlock_init: \(failure)")
        pthread_rwlockattr_destroy(&attributes)
    }

    deinit {
        pthread_rwlock_destroy(lock)
        lock.deallocate()
    }

    func shared<R>(_ body: () throws -> R) rethrows -> R {
        pthread_rwlock_rdlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return try body()
    }

    func exclusive<R>(_ body: () throws -> R) rethrows -> R {
        pthread_rwlock_wrlock(lock)
        defer { pthread_rwlock_unlock(lock) }
        return try body()
    }
}
