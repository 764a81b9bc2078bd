import Glibc
import TandemClient
import TandemServer
import Testing
import WireProtocol

/// A socket without any manners.
private final class RawSocket {
    let descriptor: Int32

    init(_ endpoint: WireProtocol.Endpoint, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(endpoint.port).bigEndian
        inet_pton(AF_INET, endpoint.host, &address.sin_addr)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(result == 0, "connect: \(errno)")
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func receive(_ count: Int = 65536) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &buffer, count, 0)
        return Array(buffer.prefix(max(0, got)))
    }
}

@Suite("Hostile clients", .timeLimit(.minutes(1)))
struct HostileClientTests {
    @Test("garbage ends its own connection only")
    func garbage() async throws {
        try await withDaemon { daemon, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("1", "one")], into: "c", acknowledgement: .searchable)
            var random = SystemRandomNumberGenerator()
            for _ in 0..<50 {
                let socket = try RawSocket(daemon.endpoint)
                socket.send((0..<Int.random(in: 1...5000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
                #expect(try await client.search(SearchRequest(collection: "c", text: "one")).hits.count == 1)
            }
            #expect(daemon.metrics.snapshot.connectionsFailed.values.reduce(0, +) > 0)
            for _ in 0..<300 where daemon.metrics.snapshot.connectionsOpen > 1 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(daemon.metrics.snapshot.connectionsOpen <= 2, "the others are gone")
        }
    }

    @Test("messages that are none are refused, each by itself")
    func malformed() async throws {
        try await withDaemon { daemon, client in
            _ = try await client.createCollection("c")
            var connection = Connection(role: .client)
            let socket = try RawSocket(daemon.endpoint)
            func exchange(until isDone: (ConnectionAction) -> Bool) -> ConnectionAction? {
                for _ in 0..<100 {
                    var out: [UInt8] = []
                    connection.output(into: &out, bytesMax: 1 << 20)
                    if !out.isEmpty { socket.send(out) }
                    let bytes = socket.receive()
                    guard !bytes.isEmpty else { return nil }
                    for action in connection.receive(bytes) where isDone(action) { return action }
                }
                return nil
            }
            _ = exchange { if case .welcomed = $0 { true } else { false } }
            for method in WireProtocol.Method.allCases where method.isKnown && method != .health && method != .info && method != .metrics {
                _ = connection.open(CallHeader(method: method), message: [0xFF, 0xFF, 0xFF, 0x01], isLast: true)
                let end = exchange { if case .ended = $0 { true } else { false } }
                guard case .ended(_, let status)? = end else {
                    Issue.record("\(method): no end")
                    continue
                }
                #expect(status.code == .invalidArgument && status.didRun == false, "\(method): \(status)")
            }
            #expect(try await client.health().status == .serving)
        }
    }

    @Test("a client that asks for much and reads nothing costs the others nothing")
    func slowReader() async throws {
        try await withDaemon(configure: { $0.wire.outboundBytesMax = 4 << 20 }) { daemon, client in
            _ = try await client.createCollection("c")
            let large = String(repeating: "lorem ipsum ", count: 50_000)
            _ = try await client.upsert((0..<8).map { document("\($0)", large) }, into: "c", acknowledgement: .searchable)

            var settings = ConnectionSettings()
            settings.streamWindow = 1 << 30
            settings.connectionWindow = 1 << 30
            settings.bufferedBytesMax = 1 << 31
            var connection = Connection(role: .client, settings: settings)
            let socket = try RawSocket(daemon.endpoint, receiveBuffer: 4096)
            var out: [UInt8] = []
            connection.output(into: &out, bytesMax: 1 << 20)
            socket.send(out)
            _ = connection.receive(socket.receive())
            for _ in 0..<100 {
                let request = GetRequest(collection: "c", ids: (0..<8).map(String.init))
                _ = connection.open(CallHeader(method: .get), message: request.encode(), isLast: true)
            }
            out = []
            connection.output(into: &out, bytesMax: 1 << 20)
            socket.send(out)

            let begin = ContinuousClock.now
            for _ in 0..<50 { _ = try await client.search(SearchRequest(collection: "c", text: "lorem", limit: 1, fields: FieldSelection())) }
            #expect(begin.duration(to: .now) < .seconds(10))
        }
    }
}
