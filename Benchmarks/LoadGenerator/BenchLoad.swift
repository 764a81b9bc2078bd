// Question: how long does a search take for a client of the daemon, how much of that is the wire, and which stage takes the rest?
// Data:     a running daemon with a filled collection, and a file of queries (tools/bench-search and tools/bench-import bring both).
// Loads:    sequential, one search at a time; or open loop, searches that begin at random moments (Poisson) whatever became of the
//           earlier ones, each timed from the moment it was due, so that a stall is counted once for every search it delays.
// Run:      swift run -c release bench-load COLLECTION --queries queries.jsonl [--mode hybrid] [--rate 20 --seconds 60]
// Output:   one JSON object; all times in microseconds: client (as the caller saw it), server (the reply's own time), overhead
//           (client − server) and its three parts, every stage, and an empty call (health) as the floor of all that. The parts:
//             answering  what the daemon adds to the reply's own time: encoding the answer, handing it to the event loop
//             wire       framing on both sides, sockets, the waking of both event loops: what the client's connection took less
//                        what the daemon says that the call spent there
//             library    what the client adds: encoding and decoding messages, the hops between the caller's task and the event loop
//           In an open loop calls end in another order than they began, so only `wire` is known of those.
// Exit:     1 when a search failed or no search found anything, so that a fast wrong answer is not measured.
import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import TandemClient

@main
struct BenchLoad: AsyncParsableCommand {
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case hybrid, lexical, semantic
        var value: SearchMode {
            switch self {
            case .hybrid: .hybrid
            case .lexical: .lexical
            case .semantic: .semantic
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "bench-load", abstract: "Time the searches of a running daemon, sequentially or as an open loop.")

    @Argument(help: "The collection.") var collection: String
    @Option(help: ArgumentHelp("The daemon's address.", valueName: "host:port")) var connect = "127.0.0.1:7700"
    @Option(help: ArgumentHelp("Queries: JSON Lines with 'text', or one query a line.", valueName: "file")) var queries: String
    @Option(help: "hybrid, lexical or semantic.") var mode: Mode = .hybrid
    @Option(help: ArgumentHelp("Hits of a page.", valueName: "n")) var limit: UInt32 = 10
    @Option(help: ArgumentHelp("Candidates to rerank; 0: none.", valueName: "n")) var rerank: UInt32 = 0
    @Flag(help: "Ask for ids and scores only, not for the stored fields.") var idsOnly = false
    @Flag(help: "Run the caller on the client's task executor, so that the client has no hops between threads. Sequential only.")
    var onEventLoop = false
    @Option(help: ArgumentHelp("Searches before the measured ones.", valueName: "n")) var warm = 200
    @Option(help: ArgumentHelp("Sequential: searches to measure; the file is repeated. (default: each query once)", valueName: "n")) var count: Int?
    @Option(help: ArgumentHelp("Open loop: searches that begin in a second, on average.", valueName: "n")) var rate: Double?
    @Option(help: ArgumentHelp("Open loop: how long searches begin.", valueName: "s")) var seconds = 30.0
    @Option(help: ArgumentHelp("Open loop: seed of the moments.", valueName: "n")) var seed: UInt64 = 1

    func validate() throws {
        if warm < 0 || (count ?? 1) < 1 { throw ValidationError("--warm and --count: expected numbers above 0") }
        if onEventLoop, rate != nil { throw ValidationError("--on-event-loop is for sequential searches") }
        if let rate, !(rate > 0 && rate <= 100_000) { throw ValidationError("--rate \(rate): expected 0 to 100000") }
        if !(seconds > 0 && seconds <= 86_400) { throw ValidationError("--seconds \(seconds): expected 0 to 86400") }
    }

    /// Warms, then measures.
    private func measure(_ texts: [String], _ load: SearchLoad, _ timings: TimingLog) async throws -> (emptyCalls: [Double], samples: [SearchSample]) {
        if warm > 0 { _ = await load.sequential(texts, count: warm) }
        let emptyCalls = try await load.emptyCalls(count: 300)
        timings.clear()
        guard let rate else { return (emptyCalls, await load.sequential(texts, count: count ?? texts.count)) }
        return (emptyCalls, await load.openLoop(texts, rate: rate, seconds: seconds, seed: seed))
    }

    func run() async throws {
        let texts = try QueryFile.read(queries)
        var configuration = ClientConfiguration()
        configuration.connection.agent = "bench-load"
        // A second attempt would be timed as one slow search.
        configuration.attemptsMax = 1
        let timings = TimingLog()
        configuration.onCallEnd = { timings.add($0) }
        guard let endpoint = Endpoint(connect) else { throw ValidationError("--connect '\(connect)' is not HOST:PORT") }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = TandemClient(endpoint, configuration: configuration, group: group)
        let load = SearchLoad(client: client) { text in
            var request = SearchRequest(collection: collection, text: text)
            request.mode = mode.value
            request.limit = limit
            request.rerank = RerankOptions(depth: rerank, unbounded: rerank > 0)
            if idsOnly { request.fields = FieldSelection(names: []) }
            return request
        }
        let (floor, samples) =
            onEventLoop
            ? try await withTaskExecutorPreference(client.taskExecutor) { try await measure(texts, load, timings) } : try await measure(texts, load, timings)
        await client.shutDown()
        try await group.shutdownGracefully()

        let report = LoadReport(
            samples, timings.all, isSequential: rate == nil, emptyCalls: floor, load: rate.map { "open loop, \($0) a second" } ?? "sequential")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
        if let failure = report.firstFailure {
            FileHandle.standardError.write(Data("bench-load: \(report.failed) of \(samples.count) searches failed, the first: \(failure)\n".utf8))
            throw ExitCode.failure
        }
        if report.hits == 0 {
            FileHandle.standardError.write(Data("bench-load: no search found anything; is '\(collection)' filled?\n".utf8))
            throw ExitCode.failure
        }
    }
}
