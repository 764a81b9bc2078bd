import Foundation
import HybridSearch
import SearchCore
import Storage
import Synchronization
import Testing

@Suite("Writes")
struct WriteTests {
    @Test("logged returns before the write is searchable; a search with its token sees it")
    func levels() throws {
        var settings = GenerationSettings()
        settings.refreshInterval = .milliseconds(400)
        let bench = try Bench(vectorSchema, settings)
        defer { bench.close() }
        var random = SeededGenerator()
        for round in 0..<5 {
            let outcome = try bench.collection.write(WriteBatch([.upsert(document("d\(round)", "token\(round)", vector: vector(&random)))]))
            #expect(try bench.collection.get(["d\(round)"])[0]?.version == outcome.lastSequence)
            var request = lexical("token\(round)")
            request.after = outcome.lastSequence
            let response = try bench.collection.search(request)
            #expect(response.hits.map(\.id) == ["d\(round)"])
            #expect(response.applied >= outcome.lastSequence)
        }
        _ = try bench.collection.write(WriteBatch([.upsert(document("s", "searchable"))]), acknowledgement: .searchable)
        #expect(try bench.collection.search(lexical("searchable")).hits.count == 1)
        let complete = vector(&random)
        _ = try bench.collection.write(WriteBatch([.upsert(document("v", "complete", vector: complete))]), acknowledgement: .complete)
        #expect(try bench.collection.search(SearchRequest(text: "", vector: complete, mode: .semantic, limit: 1)).hits.map(\.id) == ["v"])
        #expect(bench.collection.status().vectorApplied == bench.collection.status().lastSequence)
    }

    @Test("a wait for a level ends at its deadline, and the write stays")
    func deadline() throws {
        var settings = GenerationSettings()
        settings.refreshInterval = .seconds(3)
        let bench = try Bench(textSchema, settings)
        defer { bench.close() }
        _ = try bench.collection.write(WriteBatch([.upsert(document("first", "alpha"))]), acknowledgement: .searchable)
        let begin = ContinuousClock.now
        expectError(.deadlineExceeded, naming: "in the log") {
            _ = try bench.collection.write(WriteBatch([.upsert(document("a", "alpha"))]), acknowledgement: .searchable, deadline: .now)
        }
        #expect(begin.duration(to: .now) < .seconds(4))
        #expect(try bench.collection.get(["a"])[0] != nil)
    }

    @Test("later operations of a batch see the earlier ones; conditions are answered one by one")
    func conditions() throws {
        let bench = try Bench()
        defer { bench.close() }
        let collection = bench.collection
        let first = try collection.write(
            WriteBatch([
                .upsert(document("a", "one"), condition: .insertOnly),
                .upsert(document("a", "two"), condition: .insertOnly),
                .upsert(document("a", "three"), condition: .updateOnly),
                .upsert(document("b", "four"), condition: .updateOnly),
                .delete(id: "nothing"),
            ]), acknowledgement: .searchable)
        guard case .applied(let one) = first.results[0], case .conditionFailed(let current) = first.results[1], case .applied(let three) = first.results[2]
        else {
            Issue.record("\(first.results)")
            return
        }
        #expect(current == one && three > one)
        #expect(first.results[4] == .notFound)
        #expect(try collection.search(lexical("one two three four")).hits.map(\.id) == ["a"])
        #expect(try collection.search(lexical("three")).hits.map(\.version) == [three])

        let wrong = try collection.write(WriteBatch([.upsert(document("a", "five"), condition: .ifVersion(one.rawValue))]), acknowledgement: .searchable)
        #expect(wrong.results == [.conditionFailed(current: three)])
        let right = try collection.write(WriteBatch([.delete(id: "a", condition: .ifVersion(three.rawValue))]), acknowledgement: .searchable)
        guard case .applied = right.results[0] else {
            Issue.record("\(right.results)")
            return
        }
        #expect(try collection.search(lexical("three")).hits.isEmpty)
    }

    @Test("update and delete within one refresh leave exactly the last version")
    func withinOneRefresh() throws {
        let bench = try Bench()
        defer { bench.close() }
        var batch: [WriteOperation] = []
        for i in 0..<300 {
            batch.append(.upsert(document("d\(i % 10)", "round\(i) common")))
            if i % 7 == 0 { batch.append(.delete(id: "d\(i % 10)")) }
        }
        _ = try bench.collection.write(WriteBatch(batch), acknowledgement: .searchable)
        let found = try bench.collection.search(lexical("common", limit: 100))
        var expected: Set<String> = []
        for i in 0..<300 {
            expected.insert("d\(i % 10)")
            if i % 7 == 0 { expected.remove("d\(i % 10)") }
        }
        #expect(Set(found.hits.map(\.id)) == expected && found.hits.count == expected.count)
        #expect(bench.collection.status().documents == expected.count)
    }

    @Test("a batch sent again under its key is applied once")
    func idempotency() throws {
        let bench = try Bench()
        defer { bench.close() }
        let batch = WriteBatch([.upsert(document("a", "alpha"))], idempotencyKey: "k1")
        let first = try bench.collection.write(batch, acknowledgement: .searchable)
        let again = try bench.collection.write(batch, acknowledgement: .searchable)
        #expect(again.wasReplayed && again.results == first.results)
        #expect(bench.collection.status().lastSequence == first.lastSequence)
        expectError(.invalidArgument, naming: "idempotency key") {
            _ = try bench.collection.write(WriteBatch([.upsert(document("b", "beta"))], idempotencyKey: "k1"))
        }
    }

    @Test("a document that does not fit the schema is refused by operation and field, and nothing of its batch is written")
    func validation() throws {
        let bench = try Bench(vectorSchema)
        defer { bench.close() }
        let cases: [(Document, String)] = [
            (Document(id: "x", texts: [("nope", "t")]), "text field 'nope'"),
            (Document(id: "x", attributes: [("size", [.keyword("big")])]), "size"),
            (Document(id: "x", attributes: [("nope", [.bool(true)])]), "nope"),
            (Document(id: "x", vectors: [("v", [1, 2, 3])]), "vector field 'v'"),
            (Document(id: "x", vectors: [("v", [1, .infinity, 0, 0, 0, 0, 0, 0])]), "vector field 'v'"),
            (Document(id: "x", vectors: [("w", [1])]), "vector field 'w'"),
        ]
        for (bad, name) in cases {
            expectError(.invalidArgument, naming: name) {
                _ = try bench.collection.write(WriteBatch([.upsert(document("good", "t")), .upsert(bad)]))
            }
            expectError(.invalidArgument, naming: "operation 1") {
                _ = try bench.collection.write(WriteBatch([.upsert(document("good", "t")), .upsert(bad)]))
            }
        }
        expectError(.invalidArgument, naming: "id") { _ = try bench.collection.write(WriteBatch([.upsert(document("", "t"))])) }
        #expect(bench.collection.status().lastSequence == .zero)
    }

    @Test("writers wait when indexing is too far behind the log")
    func backPressure() throws {
        var settings = GenerationSettings()
        settings.refreshInterval = .seconds(30)
        settings.backlogMax = 1000
        let bench = try Bench(textSchema, settings)
        // The first goes at once; from then on the interval holds everything back, so the backlog only grows.
        _ = try bench.collection.write(WriteBatch([.upsert(document("first", "t"))]), acknowledgement: .searchable)
        var refused: TandemError?
        for i in 0..<100 where refused == nil {
            do {
                _ = try bench.collection.write(WriteBatch((0..<100).map { .upsert(document("d\(i)-\($0)", "t")) }))
            } catch { refused = error as? TandemError }
        }
        #expect(refused?.code == .resourceExhausted && refused?.isRetryable == true && refused?.retryAfter != nil)
        #expect(bench.collection.status().lastSequence.rawValue <= 1101)
        bench.close()
    }

    @Test("who waits when the engine closes gets an answer, and who comes later is refused")
    func closing() throws {
        var settings = GenerationSettings()
        settings.refreshInterval = .seconds(30)
        let bench = try Bench(textSchema, settings)
        _ = try bench.collection.write(WriteBatch([.upsert(document("first", "t"))]), acknowledgement: .searchable)
        let collection = bench.collection
        let last = try collection.write(WriteBatch([.upsert(document("a", "t"))])).lastSequence
        let answers = Mutex(0)
        collection.whenApplied(last, .searchable, deadline: nil) { _ in answers.withLock { $0 += 1 } }
        bench.close()
        #expect(answers.withLock { $0 } == 1)
        expectError(.unavailable, naming: "dropped") { _ = try collection.write(WriteBatch([.upsert(document("b", "t"))])) }
        expectError(.unavailable, naming: "dropped") { _ = try collection.search(lexical("t")) }
    }
}
