import Foundation
import Glibc
import TandemClient
import WireProtocol

/// A call that failed, or a connection that did.
struct LoadFailure: Error, CustomStringConvertible {
    var description: String
}

/// One connection on a socket of its own, for one thread: sends requests that were encoded before and keeps the answers' bytes, to be decoded after the load.
///
/// A load generator on the machine that it measures takes from the daemon what it uses itself. The client library, with an event loop, tasks and decoded answers, takes 90 µs of a
/// virtual processor for a search of an open loop, this a third of that.
final class WireConnection {
    /// An answer that is complete: what `send` was told, its bytes, and when they were read.
    struct Answer {
        var number: Int
        var bytes: [UInt8]
        var at: ContinuousClock.Instant
    }

    private static let readBytes = 1 << 18

    let descriptor: Int32
    private var connection: Connection
    /// What a stream's call is, and its answer once that has come.
    private var calls: [UInt32: (number: Int, bytes: [UInt8]?)] = [:]
    private var output: [UInt8] = []
    private var input = [UInt8](repeating: 0, count: WireConnection.readBytes)
    private let header = CallHeader(method: .search, timeoutMicroseconds: nil)

    /// Connects, and waits for the server's welcome.
    init(_ endpoint: Endpoint, agent: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var settings = ConnectionSettings()
        settings.agent = agent
        connection = Connection(role: .client, settings: settings)
        guard descriptor >= 0 else { throw Self.failure("no socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(endpoint.port)).bigEndian
        guard inet_pton(AF_INET, endpoint.host, &address.sin_addr) == 1 else { throw LoadFailure(description: "\(endpoint): expected an IPv4 address") }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Self.failure("cannot connect to \(endpoint)") }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        while !connection.isOpen {
            try flush()
            try Self.wait([descriptor], for: .seconds(10))
            _ = try receive { _ in }
        }
    }

    deinit { close(descriptor) }

    var hasRoom: Bool { connection.hasRoomForStream }
    var openCalls: Int { calls.count }

    /// Takes a request to be sent with the next ``flush()``.
    func send(_ request: [UInt8], number: Int) throws {
        guard let stream = connection.open(header, message: request, isLast: true) else { throw LoadFailure(description: "the server closes the connection") }
        calls[stream] = (number, nil)
    }

    /// Writes what waits. Blocks while the server does not read.
    func flush() throws {
        while true {
            output.removeAll(keepingCapacity: true)
            connection.output(into: &output, bytesMax: 1 << 16)
            guard !output.isEmpty else { return }
            var written = 0
            while written < output.count {
                let count = output.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + written, $0.count - written, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { throw Self.failure("the server does not take what is sent") }
                written += count
            }
        }
    }

    /// Reads what is there, without waiting. - Returns: whether anything was there.
    func receive(_ take: (Answer) -> Void) throws -> Bool {
        let count = recv(descriptor, &input, Self.readBytes, Int32(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN { return false }
        guard count > 0 else { throw count == 0 ? LoadFailure(description: "the server closed the connection") : Self.failure("nothing can be read") }
        let now = ContinuousClock.now
        for action in input.withUnsafeBytes({ connection.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }) {
            switch action {
            case .message(let stream, let bytes):
                calls[stream]?.bytes = bytes
                _ = connection.consumed(stream)
            case .ended(let stream, let status):
                guard let call = calls.removeValue(forKey: stream) else { continue }
                guard status.isOK, let bytes = call.bytes else { throw LoadFailure(description: "\(status.code.description.uppercased()): \(status.message)") }
                take(Answer(number: call.number, bytes: bytes, at: now))
            case .close(let farewell), .goAway(let farewell): throw LoadFailure(description: "\(farewell.reason): \(farewell.message)")
            case .welcomed, .pong: break
            case .opened, .call, .halfClosed, .cancelled: preconditionFailure("\(action) on a client's connection")
            }
        }
        return true
    }

    /// Sleeps until one of the sockets can be read, at most for `time`, to some tens of microseconds.
    static func wait(_ descriptors: [Int32], for time: Duration) throws {
        var readable = fd_set()
        withUnsafeMutableBytes(of: &readable) { bits in
            for descriptor in descriptors {
                precondition(descriptor < FD_SETSIZE, "descriptor \(descriptor)")
                bits[Int(descriptor) / 8] |= 1 << UInt8(descriptor % 8)
            }
        }
        let (seconds, attoseconds) = max(.zero, time).components
        var timeout = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        if pselect((descriptors.max() ?? -1) + 1, &readable, nil, nil, &timeout, nil) < 0, errno != EINTR { throw failure("cannot wait") }
    }

    private static func failure(_ what: String) -> LoadFailure { LoadFailure(description: "\(what): \(String(cString: strerror(errno)))") }
}
