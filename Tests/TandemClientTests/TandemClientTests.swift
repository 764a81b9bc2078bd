import SearchCore
import Synchronization
import TandemClient
import TandemServer
import Testing

@Suite("TandemClient", .timeLimit(.minutes(1)))
struct TandemClientTests {
    private func client(_ server: WireServer, _ configure: (inout ClientConfiguration) -> Void = { _ in }) -> TandemClient {
        var configuration = ClientConfiguration()
        configure(&configuration)
        return TandemClient(server.endpoint, configuration: configuration)
    }

    @Test("a search goes to the server and its hits come back")
    func search() async throws {
        try await withServer { server, _ in
            let client = client(server)
            let response = try await client.search(SearchRequest(collection: "c", text: "hello"))
            #expect(response.hits.map(\.id) == ["hello"])
            #expect(response.hits[0].lexical == 0, "a score of zero is there, and not absent")
            #expect(response.hits[0].semantic == nil)
            await client.shutDown()
        }
    }

    // The doc comments' examples, as code that runs.
    @Test("the examples of the documentation work")
    func examples() async throws {
        try await withServer { server, _ in
            let address = "\(server.endpoint)"

            // TandemClient
            let client = try TandemClient(address)
            _ = try await client.createCollection("notes")
            _ = try await client.upsert([Document(id: "1", texts: [TextField(name: "text", text: "hello")])], into: "notes")
            let found = try await client.search(SearchRequest(collection: "notes", text: "hello"))
            #expect(found.hits.count == 1)

            // TandemClient.upload
            let batches = (0..<10).map { batch in
                (0..<5).map { Document(id: "\(batch)-\($0)", texts: [TextField(name: "text", text: "hello")]) }
            }
            let summary = try await client.upload(into: "notes") { upload in
                for batch in batches { try await upload.send(batch) }
            }
            #expect(summary.batches == 10 && summary.applied == 50 && summary.sequence == 50)
            await client.shutDown()
        }
    }

    @Test("every service's call arrives and is answered")
    func services() async throws {
        try await withServer { server, _ in
            let client = client(server)
            let health = try await client.health()
            #expect(health.status == .serving)
            let schema = CollectionSchema(
                textFields: [TextFieldSchema(name: "body", weight: 0)], attributes: [AttributeSchema(name: "n", type: .int64)], alpha: 0)
            let created = try await client.createCollection("c", schema: schema)
            #expect(created.name == "c" && created.schema == schema)
            let deleted = try await client.delete(["a", "b"], from: "c")
            #expect(deleted.results.count == 2)
            let found = try await client.get(["a"], from: "c")
            #expect(found.documents.first?.document?.id == "a")
            let welcome = try await client.welcome()
            #expect(welcome.version == 1)
            await #expect(throws: TandemClientError(.unimplemented, "")) { try await client.info() }
            await client.shutDown()
        }
    }

    @Test("a hundred calls at a time share the connections and are not mixed up")
    func concurrency() async throws {
        try await withServer { server, _ in
            let client = client(server)
            let texts = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for index in 0..<500 {
                    group.addTask {
                        let text = "q\(index) " + String(repeating: "x", count: index * 10)
                        return (text, try await client.search(SearchRequest(collection: "c", text: text)).hits[0].id)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(texts.count == 500 && texts.allSatisfy { $0.0 == $0.1 })
            #expect(server.metrics.snapshot.connectionsTotal <= 2)
            await client.shutDown()
        }
    }

    @Test("answers of many frames arrive whole, and a small one does not wait for them")
    func large() async throws {
        try await withServer { server, _ in
            let client = client(server)
            async let large = client.search(SearchRequest(text: "big 20000000"))
            async let small = client.search(SearchRequest(text: "small"))
            let smallHit = try await small.hits[0]
            let largeHit = try await large.hits[0]
            #expect(smallHit.id == "small" && largeHit.id.utf8.count == 20_000_000)
            await client.shutDown()
        }
    }

    @Test("an error carries the server's code and words")
    func error() async throws {
        try await withServer { server, handler in
            let client = client(server)
            let error = await #expect(throws: TandemClientError.self) { try await client.search(SearchRequest(text: "fail title")) }
            #expect(error?.code == .invalidArgument && error?.message == "no such field: title" && error?.didRun == false)
            #expect(handler.searches.load(ordering: .relaxed) == 1, "not sent again")
            await client.shutDown()
        }
    }

    @Test("what the server refused without running it is sent again, and what ran is not")
    func retries() async throws {
        try await withServer { server, handler in
            let client = client(server) { $0.backoff = .milliseconds(1) }
            handler.refusals.store(2, ordering: .relaxed)
            let response = try await client.search(SearchRequest(text: "busy"))
            #expect(response.hits.count == 1)
            #expect(handler.searches.load(ordering: .relaxed) == 3)
            handler.refusals.store(100, ordering: .relaxed)
            let error = await #expect(throws: TandemClientError.self) { try await client.search(SearchRequest(text: "busy")) }
            #expect(error?.code == .resourceExhausted)
            #expect(handler.searches.load(ordering: .relaxed) == 3 + 4, "four attempts")
            await client.shutDown()
        }
    }

    @Test("without a server the error says so, after the attempts")
    func noServer() async throws {
        // Nobody listens on port 1 of this machine.
        var configuration = ClientConfiguration()
        configuration.backoff = .milliseconds(1)
        let client = try TandemClient("127.0.0.1:1", configuration: configuration)
        let error = await #expect(throws: TandemClientError.self) { try await client.health() }
        #expect(error?.code == .unavailable && error?.didRun == false)
        #expect(error?.message.contains("127.0.0.1:1") == true)
        #expect(throws: TandemClientError(.invalidArgument, "")) { try TandemClient("nonsense:port") }
    }

    // Goal: what the server says it spent is the handler's time and no more than what the connection took; calls that this side
    // gives up have no such figure.
    @Test("the end of every call tells where its time went")
    func timing() async throws {
        try await withServer { server, _ in
            let timings = Mutex<[CallTiming]>([])
            let client = client(server) { $0.onCallEnd = { timing in timings.withLock { $0.append(timing) } } }
            _ = try await client.search(SearchRequest(collection: "c", text: "hello"))
            _ = try? await client.search(SearchRequest(collection: "c", text: "stuck"), timeout: .milliseconds(20))
            await client.shutDown()
            let (answered, late) = try timings.withLock { ($0[0], try #require($0.count == 2 ? $0[1] : nil)) }
            let spent = try #require(answered.server)
            #expect(answered.method == .search && answered.code == .ok)
            #expect(spent <= answered.connection && answered.wire == answered.connection - spent)
            #expect(late.code == .deadlineExceeded && late.connection >= .milliseconds(20))
        }
    }

    @Test("a deadline ends the call on both sides")
    func deadline() async throws {
        try await withServer { server, handler in
            let client = client(server)
            let start = ContinuousClock.now
            await #expect(throws: TandemClientError(.deadlineExceeded, "")) {
                try await client.search(SearchRequest(text: "stuck"), timeout: .milliseconds(100))
            }
            #expect(start.duration(to: .now) < .seconds(2))
            for _ in 0..<200 where handler.cancellations.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(handler.cancellations.load(ordering: .relaxed) == 1, "the server stopped working")
            await client.shutDown()
        }
    }

    @Test("cancelling the task cancels the work on the server")
    func cancellation() async throws {
        try await withServer { server, handler in
            let client = client(server)
            let task = Task { try await client.search(SearchRequest(text: "stuck")) }
            for _ in 0..<200 where handler.searches.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            task.cancel()
            await #expect(throws: TandemClientError(.cancelled, "")) { try await task.value }
            for _ in 0..<200 where handler.cancellations.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(handler.cancellations.load(ordering: .relaxed) == 1)
            let next = try await client.search(SearchRequest(text: "next"))
            #expect(next.hits.count == 1, "the connection goes on")
            await client.shutDown()
        }
    }

    @Test("a handler that loses a call ends it as INTERNAL")
    func lostCall() async throws {
        try await withServer { server, _ in
            let client = client(server)
            await #expect(throws: TandemClientError(.internal, "")) { try await client.search(SearchRequest(text: "drop")) }
            await client.shutDown()
        }
    }

    @Test("an upload is acknowledged in order, with a bounded number of batches on their way")
    func upload() async throws {
        try await withServer(FakeHandler(batchDelay: .milliseconds(2))) { server, handler in
            let client = client(server)
            let order = Mutex<[Int]>([])
            let sent = Atomic<Int>(0)
            let widest = Atomic<Int>(0)
            let summary = try await client.upload(
                into: "c", acknowledgement: .searchable, inFlightMax: 3,
                onAcknowledgement: { index, response in
                    order.withLock { $0.append(index) }
                    if response.acknowledgement != .searchable { Issue.record("level \(response.acknowledgement)") }
                }
            ) { upload in
                for index in 0..<40 {
                    try await upload.send([Document(id: "d\(index)")])
                    sent.add(1, ordering: .relaxed)
                    let open = sent.load(ordering: .relaxed) - order.withLock { $0.count }
                    widest.max(open, ordering: .relaxed)
                }
            }
            #expect(summary.batches == 40 && summary.applied == 40)
            #expect(order.withLock { $0 } == Array(0..<40))
            #expect(widest.load(ordering: .relaxed) <= 3)
            #expect(handler.batches.withLock { $0 } == (0..<40).map { ["d\($0)"] })
            await client.shutDown()
        }
    }

    @Test("an upload that the server refuses throws its error and says what was applied")
    func failedUpload() async throws {
        try await withServer { server, _ in
            let client = client(server)
            await #expect(throws: TandemClientError(.notFound, "")) {
                try await client.upload(into: "missing") { upload in
                    for _ in 0..<100 { try await upload.send([Document(id: "x")]) }
                }
            }
            struct Stop: Error {}
            await #expect(throws: Stop.self) {
                try await client.upload(into: "c") { upload in
                    try await upload.send([Document(id: "x")])
                    throw Stop()
                }
            }
            let health = try await client.health()
            #expect(health.status == .serving)
            await client.shutDown()
        }
    }

    @Test("an upload can be cancelled while it waits")
    func cancelledUpload() async throws {
        try await withServer(FakeHandler(batchDelay: .milliseconds(300))) { server, _ in
            let client = client(server)
            let task = Task {
                try await client.upload(into: "c", inFlightMax: 1) { upload in
                    for index in 0..<100 { try await upload.send([Document(id: "d\(index)")]) }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            task.cancel()
            await #expect(throws: TandemClientError(.cancelled, "")) { try await task.value }
            await client.shutDown()
        }
    }

    @Test("a client that lost its server finds the next one on the same port")
    func reconnect() async throws {
        var port = 0
        var client: TandemClient?
        try await withServer { server, _ in
            port = server.endpoint.port
            client = self.client(server) { $0.attemptsMax = 8 }
            let health = try await client!.health()
            #expect(health.status == .serving)
        }
        let sharedPort = port
        try await withServer(configure: { $0.endpoint.port = sharedPort }) { _, _ in
            let health = try await client!.health()
            #expect(health.status == .serving)
        }
        await client!.shutDown()
        await #expect(throws: TandemClientError(.cancelled, "")) { try await client!.health() }
    }
}
