import ArgumentParser
import Foundation
import TandemClient

struct StatusCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the daemon and its collections, or one collection.",
        discussion: """
            EXAMPLES:
              tandem status
              tandem status papers
              tandem status --json | jq '.collections[] | {name, documents}'
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "A collection. (default: all)") var name: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let (info, health, collections) = try await connection.withClient { client in
            let info = try await client.info()
            let health = try await client.health()
            var collections: [CollectionDescription] = []
            if let name {
                collections = [try await client.describeCollection(name)]
            } else {
                for summary in try await client.listCollections() {
                    do {
                        collections.append(try await client.describeCollection(summary.name))
                    } catch is TandemClientError where summary.problem != nil {
                        // It could not be opened: there is nothing to describe but why.
                        collections.append(CollectionDescription(name: summary.name, problem: summary.problem))
                    } catch let error as TandemClientError where error.code == .notFound {
                        // Dropped since the list was made.
                    }
                }
            }
            return (info, health, collections)
        }
        if json {
            try JSONValue.object([
                "daemon": Self.daemon(info, address: connection.address), "health": HealthCommand.value(health),
                "collections": .array(collections.map(CollectionJSON.value)),
            ]).print()
        } else if name != nil {
            Output.raw(collections.map(CollectionText.describe).joined())
        } else {
            Output.raw(Self.text(info, health, collections, address: connection.address, width: Terminal.width(of: STDOUT_FILENO)))
        }
    }

    static func daemon(_ info: InfoResponse, address: String) -> JSONValue {
        .object([
            "address": .string(address), "version": .string(info.version), "build": .string(info.build), "data": .string(info.dataPath),
            "simd": .string(info.simd), "uptime_us": .number(info.uptimeMicroseconds),
            "models": .array(
                info.models.map {
                    .object([
                        "name": .string($0.name), "kind": .string($0.kind == .crossEncoder ? "cross-encoder" : "bi-encoder"),
                        "dimension": .number($0.dimension), "max_tokens": .number($0.maxTokens), "fingerprint": .string($0.fingerprint),
                    ])
                }),
        ])
    }

    static func text(
        _ info: InfoResponse, _ health: HealthResponse, _ collections: [CollectionDescription], address: String, width: Int?
    ) -> String {
        let uptime = NumberText.seconds(Double(info.uptimeMicroseconds) / 1e6)
        var text = "tandemd \(info.version) at \(address): \(HealthCommand.name(health.status)), up \(uptime), data in \(info.dataPath)"
        text += info.simd.isEmpty ? "\n" : ", kernels \(info.simd)\n"
        for problem in health.problems { text += "problem: \(DisplayWidth.plain(problem))\n" }
        let models = info.models.map { $0.kind == .crossEncoder ? "\($0.name) (reranker)" : "\($0.name) (\($0.dimension))" }
        text +=
            "models: " + (models.isEmpty ? "none; keyword search only (tools/fetch-models installs the default ones)" : models.joined(separator: ", ")) + "\n\n"
        if collections.isEmpty { return text + "no collections; 'tandem collection create NAME' makes one\n" }
        var table = TextTable([
            .init("collection"), .init("documents", .right), .init("vectors", .right), .init("disk", .right), .init("memory", .right),
            .init("model"), .init("state", isFlexible: true),
        ])
        for collection in collections {
            guard CollectionText.isOpen(collection) else {
                table.add([collection.name, "?", "?", "?", "?", "?", "problem: \(collection.problem ?? "")"])
                continue
            }
            let model = collection.schema?.model ?? ""
            table.add([
                collection.name, NumberText.count(collection.documents), NumberText.count(collection.vectors),
                NumberText.bytes(collection.storeBytes &+ collection.indexBytes), NumberText.bytes(collection.memoryBytes),
                model.isEmpty ? "none" : model, collection.problem.map { "problem: \($0)" } ?? CollectionText.backlog(collection),
            ])
        }
        return text + table.render(width: width)
    }
}

struct HealthCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask whether the daemon is able to answer.",
        discussion: "Exit code 0 if it serves, also with problems, which are printed; else 1.")

    @OptionGroup var connection: ConnectionOptions
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let health = try await connection.withClient { try await $0.health() }
        if json {
            try Self.value(health).print()
        } else {
            Output.line(Self.name(health.status))
            for problem in health.problems { Output.line("problem: \(DisplayWidth.plain(problem))") }
        }
        if health.status == .notServing || health.status == .unspecified { throw NegativeAnswer() }
    }

    static func name(_ status: HealthStatus) -> String {
        switch status {
        case .serving: "serving"
        case .degraded: "degraded"
        case .notServing: "not serving"
        default: status.description
        }
    }

    static func value(_ health: HealthResponse) -> JSONValue {
        .object(["status": .string(health.status.description), "problems": .strings(health.problems)])
    }
}

struct MetricsCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(commandName: "metrics", abstract: "Print the daemon's counters as Prometheus text.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        Output.raw(try await connection.withClient { try await $0.metrics() })
    }
}

struct CheckCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Read and verify every file of a collection, or of all.",
        discussion: "The daemon goes on serving meanwhile. Exit code 1 if something is damaged.")

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "A collection. (default: all)") var name: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let report = try await connection.withClient { try await $0.check(name, timeout: connection.timeoutDuration ?? .seconds(86_400)) }
        if json {
            try JSONValue.object([
                "files": .number(report.files), "bytes": .number(report.bytes),
                "findings": .array(report.findings.map { .object(["object": .string($0.object), "problem": .string($0.problem)]) }),
            ]).print()
        } else {
            for finding in report.findings { Output.line("\(DisplayWidth.plain(finding.object)): \(DisplayWidth.plain(finding.problem))") }
            Output.line(
                "\(NumberText.count(report.files)) files, \(NumberText.bytes(report.bytes)) read: "
                    + (report.findings.isEmpty ? "all is well" : "\(report.findings.count) problems"))
        }
        if !report.findings.isEmpty { throw NegativeAnswer() }
    }
}
