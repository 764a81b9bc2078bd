// Question: how do searches by vector behave while vectors come, change and go, and how many changes a second does the daemon take?
// Data:     a running daemon with a collection of one vector field, and a .npy file of float32 (tools/bench-updates brings both). Document n
//           begins with row n of the file; the file's last rows are the queries.
// Loads:    insert, a paced upload; search, a closed loop of several searches at a time, or an open loop, whose searches begin at random
//           moments (Poisson) and are timed from the moment at which they were due; recall, one search at a time beside the same one with
//           `exact`; delete and replace, for a share of the documents that a seed chooses.
// Run:      as a program of tools/bench-updates, one process for each load.
// Output:   one JSON object; times in microseconds.
// Exit:     1 when a call fails, or a hit is none: a document that was deleted, or one whose score is not that of its present vector.
import ArgumentParser
import Foundation
import NIOPosix
import TandemClient

@main
struct BenchVectorUpdates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-vector-updates", abstract: "Change the vectors of a running daemon's collection, and time its searches.",
        subcommands: [InsertCommand.self, SearchCommand.self, RecallCommand.self, DeleteCommand.self, ReplaceCommand.self])
}

/// What every load needs.
struct Target: ParsableArguments {
    @Argument(help: "The collection.") var collection: String
    @Option(help: ArgumentHelp("The daemon's address.", valueName: "host:port")) var connect = "127.0.0.1:7700"
    @Option(help: ArgumentHelp("The vectors: a .npy file of float32 in two dimensions.", valueName: "file")) var vectors: String

    /// - Throws: `ValidationError` where `rows` are not all in the file.
    func file(with rows: Range<Int>) throws -> VectorFile {
        let file = try VectorFile(vectors)
        guard rows.lowerBound >= 0, rows.upperBound <= file.rows else {
            throw ValidationError("\(vectors): \(file.rows) rows; rows \(rows.lowerBound) to \(rows.upperBound) are asked for")
        }
        return file
    }

    /// A client on a thread of its own, so that the loads' work does not delay its answers; prints what `body` returns.
    func run(_ body: (TandemClient) async throws -> some Encodable) async throws {
        let endpoint = try endpoint
        var configuration = ClientConfiguration()
        configuration.connection.agent = "bench-vector-updates"
        // What the daemon refuses is sent again, and the time counts.
        configuration.connectionsMax = 8
        configuration.callsPerConnection = 128
        configuration.attemptsMax = 20
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = TandemClient(endpoint, configuration: configuration, group: group)
        let result = try await body(client)
        await client.shutDown()
        try await group.shutdownGracefully()
        try report { result }
    }

    var endpoint: Endpoint {
        get throws {
            guard let endpoint = Endpoint(connect) else { throw ValidationError("--connect '\(connect)' is not HOST:PORT") }
            return endpoint
        }
    }

    /// Prints what `body` returns.
    func report(_ body: () throws -> some Encodable) throws {
        let result = try body()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        print(String(decoding: try encoder.encode(result), as: UTF8.self))
    }
}

/// A result that is wrong: nothing that was measured on the way counts.
struct WrongResult: Error, CustomStringConvertible {
    var description: String
}
