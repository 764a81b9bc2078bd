public import ArgumentParser
import Foundation
import TandemClient

/// The root of `tandem`: options of every command, and the commands.
public struct TandemCommandLine: AsyncParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "tandem",
        abstract: "Hybrid search from the command line: keywords, meaning, and a reranker.",
        discussion: """
            Talks to a tandemd daemon, by default the one at 127.0.0.1:7700.

            EXAMPLES:
              tandem collection create papers
              tandem import papers corpus.jsonl
              tandem search papers "heart failure in children" --explain
              tandem eval papers --queries queries.jsonl --qrels qrels.tsv

            Exit codes: 0 done, 1 failed, 2 wrong usage.
            """,
        version: ToolVersion.text,
        groupedSubcommands: [
            CommandGroup(
                name: "Collections and documents",
                subcommands: [
                    CollectionCommand.self, SynonymsCommand.self, ImportCommand.self, GetCommand.self, DeleteCommand.self,
                ]),
            CommandGroup(name: "Searching", subcommands: [SearchCommand.self, EvalCommand.self, AnalyzeCommand.self]),
            CommandGroup(
                name: "The daemon",
                subcommands: [
                    StatusCommand.self, HealthCommand.self, MetricsCommand.self, CheckCommand.self, BackupCommand.self,
                    RestoreCommand.self,
                ]),
            CommandGroup(name: "This machine", subcommands: [ModelCommand.self, VersionCommand.self]),
        ])

    @OptionGroup public var connection: ConnectionOptions

    public init() {}

    /// Runs the tool.
    /// - Parameter arguments: without the program's name.
    /// - Returns: exit code: 0 done, 1 failed, 2 wrong usage.
    public static func execute(_ arguments: [String]) async -> Int32 {
        // Broken pipes are seen where they are written to.
        signal(SIGPIPE, SIG_IGN)
        var address = ConnectionOptions.addressDefault
        var isChange = false
        if let unknown = unknownCommand(arguments) {
            Output.note("tandem: unknown command '\(unknown)'; there are \(commandNames.joined(separator: ", "))")
            return 2
        }
        do {
            var command = try parseAsRoot(DashedText.separated(arguments))
            if let daemon = command as? any DaemonCommand { (address, isChange) = (daemon.connection.address, daemon.isChange) }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let interruption as Interrupted {
            if let message = interruption.message { Output.note("tandem: \(message)") }
            // The shell should see that it was Ctrl-C, so that a script around it stops as well.
            signal(SIGINT, SIG_DFL)
            kill(getpid(), SIGINT)
            return 1
        } catch is NegativeAnswer {
            return 1
        } catch {
            return report(error, address: address, isChange: isChange)
        }
    }

    private static var commandNames: [String] {
        let groups = configuration.groupedSubcommands
        return groups.flatMap { $0.subcommands.map { $0._commandName } }
    }

    /// What stands where a command should and is none. The parser would complain of all that follows instead.
    private static func unknownCommand(_ arguments: [String]) -> String? {
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            let takesValue = ["--connect", "--timeout"].contains(first)
            rest = rest.dropFirst(takesValue ? 2 : 1)
        }
        guard let name = rest.first, name != "help", !commandNames.contains(name) else { return nil }
        return name
    }

    private static func report(_ error: any Error, address: String, isChange: Bool) -> Int32 {
        let code = exitCode(for: error)
        if code == .success {
            // --help and --version come as errors.
            Output.line(fullMessage(for: error))
            return 0
        }
        if code == .validationFailure {
            Output.note(fullMessage(for: error).replacingOccurrences(of: "Error: ", with: "tandem: ", options: .anchored))
            return 2
        }
        Output.note("tandem: " + FailureText.line(error, address: address, isChange: isChange))
        return 1
    }
}

/// Version of the tool; its releases go with the daemon's.
public enum ToolVersion {
    public static let number = "0.1.0"
    public static var text: String { "tandem \(number)" }
}

struct VersionCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Print the version of this tool, and with --daemon that of the daemon.")

    @OptionGroup var connection: ConnectionOptions
    @Flag(name: .customLong("daemon"), help: "Ask the daemon, too.") var asksDaemon = false

    func run() async throws {
        Output.line(ToolVersion.text)
        guard asksDaemon else { return }
        let info = try await connection.withClient { try await $0.info() }
        Output.line("tandemd \(info.version)" + (info.build.isEmpty ? "" : " (\(info.build))"))
    }
}
