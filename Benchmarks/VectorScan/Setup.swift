import Glibc
import VectorIndex

/// What the environment asks for; every setting has a default.
struct BenchmarkSetup {
    let rows = setting("TANDEM_BENCH_ROWS", 100_000)
    let queries = setting("TANDEM_BENCH_QUERIES", 10_000)
    let k = setting("TANDEM_BENCH_K", 10)
    let dimension = setting("TANDEM_BENCH_DIMENSION", 384)
    let seed = UInt64(setting("TANDEM_BENCH_SEED", 1))
    let metric: VectorMetric = getenv("TANDEM_BENCH_METRIC").map { String(cString: $0) } == "dot" ? .dot : .cosine
    /// SIMD level to use, at most what the machine has.
    let level = setting("TANDEM_BENCH_LEVEL", 99)
    let rowFile: String? = CommandLine.arguments.dropFirst().first
    let queryFile: String? = CommandLine.arguments.dropFirst(2).first
}

private func setting(_ name: String, _ standard: Int) -> Int {
    getenv(name).flatMap { Int(String(cString: $0)) } ?? standard
}

enum Machine {
    /// The processor's own name.
    static var name: String {
        guard let file = fopen("/proc/cpuinfo", "r") else { return "unknown processor" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if text.hasPrefix("model name"), let colon = text.firstIndex(of: ":") {
                return String(text[colon...].dropFirst(2).prefix { $0 != "\n" })
            }
        }
        return "unknown processor"
    }
}

func microseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e6 + Double(duration.components.attoseconds) / 1e12
}
func milliseconds(_ duration: Duration) -> Int { Int(microseconds(duration) / 1000) }
func tenth(_ x: Double) -> Double { (x * 10).rounded() / 10 }

/// The floor: reads bytes once, in order, with eight sums of 64-bit words; bound by memory on any recent machine.
final class StreamingRead {
    private let words: UnsafeMutableBufferPointer<UInt64>
    private(set) var sum: UInt64 = 0

    init(byteCount: Int) {
        words = .allocate(capacity: byteCount / 64 * 8)
        for i in words.indices { words[i] = UInt64(i) }
    }

    deinit { words.deallocate() }

    func run() {
        var sums = SIMD8<UInt64>()
        let base = UnsafeRawPointer(words.baseAddress!)
        for i in 0..<(words.count / 8) { sums &+= base.load(fromByteOffset: i * 64, as: SIMD8<UInt64>.self) }
        // Kept where the optimiser cannot see that nobody reads it.
        sum &+= sums.wrappedSum()
    }
}
