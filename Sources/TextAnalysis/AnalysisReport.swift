public import SearchCore

/// What each step of a chain makes of a text: for people who wonder why something is found, or is not.
public struct AnalysisReport: Sendable, Hashable {
    public struct Token: Sendable, Hashable {
        public var text: String
        public var form: TermForm
        /// Number of the word.
        public var position: Int
        /// In bytes of the original text.
        public var source: Range<Int>
    }

    /// A character filter or the normaliser, which give a text, or the tokenizer or the filters, which give tokens.
    public struct Stage: Sendable, Hashable {
        public var name: String
        public var text: String?
        public var tokens: [Token] = []
    }

    public struct Passage: Sendable, Hashable {
        /// One past its last byte, in the text after the character filters.
        public var end: Int
        /// Two where it is not certain.
        public var languages: [Language]
    }

    /// The chain's name.
    public var analyzer = ""
    public var stages: [Stage] = []
    public var passages: [Passage] = []
    /// What the text becomes as a query; empty where that was not asked.
    public var groups: [QueryTerm] = []
    public var queryLanguages: [Language] = []
}

extension Analyzer {
    /// Longer texts are not shown.
    public static let reportBytesMax = 1 << 20

    /// Runs the chain step by step.
    /// - Parameters:
    ///   - context: of a document's text.
    ///   - languages: of a query's words, the likeliest first; nil: the text is not analysed as a query.
    /// - Throws: `invalidArgument` for a text of more than ``reportBytesMax`` bytes.
    /// - Complexity: O(bytes), several times that of ``analyze(_:_:into:)``.
    public func report(_ text: String, _ context: LanguageContext = .unknown, queryLanguages languages: [Language]? = nil) throws -> AnalysisReport {
        guard text.utf8.count <= Self.reportBytesMax else {
            throw TandemError.invalidArgument("the text has \(text.utf8.count) bytes; at most \(Self.reportBytesMax) are analysed for show")
        }
        var report = AnalysisReport()
        withWorkspace { workspace in
            withBytes(of: text) { bytes in
                for (filter, step) in zip(definition.characterFilters, workspace.filterSteps(bytes)) {
                    let name =
                        switch filter {
                        case .html: "character filter: html"
                        case .pattern(let pattern, _): "character filter: \(pattern)"
                        }
                    report.stages.append(.init(name: name, text: String(decoding: step.bytes, as: UTF8.self)))
                }
                report.stages.append(.init(name: "normalizer: \(definition.normalizer.rawValue)", text: workspace.normalized(bytes)))
                var analyzed = AnalyzedText()
                workspace.analyze(bytes, context, into: &analyzed)
                report.passages = workspace.passagesOfLastText.map { passage in
                    .init(end: Int(passage.end), languages: [passage.first, passage.second].filter { $0 >= 0 }.map { Language.all[Int($0)] })
                }
                let tokens = analyzed.tokens.map { token in
                    AnalysisReport.Token(
                        text: analyzed.text(of: token), form: token.form, position: Int(token.position), source: Int(token.start)..<Int(token.end))
                }
                report.stages.append(.init(name: "tokenizer: \(definition.tokenizerName)", tokens: tokens.filter { $0.form == .surface }))
                report.stages.append(.init(name: "filters: \(definition.filters.map(\.rawValue).sorted().joined(separator: ", "))", tokens: tokens))
            }
        }
        if let languages {
            report.groups = analyzeQuery(text, languages: languages)
            report.queryLanguages = queryLanguages(text, languages)
        }
        return report
    }
}
