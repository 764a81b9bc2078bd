/// `HOST:PORT` as people write it: `127.0.0.1:7700`, `localhost:7700`, `[::1]:7700`.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    public static let portDefault = 7700

    /// Name or address, IPv6 without brackets.
    public var host: String
    /// 0 lets the system choose when listening.
    public var port: Int

    public init(host: String, port: Int = Endpoint.portDefault) {
        self.host = host
        self.port = port
    }

    /// Nil where `text` is not `HOST`, `HOST:PORT` or `[HOST]:PORT`. Without a port: 7700.
    public init?(_ text: String) {
        var host = Substring(text)
        var port = Substring()
        var hasPort = false
        if text.hasPrefix("[") {
            guard let close = text.lastIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":") else { return nil }
                port = rest.dropFirst()
                hasPort = true
            }
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
            hasPort = true
        }
        // Digits alone are a port whose host was forgotten, never a name.
        guard !host.isEmpty, !host.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        self.host = String(host)
        self.port = Self.portDefault
        if hasPort {
            guard let number = Int(port), (0...65535).contains(number), !port.hasPrefix("+") else { return nil }
            self.port = number
        }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// True for addresses that no other machine can reach: 127.0.0.0/8, ::1, localhost. A name is not looked up.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
