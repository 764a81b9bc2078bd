import Dispatch
import Foundation
import Glibc
import Synchronization

/// A `tandemd` that a rig starts, watches and kills.
///
/// Its standard output and error are appended to a log file. Thread-safe.
public final class DaemonProcess: Sendable {
    public struct LaunchError: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public let pid: pid_t
    public let port: Int
    public var address: String { "127.0.0.1:\(port)" }
    /// The wait status once the process has ended.
    private let status = Mutex<Int32?>(nil)

    /// - Parameter environment: added to this process's own.
    public init(executable: String, data: String, port: Int, arguments: [String] = [], environment: [String: String] = [:], log: String) throws {
        let all = [executable, "--data", data, "--listen", "127.0.0.1:\(port)"] + arguments
        var argv = all.map { strdup($0) } + [nil]
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var pid = pid_t()
        let failure = posix_spawn(&pid, executable, &actions, nil, &argv, &envp)
        guard failure == 0 else { throw LaunchError(description: "cannot start \(executable): \(String(cString: strerror(failure)))") }
        self.pid = pid
        self.port = port
        Self.running.withLock { _ = $0.insert(pid) }
    }

    /// Nil while it runs; else how it ended, in words.
    public var ending: String? {
        status.withLock { status in
            if status == nil {
                var value: Int32 = 0
                if waitpid(pid, &value, WNOHANG) == pid { end(value, &status) }
            }
            return status.map(Self.describe)
        }
    }

    /// kill -9, then waits until the process is gone.
    /// - Returns: how it had ended by itself before, which is a finding; nil: it was running.
    public func kill() -> String? {
        if let ending { return ending }
        _ = Glibc.kill(pid, SIGKILL)
        wait()
        return nil
    }

    /// SIGTERM, as a service manager does. - Returns: seconds until it had ended, and how it ended.
    public func terminate() -> (seconds: Double, ending: String) {
        let begin = ContinuousClock.now
        if ending == nil {
            _ = Glibc.kill(pid, SIGTERM)
            wait()
        }
        return (begin.duration(to: .now).seconds, ending ?? "runs")
    }

    private func wait() {
        status.withLock { status in
            guard status == nil else { return }
            var value: Int32 = 0
            while waitpid(pid, &value, 0) < 0 && errno == EINTR {}
            end(value, &status)
        }
    }

    private func end(_ value: Int32, _ status: inout Int32?) {
        status = value
        Self.running.withLock { _ = $0.remove(pid) }
    }

    private static func describe(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "exit code \((status >> 8) & 0xFF)" : "signal \(signal)"
    }

    // MARK: Observation

    /// Anonymous resident bytes: what the program itself holds, without mapped files.
    public var anonymousBytes: Int { statusKilobytes("RssAnon:") * 1024 }
    public var openFiles: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0 }
    public var threads: Int { statusKilobytes("Threads:") }

    private func statusKilobytes(_ name: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8) else { return 0 }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
        }
        return 0
    }

    // MARK: Ends

    private static let running = Mutex<Set<pid_t>>([])

    /// Kills what still runs; for the end of a rig, whatever its reason.
    public static func killAll() {
        for pid in running.withLock({ $0 }) { _ = Glibc.kill(pid, SIGKILL) }
    }

    /// Takes the daemons along when the rig is interrupted. - Returns: keep it as long as it shall watch.
    public static func killAllOnInterruption() -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                killAll()
                _exit(128 + number)
            }
            source.resume()
            return source
        }
    }

    /// A port that was free a moment ago.
    public static func freePort() throws -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw LaunchError(description: "no socket: \(String(cString: strerror(errno)))") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port: UInt16? = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            } ? UInt16(bigEndian: pointer.pointee.sin_port) : nil
        }
        guard let port else { throw LaunchError(description: "no free port: \(String(cString: strerror(errno)))") }
        return Int(port)
    }
}

extension Duration {
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
