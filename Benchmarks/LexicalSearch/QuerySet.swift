import Foundation
import LexicalIndex
import TextAnalysis

/// The queries of one file; words that come twice count twice, as the peers have it.
struct QuerySet {
    let texts: [String]
    let queries: [LexicalQuery]

    /// All words in their order; analysed, as they are written.
    private static func phrase(_ text: String, _ analyzer: Analyzer?) -> LexicalQuery {
        var words: [(key: [UInt8], text: String)] = []
        if let analyzer {
            for term in analyzer.analyzeQuery(text) where term.kind == .word { words.append((term.forms[0].term.key, term.text)) }
        } else {
            words = text.split(separator: " ").map { (Array($0.utf8), String($0)) }
        }
        var groups: [LexicalGroup] = []
        let slots = words.enumerated().map { offset, word in
            let group = groups.firstIndex { $0.forms[0].key == word.key } ?? groups.count
            if group == groups.count { groups.append(LexicalGroup(text: word.text, forms: [LexicalForm(key: word.key)])) }
            return LexicalPhrase.Slot(group: group, offset: offset)
        }
        var query = LexicalQuery(groups: groups, fieldWeights: [1])
        query.phrases = [LexicalPhrase(text: text, slots: slots)]
        query.clauses = [.phrase(0)]
        return query
    }

    /// `analyzer`: nil: words between blanks.
    init(_ name: String, folder: String, analyzer: Analyzer?) throws {
        texts = try String(contentsOfFile: "\(folder)/q_\(name).txt", encoding: .utf8).split(separator: "\n").map(String.init)
        // Of the set "phrase" the words have to stand as they do here. Of the set "and" every word has to match.
        func combined(_ groups: [LexicalGroup]) -> LexicalQuery {
            var query = LexicalQuery(groups: groups, fieldWeights: [1])
            if name == "and" { query.clauses = groups.indices.map { .group($0) } + [.boolean(.init(must: groups.count))] }
            return query
        }
        queries = texts.map { text in
            if name == "phrase" { return Self.phrase(text, analyzer) }
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
