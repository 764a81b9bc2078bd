import Glibc
import SearchCore
import Storage
import Synchronization
import Testing

/// Processes that the crash tests start and kill: this test binary again, told by its environment to run one test only.
enum ChildProcess {
    /// Starts `arguments`, with `environment` added to this process's own, and its output discarded.
    static func start(_ arguments: [String], environment: [String: String] = [:]) throws -> pid_t {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            variables.append(String(cString: variable))
            next += 1
        }
        for (name, value) in environment { variables.append("\(name)=\(value)") }
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var pid = pid_t()
        let failure = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, &envp)
        guard failure == 0 else { throw FileSystem.error("start", arguments[0], failure) }
        return pid
    }

    /// Starts this binary so that it runs the ``CrashChild`` only.
    static func startSelf(environment: [String: String]) throws -> pid_t {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let binary = String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return try start([binary, "--testing-library", "swift-testing", "--filter", "StorageCrashChild"], environment: environment)
    }

    /// Waits for the end. - Returns: the exit code, or the negated signal.
    @discardableResult
    static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : -signal
    }

    static func run(_ arguments: [String]) throws -> Int32 { wait(try start(arguments)) }
}

func environmentValue(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

/// Lines that survive the death of the process that writes them: appended with one `write` each, outside the watched folder.
final class AckFile: Sendable {
    private let descriptor: Int32
    init(_ path: String) { descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }
    deinit { close(descriptor) }

    func append(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        precondition(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    /// Whole lines of the file; empty if there is none yet.
    static func lines(_ path: String) -> [Substring] {
        guard let bytes = try? FileSystem.read(path) else { return [] }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        lines.removeLast()
        return lines
    }
}

/// Not a test of its own: what the processes do that the crash tests kill.
@Suite("StorageCrashChild", .enabled(if: environmentValue("TANDEM_CRASH_STORE") != nil, "runs only in a child of the crash tests"))
struct StorageCrashChild {
    @Test("writes until it is killed, and notes what was acknowledged")
    func writeForEver() throws {
        let path = environmentValue("TANDEM_CRASH_STORE")!
        let acks = AckFile(environmentValue("TANDEM_CRASH_ACKS")!)
        var options = StoreOptions()
        // Small, so that flushes, compactions and switches of the log happen all the time.
        options.writeBufferBytes = 256 << 10
        options.logBytesMax = 256 << 10
        options.syncsCommits = environmentValue("TANDEM_CRASH_SYNC") != "0"
        let store = try DocumentStore(path: path, options: options)
        let committer = Committer(store: store)
        let run = environmentValue("TANDEM_CRASH_RUN")!
        // The watchdog's end: a child whose parent died must not run for ever.
        let deadline = ContinuousClock.now + .seconds(60)
        onThreads(4) { thread in
            var n = 0
            while ContinuousClock.now < deadline {
                n += 1
                let new = "\(run)-\(thread)-\(n)"
                let operations: [WriteOperation] = [
                    .upsert(document(new, String(repeating: new, count: 50))), .upsert(document("shared-\(thread)", new)),
                    n % 3 == 0 ? .delete(id: "\(run)-\(thread)-\(n - 1)") : .delete(id: "missing"),
                ]
                guard let outcome = try? committer.commit(WriteBatch(operations, idempotencyKey: new)) else { continue }
                let versions = outcome.results.map { $0.sequence?.description ?? "0" }
                acks.append("\(thread) \(n) " + versions.joined(separator: " "))
                if thread == 0 && n % 20 == 0 {
                    _ = try? store.putVectors(model: "m", field: "f", [.init(sequence: outcome.lastSequence, chunks: [[1, 2, 3]])])
                    _ = try? store.dropSuperseded(through: SequenceNumber(outcome.lastSequence.rawValue / 2))
                }
            }
        }
    }
}
