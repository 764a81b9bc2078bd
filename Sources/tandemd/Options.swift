import ArgumentParser
import TandemServer

/// The command line. Every option but the last three is also a key of the configuration file and an environment variable; see `Setting`.
struct Options: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tandemd",
        abstract: "Serves hybrid search: keywords and meaning, fused and reranked.",
        discussion: """
            Settings come from the configuration file, then from the environment (TANDEM_DATA, TANDEM_LISTEN, TANDEM_SEARCH_THREADS …), \
            then from these options; the last one said wins. --check-config prints what is in force and where it was said.

            The daemon runs in the foreground and logs to standard error. SIGTERM and SIGINT stop it in order, a second one at once.
            """,
        version: "tandemd \(Version.number) (\(Version.build))")

    @Option(help: ArgumentHelp("Folder of the data; made where it does not exist. (default: /var/lib/tandem/data)", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Address to listen on; port 0 lets the system choose. (default: 127.0.0.1:7700)", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Folder of the models, or none. (default: /var/lib/tandem/models where it exists)", valueName: "dir"))
    var models: String?

    @Option(help: ArgumentHelp("Folder for compiled models, so that the next start is faster, or none. (default: none)", valueName: "dir"))
    var cache: String?

    @Flag(help: "Listen on addresses that other machines can reach, although connections are neither encrypted nor authenticated.")
    var allowInsecure = false

    @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical. (default: info)", valueName: "level"))
    var logLevel: String?

    @Option(help: ArgumentHelp("text or json. (default: text)", valueName: "format"))
    var logFormat: String?

    @Option(help: ArgumentHelp("Searches that run at a time. (default: the number of processors)", valueName: "n"))
    var searchThreads: Int?

    @Option(help: ArgumentHelp("Searches that may wait for a thread; one more is refused. (default: 64)", valueName: "n"))
    var searchQueue: Int?

    @Option(help: ArgumentHelp("Threads of the models. (default: the number of processors)", valueName: "n"))
    var inferenceThreads: Int?

    @Option(help: ArgumentHelp("Configuration file, YAML or, by its name, JSON. Also TANDEM_CONFIG.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Read every file and record of a backup, serve nothing, and exit: 0 when it is whole, 1 when not. 'tandem restore' asks for this.",
            valueName: "dir"))
    var verifyBackup: String?

    @Flag(help: "Print the settings in force and where each was said, then exit: 0 when all is well, 2 when not.")
    var checkConfig = false
}
