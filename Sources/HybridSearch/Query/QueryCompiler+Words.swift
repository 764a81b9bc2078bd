import LexicalIndex
import SearchCore
import TextAnalysis

/// Words that stand for others, and words that stand together.
extension QueryCompiler {
    /// One group of all surface forms that begin with the text.
    mutating func prefix(_ text: String, _ field: String?, _ isAskedFor: Bool) throws -> LexicalClause {
        let (word, surface) = try oneWord(text, "'\(text.prefix(40))*' is no prefix of one word")
        let field = try field.map { try number(of: $0) }
        var keys: Set<[UInt8]> = []
        for view in views {
            for number in searched(field) {
                keys.formUnion(
                    try view.segment.keys(withPrefix: surface.term.key, field: number, limit: Self.expansionsMax + 1) { key, documents in
                        // What is dead counts in no answer.
                        documents > view.dead.deadDocuments(containing: key, field: number)
                    })
                guard keys.count <= Self.expansionsMax else {
                    throw refusal("more than \(Self.expansionsMax) words begin with '\(text.prefix(40))'; write more of it")
                }
            }
        }
        try checkGroups()
        var term = word
        term.text += "*"
        // In the order of their bytes, so that sums have the same order everywhere. None at all: the text itself, which nothing has then.
        term.forms = keys.isEmpty ? [surface] : keys.sorted { $0.lexicographicallyPrecedes($1) }.map { QueryForm(term: Term(key: $0), weight: surface.weight) }
        return .group(compiled.append(term, fields: field.map { [$0] }, isAskedFor: isAskedFor))
    }

    /// One group of the surface forms that are near the text.
    mutating func fuzzy(_ text: String, _ field: String?, _ distance: Int?, _ prefixLength: Int, _ isAskedFor: Bool) throws -> LexicalClause {
        let (word, surface) = try oneWord(text, "'\(text.prefix(40))~' is no word of its own")
        let field = try field.map { try number(of: $0) }
        let length = word.text.unicodeScalars.count
        // Elasticsearch's AUTO.
        let distance = distance ?? (length < 3 ? 0 : length < 6 ? 1 : 2)
        let pattern: FuzzyPattern
        do {
            pattern = try FuzzyPattern(leading: [TermForm.surface.rawValue], word: word.text, distance: distance, prefixLength: prefixLength)
        } catch let error as TandemError { throw refusal(error.message) }
        let expansions = try LexicalSegment.keys(
            matching: pattern, in: views, fields: searched(field), limit: Self.fuzzyExpansionsMax, control: control)
        try checkGroups()
        var term = word
        term.text += "~\(distance)"
        let found = expansions.map { expansion in
            // Lucene's FuzzyTermsEnum: the share of code points that are as they were written.
            let shorter = min(length, String(decoding: expansion.key.dropFirst(), as: UTF8.self).unicodeScalars.count)
            let share = max(1 - Double(expansion.distance) / Double(max(shorter, 1)), 0.1)
            return QueryForm(term: Term(key: expansion.key), weight: surface.weight * share)
        }
        term.forms = found.isEmpty ? [surface] : found.sorted { $0.term.key.lexicographicallyPrecedes($1.term.key) }
        return .group(compiled.append(term, fields: field.map { [$0] }, isAskedFor: isAskedFor))
    }

    /// The words of a text in their places, by each chain of the fields; one that is alone is a group.
    /// - Returns: nil where the text has no word.
    mutating func phrase(_ text: String, _ field: String?, _ slop: Int, _ isAskedFor: Bool, boost: Double = 1) throws -> [LexicalClause]? {
        try countBytes(text)
        guard (0...Int(UInt16.max)).contains(slop) else { throw refusal("a slop of \(slop); expected 0 to 65535") }
        let fields = try field.map { Set([try number(of: $0)]) }
        var clauses: [LexicalClause] = []
        for chain in analysis.analyzers.chains(of: fields) {
            if let clause = try phrase(text, chain, slop, isAskedFor, boost: boost) { clauses.append(clause) }
        }
        if clauses.isEmpty { return nil }
        return clauses.count == 1 ? clauses : clauses + [.boolean(.init(should: clauses.count))]
    }

    mutating func phrase(
        _ text: String, _ chain: FieldAnalyzers.Chain, _ slop: Int, _ isAskedFor: Bool, boost: Double
    ) throws -> LexicalClause? {
        var analyzed = AnalyzedText()
        chain.analyzer.analyze(text, into: &analyzed)
        var words = analyzed.tokens.filter { $0.form == .surface }
        for token in analyzed.tokens where token.form == .whole {
            // `c++` stands for more than its word; `user@host` says no more than its words in their order.
            let inside = words.indices.filter { words[$0].start >= token.start && words[$0].end <= token.end }
            if inside.count == 1 { words[inside[0]] = token }
        }
        guard let first = words.first else { return nil }
        guard words.count <= LexicalPhrase.slotsMax else {
            throw refusal("a phrase of \(words.count) words; at most \(LexicalPhrase.slotsMax) are taken")
        }
        var groups: [[UInt8]: Int] = [:]
        var slots: [LexicalPhrase.Slot] = []
        for word in words {
            let key = Array(analyzed.key(of: word))
            if groups[key] == nil {
                try checkGroups()
                let form = QueryForm(term: Term(key: key), weight: 1)
                groups[key] = compiled.append(
                    QueryTerm(text: analyzed.text(of: word), boost: boost, forms: [form], position: Int(word.position)), fields: chain.fields,
                    isAskedFor: isAskedFor)
            }
            slots.append(LexicalPhrase.Slot(group: groups[key]!, offset: Int(word.position - first.position)))
        }
        if slots.count == 1 { return .group(slots[0].group) }
        compiled.phrases.append(LexicalPhrase(text: text, boost: boost, slots: slots, slop: slop))
        return .phrase(compiled.phrases.count - 1)
    }

    private mutating func oneWord(_ text: String, _ problem: String) throws -> (QueryTerm, QueryForm) {
        try countBytes(text)
        let terms = analysis.analyzers.main.analyzeQuery(text, languages: analysis.languages).filter { $0.kind != .piece && $0.kind != .variant }
        guard terms.count == 1, let surface = terms[0].forms.first(where: { $0.term.form == .surface }) else {
            throw refusal(problem)
        }
        return (terms[0], surface)
    }

    private func searched(_ field: Int?) -> [Int] { field.map { [$0] } ?? Array(schema.textFields.indices) }
}
