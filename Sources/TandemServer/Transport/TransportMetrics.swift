import Synchronization
import WireProtocol

/// Counters of the transport. Safe to use from any thread; event loops add, a scrape reads.
public final class TransportMetrics: Sendable {
    /// Upper bounds of the latency histogram's buckets in microseconds; the last bucket is open.
    public static let latencyBounds: [Int64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 10_000_000,
    ]

    public struct Snapshot: Sendable {
        public var connectionsOpen = 0
        public var connectionsTotal = 0
        public var connectionsRefused = 0
        /// Connections that a broken rule, a timeout or a slow reader ended, by reason.
        public var connectionsFailed: [GoAwayReason: Int] = [:]
        public var bytesReceived = 0
        public var bytesSent = 0
        public var framesReceived = 0
        public var framesSent = 0
        public var callsRunning = 0
        public var calls: [CallKey: Int] = [:]
        public var latencies: [Method: Latency] = [:]
    }

    public struct CallKey: Sendable, Hashable {
        public var method: Method
        public var status: StatusCode

        public init(method: Method, status: StatusCode) {
            self.method = method
            self.status = status
        }
    }

    /// Counts by bucket of ``latencyBounds``, not cumulated.
    public struct Latency: Sendable {
        public var buckets = [Int](repeating: 0, count: TransportMetrics.latencyBounds.count + 1)
        public var microseconds: Int64 = 0
        public var count = 0
    }

    private let state = Mutex(Snapshot())

    public init() {}

    public var snapshot: Snapshot { state.withLock { $0 } }

    func opened() {
        state.withLock {
            $0.connectionsOpen += 1
            $0.connectionsTotal += 1
        }
    }

    func refused() { state.withLock { $0.connectionsRefused += 1 } }
    func closed() { state.withLock { $0.connectionsOpen -= 1 } }
    func failed(_ reason: GoAwayReason) { state.withLock { $0.connectionsFailed[reason, default: 0] += 1 } }

    func traffic(bytesReceived: Int = 0, bytesSent: Int = 0, framesReceived: Int = 0, framesSent: Int = 0) {
        state.withLock {
            $0.bytesReceived += bytesReceived
            $0.bytesSent += bytesSent
            $0.framesReceived += framesReceived
            $0.framesSent += framesSent
        }
    }

    func callBegan() { state.withLock { $0.callsRunning += 1 } }

    func callEnded(_ method: Method, _ status: StatusCode, _ duration: Duration) {
        let microseconds = duration.microseconds
        let bucket = Self.latencyBounds.firstIndex { microseconds <= $0 } ?? Self.latencyBounds.count
        state.withLock {
            $0.callsRunning -= 1
            $0.calls[CallKey(method: method, status: status), default: 0] += 1
            $0.latencies[method, default: Latency()].buckets[bucket] += 1
            $0.latencies[method]!.microseconds += microseconds
            $0.latencies[method]!.count += 1
        }
    }

    /// Prometheus text exposition format 0.0.4, ending in a line break.
    public func prometheusText() -> String {
        let now = snapshot
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP tandem_\(name) \(help)\n# TYPE tandem_\(name) \(type)\n"
            for sample in samples { text += "tandem_\(name)\(sample.labels) \(sample.value)\n" }
        }
        func single(_ name: String, _ type: String, _ help: String, _ value: Int) { metric(name, type, help, [("", String(value))]) }
        single("connections_open", "gauge", "Connections open now.", now.connectionsOpen)
        single("connections_total", "counter", "Connections accepted.", now.connectionsTotal)
        single("connections_refused_total", "counter", "Connections refused for their number.", now.connectionsRefused)
        metric(
            "connections_failed_total", "counter", "Connections ended by a broken rule or a timeout.",
            now.connectionsFailed.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { ("{reason=\"\($0.key)\"}", String($0.value)) })
        single("bytes_received_total", "counter", "Bytes read from sockets.", now.bytesReceived)
        single("bytes_sent_total", "counter", "Bytes written to sockets.", now.bytesSent)
        single("frames_received_total", "counter", "Frames read.", now.framesReceived)
        single("frames_sent_total", "counter", "Frames written.", now.framesSent)
        single("calls_running", "gauge", "Calls running now.", now.callsRunning)
        metric(
            "calls_total", "counter", "Calls ended, by method and status.",
            now.calls.sorted { ($0.key.method.rawValue, $0.key.status.rawValue) < ($1.key.method.rawValue, $1.key.status.rawValue) }
                .map { ("{method=\"\($0.key.method)\",status=\"\($0.key.status)\"}", String($0.value)) })
        var latencies: [(String, String)] = []
        for (method, latency) in now.latencies.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var cumulated = 0
            for (index, count) in latency.buckets.enumerated() {
                cumulated += count
                let bound = index < Self.latencyBounds.count ? String(Double(Self.latencyBounds[index]) / 1e6) : "+Inf"
                latencies.append(("_bucket{method=\"\(method)\",le=\"\(bound)\"}", String(cumulated)))
            }
            latencies.append(("_sum{method=\"\(method)\"}", String(Double(latency.microseconds) / 1e6)))
            latencies.append(("_count{method=\"\(method)\"}", String(latency.count)))
        }
        metric("call_seconds", "histogram", "Time from a call's first frame to its end.", latencies)
        return text
    }
}
