import Foundation
import WireProtocol

/// SplitMix64: small, and its whole state is the seed that a failing test prints.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// From TANDEM_TEST_SEED, else new; printed either way.
    static func fromEnvironment(_ test: String) -> SeededGenerator {
        let seed = ProcessInfo.processInfo.environment["TANDEM_TEST_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): TANDEM_TEST_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }
}

/// Both ends of a connection, and a wire between them that delivers bytes in any pieces.
struct Pair {
    var client: Connection
    var server: Connection
    var atClient: [ConnectionAction] = []
    var atServer: [ConnectionAction] = []
    /// Messages are consumed as they come, as an owner without back-pressure does.
    var consumesAtServer = true
    var consumesAtClient = true

    init(client: ConnectionSettings = ConnectionSettings(), server: ConnectionSettings = ConnectionSettings()) {
        self.client = Connection(role: .client, settings: client)
        self.server = Connection(role: .server, settings: server)
    }

    static func opened(client: ConnectionSettings = ConnectionSettings(), server: ConnectionSettings = ConnectionSettings()) -> Pair {
        var pair = Pair(client: client, server: server)
        pair.pump()
        pair.atClient = []
        pair.atServer = []
        return pair
    }

    /// Delivers until nothing moves any more.
    mutating func pump(pieces: ((Int) -> Int)? = nil) {
        while true {
            var up: [UInt8] = []
            client.output(into: &up, bytesMax: 1 << 16)
            var down: [UInt8] = []
            server.output(into: &down, bytesMax: 1 << 16)
            if up.isEmpty, down.isEmpty { return }
            deliver(up, pieces) { this, bytes in this.takeAtServer(this.server.receive(bytes)) }
            deliver(down, pieces) { this, bytes in this.takeAtClient(this.client.receive(bytes)) }
        }
    }

    private mutating func deliver(_ bytes: [UInt8], _ pieces: ((Int) -> Int)?, _ take: (inout Pair, [UInt8]) -> Void) {
        var offset = 0
        while offset < bytes.count {
            let count = max(1, min(pieces?(bytes.count - offset) ?? bytes.count, bytes.count - offset))
            take(&self, [UInt8](bytes[offset..<(offset + count)]))
            offset += count
        }
    }

    private mutating func takeAtServer(_ actions: [ConnectionAction]) {
        atServer += actions
        guard consumesAtServer else { return }
        for case .message(let stream, _) in actions { atServer += server.consumed(stream) }
    }

    private mutating func takeAtClient(_ actions: [ConnectionAction]) {
        atClient += actions
        guard consumesAtClient else { return }
        for case .message(let stream, _) in actions { atClient += client.consumed(stream) }
    }

    /// The server answers every message with `answer` and every end of input with OK.
    mutating func serve(_ answer: ([UInt8]) -> [UInt8]) {
        let actions = atServer
        atServer = []
        for action in actions {
            switch action {
            case .message(let stream, let bytes): server.send(answer(bytes), on: stream)
            case .halfClosed(let stream): server.finish(stream)
            default: break
            }
        }
    }

    var messagesAtServer: [[UInt8]] { atServer.compactMap { if case .message(_, let bytes) = $0 { bytes } else { nil } } }
    var messagesAtClient: [[UInt8]] { atClient.compactMap { if case .message(_, let bytes) = $0 { bytes } else { nil } } }
    var endsAtClient: [Status] { atClient.compactMap { if case .ended(_, let status) = $0 { status } else { nil } } }
}

extension ConnectionAction {
    var closeReason: GoAwayReason? { if case .close(let farewell) = self { farewell.reason } else { nil } }
}

/// A server that has taken a HELLO.
func openedServer(_ settings: ConnectionSettings = ConnectionSettings()) -> Connection {
    var server = Connection(role: .server, settings: settings)
    _ = server.receive(Frame(.hello, payload: Hello(agent: "test", limits: Limits(messageBytes: 1 << 20, streams: 100)).encode()).encode())
    _ = output(&server)
    return server
}

/// A client that has taken a WELCOME.
func openedClient(_ settings: ConnectionSettings = ConnectionSettings()) -> Connection {
    var client = Connection(role: .client, settings: settings)
    _ = output(&client)
    _ = client.receive(Frame(.welcome, payload: Welcome(limits: Limits(messageBytes: 1 << 20, streams: 100)).encode()).encode())
    return client
}

/// All frames that wait to be sent.
func output(_ connection: inout Connection) -> [Frame] {
    var all: [UInt8] = []
    while true {
        var bytes: [UInt8] = []
        connection.output(into: &bytes, bytesMax: 1 << 16)
        if bytes.isEmpty { break }
        all += bytes
    }
    return Frame.parseAll(all) ?? []
}

func requestFrame(_ stream: UInt32, _ method: WireProtocol.Method = .search, flags: FrameFlags = [.endMessage, .endStream], body: [UInt8] = [1]) -> Frame {
    let header = CallHeader(method: method).encode()
    return Frame(.request, flags: flags, stream: stream, payload: [UInt8(header.count >> 8), UInt8(header.count & 0xFF)] + header + body)
}

func hex(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
        let digit = character <= 0x39 ? character - 0x30 : character - 0x61 + 10
        if let first = high { bytes.append(first << 4 | digit) }
        high = high == nil ? digit : nil
    }
    return bytes
}
