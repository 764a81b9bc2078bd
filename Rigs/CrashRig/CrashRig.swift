import ArgumentParser
import Foundation
import RigSupport
import TandemClient

/// Kills a daemon at random moments of an import, again and again, and looks whether anything acknowledged is missing.
///
/// Question: does an acknowledged write survive kill -9 (and, with --power-cut, the loss of everything not fsynced)?
/// How to run, and what was seen: docs/robustness.md. The tools tools/crash-test and tools/power-cut-test start it.
@main
struct CrashRig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash-rig", abstract: "Kills tandemd at random moments under load and verifies that nothing acknowledged is lost.")

    @Option(help: "The tandemd to test.") var daemon: String
    @Option(help: "How many times it is killed.") var rounds = 200
    @Option(help: "Repeats the random choices of a run (moments depend on the machine all the same).") var seed: UInt64 = UInt64.random(in: 0...999_999_999)
    @Option(help: "Clients that write at a time.") var writers = 4
    @Option(help: "Rounds after which a new data folder is begun.") var fresh = 25
    @Option(help: "Longest time that a round writes before the kill, in milliseconds.") var load = 1800
    @Flag(help: "Documents carry vectors; the semantic leg is verified too.") var vectors = false
    @Option(help: "Folder of libpowercut.so and powercut-rollback: each kill takes away what was not fsynced.") var powerCut: String?
    @Flag(help: "With --power-cut: the disk forgets what was fsynced, too. Succeeds if acknowledged writes are lost: the rig sees it.") var canary = false
    @Option(help: "Folder for the data; kept when something is wrong.") var scratch: String = NSTemporaryDirectory()
    @Flag(help: "Print the figures as one JSON object.") var json = false

    func validate() throws {
        guard rounds > 0, writers > 0, fresh > 0, load > 0 else { throw ValidationError("--rounds, --writers, --fresh and --load must be positive") }
        guard !canary || powerCut != nil else { throw ValidationError("--canary needs --power-cut") }
    }

    func run() async throws {
        let interruptions = DaemonProcess.killAllOnInterruption()
        defer { withExtendedLifetime(interruptions) {} }
        // The daemon tells its folder by the real path, and so must the shim.
        let base = URL(fileURLWithPath: scratch).resolvingSymlinksInPath().path
        let folder = base + "/tandem-crash-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var siege = Siege(rig: self, folder: folder)
        let isWell: Bool
        do {
            isWell = try await siege.run()
        } catch {
            DaemonProcess.killAll()
            siege.progress.line("the rig itself failed in round \(siege.round), seed \(seed): \(error)\n  data and log: \(folder)")
            throw ExitCode.failure
        }
        guard isWell else { throw ExitCode.failure }
        try FileManager.default.removeItem(atPath: folder)
    }
}
