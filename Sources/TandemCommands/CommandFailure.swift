import ArgumentParser
import TandemClient

/// Why a command ends with exit code 1, in one line that says what, why, and what to do.
public struct CommandFailure: Error, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// The user pressed Ctrl-C; whatever had to be put in order has been.
struct Interrupted: Error {
    /// What the user should know, for example how to go on.
    var message: String?
}

/// The command did its work and its answer is "no": exit code 1 without another line.
struct NegativeAnswer: Error {}

/// An error as one line for people.
enum FailureText {
    /// `address`: of the daemon that was asked, for the advice.
    static func line(_ error: any Error, address: String, isChange: Bool = true) -> String {
        switch error {
        case let failure as CommandFailure:
            return oneLine(failure.description)
        case let error as TandemClientError:
            return oneLine(clientLine(error, address: address, isChange: isChange))
        case is CancellationError:
            return "cancelled"
        default:
            return oneLine("\(error)")
        }
    }

    private static func clientLine(_ error: TandemClientError, address: String, isChange: Bool) -> String {
        switch error.code {
        case .unavailable where error.isUnreachable:
            return "no daemon answers: \(error.message); start one with 'tandemd --data DIR --listen \(address)', "
                + "or say where it is with --connect HOST:PORT or TANDEM_ADDRESS"
        case .unavailable:
            // Not known whether it ran: the connection broke between the question and the answer.
            let doubt = isChange && error.didRun == nil ? "; what was asked for may have been done" : ""
            return "the daemon at \(address): \(error.message)\(doubt)"
        case .deadlineExceeded:
            return "\(error.message.isEmpty ? "the daemon took too long" : error.message); allow more time with --timeout SECONDS"
        default:
            return error.message.isEmpty ? error.code.description.replacing("_", with: " ") : error.message
        }
    }

    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
