import SearchCore
import WireProtocol

/// Refusals of the mapping: they name the field of the message as its author knows it.
enum Mapping {
    static func refuse(_ field: String, _ problem: String) -> TandemError { .invalidArgument("\(field): \(problem)") }

    /// A number of an enumeration that this server does not know, from a newer or a faulty client.
    static func unknown<E: RawRepresentable & CaseIterable & CustomStringConvertible>(_ field: String, _ value: E) -> TandemError
    where E.RawValue == Int32 {
        let known = E.allCases.filter { $0.description != "unspecified" }.map(\.description).joined(separator: ", ")
        return refuse(field, value.rawValue == 0 ? "is missing; expected one of \(known)" : "\(value.rawValue) is not known; expected one of \(known)")
    }

    /// Unsigned on the wire, signed here; what does not fit is far beyond every limit, and the limit's check says so.
    static func int(_ value: UInt64) -> Int { Int(clamping: value) }
}
