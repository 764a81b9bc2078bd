// Question: how close does an exact vector search come to the time that merely reading the int8 codes takes, and is its
//           answer that of brute force for every query?
// Data:     the float32 rows of a file, else seeded clusters, which the output calls synthetic.
// Queries:  rows of a second file, else rows after the first --rows, else means of two random rows.
// Run:      swift run -c release bench-vectors [rows.npy [queries.npy]]; --help lists the options
// Output:   µs per query (median, p99, mean) beside the floor: a streaming read of the same bytes, measured in between.
//           Then the same under filters that accept a part of the documents.
// Exit:     1 when a single query's ids, order or score bits differ from brute force.
import ArgumentParser
import CKernels
import Dispatch
import Glibc
import SearchCore
import VectorIndex

@main
struct BenchVectors: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-vectors", abstract: "Time exact vector searches beside a plain read of the same bytes, and check them against brute force.")

    @OptionGroup var setup: BenchmarkSetup

    func run() throws {
        let data = try VectorData.load(setup)
        tandem_kernels_set_level(Int32(setup.level))
        print("machine    \(Machine.name), SIMD level \(tandem_kernels_level()), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores online")
        print("data       \(data.label): \(data.rowCount) × \(data.dimension), \(data.queryCount) queries (\(data.queryLabel)), k \(setup.k), \(setup.metric)")

        // MARK: Index

        let clock = ContinuousClock()
        var began = clock.now
        var builder = VectorSegmentBuilder(dimension: data.dimension, metric: setup.metric)
        for row in 0..<data.rowCount { try builder.append(doc: DocID(UInt32(row)), data.row(row)) }
        let bytes = builder.finish()
        let buildTime = clock.now - began
        let segment = try VectorSegment(MappedFile(copying: bytes))
        began = clock.now
        try segment.validate()
        print(
            "index      built in \(milliseconds(buildTime)) ms (\(microseconds(buildTime) / Double(data.rowCount)) µs a row), "
                + "validated in \(milliseconds(clock.now - began)) ms, \(bytes.count) bytes")

        // MARK: Search

        let accept = DocBitSet(capacity: data.rowCount, full: true)
        let codeBytes = data.rowCount * ((data.dimension + 63) / 64 * 64)
        let stream = StreamingRead(byteCount: codeBytes)
        var times: [Double] = []
        var floors: [Double] = []
        var answers: [[VectorHit]] = []
        var refined = 0
        for number in 0..<data.queryCount {
            // The floor is measured among the queries, so that both meet the same neighbours on the machine.
            if number % 50 == 0 { floors.append(microseconds(clock.measure { stream.run() })) }
            let query = Array(data.query(number))
            let start = clock.now
            let found = try VectorSearcher(segments: [segment], query: query)
                .topK(setup.k, accept: accept, minScore: nil, control: .unlimited)
            times.append(microseconds(clock.now - start))
            answers.append(found.hits)
            refined += found.refined
        }
        times.sort()
        floors.sort()
        let mean = times.reduce(0, +) / Double(times.count)
        let median = quantile(times, 0.5)
        let floor = quantile(floors, 0.5)
        print("search     median \(tenth(median)) µs, p99 \(tenth(quantile(times, 0.99))) µs, mean \(tenth(mean)) µs, fastest \(tenth(times[0])) µs")
        print(
            "           \(tenth(Double(refined) / Double(data.queryCount))) of \(data.rowCount) rows refined per query; \(tenth(Double(codeBytes) / median / 1000)) GB/s of codes"
        )
        print(
            "floor      median \(tenth(floor)) µs, fastest \(tenth(floors[0])) µs to read \(codeBytes) bytes "
                + "(\(tenth(Double(codeBytes) / floor / 1000)) GB/s); search / floor = \(Double(Int(median / floor * 100)) / 100)")

        // MARK: Check

        began = clock.now
        let expected = BruteForce(
            segment: segment, data: data, k: setup.k, metric: setup.metric, accept: accept, queryCount: data.queryCount
        ).run()
        let wrong = answers.indices.filter { answers[$0] != expected[$0] || answers[$0].map(\.score.bitPattern) != expected[$0].map(\.score.bitPattern) }
        print(
            "check      brute force in \(milliseconds(clock.now - began)) ms "
                + "(\(tenth(microseconds(clock.now - began) / Double(data.queryCount))) µs a query, blocked, all cores): "
                + "\(data.queryCount - wrong.count) of \(data.queryCount) queries have the same ids, order and score bits")
        if let first = wrong.first {
            print("           first difference: query \(first): found \(answers[first].prefix(3)), expected \(expected[first].prefix(3))")
            throw ExitCode.failure
        }

        // MARK: Filters

        var random = Random(state: setup.seed)
        for share in [0.5, 0.2, 0.1, 0.01, 0.001] {
            var accept = DocBitSet(capacity: data.rowCount)
            for doc in 0..<data.rowCount where Double.random(in: 0..<1, using: &random) < share { accept.insert(DocID(UInt32(doc))) }
            let queryCount = min(200, data.queryCount)
            var times: [Double] = []
            var answers: [[VectorHit]] = []
            var scanned = 0
            for number in 0..<queryCount {
                let query = Array(data.query(number))
                let start = clock.now
                let found = try VectorSearcher(segments: [segment], query: query)
                    .topK(setup.k, accept: accept, minScore: nil, control: .unlimited)
                times.append(microseconds(clock.now - start))
                answers.append(found.hits)
                scanned = found.scanned
            }
            times.sort()
            let isExact =
                answers
                == BruteForce(
                    segment: segment, data: data, k: setup.k, metric: setup.metric, accept: accept, queryCount: queryCount
                ).run()
            print(
                "filter     \(share * 100) %: median \(tenth(quantile(times, 0.5))) µs, fastest \(tenth(times[0])) µs, \(scanned) rows read, "
                    + (isExact ? "exact" : "NOT brute force's answer"))
            if !isExact { throw ExitCode.failure }
        }
    }

    private func quantile(_ sorted: [Double], _ q: Double) -> Double { sorted[min(sorted.count - 1, Int(Double(sorted.count) * q))] }
}
