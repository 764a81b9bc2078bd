import Foundation
import TandemClient
import TandemServer
import Testing

@Suite("Administration over the wire", .timeLimit(.minutes(1)))
struct AdministrationServiceTests {
    @Test("health, information and welcome say what the daemon is")
    func identity() async throws {
        try await withDaemon { _, client in
            let health = try await client.health()
            #expect(health.status == .serving && health.problems.isEmpty)
            let info = try await client.info()
            #expect(info.version == Version.number && !info.build.isEmpty && info.dataPath.hasSuffix("/data") && info.models.isEmpty)
            #expect(["avx512vnni", "avx2", "baseline"].contains(info.simd))
            #expect(info.limits?.documentIdBytes == 512 && info.limits?.depth == 10_000 && (info.limits?.messageBytes ?? 0) > 0)
            let welcome = try await client.welcome()
            #expect(welcome.agent == Version.agent && welcome.limits?.documentBytes == info.limits?.documentBytes)
        }
    }

    @Test("metrics are Prometheus text, each family once, and count what happened")
    func metrics() async throws {
        try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            _ = try await client.upsert([document("1", "one"), document("2", "two")], into: "c", acknowledgement: .searchable)
            for _ in 0..<3 { _ = try await client.search(SearchRequest(collection: "c", text: "one")) }
            _ = await failure { _ = try await client.search(SearchRequest(collection: "gone", text: "one")) }
            let text = try await client.metrics()
            var families: [String] = []
            var samples: [String: Double] = [:]
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                if line.hasPrefix("# TYPE ") {
                    families.append(String(line.split(separator: " ")[2]))
                } else if !line.hasPrefix("#") {
                    let space = try #require(line.lastIndex(of: " "))
                    let value = try #require(Double(line[line.index(after: space)...]), "\(line)")
                    #expect(samples.updateValue(value, forKey: String(line[..<space])) == nil, "twice: \(line)")
                }
            }
            #expect(text.hasSuffix("\n") && Set(families).count == families.count)
            #expect(samples[#"tandem_calls_total{method="search",status="ok"}"#] == 3)
            #expect(samples[#"tandem_calls_total{method="search",status="not_found"}"#] == 1)
            #expect(samples[#"tandem_call_seconds_count{method="search"}"#] == 4)
            #expect(samples[#"tandem_collection_documents{collection="c"}"#] == 2)
            #expect(samples[#"tandem_collection_backlog_operations{collection="c"}"#] == 0)
            #expect(samples[#"tandem_collection_uncheckpointed_operations{collection="c"}"#] == 2)
            #expect((samples["process_resident_memory_bytes"] ?? 0) > 1e6 && (samples["process_open_fds"] ?? 0) > 3)
            #expect((samples["process_start_time_seconds"] ?? 0) > 1.6e9 && (samples["tandem_bytes_received_total"] ?? 0) > 0)
        }
    }

    @Test("a backup made while writes go on opens as a data folder, and the check finds both whole")
    func backup() async throws {
        let folder = try TemporaryFolder()
        let copy = folder.path + "/copy"
        let token = try await withDaemon { _, client in
            _ = try await client.createCollection("c")
            let token = try await client.upsert((0..<300).map { document("\($0)", "saved \($0)") }, into: "c", acknowledgement: .searchable).sequence
            async let more: Void = {
                for round in 0..<20 { _ = try await client.upsert([document("more\(round)", "more")], into: "c") }
            }()
            let report = try await client.backup(to: copy)
            try await more
            #expect(report.collections == 1 && report.bytes > 0 && report.durationMicroseconds > 0)
            let check = try await client.check()
            #expect(check.findings.isEmpty && check.files > 0 && check.bytes > 0)

            #expect(await failure { _ = try await client.backup(to: copy) }?.code == .alreadyExists)
            #expect(await failure { _ = try await client.backup(to: "relative") }?.code == .invalidArgument)
            return token
        }
        try await withDaemon(data: copy) { _, client in
            let status = try await client.describeCollection("c")
            #expect(status.lastSequence >= token && status.documents >= 300)
            #expect(try await client.search(SearchRequest(collection: "c", text: "saved", mode: .lexical)).lexicalMatched == 300)
            #expect(try await client.check("c").findings.isEmpty)
        }
    }

    @Test("a daemon that stops answers what runs and refuses what comes")
    func shutdown() async throws {
        let folder = try TemporaryFolder()
        var configuration = DaemonConfiguration(dataFolder: folder.path + "/data")
        configuration.wire.endpoint.port = 0
        let daemon = try await Daemon.start(configuration, logger: quiet)
        let client = TandemClient(daemon.endpoint)
        _ = try await client.createCollection("c")
        let writes = Task {
            var acknowledged = 0
            do {
                while true {
                    _ = try await client.upsert([document("\(acknowledged)", "x")], into: "c")
                    acknowledged += 1
                }
            } catch { return acknowledged }
        }
        try await Task.sleep(for: .milliseconds(200))
        let begin = ContinuousClock.now
        await daemon.shutDown(within: .seconds(4))
        #expect(begin.duration(to: .now) < .seconds(5))
        let acknowledged = await writes.value
        await client.shutDown()
        try await withDaemon(data: folder.path + "/data") { _, client in
            let status = try await client.describeCollection("c")
            #expect(status.documents >= UInt64(acknowledged))
        }
    }
}
