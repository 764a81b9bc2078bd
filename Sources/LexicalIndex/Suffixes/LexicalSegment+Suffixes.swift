import SearchCore
import Synchronization

/// The suffix tables of a segment, made when they are first asked for.
final class SuffixTables: Sendable {
    /// By field; one form of words is asked for.
    private let tables = Mutex<[Int: SuffixTable]>([:])

    /// Others wait for one that is being made.
    func table(_ field: Int, _ make: () throws -> SuffixTable) throws -> SuffixTable {
        try tables.withLock { tables in
            if let table = tables[field] { return table }
            let table = try make()
            tables[field] = table
            return table
        }
    }

    var fields: [Int] { tables.withLock { Array($0.keys) } }
}

extension LexicalSegment {
    /// Calls `body` with the words of a field that end with one and are longer, of 8 to 64 bytes, nothing but letters, and the documents that have each, dead ones
    /// included; until it says false.
    /// - Parameters:
    ///   - form: the first byte of the keys that are words: the same in every call.
    /// - Throws: `DATA_LOSS` when the dictionary is damaged.
    /// - Complexity: O(log words + words that end so); the first call makes a table, O(terms · log terms), of some 20 bytes a word that lives as long as
    ///   the segment.
    public func forEachWord(
        endingWith suffix: [UInt8], form: UInt8, field: Int, _ body: (_ word: [UInt8], _ documents: Int) throws -> Bool
    ) throws {
        guard fields.indices.contains(field), let dictionary = fields[field].dictionary, !suffix.isEmpty else { return }
        try suffixTable(dictionary, form, field).forEach(endingWith: suffix, body)
    }

    private func suffixTable(_ dictionary: TermDictionary, _ form: UInt8, _ field: Int) throws -> SuffixTable {
        try suffixes.table(field) {
            do throws(Damaged) { return try SuffixTable(dictionary, form: form) } catch { throw damaged(field, error.what) }
        }
    }

    /// Makes the tables that segments have which this one takes the place of.
    /// - Throws: as ``forEachWord(endingWith:form:field:_:)``.
    public func prepareSuffixes(as others: [LexicalSegment], form: UInt8) throws {
        try prepareSuffixes(fields: Set(others.flatMap(\.suffixes.fields)), form: form)
    }

    /// Makes the tables of fields, so that no search waits for them.
    /// - Throws: as ``forEachWord(endingWith:form:field:_:)``.
    public func prepareSuffixes(fields wanted: Set<Int>, form: UInt8) throws {
        for field in wanted where fields.indices.contains(field) {
            if let dictionary = fields[field].dictionary { _ = try suffixTable(dictionary, form, field) }
        }
    }
}
