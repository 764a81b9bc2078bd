import ArgumentParser
import Dispatch
import Glibc
import HybridSearch
import Logging
import SearchCore
import TandemServer

/// The daemon's process: command line, configuration, log, signals, exit codes. What it does stands in TandemServer's `Daemon`.
///
/// Exit codes: 0 stopped as asked, 1 could not start or go on, 2 wrong usage.
@main
enum Main {
    static func main() async {
        ProcessSetup.limitMallocArenas()
        let options: Options
        do {
            options = try Options.parse()
        } catch {
            // Help and version are answers, not failures; everything else is wrong usage, for which the parser's own code is 64.
            let isAnswer = Options.exitCode(for: error).isSuccess
            end(isAnswer ? 0 : 2, Options.fullMessage(for: error), to: isAnswer ? STDOUT_FILENO : STDERR_FILENO)
        }
        if let backup = options.verifyBackup { verify(backup) }
        let settings: Settings
        do {
            settings = try await Settings.load(options)
        } catch {
            end(2, "tandemd: \(message(of: error))", to: STDERR_FILENO)
        }
        if options.checkConfig { end(0, settings.table, to: STDOUT_FILENO) }
        await serve(settings)
    }

    private static func verify(_ backup: String) -> Never {
        do {
            let names = try SearchEngine.verify(backup: backup)
            end(0, "\(backup) is whole: \(names.joined(separator: ", "))", to: STDOUT_FILENO)
        } catch {
            end(1, "tandemd: \(message(of: error))", to: STDERR_FILENO)
        }
    }

    private static func serve(_ settings: Settings) async -> Never {
        let logger = settings.makeLogger()
        let signals = TerminationSignals()
        ProcessSetup.ignoreBrokenPipes()
        let files = ProcessSetup.raiseFileLimit()
        logger.notice(
            "tandemd starts",
            metadata: [
                "version": "\(Version.number)", "build": "\(Version.build)", "pid": "\(getpid())", "data": "\(settings.daemon.dataFolder)",
                "simd": "\(DistanceKernels.instructionSet)", "cores": "\(DaemonConfiguration.cores)", "files_max": "\(files)",
                "config": "\(settings.file ?? "none")",
            ])
        for warning in settings.warnings { logger.warning("\(warning)") }

        let daemon: Daemon
        do {
            daemon = try await Daemon.start(settings.daemon, logger: logger) { endpoint in
                logger.notice("listening", metadata: ["address": "\(endpoint)"])
            }
        } catch {
            logger.critical("cannot start", metadata: ["reason": "\(message(of: error))"])
            end(1, "", to: STDERR_FILENO)
        }
        let collections = daemon.collections
        for status in collections {
            logger.notice(
                "collection open",
                metadata: [
                    "collection": "\(status.name)", "documents": "\(status.documents)", "replayed": "\(status.replayed)",
                    "generation": "\(status.generation)", "model": "\(status.schema.model ?? "none")",
                ])
        }
        logger.notice("serving", metadata: ["address": "\(daemon.endpoint)", "collections": "\(collections.count)"])
        // For scripts: with port 0, this is where the port is said.
        write("listening on \(daemon.endpoint)\n", to: STDOUT_FILENO)

        let signal = await signals.next()
        logger.notice("stopping", metadata: ["signal": "\(signal)"])
        await daemon.shutDown(within: .seconds(4))
        end(0, "", to: STDERR_FILENO)
    }

    private static func message(of error: any Error) -> String { (error as? TandemError)?.message ?? "\(error)" }

    /// Leaves without running C++ destructors of libraries whose threads are still alive.
    private static func end(_ code: Int32, _ text: String, to descriptor: Int32) -> Never {
        if !text.isEmpty { write(text.hasSuffix("\n") ? text : text + "\n", to: descriptor) }
        _exit(code)
    }

    private static func write(_ text: String, to descriptor: Int32) { StandardStream.write(text, to: descriptor) }
}
