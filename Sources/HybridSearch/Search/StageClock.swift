/// Collects what each stage of one search took, saw and dropped.
package struct StageClock {
    package private(set) var stages: [SearchResponse.Stage] = []
    private let start = ContinuousClock.now

    package init() {}

    package mutating func measure<T>(_ name: String, _ body: () throws -> (T, seen: Int, dropped: Int)) rethrows -> T {
        let begin = ContinuousClock.now
        let (result, seen, dropped) = try body()
        add(name, begin.duration(to: .now), seen: seen, dropped: dropped)
        return result
    }

    package mutating func add(_ name: String, _ duration: Duration, seen: Int, dropped: Int) {
        stages.append(.init(name: name, microseconds: duration.microseconds, seen: seen, dropped: dropped))
    }

    package var elapsed: Int64 { start.duration(to: .now).microseconds }
}

extension Duration {
    /// Whole microseconds, rounded down.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
