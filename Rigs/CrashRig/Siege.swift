import ArgumentParser
import Foundation
import RigSupport
import TandemClient

/// All rounds of one run.
struct Siege {
    let rig: CrashRig
    let folder: String
    let content: Content
    var random: SeededGenerator
    var progress = Progress()
    var round = 0
    private var ledger = Ledger()
    private var folders = 0
    private var total = Ledger.Figures()
    private var replayed: UInt64 = 0
    private var roundsReplaying = 0
    private var startupKills = 0
    private var cleanStops = 0
    private var rebuilds = 0
    private var worstStart = 0.0
    private var worstStop = 0.0
    private var documents: UInt64 = 0
    private let collection = "crash"

    init(rig: CrashRig, folder: String) {
        self.rig = rig
        self.folder = folder
        content = Content(hasVectors: rig.vectors)
        random = SeededGenerator(seed: rig.seed)
    }

    private var data: String { folder + "/data-\(folders)" }
    private var log: String { folder + "/tandemd-\(folders).log" }

    /// - Returns: true if everything was as it must be.
    mutating func run() async throws -> Bool {
        progress.line("seed \(rig.seed), \(rig.rounds) rounds\(rig.powerCut == nil ? "" : ", power cuts")")
        let begin = ContinuousClock.now
        while round < rig.rounds {
            if round % rig.fresh == 0 { try beginAnew() }
            round += 1
            do {
                try await oneRound(isLast: round % rig.fresh == 0 || round == rig.rounds)
            } catch {
                // A daemon that does not start or does not answer is a finding, not a reason to give up without a report.
                ledger.note("\(error)")
                DaemonProcess.killAll()
            }
            let findings = ledger.withState { $0.findings }
            if !findings.isEmpty {
                if rig.canary { return report(begin.duration(to: .now), lost: findings.count) }
                progress.line("round \(round), seed \(rig.seed): \(findings.count) findings")
                for finding in findings.prefix(25) { progress.line("  \(finding)") }
                progress.line("  data: \(data)\n  log: \(log)")
                return false
            }
        }
        collectFigures()
        if rig.canary {
            progress.line(
                "the canary lives: with a disk that forgets, \(total.acknowledgedOperations) acknowledged operations are all there; this rig proves nothing")
            return false
        }
        return report(begin.duration(to: .now), lost: 0)
    }

    /// A new data folder, with an empty collection.
    private mutating func beginAnew() throws {
        collectFigures()
        if folders > 0 {
            try FileManager.default.removeItem(atPath: data)
            try FileManager.default.removeItem(atPath: log)
        }
        folders += 1
        ledger = Ledger()
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    }

    private mutating func collectFigures() {
        let figures = ledger.withState { $0.figures }
        total.acknowledgedBatches += figures.acknowledgedBatches
        total.acknowledgedOperations += figures.acknowledgedOperations
        total.refusedBatches += figures.refusedBatches
        total.unansweredBatches += figures.unansweredBatches
        total.appliedUnanswered += figures.appliedUnanswered
        total.searchableAtOnce += figures.searchableAtOnce
    }

    // MARK: A round

    /// Starts the daemon (now and then killing it while it starts), verifies it, writes, kills it; the last round on a folder ends
    /// with a start and a verification of everything.
    private mutating func oneRound(isLast: Bool) async throws {
        while random.chance(1, in: 5), round % rig.fresh != 1 {
            let daemon = try launch()
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...150, using: &random)))
            try kill(daemon, "while it started")
            startupKills += 1
        }
        let (daemon, client) = try await start()
        if round % rig.fresh == 1 || rig.fresh == 1 { _ = try await client.createCollection(collection, schema: content.schema()) }
        try await verify(client, isDeep: false)
        guard ledger.withState({ $0.findings.isEmpty }) else {
            await client.shutDown()
            _ = daemon.kill()
            return
        }
        try await write(client, daemon)
        if isLast {
            let (daemon, client) = try await start()
            try await verify(client, isDeep: true)
            await client.shutDown()
            try kill(daemon, "after the last verification")
        }
    }

    private func launch() throws -> DaemonProcess {
        // Small, so that segments are sealed and merged, checkpoints written and the log trimmed all the time.
        var environment = [
            "TANDEM_INDEXING_MEMORY_MEGABYTES": "16", "TANDEM_INDEXING_CHECKPOINT_SECONDS": "1", "TANDEM_INDEXING_REFRESH_MILLISECONDS": "20",
        ]
        if let tools = rig.powerCut {
            environment["LD_PRELOAD"] = tools + "/libpowercut.so"
            environment["TANDEM_POWERCUT_DIR"] = data
            if rig.canary, round > 1 { environment["TANDEM_POWERCUT_FORGETS"] = "1" }
        }
        return try DaemonProcess(
            executable: rig.daemon, data: data, port: try DaemonProcess.freePort(), arguments: ["--models", "none"], environment: environment, log: log)
    }

    /// Starts the daemon and waits until it serves.
    private mutating func start() async throws -> (DaemonProcess, TandemClient) {
        let begin = ContinuousClock.now
        let daemon = try launch()
        var configuration = ClientConfiguration()
        configuration.timeout = .seconds(60)
        let client = try TandemClient(daemon.address, configuration: configuration)
        while true {
            if let ending = daemon.ending { throw DaemonProcess.LaunchError(description: "tandemd ended while it started: \(ending); its log: \(log)") }
            if let health = try? await client.health(timeout: .seconds(1)), health.status == .serving || health.status == .degraded {
                for problem in health.problems { ledger.note("health: \(problem)") }
                break
            }
            guard begin.duration(to: .now) < .seconds(60) else {
                throw DaemonProcess.LaunchError(description: "tandemd does not serve after 60 s; its log: \(log)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        worstStart = max(worstStart, begin.duration(to: .now).seconds)
        return (daemon, client)
    }

    private mutating func verify(_ client: TandemClient, isDeep: Bool) async throws {
        var verifier = Verifier(
            client: client, collection: collection, content: content, ledger: ledger, isDeep: isDeep, random: random.split())
        let outcome = try await verifier.run()
        replayed += outcome.replayed
        if outcome.replayed > 0 { roundsReplaying += 1 }
        documents = outcome.documents
        let written = total.acknowledgedOperations + ledger.withState { $0.figures.acknowledgedOperations }
        progress.show(
            "round \(round) of \(rig.rounds): \(written) operations acknowledged, \(documents) documents in \(outcome.segments) segments, \(outcome.replayed) replayed"
        )
    }

    private mutating func write(_ client: TandemClient, _ daemon: DaemonProcess) async throws {
        let end = RoundEnd()
        var writers: [Writer] = []
        for number in 0..<rig.writers {
            // Without attempts of its own: what was sent once is sent once.
            var configuration = ClientConfiguration()
            configuration.attemptsMax = 1
            configuration.timeout = .seconds(60)
            writers.append(
                Writer(
                    number: number, client: try TandemClient(daemon.address, configuration: configuration), collection: collection, content: content,
                    ledger: ledger, end: end, keyPrefix: "r\(round)", random: random.split()))
        }
        // Half of the rounds are short: a kill soon after a start meets merges and checkpoints of the replay.
        let limit = random.chance(1, in: 2) ? rig.load : rig.load / 4
        let moment = Duration.microseconds(Int.random(in: 1000...(1000 * max(2, limit)), using: &random))
        let rebuilds = random.chance(1, in: 8)
        let stops = rig.powerCut == nil && random.chance(1, in: 15)
        if rebuilds { self.rebuilds += 1 }
        let (collection, ledger) = (collection, ledger)
        // A daemon that is killed says nothing more; one that is told to stop ends its calls itself.
        let found: String? = try await withThrowingTaskGroup(of: String?.self) { group in
            for writer in writers {
                group.addTask {
                    var writer = writer
                    await writer.run()
                    await writer.client.shutDown()
                    return nil
                }
            }
            if rebuilds {
                group.addTask {
                    try? await Task.sleep(for: moment / 2)
                    _ = try? await client.rebuildCollection(collection)
                    return nil
                }
            }
            group.addTask {
                try await Task.sleep(for: moment)
                end.set()
                if stops {
                    let (seconds, ending) = daemon.terminate()
                    if ending != "exit code 0" { return "SIGTERM: ended with \(ending)" }
                    if seconds > 5 { return "SIGTERM: ended after \(seconds) s" }
                    return "stopped \(seconds)"
                }
                return daemon.kill().map { "tandemd ended by itself: \($0)" }
            }
            var found: String?
            for try await result in group { found = result ?? found }
            return found
        }
        await client.shutDown()
        if let found {
            if found.hasPrefix("stopped "), let seconds = Double(found.dropFirst(8)) {
                cleanStops += 1
                worstStop = max(worstStop, seconds)
            } else {
                ledger.note(found)
            }
        }
        try rollBack()
    }

    private func kill(_ daemon: DaemonProcess, _ when: String) throws {
        if let ending = daemon.kill() { ledger.note("tandemd ended by itself \(when): \(ending)") }
        try rollBack()
    }

    /// Takes away what was not fsynced.
    private func rollBack() throws {
        guard let tools = rig.powerCut else { return }
        // Killed before the shim had begun: nothing was written either.
        guard FileManager.default.fileExists(atPath: data + ".durable/lock") else {
            try? FileManager.default.removeItem(atPath: data + ".durable")
            return
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tools + "/powercut-rollback")
        process.arguments = [data]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw DaemonProcess.LaunchError(description: "powercut-rollback \(data): exit code \(process.terminationStatus)")
        }
    }

    // MARK: The end

    private mutating func report(_ duration: Duration, lost: Int) -> Bool {
        if rig.canary {
            printSummary(
                [("canary", "lost"), ("findings", lost), ("seed", rig.seed)],
                sentence: "canary: with a disk that forgets, the rig finds \(lost) things wrong, as it must", asJSON: rig.json)
            return true
        }
        printSummary(
            [
                ("rounds", round), ("seed", rig.seed), ("acknowledged_operations", total.acknowledgedOperations),
                ("acknowledged_batches", total.acknowledgedBatches), ("unanswered_batches", total.unansweredBatches),
                ("unanswered_batches_applied", total.appliedUnanswered), ("refused_batches", total.refusedBatches),
                ("searched_at_once", total.searchableAtOnce), ("replayed_operations", replayed), ("rounds_with_replay", roundsReplaying),
                ("kills_during_start", startupKills), ("clean_stops", cleanStops), ("rebuilds", rebuilds), ("worst_start_seconds", worstStart),
                ("worst_stop_seconds", worstStop), ("lost", lost), ("power_cut", rig.powerCut != nil), ("seconds", duration.seconds),
            ],
            sentence: "\(round) \(rig.powerCut == nil ? "kills" : "power cuts") under load and \(startupKills) during a start, \(rebuilds) rebuilds: "
                + "\(total.acknowledgedOperations) acknowledged operations, none lost, none twice; \(total.unansweredBatches) unanswered batches, "
                + "\(total.appliedUnanswered) of them applied, each wholly or not; \(replayed) operations replayed; worst start \(String(format: "%.2f", worstStart)) s; "
                + "\(Int(duration.seconds)) s",
            asJSON: rig.json)
        return true
    }
}
