import COpenVINO
import SearchCore

enum OpenVINO {
    /// Turns a C status into an error that names the model, the call and the status.
    static func check(_ status: ov_status_e, _ call: String, model: String) throws {
        guard status.rawValue != 0 else { return }
        throw error(status, call, model: model)
    }

    static func error(_ status: ov_status_e, _ call: String, model: String) -> TandemError {
        let name = ov_get_error_info(status).map { String(cString: $0) } ?? "unknown"
        // The message is a copy that belongs to the caller. It goes into the detail: it may be pages long.
        var detail: String?
        if let message = ov_get_last_err_msg() {
            detail = String(String(cString: message).prefix(2000))
            ov_free(message)
        }
        let reason = detail.map(lastLine) ?? ""
        return TandemError(
            .internal, "model '\(model)': OpenVINO \(call) failed with status \(status.rawValue) (\(name))\(reason.isEmpty ? "" : ": \(reason)")",
            detail: detail)
    }

    /// OpenVINO's messages are a trace from the outside in; the last line says what happened.
    private static func lastLine(_ message: String) -> String {
        let lines = message.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }.filter { !$0.isEmpty }
        return String((lines.last ?? "").prefix(300))
    }
}
