import ArgumentParser
import TandemClient

/// What the daemon says that it looked at: means of a search.
struct WorkReport: Encodable {
    var graphSegments = 0.0, flatSegments = 0.0, visited = 0.0, estimated = 0.0, scanned = 0.0, refined = 0.0

    init(_ reports: [SemanticReport]) {
        guard !reports.isEmpty else { return }
        func mean(_ value: (SemanticReport) -> Double) -> Double { reports.reduce(0) { $0 + value($1) } / Double(reports.count) }
        graphSegments = mean { Double($0.graphSegments) }
        flatSegments = mean { Double($0.flatSegments) }
        visited = mean { Double($0.visited) }
        estimated = mean { Double($0.estimated) }
        scanned = mean { Double($0.scanned) }
        refined = mean { Double($0.refined) }
    }
}

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "search", abstract: "Time searches, as a closed loop or, with a rate, as an open one.")

    @OptionGroup var target: Target
    @OptionGroup var queries: QueryOptions
    @Option(help: ArgumentHelp("Closed loop: searches at a time.", valueName: "n")) var concurrency = 8
    @Option(help: ArgumentHelp("Open loop: searches that begin in a second, on average.", valueName: "n")) var rate: Double?
    @Option(help: ArgumentHelp("How long searches begin.", valueName: "s")) var seconds = 10.0
    @Option(help: ArgumentHelp("Searches before the measured ones.", valueName: "n")) var warm = 200
    @Option(help: ArgumentHelp("Open loop: seed of the moments.", valueName: "n")) var seed: UInt64 = 1

    func validate() throws {
        if concurrency < 1 || warm < 0 { throw ValidationError("--concurrency and --warm: expected numbers above 0") }
        if let rate, !(rate > 0 && rate <= 100_000) { throw ValidationError("--rate \(rate): expected 0 to 100000") }
        if !(seconds > 0 && seconds <= 86_400) { throw ValidationError("--seconds \(seconds): expected 0 to 86400") }
    }

    /// Of the searches that were due in one second: shows stalls that p99 of the whole hides, and what grew meanwhile.
    struct Second: Encodable {
        var p99: Double
        var work: WorkReport

        init(_ samples: [SearchSample]) {
            p99 = Distribution(samples.map(\.client)).p99
            work = WorkReport(samples.map(\.semantic))
        }
    }

    struct Report: Encodable {
        var load: String
        var searches: Int
        var perSecond: Double
        /// As the caller saw it, and the reply's own time.
        var client: Distribution
        var server: Distribution
        var stages: [String: Distribution]
        var work: WorkReport
        var bySecond: [Second]
    }

    func run() throws {
        let load = SearchLoad(try target.endpoint, collection: target.collection, queries: try queries.queries(of: target))
        try load.warm(warm)
        try target.report {
            let samples =
                if let rate {
                    try load.openLoop(rate: rate, seconds: seconds, seed: seed)
                } else {
                    try load.closedLoop(concurrency: concurrency, seconds: seconds)
                }
            var stages: [String: [Double]] = [:]
            for sample in samples { for stage in sample.stages { stages[stage.name, default: []].append(stage.microseconds) } }
            let seconds = Dictionary(grouping: samples) { Int($0.at) }
            // Until the last answer, which may have come after the time was up.
            let lasted = samples.map { $0.at + $0.client / 1e6 }.max() ?? 1
            return Report(
                load: rate.map { "open loop, \($0) a second" } ?? "\(concurrency) at a time", searches: samples.count,
                perSecond: Double(samples.count) / lasted, client: Distribution(samples.map(\.client)),
                server: Distribution(samples.map(\.server)), stages: stages.mapValues { Distribution($0) }, work: WorkReport(samples.map(\.semantic)),
                bySecond: seconds.keys.sorted().map { Second(seconds[$0]!) })
        }
    }
}

/// Searches one at a time, through the client library.
private struct Searches {
    let client: TandemClient
    let collection: String
    let queries: [[Float]]

    func response(_ number: Int, exact: Bool = false) async throws -> SearchResponse {
        try await client.search(searchRequest(collection, queries[number % queries.count], exact: exact))
    }

    func warm(_ count: Int) async throws {
        for number in 0..<count { _ = try await response(number) }
    }
}

struct RecallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recall", abstract: "Compare searches with exact ones, one at a time; and both with the vectors that the documents hold.")

    /// Two scores of the same vector may differ by so much, since the daemon computes in single precision.
    static let tie = 1e-6, rounding = 1e-4

    @OptionGroup var target: Target
    @OptionGroup var queries: QueryOptions
    @OptionGroup var population: PopulationOptions
    @Option(help: "What was done to the documents: filled, thinned or replaced.") var stage: Population.Stage

    struct Report: Encodable {
        var queries: Int
        /// Share of the exact hits that the others equal; a score that is no less than the last exact one's counts, so ties do not matter.
        var recall: Double
        /// Least recall of one query.
        var worst: Double
        var client: Distribution
        var exact: Distribution
        var work: WorkReport
    }

    func run() async throws {
        let queries = try queries.queries(of: target)
        let file = try target.file(with: 0..<population.documents)
        let rows = population.population(stage).rows
        try await target.run { client in
            let searches = Searches(client: client, collection: target.collection, queries: queries)
            // Exact ones apart, which would push the graphs out of the caches. The first pass warms.
            try await searches.warm(queries.count)
            let (found, times) = try await answers(searches, exact: false)
            let (truth, exactTimes) = try await answers(searches, exact: true)
            var shares: [Double] = []
            for (number, query) in queries.enumerated() {
                try verify(found[number], query, file, rows)
                try verify(truth[number], query, file, rows)
                let last = truth[number].hits.last?.semantic ?? 0
                let good = found[number].hits.count { ($0.semantic ?? -.infinity) >= last - Self.tie }
                shares.append(Double(good) / Double(max(1, truth[number].hits.count)))
            }
            return Report(
                queries: queries.count, recall: shares.reduce(0, +) / Double(shares.count), worst: shares.min() ?? 0, client: Distribution(times),
                exact: Distribution(exactTimes), work: WorkReport(found.compactMap(\.semantic)))
        }
    }

    private func answers(_ searches: Searches, exact: Bool) async throws -> ([SearchResponse], [Double]) {
        var responses: [SearchResponse] = []
        var times: [Double] = []
        for number in searches.queries.indices {
            let began = ContinuousClock.now
            responses.append(try await searches.response(number, exact: exact))
            times.append(began.duration(to: .now).inMicroseconds)
        }
        return (responses, times)
    }

    /// - Throws: ``WrongResult`` for a hit that is none.
    private func verify(_ response: SearchResponse, _ query: [Float], _ file: VectorFile, _ rows: [Int?]) throws {
        guard response.hits.count == SearchLoad.k, Set(response.hits.map(\.id)).count == SearchLoad.k else {
            throw WrongResult(description: "a search found \(Set(response.hits.map(\.id)).count) documents of \(SearchLoad.k)")
        }
        for hit in response.hits {
            guard let document = Int(hit.id), rows.indices.contains(document), let row = rows[document] else {
                throw WrongResult(description: "document \(hit.id) was found, which is deleted or never was")
            }
            let score = cosine(query, file[row])
            guard let semantic = hit.semantic, abs(semantic - score) < Self.rounding else {
                throw WrongResult(description: "document \(hit.id) has the score \(hit.semantic ?? .nan), its present vector has \(score)")
            }
        }
    }
}
