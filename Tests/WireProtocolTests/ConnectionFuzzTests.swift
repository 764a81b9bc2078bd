import Foundation
import Testing
import WireProtocol

/// Goal: no byte stream makes either side trap, leak or lose its sums. Method: random bytes, well-formed frames in random order
/// with random fields, and valid conversations with bytes changed, into fresh state machines; the owner's operations in between.
/// Run it under the address sanitizer with TANDEM_FUZZ_FRAMES=100000; 10,000 in the ordinary run.
@Suite("Connection, random and mutated frames")
struct ConnectionFuzzTests {
    static let frames = ProcessInfo.processInfo.environment["TANDEM_FUZZ_FRAMES"].flatMap { Int($0) } ?? 10_000

    private func randomFrame(_ random: inout SeededGenerator, stream last: UInt32) -> [UInt8] {
        let payloads: [[UInt8]] = [
            [], [0], [0, 0, 0, 1], [0, 0, 16, 0], [1, 2, 3, 4, 5, 6, 7, 8], Hello(agent: "f").encode(), Welcome().encode(),
            Status(code: .notFound, message: "m").encode(), GoAway(reason: .shutdown, lastStreamId: 3).encode(),
            requestFrame(1).payload, requestFrame(1, .upsert, body: [UInt8](repeating: 3, count: 300)).payload,
            (0..<Int.random(in: 0...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) },
        ]
        let type = Int.random(in: 0..<20, using: &random) == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 3...9, using: &random)
        let stream: UInt32 =
            switch Int.random(in: 0..<6, using: &random) {
            case 0: 0
            case 1: UInt32.random(in: 0...UInt32.max, using: &random)
            case 2, 3: last + 1
            default: UInt32.random(in: 0...(last + 1), using: &random)
            }
        let payload: [UInt8] =
            switch type {
            case 3: payloads[Int.random(in: 9...10, using: &random)]
            case 6: []
            case 7: payloads[Int.random(in: 2...3, using: &random)]
            case 8, 9: payloads[4]
            default: payloads[Int.random(in: 0..<payloads.count, using: &random)]
            }
        let onStream = type >= 3 && type <= 7
        let flags = type == 3 || type == 4 ? UInt8.random(in: 0...3, using: &random) : 0
        var bytes = Frame(
            FrameType(rawValue: type), flags: FrameFlags(rawValue: flags), stream: onStream ? stream : 0, payload: payload
        ).encode()
        if Int.random(in: 0..<30, using: &random) == 0 {
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
        }
        if Int.random(in: 0..<60, using: &random) == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
        return bytes
    }

    @Test("a server survives whatever it is sent", arguments: [ConnectionRole.server, .client])
    func frames(role: ConnectionRole) {
        var random = SeededGenerator.fromEnvironment("fuzz \(role)")
        var settings = ConnectionSettings()
        settings.streamsMax = 8
        settings.streamWindow = 2_000
        settings.connectionWindow = 6_000
        settings.bufferedBytesMax = 20_000
        settings.messageBytesMax = 5_000
        var sent = 0
        var closed = 0
        while sent < Self.frames {
            var connection = role == .server ? openedServer(settings) : openedClient(settings)
            var open: Set<UInt32> = []
            var last: UInt32 = 0
            var isOver = false
            for _ in 0..<Int.random(in: 1...200, using: &random) where !isOver {
                if role == .client, Bool.random(using: &random),
                    let stream = connection.open(CallHeader(method: .upsert), message: [1, 2], isLast: Bool.random(using: &random))
                {
                    last = stream
                    open.insert(stream)
                }
                sent += 1
                let bytes = randomFrame(&random, stream: last)
                let cut = Int.random(in: 0...bytes.count, using: &random)
                var actions = connection.receive([UInt8](bytes[..<cut]))
                actions += connection.receive([UInt8](bytes[cut...]))
                for action in actions {
                    #expect(!isOver, "an action after the close: \(action)")
                    switch action {
                    case .call(let stream, _):
                        #expect(stream > last)
                        last = stream
                        open.insert(stream)
                    case .message(let stream, let message):
                        #expect(open.contains(stream) && message.count <= settings.messageBytesMax)
                        if Bool.random(using: &random) { _ = connection.consumed(stream) }
                        if Bool.random(using: &random) { connection.send([UInt8](repeating: 9, count: 100), on: stream) }
                    case .halfClosed(let stream):
                        #expect(open.contains(stream))
                        if Bool.random(using: &random) {
                            connection.finish(stream)
                            open.remove(stream)
                        }
                    case .cancelled(let stream), .ended(let stream, _): open.remove(stream)
                    case .close: isOver = true
                    default: break
                    }
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    let frames = output(&connection)
                    #expect(isOver || !frames.isEmpty || true)
                }
            }
            #expect(connection.isClosed == isOver)
            if isOver {
                closed += 1
                #expect(output(&connection).last?.type == .goAway || connection.isClosed)
            }
            #expect(connection.pendingMessageBytes >= 0)
            _ = connection.disconnected()
            #expect(connection.openStreams == 0 && connection.pendingMessageBytes == 0)
        }
        #expect(closed > 0)
    }

    @Test("random bytes end in a defined close, or wait for more")
    func garbage() {
        var random = SeededGenerator.fromEnvironment("garbage")
        for _ in 0..<(Self.frames / 10) {
            var server = Bool.random(using: &random) ? openedServer() : Connection(role: .server)
            var bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            if Bool.random(using: &random) { bytes.replaceSubrange(0..<1, with: [0x54, 1]) }
            let actions = server.receive(bytes)
            if let reason = actions.last?.closeReason {
                #expect([.protocolError, .unsupportedVersion, .frameTooLarge, .checksumMismatch].contains(reason))
                #expect(actions.count == 1)
            } else {
                #expect(actions.isEmpty)
            }
        }
    }

    @Test("a valid conversation with one byte changed does no harm")
    func mutated() {
        var random = SeededGenerator.fromEnvironment("mutated")
        var conversation = Frame(.hello, payload: Hello(agent: "x").encode()).encode()
        conversation += requestFrame(1).encode() + requestFrame(2, .upsert, flags: []).encode()
        conversation += Frame(.data, flags: .endMessage, stream: 2, payload: [1, 2, 3]).encode()
        conversation += Frame(.ping, payload: [1, 2, 3, 4, 5, 6, 7, 8]).encode() + Frame(.cancel, stream: 1).encode()
        conversation += Frame(.data, flags: .endStream, stream: 2).encode()
        for round in 0..<(Self.frames / 5) {
            var bytes = conversation
            let position = round % bytes.count
            bytes[position] ^= UInt8.random(in: 1...255, using: &random)
            var server = Connection(role: .server)
            let actions = server.receive(bytes)
            // Every byte of a frame is covered by magic, version, limit or checksum, so a change never passes for another frame.
            let isCutOff = actions.last?.closeReason == nil
            if isCutOff { #expect(!actions.contains(.halfClosed(stream: 2)), "byte \(position)") }
        }
    }
}
