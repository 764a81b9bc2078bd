import Foundation

extension Duration {
    var inMicroseconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) * 1e6 + Double(attoseconds) * 1e-12
    }
}

/// Blocks this thread.
func sleepUntil(_ instant: ContinuousClock.Instant) {
    let left = ContinuousClock.now.duration(to: instant).inMicroseconds
    if left > 0 { Thread.sleep(forTimeInterval: left * 1e-6) }
}

func logOf(_ x: Double) -> Double { log(x) }
