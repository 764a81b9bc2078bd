import Foundation
import LexicalIndex
import SearchCore
import TextAnalysis

/// "More like this": a stored document as the query.
///
/// The keyword leg looks for the words that set the document apart, those of the highest tf · idf, as Lucene's MoreLikeThis does; the semantic leg for
/// the neighbours of its own vector, without embedding anything. The document itself is no hit.
extension Searcher {
    struct Likeness {
        var doc: DocID
        var query: CompiledQuery
        /// The semantic leg was asked for and cannot run.
        var lacksVector: Bool
    }

    /// Words that are looked for.
    private static let likeTermsMax = 25
    /// Words are taken from so many bytes of the beginnings of its texts, shared evenly.
    private static let likeBytesMax = Limits.queryBytesMax
    /// Bytes of the text that stands for the document where a model reads it.
    private static let likeTextMax = 512

    /// Fills in what the request leaves to the document.
    /// - Returns: nil where no document is named.
    /// - Throws: `NOT_FOUND`; `INVALID_ARGUMENT` for a document beside another query.
    func likeness(_ request: inout SearchRequest) throws -> Likeness? {
        guard let id = request.like else { return nil }
        guard request.text.isEmpty, request.vector == nil, request.query == nil else {
            throw TandemError.invalidArgument("the search names a document to be like, and a query; give one of them")
        }
        let doc = try visible(id)
        guard let document = try store.documents(at: [snapshot.sequence(of: doc)])[0] else { throw unseen(id) }
        let texts = schema.textFields.compactMap { document.text($0.name) }
        let query = try telling(texts)
        if let field = try schema.vectorFieldNumber(request.vectorField) { request.vector = snapshot.meanVector(of: doc, field: field) }
        var lacksVector = false
        if request.mode != .lexical, request.vector == nil {
            guard request.mode == .hybrid else {
                throw TandemError(.failedPrecondition, "semantic search is not possible: document '\(id.prefix(128))' has no vector (yet)")
            }
            request.mode = .lexical
            lacksVector = !schema.vectorFields.isEmpty
        }
        request.syntax = .plain
        let title = texts.first { !$0.allSatisfy(\.isWhitespace) } ?? ""
        // A document of no words is still like others by its vector.
        request.text = Self.beginning(of: title, bytes: Self.likeTextMax)
        // No leg looks for it.
        if request.text.allSatisfy(\.isWhitespace), request.vector == nil || request.mode == .lexical { request.text = id }
        // Cross-encoders are made for questions.
        if request.rerank.depth == nil { request.rerank.depth = 0 }
        return Likeness(doc: doc, query: query, lacksVector: lacksVector)
    }

    /// The newest version of a document that a search names.
    /// - Throws: `NOT_FOUND`.
    func visible(_ id: String) throws -> DocID {
        guard let sequence = try store.current(id: id), let doc = GenerationSnapshot.document(of: sequence, in: snapshot.documents),
            snapshot.live.contains(doc)
        else { throw unseen(id) }
        return doc
    }

    private func unseen(_ id: String) -> TandemError { TandemError(.notFound, "no document '\(id.prefix(128))' that searches see") }

    /// Whole code points, at most so many bytes of them: a grapheme cluster may be longer than any query.
    private static func beginning(of text: String, bytes: Int) -> String {
        let all = text.utf8
        guard var end = all.index(all.startIndex, offsetBy: bytes, limitedBy: all.endIndex), end < all.endIndex else { return text }
        while end > all.startIndex, all[end] & 0xC0 == 0x80 { all.formIndex(before: &end) }
        return String(text.unicodeScalars[..<end])
    }

    /// The words of the highest tf · idf, of those that another document has, too.
    private func telling(_ texts: [String]) throws -> CompiledQuery {
        // Each field has its share: a long one must not leave the others unread.
        let share = Self.likeBytesMax / max(texts.count, 1) - 1
        let joined = texts.map { Self.beginning(of: $0, bytes: share) }.joined(separator: "\n")
        let words = analyzers.main.analyzeQuery(joined, languages: snapshot.languages).filter { term in
            term.kind == .word && !term.isStopWord && term.text.unicodeScalars.count > 1
        }
        var query = LexicalQuery(groups: [], fieldWeights: schema.textFields.map { _ in 1 })
        query.groups = words.map { term in
            LexicalGroup(text: term.text, forms: term.forms.map { LexicalForm(key: $0.term.key, weight: $0.weight) })
        }
        try control.checkpoint()
        let searcher = try LexicalSearcher(views: snapshot.lexicalViews, query: query)
        let ranked = words.enumerated().filter { searcher.documentFrequency(group: $0.offset) > 1 }.map { number, term in
            (term: term, weight: (1 + log(max(term.boost, 1))) * searcher.inverseDocumentFrequency(group: number))
        }.sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.term.text < $1.term.text }
        var compiled = CompiledQuery()
        for (term, _) in ranked.prefix(Self.likeTermsMax) {
            var term = term
            term.boost = 1 + log(max(term.boost, 1))
            compiled.append(term, fields: nil, isAskedFor: true)
        }
        compiled.hasNeighbours = false
        return compiled
    }
}
