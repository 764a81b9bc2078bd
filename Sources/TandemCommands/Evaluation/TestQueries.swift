import Foundation

/// A query of a test collection.
public struct TestQuery: Sendable, Equatable {
    public var id: String
    public var text: String
    public var language: String?

    public init(id: String, text: String, language: String? = nil) {
        self.id = id
        self.text = text
        self.language = language
    }
}

/// Queries and judgements of a test collection, as BEIR and TREC lay them out.
public enum TestCollectionFiles {
    /// BEIR's `queries.jsonl`: an object a line with `_id` (or `id`), `text`, and maybe `lang`.
    /// - Throws: ``CommandFailure`` naming file and line.
    public static func queries(path: String) throws -> [TestQuery] {
        var queries: [TestQuery] = []
        var lineOfID: [String: Int] = [:]
        try forEachLine(of: path) { line, number in
            func bad(_ reason: String) -> CommandFailure { CommandFailure("\(path), line \(number): \(reason)") }
            let object: [String: Any]
            do throws(LineProblem) { object = try DocumentMapping.object(line) } catch { throw bad(error.description) }
            func string(_ key: String) -> String? {
                switch object[key] {
                case let text as String: text
                case let number as NSNumber: number.stringValue
                default: nil
                }
            }
            guard let id = string("_id") ?? string("id"), !id.isEmpty else { throw bad("no '_id'") }
            guard let text = object["text"] as? String else { throw bad("no 'text'") }
            if let first = lineOfID.updateValue(number, forKey: id) { throw bad("the query '\(id)' was on line \(first) already") }
            queries.append(TestQuery(id: id, text: text, language: (object["lang"] ?? object["language"]) as? String))
        }
        return queries
    }

    /// Judgements: query to document to relevance.
    ///
    /// BEIR's three columns (query, document, relevance, with or without a header line) or TREC's four (query, iteration,
    /// document, relevance); between columns tabs, else white space.
    /// - Throws: ``CommandFailure`` naming file and line.
    public static func judgements(path: String) throws -> [String: [String: Int]] {
        var judgements: [String: [String: Int]] = [:]
        var isFirst = true
        try forEachLine(of: path) { line, number in
            func bad(_ reason: String) -> CommandFailure { CommandFailure("\(path), line \(number): \(reason)") }
            guard let text = String(validating: line, as: UTF8.self) else { throw bad("not UTF-8") }
            let columns = text.contains("\t") ? text.split(separator: "\t", omittingEmptySubsequences: false) : text.split(separator: " ")
            let cells = columns.map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 || cells.count == 4 else { throw bad("\(cells.count) columns, expected 3 (BEIR) or 4 (TREC)") }
            defer { isFirst = false }
            guard let relevance = Int(cells[cells.count - 1]) else {
                if isFirst { return }
                throw bad("the relevance '\(cells[cells.count - 1].prefix(40))' is not an integer")
            }
            let (query, document) = (cells[0], cells[cells.count - 2])
            if query.isEmpty || document.isEmpty { throw bad("an empty id") }
            if let first = judgements[query, default: [:]].updateValue(relevance, forKey: document), first != relevance {
                throw bad("'\(document)' was judged \(first) for '\(query)' before, and now \(relevance)")
            }
        }
        return judgements
    }

    /// Those that can be measured: with a positive judgement. BEIR leaves the others out, too.
    public static func judged(_ queries: [TestQuery], by judgements: [String: [String: Int]]) -> [TestQuery] {
        queries.filter { judgements[$0.id]?.values.contains { $0 > 0 } ?? false }
    }

    /// `limit` queries, evenly spaced, of each language by itself where languages are given; all of them if there are fewer.
    public static func sample(_ queries: [TestQuery], limit: Int?) -> [TestQuery] {
        guard let limit else { return queries }
        var languages: [String?] = []
        for query in queries where !languages.contains(query.language) { languages.append(query.language) }
        return languages.flatMap { language in
            let group = queries.filter { $0.language == language }
            if group.count <= limit { return group }
            return (0..<limit).map { group[$0 * group.count / limit] }
        }
    }

    private static func forEachLine(of path: String, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be opened: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        let reader = LineReader(descriptor)
        while let batch = try reader.next() {
            if batch.isOverlong { throw CommandFailure("\(path), line \(batch.lines[0].number): longer than a line may be") }
            try batch.bytes.withUnsafeBytes { bytes in
                for line in batch.lines { try body(UnsafeRawBufferPointer(rebasing: bytes[line.range]), line.number) }
            }
        }
    }
}
