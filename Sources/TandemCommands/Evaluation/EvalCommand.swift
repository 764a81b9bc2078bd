import ArgumentParser
import Foundation
import Synchronization
import TandemClient

package struct EvalCommand: AsyncParsableCommand, DaemonCommand {
    package static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Measure the rankings of a collection against judgements.",
        discussion: """
            Prints nDCG@10, MRR@10 and recall@100, as pytrec_eval computes them (linear gain), for keyword search, semantic \
            search, hybrid search without and with the reranker. Queries without a relevant document are left out. \
            Rerankings run without a time budget.

            EXAMPLES:
              tandem eval scifact --queries queries.jsonl --qrels qrels.tsv
              tandem eval scifact --queries queries.jsonl --qrels qrels.tsv --modes hybrid,reranked --rerank 20 --limit-queries 100 --json
              tandem eval xquad --queries queries.jsonl --qrels qrels.tsv --same-language --per-language
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The collection.") var name: String
    @Option(help: ArgumentHelp("BEIR queries: a line is {\"_id\", \"text\", \"lang\"?}.", valueName: "file")) var queries: String
    @Option(help: ArgumentHelp("Judgements: query, document, relevance (BEIR), or TREC's four columns.", valueName: "file")) var qrels: String
    @Option(help: "lexical, semantic, hybrid, reranked; with commas between. (default: all that the collection can)")
    var modes: String?
    @Option(help: ArgumentHelp("Candidates that 'reranked' reranks.", valueName: "n")) var rerank = 50
    @Option(help: ArgumentHelp("Share of the reranker in the score, 0 to 1. (default: the collection's)", valueName: "w")) var rerankWeight: Double?
    @Option(help: ArgumentHelp("Evenly spaced queries to run, of each language if languages are given. (default: all)", valueName: "n"))
    var limitQueries: Int?
    @Option(help: ArgumentHelp("Weight of the semantic leg, 0 to 1. (default: the collection's)", valueName: "a")) var alpha: Double?
    @Option(help: ArgumentHelp("Weight of neighbouring words, 0 to 1, as in a search.", valueName: "p")) var proximity: Double?
    @Option(help: ArgumentHelp("Candidates of each leg.", valueName: "n")) var depth = 100
    @Option(help: "min_max, theoretical, dbsf or rrf.") var normalizer: NormalizerName = .minMax
    @Option(help: ArgumentHelp("Search only what passes this filter.", valueName: "expression")) var filter: String?
    @Flag(help: "Search only documents in the query's language.") var sameLanguage = false
    @Option(help: ArgumentHelp("Attribute with a document's language, for --same-language.", valueName: "field")) var languageField = "lang"
    @Flag(help: "Also one result for each language of the queries (with --json always).") var perLanguage = false
    @Option(help: ArgumentHelp("Searches under way at a time.", valueName: "n")) var inFlight = 2
    @Flag(help: "Print one JSON object.") var json = false

    package init() {}

    package func validate() throws {
        _ = try modes.map(Self.modes)
        if let limitQueries, limitQueries < 1 { throw ValidationError("--limit-queries \(limitQueries): expected at least 1") }
        if !(1...10_000).contains(rerank) { throw ValidationError("--rerank \(rerank): expected 1 to 10000") }
        if !(1...10_000).contains(depth) { throw ValidationError("--depth \(depth): expected 1 to 10000") }
        if !(1...64).contains(inFlight) { throw ValidationError("--in-flight \(inFlight): expected 1 to 64") }
        try Validation.share(alpha, "--alpha")
        try Validation.share(proximity, "--proximity")
        try Validation.share(rerankWeight, "--rerank-weight")
    }

    package static func modes(_ list: String) throws -> [EvaluationMode] {
        var modes: [EvaluationMode] = []
        for name in list.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            guard let mode = EvaluationMode(rawValue: name) else {
                throw ValidationError("--modes '\(name)': expected lexical, semantic, hybrid, reranked, with commas between")
            }
            if !modes.contains(mode) { modes.append(mode) }
        }
        if modes.isEmpty { throw ValidationError("--modes names none") }
        return modes
    }

    package func run() async throws {
        let all = try TestCollectionFiles.queries(path: queries)
        let judgements = try TestCollectionFiles.judgements(path: qrels)
        let judged = TestCollectionFiles.judged(all, by: judgements)
        guard !judged.isEmpty else {
            throw CommandFailure("no query of \(queries) has a relevant document in \(qrels); do they belong together?")
        }
        let sample = TestCollectionFiles.sample(judged, limit: limitQueries)
        if sameLanguage, sample.allSatisfy({ $0.language == nil }) {
            throw CommandFailure("--same-language: the queries of \(queries) name no language ('lang')")
        }
        let results = try await connection.withClient(timeout: .seconds(600)) { client in
            let modes = try await runnableModes(client)
            // Figures of a half-embedded collection would be false without looking so.
            let state = try await client.describeCollection(name)
            try await LevelWait.wait(for: state.lastSequence, in: name, vectors: modes.contains { $0 != .lexical }, client)
            let evaluator = Evaluator(
                settings: .init(
                    collection: name, alpha: alpha, proximity: proximity, depth: max(depth, Int(Evaluator.hits)), rerankDepth: rerank,
                    rerankWeight: rerankWeight,
                    normalizer: normalizer.value, filter: filter, sameLanguageField: sameLanguage ? languageField : nil, inFlight: inFlight),
                search: { try await client.search($0) })
            let done = Counter()
            let total = sample.count * modes.count
            return try await ProgressDisplay("evaluating", unit: "searches").during({ (done.value, Double(done.value) / Double(total)) }) {
                var results: [(EvaluationMode, EvaluationResult)] = []
                for mode in modes {
                    results.append((mode, try await evaluator.run(mode, queries: sample, judgements: judgements) { done.increment() }))
                }
                return results
            }
        }
        for (mode, result) in results where result.degraded > 0 {
            Output.note("tandem: \(result.degraded) of \(result.all.queries) '\(mode.rawValue)' searches were degraded (\(result.firstDegradation ?? ""))")
        }
        if json {
            try JSONValue.object(Dictionary(uniqueKeysWithValues: results.map { ($0.0.rawValue, $0.1.json(perLanguage: true)) })).print()
        } else {
            if all.count > judged.count { Output.note("\(all.count - judged.count) queries without a relevant document were left out") }
            Output.raw(Self.table(results, perLanguage: perLanguage))
        }
    }

    /// Those asked for, else those for which the collection has models.
    private func runnableModes(_ client: TandemClient) async throws -> [EvaluationMode] {
        let schema = try await client.describeCollection(name).schema ?? CollectionSchema()
        let hasModel = schema.model?.isEmpty == false
        let hasReranker = schema.reranker?.isEmpty == false
        if let modes {
            let wanted = try Self.modes(modes)
            if wanted.contains(.reranked), !hasReranker { throw CommandFailure("--modes reranked: collection '\(name)' has no reranker") }
            if !hasModel, wanted.contains(where: { $0 != .lexical }) {
                throw CommandFailure("--modes \(modes): collection '\(name)' has no model, so only 'lexical' can be measured")
            }
            return wanted
        }
        return hasModel ? (hasReranker ? EvaluationMode.allCases : [.lexical, .semantic, .hybrid]) : [.lexical]
    }

    package static func table(_ results: [(EvaluationMode, EvaluationResult)], perLanguage: Bool) -> String {
        var table = TextTable([
            .init("mode"), .init("language"), .init("nDCG@10", .right), .init("MRR@10", .right), .init("recall@100", .right),
            .init("queries", .right), .init("seconds", .right),
        ])
        func add(_ mode: String, _ language: String, _ means: MetricMeans, _ seconds: String) {
            table.add([
                mode, language, NumberText.decimal(means.ndcgAt10, 4), NumberText.decimal(means.mrrAt10, 4),
                NumberText.decimal(means.recallAt100, 4), NumberText.count(means.queries), seconds,
            ])
        }
        for (mode, result) in results {
            add(mode.rawValue, "all", result.all, NumberText.decimal(result.seconds, 1))
            if perLanguage {
                for (language, means) in result.languages.sorted(by: { $0.key < $1.key }) { add("", language, means, "") }
            }
        }
        return table.render(width: nil)
    }
}

/// Counts what is done on any thread.
final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.wrappingAdd(1, ordering: .relaxed) }
}
