import Synchronization

/// What a batch costs, learned from the batches that ran. Thread-safe.
///
/// The cost of an encoder's batch is close to linear in its padded tokens (56-70 µs a token for MiniLM-L6 from 32 to 2,048
/// tokens), so one number is learned: an exponentially weighted mean over about the last 16 batches. It is measured while
/// other work runs, so it contains the present load.
package final class CostModel: Sendable {
    private struct State {
        var mean = 0.0
        var least = Double.infinity
    }

    private let state = Mutex(State())
    private static let weight = 1.0 / 16

    package init() {}

    package func record(tokens: Int, nanoseconds: UInt64) {
        guard tokens > 0, nanoseconds > 0 else { return }
        let seen = Double(nanoseconds) / Double(tokens)
        state.withLock { state in
            state.least = min(state.least, seen)
            // A single hiccup of the machine must not stop reranks for long.
            state.mean = state.mean == 0 ? seen : state.mean + (min(seen, state.mean * 4) - state.mean) * Self.weight
        }
    }

    /// Call when an estimate made the caller do nothing. Without a batch there is no measurement, so a mean that was
    /// learned under a load that has gone would stop every later call too: let it sink towards the least cost seen.
    package func relax() {
        state.withLock { state in
            if state.least.isFinite { state.mean += (state.least - state.mean) * Self.weight }
        }
    }

    package func estimate(tokens: Int) -> Duration {
        .nanoseconds(Int64(Double(tokens) * state.withLock { $0.mean }))
    }
}
