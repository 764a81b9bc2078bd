import Dispatch
import Glibc
import SearchCore
import Storage
import Synchronization
import Testing

@Suite("Committer")
struct CommitterTests {
    @Test("batches are made durable at a low priority, whatever that of the writer is")
    func priority() throws {
        let bench = try Bench()
        func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
        let found = Atomic<Int32>(-100)
        let done = DispatchSemaphore(value: 0)
        bench.committer.submit(WriteBatch([.upsert(document("a"))])) { _ in
            found.store(getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0), ordering: .sequentiallyConsistent)
            done.signal()
        }
        #expect(done.wait(timeout: .now() + 60) == .success)
        #expect(found.load(ordering: .sequentiallyConsistent) >= 10)
        #expect(niceness() < 10)
        bench.close()
    }

    @Test("conditions see the operations before them, and fail alone")
    func conditions() throws {
        let bench = try Bench()
        let outcome = try bench.commit(
            .upsert(document("a"), condition: .insertOnly),  // 1
            .upsert(document("a"), condition: .insertOnly),
            .upsert(document("b"), condition: .updateOnly),
            .upsert(document("a"), condition: .updateOnly),  // 2
            .upsert(document("a"), condition: .ifVersion(1)),
            .upsert(document("a"), condition: .ifVersion(2)),  // 3
            .upsert(document("c"), condition: .ifVersion(0)),  // 4
            .delete(id: "zz"),
            .delete(id: "zz", condition: .updateOnly),
            .delete(id: "zz", condition: .ifVersion(7)),
            .delete(id: "a", condition: .ifVersion(2)),
            .delete(id: "a", condition: .ifVersion(3)),  // 5
            .upsert(document("a"), condition: .insertOnly))  // 6
        let s = { (n: UInt64) in SequenceNumber(n) }
        #expect(
            outcome.results == [
                .applied(s(1)), .conditionFailed(current: s(1)), .conditionFailed(current: nil), .applied(s(2)),
                .conditionFailed(current: s(2)), .applied(s(3)), .applied(s(4)), .notFound, .notFound, .conditionFailed(current: nil),
                .conditionFailed(current: s(3)), .applied(s(5)), .applied(s(6)),
            ])
        #expect(outcome.lastSequence == s(6))
        #expect(try bench.store.operation(at: s(6))?.previous == nil)
        #expect(bench.store.liveDocumentCount == 2)
        let nothing = try bench.commit(.delete(id: "zz"))
        #expect(nothing.lastSequence == s(6))
        #expect(try bench.commit().results == [])
        bench.close()
    }

    @Test("a batch sent again under its key is applied once, also after reopening")
    func idempotency() throws {
        let bench = try Bench()
        let operations: [WriteOperation] = [.upsert(document("a")), .delete(id: "zz"), .upsert(document("a"), condition: .insertOnly)]
        let batch = WriteBatch(operations, idempotencyKey: "key-1")
        let first = try bench.committer.commit(batch)
        #expect(!first.wasReplayed)
        try bench.commit(.upsert(document("b")))
        let again = try bench.committer.commit(batch)
        #expect(again.wasReplayed && again.results == first.results && again.lastSequence == first.lastSequence)
        #expect(bench.store.lastSequence == SequenceNumber(2))
        let other = failure { try bench.committer.commit(WriteBatch([.upsert(document("a", "other"))], idempotencyKey: "key-1")) }
        #expect(other?.code == .invalidArgument)
        let conditional = WriteBatch([operations[0], operations[1], .upsert(document("a"))], idempotencyKey: "key-1")
        #expect(failure { try bench.committer.commit(conditional) }?.code == .invalidArgument)
        bench.close()
        let store = try DocumentStore(path: bench.store.path)
        let committer = Committer(store: store)
        #expect(try committer.commit(batch).wasReplayed)
        #expect(try !committer.commit(WriteBatch([], idempotencyKey: "key-2")).wasReplayed)
        committer.close()
        store.close()
        let report = try DocumentStore.verify(store.path)
        #expect(report.idempotencyKeys == 2)
        #expect(report.problems == [])
    }

    @Test("the same key twice in one group is applied once")
    func idempotencyInGroup() throws {
        let bench = try Bench()
        let outcomes = Mutex<[CommitOutcome]>([])
        onThreads(8) { _ in
            for n in 0..<20 {
                let outcome = try? bench.committer.commit(WriteBatch([.upsert(document("k\(n)"))], idempotencyKey: "key-\(n)"))
                outcomes.withLock { $0.append(outcome!) }
            }
        }
        #expect(bench.store.lastSequence == SequenceNumber(20))
        #expect(outcomes.withLock { $0.filter { !$0.wasReplayed }.count } == 20)
        #expect(outcomes.withLock { $0.count } == 160)
        bench.close()
    }

    @Test("idempotency keys beyond the limit are forgotten, oldest first")
    func idempotencyPruning() throws {
        var limits = Committer.CommitLimits()
        limits.idempotencyKeysMax = 10
        let bench = try Bench(limits: limits)
        for n in 0..<50 { try bench.commit(.upsert(document("a")), key: "k\(n)") }
        #expect(try bench.commit(.upsert(document("a")), key: "k49").wasReplayed)
        #expect(try bench.commit(.upsert(document("a")), key: "k41").wasReplayed)
        #expect(try !bench.commit(.upsert(document("a")), key: "k30").wasReplayed)
        bench.close()
        let report = try DocumentStore.verify(bench.store.path)
        #expect((10...12).contains(report.idempotencyKeys))
        #expect(report.problems == [])
    }

    @Test("idempotency keys past their lifetime are forgotten")
    func idempotencyLifetime() throws {
        var limits = Committer.CommitLimits()
        limits.idempotencyKeyLifetime = .seconds(1)
        let bench = try Bench(limits: limits)
        try bench.commit(.upsert(document("a")), key: "k")
        #expect(try bench.commit(.upsert(document("a")), key: "k").wasReplayed)
        usleep(1_200_000)
        // The key is free again; its old entry goes, the new one stays.
        #expect(try !bench.commit(.upsert(document("a", "new")), key: "k").wasReplayed)
        #expect(try bench.commit(.upsert(document("a", "new")), key: "k").wasReplayed)
        bench.close()
        #expect(try DocumentStore.verify(bench.store.path).idempotencyKeys == 1)
    }

    @Test(
        "a bad batch is refused before it is queued",
        arguments: [
            WriteBatch([.upsert(document(""))]), WriteBatch([.upsert(document("a")), .delete(id: String(repeating: "x", count: 513))]),
            WriteBatch([.upsert(Document(id: "a", texts: [(name: "t", text: ""), (name: "t", text: "")]))]),
            WriteBatch([.upsert(Document(id: "a", texts: [(name: "", text: "")]))]),
            WriteBatch([.upsert(Document(id: "a", texts: [(name: "t", text: "")], attributes: [(name: "t", values: [.bool(true)])]))]),
            WriteBatch([.upsert(Document(id: "a", attributes: [(name: "f", values: [.bool(true), .int64(1)])]))]),
            WriteBatch([.upsert(Document(id: "a", attributes: [(name: "f", values: [.float64(.nan)])]))]),
            WriteBatch([.upsert(Document(id: "a", attributes: [(name: "f", values: [.keyword(String(repeating: "k", count: 4097))])]))]),
            WriteBatch([.upsert(Document(id: "a", attributes: [(name: "f", values: [FieldValue](repeating: .bool(true), count: 1025))]))]),
            WriteBatch([.upsert(Document(id: "a", vectors: [(name: "v", values: [1, .nan])]))]),
            WriteBatch([.upsert(Document(id: "a", vectors: [(name: "v", values: [])]))]),
            WriteBatch([.upsert(Document(id: "a", vectors: [(name: String, values: [Float])](repeating: (name: "v", values: [1]), count: 1025)))]),
            WriteBatch([.upsert(document("a", String(repeating: "x", count: 4 << 20)))]),
            WriteBatch([.delete(id: "a", condition: .insertOnly)]),
            WriteBatch([], idempotencyKey: ""), WriteBatch([], idempotencyKey: String(repeating: "k", count: 129)),
            WriteBatch([WriteOperation](repeating: .delete(id: "a"), count: 100_001)),
        ])
    func validation(batch: WriteBatch) throws {
        let bench = try Bench()
        #expect(failure { try bench.committer.commit(batch) }?.code == .invalidArgument)
        #expect(bench.store.lastSequence == .zero)
        bench.close()
    }

    @Test("the largest allowed document and id are taken")
    func largest() throws {
        let bench = try Bench()
        let id = String(repeating: "i", count: Limits.documentIDBytesMax)
        let text = String(repeating: "x", count: Limits.documentBytesMax - 1024)
        try bench.commit(.upsert(document(id, text)))
        #expect(try bench.store.document(id: id)?.document.texts[0].text == text)
        bench.close()
    }

    @Test("eight threads commit at once; every acknowledged write is there, once, and sequences have no gaps")
    func concurrency() throws {
        let bench = try Bench()
        let acknowledged = Mutex<[String: SequenceNumber]>([:])
        onThreads(8) { thread in
            for n in 0..<40 {
                let ids = (0..<5).map { "t\(thread)-\(n)-\($0)" }
                let shared = WriteOperation.upsert(document("shared", "\(thread) \(n)"))
                guard let outcome = try? bench.committer.commit(WriteBatch(ids.map { .upsert(document($0)) } + [shared])) else { continue }
                acknowledged.withLock { all in
                    for (id, result) in zip(ids, outcome.results) { all[id] = result.sequence }
                    all["shared"] = max(all["shared"] ?? .zero, outcome.results[5].sequence!)
                }
            }
        }
        let all = acknowledged.withLock { $0 }
        #expect(all.count == 8 * 40 * 5 + 1)
        #expect(bench.store.lastSequence == SequenceNumber(8 * 40 * 6))
        for (id, version) in all { #expect(try bench.store.current(id: id) == version) }
        #expect(try bench.store.operations(after: .zero, limit: 10_000).map(\.sequence.rawValue) == Array(1...(8 * 40 * 6)))
        bench.close()
        #expect(try DocumentStore.verify(bench.store.path).problems == [])
    }

    @Test("a full queue refuses at once, retryably, and what it took is committed by close")
    func queueBounds() throws {
        var limits = Committer.CommitLimits()
        limits.queueBatchesMax = 4
        let folder = TemporaryFolder()
        let store = try DocumentStore(path: folder.path + "/s")
        // The first batch's hook keeps the committer busy until the queue has been filled.
        let gate = Mutex(false)
        let committer = Committer(store: store, limits: limits) { _ in while !gate.withLock({ $0 }) { usleep(1000) } }
        let committed = Atomic<Int>(0)
        let refused = Mutex<[TandemError]>([])
        for n in 0..<50 {
            committer.submit(WriteBatch([.upsert(document("d\(n)"))])) { result in
                switch result {
                case .success: committed.add(1, ordering: .relaxed)
                case .failure(let error): refused.withLock { $0.append(error as! TandemError) }
                }
            }
            if n == 0 { while committer.queued.batches > 0 { usleep(1000) } }
        }
        #expect(committer.queued.batches == 4)
        gate.withLock { $0 = true }
        committer.close()
        let errors = refused.withLock { $0 }
        #expect(committed.load(ordering: .relaxed) == 5)
        #expect(errors.count == 45)
        #expect(errors.allSatisfy { $0.code == .resourceExhausted && $0.isRetryable && $0.retryAfter != nil })
        #expect(store.liveDocumentCount == 5)
        store.close()
    }

    @Test("closing from a completion neither hangs nor loses what waits")
    func closeFromCompletion() throws {
        let folder = TemporaryFolder()
        let store = try DocumentStore(path: folder.path + "/s")
        let committer = Committer(store: store)
        let done = Atomic<Int>(0)
        for n in 0..<10 {
            committer.submit(WriteBatch([.upsert(document("d\(n)"))])) { [weak committer] _ in
                committer?.close()
                done.add(1, ordering: .relaxed)
            }
        }
        committer.close()
        let deadline = ContinuousClock.now + .seconds(5)
        while done.load(ordering: .relaxed) < 10 && ContinuousClock.now < deadline { usleep(1000) }
        #expect(done.load(ordering: .relaxed) == 10)
        store.close()
    }

    @Test("the commit hook tells the last sequence before the completion runs")
    func hook() throws {
        let folder = TemporaryFolder()
        let store = try DocumentStore(path: folder.path + "/s")
        let seen = Mutex<[UInt64]>([])
        let committer = Committer(store: store) { last in seen.withLock { $0.append(last.rawValue) } }
        try committer.commit(WriteBatch([.upsert(document("a")), .upsert(document("b"))]))
        #expect(seen.withLock { $0 } == [2])
        try committer.commit(WriteBatch([.delete(id: "zz")]))
        #expect(seen.withLock { $0 } == [2])
        committer.close()
        store.close()
    }
}
