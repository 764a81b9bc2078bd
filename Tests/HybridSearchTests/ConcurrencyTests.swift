import Foundation
import HybridSearch
import SearchCore
import Storage
import Synchronization
import Testing

@Suite("Concurrency", .serialized)
struct ConcurrencyTests {
    /// Seconds of load; TANDEM_LOAD_SECONDS makes a long test of it.
    static let seconds = ProcessInfo.processInfo.environment["TANDEM_LOAD_SECONDS"].flatMap(Double.init) ?? 3

    @Test("four writers and four searchers over tiny segments: every answer is consistent, and the end state is exact")
    func load() throws {
        let bench = try Bench(vectorSchema, tinySettings(seal: 8 << 10, checkpoint: .milliseconds(30)))
        let collection = bench.collection
        let end = ContinuousClock.now + .seconds(Self.seconds)
        let failures = Mutex<[String]>([])
        let latest = Mutex<[String: Int?]>([:])
        let searches = Atomic<Int>(0)
        let writes = Atomic<Int>(0)
        concurrently(8) { worker in
            var random = SeededGenerator("load \(worker)")
            var turn = 0
            do {
                while ContinuousClock.now < end {
                    turn += 1
                    if worker < 4 {
                        // Each writer has ids of its own, so that its last word is known.
                        var batch: [WriteOperation] = []
                        for _ in 0..<Int.random(in: 1...20, using: &random) {
                            let id = "w\(worker)-\(Int.random(in: 0..<150, using: &random))"
                            if Int.random(in: 0..<5, using: &random) == 0 {
                                batch.append(.delete(id: id))
                                latest.withLock { $0[id] = .some(nil) }
                            } else {
                                batch.append(.upsert(document(id, "common \(words(8, of: 60, &random))", size: Int64(turn), vector: vector(&random))))
                                latest.withLock { $0[id] = turn }
                            }
                        }
                        let level: Acknowledgement = turn % 10 == 0 ? .complete : turn % 3 == 0 ? .searchable : .logged
                        let outcome = try collection.write(WriteBatch(batch), acknowledgement: level, deadline: .now + .seconds(30))
                        writes.add(batch.count, ordering: .relaxed)
                        if turn % 7 == 0 {
                            var request = lexical("common", limit: 1)
                            request.after = outcome.lastSequence
                            if try collection.search(request).applied < outcome.lastSequence { failures.withLock { $0.append("token") } }
                        }
                    } else {
                        var request = SearchRequest(text: "common word\(random.zipf(60))", vector: vector(&random), limit: 30)
                        if turn % 3 == 0 { request.filter = .expression("size >= 5 and size < 50") }
                        if turn % 5 == 0 { request.explain = true }
                        let response = try collection.search(request)
                        if Set(response.hits.map(\.id)).count != response.hits.count { failures.withLock { $0.append("a document twice") } }
                        for hit in response.hits {
                            if hit.document?.id != hit.id { failures.withLock { $0.append("a hit without its document") } }
                            if hit.lexical == nil { failures.withLock { $0.append("'common' is in every document") } }
                        }
                        searches.add(1, ordering: .relaxed)
                        if worker == 7, turn % 20 == 0 { _ = collection.status() }
                    }
                }
            } catch { failures.withLock { $0.append("\(error)") } }
        }
        let seen = failures.withLock { Array(Set($0)) }
        #expect(seen.isEmpty, "\(seen.prefix(5))")
        _ = try collection.write(WriteBatch([.delete(id: "none")]), acknowledgement: .complete)
        let expected = latest.withLock { $0.compactMapValues { $0 } }
        let all = try collection.search(lexical("common", limit: 5000))
        #expect(Set(all.hits.map(\.id)) == Set(expected.keys) && all.hits.count == expected.count)
        for hit in all.hits { #expect(hit.document?.attributes.first?.values == [.int64(Int64(expected[hit.id] ?? -1))]) }
        let status = collection.status()
        print(
            "load: \(searches.load(ordering: .relaxed)) searches, \(writes.load(ordering: .relaxed)) writes, \(status.lexicalSegments) segments, \(status.vectorSegments) vector segments"
        )
        #expect(status.problem == nil)
        // Eight threads leave merges, whose priority is low, little of a small machine; a segment every 2 ms is more than any daemon makes. They catch up.
        let hasCaughtUp = eventually {
            let status = collection.status()
            return status.lexicalSegments < 80 && status.vectorSegments < 80
        }
        #expect(hasCaughtUp, "\(collection.status().lexicalSegments) segments, \(collection.status().vectorSegments) vector segments")
        #expect(try collection.check() == [])
        bench.close()
        let engine = try openEngine(bench.folder.path)
        #expect(try engine.collection("c").search(lexical("common", limit: 5000)).hits.map(\.id) == all.hits.map(\.id))
        engine.close(within: .seconds(5))
    }

    @Test("closing under load ends in time, and every call gets an answer")
    func closing() throws {
        for _ in 0..<3 {
            let bench = try Bench(vectorSchema, tinySettings(seal: 8 << 10))
            let collection = bench.collection
            let took = Mutex(Duration.zero)
            concurrently(5) { worker in
                var random = SeededGenerator("closing \(worker)")
                if worker == 0 {
                    Thread.sleep(forTimeInterval: 0.3)
                    let begin = ContinuousClock.now
                    bench.engine.close(within: .seconds(5))
                    took.withLock { $0 = begin.duration(to: .now) }
                    return
                }
                while true {
                    do {
                        if worker < 3 {
                            _ = try collection.write(
                                WriteBatch([.upsert(document("d\(random.zipf(500))", words(20, of: 100, &random), vector: vector(&random)))]),
                                acknowledgement: .complete)
                        } else {
                            _ = try collection.search(lexical("word1"))
                        }
                    } catch { return }
                }
            }
            #expect(took.withLock { $0 } < .seconds(5))
            let engine = try openEngine(bench.folder.path)
            #expect(try engine.collection("c").status().documents == engine.collection("c").search(lexical(words(100), limit: 0)).lexicalMatched)
            engine.close(within: .seconds(5))
        }
    }

    private func words(_ count: Int) -> String { (0..<count).map { "word\($0)" }.joined(separator: " ") }
    private func words(_ count: Int, of vocabulary: Int, _ random: inout SeededGenerator) -> String {
        (0..<count).map { _ in "word\(random.zipf(vocabulary))" }.joined(separator: " ")
    }
}
