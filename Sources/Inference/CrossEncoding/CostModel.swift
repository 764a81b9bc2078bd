import Synchronization

/// What a batch costs, learned from the batches that ran. Thread-safe.
///
/// The cost of an encoder's batch is close to linear in its padded tokens (56-70 µs a token for MiniLM-L6 from 32 to 2,048
/// tokens), so one number is learned: an exponentially weighted mean over about the last 16 batches. It is measured while
/// other work runs, so it contains the present load.
final class CostModel: Sendable {
    private let nanosecondsPerToken: Mutex<Double>
    private static let weight = 1.0 / 16

    init() { nanosecondsPerToken = Mutex(0) }

    func record(tokens: Int, nanoseconds: UInt64) {
        guard tokens > 0, nanoseconds > 0 else { return }
        let seen = Double(nanoseconds) / Double(tokens)
        nanosecondsPerToken.withLock { mean in
            // A single hiccup of the machine must not stop reranks for long.
            mean = mean == 0 ? seen : mean + (min(seen, mean * 4) - mean) * Self.weight
        }
    }

    func estimate(tokens: Int) -> Duration {
        .nanoseconds(Int64(Double(tokens) * nanosecondsPerToken.withLock { $0 }))
    }
}
