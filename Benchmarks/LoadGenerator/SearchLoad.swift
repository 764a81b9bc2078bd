import Dispatch
import Synchronization
import TandemClient

/// What the client's connections told of the searches, in the order in which they ended.
final class TimingLog: Sendable {
    private let timings = Mutex<[CallTiming]>([])

    var all: [CallTiming] { timings.withLock { $0 } }
    func add(_ timing: CallTiming) { timings.withLock { $0.append(timing) } }
    func clear() { timings.withLock { $0 = [] } }
}

/// One search as it was measured. Times in microseconds.
struct SearchSample: Sendable {
    /// From the moment it was due (open loop) or sent (sequential) to the decoded answer.
    var client = 0.0
    /// From sending to the decoded answer.
    var call = 0.0
    /// What the reply says.
    var server = 0.0
    var stages: [(name: String, microseconds: Double)] = []
    var hits = 0
    var isDegraded = false
    var failure: String?
}

/// Sends searches and times them.
struct SearchLoad: Sendable {
    let client: TandemClient
    let request: @Sendable (String) -> SearchRequest

    init(client: TandemClient, request: @escaping @Sendable (String) -> SearchRequest) {
        self.client = client
        self.request = request
    }

    /// One at a time, cycling through `texts`.
    func sequential(_ texts: [String], count: Int) async -> [SearchSample] {
        var samples: [SearchSample] = []
        samples.reserveCapacity(count)
        for index in 0..<count { samples.append(await one(request(texts[index % texts.count]), due: nil)) }
        return samples
    }

    /// Searches begin at exponentially distributed intervals of mean `1 / rate`, for `seconds`; all are awaited.
    ///
    /// A thread of its own keeps the time: the cooperative pool's timers are late where its threads are busy.
    func openLoop(_ texts: [String], rate: Double, seconds: Double, seed: UInt64) async -> [SearchSample] {
        var generator = SplitMix(state: seed)
        var moments: [Double] = []
        var at = 0.0
        while true {
            at += -logOf(1 - generator.unit()) / rate
            if at >= seconds { break }
            moments.append(at)
        }
        let due = moments
        let (ticks, continuation) = AsyncStream.makeStream(of: (Int, ContinuousClock.Instant).self)
        let start = ContinuousClock.now + .milliseconds(5)
        let timer = DispatchQueue(label: "bench-load.timer", qos: .userInteractive)
        timer.async {
            for (index, moment) in due.enumerated() {
                let instant = start + .microseconds(Int64(moment * 1e6))
                sleepUntil(instant)
                continuation.yield((index, instant))
            }
            continuation.finish()
        }
        return await withTaskGroup(of: (Int, SearchSample).self) { group in
            for await (index, instant) in ticks {
                group.addTask { (index, await one(request(texts[index % texts.count]), due: instant)) }
            }
            var samples = [SearchSample](repeating: SearchSample(), count: due.count)
            for await (index, sample) in group { samples[index] = sample }
            return samples
        }
    }

    /// Round trips of a call that does nothing: the floor of what the wire and the hops cost.
    func emptyCalls(count: Int) async throws -> [Double] {
        var times: [Double] = []
        for _ in 0..<count {
            let begin = ContinuousClock.now
            _ = try await client.health()
            times.append(begin.duration(to: .now).inMicroseconds)
        }
        return times
    }

    private func one(_ request: SearchRequest, due: ContinuousClock.Instant?) async -> SearchSample {
        var sample = SearchSample()
        let begin = ContinuousClock.now
        do {
            let response = try await client.search(request)
            let end = ContinuousClock.now
            sample.call = begin.duration(to: end).inMicroseconds
            sample.client = (due ?? begin).duration(to: end).inMicroseconds
            sample.server = Double(response.durationMicroseconds)
            sample.stages = response.stages.map { ($0.name, Double($0.durationMicroseconds)) }
            sample.hits = response.hits.count
            sample.isDegraded = !response.degraded.isEmpty
        } catch {
            sample.failure = "\(error)"
        }
        return sample
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same moments for the same seed on every machine.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// In [0, 1).
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
