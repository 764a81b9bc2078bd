/// Number of one document version inside one generation, given in log order and never reused.
///
/// Postings, columns, filter bitmaps and the live bitmap all speak `DocID`; a merge renumbers nothing, because a segment
/// is a run of consecutive numbers and only neighbours merge. An update gets a new number, the old one is cleared from
/// the live bitmap.
public struct DocID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: UInt32

    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    /// Sentinel after the last document; never given to one. A generation holds at most `UInt32.max` documents.
    @inlinable public static var end: DocID { DocID(.max) }

    @inlinable public static func < (a: DocID, b: DocID) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}
