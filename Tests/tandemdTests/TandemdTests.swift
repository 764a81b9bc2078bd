import Foundation
import TandemClient
import Testing

@Suite("tandemd", .serialized, .timeLimit(.minutes(2)))
struct TandemdTests {
    /// Goes with the test.
    private let folder = TestFolder()

    private final class TestFolder: Sendable {
        let path = FileManager.default.temporaryDirectory.path + "/tandemd-tests-" + UUID().uuidString
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func write(_ text: String, _ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let path = folder.path + "/" + UUID().uuidString + "-" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func check(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> (code: Int32?, out: String, errors: String) {
        let daemon = try DaemonProcess(arguments + ["--check-config"], environment: environment, bare: true)
        let code = try await daemon.exitCode()
        return (code, daemon.text, daemon.log)
    }

    // MARK: Configuration

    @Test("options win over the environment, the environment over the file, and the table says who won")
    func layers() async throws {
        let file = try write("search:\n  threads: 3\n  queue: 30\nlog:\n  level: debug\nlisten: 127.0.0.1:7001\n", "a.yaml")
        let result = try await check(
            ["--config", file, "--search-threads", "5"], ["TANDEM_SEARCH_THREADS": "4", "TANDEM_SEARCH_QUEUE": "40", "TANDEM_MODELS": "none"])
        #expect(result.code == 0, "\(result.errors)")
        func line(_ key: String) -> [Substring] { result.out.split(separator: "\n").first { $0.hasPrefix(key + " ") }?.split(separator: " ") ?? [] }
        #expect(line("search.threads") == ["search.threads", "5", "option", "--search-threads"])
        #expect(line("search.queue") == ["search.queue", "40", "environment", "TANDEM_SEARCH_QUEUE"])
        #expect(line("log.level").map(String.init) == ["log.level", "debug", "file", file])
        #expect(line("listen")[1] == "127.0.0.1:7001")
        #expect(line("log.format") == ["log.format", "text", "default"])
        #expect(result.out.split(separator: "\n").count == 19)
    }

    @Test("a JSON file works as well")
    func json() async throws {
        let file = try write(#"{"search": {"threads": 7}, "indexing": {"memory_megabytes": 512}}"#, "a.json")
        let result = try await check(["--config", file])
        #expect(result.code == 0 && result.out.contains("512") && result.out.contains(file), "\(result.errors)")
    }

    @Test("the sample configuration is taken, and holds the defaults")
    func sample() async throws {
        let sample = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy/tandemd.yaml").standardizedFileURL.path
        let withFile = try await check(["--config", sample, "--models", "none"])
        let without = try await check(["--models", "none"])
        #expect(withFile.code == 0, "\(withFile.errors)")
        func values(_ text: String) -> [[Substring]] { text.split(separator: "\n").map { Array($0.split(separator: " ").prefix(2)) } }
        #expect(values(withFile.out) == values(without.out))
    }

    @Test(
        "what is wrong with the configuration is named, with its place, and the exit code is 2",
        arguments: [
            ("serch:\n  threads: 3\n", "'serch.threads'"), ("search:\n  threads: many\n", "search.threads"), ("search:\n  threads: 0\n", "search.threads"),
            ("listen: nonsense:port\n", "listen"), ("log:\n  level: loud\n", "log.level"), ("log:\n  format: xml\n", "log.format"),
            ("allow_insecure: perhaps\n", "allow_insecure"), ("listen: 0.0.0.0:7700\n", "--allow-insecure"), ("a: [\n", "configuration file"),
            ("just a text\n", "configuration file"), ("data: \"\"\n", "data"),
        ])
    func faults(_ text: String, _ name: String) async throws {
        let file = try write(text, "bad.yaml")
        let result = try await check(["--config", file])
        #expect(result.code == 2 && result.out.isEmpty)
        #expect(result.errors.contains(name) && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test("wrong options and a missing file exit with 2; help and version with 0")
    func usage() async throws {
        #expect(try await check(["--nonsense"]).code == 2)
        #expect(try await check(["--search-threads", "x"]).code == 2)
        #expect(try await check(["--config", "/no/such/file.yaml"]).code == 2)
        #expect(try await check(["--config", write("", "empty.yaml")]).code == 0)
        #expect(try await check(["--config", write("---\n# listen: 127.0.0.1:7001\n\n", "comments.yaml")]).code == 0)
        #expect(try await check([], ["TANDEM_CONFIG": "/no/such/file.yaml"]).code == 2)
        #expect(try await check([], ["TANDEM_LOG_LEVEL": "loud"]).errors.contains("environment TANDEM_LOG_LEVEL"))
        #expect(try await check([], ["TANDEM_SERCH_THREADS": "1"]).out.contains("TANDEM_SERCH_THREADS"), "a warning")
        let help = try await check(["--help"])
        #expect(help.code == 0 && help.out.contains("--search-threads"))
        #expect(try await check(["--version"]).out.hasPrefix("tandemd 0."))
    }

    // MARK: Life

    @Test("starts, serves, logs lines, and stops with 0 on SIGTERM", arguments: [SIGTERM, SIGINT])
    func life(_ signal: Int32) async throws {
        let daemon = try DaemonProcess(["--log-format", "json"])
        let client = try TandemClient(try await daemon.address())
        _ = try await client.createCollection("c")
        _ = try await client.upsert([Document(id: "1", texts: [TextField(name: "text", text: "one")])], into: "c", acknowledgement: .searchable)
        let found = try await client.search(SearchRequest(collection: "c", text: "one"))
        #expect(found.hits.count == 1)
        let begin = ContinuousClock.now
        daemon.signal(signal)
        #expect(try await daemon.exitCode() == 0)
        #expect(begin.duration(to: .now) < .seconds(5))
        await client.shutDown()
        let lines = daemon.log.split(separator: "\n")
        for line in lines {
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(object?["time"]?.hasSuffix("Z") == true && object?["level"] != nil && object?["message"] != nil, "\(line)")
        }
        #expect(daemon.log.contains("no models: keyword search only") && daemon.log.contains("\"version\""))
    }

    @Test("stops within 5 seconds under load, and loses nothing that it acknowledged")
    func stopUnderLoad() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tandemd-load-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let daemon = try DaemonProcess([], data: folder)
        let client = try TandemClient(try await daemon.address())
        _ = try await client.createCollection("c")
        let load = Task {
            var acknowledged: UInt64 = 0
            do {
                for round in 0... {
                    let batch = (0..<50).map { Document(id: "\(round)-\($0)", texts: [TextField(name: "text", text: "words of load \($0)")]) }
                    acknowledged = try await client.upsert(batch, into: "c").sequence
                }
            } catch {}
            return acknowledged
        }
        let searches = Task {
            while (try? await client.search(SearchRequest(collection: "c", text: "load"))) != nil {}
        }
        try await Task.sleep(for: .seconds(1))
        let begin = ContinuousClock.now
        daemon.signal(SIGTERM)
        #expect(try await daemon.exitCode() == 0)
        let took = begin.duration(to: .now)
        #expect(took < .seconds(5), "\(took)")
        let acknowledged = await load.value
        await searches.value
        await client.shutDown()

        let again = try DaemonProcess([], data: folder)
        let next = try TandemClient(try await again.address())
        let status = try await next.describeCollection("c")
        #expect(status.lastSequence >= acknowledged && acknowledged > 0)
        await next.shutDown()
    }

    @Test("after kill -9 it starts by itself, says what it replayed, and has every acknowledged write")
    func killed() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tandemd-kill-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let daemon = try DaemonProcess([], data: folder)
        let client = try TandemClient(try await daemon.address())
        _ = try await client.createCollection("c")
        _ = try await client.upsert((0..<200).map { Document(id: "\($0)", texts: [TextField(name: "text", text: "kept")]) }, into: "c")
        daemon.signal(SIGKILL)
        #expect(try await daemon.exitCode() == -SIGKILL)
        await client.shutDown()

        let again = try DaemonProcess([], data: folder)
        let next = try TandemClient(try await again.address())
        let found = try await next.search(SearchRequest(collection: "c", text: "kept"))
        #expect(found.lexicalMatched == 200)
        #expect(again.log.contains("replayed=200"), "\(again.log)")
        await next.shutDown()
    }

    @Test("a locked folder, a port in use and a folder that cannot be made end it with 1 and one line that says why")
    func cannotStart() async throws {
        let first = try DaemonProcess([])
        let address = try await first.address()
        func failure(_ arguments: [String], bare: Bool = true) async throws -> (Int32?, String) {
            let daemon = try DaemonProcess(arguments + ["--models", "none", "--log-level", "warning"], bare: true)
            return (try await daemon.exitCode(), daemon.log)
        }
        let locked = try await failure(["--data", first.folder + "/data", "--listen", "127.0.0.1:0"])
        #expect(locked.0 == 1 && locked.1.contains("process \(first.identifier)") && locked.1.split(separator: "\n").count == 1, "\(locked.1)")
        let port = try await failure(["--data", first.folder + "/other", "--listen", address])
        #expect(port.0 == 1 && port.1.contains(address) && port.1.split(separator: "\n").count == 1, "\(port.1)")
        let folder = try await failure(["--data", "/proc/nowhere/data", "--listen", "127.0.0.1:0"])
        #expect(folder.0 == 1 && folder.1.contains("/proc/nowhere") && folder.1.split(separator: "\n").count == 1, "\(folder.1)")
        #expect(first.isRunning)
    }

    @Test("values cannot forge lines of the log")
    func logInjection() async throws {
        let daemon = try DaemonProcess(
            ["--data", "/tmp/x\n2026-01-01T00:00:00.000Z critical forged", "--listen", "127.0.0.1:0", "--models", "none"], bare: true)
        _ = try await daemon.address()
        #expect(!daemon.log.contains("\n2026-01-01"))
        daemon.signal(SIGTERM)
        _ = try await daemon.exitCode()
        try? FileManager.default.removeItem(atPath: "/tmp/x\n2026-01-01T00:00:00.000Z critical forged")
    }
}
