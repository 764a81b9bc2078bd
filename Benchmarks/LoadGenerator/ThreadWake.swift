import Dispatch
import Foundation

/// How long it takes one thread to wake another that sleeps: half a round trip between two threads by semaphores.
enum ThreadWake {
    /// Pauses between the rounds, so that the sleeper really sleeps. - Returns: microseconds, one value a round.
    static func measure(rounds: Int = 500) -> [Double] {
        let (there, back) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let echo = Thread {
            for _ in 0..<rounds {
                there.wait()
                back.signal()
            }
        }
        echo.start()
        return (0..<rounds).map { _ in
            Thread.sleep(forTimeInterval: 200e-6)
            let begin = ContinuousClock.now
            there.signal()
            back.wait()
            return begin.duration(to: .now).inMicroseconds / 2
        }
    }
}
