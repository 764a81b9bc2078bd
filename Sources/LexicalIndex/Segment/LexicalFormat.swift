import CKernels
import SearchCore

/// Constants of the lexical segment's bytes; docs/formats/lexical-segment.md. On disk: never change within a version.
enum LexicalFormat {
    static let kind = SectionFile.Kind("LEXS", version: 3, oldest: 3)
    /// Postings of a bit-packed block; the rest of a list, fewer than that, is varints.
    static let blockPostings = Int(TANDEM_UNPACK_COUNT)
    /// Last document u32, data offset in 16 bytes u32, gap bits u8, frequency bits u8, impact u8.
    static let skipEntryBytes = 11
    /// Behind the skip entries: impact u8 of the rest, impact u8 of the whole list.
    static let listImpactBytes = 2
    /// Behind a list's position blocks: where each block of postings but the first begins: offset u40, index in the block u8.
    static let positionSkipBytes = 6
    /// Width u8, bytes of exceptions u8.
    static let positionHeaderBytes = 2
    /// In the place of a width: the varints begin here.
    static let positionRestMark: UInt8 = 0xFF
    /// Zero bytes after the last posting list, and after the last list of positions, which the unpack kernels may read.
    static let postingsPadding = Int(TANDEM_UNPACK_SLACK)
    /// Terms between two entries of the dictionary's index: a lookup decodes 8 of them on average.
    static let dictionaryBlockTerms = 16
    /// One form byte and the term's text.
    static let keyBytesMax = 1 + Limits.termBytesMax
    static let headerBytes = 16
    static let headerFieldBytes = 24
    /// Lengths saturate here, so that a length takes two bytes.
    static let lengthMax = Int(UInt16.max)

    /// Numbers of the file's sections.
    enum Section {
        static let header: UInt32 = 1
        static func norms(_ field: Int) -> UInt32 { 16 + 8 * UInt32(field) }
        static func dictionaryIndex(_ field: Int) -> UInt32 { norms(field) + 1 }
        static func dictionary(_ field: Int) -> UInt32 { norms(field) + 2 }
        static func postings(_ field: Int) -> UInt32 { norms(field) + 3 }
        static func lengthCodes(_ field: Int) -> UInt32 { norms(field) + 4 }
        static func positions(_ field: Int) -> UInt32 { norms(field) + 5 }
    }
}
