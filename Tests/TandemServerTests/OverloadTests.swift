import Synchronization
import TandemClient
import TandemServer
import Testing

/// A query over many common words, so that it takes a while: every document matches every one of its words.
private let slowQuery = (0..<800).map { "w\($0)" }.joined(separator: " ")

private func fillSlow(_ client: TandemClient) async throws {
    _ = try await client.createCollection("slow")
    _ = try await client.upload(into: "slow", acknowledgement: .searchable) { upload in
        let text = slowQuery
        for batch in 0..<20 { try await upload.send((0..<100).map { document("\(batch)-\($0)", text) }) }
    }
}

@Suite("Overload, deadlines and cancellation", .serialized, .timeLimit(.minutes(2)))
struct OverloadTests {
    @Test("beyond its threads and its queue a search is refused, to be sent again, and nothing else suffers")
    func refusal() async throws {
        try await withDaemon(configure: {
            $0.searchThreads = 1
            $0.searchQueue = 1
        }) { daemon, client in
            try await fillSlow(client)
            var impatient = ClientConfiguration()
            impatient.attemptsMax = 1
            let hasty = TandemClient(daemon.endpoint, configuration: impatient)
            let (answered, refused) = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        do {
                            _ = try await hasty.search(SearchRequest(collection: "slow", text: slowQuery))
                            return true
                        } catch let error as TandemClientError {
                            #expect(error.code == .resourceExhausted && error.isRetryable && error.didRun == false, "\(error)")
                            #expect((error.retryAfter ?? .zero) > .zero)
                            return false
                        }
                    }
                }
                #expect(try await hasty.health().status == .serving, "probes have their own thread")
                #expect(try await hasty.get(["0-0"], from: "slow").documents.count == 1, "reads too")
                return try await group.reduce(into: (0, 0)) { if $1 { $0.0 += 1 } else { $0.1 += 1 } }
            }
            #expect(answered >= 2 && refused > 0 && answered + refused == 40)
            await hasty.shutDown()
            // A client with patience gets through.
            #expect(try await client.search(SearchRequest(collection: "slow", text: "w1")).hits.count == 10)
        }
    }

    @Test("a deadline ends a search within it, and its thread is free")
    func deadline() async throws {
        try await withDaemon(configure: { $0.searchThreads = 1 }) { _, client in
            try await fillSlow(client)
            // Explaining is what takes long here: 800 terms for each of 100 hits.
            var request = SearchRequest(collection: "slow", text: slowQuery, mode: .lexical, limit: 100, explain: true)
            request.fields = FieldSelection()
            let slow = request
            let full = try await client.search(slow).durationMicroseconds
            let begin = ContinuousClock.now
            let error = await failure {
                _ = try await client.search(slow, timeout: .microseconds(Int64(full / 10)))
            }
            #expect(error?.code == .deadlineExceeded, "a search of \(full) µs with a tenth of it: \(String(describing: error))")
            _ = try await client.search(SearchRequest(collection: "slow", text: "w1", mode: .lexical))
            #expect(begin.duration(to: .now) < .microseconds(Int64(full)), "the thread did not go on to the end")
        }
    }

    @Test("cancelled searches leave the queue and the thread at once")
    func cancellation() async throws {
        try await withDaemon(configure: { $0.searchThreads = 1 }) { daemon, client in
            try await fillSlow(client)
            let tasks = (0..<50).map { _ in
                Task { try await client.search(SearchRequest(collection: "slow", text: slowQuery, limit: 1000, explain: true)) }
            }
            for _ in 0..<1000 where daemon.metrics.snapshot.callsRunning < 20 { try await Task.sleep(for: .milliseconds(1)) }
            for task in tasks { task.cancel() }
            let begin = ContinuousClock.now
            _ = try await client.search(SearchRequest(collection: "slow", text: "w1", mode: .lexical))
            let waited = begin.duration(to: .now)
            #expect(waited < .milliseconds(500), "a search behind 50 cancelled ones waited \(waited)")
            for task in tasks { _ = await task.result }
        }
    }

    @Test("a search that waits for a write holds no thread")
    func waiting() async throws {
        // Refreshing late, so that the token is not reached for a while.
        try await withDaemon(configure: {
            $0.searchThreads = 1
            $0.engine.refreshInterval = .seconds(2)
        }) { _, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("0", "zero")], into: "c", acknowledgement: .searchable)
            let token = try await client.upsert([document("1", "one")], into: "c").sequence
            async let waiting = client.search(SearchRequest(collection: "c", text: "one", afterSequence: token))
            let begin = ContinuousClock.now
            for _ in 0..<20 { _ = try await client.search(SearchRequest(collection: "c", text: "zero")) }
            #expect(begin.duration(to: .now) < .seconds(2))
            #expect(try await waiting.hits.map(\.id) == ["1"])
        }
    }
}
