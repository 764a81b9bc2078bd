import Foundation
import Glibc
import Logging

/// One line for each event on standard error.
///
/// ```
/// 2026-11-20T18:41:38.123Z notice serving address=127.0.0.1:7700 collections=2
/// {"address":"127.0.0.1:7700","collections":"2","level":"notice","message":"serving","time":"2026-11-20T18:41:38.123Z"}
/// ```
struct LineLogHandler: LogHandler {
    enum Encoder: Sendable {
        case text
        case json
    }

    var metadata = Logger.Metadata()
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    private let encoder: Encoder

    init(level: Logger.Level, encoder: Encoder) {
        logLevel = level
        self.encoder = encoder
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        let line =
            switch encoder {
            case .text: Self.text(event, fields)
            case .json: Self.json(event, fields)
            }
        // One write for a line, so that lines of several threads do not mix.
        StandardStream.write(line + "\n", to: STDERR_FILENO)
    }

    // MARK: Text

    private static func text(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var line = "\(timestamp()) \(event.level) \(escaped(event.message.description))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(quoted(value.description))" }
        return line
    }

    /// Quoted where it would otherwise not be one word, or could be taken for another field.
    private static func quoted(_ value: String) -> String {
        let isPlain = !value.isEmpty && value.unicodeScalars.allSatisfy { $0 > " " && $0 != "\"" && $0 != "=" && $0 != "\u{7F}" }
        return isPlain ? value : "\"\(escaped(value).replacing("\"", with: "\\\""))\""
    }

    /// Control characters would let a value begin a line of its own.
    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 < " " || $0 == "\u{7F}" || $0 == "\\" }) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\\": result += "\\\\"
            case let other where other < " " || other == "\u{7F}": result += "\\u{\(String(other.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    // MARK: JSON

    private static func json(_ event: LogEvent, _ fields: Logger.Metadata) -> String {
        var object = fields.mapValues(\.description)
        object["time"] = timestamp()
        object["level"] = event.level.rawValue
        object["message"] = event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding a dictionary of texts cannot fail.
        return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    // MARK: Time

    /// UTC with milliseconds.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func pad(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(pad(Int(parts.tm_year) + 1900, 4))-\(pad(Int(parts.tm_mon) + 1, 2))-\(pad(Int(parts.tm_mday), 2))"
        return "\(date)T\(pad(Int(parts.tm_hour), 2)):\(pad(Int(parts.tm_min), 2)):\(pad(Int(parts.tm_sec), 2)).\(pad(now.tv_nsec / 1_000_000, 3))Z"
    }
}
