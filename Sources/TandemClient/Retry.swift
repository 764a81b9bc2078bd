import WireProtocol

/// Sends a call again while that is certain to do nothing twice, within its deadline.
struct Retry {
    private let configuration: ClientConfiguration
    private let deadline: ContinuousClock.Instant?

    init(_ configuration: ClientConfiguration, timeout: Duration?) {
        self.configuration = configuration
        deadline = timeout.map { .now + $0 }
    }

    /// `attempt` gets the time that is left, nil for ever.
    /// - Throws: the last attempt's error; DEADLINE_EXCEEDED where no time is left for another.
    func run<T: Sendable>(_ attempt: (Duration?) async throws -> T) async throws -> T {
        var failures = 0
        while true {
            let left = deadline.map { ContinuousClock.now.duration(to: $0) }
            if let left, left <= .zero {
                throw TandemClientError(.deadlineExceeded, "the call's deadline passed before it was sent", isRetryable: true, didRun: false)
            }
            do {
                return try await attempt(left)
            } catch let error as TandemClientError where error.mayBeSentAgain {
                failures += 1
                let pause = pause(afterFailure: failures, error.retryAfter)
                if failures >= configuration.attemptsMax { throw error }
                if let deadline, ContinuousClock.now + pause >= deadline { throw error }
                do { try await Task.sleep(for: pause) } catch {
                    throw TandemClientError(.cancelled, "the call was cancelled between two attempts", didRun: false)
                }
            }
        }
    }

    /// Doubling, and up to half of it random, so that clients that failed together do not come back together.
    func pause(afterFailure count: Int, _ advice: Duration?) -> Duration {
        let doubled = configuration.backoff * (1 << min(count - 1, 16))
        let base = max(min(doubled, configuration.backoffMax), advice ?? .zero)
        return base + base * Double.random(in: 0..<0.5)
    }
}
