import ArgumentParser
import Foundation
import TandemClient

struct GetCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print documents by id.",
        discussion: """
            Sees every acknowledged write. With --json a line for each document. Exit code 1 if one is missing.

            EXAMPLE:
              tandem get papers 4983 5836 --json
            """)

    @OptionGroup var connection: ConnectionOptions
    @Argument(help: "The collection.") var name: String
    @Argument(help: "Ids of documents.") var ids: [String]
    @Option(help: ArgumentHelp("Fields to print, with commas between. (default: all)", valueName: "f,g")) var fields: String?
    @Flag(help: "Print JSON, a line for each document.") var json = false

    func validate() throws { try Validation.collection(name) }

    func run() async throws {
        let selection = fields.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        let answer = try await connection.withClient { try await $0.get(ids, from: name, fields: selection) }
        for (index, stored) in answer.documents.enumerated() {
            if json {
                Output.line(try DocumentJSON.value(stored).text(pretty: false))
            } else {
                Output.raw((index > 0 ? "\n" : "") + Self.text(stored))
            }
        }
        if !answer.missing.isEmpty {
            throw CommandFailure(
                "not in '\(name)': \(answer.missing.prefix(20).joined(separator: ", "))"
                    + (answer.missing.count > 20 ? " and \(answer.missing.count - 20) more" : ""))
        }
    }

    static func text(_ stored: StoredDocument) -> String {
        let document = stored.document ?? Document()
        var text = "id: \(DisplayWidth.plain(document.id))  (version \(stored.version))\n"
        for field in document.texts { text += "\(field.name): \(DisplayWidth.plain(field.text))\n" }
        for field in document.attributes {
            let values =
                field.keywords.map { DisplayWidth.plain($0) } + field.int64s.map { String($0) } + field.float64s.map { "\($0)" }
                + field.bools.map { String($0) } + field.timestampsMicroseconds.map { TimestampText.format(microseconds: $0) }
            text += "\(field.name): \(values.joined(separator: ", "))\n"
        }
        for field in document.vectors {
            text +=
                "\(field.name): \(field.values.prefix(4).map { NumberText.decimal(Double($0), 4) }.joined(separator: " "))… (\(field.values.count) numbers)\n"
        }
        return text
    }
}

struct DeleteCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete documents by id.",
        discussion: """
            An id that no document has is named, which is no error. With --if-version a document is deleted only if it still has \
            that version ('tandem get' shows it); else nothing is done and the exit code is 1.

            EXAMPLES:
              tandem delete papers 4983 5836
              tandem delete papers 4983 --if-version 120071
            """)

    @OptionGroup var connection: ConnectionOptions
    var isChange: Bool { true }
    @Argument(help: "The collection.") var name: String
    @Argument(help: "Ids of documents.") var ids: [String]
    @Option(help: "logged, searchable or complete.") var wait: ImportCommand.Level = .searchable
    @Option(help: ArgumentHelp("Only if the document has this version; with one id.", valueName: "version")) var ifVersion: UInt64?
    @Flag(help: "Print one JSON object.") var json = false

    func validate() throws {
        try Validation.collection(name)
        if ifVersion != nil, Set(ids).count != 1 { throw ValidationError("--if-version: expected one id, there are \(ids.count)") }
    }

    func run() async throws {
        let level: Acknowledgement = wait == .logged ? .logged : wait == .searchable ? .searchable : .complete
        // Twice the same id would be deleted and then missing.
        var seen: Set<String> = []
        let ids = ids.filter { seen.insert($0).inserted }
        let condition = ifVersion.map { Condition(kind: .ifVersion, version: $0) }
        let answer = try await connection.withClient {
            try await $0.delete(
                DeleteRequest(collection: name, operations: ids.map { DeleteOperation(id: $0, condition: condition) }, acknowledgement: level))
        }
        if let ifVersion, let failed = answer.results.first(where: { $0.outcome == .conditionFailed }) {
            throw CommandFailure(
                "'\(ids[0])' was not deleted: " + (failed.version.map { "it has version \($0), not \(ifVersion)" } ?? "there is no such document in '\(name)'"))
        }
        let missing = zip(ids, answer.results).filter { $1.outcome == .notFound }.map(\.0)
        let deleted = answer.results.count { $0.outcome == .applied }
        if json {
            return try JSONValue.object([
                "deleted": .number(deleted), "missing": .strings(missing), "sequence": .number(answer.sequence),
                "acknowledgement": .string(answer.acknowledgement.description),
            ]).print()
        }
        if !missing.isEmpty { Output.note("not in '\(name)': \(missing.joined(separator: ", "))") }
        Output.line("deleted \(NumberText.count(deleted)) \(deleted == 1 ? "document" : "documents")")
    }
}
