import Foundation
import Glibc
import WireProtocol

/// A socket without a protocol: sends what it is given, and looks whether what comes back is made of whole frames.
///
/// Used by one task at a time. Non-blocking, so that a peer that neither reads nor answers costs a bounded time.
final class RawConnection {
    private let socket: Int32
    private var unread: [UInt8] = []
    private(set) var framesReceived = 0
    /// The last GOAWAY that came.
    private(set) var farewell: GoAway?
    private(set) var isClosed = false
    /// What came that is no frame.
    private(set) var problem: String?

    /// Nil where no connection can be had.
    init?(port: Int) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0, fcntl(socket, F_SETFL, O_NONBLOCK) == 0 else {
            Glibc.close(socket)
            return nil
        }
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { Glibc.close(socket) }

    /// - Returns: false where the peer has closed, or does not read for a second.
    func send(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        var waits = 0
        while offset < bytes.count, !isClosed {
            let count = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL)) }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN {
                // It may wait for this side to read what it has said.
                receive(forMilliseconds: 10)
                waits += 1
                if waits > 100 { return false }
            } else if errno != EINTR {
                isClosed = true
            }
        }
        return !isClosed
    }

    /// Takes in what comes within the time, or until the peer closes.
    func receive(forMilliseconds milliseconds: Int) {
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        var left = milliseconds
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while !isClosed {
            let ready = poll(&wanted, 1, Int32(left))
            guard ready > 0 else { return }
            // Only the first wait counts: what is there already is taken in at once.
            left = 0
            let count = recv(socket, &buffer, buffer.count, 0)
            if count > 0 {
                unread += buffer[..<count]
                cut()
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                isClosed = true
                // After an orderly end nothing is left over; a reset may cut a frame.
                if count == 0, !unread.isEmpty { problem = problem ?? "the connection ended inside a frame" }
            }
        }
    }

    private func cut() {
        var offset = 0
        while unread.count - offset >= FrameFormat.headerBytes {
            let length = unread[(offset + 8)..<(offset + 12)].reduce(0) { $0 << 8 | Int($1) }
            let end = offset + FrameFormat.headerBytes + length
            guard length <= FrameFormat.payloadBytesMost else {
                problem = problem ?? "a frame of \(length) bytes"
                isClosed = true
                return
            }
            guard end <= unread.count else { break }
            guard let frame = Frame.parseAll(Array(unread[offset..<end]))?.first else {
                problem = problem ?? "bytes that are no frame"
                isClosed = true
                return
            }
            framesReceived += 1
            if frame.type == .goAway { farewell = try? GoAway(decoding: frame.payload) }
            offset = end
        }
        unread.removeFirst(offset)
    }
}
