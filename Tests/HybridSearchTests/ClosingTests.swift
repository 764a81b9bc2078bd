import Foundation
import HybridSearch
import SearchCore
import Storage
import Synchronization
import Testing

/// What the log says of an orderly end: nothing that somebody would be woken for.
@Suite struct ClosingTests {
    /// Writes batches of fifty documents from a thread of its own until the collection takes no more.
    private func write(to collection: Collection, _ random: SeededGenerator) -> DispatchSemaphore {
        let done = DispatchSemaphore(value: 0)
        let generator = Mutex(random)
        Thread.detachNewThread {
            for batch in 0..<10_000 {
                let documents = generator.withLock { random in
                    (0..<50).map { document("d\(batch % 40)-\($0)", words(8, of: 200, &random), vector: vector(&random)) }
                }
                guard (try? collection.write(WriteBatch(documents.map { .upsert($0) }))) != nil else { break }
            }
            done.signal()
        }
        return done
    }

    @Test("an engine that is closed while vectors are taken in says nothing of a failure")
    func closing() throws {
        for round in 0..<4 {
            let bench = try Bench(vectorSchema, tinySettings())
            let done = write(to: bench.collection, SeededGenerator("ClosingTests.closing.\(round)"))
            #expect(eventually { bench.collection.status().documents > 500 })
            // As the daemon does, which answers what runs in between.
            bench.engine.endMaintenance()
            Thread.sleep(forTimeInterval: 0.05)
            bench.close()
            #expect(done.wait(timeout: .now() + 60) == .success)
            #expect(!bench.log.all.contains { $0.hasPrefix("error") || $0.hasPrefix("warning") }, "\(bench.log.all.filter { !$0.hasPrefix("debug") })")
        }
    }

    @Test("a collection that is dropped while it is rebuilt is not said to be served by its old indexes")
    func dropping() throws {
        for round in 0..<4 {
            let bench = try Bench(vectorSchema, tinySettings())
            let done = write(to: bench.collection, SeededGenerator("ClosingTests.dropping.\(round)"))
            #expect(eventually { bench.collection.status().documents > 500 })
            try bench.collection.rebuild()
            try bench.engine.drop("c")
            #expect(done.wait(timeout: .now() + 60) == .success)
            #expect(!bench.log.all.contains { $0.hasPrefix("error") || $0.hasPrefix("warning") }, "\(bench.log.all.filter { !$0.hasPrefix("debug") })")
            bench.close()
        }
    }
}
