import ArgumentParser
import Foundation
import RigSupport
import WireProtocol

/// Feeds random and changed frames to the connection's state machine and to the message decoders, in this process: made to be built
/// with the address sanitizer, which ends it at the first byte read or written out of place, and with its leak checker.
///
/// What must hold: no trap; no action after a close; nothing buffered beyond the limits, nothing left after the end; what a
/// decoder takes, it writes in a form that reads back the same.
@main
struct FrameFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "frame-fuzz", abstract: "Random and changed frames against the connection's state machine, in process.")

    @Option(help: "Frames in all.") var frames = 100_000
    @Option(help: "Repeats a run.") var seed: UInt64 = UInt64.random(in: 0...999_999_999)
    @Flag(help: "Print the figures as one JSON object.") var json = false
    @Flag(help: "Read one byte out of bounds: succeeds only where no sanitizer watches.") var outOfBounds = false
    @Flag(help: "Forget an allocation: succeeds only where no leak checker watches.") var leak = false

    struct Finding: Error, CustomStringConvertible { let description: String }

    func run() throws {
        if outOfBounds { return readOutOfBounds() }
        if leak { return forgetAnAllocation() }
        let progress = Progress()
        progress.line("seed \(seed), \(frames) frames")
        var source = FrameSource(seed: seed, collection: "fuzzed", changesEverything: true)
        var (sent, connections, closed, calls, messages, refused) = (0, 0, 0, 0, 0, 0)
        while sent < frames {
            connections += 1
            source.beginConnection()
            var settings = ConnectionSettings()
            if source.random.chance(1, in: 2) {
                // Small, so that the limits are met all the time.
                settings.streamsMax = 8
                settings.streamWindow = 2000
                settings.connectionWindow = 6000
                settings.bufferedBytesMax = 40_000
                settings.messageBytesMax = 30_000
                settings.controlBytesMax = 4000
            }
            let role: ConnectionRole = source.random.chance(1, in: 5) ? .client : .server
            var connection = Connection(role: role, settings: settings)
            var methods: [UInt32: WireProtocol.Method] = [:]
            var isOver = false
            for index in 0..<Int.random(in: 1...120, using: &source.random) where !isOver && sent < frames {
                sent += 1
                var bytes = index == 0 ? source.hello() : source.next()
                if role == .client {
                    if index == 0 { bytes = Frame(.welcome, payload: source.random.chance(1, in: 10) ? source.mutated(Self.welcome) : Self.welcome).encode() }
                    if index > 0, source.random.chance(1, in: 2) { bytes = answer(&source, UInt32(methods.count)) }
                    if let stream = connection.open(CallHeader(method: .upsert), message: [1, 2, 3], isLast: source.random.chance(1, in: 2)) {
                        methods[stream] = .upsert
                    }
                }
                var rest = bytes[...]
                while !rest.isEmpty {
                    let piece = source.random.chance(3, in: 4) ? rest.count : Int.random(in: 1...rest.count, using: &source.random)
                    let actions = connection.receive([UInt8](rest.prefix(piece)))
                    rest = rest.dropFirst(piece)
                    for action in actions {
                        if isOver { throw Finding(description: "an action after the close: \(action)") }
                        switch action {
                        case .call(let stream, let header):
                            calls += 1
                            methods[stream] = header.method
                        case .message(let stream, let message):
                            messages += 1
                            guard message.count <= settings.messageBytesMax else {
                                throw Finding(description: "a message of \(message.count) bytes, the limit is \(settings.messageBytesMax)")
                            }
                            if role == .client {
                                FrameSource.decodeAnswer(message)
                            } else {
                                do {
                                    if let (first, second) = try FrameSource.decode(methods[stream] ?? .search, message), first != second {
                                        throw Finding(description: "a \(methods[stream] ?? .search) request that reads back differently: \(message)")
                                    }
                                } catch is MessageError {
                                    refused += 1
                                }
                                if source.random.chance(1, in: 2) {
                                    connection.send([UInt8](repeating: 9, count: Int.random(in: 0...3000, using: &source.random)), on: stream)
                                }
                            }
                            if source.random.chance(3, in: 4) {
                                isOver = isOver || connection.consumed(stream).contains { if case .close = $0 { true } else { false } }
                            }
                        case .halfClosed(let stream):
                            if source.random.chance(3, in: 4) {
                                connection.finish(stream, source.random.chance(1, in: 2) ? .ok : Status(code: .internal, message: "m"))
                            }
                        case .close: isOver = true
                        default: break
                        }
                    }
                }
                guard connection.isClosed == isOver else { throw Finding(description: "closed: \(connection.isClosed), said so: \(isOver)") }
                guard connection.bufferedBytes >= 0, connection.bufferedBytes <= settings.bufferedBytesMax + settings.connectionWindow else {
                    throw Finding(description: "\(connection.bufferedBytes) bytes buffered, the limit is \(settings.bufferedBytesMax)")
                }
                if source.random.chance(2, in: 3) {
                    var output: [UInt8] = []
                    connection.output(into: &output, bytesMax: 1 << 16)
                }
                if source.random.chance(1, in: 200) { isOver = isOver || !connection.shutDown().isEmpty }
            }
            if isOver { closed += 1 }
            // Every byte that it writes belongs to a whole frame.
            var written: [UInt8] = []
            while true {
                var output: [UInt8] = []
                connection.output(into: &output, bytesMax: 1 << 16)
                if output.isEmpty { break }
                written += output
            }
            _ = connection.disconnected()
            guard connection.openStreams == 0, connection.pendingMessageBytes == 0, connection.bufferedBytes == 0 else {
                throw Finding(
                    description:
                        "after the end: \(connection.openStreams) streams, \(connection.pendingMessageBytes) bytes to send, \(connection.bufferedBytes) buffered"
                )
            }
        }
        printSummary(
            [
                ("frames", sent), ("seed", seed), ("connections", connections), ("connections_closed_by_rule", closed), ("calls", calls),
                ("messages", messages),
                ("messages_refused_by_decoder", refused),
            ],
            sentence: "\(sent) frames over \(connections) connections in process: \(closed) ended by a broken rule, \(calls) calls, \(messages) messages, "
                + "\(refused) of them refused by their decoder; no trap, nothing out of bounds",
            asJSON: json)
    }

    private static let welcome = Welcome(agent: "fuzz", limits: Limits(messageBytes: 1 << 20, streams: 100)).encode()

    /// What a server might say to a client.
    private func answer(_ source: inout FrameSource, _ streams: UInt32) -> [UInt8] {
        let stream = UInt32.random(in: 1...(streams + 2), using: &source.random)
        let hit = Hit(id: "d", version: 3, score: 1, lexical: 2, document: Document(id: "d", texts: [TextField(name: "t", text: "x")]))
        let bodies = [
            SearchResponse(hits: [hit, hit], stages: [StageReport(name: "lexical", seen: 3)]).encode(),
            UpsertResponse(results: [OperationResult(outcome: .applied, version: 4)], sequence: 4).encode(),
        ]
        let body = bodies[Int.random(in: 0..<2, using: &source.random)]
        switch Int.random(in: 0..<4, using: &source.random) {
        case 0:
            return Frame(
                .end, stream: stream, payload: source.random.chance(1, in: 2) ? Status(code: .notFound, message: "m").encode() : source.mutated([8, 5])
            ).encode()
        case 1: return Frame(.data, flags: .endMessage, stream: stream, payload: body).encode()
        default: return Frame(.data, flags: .endMessage, stream: stream, payload: source.mutated(body)).encode()
        }
    }

    /// The canary: proves that the sanitizer is there.
    private func readOutOfBounds() {
        let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
        defer { pointer.deallocate() }
        pointer.initialize(repeating: 1, count: 8)
        print("read \(pointer[Int(CommandLine.arguments.count) + 10]) where nothing is: no sanitizer watches")
    }

    private func forgetAnAllocation() {
        // Several, since a stale register or stack slot may still name the last one.
        for size in 1...20 {
            let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: size * 1000)
            pointer.initialize(repeating: 1, count: size * 1000)
            if pointer[Int(CommandLine.arguments.count)] == 7 { print(pointer) }
        }
        print("twenty allocations forgotten: no leak checker watches, unless it speaks at the end")
    }
}
