import ArgumentParser
import Foundation
import TandemClient

package struct SynonymsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "synonyms", abstract: "Show, set and clear a collection's synonyms: words that mean the same, in queries.",
        discussion: """
            A file has a rule a line, as Solr's and Elasticsearch's have: 'tv, television, telly' for words of which each finds all, 'ipad => tablet' for one way; \
            a phrase may have several words. Rules apply to queries from the next search on, nothing is indexed anew. What is written is always searched, too, \
            and counts most.

            EXAMPLES:
              tandem synonyms set shop synonyms.txt
              echo 'usa, united states' | tandem synonyms set shop -
              tandem synonyms show shop
              tandem analyze --collection shop --query "usa maps"
            """,
        subcommands: [Show.self, SetRules.self, Clear.self])

    @OptionGroup var connection: ConnectionOptions

    package init() {}
}

extension SynonymsCommand {
    struct Show: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Print the rules, as 'set' reads them.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The collection.") var name: String
        @Flag(help: "Print JSON.") var json = false

        func validate() throws { try Validation.collection(name) }

        func run() async throws {
            let rules = try await connection.withClient { try await $0.synonyms(name) }
            if json {
                try JSONValue.array(rules.map { .object(["from": .strings($0.from), "to": .strings($0.to)]) }).print()
            } else if rules.isEmpty {
                Output.note("collection '\(name)' has no synonyms")
            } else {
                Output.raw(rules.map { SynonymFile.text($0) + "\n" }.joined())
            }
        }
    }

    struct SetRules: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Replace all rules by those of a file.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The collection.") var name: String
        @Argument(help: "The file; - is standard input.") var file: String
        var isChange: Bool { true }

        func validate() throws { try Validation.collection(name) }

        func run() async throws {
            let rules = try SynonymFile(file).rules
            guard !rules.isEmpty else { throw CommandFailure("there are no rules in '\(file)'; 'tandem synonyms clear \(name)' removes all") }
            // The daemon says so, too, of what fits into a request.
            guard rules.count <= 10_000 else { throw CommandFailure("'\(file)' has \(NumberText.count(rules.count)) rules; a collection may have 10,000") }
            let response = try await connection.withClient { try await $0.setSynonyms(name, rules) }
            Output.line(
                "collection '\(name)' has \(NumberText.count(response.rules)) synonym \(response.rules == 1 ? "rule" : "rules") now, "
                    + "\(NumberText.count(response.rulesBefore)) before")
        }
    }

    struct Clear: AsyncParsableCommand, DaemonCommand {
        static let configuration = CommandConfiguration(commandName: "clear", abstract: "Remove all rules.")

        @OptionGroup var connection: ConnectionOptions
        @Argument(help: "The collection.") var name: String
        var isChange: Bool { true }

        func validate() throws { try Validation.collection(name) }

        func run() async throws {
            let response = try await connection.withClient { try await $0.setSynonyms(name, []) }
            Output.line("removed \(NumberText.count(response.rulesBefore)) synonym \(response.rulesBefore == 1 ? "rule" : "rules") of collection '\(name)'")
        }
    }
}
