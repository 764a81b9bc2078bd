import Foundation
import Glibc

/// What a rig tells people, on standard error: one line that is written over on a terminal, else a line now and then.
public struct Progress {
    private let isTerminal = isatty(2) == 1
    private var last = ContinuousClock.now - .seconds(3600)

    public init() {}

    public mutating func show(_ text: String) {
        if isTerminal {
            write("\r\u{1B}[K    \(text.prefix(150))")
        } else if last.duration(to: .now) >= .seconds(10) {
            write("    \(text)\n")
            last = .now
        }
    }

    public func line(_ text: String) { write((isTerminal ? "\r\u{1B}[K" : "") + text + "\n") }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// The end of a run: one object for programs, or one line for people, on standard output.
public func printSummary(_ figures: [(name: String, value: any Encodable & Sendable)], sentence: String, asJSON: Bool) {
    guard asJSON else { return print(sentence) }
    struct AnyValue: Encodable {
        let value: any Encodable & Sendable
        func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let object = Dictionary(uniqueKeysWithValues: figures.map { ($0.name, AnyValue(value: $0.value)) })
    // Figures are numbers, texts and lists of them: they always encode.
    print(String(decoding: try! encoder.encode(object), as: UTF8.self))
}

/// Bytes as C and Python write them in a string: what is no printable ASCII as `\xNN`.
public func escaped(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): "\\" + String(UnicodeScalar(byte))
        case 0x20..<0x7F: String(UnicodeScalar(byte))
        default: "\\x" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
    }.joined()
}
