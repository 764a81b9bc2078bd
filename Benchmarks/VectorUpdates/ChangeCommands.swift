import ArgumentParser
import Synchronization
import TandemClient

/// What a load of changes took.
struct ChangeReport: Encodable {
    var documents: Int
    /// From the first batch's sending to the last one's acknowledgement.
    var seconds: Double
    var perSecond: Double
    /// Of a batch, from the moment at which it was due, or sent where nothing paces it, to its acknowledgement.
    var acknowledgement: Distribution
}

struct InsertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "insert", abstract: "Upload rows as new documents over one stream, each batch acknowledged once it is fsynced.")

    @OptionGroup var target: Target
    @OptionGroup var options: UploadOptions
    @Option(help: ArgumentHelp("First row.", valueName: "n")) var first = 0
    @Option(help: ArgumentHelp("Rows.", valueName: "n")) var count: Int

    func run() async throws {
        let file = try target.file(with: first..<(first + count))
        try await target.run { client in
            try await options.upload((first..<(first + count)).map { ($0, $0) }, of: file, into: target.collection, of: client)
        }
    }
}

struct ReplaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "replace", abstract: "Write other vectors into a share of the documents.")

    @OptionGroup var target: Target
    @OptionGroup var options: UploadOptions
    @OptionGroup var population: PopulationOptions

    func run() async throws {
        let file = try target.file(with: 0..<population.documents)
        try await target.run { client in
            try await options.upload(population.population().replaced, of: file, into: target.collection, of: client)
        }
    }
}

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a share of the documents.")

    @OptionGroup var target: Target
    @OptionGroup var population: PopulationOptions
    @Option(help: ArgumentHelp("Documents of a batch.", valueName: "n")) var batch = 500

    func run() async throws {
        let deleted = population.population().deleted
        try await target.run { client in
            let began = ContinuousClock.now
            var times: [Double] = []
            for start in stride(from: 0, to: deleted.count, by: batch) {
                let sent = ContinuousClock.now
                let ids = deleted[start..<min(deleted.count, start + batch)].map { "\($0)" }
                let response = try await client.delete(ids, from: target.collection)
                let applied = response.results.count { $0.outcome == .applied }
                if applied != ids.count { throw WrongResult(description: "\(applied) of \(ids.count) documents were there to be deleted") }
                times.append(sent.duration(to: .now).inMicroseconds)
            }
            let seconds = began.duration(to: .now).inMicroseconds / 1e6
            return ChangeReport(
                documents: deleted.count, seconds: seconds, perSecond: Double(deleted.count) / seconds, acknowledgement: Distribution(times))
        }
    }
}

/// How documents are uploaded.
struct UploadOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The vector field.", valueName: "name")) var field = "embedding"
    @Option(help: ArgumentHelp("Documents of a batch.", valueName: "n")) var batch = 100
    @Option(help: ArgumentHelp("Batches that may be unacknowledged.", valueName: "n")) var inFlight = 4
    @Option(help: ArgumentHelp("Documents a second that are due; a late batch is sent at once. (default: as fast as it goes)", valueName: "n"))
    var rate: Double?

    func validate() throws {
        if batch < 1 || inFlight < 1 { throw ValidationError("--batch and --in-flight: expected numbers above 0") }
        if let rate, !(rate > 0) { throw ValidationError("--rate \(rate): expected a number above 0") }
    }

    func upload(
        _ changes: [(document: Int, row: Int)], of file: VectorFile, into collection: String, of client: TandemClient
    ) async throws -> ChangeReport {
        let acknowledged = Mutex<[ContinuousClock.Instant]>([])
        var due: [ContinuousClock.Instant] = []
        let began = ContinuousClock.now
        let summary = try await client.upload(
            into: collection, inFlightMax: inFlight, onAcknowledgement: { _, _ in acknowledged.withLock { $0.append(.now) } }
        ) { upload in
            for start in stride(from: 0, to: changes.count, by: batch) {
                let documents = changes[start..<min(changes.count, start + batch)].map { document, row in
                    Document(id: "\(document)", vectors: [VectorField(name: field, values: file[row])])
                }
                if let rate {
                    due.append(began + .seconds(Double(start) / rate))
                    try await Task.sleep(until: due[due.count - 1], clock: .continuous)
                } else {
                    due.append(.now)
                }
                try await upload.send(documents)
            }
        }
        guard summary.applied == changes.count else {
            throw WrongResult(description: "\(summary.applied) of \(changes.count) documents were written")
        }
        let ends = acknowledged.withLock { $0 }
        let seconds = began.duration(to: ends.last ?? .now).inMicroseconds / 1e6
        return ChangeReport(
            documents: changes.count, seconds: seconds, perSecond: Double(changes.count) / seconds,
            acknowledgement: Distribution(zip(due, ends).map { $0.duration(to: $1).inMicroseconds }))
    }
}
