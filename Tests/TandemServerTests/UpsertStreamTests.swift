import Synchronization
import TandemClient
import TandemServer
import Testing

@Suite("Upsert streams", .timeLimit(.minutes(1)))
struct UpsertStreamTests {
    @Test("batches are logged and acknowledged in order at their level", arguments: [Acknowledgement.logged, .searchable])
    func order(_ level: Acknowledgement) async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let sequences = Mutex<[UInt64]>([])
            let summary = try await client.upload(
                into: "c", acknowledgement: level, inFlightMax: 64, onAcknowledgement: { _, answer in sequences.withLock { $0.append(answer.sequence) } }
            ) { upload in
                for batch in 0..<200 { try await upload.send((0..<5).map { document("\(batch)-\($0)", "batch \(batch)") }) }
            }
            #expect(summary.batches == 200 && summary.applied == 1000 && summary.sequence == 1000)
            #expect(sequences.withLock { $0 } == (1...200).map { UInt64($0 * 5) })
            if level == .searchable {
                #expect(try await client.search(SearchRequest(collection: "c", text: "batch")).lexicalMatched == 1000)
            }
        }
    }

    @Test("many batches of level searchable do not wait for one refresh each")
    func pipelining() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let begin = ContinuousClock.now
            _ = try await client.upload(into: "c", acknowledgement: .searchable, inFlightMax: 32) { upload in
                for batch in 0..<160 { try await upload.send([document("\(batch)", "x")]) }
            }
            // One at a time, 160 refreshes of up to 200 ms would be half a minute.
            #expect(begin.duration(to: .now) < .seconds(10))
        }
    }

    @Test("a faulty batch ends the stream with its fault, after the acknowledgements before it, and nothing after it is written")
    func fault() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let acknowledged = Atomic<Int>(0)
            let error = await failure {
                _ = try await client.upload(
                    into: "c", acknowledgement: .searchable, inFlightMax: 16, onAcknowledgement: { _, _ in acknowledged.add(1, ordering: .relaxed) }
                ) { upload in
                    for batch in 0..<50 {
                        let field = batch == 20 ? "nonsense" : "text"
                        try await upload.send([Document(id: "\(batch)", texts: [TextField(name: field, text: "x")])])
                    }
                }
            }
            #expect(error?.code == .invalidArgument && error?.message.contains("'nonsense'") == true, "\(String(describing: error))")
            #expect(error?.didRun == true, "batches before it ran")
            #expect(acknowledged.load(ordering: .relaxed) == 20)
            let status = try await client.describeCollection("c")
            #expect(status.lastSequence == 20, "invariant: nothing behind the fault")
        }
    }

    @Test("a stream writes to one collection")
    func oneCollection() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("a")
            let error = await failure { _ = try await client.upload(into: "missing") { try await $0.send([document("1", "x")]) } }
            #expect(error?.code == .notFound)
            let empty = try await client.upload(into: "a") { _ in }
            #expect(empty.batches == 0)
        }
    }

    @Test("streams side by side, with searches between them, keep every document")
    func concurrency() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for stream in 0..<4 {
                    group.addTask {
                        let summary = try await client.upload(into: "c") { upload in
                            for batch in 0..<25 { try await upload.send((0..<20).map { document("\(stream)-\(batch)-\($0)", "shared words") }) }
                        }
                        #expect(summary.applied == 500)
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        for _ in 0..<50 { _ = try await client.search(SearchRequest(collection: "c", text: "shared")) }
                    }
                }
                try await group.waitForAll()
            }
            let token = try await client.describeCollection("c").lastSequence
            let found = try await client.search(SearchRequest(collection: "c", text: "shared", afterSequence: token))
            #expect(found.lexicalMatched == 2000)
        }
    }

    @Test("a writer that is too fast is slowed down and not turned away")
    func backlog() async throws {
        try await withDaemon(configure: { $0.engine.backlogMax = 1000 }) { _, client in
            _ = try await client.createCollection("c")
            let summary = try await client.upload(into: "c", inFlightMax: 32) { upload in
                for batch in 0..<100 { try await upload.send((0..<100).map { document("\(batch)-\($0)", "some words to index here \($0)") }) }
            }
            #expect(summary.applied == 10_000)
        }
    }
}
