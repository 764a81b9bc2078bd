// Question: how long does a search of the dense index take at which recall, what does it cost to build, and how much memory?
// Data:     a .npy file of float32; the caller says which rows are data and which are queries.
// Run:      as a worker of tools/bench-dense, which speaks JSON, one object a line, on standard input and output.
// Output:   {"do":"build",…} → cpu_s, wall_s, bytes, parts; {"do":"search",…} → mean_us, p50_us, p99_us, cpu_us, own_mean_us, own_p99_us (of each query's median over passes), and the ids in a file.
//           {"error":"…"} for what cannot be done.
import ArgumentParser
import CKernels
import Foundation
import SearchCore
import VectorIndex

@main
struct BenchDense: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-dense", abstract: "The dense index as an engine of tools/bench-dense: commands as JSON lines on standard input.")

    @Option(help: "Threads that build.") var threads = 1
    @Option(help: "Candidates kept while a node's neighbourhood is searched. (default: by the number of rows)") var buildBreadth: Int?
    @Option(help: "How much closer another neighbour must be for one to be left out.") var slack: Float = 1.1
    @Option(help: "SIMD level: 0 baseline, 1 AVX2, 2 AVX-512; at most what the machine has.") var level: Int32 = .max
    @Option(help: "Build a graph over this part of the rows first, and go on from it, as a merge does: 0 to 1.") var seededPart = 0.0

    struct Request: Decodable {
        struct Options: Decodable { var setting: String? }
        var `do`: String
        var vectors: String?
        var rows: Int?
        var queries: Int?
        var options: Options?
        var parameter: Double?
        var k: Int?
        var ids_to: String?
        var folder: String?
        var threads: Int?
        var seconds: Double?
    }

    func run() throws {
        tandem_kernels_set_level(level)
        var engine: DenseEngine?
        while let line = readLine() {
            var reply: [String: Any]
            do {
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                switch request.do {
                case "build":
                    let settings: [String: GraphQuantization] = ["full": .binary, "compact": .int4]
                    guard let quantization = settings[request.options?.setting ?? "full"] else {
                        throw ValidationError("no such setting: \(request.options?.setting ?? "")")
                    }
                    let built = try DenseEngine(
                        vectors: request.vectors ?? "", rows: request.rows ?? 0, queries: request.queries ?? 0,
                        options: GraphBuildOptions(breadth: buildBreadth, slack: slack, quantization: quantization, threads: threads),
                        seededPart: seededPart, folder: request.folder)
                    engine = built
                    reply = built.description
                case "search":
                    guard let engine else { throw ValidationError("search before build") }
                    reply = try engine.search(effort: request.parameter ?? 0.5, k: request.k ?? 10, to: request.ids_to)
                case "throughput":
                    guard let engine else { throw ValidationError("throughput before build") }
                    reply = try engine.throughput(
                        threads: request.threads ?? 1, effort: request.parameter ?? 0.5, k: request.k ?? 10, seconds: request.seconds ?? 1)
                case "filters":
                    guard let engine else { throw ValidationError("filters before build") }
                    reply = try engine.filters(effort: request.parameter ?? 0.5, k: request.k ?? 10, queryCount: request.queries ?? 50)
                case "quit": return
                default: throw ValidationError("no such command: \(request.do)")
                }
            } catch {
                reply = ["error": "\(error)"]
            }
            let data = try JSONSerialization.data(withJSONObject: reply, options: [.sortedKeys])
            FileHandle.standardOutput.write(data + Data([0x0A]))
        }
    }
}

/// CPU time of the process.
func processSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func wallSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
