import Foundation
import NIOCore
import NIOPosix

/// Why a connection could not be made, in words for people: the transport's own name sockets and error numbers.
enum ConnectFailure {
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return error.dnsAError == nil && error.dnsAAAAError == nil ? "no address to connect to" : "the name cannot be resolved"
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case ChannelError.connectTimeout(let time): return "no answer within \(time.nanoseconds / 1_000_000) ms"
        default: return "\(error)"
        }
    }
}
