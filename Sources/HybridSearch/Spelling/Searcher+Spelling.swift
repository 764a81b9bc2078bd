import SearchCore
import TextAnalysis

extension Searcher {
    /// "Did you mean", and the corrected query where the request asks for it and a word of it is in no document.
    /// - Parameter plan: gets the corrected text and tree then.
    /// - Throws: as ``SpellingCorrector``.
    func spelling(_ plan: inout QueryPlan, _ request: SearchRequest) throws -> SearchResponse.Spelling? {
        guard request.spelling.mode != .off, plan.runsLexical, request.like == nil else { return nil }
        let corrector = SpellingCorrector(
            analysis: analysis(plan), views: snapshot.lexicalViews, fieldWeights: plan.fieldWeights, live: snapshot.live,
            includesCodes: request.spelling.includesCodes, control: control)
        var found: [String: SpellingCorrector.Correction] = [:]
        // What is escaped are not the words that are written.
        if plan.query != nil, request.syntax != .plain, request.text.contains("\\") { return nil }
        let analyzer = analyzers.chains.first { $0.analyzer.definition.tokenizer == .standard }?.analyzer ?? analyzers.main
        if let query = plan.query {
            // A word is corrected wherever it stands, or nowhere.
            var kept = Set(query.uncorrectable.flatMap { analyzer.words(of: $0, joiningSymbols: false).map(\.text) })
            for (text, field) in query.correctable {
                let number = field.flatMap { field in schema.textFields.firstIndex { $0.name == field } }
                // An unknown field is the compiler's to refuse.
                if field != nil, number == nil { return nil }
                let corrections = try corrector.corrections(of: text, in: number.map { [$0] }, atMost: SpellingCorrector.correctionsMax - found.count)
                kept.formUnion(analyzer.words(of: text, joiningSymbols: false).map(\.text).filter { corrections[$0] == nil && found[$0] == nil })
                found.merge(corrections) { first, _ in first }
            }
            found = found.filter { !kept.contains($0.key) }
        } else if !plan.text.isEmpty {
            found = try corrector.corrections(of: plan.text, in: nil)
        }
        // A word that documents have may be doubted, but is searched as it is.
        let missing = found.filter(\.value.isMissing)
        let isApplied = request.spelling.mode == .retry && !missing.isEmpty
        if isApplied { found = missing }
        guard !found.isEmpty else { return nil }

        let (text, corrections) = Self.correct(request.text, found, analyzer, keepsOperators: request.syntax != .plain)
        if isApplied {
            let query = plan.query?.corrected { Self.correct($0, found, analyzer).text }
            plan.correct(text: query?.askedFor.joined(separator: " ") ?? Self.correct(plan.text, found, analyzer).text, query: query)
        }
        let isWritten = !request.text.allSatisfy(\.isWhitespace)
        let listed = isWritten ? corrections : found.sorted { $0.key < $1.key }.map { Self.correction($0.key[...], nil, $0.value) }
        return listed.isEmpty ? nil : SearchResponse.Spelling(text: isWritten ? text : nil, isApplied: isApplied, corrections: listed)
    }

    /// A text with every word corrected that is to be, in the case in which it is written; white space, symbols and operators stay.
    private static func correct(
        _ text: String, _ found: [String: SpellingCorrector.Correction], _ analyzer: Analyzer, keepsOperators: Bool = false
    ) -> (text: String, corrections: [SearchResponse.Spelling.Correction]) {
        var corrections: [SearchResponse.Spelling.Correction] = []
        var bytes: [UInt8] = []
        let original = Array(text.utf8)
        var end = 0
        for word in analyzer.words(of: text, joiningSymbols: false) where word.range.lowerBound >= end {
            guard let correction = found[word.text] else { continue }
            corrections.append(Self.correction(SpellingCorrector.slice(text, word.range), word.range, correction))
            bytes += original[end..<word.range.lowerBound]
            // `NTO` is no `NOT`.
            if keepsOperators, ["AND", "OR", "NOT"].contains(corrections.last!.corrected) {
                corrections[corrections.count - 1].corrected = correction.corrected
            }
            bytes += corrections.last!.corrected.utf8
            end = word.range.upperBound
        }
        bytes += original[end...]
        return (String(decoding: bytes, as: UTF8.self), corrections)
    }

    private static func correction(
        _ original: Substring, _ range: Range<Int>?, _ correction: SpellingCorrector.Correction
    ) -> SearchResponse.Spelling.Correction {
        .init(
            original: String(original), corrected: SpellingRules.inCase(of: original, correction.corrected), range: range,
            originalDocuments: correction.originalDocuments, correctedDocuments: correction.correctedDocuments)
    }
}

extension QueryNode {
    /// Texts whose words may be misspelt, and where they are looked up: not those that are asked for by the letter, and not those that are excluded.
    fileprivate var correctable: [(text: String, field: String?)] {
        switch self {
        case .words(let text, let field, let match): match == .exact ? [] : [(text, field)]
        // A single word in quotes is asked for by the letter.
        case .phrase(let text, let field, _): text.contains(where: \.isWhitespace) ? [(text, field)] : []
        case .prefix, .fuzzy, .all, .exists: []
        case .constant(_, let node), .boost(_, let node): node.correctable
        case .boolean(let boolean): (boolean.must + boolean.should + boolean.filter).flatMap(\.correctable)
        case .best(let nodes, _): nodes.flatMap(\.correctable)
        }
    }

    /// The other texts: words in them are meant as they are.
    fileprivate var uncorrectable: [String] {
        switch self {
        case .words(let text, _, let match): match == .exact ? [text] : []
        case .phrase(let text, _, _): text.contains(where: \.isWhitespace) ? [] : [text]
        case .prefix(let text, _), .fuzzy(let text, _, _, _): [text]
        case .all, .exists: []
        case .constant(_, let node), .boost(_, let node): node.uncorrectable
        case .boolean(let boolean):
            (boolean.must + boolean.should + boolean.filter).flatMap(\.uncorrectable) + boolean.mustNot.flatMap { $0.askedFor + $0.uncorrectable }
        case .best(let nodes, _): nodes.flatMap(\.uncorrectable)
        }
    }

    /// With the texts of ``correctable`` corrected.
    fileprivate func corrected(_ correct: (String) -> String) -> QueryNode {
        switch self {
        case .words(let text, let field, let match): return match == .exact ? self : .words(correct(text), field: field, match: match)
        case .phrase(let text, let field, let slop): return text.contains(where: \.isWhitespace) ? .phrase(correct(text), field: field, slop: slop) : self
        case .prefix, .fuzzy, .all, .exists: return self
        case .constant(let score, let node): return .constant(score, node.corrected(correct))
        case .boost(let factor, let node): return .boost(factor, node.corrected(correct))
        case .boolean(var boolean):
            boolean.must = boolean.must.map { $0.corrected(correct) }
            boolean.should = boolean.should.map { $0.corrected(correct) }
            boolean.filter = boolean.filter.map { $0.corrected(correct) }
            return .boolean(boolean)
        case .best(let nodes, let tieBreaker): return .best(nodes.map { $0.corrected(correct) }, tieBreaker: tieBreaker)
        }
    }
}
