import ArgumentParser
import CKernels
import Foundation
import SearchCore
import VectorIndex

/// A segment with its graph, written to files and mapped as the daemon maps them, and the queries.
final class DenseEngine {
    let indexed: IndexedVectors
    let queries: [[Float]]
    let accept: DocBitSet
    private(set) var description: [String: Any] = [:]
    private var warmed: Set<Double> = []

    /// - Parameters:
    ///   - seededPart: of the rows, what is in the graph that the whole one goes on from; 0: none. Its own build is not counted.
    ///   - folder: where the index is taken from, if it is there, and left; nil: nowhere.
    init(vectors: String, rows: Int, queries queryCount: Int, options: GraphBuildOptions, seededPart: Double, folder kept: String?) throws {
        let file = try MappedFile(mapping: vectors)
        let array = try NumpyArray(file)
        guard rows > 0, queryCount > 0, rows + queryCount <= array.rows else {
            throw ValidationError("\(vectors): \(array.rows) rows, \(rows) and \(queryCount) queries are asked for")
        }
        queries = (0..<queryCount).map { Array(array.row(array.rows - queryCount + $0)) }
        let folder = kept ?? FileManager.default.temporaryDirectory.appendingPathComponent("bench-dense-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // What is mapped stays readable.
        defer { if kept == nil { try? FileManager.default.removeItem(atPath: folder) } }
        let (segmentPath, graphPath) = (folder + "/1.vec", folder + "/1.graph")

        func segmentBytes(_ count: Int) throws -> [UInt8] {
            var builder = VectorSegmentBuilder(dimension: array.columns, metric: .cosine)
            for row in 0..<count { try builder.append(doc: DocID(UInt32(row)), array.row(row)) }
            return builder.finish()
        }
        var seed: GraphSeed?
        if seededPart > 0 {
            let part = max(1, Int(seededPart * Double(rows)))
            let segment = try VectorSegment(MappedFile(copying: segmentBytes(part)))
            let graph = try VectorGraph(MappedFile(copying: VectorGraph.build(over: segment, options: options)), over: segment)
            seed = GraphSeed(graph, ordinals: Array(0..<UInt32(part)))
        }
        let cpu = processSeconds()
        let wall = wallSeconds()
        if !FileManager.default.fileExists(atPath: graphPath) {
            try FileSystem.writeAtomically(segmentPath, segmentBytes(rows))
            let segment = try VectorSegment(MappedFile(mapping: segmentPath))
            try FileSystem.writeAtomically(graphPath, try VectorGraph.build(over: segment, options: options, seed: seed))
        }
        let segment = try VectorSegment(MappedFile(mapping: segmentPath))
        // In memory of huge pages, as the daemon keeps it where there is room.
        let graph = try VectorGraph(MappedFile(copying: MappedFile(mapping: graphPath)), over: segment)
        let (cpuSeconds, wallTime) = (processSeconds() - cpu, wallSeconds() - wall)
        indexed = IndexedVectors(segment, graph: graph)
        accept = DocBitSet(capacity: rows, full: true)
        // What the daemon would take for these recalls, to be held against the curve.
        let calibration = try graph.calibrate()
        let calibrated = Dictionary(uniqueKeysWithValues: [0.9, 0.95, 0.97, 0.99].map { ("\($0)", calibration.breadth(recall: $0, k: 10)) })
        let counted = graph.byteCount + segment.byteCount - segment.rowBytes
        description = [
            "cpu_s": cpuSeconds, "wall_s": wallTime, "label": options.quantization == .binary ? "Tandem" : "Tandem compact", "bytes": counted,
            "parts": ["graph": graph.byteCount, "codes": segment.byteCount - segment.rowBytes, "mapped_rows": segment.rowBytes],
            "calibrated_breadth": calibrated,
            "settings":
                "graph, \(options.quantization), degree 32, breadth \(options.breadth ?? GraphBuildOptions.breadth(for: rows)), slack \(options.slack), \(options.threads) thread(s), \(DistanceKernels.instructionSet)",
        ]
    }

    /// A query's own time is the median of so many: what an interruption of the machine adds to one of them is not the query's.
    static let passes = 5

    /// From 10 candidates at 0 to a thousand at 1.
    static func breadth(_ effort: Double, _ k: Int) -> Int { max(k, Int((10 * pow(100, effort)).rounded())) }

    func search(effort: Double, k: Int, to path: String?) throws -> [String: Any] {
        let breadth = Self.breadth(effort, k)
        var ids = [Int32](repeating: -1, count: queries.count * k)
        var times: [Double] = []
        var visited = 0
        var refined = 0
        func pass() throws {
            times.removeAll(keepingCapacity: true)
            (visited, refined) = (0, 0)
            for (number, query) in queries.enumerated() {
                let began = wallSeconds()
                let found = try VectorSearcher([indexed], query: query)
                    .topK(k, accept: accept, minScore: nil, effort: effort > 1 ? .exact : .breadth(breadth), control: .unlimited)
                times.append((wallSeconds() - began) * 1e6)
                visited += found.work.visited
                refined += found.refined
                for (rank, hit) in found.hits.enumerated() { ids[number * k + rank] = Int32(hit.doc.rawValue) }
            }
        }
        if warmed.insert(effort).inserted { try pass() }
        let cpu = processSeconds()
        try pass()
        let cpuSeconds = processSeconds() - cpu
        let first = times
        var own = first.map { [$0] }
        for _ in 1..<Self.passes {
            try pass()
            for (number, time) in times.enumerated() { own[number].append(time) }
        }
        let medians = own.map { $0.sorted()[Self.passes / 2] }.sorted()
        times = first
        if let path { try ids.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) } }
        let count = Double(queries.count)
        times.sort()
        return [
            "mean_us": times.reduce(0, +) / count, "p50_us": times[times.count / 2], "p99_us": times[min(times.count - 1, times.count * 99 / 100)],
            "own_mean_us": medians.reduce(0, +) / count, "own_p99_us": medians[min(medians.count - 1, medians.count * 99 / 100)],
            "cpu_us": cpuSeconds * 1e6 / count, "breadth": breadth, "visited": Double(visited) / count, "refined": Double(refined) / count,
        ]
    }
}

/// Rows of a .npy file of float32 in C order.
struct NumpyArray {
    let rows: Int
    let columns: Int
    private let file: MappedFile
    private let start: Int

    init(_ file: MappedFile) throws {
        let bytes = file.bytes
        guard bytes.count > 12, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else { throw ValidationError("\(file.name): is no .npy file") }
        // NumPy's format 1 or 2: magic, version, header length, then a Python dictionary as text.
        let isFirst = bytes[6] == 1
        let length = isFirst ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)) : Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        start = (isFirst ? 10 : 12) + length
        guard start <= bytes.count else { throw ValidationError("\(file.name): its header exceeds the file") }
        let header = String(decoding: bytes[..<start], as: UTF8.self)
        let shape = header.split(separator: "(").last?.split(separator: ")").first?.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) } ?? []
        guard header.contains("'<f4'"), header.contains("'fortran_order': False"), shape.count == 2, shape[1] > 0, start % 4 == 0,
            bytes.count - start >= shape[0] * shape[1] * 4
        else { throw ValidationError("\(file.name): expected a C-ordered array of little-endian float32 of two dimensions") }
        self.file = file
        rows = shape[0]
        columns = shape[1]
    }

    func row(_ index: Int) -> UnsafeBufferPointer<Float> {
        let base = (file.bytes.baseAddress! + start).assumingMemoryBound(to: Float.self)
        return UnsafeBufferPointer(start: base + index * columns, count: columns)
    }
}
