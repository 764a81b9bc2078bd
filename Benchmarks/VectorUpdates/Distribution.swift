/// Nearest-rank percentiles of times in microseconds.
struct Distribution: Encodable {
    var p50 = 0.0, p90 = 0.0, p99 = 0.0, max = 0.0, mean = 0.0

    init(_ values: [Double]) {
        guard !values.isEmpty else { return }
        let sorted = values.sorted()
        func rank(_ share: Double) -> Double { sorted[Swift.min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)] }
        (p50, p90, p99, max) = (rank(0.5), rank(0.9), rank(0.99), sorted[sorted.count - 1])
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }
}

extension Duration {
    var inMicroseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1e6 + Double(attoseconds) * 1e-12
    }
}
