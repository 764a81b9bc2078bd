import ArgumentParser
import Dispatch
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
    /// From then to the decoded answer.
    var client = 0.0
    /// What the reply says.
    var server = 0.0
    var stages: [(name: String, microseconds: Double)] = []
    var semantic = SemanticReport()
}

/// Sends searches for the ten nearest, ids only; on the client's own executor, without hops to other threads, since what the generator takes of a small machine
/// is taken from the daemon.
struct VectorSearches: Sendable {
    static let k = 10

    let client: TandemClient
    let collection: String
    let queries: [[Float]]

    /// - Parameter number: of the query; they are repeated.
    func response(_ number: Int, exact: Bool = false) async throws -> SearchResponse {
        var request = SearchRequest(collection: collection, vector: queries[number % queries.count], mode: .semantic, limit: UInt32(Self.k))
        request.fields = FieldSelection(names: [])
        request.exact = exact
        return try await client.search(request)
    }

    func warm(_ count: Int) async throws {
        for number in 0..<count { _ = try await response(number) }
    }

    /// `concurrency` searches at a time, each followed at once by the next, for `seconds`.
    func closedLoop(concurrency: Int, seconds: Double) async throws -> [SearchSample] {
        let began = ContinuousClock.now
        let end = began + .seconds(seconds)
        return try await withThrowingTaskGroup(of: [SearchSample].self) { group in
            for first in 0..<concurrency {
                group.addTask(executorPreference: client.taskExecutor) {
                    var samples: [SearchSample] = []
                    while ContinuousClock.now < end {
                        samples.append(try await sample(first + samples.count * concurrency, due: .now, began: began))
                    }
                    return samples
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Searches begin at exponentially distributed intervals of mean `1 / rate`, for `seconds`; all are awaited.
    ///
    /// A thread of its own keeps the time: the cooperative pool's timers are late where its threads are busy.
    func openLoop(rate: Double, seconds: Double, seed: UInt64) async throws -> [SearchSample] {
        var random = SplitMix(state: seed)
        var moments: [Double] = []
        var at = 0.0
        while true {
            at += -log(1 - random.unit()) / rate
            if at >= seconds { break }
            moments.append(at)
        }
        let due = moments
        let (ticks, continuation) = AsyncStream.makeStream(of: (Int, ContinuousClock.Instant).self)
        let began = ContinuousClock.now + .milliseconds(5)
        DispatchQueue(label: "bench-vector-updates.timer", qos: .userInteractive).async {
            for (number, moment) in due.enumerated() {
                let instant = began + .microseconds(Int64(moment * 1e6))
                let left = ContinuousClock.now.duration(to: instant).inMicroseconds
                if left > 0 { Thread.sleep(forTimeInterval: left * 1e-6) }
                continuation.yield((number, instant))
            }
            continuation.finish()
        }
        return try await withTaskExecutorPreference(client.taskExecutor) {
            try await collect(ticks, began)
        }
    }

    private func collect(_ ticks: AsyncStream<(Int, ContinuousClock.Instant)>, _ began: ContinuousClock.Instant) async throws -> [SearchSample] {
        try await withThrowingTaskGroup(of: SearchSample.self) { group in
            for await (number, instant) in ticks {
                group.addTask(executorPreference: client.taskExecutor) { try await sample(number, due: instant, began: began) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func sample(_ number: Int, due: ContinuousClock.Instant, began: ContinuousClock.Instant) async throws -> SearchSample {
        let response = try await response(number)
        var sample = SearchSample()
        sample.at = began.duration(to: due).inMicroseconds / 1e6
        sample.client = due.duration(to: .now).inMicroseconds
        sample.server = Double(response.durationMicroseconds)
        sample.stages = response.stages.map { ($0.name, Double($0.durationMicroseconds)) }
        sample.semantic = response.semantic ?? SemanticReport()
        guard response.hits.count == Self.k, response.degraded.isEmpty else {
            throw WrongResult(description: "a search found \(response.hits.count) documents of \(Self.k)")
        }
        return sample
    }
}
