import HybridSearch
import SearchCore
import WireProtocol

extension HybridSearch.AnalyzerDefinition {
    /// - Throws: `INVALID_ARGUMENT` for a name that is not known. Numbers are the engine's to judge.
    init(_ message: WireProtocol.AnalyzerDefinition) throws {
        let about = "analyzer '\(message.name.prefix(64))'"
        self.init(language: message.language)
        characterFilters = try message.characterFilters.map { filter -> CharacterFilter in
            switch filter.kind {
            case .html: return .html
            case .pattern: return .pattern(filter.pattern, replacement: filter.replacement)
            default: throw Mapping.unknown("\(about), character filter", filter.kind)
            }
        }
        if let name = message.normalizer { normalizer = try Self.named(name, about, "normalizer") }
        switch message.tokenizer ?? "standard" {
        case "standard": tokenizer = .standard
        case "keyword": tokenizer = .keyword
        case "whitespace": tokenizer = .whitespace
        case "code": tokenizer = .code
        case "ngram": tokenizer = .ngram(min: Int(message.gramMin ?? 2), max: Int(message.gramMax ?? 3))
        case let other: throw Mapping.refuse(about, "unknown tokenizer '\(other.prefix(64))'; there are standard, keyword, whitespace, code, ngram")
        }
        filters = Set(try message.filters.map { try Self.named($0, about, "filter") as Filter })
    }

    private static func named<Choice: RawRepresentable & CaseIterable>(_ name: String, _ about: String, _ what: String) throws -> Choice
    where Choice.RawValue == String {
        guard let choice = Choice(rawValue: name) else {
            throw Mapping.refuse(about, "unknown \(what) '\(name.prefix(64))'; there are \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func wire(name: String) -> WireProtocol.AnalyzerDefinition {
        var message = WireProtocol.AnalyzerDefinition(name: name)
        message.characterFilters = characterFilters.map {
            switch $0 {
            case .html: WireProtocol.CharacterFilter(kind: .html)
            case .pattern(let pattern, let replacement): WireProtocol.CharacterFilter(kind: .pattern, pattern: pattern, replacement: replacement)
            }
        }
        message.normalizer = normalizer.rawValue
        switch tokenizer {
        case .standard: message.tokenizer = "standard"
        case .keyword: message.tokenizer = "keyword"
        case .whitespace: message.tokenizer = "whitespace"
        case .code: message.tokenizer = "code"
        case .ngram(let least, let most):
            message.tokenizer = "ngram"
            (message.gramMin, message.gramMax) = (UInt32(clamping: least), UInt32(clamping: most))
        }
        message.filters = filters.map(\.rawValue).sorted()
        message.language = language
        return message
    }
}

extension AnalyzeResponse {
    init(_ report: AnalysisReport) {
        self.init(analyzer: report.analyzer)
        stages = report.stages.map { stage in
            AnalysisStage(
                name: stage.name, text: stage.text,
                tokens: stage.tokens.map {
                    AnalyzedToken(
                        text: $0.text, form: String(describing: $0.form), position: UInt32(clamping: $0.position),
                        start: UInt32(clamping: $0.source.lowerBound),
                        end: UInt32(clamping: $0.source.upperBound))
                })
        }
        passages = report.passages.map { AnalyzedPassage(end: UInt32(clamping: $0.end), languages: $0.languages.map(\.code)) }
        groups = report.groups.map { group in
            AnalyzedGroup(
                text: group.text, boost: group.boost, stopWord: group.isStopWord,
                forms: group.forms.map { form in
                    AnalyzedForm(text: form.term.text, form: form.term.form.map { String(describing: $0) } ?? "", weight: form.weight)
                })
        }
        queryLanguages = report.queryLanguages.map(\.code)
    }
}
