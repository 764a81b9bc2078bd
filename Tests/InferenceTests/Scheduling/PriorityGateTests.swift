import Foundation
import Inference
import SearchCore
import Synchronization
import Testing

@Suite struct PriorityGateTests {
    /// Starts a thread that enters, notes its name, and leaves.
    static func enterLater(_ gate: PriorityGate, _ priority: InferencePriority, _ name: String, _ log: Log) {
        Thread.detachNewThread {
            do {
                try gate.enter(priority, control: .unlimited)
                log.append(name)
                gate.leave(priority)
            } catch {
                log.append("\(name) failed")
            }
        }
    }

    final class Log: Sendable {
        private let names = Mutex<[String]>([])
        func append(_ name: String) { names.withLock { $0.append(name) } }
        var all: [String] { names.withLock { $0 } }

        func wait(for count: Int) {
            let end = ContinuousClock.now + .seconds(10)
            while all.count < count, ContinuousClock.now < end { usleep(1000) }
        }
    }

    static func waitUntil(_ condition: () -> Bool) {
        let end = ContinuousClock.now + .seconds(10)
        while !condition(), ContinuousClock.now < end { usleep(1000) }
    }

    @Test("a query does not wait for documents or reranks")
    func queryFirst() throws {
        let gate = PriorityGate(slots: 1)
        #expect(gate.tryEnter(.ingestion))
        #expect(gate.tryEnter(.query))
        #expect(!gate.tryEnter(.query))
        gate.leave(.query)
        gate.leave(.ingestion)
        #expect(gate.tryEnter(.rerank))
        #expect(gate.tryEnter(.query))
        gate.leave(.query)
        gate.leave(.rerank)
        #expect(gate.load.allSatisfy { $0.running == 0 && $0.waiting == 0 })
    }

    @Test("never more than the slots of a kind", arguments: [1, 2, 5])
    func slots(count: Int) {
        for priority in InferencePriority.allCases {
            let gate = PriorityGate(slots: count)
            for _ in 0..<count { #expect(gate.tryEnter(priority)) }
            #expect(!gate.tryEnter(priority))
        }
    }

    @Test("reranks go before documents, and each kind in the order of arrival")
    func order() throws {
        let gate = PriorityGate(slots: 1, ingestionPatience: .seconds(100))
        let log = Log()
        try gate.enter(.rerank, control: .unlimited)
        for (index, priority) in [InferencePriority.ingestion, .ingestion, .rerank, .rerank].enumerated() {
            Self.enterLater(gate, priority, "\(priority)\(index)", log)
            Self.waitUntil { gate.load.reduce(0) { $0 + $1.waiting } == index + 1 }
        }
        gate.leave(.rerank)
        log.wait(for: 4)
        #expect(log.all == ["rerank2", "rerank3", "ingestion0", "ingestion1"])
    }

    @Test("documents get a turn after their patience, however busy searches are")
    func patience() throws {
        let gate = PriorityGate(slots: 1, ingestionPatience: .milliseconds(50))
        let log = Log()
        try gate.enter(.rerank, control: .unlimited)
        Self.enterLater(gate, .ingestion, "documents", log)
        log.wait(for: 1)
        #expect(log.all == ["documents"])
        gate.leave(.rerank)
    }

    @Test("a cancelled or late waiter leaves no trace")
    func cancelled() throws {
        let gate = PriorityGate(slots: 1)
        try gate.enter(.query, control: .unlimited)
        #expect(throws: TandemError(.deadlineExceeded, "")) {
            try gate.enter(.query, control: QueryControl(timeout: .milliseconds(30)))
        }
        let control = QueryControl()
        Thread.detachNewThread {
            usleep(30_000)
            control.cancel()
        }
        #expect(throws: TandemError(.cancelled, "")) { try gate.enter(.query, control: control) }
        #expect(gate.load[0].waiting == 0)
        gate.leave(.query)
        #expect(gate.tryEnter(.query))
    }

    @Test("whatever the threads do, slots are neither lost nor exceeded")
    func stress() throws {
        let gate = PriorityGate(slots: 2, ingestionPatience: .milliseconds(1))
        let running = Atomic<Int>(0)
        let worst = Atomic<Int>(0)
        let log = Log()
        for worker in 0..<12 {
            Thread.detachNewThread {
                let priority = InferencePriority.allCases[worker % 3]
                for turn in 0..<50 {
                    let control = turn % 7 == 0 ? QueryControl(timeout: .microseconds(200)) : QueryControl.unlimited
                    guard (try? gate.enter(priority, control: control)) != nil else { continue }
                    if priority == .rerank {
                        let now = running.add(1, ordering: .relaxed).newValue
                        if now > worst.load(ordering: .relaxed) { worst.store(now, ordering: .relaxed) }
                        usleep(50)
                        running.subtract(1, ordering: .relaxed)
                    }
                    gate.leave(priority)
                }
                log.append("done")
            }
        }
        log.wait(for: 12)
        #expect(log.all.count == 12)
        #expect(worst.load(ordering: .relaxed) <= 2)
        #expect(gate.load.allSatisfy { $0.running == 0 && $0.waiting == 0 })
    }
}
