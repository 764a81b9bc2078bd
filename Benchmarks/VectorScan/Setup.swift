import ArgumentParser
import Glibc
import VectorIndex

extension VectorMetric: ExpressibleByArgument {
    public init?(argument: String) {
        switch argument {
        case "cosine": self = .cosine
        case "dot": self = .dot
        default: return nil
        }
    }
}

/// What to measure; every setting has a default.
struct BenchmarkSetup: ParsableArguments {
    @Argument(help: ArgumentHelp("Rows: .npy of float32 (two dimensions, C order) or .f32 (raw). (default: seeded clusters)", valueName: "rows"))
    var rowFile: String?
    @Argument(help: ArgumentHelp("Queries, of the same kinds. (default: rows held back, else mixed of two rows)", valueName: "queries"))
    var queryFile: String?
    @Option(name: .customLong("rows"), help: "Rows to index.") var rows = 100_000
    @Option(name: .customLong("queries"), help: "Queries.") var queries = 10_000
    @Option(name: .customLong("k"), help: "Hits of a query.") var k = 10
    @Option(help: "Of synthetic rows and .f32 files.") var dimension = 384
    @Option(help: "Of synthetic rows and queries.") var seed: UInt64 = 1
    @Option(help: "cosine or dot.") var metric: VectorMetric = .cosine
    @Option(help: "SIMD level: 0 baseline, 1 AVX2, 2 AVX-512; at most what the machine has.") var level = 99

    func validate() throws {
        guard rows > 0, queries > 0, k > 0, (1...4096).contains(dimension) else {
            throw ValidationError("--rows, --queries and --k: expected numbers above 0; --dimension: 1 to 4096")
        }
    }
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
