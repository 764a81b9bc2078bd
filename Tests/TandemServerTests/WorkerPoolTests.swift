import CLinux
import Dispatch
import Foundation
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

    @Test("each thread has the pool's name and a number of its own")
    func names() async throws {
        let pool = WorkerPool(name: "administration", threads: 3, queueMax: 10)
        let found = Mutex<Set<String>>([])
        let (arrivals, answers) = (DispatchGroup(), DispatchSemaphore(value: 0))
        for _ in 0..<3 { arrivals.enter() }
        for _ in 0..<3 {
            try pool.submit {
                arrivals.leave()
                arrivals.wait()
                let name = try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)
                found.withLock { _ = $0.insert(name?.trimmingCharacters(in: .newlines) ?? "?") }
                answers.signal()
            }
        }
        for _ in 0..<3 { #expect(answers.wait(timeout: .now() + 60) == .success) }
        #expect(found.withLock { $0 } == ["administrati-0", "administrati-1", "administrati-2"])
        await pool.shutDown()
    }

    @Test("a pool that is shut down before its threads have begun does not hang", .timeLimit(.minutes(1)))
    func shutDownAtOnce() async {
        for _ in 0..<200 { await WorkerPool(name: "short", threads: 8, queueMax: 10).shutDown() }
    }

    @Test("threads of a pool that yields have a low priority, and others that of the process")
    func priority() async throws {
        func niceness(of pool: WorkerPool) async throws -> Int32 {
            let found = Atomic<Int32>(-100)
            let answer = DispatchSemaphore(value: 0)
            try pool.submit {
                found.store(Self.niceness(), ordering: .sequentiallyConsistent)
                answer.signal()
            }
            #expect(answer.wait(timeout: .now() + 60) == .success)
            await pool.shutDown()
            return found.load(ordering: .sequentiallyConsistent)
        }
        let mine = Self.niceness()
        #expect(try await niceness(of: WorkerPool(name: "own", threads: 1, queueMax: 1)) == mine)
        #expect(try await niceness(of: WorkerPool(name: "yielding", threads: 1, queueMax: 1, yields: true)) == 10)
    }

    private static func niceness() -> Int32 {
        var (niceness, slice): (Int32, UInt64) = (0, 0)
        #expect(tandem_get_niceness_and_slice(&niceness, &slice) == 0)
        return niceness
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
