import Foundation

/// A moment of a long task.
public struct ProgressMoment: Sendable, Equatable {
    /// Documents, queries.
    public var items: Int
    /// 0 to 1; nil where the end is not known.
    public var fraction: Double?
    /// Items a second, over the last seconds.
    public var rate: Double
    /// Seconds still to go; nil where nothing can be said.
    public var remaining: Double?

    public init(items: Int, fraction: Double?, rate: Double, remaining: Double?) {
        self.items = items
        self.fraction = fraction
        self.rate = rate
        self.remaining = remaining
    }
}

/// Turns a series of positions into rates and time left.
///
/// The rate is that of the last ten seconds, since the first ones (cold caches, compiling shapes) say little of the rest.
public struct ProgressMeter: Sendable {
    static let windowSeconds = 10.0
    private var samples: [(seconds: Double, items: Int, fraction: Double?)] = []

    public init() {}

    /// - Parameter seconds: since the start, not decreasing.
    public mutating func moment(seconds: Double, items: Int, fraction: Double?) -> ProgressMoment {
        samples.append((seconds, items, fraction))
        while samples.count > 2, samples[1].seconds < seconds - Self.windowSeconds { samples.removeFirst() }
        let first = samples[0]
        let elapsed = seconds - first.seconds
        let rate = elapsed > 0 ? Double(items - first.items) / elapsed : 0
        var remaining: Double?
        if let fraction, let begin = first.fraction, elapsed > 0, fraction > begin {
            remaining = (1 - fraction) * elapsed / (fraction - begin)
        }
        return ProgressMoment(items: items, fraction: fraction, rate: rate, remaining: remaining)
    }
}

/// Shows progress on standard error: a bar on a terminal, else a plain line now and then.
struct ProgressDisplay: Sendable {
    static let redrawSeconds = 0.2
    static let plainLineSeconds = 10.0

    var verb: String
    var unit: String

    /// `verb`: what goes on, "importing"; `unit`: of the items, "documents".
    init(_ verb: String, unit: String) {
        self.verb = verb
        self.unit = unit
    }

    /// Shows `sample` while `body` runs.
    func during<T: Sendable>(
        _ sample: @escaping @Sendable () -> (items: Int, fraction: Double?), _ body: () async throws -> T
    ) async rethrows -> T {
        let ticker = Task {
            let start = ContinuousClock.now
            var meter = ProgressMeter()
            var lastLine = 0.0
            let isTerminal = Terminal.errorIsTerminal
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(Self.redrawSeconds))
                if Task.isCancelled { break }
                let seconds = start.duration(to: .now).inSeconds
                let (items, fraction) = sample()
                let moment = meter.moment(seconds: seconds, items: items, fraction: fraction)
                if isTerminal {
                    Output.status(bar(moment, width: Terminal.width(of: STDERR_FILENO) ?? 80))
                } else if seconds - lastLine >= Self.plainLineSeconds {
                    lastLine = seconds
                    Output.note(line(moment))
                }
            }
            Output.status(nil)
        }
        do {
            let result = try await body()
            ticker.cancel()
            await ticker.value
            return result
        } catch {
            ticker.cancel()
            await ticker.value
            throw error
        }
    }

    func line(_ moment: ProgressMoment) -> String {
        var parts = ["\(NumberText.count(moment.items)) \(unit)", "\(rateText(moment.rate))/s"]
        if let fraction = moment.fraction { parts.insert(NumberText.percent(fraction), at: 0) }
        if let remaining = moment.remaining { parts.append("\(NumberText.seconds(remaining)) left") }
        return "\(verb): " + parts.joined(separator: ", ")
    }

    func bar(_ moment: ProgressMoment, width: Int) -> String {
        var tail = "\(NumberText.count(moment.items)) \(unit)  \(rateText(moment.rate))/s"
        if let remaining = moment.remaining { tail += "  \(NumberText.seconds(remaining)) left" }
        guard let fraction = moment.fraction else { return DisplayWidth.cut("\(verb)  \(tail)", to: width - 1) }
        let share = min(max(fraction, 0), 1)
        let percent = NumberText.percent(share)
        let room = width - 1 - verb.count - tail.count - percent.count - 6
        guard room >= 8 else { return DisplayWidth.cut("\(verb) \(percent)  \(tail)", to: width - 1) }
        let cells = min(room, 40)
        let filled = Int(share * Double(cells))
        return "\(verb) [" + String(repeating: "█", count: filled) + String(repeating: "·", count: cells - filled) + "] \(percent)  \(tail)"
    }

    private func rateText(_ rate: Double) -> String { rate < 100 ? NumberText.decimal(rate, 1) : NumberText.count(Int(rate)) }
}
