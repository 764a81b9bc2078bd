import Testing
import WireProtocol

@Suite("Connection")
struct ConnectionTests {
    @Test("HELLO and WELCOME open a connection, and each side learns the other's limits")
    func handshake() {
        var settings = ConnectionSettings()
        settings.agent = "tandemd 1"
        settings.build = "abc"
        settings.models = [ModelDescription(name: "m", dimension: 384)]
        settings.limits.depth = 10_000
        var pair = Pair(server: settings)
        #expect(!pair.client.isOpen)
        pair.pump()
        #expect(pair.client.isOpen && pair.server.isOpen)
        guard case .welcomed(let welcome) = pair.atClient.first, case .opened(let hello) = pair.atServer.first else {
            Issue.record("\(pair.atClient) \(pair.atServer)")
            return
        }
        #expect(welcome.agent == "tandemd 1" && welcome.build == "abc" && welcome.models.first?.dimension == 384)
        #expect(welcome.limits?.depth == 10_000 && welcome.limits?.streams == 256)
        #expect(hello.agent == "tandem" && hello.limits?.frameBytes == 65536)
    }

    @Test("a call goes up, its answer and its status come down", arguments: [0, 1, 100, 65_535, 65_536, 65_537, 3_000_000])
    func unary(bytes: Int) {
        var pair = Pair.opened()
        let request = [UInt8](repeating: 7, count: bytes)
        let stream = pair.client.open(CallHeader(method: .search, timeoutMicroseconds: 5), message: request, isLast: true)
        #expect(stream == 1)
        pair.pump()
        #expect(pair.atServer.first == .call(stream: 1, CallHeader(method: .search, timeoutMicroseconds: 5)))
        #expect(pair.messagesAtServer == [request])
        #expect(pair.atServer.last == .halfClosed(stream: 1))
        pair.serve { $0.reversed() + [1] }
        pair.pump()
        #expect(pair.messagesAtClient == [request + [1]])
        #expect(pair.atClient.last == .ended(stream: 1, .ok))
        #expect(pair.client.openStreams == 0 && pair.server.openStreams == 0)
        #expect(pair.server.pendingMessageBytes == 0 && pair.client.pendingMessageBytes == 0)
    }

    @Test("the pieces in which bytes arrive make no difference")
    func pieces() {
        var random = SeededGenerator.fromEnvironment("pieces")
        for _ in 0..<50 {
            var pair = Pair()
            pair.pump { Int.random(in: 1...max(1, $0), using: &random) }
            var sent: [[UInt8]] = []
            for _ in 0..<5 {
                let message = [UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: Int.random(in: 0...2000, using: &random))
                sent.append(message)
                _ = pair.client.open(CallHeader(method: .search), message: message, isLast: true)
            }
            pair.pump { Int.random(in: 1...max(1, min($0, 40)), using: &random) }
            #expect(pair.messagesAtServer == sent)
            pair.serve { $0 }
            pair.pump { Int.random(in: 1...max(1, min($0, 40)), using: &random) }
            #expect(pair.messagesAtClient == sent)
            #expect(pair.endsAtClient.count == 5)
        }
    }

    @Test("a client streams messages and gets an answer to each")
    func streaming() {
        var pair = Pair.opened()
        let stream = pair.client.open(CallHeader(method: .upsert), message: nil, isLast: false)!
        pair.pump()
        #expect(pair.atServer == [.call(stream: stream, CallHeader(method: .upsert))])
        for index in 0..<10 as Range<UInt8> {
            pair.client.send([index], on: stream)
            pair.pump()
            #expect(pair.messagesAtServer.last == [index])
            pair.server.send([index, index], on: stream)
            pair.pump()
            #expect(pair.messagesAtClient.last == [index, index])
        }
        pair.client.closeSending(stream)
        pair.pump()
        #expect(pair.atServer.last == .halfClosed(stream: stream))
        pair.server.finish(stream)
        pair.pump()
        #expect(pair.endsAtClient == [.ok])
    }

    @Test("an error's details arrive whole")
    func errorDetails() {
        var pair = Pair.opened()
        let stream = pair.client.open(CallHeader(method: .get), message: [1], isLast: true)!
        pair.pump()
        let status = Status(
            code: .resourceExhausted, message: "busy", retryable: true, retryAfterMicroseconds: 1000, didRun: false)
        pair.server.finish(stream, status)
        pair.pump()
        #expect(pair.endsAtClient == [status])
    }

    @Test("CANCEL stops a call on the server, and late answers go nowhere")
    func cancel() {
        var pair = Pair.opened()
        let stream = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)!
        pair.pump()
        pair.client.cancel(stream)
        pair.pump()
        #expect(pair.atServer.last == .cancelled(stream: stream))
        let isSent = pair.server.send([1], on: stream)
        #expect(!isSent)
        pair.server.finish(stream)
        pair.pump()
        #expect(pair.atClient.isEmpty)
        #expect(pair.client.openStreams == 0 && pair.server.openStreams == 0)
    }

    @Test("a call that is cancelled before it was written never reaches the server, and the next one works")
    func cancelUnsent() {
        var pair = Pair.opened()
        let first = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)!
        pair.client.cancel(first)
        let second = pair.client.open(CallHeader(method: .search), message: [2], isLast: true)!
        pair.pump()
        #expect(second > first)
        #expect(pair.messagesAtServer == [[2]])
    }

    @Test("answers in flight when a call is cancelled are dropped, and their credits come back")
    func cancelInFlight() {
        var pair = Pair.opened()
        for _ in 0..<20 {
            let stream = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)!
            pair.pump()
            pair.server.send([UInt8](repeating: 0, count: 900_000), on: stream)
            var down: [UInt8] = []
            while down.count < 900_000 {
                let before = down.count
                pair.server.output(into: &down, bytesMax: .max)
                if down.count == before { break }
            }
            pair.client.cancel(stream)
            pair.atClient = pair.client.receive(down)
            #expect(pair.atClient.isEmpty)
            pair.pump()
        }
        #expect(pair.client.isOpen && pair.server.isOpen)
    }

    @Test("a refused version, reason by reason")
    func versions() throws {
        var server = Connection(role: .server)
        let actions = server.receive(Frame(.hello, payload: Hello(versionMin: 2, versionMax: 9).encode()).encode())
        #expect(actions.last?.closeReason == .unsupportedVersion)
        var newer = Connection(role: .server)
        #expect(newer.receive(Frame(.hello, payload: Hello(versionMin: 1, versionMax: 9).encode()).encode()).last?.closeReason == nil)
        var client = Connection(role: .client)
        #expect(client.receive(Frame(.welcome, payload: Welcome(version: 2).encode()).encode()).last?.closeReason == .unsupportedVersion)
    }

    @Test("a server may turn a client away by its HELLO")
    func refusal() {
        var settings = ConnectionSettings()
        settings.refuse = { $0.token == [1] ? nil : GoAway(reason: .unauthenticated, message: "no token") }
        var pair = Pair(server: settings)
        pair.pump()
        #expect(pair.atServer.last?.closeReason == .unauthenticated)
        #expect(
            pair.atClient == [
                .goAway(GoAway(reason: .unauthenticated, message: "no token")), .close(GoAway(reason: .unauthenticated, message: "no token")),
            ])
    }

    @Test(
        "before the handshake only HELLO, GOAWAY and ignorable frames are taken",
        arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x85] as [UInt8])
    func beforeHandshake(type: UInt8) {
        var server = Connection(role: .server)
        let payload: [UInt8] = type == 1 ? Hello().encode() : type == 10 ? GoAway(reason: .shutdown).encode() : []
        let actions = server.receive(Frame(FrameType(rawValue: type), payload: payload).encode())
        let isTaken = [1, 10, 0x85].contains(type)
        #expect((actions.last?.closeReason == nil) == isTaken, "\(actions)")
    }

    @Test("PING is answered with its own bytes")
    func ping() {
        var pair = Pair.opened()
        pair.client.ping([1, 2, 3, 4, 5, 6, 7, 8])
        pair.pump()
        #expect(pair.atClient == [.pong([1, 2, 3, 4, 5, 6, 7, 8])])
        pair.server.ping([8, 7, 6, 5, 4, 3, 2, 1])
        pair.pump()
        #expect(pair.atServer == [.pong([8, 7, 6, 5, 4, 3, 2, 1])])
    }

    @Test("unanswered PINGs of a peer that does not read end the connection")
    func pingFlood() {
        var server = openedServer()
        var reason: GoAwayReason?
        let pings = (0..<1000).flatMap { _ in Frame(.ping, payload: [0, 0, 0, 0, 0, 0, 0, 0]).encode() }
        for _ in 0..<100 where reason == nil { reason = server.receive(pings).compactMap(\.closeReason).first }
        #expect(reason == .slowReader)
    }

    @Test("one stream more than allowed is refused, to be sent again, and disturbs no other")
    func tooManyStreams() throws {
        var settings = ConnectionSettings()
        settings.streamsMax = 2
        var server = openedServer(settings)
        #expect(server.receive(requestFrame(1).encode()).count == 3)
        #expect(server.receive(requestFrame(2).encode()).count == 3)
        #expect(server.receive(requestFrame(3).encode()).isEmpty)
        let frames = output(&server)
        #expect(frames.map(\.type) == [.end] && frames[0].stream == 3)
        let status = try Status(decoding: frames[0].payload)
        #expect(status.code == .resourceExhausted && status.retryable && status.didRun == false)
        server.finish(1)
        _ = output(&server)
        #expect(server.receive(requestFrame(4).encode()).count == 3)
        var pair = Pair.opened(server: settings)
        #expect(pair.client.open(CallHeader(method: .get), message: [], isLast: true) != nil)
        #expect(pair.client.open(CallHeader(method: .get), message: [], isLast: true) != nil)
        #expect(pair.client.open(CallHeader(method: .get), message: [], isLast: true) == nil, "a client keeps to the server's limit")
    }

    @Test("a call header that cannot be read fails its call only")
    func badCallHeader() throws {
        var server = openedServer()
        let actions = server.receive(Frame(.request, flags: [.endMessage, .endStream], stream: 1, payload: [0, 2, 0xFF, 0xFF]).encode())
        #expect(actions.isEmpty)
        let end = try #require(output(&server).first)
        #expect(try Status(decoding: end.payload).code == .invalidArgument)
        #expect(server.receive(requestFrame(2).encode()).count == 3)
    }

    @Test("a message over the limit fails its call only, and the rest of it is dropped")
    func oversizeMessage() throws {
        var settings = ConnectionSettings()
        settings.messageBytesMax = 100_000
        var server = openedServer(settings)
        _ = server.receive(requestFrame(1, flags: [], body: [UInt8](repeating: 0, count: 60_000)).encode())
        let actions = server.receive(Frame(.data, stream: 1, payload: [UInt8](repeating: 0, count: 60_000)).encode())
        #expect(actions == [.cancelled(stream: 1)])
        let end = try #require(output(&server).first { $0.type == .end })
        let status = try Status(decoding: end.payload)
        #expect(status.code == .resourceExhausted && !status.retryable && status.didRun == false)
        #expect(server.receive(Frame(.data, flags: [.endMessage, .endStream], stream: 1, payload: [1]).encode()).isEmpty)
        #expect(server.receive(requestFrame(2).encode()).count == 3)
    }

    @Test("an answer over the client's limit is not sent, and the call can still be ended")
    func oversizeAnswer() {
        var settings = ConnectionSettings()
        settings.messageBytesMax = 1000
        var pair = Pair.opened(client: settings)
        let stream = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)!
        pair.pump()
        let isSent = pair.server.send([UInt8](repeating: 0, count: 1001), on: stream)
        #expect(!isSent && pair.server.outboundMessageBytesMax == 1000)
        pair.server.finish(stream, Status(code: .resourceExhausted))
        pair.pump()
        #expect(pair.messagesAtClient.isEmpty)
        #expect(pair.endsAtClient.first?.code == .resourceExhausted)
    }

    @Test("a request over the server's limit is not sent")
    func oversizeRequest() {
        var settings = ConnectionSettings()
        settings.messageBytesMax = 1000
        var pair = Pair.opened(server: settings)
        #expect(pair.client.open(CallHeader(method: .search), message: [UInt8](repeating: 0, count: 1001), isLast: true) == nil)
        #expect(pair.client.openStreams == 0)
    }

    @Test("shutting down answers open calls, refuses new ones, and then is drained")
    func shutDown() throws {
        var pair = Pair.opened()
        let stream = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)!
        pair.pump()
        #expect(pair.server.shutDown().isEmpty)
        // On its way while the GOAWAY is on its way, too.
        let late = pair.client.open(CallHeader(method: .search), message: [2], isLast: true)!
        pair.pump()
        #expect(pair.atClient.contains(.goAway(GoAway(reason: .shutdown, lastStreamId: stream, message: "the server is shutting down"))))
        let refused = try #require(pair.endsAtClient.first)
        #expect(refused.code == .unavailable && refused.didRun == false && refused.retryable)
        _ = late
        #expect(!pair.client.hasRoomForStream)
        #expect(!pair.server.isDrained)
        pair.server.send([9], on: stream)
        pair.server.finish(stream)
        pair.pump()
        #expect(pair.messagesAtClient == [[9]])
        #expect(pair.endsAtClient.last == .ok)
        #expect(pair.server.isDrained)
    }

    @Test("a lost connection says of each call whether it may have run")
    func disconnected() {
        var pair = Pair.opened()
        _ = pair.client.open(CallHeader(method: .search), message: [1], isLast: true)
        pair.pump()
        _ = pair.client.open(CallHeader(method: .search), message: [2], isLast: true)
        let ends = pair.client.disconnected()
        #expect(ends.count == 2)
        guard case .ended(1, let first) = ends[0], case .ended(2, let second) = ends[1] else {
            Issue.record("\(ends)")
            return
        }
        #expect(first.code == .unavailable && first.didRun == nil)
        #expect(second.code == .unavailable && second.didRun == false)
        #expect(pair.server.disconnected() == [.cancelled(stream: 1)])
        #expect(pair.server.disconnected().isEmpty)
    }

    @Test("a client takes no frame that only clients send", arguments: [FrameType.hello, .request, .cancel])
    func clientRole(type: FrameType) {
        var client = openedClient()
        _ = client.open(CallHeader(method: .get), message: [], isLast: true)
        let frame = type == .request ? requestFrame(1) : Frame(type, stream: type == .hello ? 0 : 1, payload: [])
        #expect(client.receive(frame.encode()).last?.closeReason == .protocolError)
    }

    @Test("an answer cut off by END is a broken rule, an END of a finished stream is not")
    func clientEnds() {
        var client = openedClient()
        let stream = client.open(CallHeader(method: .get), message: [], isLast: true)!
        _ = output(&client)
        #expect(client.receive(Frame(.end, stream: stream).encode()) == [.ended(stream: stream, .ok)])
        #expect(client.receive(Frame(.end, stream: stream).encode()).isEmpty)
        #expect(client.receive(Frame(.data, flags: .endMessage, stream: stream, payload: [1]).encode()).isEmpty)
        let second = client.open(CallHeader(method: .get), message: [], isLast: true)!
        _ = output(&client)
        #expect(client.receive(Frame(.data, stream: second, payload: [1]).encode()).isEmpty)
        #expect(client.receive(Frame(.end, stream: second).encode()).last?.closeReason == .protocolError)
    }
}
