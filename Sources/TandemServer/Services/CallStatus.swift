import Logging
import SearchCore
import WireProtocol

/// From an error of the engine to what the caller is told.
///
/// Errors of the caller and of the environment are passed on with their words; they name objects, never content. What is
/// our own failure goes to the log in full, and the caller gets a number to look it up by. Paths lose the data folder's part.
struct CallStatus: Sendable {
    let dataFolder: String
    let logger: Logger

    /// - Parameter didRun: nil: as the error says.
    func status(_ error: any Error, method: Method, didRun: Bool? = nil) -> Status {
        guard let error = error as? TandemError else {
            if let error = error as? MessageError { return .invalid("\(error)") }
            return Status(code: .internal, message: report("\(error)", method), didRun: didRun)
        }
        let message = error.code == .internal ? report(error.message, method) : clean(error.message)
        let advice = error.retryAfter ?? (error.code == .resourceExhausted && error.isRetryable ? .milliseconds(100) : nil)
        return Status(
            code: StatusCode(rawValue: error.code.rawValue), message: message, retryable: error.isRetryable,
            retryAfterMicroseconds: advice.map { UInt64(clamping: $0.microseconds) },
            didRun: didRun ?? Self.didRun(error))
    }

    /// False where the fault was found before anything was done; nil: not known.
    private static func didRun(_ error: TandemError) -> Bool? {
        switch error.code {
        case .invalidArgument, .notFound, .alreadyExists, .failedPrecondition, .resourceExhausted, .unimplemented: false
        default: nil
        }
    }

    private func report(_ reason: String, _ method: Method) -> String {
        let incident = String(UInt32.random(in: .min ... .max), radix: 16)
        logger.error("a call failed", metadata: ["incident": "\(incident)", "method": "\(method)", "reason": "\(reason)"])
        return "internal error; the daemon's log has it as incident \(incident)"
    }

    private func clean(_ message: String) -> String {
        dataFolder.isEmpty ? message : message.replacing(dataFolder + "/", with: "")
    }
}
