import HybridSearch
import SearchCore
import Synchronization
import WireProtocol

/// What the daemon says of itself, and its care for the data as a whole.
struct AdministrationService: Sendable {
    /// What does not change while the daemon runs.
    struct Identity: Sendable {
        var version: String
        var build: String
        var dataFolder: String
        var limits: WireProtocol.Limits
        var startedAt = ContinuousClock.now
    }

    let identity: Identity
    let slot: EngineSlot
    let models: InstalledModels
    let transport: TransportMetrics

    // MARK: Health

    func health(_ call: ServerCall) {
        let problems: [String]
        let status: HealthStatus
        switch slot.current {
        case .starting: (status, problems) = (.notServing, ["starting: the collections are still being opened"])
        case .stopping: (status, problems) = (.notServing, ["shutting down"])
        case .serving(let engine):
            problems =
                engine.failures.map { "collection '\($0.name)' could not be opened: \($0.reason)" }
                + engine.all.flatMap { self.problems($0.status()) }
            status = problems.isEmpty ? .serving : .degraded
        }
        call.respond(HealthResponse(status: status, problems: problems))
    }

    private func problems(_ status: CollectionStatus) -> [String] {
        var problems: [String] = []
        func report(_ problem: String) { problems.append("collection '\(status.name)': \(problem)") }
        if let problem = status.problem { report(problem) }
        let installed = Set(models.list().map(\.name))
        for (name, effect) in [(status.schema.model, "semantic search is off"), (status.schema.reranker, "nothing is reranked")] {
            if let name, !installed.contains(name) { report("model '\(name)' is not installed; \(effect)") }
        }
        return problems
    }

    // MARK: Information

    func info(_ call: ServerCall) {
        call.respond(
            InfoResponse(
                version: identity.version, build: identity.build, models: models.list(), limits: identity.limits,
                uptimeMicroseconds: identity.startedAt.duration(to: .now).wireMicroseconds,
                dataPath: identity.dataFolder, simd: DistanceKernels.instructionSet))
    }

    func metrics(_ call: ServerCall, _ pools: ServicePools) {
        var text = MetricsText()
        text.append(pools)
        if case .serving(let engine) = slot.current {
            let collections = engine.all.map { $0.status() }
            text.append(collections)
            text.append(vectorFieldsOf: collections)
            text.append(unopened: engine.failures.map(\.name))
        }
        text.append(ProcessStatistics.now(), uptime: identity.startedAt.duration(to: .now), version: identity.version)
        call.respond(MetricsResponse(text: transport.prometheusText() + text.text))
    }

    // MARK: Care

    func backup(_ call: ServerCall, engine: SearchEngine) throws {
        let message = try call.decodeRequest(BackupRequest.self)
        let begin = ContinuousClock.now
        let names = try engine.backup(to: message.path)
        let (_, bytes) = FolderSize.measure(message.path)
        call.respond(
            BackupResponse(
                bytes: UInt64(clamping: bytes), collections: UInt32(clamping: names.count),
                durationMicroseconds: begin.duration(to: .now).wireMicroseconds))
    }

    func check(_ call: ServerCall, engine: SearchEngine) throws {
        let message = try call.decodeRequest(CheckRequest.self)
        let unopened = engine.failures.filter { message.collection == nil || $0.name == message.collection }
        let collections =
            try unopened.isEmpty ? message.collection.map { [try engine.collection($0)] } ?? engine.all : message.collection == nil ? engine.all : []
        var response = CheckResponse()
        response.findings = unopened.map { Self.finding($0.reason, in: $0.name) }
        for collection in collections {
            let (files, bytes) = FolderSize.measure(identity.dataFolder + "/collections/" + collection.name)
            response.files += UInt64(clamping: files)
            response.bytes += UInt64(clamping: bytes)
            response.findings += try collection.check(control: call.control).map { Self.finding($0, in: collection.name) }
        }
        call.respond(response)
    }

    /// The engine's words begin with the file, up to a colon and a blank; paths hold none.
    private static func finding(_ problem: String, in collection: String) -> CheckFinding {
        guard let colon = problem.firstRange(of: ": "), problem.hasPrefix("/") else {
            return CheckFinding(object: "collection '\(collection)'", problem: problem)
        }
        return CheckFinding(object: String(problem[..<colon.lowerBound]), problem: String(problem[colon.upperBound...]))
    }
}
