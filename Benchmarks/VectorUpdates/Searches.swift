import ArgumentParser
import Foundation
import TandemClient

/// Rows of the file that are queries.
struct QueryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("First row that is a query.", valueName: "n")) var queryFirst: Int
    @Option(help: ArgumentHelp("Queries.", valueName: "n")) var queryCount = 1000

    func validate() throws {
        if queryFirst < 0 || queryCount < 1 { throw ValidationError("--query-first and --query-count: expected rows of the file") }
    }

    func queries(of target: Target) throws -> [[Float]] {
        let rows = queryFirst..<(queryFirst + queryCount)
        let file = try target.file(with: rows)
        return rows.map { file[$0] }
    }
}

/// One search as it was measured. Times in microseconds.
struct SearchSample: Sendable {
    /// When it was due (open loop) or sent, in seconds after the load began.
    var at = 0.0
    /// From then until the answer was read.
    var client = 0.0
    /// What the reply says.
    var server = 0.0
    var stages: [(name: String, microseconds: Double)] = []
    var semantic = SemanticReport()
}

/// A search for the ten nearest, ids only.
func searchRequest(_ collection: String, _ query: [Float], exact: Bool = false) -> SearchRequest {
    var request = SearchRequest(collection: collection, vector: query, mode: .semantic, limit: UInt32(SearchLoad.k))
    request.fields = FieldSelection(names: [])
    request.exact = exact
    return request
}

/// Searches as a load, from one thread over as many connections as it takes.
final class SearchLoad {
    static let k = 10

    private let endpoint: Endpoint
    /// Encoded; they are repeated.
    private let requests: [[UInt8]]
    private var connections: [WireConnection] = []
    private var answers: [(answer: WireConnection.Answer, due: ContinuousClock.Instant)] = []
    private var due: [Int: ContinuousClock.Instant] = [:]

    init(_ endpoint: Endpoint, collection: String, queries: [[Float]]) {
        self.endpoint = endpoint
        requests = queries.map { searchRequest(collection, $0).encode() }
    }

    func warm(_ count: Int) throws {
        for number in 0..<count {
            try send(number, due: .now)
            try finish()
        }
        answers = []
    }

    /// `concurrency` searches at a time, each followed at once by the next, for `seconds`.
    func closedLoop(concurrency: Int, seconds: Double) throws -> [SearchSample] {
        let began = ContinuousClock.now
        let end = began + .seconds(seconds)
        var number = 0
        while ContinuousClock.now < end {
            while due.count < concurrency {
                try send(number, due: .now)
                number += 1
            }
            try flush()
            try receive(within: .seconds(60))
        }
        try finish()
        return try samples(began)
    }

    /// Searches begin at exponentially distributed intervals of mean `1 / rate`, for `seconds`; all are awaited.
    func openLoop(rate: Double, seconds: Double, seed: UInt64) throws -> [SearchSample] {
        var random = SplitMix(state: seed)
        let began = ContinuousClock.now + .milliseconds(5)
        var (number, at) = (0, -log(1 - random.unit()) / rate)
        while at < seconds {
            let now = ContinuousClock.now
            while at < seconds, case let moment = began + .nanoseconds(Int64(at * 1e9)), moment <= now {
                try send(number, due: moment)
                number += 1
                at += -log(1 - random.unit()) / rate
            }
            try flush()
            if at < seconds { try receive(within: ContinuousClock.now.duration(to: began + .nanoseconds(Int64(at * 1e9)))) }
        }
        try finish()
        return try samples(began)
    }

    // MARK: One step

    private func send(_ number: Int, due moment: ContinuousClock.Instant) throws {
        var chosen = connections.first { $0.hasRoom }
        if chosen == nil {
            guard connections.count < 8 else { throw LoadFailure(description: "RESOURCE_EXHAUSTED: \(due.count) searches are under way") }
            chosen = try WireConnection(endpoint, agent: "bench-vector-updates")
            connections.append(chosen!)
        }
        try chosen!.send(requests[number % requests.count], number: number)
        due[number] = moment
    }

    private func flush() throws { for connection in connections { try connection.flush() } }

    /// Takes the answers that are there, or those that come within `time`.
    private func receive(within time: Duration) throws {
        if time > .zero { try WireConnection.wait(connections.map(\.descriptor), for: time) }
        for connection in connections { while try connection.receive(note) {} }
    }

    private func note(_ answer: WireConnection.Answer) { answers.append((answer, due.removeValue(forKey: answer.number)!)) }

    private func finish() throws {
        let end = ContinuousClock.now + .seconds(120)
        while !due.isEmpty {
            try flush()
            try receive(within: .seconds(1))
            if ContinuousClock.now > end { throw LoadFailure(description: "\(due.count) searches had no answer within two minutes") }
        }
    }

    // MARK: Afterwards

    private func samples(_ began: ContinuousClock.Instant) throws -> [SearchSample] {
        defer { answers = [] }
        return try answers.map { answer, due in
            let response = try SearchResponse(decoding: answer.bytes)
            var sample = SearchSample()
            sample.at = began.duration(to: due).inMicroseconds / 1e6
            sample.client = due.duration(to: answer.at).inMicroseconds
            sample.server = Double(response.durationMicroseconds)
            sample.stages = response.stages.map { ($0.name, Double($0.durationMicroseconds)) }
            sample.semantic = response.semantic ?? SemanticReport()
            guard response.hits.count == Self.k, response.degraded.isEmpty else {
                throw WrongResult(description: "a search found \(response.hits.count) documents of \(Self.k)")
            }
            return sample
        }
    }
}
