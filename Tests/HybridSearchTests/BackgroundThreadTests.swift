import CLinux
import Glibc
import HybridSearch
import SearchCore
import Synchronization
import Testing

/// The threads that maintenance runs on.
@Suite struct BackgroundThreadTests {
    @Test("jobs run one after another in their order, at low priority, and those that were added are run before the end")
    func order() {
        let worker = SerialWorker(name: "test")
        let seen = Mutex<[Int]>([])
        for number in 0..<500 { worker.async { seen.withLock { $0.append(number) } } }
        let priority = worker.sync { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
        #expect(seen.withLock { $0 } == Array(0..<500), "sync waits for those before it")
        #expect(priority >= 10 && getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) < 10)
        for number in 500..<600 { worker.async { seen.withLock { $0.append(number) } } }
        worker.finish()
        #expect(seen.withLock { $0 } == Array(0..<600))
        // After the end nothing waits for ever: the caller's own thread does it.
        worker.async { seen.withLock { $0.append(600) } }
        #expect(worker.sync { 7 } == 7)
        worker.finish()
        #expect(seen.withLock { $0.count } == 601)
    }

    @Test("a thread that wakes need not wait for the time slice of background work, where the kernel knows slices of threads")
    func slice() {
        @Sendable func slice() -> UInt64 {
            var (niceness, slice): (Int32, UInt64) = (0, 0)
            #expect(tandem_get_niceness_and_slice(&niceness, &slice) == 0)
            return slice
        }
        let worker = SerialWorker(name: "test")
        let mine = slice()
        // Linux before 6.12 says 0.
        #expect(worker.sync { slice() } == (mine == 0 ? 0 : 100_000_000))
        #expect(slice() == mine)
        worker.finish()
    }

    @Test("what a job throws comes back to the one who waits")
    func errors() {
        let worker = SerialWorker(name: "test")
        #expect(throws: TandemError(.notFound, "")) { try worker.sync { throw TandemError(.notFound, "nothing") } }
        #expect(worker.sync { true })
    }

    @Test("a worker that nobody holds any more runs what it was given")
    func abandoned() async throws {
        let done = AsyncStream.makeStream(of: Int.self)
        do {
            let worker = SerialWorker(name: "test")
            for number in 0..<3 { worker.async { done.continuation.yield(number) } }
        }
        var seen: [Int] = []
        for await number in done.stream {
            seen.append(number)
            if number == 2 { break }
        }
        #expect(seen == [0, 1, 2])
    }

    @Test("a pace sleeps after half a millisecond of work, not before, and not when it is urgent")
    func pace() {
        func spin(_ seconds: Double, _ pace: Pace) -> Double {
            func now(_ clock: clockid_t) -> Double {
                var time = timespec()
                clock_gettime(clock, &time)
                return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
            }
            let (began, cpu) = (now(CLOCK_MONOTONIC), now(CLOCK_THREAD_CPUTIME_ID))
            while now(CLOCK_THREAD_CPUTIME_ID) - cpu < seconds { pace.rest() }
            return now(CLOCK_MONOTONIC) - began
        }
        let isUrgent = Atomic<Bool>(false)
        let asked = Atomic<Int>(0)
        let pace = Pace {
            asked.add(1, ordering: .relaxed)
            return isUrgent.load(ordering: .relaxed)
        }
        // The thread has worked before: the first call rests for that.
        pace.rest()
        let before = asked.load(ordering: .relaxed)
        // Fifteen milliseconds are up to thirty stretches, each with as long a rest.
        #expect(spin(0.015, pace) > 0.015 + 0.012)
        #expect((15...31).contains(asked.load(ordering: .relaxed) - before))
        // Bursts are cut in thirds of a millisecond, with rests that are short.
        let burst = Pace.inBursts {
            asked.add(1, ordering: .relaxed)
            return false
        }
        burst.rest()
        let cut = asked.load(ordering: .relaxed)
        #expect(spin(0.015, burst) < 0.1)
        #expect((25...51).contains(asked.load(ordering: .relaxed) - cut))
        isUrgent.store(true, ordering: .relaxed)
        let control = QueryControl(endingWith: .unlimited, rest: { pace.rest() })
        #expect(throws: Never.self) { try control.checkpoint() }
        #expect(asked.load(ordering: .relaxed) - before >= 4)
    }
}
