import Synchronization
import TandemClient

/// A way to search that is measured.
public enum EvaluationMode: String, Sendable, CaseIterable {
    case lexical, semantic, hybrid, reranked
}

/// What was measured of one mode.
public struct EvaluationResult: Sendable {
    public var all = MetricMeans()
    /// By the queries' language; empty where they name none.
    public var languages: [String: MetricMeans] = [:]
    /// Searches in which a stage did less than was asked: their ranking is not what is to be measured.
    public var degraded = 0
    public var firstDegradation: String?
    public var seconds = 0.0

    public init() {}

    mutating func add(_ query: TestQuery, _ ranking: [String], _ judgements: [String: Int]) {
        all.add(ranking, judgements)
        if let language = query.language { languages[language, default: MetricMeans()].add(ranking, judgements) }
    }

    public func json(perLanguage: Bool) -> JSONValue {
        var object = all.json
        if perLanguage, !languages.isEmpty { object["languages"] = .object(languages.mapValues { .object($0.json) }) }
        if degraded > 0 { object["degraded"] = .number(degraded) }
        object["seconds"] = .double((seconds * 1000).rounded() / 1000)
        return .object(object)
    }
}

/// Runs the queries of a test collection and measures the rankings.
package struct Evaluator: Sendable {
    package struct Settings: Sendable {
        var collection: String
        var alpha: Double?
        var proximity: Double?
        var depth: Int
        var rerankDepth: Int
        var rerankWeight: Double?
        var normalizer: Normalizer
        var filter: String?
        /// Search among documents of the query's language only: the attribute that holds it.
        var sameLanguageField: String?
        var inFlight = 2

        package init(
            collection: String, alpha: Double? = nil, proximity: Double? = nil, depth: Int = 100, rerankDepth: Int = 50, rerankWeight: Double? = nil,
            normalizer: Normalizer = .minMax, filter: String? = nil, sameLanguageField: String? = nil, inFlight: Int = 2
        ) {
            self.collection = collection
            self.alpha = alpha
            self.proximity = proximity
            self.depth = depth
            self.rerankDepth = rerankDepth
            self.rerankWeight = rerankWeight
            self.normalizer = normalizer
            self.filter = filter
            self.sameLanguageField = sameLanguageField
            self.inFlight = inFlight
        }
    }

    /// Enough for recall@100.
    static let hits: UInt32 = 100

    var settings: Settings
    /// Answers a request; the daemon, or a stand-in for it in tests.
    var search: @Sendable (SearchRequest) async throws -> SearchResponse

    package init(settings: Settings, search: @escaping @Sendable (SearchRequest) async throws -> SearchResponse) {
        self.settings = settings
        self.search = search
    }

    package func request(_ query: TestQuery, _ mode: EvaluationMode) -> SearchRequest {
        var request = SearchRequest(collection: settings.collection, text: query.text)
        request.limit = Self.hits
        request.depth = UInt32(settings.depth)
        request.normalizer = settings.normalizer
        request.alpha = settings.alpha
        request.proximity = settings.proximity
        // A ranking without the leg that is to be measured would be measured as if it had it.
        request.embedderFailure = .fail
        request.fields = FieldSelection(names: [])
        request.filter = filter(of: query)
        switch mode {
        case .lexical: request.mode = .lexical
        case .semantic: request.mode = .semantic
        case .hybrid, .reranked: request.mode = .hybrid
        }
        request.rerank =
            mode == .reranked
            ? RerankOptions(depth: UInt32(settings.rerankDepth), weight: settings.rerankWeight, unbounded: true) : RerankOptions(depth: 0)
        return request
    }

    private func filter(of query: TestQuery) -> Filter? {
        guard let field = settings.sameLanguageField, let language = query.language else {
            return settings.filter.map { Filter(expression: $0) }
        }
        guard let given = settings.filter else {
            return Filter(nodes: [FilterNode(op: .equal, field: field, values: [Value(keywordValue: language)])])
        }
        let quoted = language.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return Filter(expression: "(\(given)) and \(field) = \"\(quoted)\"")
    }

    /// One mode over all queries, several at a time. The means are summed in the queries' order.
    /// - Parameter onQuery: called after each.
    package func run(
        _ mode: EvaluationMode, queries: [TestQuery], judgements: [String: [String: Int]], onQuery: @escaping @Sendable () -> Void
    ) async throws -> EvaluationResult {
        let start = ContinuousClock.now
        var answers = [SearchResponse?](repeating: nil, count: queries.count)
        try await withThrowingTaskGroup(of: (Int, SearchResponse).self) { group in
            var next = 0
            func begin() {
                guard next < queries.count else { return }
                let index = next
                next += 1
                group.addTask { (index, try await search(request(queries[index], mode))) }
            }
            for _ in 0..<settings.inFlight { begin() }
            while let (index, answer) = try await group.next() {
                answers[index] = answer
                onQuery()
                begin()
            }
        }
        var result = EvaluationResult()
        for (query, answer) in zip(queries, answers) {
            guard let answer else { continue }
            result.add(query, answer.hits.map(\.id), judgements[query.id] ?? [:])
            if let first = answer.degraded.first {
                result.degraded += 1
                if result.firstDegradation == nil { result.firstDegradation = "\(first.stage): \(first.reason)" }
            }
        }
        result.seconds = start.duration(to: .now).inSeconds
        return result
    }
}
