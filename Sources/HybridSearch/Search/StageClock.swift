/// Collects what each stage of one search took, saw and dropped.
struct StageClock {
    private(set) var stages: [SearchResponse.Stage] = []
    let start = ContinuousClock.now

    mutating func measure<T>(_ name: String, _ body: () throws -> (T, seen: Int, dropped: Int)) rethrows -> T {
        let begin = ContinuousClock.now
        let (result, seen, dropped) = try body()
        add(name, begin.duration(to: .now), seen: seen, dropped: dropped)
        return result
    }

    mutating func add(_ name: String, _ duration: Duration, seen: Int, dropped: Int) {
        stages.append(.init(name: name, microseconds: duration.microseconds, seen: seen, dropped: dropped))
    }

    var elapsed: Int64 { start.duration(to: .now).microseconds }
}

extension Duration {
    /// Whole microseconds, rounded down.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
