import Synchronization
import TandemClient

/// Waits, with a progress bar, until keyword search (or both legs) of a collection sees every write up to a sequence.
enum LevelWait {
    /// Time without progress after which a problem that the daemon reports ends the wait.
    private static let patience = Duration.seconds(20)
    /// A daemon that goes away is waited for so long: the writes are in its log, and it goes on with them when it comes back.
    private static let absenceMax = Duration.seconds(60)

    /// - Parameter vectors: wait for the semantic leg too.
    /// - Throws: ``CommandFailure`` with the daemon's own words when it reports a problem and nothing moves.
    static func wait(for sequence: UInt64, in name: String, vectors: Bool, _ client: TandemClient) async throws {
        let first = try await state(of: name, client)
        guard position(first, vectors) < sequence else { return }
        let begin = position(first, vectors)
        let reached = Mutex(begin)
        try await ProgressDisplay(vectors ? "embedding" : "indexing", unit: "writes").during(
            {
                let now = reached.withLock { $0 }
                return (Int(now - begin), Double(now - begin) / Double(sequence - begin))
            }
        ) {
            var problem: String?
            var lastProgress = ContinuousClock.now
            while true {
                let state = try await state(of: name, client)
                let now = position(state, vectors)
                if now >= sequence { return }
                let hasMoved = reached.withLock { known in
                    defer { known = max(known, now) }
                    return now > known
                }
                if hasMoved { lastProgress = .now }
                if let new = state.problem {
                    if new != problem { Output.note("collection '\(name)': \(new)") }
                    if lastProgress.duration(to: .now) > patience {
                        throw CommandFailure(
                            "collection '\(name)' does not get on, \(NumberText.count(Int(sequence - now))) writes behind: \(new). All of them are in the log; nothing is lost"
                        )
                    }
                }
                problem = state.problem
                try await Task.sleep(for: .milliseconds(vectors ? 250 : 25))
            }
        }
    }

    /// - Throws: ``CommandFailure`` where the daemon stays away, which says that nothing is lost.
    private static func state(of name: String, _ client: TandemClient) async throws -> CollectionDescription {
        var lostAt: ContinuousClock.Instant?
        while true {
            do {
                return try await client.describeCollection(name)
            } catch let error as TandemClientError where error.code == .unavailable {
                if lostAt == nil { Output.note("waiting: \(error.message)") }
                let since = lostAt ?? .now
                lostAt = since
                guard since.duration(to: .now) < absenceMax else {
                    throw CommandFailure(
                        "the daemon has been away for \(Int(absenceMax.components.seconds)) s: \(error.message). All that was written is in its log; it goes on with it when it is started again"
                    )
                }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private static func position(_ state: CollectionDescription, _ vectors: Bool) -> UInt64 {
        vectors ? min(state.appliedSequence, state.vectorAppliedSequence) : state.appliedSequence
    }
}
