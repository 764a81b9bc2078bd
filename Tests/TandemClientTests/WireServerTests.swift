import Glibc
import SearchCore
import TandemClient
import TandemServer
import Testing
import WireProtocol

/// A client that breaks rules: a socket and frames by hand.
final class RawClient {
    let descriptor: Int32

    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var bytes = receiveBufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard status == 0 else { throw TandemError(.unavailable, "connect: \(errno)") }
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool { Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count }

    func hello(_ hello: Hello = Hello(agent: "raw")) { send(Frame(.hello, payload: hello.encode()).encode()) }

    /// All bytes until the server closes, or ten seconds have passed.
    func readToEnd() -> (bytes: [UInt8], isClosed: Bool) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { return (bytes, true) }
            if count < 0 { return (bytes, errno == ECONNRESET) }
            bytes += buffer[..<count]
        }
    }

    /// Reads until a frame of `type` has come.
    func read(until type: FrameType) -> [Frame] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if let frames = Frame.parseAll(bytes), frames.contains(where: { $0.type == type }) { return frames }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return [] }
            bytes += buffer[..<count]
        }
    }
}

@Suite("WireServer", .timeLimit(.minutes(1)))
struct WireServerTests {
    private func request(_ stream: UInt32, _ text: String) -> [UInt8] {
        let header = CallHeader(method: .search).encode()
        let payload = [0, UInt8(header.count)] + header + SearchRequest(text: text).encode()
        return Frame(.request, flags: [.endMessage, .endStream], stream: stream, payload: payload).encode()
    }

    private func lastGoAway(_ bytes: [UInt8]) -> GoAway? {
        guard let last = Frame.parseAll(bytes)?.last, last.type == .goAway else { return nil }
        return try? GoAway(decoding: last.payload)
    }

    @Test("garbage is answered with a GOAWAY that says why, and other connections do not notice")
    func garbage() async throws {
        try await withServer { server, _ in
            let client = TandemClient(server.endpoint)
            let health = try await client.health()
            #expect(health.status == .serving)
            for _ in 0..<20 {
                let raw = try RawClient(port: server.endpoint.port)
                raw.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                let (bytes, isClosed) = raw.readToEnd()
                #expect(isClosed)
                #expect(lastGoAway(bytes)?.reason == .protocolError)
                let response = try await client.search(SearchRequest(text: "x"))
                #expect(response.hits.count == 1)
            }
            #expect(server.metrics.snapshot.connectionsFailed[.protocolError] == 20)
            await client.shutDown()
        }
    }

    @Test("an oversize frame ends its connection at its header")
    func oversize() async throws {
        try await withServer { server, _ in
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello()
            raw.send([0x54, 1, 4, 0, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0])
            let (bytes, isClosed) = raw.readToEnd()
            #expect(isClosed && lastGoAway(bytes)?.reason == .frameTooLarge)
        }
    }

    @Test("a client that never says HELLO is sent away")
    func handshakeTimeout() async throws {
        try await withServer(configure: { $0.handshakeTimeout = .milliseconds(100) }) { server, _ in
            let raw = try RawClient(port: server.endpoint.port)
            let (bytes, isClosed) = raw.readToEnd()
            #expect(isClosed && lastGoAway(bytes)?.reason == .handshakeTimeout)
        }
    }

    @Test("a half-open connection is found by PING and closed")
    func halfOpen() async throws {
        try await withServer(configure: {
            $0.pingInterval = .milliseconds(50)
            $0.pongTimeout = .milliseconds(100)
        }) { server, _ in
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello()
            let (bytes, isClosed) = raw.readToEnd()
            #expect(isClosed && lastGoAway(bytes)?.reason == .pingTimeout)
            #expect(Frame.parseAll(bytes)?.contains { $0.type == .ping } == true)
        }
    }

    @Test("an idle client that answers PING stays")
    func idle() async throws {
        try await withServer(configure: {
            $0.pingInterval = .milliseconds(30)
            $0.pongTimeout = .milliseconds(200)
        }) { server, _ in
            let client = TandemClient(server.endpoint)
            _ = try await client.health()
            try await Task.sleep(for: .milliseconds(400))
            _ = try await client.health()
            #expect(server.metrics.snapshot.connectionsTotal == 1)
            await client.shutDown()
        }
    }

    @Test("a slow reader is closed after a while, holds little memory, and others do not wait for it")
    func slowReader() async throws {
        try await withServer(configure: {
            $0.stallTimeout = .milliseconds(300)
            $0.outboundBytesMax = 4 << 20
        }) { server, handler in
            let raw = try RawClient(port: server.endpoint.port, receiveBufferBytes: 4096)
            raw.hello(Hello(streamWindow: 1 << 30, connectionWindow: 1 << 30, limits: Limits(messageBytes: 1 << 30)))
            for stream in 1...100 as ClosedRange<UInt32> { raw.send(request(stream, "big 1000000")) }
            let client = TandemClient(server.endpoint)
            let start = ContinuousClock.now
            for _ in 0..<20 { _ = try await client.search(SearchRequest(text: "x")) }
            #expect(start.duration(to: .now) < .seconds(5))
            for _ in 0..<500 where server.metrics.snapshot.connectionsFailed[.slowReader] == nil { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.metrics.snapshot.connectionsFailed[.slowReader] == 1)
            _ = raw
            _ = handler
            await client.shutDown()
        }
    }

    @Test("a client that grants no credits keeps its connection only so long")
    func noCredits() async throws {
        try await withServer(configure: { $0.stallTimeout = .milliseconds(200) }) { server, _ in
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello(Hello(streamWindow: 0, connectionWindow: 0))
            raw.send(request(1, "x"))
            let (bytes, isClosed) = raw.readToEnd()
            #expect(isClosed && lastGoAway(bytes)?.reason == .slowReader)
        }
    }

    @Test("one connection more than allowed is told so, and a later one is let in")
    func tooManyConnections() async throws {
        try await withServer(configure: { $0.connectionsMax = 1 }) { server, _ in
            var first: RawClient? = try RawClient(port: server.endpoint.port)
            first!.hello()
            #expect(first!.read(until: .welcome).count == 1)
            let second = try RawClient(port: server.endpoint.port)
            let (bytes, isClosed) = second.readToEnd()
            #expect(isClosed && lastGoAway(bytes)?.reason == .tooManyConnections)
            first = nil
            for _ in 0..<200 where server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            let third = try RawClient(port: server.endpoint.port)
            third.hello()
            #expect(third.read(until: .welcome).count == 1)
        }
    }

    @Test("one call more than allowed is refused, to be sent again, even when the caller cancels and starts anew")
    func tooManyCalls() async throws {
        try await withServer(configure: { $0.callsMax = 3 }) { server, handler in
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello()
            _ = raw.read(until: .welcome)
            for stream in 1...3 as ClosedRange<UInt32> { raw.send(request(stream, "deaf")) }
            for _ in 0..<2000 where handler.searches.load(ordering: .relaxed) < 3 { try await Task.sleep(for: .milliseconds(5)) }
            // Cancelled, the streams are free again; but the work has not ended, and it is the work that is limited.
            for stream in 1...3 as ClosedRange<UInt32> { raw.send(Frame(.cancel, stream: stream).encode()) }
            raw.send(request(4, "x"))
            let refused = try #require(raw.read(until: .end).last { $0.type == .end })
            #expect(refused.stream == 4)
            let status = try Status(decoding: refused.payload)
            #expect(status.code == .resourceExhausted && status.didRun == false && status.retryable)
            handler.isReleased.store(true, ordering: .relaxed)
            let client = TandemClient(server.endpoint)
            let response = try await client.search(SearchRequest(text: "x"))
            #expect(response.hits.count == 1)
            await client.shutDown()
        }
    }

    @Test("unfinished messages on many connections together are bounded, and small calls go on afterwards")
    func budget() async throws {
        try await withServer(configure: { $0.bufferedBytesMax = 1 << 20 }) { server, _ in
            let header = CallHeader(method: .search).encode()
            let prefix = [0, UInt8(header.count)] + header
            var raws: [RawClient] = []
            var refused = 0
            for _ in 0..<8 {
                let raw = try RawClient(port: server.endpoint.port)
                raw.hello()
                _ = raw.read(until: .welcome)
                raw.send(Frame(.request, stream: 1, payload: prefix).encode())
                for _ in 0..<5 { raw.send(Frame(.data, stream: 1, payload: [UInt8](repeating: 0, count: 60_000)).encode()) }
                raws.append(raw)
            }
            // 8 × 300,000 bytes through a budget of a megabyte: some were given up, and said so.
            for raw in raws {
                raw.send(Frame(.ping, payload: [0, 0, 0, 0, 0, 0, 0, 0]).encode())
                let frames = raw.read(until: .pong)
                if let end = frames.first(where: { $0.type == .end }) {
                    refused += 1
                    let status = try Status(decoding: end.payload)
                    #expect(status.code == .resourceExhausted && status.didRun == false)
                }
            }
            #expect((4...6).contains(refused), "\(refused) of 8")
            raws = []
            let client = TandemClient(server.endpoint)
            let response = try await client.search(SearchRequest(text: "x"))
            #expect(response.hits.count == 1)
            await client.shutDown()
        }
    }

    @Test("an answer that is longer than the client takes becomes an error that says so")
    func oversizeAnswer() async throws {
        try await withServer { server, _ in
            var configuration = ClientConfiguration()
            configuration.connection.messageBytesMax = 10_000
            let client = TandemClient(server.endpoint, configuration: configuration)
            let error = await #expect(throws: TandemClientError.self) { try await client.search(SearchRequest(text: "big 20000")) }
            #expect(error?.code == .resourceExhausted && error?.didRun == true)
            let response = try await client.search(SearchRequest(text: "big 5000"))
            #expect(response.hits.count == 1)
            await client.shutDown()
        }
    }

    @Test("a method of a newer schema is UNIMPLEMENTED")
    func unknownMethod() async throws {
        try await withServer { server, _ in
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello()
            let header = CallHeader(method: Method(rawValue: 999)).encode()
            raw.send(Frame(.request, flags: [.endMessage, .endStream], stream: 1, payload: [0, UInt8(header.count)] + header).encode())
            let end = try #require(raw.read(until: .end).last)
            #expect(try Status(decoding: end.payload).code == .unimplemented)
        }
    }

    @Test("a unary call with no message or with two is INVALID_ARGUMENT")
    func messageCount() async throws {
        try await withServer { server, _ in
            let header = CallHeader(method: .search).encode()
            let prefix = [0, UInt8(header.count)] + header
            let raw = try RawClient(port: server.endpoint.port)
            raw.hello()
            raw.send(Frame(.request, flags: .endStream, stream: 1, payload: prefix).encode())
            let none = try #require(raw.read(until: .end).last)
            #expect(try Status(decoding: none.payload).code == .invalidArgument)
            raw.send(Frame(.request, flags: .endMessage, stream: 2, payload: prefix + SearchRequest(text: "sleep 300").encode()).encode())
            raw.send(Frame(.data, flags: [.endMessage, .endStream], stream: 2, payload: [0x12, 1, 0x61]).encode())
            let two = try #require(raw.read(until: .end).last)
            #expect(two.stream == 2)
            #expect(try Status(decoding: two.payload).code == .invalidArgument)
        }
    }

    @Test("a call that is running is answered during shutdown, and a new one goes elsewhere")
    func gracefulShutdown() async throws {
        let handler = FakeHandler()
        try await withServer(handler) { server, _ in
            let client = TandemClient(server.endpoint)
            let running = Task { try await client.search(SearchRequest(text: "sleep 300")) }
            for _ in 0..<200 where handler.searches.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            await server.shutDown(grace: .seconds(5))
            #expect(start.duration(to: .now) < .seconds(3))
            let response = try await running.value
            #expect(response.hits.count == 1)
            #expect(server.connectionCount == 0)
            await client.shutDown()
        }
    }

    @Test("calls that do not end are cut off when the grace is over")
    func forcedShutdown() async throws {
        try await withServer { server, handler in
            let client = TandemClient(server.endpoint)
            let running = Task { try await client.search(SearchRequest(text: "stuck")) }
            for _ in 0..<200 where handler.searches.load(ordering: .relaxed) == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await server.shutDown(grace: .milliseconds(100))
            await #expect(throws: TandemClientError(.unavailable, "")) { try await running.value }
            await client.shutDown()
        }
    }

    @Test("only loopback is served without --allow-insecure")
    func exposure() throws {
        try WireServerConfiguration.checkExposure(of: Endpoint(host: "127.0.0.1"), allowInsecure: false)
        try WireServerConfiguration.checkExposure(of: Endpoint(host: "0.0.0.0"), allowInsecure: true)
        #expect(throws: TandemError.self) {
            try WireServerConfiguration.checkExposure(of: Endpoint(host: "0.0.0.0"), allowInsecure: false)
        }
    }

    @Test("metrics count calls by method and status")
    func metrics() async throws {
        try await withServer { server, _ in
            let client = TandemClient(server.endpoint)
            for _ in 0..<3 { _ = try await client.search(SearchRequest(text: "x")) }
            _ = try? await client.search(SearchRequest(text: "fail f"))
            // Frames are counted once they are written, which the caller may see a moment earlier.
            for _ in 0..<200 where server.metrics.snapshot.framesSent < 8 { try await Task.sleep(for: .milliseconds(5)) }
            let snapshot = server.metrics.snapshot
            #expect(snapshot.calls[.init(method: .search, status: .ok)] == 3)
            #expect(snapshot.calls[.init(method: .search, status: .invalidArgument)] == 1)
            #expect(snapshot.callsRunning == 0 && snapshot.connectionsOpen == 1 && snapshot.bytesReceived > 0 && snapshot.framesSent >= 8)
            let text = server.metrics.prometheusText()
            #expect(text.contains("tandem_calls_total{method=\"search\",status=\"ok\"} 3\n"))
            #expect(text.contains("tandem_call_seconds_count{method=\"search\"} 4\n"))
            await client.shutDown()
        }
    }
}
