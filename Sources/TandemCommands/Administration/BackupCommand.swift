import ArgumentParser
import Foundation
import TandemClient

struct BackupCommand: AsyncParsableCommand, DaemonCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy all data into a new folder while the daemon serves.",
        discussion: """
            The daemon writes the folder, on its own machine, and verifies it. On the file system of the data, table files are \
            hard links, which cost next to no space.

            EXAMPLE:
              tandem backup /backup/tandem-2026-01-31
            """)

    @OptionGroup var connection: ConnectionOptions
    var isChange: Bool { true }
    @Argument(help: "The folder to make, on the daemon's machine.") var folder: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let path = folder.hasPrefix("/") ? folder : URL(fileURLWithPath: folder).standardizedFileURL.path
        let report = try await connection.withClient { try await $0.backup(to: path, timeout: connection.timeoutDuration ?? .seconds(86_400)) }
        if json {
            return try JSONValue.object([
                "path": .string(path), "bytes": .number(report.bytes), "collections": .number(report.collections),
                "us": .number(report.durationMicroseconds),
            ]).print()
        }
        Output.line(
            "\(report.collections) \(report.collections == 1 ? "collection" : "collections"), \(NumberText.bytes(report.bytes)), verified, in \(path) (\(NumberText.seconds(Double(report.durationMicroseconds) / 1e6)))"
        )
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Make a data folder out of a backup.",
        discussion: """
            Works on this machine, without a running daemon. The folder must be new or empty. First tandemd, found beside this \
            program or on the PATH, reads every file and record of the backup; then each file is copied, and compared with the \
            backup's after it was written to disk.

            EXAMPLE:
              tandem restore /backup/tandem-2026-01-31 --data /var/lib/tandem/data
              tandemd --data /var/lib/tandem/data
            """)

    @Argument(help: "A folder that 'tandem backup' made.") var backup: String
    @Option(help: ArgumentHelp("The data folder to make.", valueName: "dir")) var data: String
    @Flag(help: "Print one JSON object.") var json = false

    func run() throws {
        let start = ContinuousClock.now
        let restorer = BackupRestorer(backup: backup, data: data)
        try restorer.checkFolders()
        try BackupVerifier.verify(backup)
        let report = try restorer.run()
        let seconds = start.duration(to: .now).inSeconds
        if json {
            return try JSONValue.object([
                "data": .string(data), "collections": .strings(report.collections), "files": .number(report.files), "bytes": .number(report.bytes),
            ]).print()
        }
        Output.line(
            "\(report.collections.count) \(report.collections.count == 1 ? "collection" : "collections"), \(NumberText.count(report.files)) files, \(NumberText.bytes(report.bytes)) restored into \(data) (\(NumberText.seconds(seconds))); start it with 'tandemd --data \(data)'"
        )
    }
}
