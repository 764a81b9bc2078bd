import Foundation
import Testing
import WireProtocol

@Suite("Frame")
struct FrameTests {
    struct Vectors: Decodable {
        struct Accepted: Decodable, CustomTestStringConvertible {
            var name: String
            var type: UInt8
            var flags: UInt8
            var stream: UInt32
            var payload: String
            var bytes: String
            var testDescription: String { name }
        }
        struct Rejected: Decodable, CustomTestStringConvertible {
            var name: String
            var bytes: String
            var reason: Int32
            var testDescription: String { name }
        }
        var frames: [Accepted]
        var rejected: [Rejected]
    }

    /// Written by another implementation: proto/vectors/generate.
    static let vectors: Vectors = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../proto/vectors/frames.json")
        return try! JSONDecoder().decode(Vectors.self, from: Data(contentsOf: path))
    }()

    @Test("frames are written as the published vectors say", arguments: vectors.frames)
    func written(vector: Vectors.Accepted) {
        let frame = Frame(
            FrameType(rawValue: vector.type), flags: FrameFlags(rawValue: vector.flags), stream: vector.stream, payload: hex(vector.payload))
        #expect(frame.encode() == hex(vector.bytes))
        #expect(Frame.parseAll(hex(vector.bytes)) == [frame])
    }

    @Test("a server ends the connection with the published reason", arguments: vectors.rejected)
    func rejected(vector: Vectors.Rejected) throws {
        var server = openedServer()
        let actions = server.receive(hex(vector.bytes))
        let reason = try #require(actions.last?.closeReason)
        #expect(reason.rawValue == vector.reason, "\(reason)")
        let farewell = try #require(output(&server).last)
        #expect(farewell.type == .goAway)
        #expect(try GoAway(decoding: farewell.payload).reason == reason)
        #expect(server.isClosed)
        #expect(server.receive(requestFrame(5).encode()).isEmpty, "nothing is taken after the end")
    }

    @Test("the same is said when the bytes come one by one", arguments: vectors.rejected)
    func rejectedInPieces(vector: Vectors.Rejected) {
        var server = openedServer()
        var reasons: [GoAwayReason] = []
        for byte in hex(vector.bytes) { reasons += server.receive([byte]).compactMap(\.closeReason) }
        #expect(reasons.map(\.rawValue) == [vector.reason])
    }

    @Test("a frame cut anywhere is not a frame")
    func cut() {
        let bytes = Frame(.ping, payload: [1, 2, 3, 4, 5, 6, 7, 8]).encode()
        for count in 1..<bytes.count { #expect(Frame.parseAll([UInt8](bytes[..<count])) == nil) }
    }
}
