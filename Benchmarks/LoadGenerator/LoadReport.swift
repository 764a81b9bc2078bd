import TandemClient

/// What is printed. Times in microseconds.
struct LoadReport: Encodable {
    /// Nearest-rank percentiles.
    struct Distribution: Encodable {
        var p50 = 0.0, p90 = 0.0, p99 = 0.0, max = 0.0, mean = 0.0

        init(_ values: [Double]) {
            guard !values.isEmpty else { return }
            let sorted = values.sorted()
            func rank(_ share: Double) -> Double { sorted[min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)] }
            (p50, p90, p99, max) = (rank(0.5), rank(0.9), rank(0.99), sorted[sorted.count - 1])
            mean = sorted.reduce(0, +) / Double(sorted.count)
        }
    }

    var load: String
    var searches: Int
    var failed: Int
    var degraded: Int
    var hits: Int
    var client: Distribution
    var server: Distribution
    /// Call − server. In an open loop the client's own lateness is not in it.
    var overhead: Distribution
    /// Of the overhead: after the reply's own time in the daemon, between client's connection and daemon, in the client's library.
    var answering: Distribution?
    var wire: Distribution
    var library: Distribution?
    /// How late searches were sent after they were due: the client machine's share of an open loop's times.
    var lateness: Distribution
    var emptyCall: Distribution
    var stages: [String: Distribution]
    /// In the order in which they ran.
    var stageOrder: [String]
    var firstFailure: String?

    /// `timings`: of the searches, as they ended; in order of the samples if `isSequential`.
    init(_ samples: [SearchSample], _ timings: [CallTiming], isSequential: Bool, emptyCalls: [Double], load: String) {
        let good = samples.filter { $0.failure == nil }
        self.load = load
        searches = samples.count
        failed = samples.count - good.count
        degraded = good.count { $0.isDegraded }
        hits = good.reduce(0) { $0 + $1.hits }
        client = Distribution(good.map(\.client))
        server = Distribution(good.map(\.server))
        overhead = Distribution(good.map { $0.call - $0.server })
        wire = Distribution(timings.compactMap { $0.wire?.inMicroseconds })
        if isSequential, timings.count == samples.count {
            let pairs = zip(samples, timings).filter { $0.0.failure == nil }
            answering = Distribution(pairs.compactMap { sample, timing in timing.server.map { $0.inMicroseconds - sample.server } })
            library = Distribution(pairs.map { sample, timing in sample.call - timing.connection.inMicroseconds })
        }
        lateness = Distribution(good.map { $0.client - $0.call })
        emptyCall = Distribution(emptyCalls)
        var times: [String: [Double]] = [:]
        var order: [String] = []
        for sample in good {
            for stage in sample.stages {
                if times[stage.name] == nil { order.append(stage.name) }
                times[stage.name, default: []].append(stage.microseconds)
            }
        }
        stages = times.mapValues { Distribution($0) }
        stageOrder = order
        firstFailure = samples.lazy.compactMap(\.failure).first
    }
}
