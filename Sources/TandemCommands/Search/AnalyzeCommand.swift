import ArgumentParser
import Foundation
import TandemClient

/// `tandem analyze`: how a text becomes terms.
package struct AnalyzeCommand: AsyncParsableCommand, DaemonCommand {
    package static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Show how a text becomes terms, step by step.",
        discussion: """
            Every step of a chain: character filters, normaliser, tokenizer, filters; each token with its form, position and bytes in the text. Of a long \
            document that is much: pipe it. Nothing is stored.

            Forms: surface the word, stem without its inflection, folded without accents and script variants, part a piece of a word, whole several words \
            joined by symbols, bigram two neighbouring characters of Chinese, Japanese or Korean, language a language of the text.

            EXAMPLES:
              tandem analyze "Die Häuser am Fluss, node.js v1.2.3"
              tandem analyze --analyzer code "parseHTTPHeader(std::string)"
              tandem analyze --collection papers --field title "naïve Bayes" --query
              tandem analyze --lang de @file.txt
            """)

    @OptionGroup package var connection: ConnectionOptions
    @Argument(help: "The text; or @ and a file.") var text: String
    @Option(help: ArgumentHelp("Whose schema. (default: that of a collection created without options)", valueName: "name")) var collection: String?
    @Option(help: ArgumentHelp("A text field of the collection. (default: the first)", valueName: "name")) var field: String?
    @Option(help: ArgumentHelp("A chain by its name: standard, keyword, whitespace, code, ngram, german, …, or one of the collection's.", valueName: "name"))
    var analyzer: String?
    @Option(help: ArgumentHelp("The language that the text says it is in, for example de.", valueName: "code")) var lang: String?
    @Flag(help: "Show also what the text becomes as a query.") var query = false
    @Flag(help: "Print JSON.") var json = false

    package init() {}

    package func validate() throws {
        if field != nil, analyzer != nil { throw ValidationError("--field and --analyzer: give one of them") }
        if field != nil, collection == nil { throw ValidationError("--field needs a --collection") }
    }

    package func run() async throws {
        var request = AnalyzeRequest(collection: collection ?? "", text: try content())
        (request.field, request.analyzer, request.lang, request.query) = (field, analyzer, lang, query)
        let asked = request
        let response = try await connection.withClient { try await $0.analyze(asked) }
        if json { return try AnalysisText.json(response).print() }
        Output.raw(AnalysisText.page(response, of: asked.text, width: Terminal.width(of: STDOUT_FILENO)))
    }

    private func content() throws -> String {
        guard text.hasPrefix("@"), text.count > 1 else { return text }
        let path = String(text.dropFirst())
        guard let data = FileManager.default.contents(atPath: path) else { throw ValidationError("the file '\(path)' cannot be read") }
        return String(decoding: data, as: UTF8.self)
    }
}
