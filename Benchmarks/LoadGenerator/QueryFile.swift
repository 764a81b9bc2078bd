import ArgumentParser
import Foundation

/// Texts of a query file.
enum QueryFile {
    /// JSON Lines with a `text` in each object (BEIR's `queries.jsonl`), or one query a line. Empty lines are left out.
    /// - Throws: `ValidationError` naming the line that is neither, or the file without queries.
    static func read(_ path: String) throws -> [String] {
        struct Query: Decodable { var text: String }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        let decoder = JSONDecoder()
        var texts: [String] = []
        for (index, line) in lines.enumerated() where !line.isEmpty {
            if line.first == "{" {
                guard let query = try? decoder.decode(Query.self, from: Data(line.utf8)) else {
                    throw ValidationError("\(path), line \(index + 1): no JSON object with a 'text'")
                }
                texts.append(query.text)
            } else {
                texts.append(String(line))
            }
        }
        if texts.isEmpty { throw ValidationError("\(path): no queries") }
        return texts
    }
}
