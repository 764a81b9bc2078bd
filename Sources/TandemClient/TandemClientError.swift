import WireProtocol

/// Why a call failed. Equality is by ``code``.
public struct TandemClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// gRPC's codes; extensible, so switch with a default.
    public typealias Code = StatusCode

    public var code: Code
    /// For people: names the object, what was found, what was expected, what to do.
    public var message: String
    /// The same call may succeed later without a change.
    public var isRetryable: Bool
    /// Wait so long before the next attempt.
    public var retryAfter: Duration?
    /// False: nothing of the call was done. True: it ran. Nil: not known, since the connection was lost or the deadline passed.
    public var didRun: Bool?

    /// No connection could be made: nobody listens there, or nothing answers.
    public internal(set) var isUnreachable = false

    public init(_ code: Code, _ message: String, isRetryable: Bool = false, retryAfter: Duration? = nil, didRun: Bool? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
        self.didRun = didRun
    }

    init(_ status: Status) {
        self.init(
            status.code, status.message, isRetryable: status.retryable,
            // A duration beyond a day is no advice.
            retryAfter: status.retryAfterMicroseconds.map { .microseconds(Int64(min($0, 86_400_000_000))) }, didRun: status.didRun)
    }

    public static func == (a: TandemClientError, b: TandemClientError) -> Bool { a.code == b.code }
    public var description: String { "\(code.description.uppercased()): \(message)" }

    /// Sending the call once more cannot do anything twice.
    var mayBeSentAgain: Bool {
        isRetryable && didRun == false && (code == .unavailable || code == .resourceExhausted)
    }
}
