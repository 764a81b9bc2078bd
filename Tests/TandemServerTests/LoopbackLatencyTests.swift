import Foundation
import TandemClient
import TandemServer
import Testing

/// Question: what does a keyword search cost through loopback, and how much of it is ours on the wire?
/// Data: 20,000 documents of 40 words from a vocabulary of 5,000; queries of three words, one client, one call at a time.
/// The engine's own time comes in each answer; what is left of the round trip is client, framing, both event loops, two thread
/// hops and encoding. Run with TANDEM_TEST_LATENCY=1 for 5,000 queries; otherwise tiny, so that it does not rot.
@Suite("Latency over loopback", .serialized, .timeLimit(.minutes(3)))
struct LoopbackLatencyTests {
    private static let isFull = ProcessInfo.processInfo.environment["TANDEM_TEST_LATENCY"] != nil

    private struct Words {
        var state: UInt64 = 42

        mutating func next() -> String {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // The square of a uniform number: some words are common, most are rare.
            let x = Double(state >> 11) / Double(1 << 53)
            return "word\(Int(x * x * 5000))"
        }

        mutating func text(_ count: Int) -> String { (0..<count).map { _ in next() }.joined(separator: " ") }
    }

    private func report(_ what: String, _ times: [Double]) {
        let sorted = times.sorted()
        func at(_ share: Double) -> String { String(format: "%.0f", sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) }
        print("\(what): p50 \(at(0.5)) µs, p90 \(at(0.9)) µs, p99 \(at(0.99)) µs (\(times.count) calls)")
    }

    @Test("a keyword search and an empty call, one at a time")
    func latency() async throws {
        try await withDaemon { _, client in
            let (documents, queries) = Self.isFull ? (20_000, 5_000) : (500, 50)
            var words = Words()
            _ = try await client.createCollection("c")
            let begin = ContinuousClock.now
            _ = try await client.upload(into: "c", acknowledgement: .searchable, inFlightMax: 16) { upload in
                for start in stride(from: 0, to: documents, by: 500) {
                    try await upload.send((start..<start + 500).map { document("\($0)", words.text(40)) })
                }
            }
            let seconds = begin.duration(to: .now) / .seconds(1)
            print("import to searchable: \(Int(Double(documents) / seconds)) documents a second")

            var round: [Double] = []
            var engine: [Double] = []
            var overhead: [Double] = []
            for index in 0..<(queries + 50) {
                let request = SearchRequest(collection: "c", text: words.text(3), mode: .lexical)
                let start = ContinuousClock.now
                let found = try await client.search(request)
                let time = start.duration(to: .now) / .microseconds(1)
                #expect(!found.hits.isEmpty)
                guard index >= 50 else { continue }
                round.append(time)
                engine.append(Double(found.durationMicroseconds))
                overhead.append(time - Double(found.durationMicroseconds))
            }
            report("search, round trip", round)
            report("search, in the engine", engine)
            report("search, wire, framing, threads", overhead)

            var health: [Double] = []
            for _ in 0..<queries {
                let start = ContinuousClock.now
                _ = try await client.health()
                health.append(start.duration(to: .now) / .microseconds(1))
            }
            report("health, round trip", health)
        }
    }
}
