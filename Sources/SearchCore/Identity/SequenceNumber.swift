/// Position of an operation in a collection's log: 1, 2, 3, … without gaps at the time of writing; 0 means "before the first".
///
/// It is also the version that a document carries, and the token with which a search asks to see a write.
public struct SequenceNumber: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: UInt64

    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable public static var zero: SequenceNumber { SequenceNumber(0) }
    @inlinable public var next: SequenceNumber { SequenceNumber(rawValue + 1) }
    @inlinable public static func < (a: SequenceNumber, b: SequenceNumber) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}
