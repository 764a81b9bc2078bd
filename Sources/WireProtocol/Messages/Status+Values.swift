extension Status {
    public static let ok = Status()
    public var isOK: Bool { code == .ok }

    /// The call never ran and may be sent again at once or after `retryAfter`.
    public static func refused(_ code: StatusCode, _ message: String, retryAfter: Duration? = nil) -> Status {
        Status(
            code: code, message: message, retryable: true,
            retryAfterMicroseconds: retryAfter.map { UInt64(max(0, $0.microseconds)) }, didRun: false)
    }

    /// The request itself is wrong; sending it again helps nobody.
    public static func invalid(_ message: String) -> Status {
        Status(code: .invalidArgument, message: message, didRun: false)
    }
}

extension Status: CustomStringConvertible {
    public var description: String { "\(code.description.uppercased()): \(message)" }
}

extension Duration {
    /// Whole microseconds, towards zero; saturates.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        return product.addingReportingOverflow(attoseconds / 1_000_000_000_000).partialValue
    }
}

extension Method {
    /// The caller sends any number of messages instead of one.
    public var isClientStreaming: Bool { self == .upsert }

    /// A method of this schema, not a number that a newer peer sent.
    public var isKnown: Bool { self != .unspecified && Method.allCases.contains(self) }
}
