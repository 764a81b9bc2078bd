import ArgumentParser
import Foundation
import TandemClient

package struct SearchCommand: AsyncParsableCommand, DaemonCommand {
    package static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Search a collection.",
        discussion: """
            A table of hits, and a line that says how they came about. Scores: lexical is BM25, semantic the cosine, rerank the \
            cross-encoder's logit, score what the page is ordered by. With reranking, the reranked hits come \
            first by their score, the others behind them by theirs. A word like --this as the text goes behind '--', after all options.

            EXAMPLES:
              tandem search papers "heart failure in children"
              tandem search papers "C++" --mode lexical --explain
              tandem search papers "Herzinsuffizienz" --alpha 0.8 --rerank 0 --filter 'lang = "de" and year >= 2015'
              tandem search papers '+heart -attack title:children' --syntax strict
              tandem search papers "heart" --highlight --passages 3 --passage-length 300
              tandem search papers --like 4983 --fields title
              tandem search papers --recommend 4983 --recommend 5836=0.5 --recommend 12=-1
              tandem search shop "red shoes" --vector @shoes.txt --vector-field image
              tandem search papers "heart" --json | jq -r '.hits[].id'
            """)

    @OptionGroup package var connection: ConnectionOptions
    @Argument(help: "The collection.") var name: String
    @Argument(help: "What to search for.") var text: String?
    @Option(help: ArgumentHelp("Search for documents like this one instead: by its telling words and its vector.", valueName: "id")) var like: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Search for documents near this one by their vectors alone, weighted; below 0: far from it; repeatable. A text beside it is for the keyword leg. (default weight: 1)",
            valueName: "id[=weight]"))
    var recommend: [ExampleArgument] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "A vector for the semantic leg, beside the text or instead of one: numbers with commas between, or @ and a file of them.", valueName: "numbers"),
        transform: VectorArgument.init)
    var vector: VectorArgument?
    @Option(help: ArgumentHelp("Vector field that the semantic leg searches. (default: the first, which is the model's)", valueName: "name"))
    var vectorField: String?
    @Option(
        help: ArgumentHelp(
            "The text's language, for example de: its words are stemmed for that alone. (default: any that the documents are in)", valueName: "code"))
    var lang: String?

    @Option(
        help:
            "plain: words; strict: operators, as in '+must -not title:word \"a phrase\"~2 pre* colour~1 term^3 (a OR b)', a mistake is an error; lenient: a mistake makes it plain."
    )
    var syntax: SyntaxName = .plain
    @Option(help: "Of words that no document has: suggest what may have been meant, retry with it, or off.") var spelling: SpellingName = .suggest
    @Flag(help: "Correct also what looks like code: words with digits or capitals inside, or joined to others by symbols.") var spellingOfCodes = false
    @Flag(inversion: .prefixedNo, help: "Search for the collection's synonyms, too.") var synonyms = true
    @Option(help: "lexical, semantic or hybrid.") var mode: ModeName = .hybrid
    @Option(help: ArgumentHelp("Weight of the semantic leg, 0 to 1. (default: the collection's)", valueName: "a")) var alpha: Double?
    @Option(
        help: ArgumentHelp(
            "How much neighbouring words of a plain query count that are neighbours in a text, too: 0 to 1. (default: 0)", valueName: "p"))
    var proximity: Double?
    @Flag(help: "Compare every vector in the semantic leg, instead of walking graphs.") var exact = false
    @Option(
        help: ArgumentHelp(
            "How hard the semantic leg looks in graphs, 0 to 1: at 0 a fifth of the best may be missing, at 1 two in a thousand.", valueName: "e"))
    var effort: Double?
    @Option(
        help: ArgumentHelp(
            "The share of the best hits that the semantic leg should find, 0 to below 1; in graphs about 0.8 is found anyway. (default: 0.99)",
            valueName: "share"))
    var targetRecall: Double?
    @Option(help: "min_max, theoretical, dbsf or rrf.") var normalizer: NormalizerName = .minMax
    @Option(help: ArgumentHelp("Hits to show.", valueName: "n")) var limit = 10
    @Option(help: ArgumentHelp("Hits to leave out before.", valueName: "n")) var offset = 0
    @Option(help: ArgumentHelp("Candidates of each leg. (default: 100; those of the page where one leg runs alone)", valueName: "n")) var depth: Int?
    @Option(
        help: ArgumentHelp("Candidates to rerank; 0: none. (default: 50 in hybrid mode if the collection has a reranker; with --like none)", valueName: "n"))
    var rerank: Int?
    @Option(help: ArgumentHelp("Time for reranking, or 'none' for no limit. (default: 250)", valueName: "ms")) var rerankBudget: RerankBudget?
    @Option(help: ArgumentHelp("Share of the reranker in the score, 0 to 1. (default: the collection's)", valueName: "w")) var rerankWeight: Double?
    @Option(help: ArgumentHelp("Only documents that pass, for example 'lang = \"en\" and year >= 2020'.", valueName: "expression"))
    var filter: String?

    // Scores may be negative, hence `unconditional`: a value may begin with a dash.
    @Option(parsing: .unconditional, help: ArgumentHelp("Least BM25 score in the lexical leg.", valueName: "score")) var minLexical: Double?
    @Option(parsing: .unconditional, help: ArgumentHelp("Least cosine in the semantic leg.", valueName: "score")) var minSemantic: Double?
    @Option(parsing: .unconditional, help: ArgumentHelp("Least fused score.", valueName: "score")) var minFused: Double?
    @Option(parsing: .unconditional, help: ArgumentHelp("Least logit of reranked hits.", valueName: "score")) var minRerank: Double?

    @Option(help: ArgumentHelp("See at least the write that gave this token.", valueName: "token")) var after: UInt64?
    @Option(help: ArgumentHelp("Stored fields to fetch, with commas between; empty: none. (default: all)", valueName: "f,g")) var fields: String?
    @Option(help: ArgumentHelp("Weight of a text field, instead of the schema's; repeatable.", valueName: "name:weight"))
    var fieldWeight: [WeightedField] = []
    @Flag(help: "Show the best passages of every hit, with the query's words marked.") var highlight = false
    @Option(help: ArgumentHelp("Text fields that passages are taken from, with commas between. (default: all)", valueName: "f,g"))
    var highlightFields: String?
    @Option(help: ArgumentHelp("Passages of each field, 1 to 16. (default: 1)", valueName: "n")) var passages: Int?
    @Option(help: ArgumentHelp("Longest passage in characters, 20 to 4096. (default: 200)", valueName: "n")) var passageLength: Int?
    @Flag(help: "Show the arithmetic of every hit.") var explain = false
    @Flag(help: "Count all documents that match a word, which is slower; else 'at least' so many on large collections.") var count = false
    @Flag(help: "Print one JSON object; its keys are described in docs/command-line.md.") var json = false

    package func validate() throws {
        if let like, text != nil || vector != nil || !recommend.isEmpty {
            throw ValidationError("--like \(like): takes the place of a text, of a vector and of --recommend")
        }
        if !recommend.isEmpty, vector != nil { throw ValidationError("--recommend and --vector: give one of them") }
        if !recommend.isEmpty, mode == .lexical { throw ValidationError("--recommend compares vectors; --mode lexical searches by words only") }
        if text == nil, vector == nil, like == nil, recommend.isEmpty {
            throw ValidationError("give a text to search for, --like <id>, --recommend <id>, or --vector <numbers>")
        }
        try Validation.share(alpha, "--alpha")
        try Validation.share(effort, "--effort")
        if let targetRecall, !(targetRecall >= 0 && targetRecall < 1) {
            throw ValidationError("--target-recall \(targetRecall): expected 0 to below 1; --exact finds all")
        }
        if [exact, effort != nil, targetRecall != nil].count(where: \.self) > 1 {
            throw ValidationError("--exact, --effort and --target-recall: give one of them")
        }
        try Validation.share(proximity, "--proximity")
        try Validation.share(rerankWeight, "--rerank-weight")
        try Validation.range(limit, 0...10_000, "--limit")
        try Validation.range(offset, 0...10_000, "--offset")
        guard offset + limit <= 10_000 else { throw ValidationError("--offset \(offset) and --limit \(limit): expected 10000 at most together") }
        try Validation.range(depth, 1...10_000, "--depth")
        try Validation.range(rerank, 0...10_000, "--rerank")
        try Validation.collection(name)
        try Validation.range(passages, 1...16, "--passages")
        try Validation.range(passageLength, 20...4096, "--passage-length")
        if !highlight, highlightFields != nil || passages != nil || passageLength != nil {
            throw ValidationError("--highlight-fields, --passages and --passage-length go with --highlight")
        }
        for (value, option) in [(minLexical, "--min-lexical"), (minSemantic, "--min-semantic"), (minFused, "--min-fused"), (minRerank, "--min-rerank")] {
            try Validation.finite(value, option)
        }
    }

    package func request() -> SearchRequest {
        var request = SearchRequest(collection: name, text: text ?? "", mode: mode.value, alpha: alpha, normalizer: normalizer.value)
        request.proximity = proximity
        request.like = like
        request.recommend = recommend.map { Example(id: $0.id, weight: $0.weight) }
        request.vector = vector?.values
        request.vectorField = vectorField
        request.lang = lang
        request.exact = exact
        request.effort = effort
        request.targetRecall = targetRecall
        request.syntax = syntax.value
        if spelling != .off { request.spelling = SpellingOptions(mode: spelling.value, codes: spellingOfCodes) }
        request.synonyms = synonyms
        request.limit = UInt32(limit)
        request.offset = UInt32(offset)
        request.depth = depth.map { UInt32($0) }
        if rerank != nil || rerankBudget != nil || rerankWeight != nil {
            var options = RerankOptions(depth: rerank.map { UInt32($0) }, weight: rerankWeight)
            switch rerankBudget {
            case .milliseconds(let number): options.budgetMicroseconds = UInt64(number * 1000)
            case .unbounded: options.unbounded = true
            case nil: break
            }
            request.rerank = options
        }
        request.filter = filter.map { Filter(expression: $0) }
        if minLexical != nil || minSemantic != nil || minFused != nil || minRerank != nil {
            request.thresholds = Thresholds(lexical: minLexical, semantic: minSemantic, fused: minFused, rerank: minRerank)
        }
        request.fieldWeights = fieldWeight.map { FieldWeight(field: $0.name, weight: $0.weight) }
        request.afterSequence = after
        request.explain = explain
        request.countMatches = count
        request.fields = fields.map { FieldSelection(names: Self.names($0)) }
        if highlight {
            var options = HighlightOptions(fields: highlightFields.map(Self.names) ?? [])
            if let passages { options.passages = UInt32(passages) }
            if let passageLength { options.characters = UInt32(passageLength) }
            request.highlight = options
        }
        return request
    }

    private static func names(_ list: String) -> [String] { list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }

    package init() {}

    package func run() async throws {
        let response = try await connection.withClient { try await $0.search(request()) }
        if json {
            try SearchJSON.value(response, collection: name, query: text ?? like ?? "").print()
        } else {
            Output.raw(SearchText.page(response, offset: offset, width: Terminal.width(of: STDOUT_FILENO), isTerminal: Terminal.outputIsTerminal))
        }
    }
}
