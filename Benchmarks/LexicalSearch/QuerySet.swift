import Foundation
import LexicalIndex

/// The queries of one file; words that come twice count twice, as the peers have it.
struct QuerySet {
    let texts: [String]
    let queries: [LexicalQuery]

    init(_ name: String, folder: String) throws {
        texts = try String(contentsOfFile: "\(folder)/q_\(name).txt", encoding: .utf8).split(separator: "\n").map(String.init)
        queries = texts.map { text in
            var counts: [Substring: Int] = [:]
            var words: [Substring] = []
            for word in text.split(separator: " ") {
                if counts.updateValue((counts[word] ?? 0) + 1, forKey: word) == nil { words.append(word) }
            }
            return LexicalQuery(
                groups: words.map { LexicalGroup(text: String($0), boost: Double(counts[$0]!), forms: [LexicalForm(key: Array($0.utf8))]) },
                fieldWeights: [1])
        }
    }
}
