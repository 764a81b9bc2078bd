import SearchCore
public import TextAnalysis

extension CollectionSchema {
    /// What the chain of a field, or one named, makes of a text, step by step. Stores nothing.
    /// - Parameters:
    ///   - field: nil: the first text field.
    ///   - analyzer: a chain by its name, instead of a field's.
    ///   - language: what the document, or the query, says of itself.
    ///   - held: what the collection's documents are in, for `asQuery`.
    ///   - synonyms: the collection's, for `asQuery`; of several words they are shown as phrases in quotes.
    /// - Throws: `INVALID_ARGUMENT` for an unknown field, chain or language, or a text beyond ``TextAnalysis/Analyzer/reportBytesMax``.
    public func analyze(
        _ text: String, field: String? = nil, analyzer name: String? = nil, language: String? = nil, asQuery: Bool = false, held: [Language] = [],
        synonyms: [SynonymRule] = []
    ) throws -> AnalysisReport {
        var chosen = name ?? textFields.first?.analyzer ?? AnalyzerDefinition.standardName
        if let field {
            guard name == nil else { throw TandemError.invalidArgument("a field and an analyzer; give one of them") }
            guard let found = textFields.first(where: { $0.name == field }) else {
                throw TandemError.invalidArgument(
                    "'\(field.prefix(64))' is no text field of the collection; it has \(textFields.map(\.name).joined(separator: ", "))")
            }
            chosen = found.analyzer
        }
        let stated = try language.map { language in
            guard let known = Language(language) else {
                throw TandemError.invalidArgument("lang is '\(language.prefix(64))'; known languages: \(Language.all.map(\.code).joined(separator: ", "))")
            }
            return known
        }
        var schema = self
        schema.textFields = [TextField(name: "text", analyzer: chosen)]
        let analyzers = try FieldAnalyzers(self.analyzer, schema.analyzerDefinitions())
        let chain = analyzers.main
        let languages = stated.map { [$0] } ?? held
        var report = try chain.report(text, LanguageContext(stated: stated), queryLanguages: asQuery ? languages : nil)
        report.analyzer = chosen
        if asQuery, !synonyms.isEmpty {
            let analysis = QueryAnalysis(analyzers: analyzers, languages: languages, synonyms: SynonymIndex(synonyms, analyzers))
            var dropped = 0
            let vocabulary = Vocabulary(views: [], fields: nil)
            for group in try analysis.synonyms(of: text, &report.groups, report.queryLanguages, chain, vocabulary, dropped: &dropped) {
                let position = report.groups[group.originals[0]].position
                report.groups += (group.word.map { [$0] } ?? [])
                report.groups += group.phrases.map { QueryTerm(text: "\"\($0.text)\"", boost: $0.boost, forms: [], position: position) }
            }
        }
        return report
    }
}

extension Collection {
    /// As ``CollectionSchema/analyze(_:field:analyzer:language:asQuery:held:)``, for the languages that the collection holds.
    /// - Throws: also `UNAVAILABLE` while no generation serves.
    public func analyze(
        _ text: String, field: String? = nil, analyzer: String? = nil, language: String? = nil, asQuery: Bool = false
    ) throws -> AnalysisReport {
        try serving.schema.analyze(
            text, field: field, analyzer: analyzer, language: language, asQuery: asQuery, held: makeSearcher().snapshot.languages, synonyms: synonyms)
    }
}
