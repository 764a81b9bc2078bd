/// Failure that a caller or an operator can act upon: bad input, or the environment.
///
/// Equality is by code. `description` holds no query text and no document content; those belong into `debugDescription`.
/// A message names the object, what was found, what was expected, and what to do.
public struct TandemError: Error, Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Extensible: new codes may be added, so switch with a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// gRPC's status number for this code, which is what goes over the wire.
        public let rawValue: Int32
        public let description: String

        public static let cancelled = Code(rawValue: 1, description: "CANCELLED")
        public static let invalidArgument = Code(rawValue: 3, description: "INVALID_ARGUMENT")
        public static let deadlineExceeded = Code(rawValue: 4, description: "DEADLINE_EXCEEDED")
        public static let notFound = Code(rawValue: 5, description: "NOT_FOUND")
        public static let alreadyExists = Code(rawValue: 6, description: "ALREADY_EXISTS")
        public static let resourceExhausted = Code(rawValue: 8, description: "RESOURCE_EXHAUSTED")
        public static let failedPrecondition = Code(rawValue: 9, description: "FAILED_PRECONDITION")
        public static let aborted = Code(rawValue: 10, description: "ABORTED")
        public static let unimplemented = Code(rawValue: 12, description: "UNIMPLEMENTED")
        public static let `internal` = Code(rawValue: 13, description: "INTERNAL")
        public static let unavailable = Code(rawValue: 14, description: "UNAVAILABLE")
        /// A file's bytes are not what was written.
        public static let dataLoss = Code(rawValue: 15, description: "DATA_LOSS")

        public static func == (a: Code, b: Code) -> Bool { a.rawValue == b.rawValue }
        public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
    }

    public var code: Code
    public var message: String
    /// True where the same call may succeed later without a change.
    public var isRetryable: Bool
    /// How long a caller should wait before it tries again; nil where nothing better than its own back-off is known.
    public var retryAfter: Duration?
    /// Caller data that helps to find the fault; never logged by default.
    public var detail: String?

    public init(_ code: Code, _ message: String, isRetryable: Bool = false, detail: String? = nil, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
        self.detail = detail
    }

    public static func == (a: TandemError, b: TandemError) -> Bool { a.code == b.code }
    public var description: String { "\(code): \(message)" }
    public var debugDescription: String { detail.map { "\(description) [\($0)]" } ?? description }

    public static func invalidArgument(_ message: String, detail: String? = nil) -> TandemError {
        TandemError(.invalidArgument, message, detail: detail)
    }

    /// A damaged file: names the file, what was found, what was expected, and what to do.
    public static func damaged(_ file: String, _ what: String) -> TandemError {
        TandemError(.dataLoss, "\(file): \(what); the file is damaged: run 'tandem check' and restore or re-index")
    }
}
