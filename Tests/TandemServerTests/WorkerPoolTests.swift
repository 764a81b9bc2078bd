import CLinux
import Dispatch
import SearchCore
import Synchronization
import TandemServer
import Testing

@Suite struct WorkerPoolTests {
    /// The processors that each of the pool's threads may run on: all of them are kept busy at once to ask each once.
    private func processors(of pool: WorkerPool, threads: Int) throws -> [[Int32]] {
        let found = Mutex<[[Int32]]>([])
        let (arrivals, answers) = (DispatchGroup(), DispatchSemaphore(value: 0))
        for _ in 0..<threads { arrivals.enter() }
        for _ in 0..<threads {
            try pool.submit {
                arrivals.leave()
                arrivals.wait()
                found.withLock { $0.append(Self.allowed()) }
                answers.signal()
            }
        }
        for _ in 0..<threads { #expect(answers.wait(timeout: .now() + 60) == .success) }
        return found.withLock { $0 }
    }

    private static func allowed() -> [Int32] {
        var processors = [Int32](repeating: -1, count: 1024)
        return Array(processors[..<Int(tandem_allowed_processors(&processors, 1024))])
    }

    @Test("as many threads as processors are kept on one each; fewer go where the system likes")
    func pinning() async throws {
        let all = Self.allowed()
        #expect(!all.isEmpty)
        let pool = WorkerPool(name: "pinned", threads: all.count, queueMax: 10)
        pool.pin()
        let found = try processors(of: pool, threads: all.count)
        #expect(found.map(\.count).allSatisfy { $0 == 1 } && Set(found.joined()) == Set(all), "\(found)")
        #expect(Self.allowed() == all, "the caller's thread is as free as before")
        let smaller = WorkerPool(name: "smaller", threads: all.count + 1, queueMax: 10)
        smaller.pin()
        let free = try processors(of: smaller, threads: all.count + 1)
        #expect(free.allSatisfy { $0 == all }, "\(free)")
        await pool.shutDown()
        await smaller.shutDown()
    }
}
