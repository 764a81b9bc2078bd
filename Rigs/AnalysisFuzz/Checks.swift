import Foundation
import RigSupport
import SearchCore
import TextAnalysis

/// What must hold of any bytes, through any chain. A breach is thrown as `Finding`.
///
/// 1. Tokens lie in the order of the docs, their keys back to back and UTF-8; offsets within the text, on borders of code points where the text is UTF-8.
/// 2. A word's offsets select bytes that give the word again.
/// 3. The same text gives the same terms: again, in a fresh workspace, and through the report.
/// 4. Queries give finite weights, forms that are UTF-8, and no more groups than the limit.
/// 5. Sentences begin in ascending order, inside the text, on borders of code points.
struct Checks {
    private(set) var bytes = 0
    private(set) var tokens = 0
    private(set) var queries = 0
    private(set) var chains = 0
    private var opened: [AnalyzerDefinition: Analyzer] = [:]
    private var configuration = AnalyzerConfiguration()
    /// More are closed: each may hold some megabytes of stems.
    private static let openedMax = 48
    /// Of a query: the server takes no longer ones, and long ones cost by the square of their words.
    private static let queryBytesMax = 4 << 10
    /// Longer texts are analysed, but not step by step.
    private static let shownBytesMax = 64 << 10
    /// Words of a text that are analysed again by themselves.
    private static let wordsAgain = 6

    mutating func check(_ fuzzCase: FuzzCase) throws {
        if fuzzCase.configuration != configuration {
            opened = [:]
            configuration = fuzzCase.configuration
        }
        let text = [UInt8](fuzzCase.text)
        bytes += text.count
        for (name, definition) in [(fuzzCase.builtIn, AnalyzerDefinition.builtIn[fuzzCase.builtIn]), ("by chance", fuzzCase.definition)] {
            guard let definition else { throw Finding("no built-in chain \(name)") }
            // What a chain refuses is none of ours, so long as it says so.
            guard let analyzer = try analyzer(definition) else { continue }
            do {
                try check(text, analyzer, fuzzCase)
            } catch let finding as Finding {
                throw Finding("chain \(name) (\(definition)), text \(fuzzCase.kind): \(finding.description)")
            }
        }
        try checkLanguages(text, fuzzCase)
    }

    /// Nil for a pattern that is no regular expression.
    private mutating func analyzer(_ definition: AnalyzerDefinition) throws -> Analyzer? {
        if let known = opened[definition] { return known }
        if opened.count >= Self.openedMax { opened = [:] }
        do {
            let analyzer = try Analyzer(configuration, definition)
            opened[definition] = analyzer
            chains += 1
            return analyzer
        } catch let error as TandemError {
            guard error.code == .invalidArgument else { throw Finding("opening \(definition): \(error)") }
            return nil
        }
    }

    // MARK: Documents

    private mutating func check(_ text: [UInt8], _ analyzer: Analyzer, _ fuzzCase: FuzzCase) throws {
        let context = LanguageContext(stated: fuzzCase.stated.flatMap { Language($0) })
        var (first, second) = (AnalyzedText(), AnalyzedText())
        text.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, context, into: &first) }
        tokens += first.tokens.count
        let isText = String(validating: text, as: UTF8.self) != nil
        try checkTokens(first, text, analyzer.definition, isText: isText)

        let takesTime = analyzer.definition.characterFilters.contains { if case .pattern = $0 { true } else { false } }
        if !takesTime || text.count <= Self.shownBytesMax {
            text.withUnsafeBufferPointer { analyzer.analyze(utf8: $0, context, into: &second) }
            try expectSame(first, second, "analysed again")
        }
        if text.count <= Self.queryBytesMax, text.count % 8 == 0 {
            let fresh = try Analyzer(configuration, analyzer.definition)
            text.withUnsafeBufferPointer { fresh.analyze(utf8: $0, context, into: &second) }
            try expectSame(first, second, "analysed by a fresh analyzer")
        }
        // Long grams make terms by the square.
        if text.count <= Self.shownBytesMax, first.tokens.count <= Self.shownBytesMax {
            if isText { try checkReport(String(decoding: text, as: UTF8.self), first, analyzer, context) }
            // Identifiers are folded as they are written, which NFKC_Casefold is not.
            if isText, analyzer.definition.characterFilters.isEmpty, analyzer.definition.tokenizer != .code { try checkWords(first, text, analyzer) }
        }
        if text.count <= Self.queryBytesMax { try checkQuery(String(decoding: text, as: UTF8.self), analyzer, fuzzCase) }
        if text.count <= 1 << 20 { try checkSentences(text, analyzer, isText: isText) }
    }

    private func checkTokens(_ analyzed: AnalyzedText, _ text: [UInt8], _ definition: AnalyzerDefinition, isText: Bool) throws {
        var (keyEnd, words, last, lastEnd) = (0, 0, UInt32(0), UInt32(0))
        // Replaced text may stand where nothing stood, or at a place of its own.
        let isFiltered = !definition.characterFilters.isEmpty
        let isGrams = if case .ngram = definition.tokenizer { true } else { false }
        for (index, token) in analyzed.tokens.enumerated() {
            func fail(_ what: String) -> Finding {
                Finding(
                    "token \(index), \(token.form) \"\(escaped(analyzed.key(of: token).dropFirst()))\" at \(token.start)..<\(token.end), position \(token.position): \(what)"
                )
            }
            guard Int(token.termStart) == keyEnd, token.termLength > 0, Int(token.termLength) <= Limits.termBytesMax + 1 else {
                throw Finding("token \(index): key at \(token.termStart), \(token.termLength) bytes; expected at \(keyEnd)")
            }
            keyEnd += Int(token.termLength)
            guard keyEnd <= analyzed.termBytes.count else { throw Finding("token \(index): key ends at \(keyEnd) of \(analyzed.termBytes.count)") }
            let key = analyzed.key(of: token)
            guard key.first == token.form.rawValue else { throw fail("form byte \(key.first ?? 0)") }
            guard String(validating: key.dropFirst(), as: UTF8.self) != nil else { throw fail("its text is no UTF-8") }
            if token.form == .language { continue }
            guard key.count > 1 else { throw fail("empty") }
            guard token.start < token.end || isFiltered && token.start == token.end, Int(token.end) <= text.count else {
                throw fail("outside of \(text.count) bytes")
            }
            guard Int(token.position) < analyzed.length else { throw fail("\(analyzed.length) words only") }
            if isText {
                for offset in [Int(token.start), Int(token.end)] where offset < text.count && text[offset] & 0xC0 == 0x80 {
                    throw fail("\(offset) is inside a character")
                }
            }
            guard token.form == .surface else { continue }
            guard Int(token.position) == words else { throw fail("word \(words)") }
            words += 1
            guard token.start >= last, isGrams || isFiltered || token.end >= lastEnd else {
                throw fail("begins or ends before the word before it, \(last)..<\(lastEnd)")
            }
            (last, lastEnd) = (token.start, token.end)
        }
        guard words == analyzed.length else { throw Finding("\(words) surface forms, length \(analyzed.length)") }
        guard keyEnd == analyzed.termBytes.count else { throw Finding("\(analyzed.termBytes.count) bytes of keys, \(keyEnd) of them are some token's") }
    }

    private func expectSame(_ first: AnalyzedText, _ second: AnalyzedText, _ when: String) throws {
        guard first.length == second.length, first.tokens == second.tokens, first.termBytes == second.termBytes else {
            let index = zip(first.tokens, second.tokens).enumerated().first { $1.0 != $1.1 || first.key(of: $1.0) != second.key(of: $1.1) }?.offset
            throw Finding(
                "\(when): \(second.tokens.count) tokens for \(first.tokens.count); the first other one is \(index.map(String.init) ?? "behind the shorter end")"
            )
        }
    }

    /// A word's source, normalised as one word, holds the word.
    private mutating func checkWords(_ analyzed: AnalyzedText, _ text: [UInt8], _ analyzer: Analyzer) throws {
        let words = analyzed.tokens.filter { $0.form == .surface }
        guard let whole = try self.analyzer(AnalyzerDefinition(normalizer: analyzer.definition.normalizer, tokenizer: .keyword, filters: [])) else { return }
        var again = AnalyzedText()
        for step in 0..<min(Self.wordsAgain, words.count) {
            let word = words[step * words.count / Self.wordsAgain < words.count ? step * words.count / Self.wordsAgain : step]
            let source = text[Int(word.start)..<Int(word.end)]
            // Longer ones are cut, or composed in pieces.
            guard source.count < Limits.termBytesMax / 4 else { continue }
            Array(source).withUnsafeBufferPointer { whole.analyze(utf8: $0, into: &again) }
            guard let found = again.tokens.first else { throw Finding("\"\(escaped(source))\" at \(word.start) gives no word by itself") }
            let (inner, outer) = (Array(analyzed.key(of: word).dropFirst()), Array(again.key(of: found).dropFirst()))
            guard Self.holds(outer, inner) else { throw Finding("word \"\(escaped(inner))\", but its source \"\(escaped(source))\" is \"\(escaped(outer))\"") }
        }
    }

    private static func holds(_ outer: [UInt8], _ inner: [UInt8]) -> Bool {
        guard inner.count <= outer.count else { return false }
        return (0...outer.count - inner.count).contains { outer[$0..<$0 + inner.count].elementsEqual(inner) }
    }

    private func checkReport(_ text: String, _ analyzed: AnalyzedText, _ analyzer: Analyzer, _ context: LanguageContext) throws {
        let report = try analyzer.report(text, context, queryLanguages: text.utf8.count <= Self.queryBytesMax ? [] : nil)
        guard let last = report.stages.last, last.tokens.count == analyzed.tokens.count else {
            throw Finding("the report has \(report.stages.last?.tokens.count ?? 0) tokens for \(analyzed.tokens.count)")
        }
        for (shown, token) in zip(last.tokens, analyzed.tokens) {
            guard shown.text == analyzed.text(of: token), shown.source == Int(token.start)..<Int(token.end) else { throw Finding("the report has \(shown)") }
        }
        guard report.stages.count == analyzer.definition.characterFilters.count + 3 else { throw Finding("\(report.stages.count) stages") }
        var end = 0
        for passage in report.passages {
            guard passage.end >= end else { throw Finding("a passage ends at \(passage.end), the one before at \(end)") }
            end = passage.end
        }
    }

    // MARK: Queries, languages, sentences

    private mutating func checkQuery(_ text: String, _ analyzer: Analyzer, _ fuzzCase: FuzzCase) throws {
        queries += 1
        let languages = fuzzCase.queryLanguages.compactMap { Language($0) }
        let (terms, found) = analyzer.analyzeQuery(text, held: languages)
        guard terms.count(where: { $0.kind != .variant }) <= Limits.queryGroupsMax else { throw Finding("\(terms.count) groups") }
        for term in terms {
            guard term.boost.isFinite, term.boost >= 0, !term.forms.isEmpty, term.position >= 0 else { throw Finding("group \(term)") }
            for form in term.forms {
                guard form.weight.isFinite, form.weight >= 0, !form.term.key.isEmpty, form.term.key.count <= Limits.termBytesMax + 1,
                    String(validating: form.term.key.dropFirst(), as: UTF8.self) != nil
                else { throw Finding("form \(form) of group \(term.text)") }
            }
        }
        guard analyzer.analyzeQuery(text, held: languages) == (terms, found) else { throw Finding("the same query has other groups") }
        for term in terms.prefix(4) where term.kind == .word {
            for language in Language.all.prefix(12) {
                let parts = CompoundSplitter.split(term.text, language) { $0.count % 3 == 0 ? $0.count : 0 }
                guard parts.count != 1 else { throw Finding("\(term.text) is a compound of one part in \(language)") }
            }
        }
    }

    private func checkLanguages(_ text: [UInt8], _ fuzzCase: FuzzCase) throws {
        guard text.count <= 1 << 20, let analyzer = opened.values.first else { return }
        let whole = String(decoding: text, as: UTF8.self)
        let texts = [whole, String(whole.prefix(40)), ""]
        guard analyzer.context(of: texts, stated: fuzzCase.stated) == analyzer.context(of: texts, stated: fuzzCase.stated),
            analyzer.context(of: texts) == analyzer.context(of: texts)
        else { throw Finding("the same texts are in other languages") }
        _ = Language(whole.prefix(100))
    }

    private func checkSentences(_ text: [UInt8], _ analyzer: Analyzer, isText: Bool) throws {
        var (starts, again) = ([UInt32(7)], [UInt32]())
        text.withUnsafeBufferPointer {
            analyzer.sentenceStarts(utf8: $0, into: &starts)
            analyzer.sentenceStarts(utf8: $0, into: &again)
        }
        guard starts == again else { throw Finding("the same text has other sentences") }
        var last: UInt32 = 0
        for start in starts {
            guard start > last, Int(start) < text.count else { throw Finding("a sentence at \(start) behind one at \(last), of \(text.count) bytes") }
            if isText, text[Int(start)] & 0xC0 == 0x80 { throw Finding("a sentence begins inside a character, at \(start)") }
            last = start
        }
    }
}
