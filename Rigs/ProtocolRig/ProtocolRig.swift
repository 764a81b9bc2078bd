import ArgumentParser
import Foundation
import RigSupport
import TandemClient
import WireProtocol

/// Sends random and changed frames to a live daemon over many sockets, while a healthy client goes on searching.
///
/// What must hold: the daemon lives, every byte it says belongs to a frame, the healthy client gets right answers in about the same
/// time, and afterwards neither memory nor descriptors nor threads have grown. How to run, and what was seen: docs/robustness.md.
@main
struct ProtocolRig: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "protocol-rig", abstract: "Random and changed frames against a live tandemd, beside a healthy client.")

    @Option(help: "The tandemd to test.") var daemon: String
    @Option(help: "Frames in all.") var frames = 20_000
    @Option(help: "Repeats the frames of a run.") var seed: UInt64 = UInt64.random(in: 0...999_999_999)
    @Option(help: "Sockets that send at a time.") var sockets = 4
    @Option(help: "Folder for the data; kept when something is wrong.") var scratch: String = NSTemporaryDirectory()
    @Flag(help: "Print the figures as one JSON object.") var json = false

    func validate() throws {
        guard frames >= sockets * 10, sockets > 0 else { throw ValidationError("--frames must be at least ten for each of --sockets") }
    }

    struct Traffic: Sendable {
        var frames = 0
        var connections = 0
        var answered = 0
        var farewells = 0
        var problems: [String] = []

        static func += (a: inout Traffic, b: Traffic) {
            a.frames += b.frames
            a.connections += b.connections
            a.answered += b.answered
            a.farewells += b.farewells
            a.problems += b.problems
        }
    }

    struct Footprint: Sendable {
        let anonymous: Int
        let files: Int
        let threads: Int
        init(_ daemon: DaemonProcess) { (anonymous, files, threads) = (daemon.anonymousBytes, daemon.openFiles, daemon.threads) }
    }

    func run() async throws {
        let interruptions = DaemonProcess.killAllOnInterruption()
        defer { withExtendedLifetime(interruptions) {} }
        let progress = Progress()
        progress.line("seed \(seed), \(frames) frames on sockets")
        let folder = scratch + "/tandem-fuzz-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
        let log = folder + "/tandemd.log"
        let daemon = try DaemonProcess(
            executable: self.daemon, data: folder + "/data", port: try DaemonProcess.freePort(), arguments: ["--models", "none", "--log-level", "warning"],
            log: log)
        let client = try TandemClient(daemon.address)
        try await waitUntilServing(client, daemon)
        try await HealthyClient.prepare(client)
        _ = try await client.createCollection(
            "fuzzed",
            schema: CollectionSchema(
                attributes: [
                    AttributeSchema(name: "tag", type: .keyword), AttributeSchema(name: "n", type: .int64), AttributeSchema(name: "f", type: .float64),
                ],
                vectorFields: [VectorFieldSchema(name: "v", dimension: 4)]))

        let quiet = await observe(client) { _ = try? await Task.sleep(for: .seconds(3)) }.result
        // The first quarter fills caches and pools; what grows after it is a leak.
        let warmUp = await observe(client) { await send(frames / 4, to: daemon, seed: seed) }
        let before = Footprint(daemon)
        let loud = await observe(client) { await send(frames - frames / 4, to: daemon, seed: seed &+ 1) }
        // Calls that still run, sockets in their last packets.
        try await Task.sleep(for: .seconds(2))
        let after = Footprint(daemon)

        var traffic = warmUp.value
        traffic += loud.value
        var findings = traffic.problems + quiet.wrong + warmUp.result.wrong + loud.result.wrong
        if let ending = daemon.ending {
            findings.append("tandemd ended: \(ending)")
        } else {
            findings += await examine(client)
            if after.anonymous > before.anonymous + 32 << 20 {
                findings.append("anonymous memory grew from \(before.anonymous >> 20) to \(after.anonymous >> 20) MB")
            }
            if after.files > before.files + 8 { findings.append("open files grew from \(before.files) to \(after.files)") }
            if after.threads > before.threads + 8 { findings.append("threads grew from \(before.threads) to \(after.threads)") }
        }
        await client.shutDown()
        let (seconds, ending) = daemon.terminate()
        if ending != "exit code 0" || seconds > 5 { findings.append("SIGTERM: ended with \(ending) after \(seconds) s") }

        let (p50, p99) = (loud.result.milliseconds(0.5), loud.result.milliseconds(0.99))
        printSummary(
            [
                ("frames", traffic.frames), ("seed", seed), ("connections", traffic.connections), ("connections_answered", traffic.answered),
                ("connections_ended_by_goaway", traffic.farewells), ("healthy_searches", warmUp.result.times.count + loud.result.times.count),
                ("healthy_errors", warmUp.result.wrong.count + loud.result.wrong.count), ("quiet_p50_ms", quiet.milliseconds(0.5)),
                ("quiet_p99_ms", quiet.milliseconds(0.99)), ("p50_ms", p50), ("p99_ms", p99), ("anonymous_before", before.anonymous),
                ("anonymous_after", after.anonymous), ("files_before", before.files), ("files_after", after.files), ("threads_before", before.threads),
                ("threads_after", after.threads), ("findings", findings.count),
            ],
            sentence: "\(traffic.frames) frames over \(traffic.connections) sockets (\(traffic.farewells) ended by GOAWAY); beside them "
                + "\(warmUp.result.times.count + loud.result.times.count) searches, \(warmUp.result.wrong.count + loud.result.wrong.count) of them wrong, "
                + String(
                    format: "p50 %.1f ms and p99 %.1f ms (quiet: %.1f and %.1f); anonymous memory %d to %d MB, files %d to %d",
                    p50, p99, quiet.milliseconds(0.5), quiet.milliseconds(0.99), before.anonymous >> 20, after.anonymous >> 20, before.files, after.files),
            asJSON: json)
        guard findings.isEmpty else {
            for finding in findings.prefix(25) { progress.line("  \(finding)") }
            progress.line("  seed \(seed), data and log: \(folder)")
            throw ExitCode.failure
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    private func waitUntilServing(_ client: TandemClient, _ daemon: DaemonProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while (try? await client.health(timeout: .seconds(1)))?.status != .serving {
            guard daemon.ending == nil, ContinuousClock.now < deadline else { throw DaemonProcess.LaunchError(description: "tandemd does not serve") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Lets the healthy client search while `body` runs.
    private func observe<T: Sendable>(_ client: TandemClient, _ body: @Sendable () async -> T) async -> (value: T, result: HealthyClient.Result) {
        let healthy = HealthyClient(client)
        async let result = healthy.run(seed: seed)
        let value = await body()
        healthy.stop()
        return (value, await result)
    }

    /// - Returns: what is wrong with the daemon afterwards.
    private func examine(_ client: TandemClient) async -> [String] {
        do {
            var findings: [String] = []
            let health = try await client.health()
            if health.status != .serving { findings.append("health: \(health.status) \(health.problems)") }
            let healthy = try await client.describeCollection(HealthyClient.collection)
            if healthy.documents != UInt64(HealthyClient.documents) {
                findings.append("\(healthy.documents) healthy documents, expected \(HealthyClient.documents)")
            }
            let names = try await client.listCollections().map(\.name)
            if names != ["fuzzed", HealthyClient.collection] { findings.append("collections \(names)") }
            findings += try await client.check().findings.map { "check: \($0.object): \($0.problem)" }
            return findings
        } catch {
            return ["after the storm: \(error)"]
        }
    }

    // MARK: The storm

    private func send(_ frames: Int, to daemon: DaemonProcess, seed: UInt64) async -> Traffic {
        await withTaskGroup(of: Traffic.self) { group in
            for index in 0..<sockets {
                let share = frames / sockets + (index == 0 ? frames % sockets : 0)
                group.addTask { await Self.onThread { Self.storm(share, port: daemon.port, seed: seed &+ UInt64(index) &* 1_000_003) } }
            }
            // Besides, sockets that say half a HELLO, or nothing, and stay.
            let idle = (0..<20).compactMap { _ in RawConnection(port: daemon.port) }
            for (index, connection) in idle.enumerated() where index % 2 == 0 { _ = connection.send([FrameFormat.magic, FrameFormat.version, 1]) }
            defer { withExtendedLifetime(idle) {} }
            return await group.reduce(into: Traffic()) { $0 += $1 }
        }
    }

    /// Sockets block, and the cooperative pool has few threads.
    private static func onThread<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: body()) }
            thread.stackSize = 1 << 20
            thread.start()
        }
    }

    private static func storm(_ frames: Int, port: Int, seed: UInt64) -> Traffic {
        var source = FrameSource(seed: seed, collection: "fuzzed")
        var traffic = Traffic()
        while traffic.frames < frames {
            guard let connection = RawConnection(port: port) else {
                traffic.problems.append("no connection: \(String(cString: strerror(errno)))")
                return traffic
            }
            traffic.connections += 1
            source.beginConnection()
            // One in ten is a slow reader: asks and asks, and reads nothing until the end.
            let isSlow = source.random.chance(1, in: 10)
            var isHello = !source.random.chance(1, in: 30)
            let length = Int.random(in: 1...60, using: &source.random)
            for _ in 0..<length where traffic.frames < frames {
                traffic.frames += 1
                let bytes = isHello ? source.hello() : source.next()
                isHello = false
                guard connection.send(bytes) else { break }
                if !isSlow { connection.receive(forMilliseconds: source.random.chance(1, in: 4) ? 5 : 0) }
            }
            // Some go without a word, some wait for what comes.
            if source.random.chance(2, in: 3) { connection.receive(forMilliseconds: 20) }
            if connection.framesReceived > 0 { traffic.answered += 1 }
            if connection.farewell != nil { traffic.farewells += 1 }
            if let problem = connection.problem { traffic.problems.append("connection \(traffic.connections) of seed \(seed): \(problem)") }
        }
        return traffic
    }
}
