import Foundation
import LexicalIndex
import TextAnalysis

/// The queries of one file; words that come twice count twice, as the peers have it.
struct QuerySet {
    let texts: [String]
    let queries: [LexicalQuery]

    /// `analyzer`: nil: words between blanks.
    init(_ name: String, folder: String, analyzer: Analyzer?) throws {
        texts = try String(contentsOfFile: "\(folder)/q_\(name).txt", encoding: .utf8).split(separator: "\n").map(String.init)
        // Of the set "and" every word has to match.
        func combined(_ groups: [LexicalGroup]) -> LexicalQuery {
            var query = LexicalQuery(groups: groups, fieldWeights: [1])
            if name == "and" { query.clauses = groups.indices.map { .group($0) } + [.boolean(.init(must: groups.count))] }
            return query
        }
        queries = texts.map { text in
            if let analyzer {
                return combined(
                    analyzer.analyzeQuery(text).map { term in
                        LexicalGroup(text: term.text, boost: term.boost, forms: term.forms.map { LexicalForm(key: $0.term.key, weight: $0.weight) })
                    })
            }
            var counts: [Substring: Int] = [:]
            var words: [Substring] = []
            for word in text.split(separator: " ") {
                if counts.updateValue((counts[word] ?? 0) + 1, forKey: word) == nil { words.append(word) }
            }
            return combined(words.map { LexicalGroup(text: String($0), boost: Double(counts[$0]!), forms: [LexicalForm(key: Array($0.utf8))]) })
        }
    }
}
