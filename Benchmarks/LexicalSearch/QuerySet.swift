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
        queries = texts.map { text in
            if let analyzer {
                return LexicalQuery(
                    groups: analyzer.analyzeQuery(text).map { term in
                        LexicalGroup(text: term.text, boost: term.boost, forms: term.forms.map { LexicalForm(key: $0.term.key, weight: $0.weight) })
                    },
                    fieldWeights: [1])
            }
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
