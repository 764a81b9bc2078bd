import Glibc
import SearchCore

/// Rows and queries in one buffer that lives as long as the process.
final class VectorData: Sendable {
    let label: String
    let queryLabel: String
    let dimension: Int
    let rowCount: Int
    let queryCount: Int
    // SAFETY: filled before the initialiser returns, only read after.
    private nonisolated(unsafe) let rows: UnsafeMutablePointer<Float>
    private nonisolated(unsafe) let queries: UnsafeMutablePointer<Float>

    func row(_ index: Int) -> UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: rows + index * dimension, count: dimension) }
    func query(_ index: Int) -> UnsafeBufferPointer<Float> { UnsafeBufferPointer(start: queries + index * dimension, count: dimension) }

    private init(label: String, queryLabel: String, dimension: Int, rows: [Float], queries: [Float]) {
        func copy(_ values: [Float]) -> UnsafeMutablePointer<Float> {
            let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(values.count, 1))
            pointer.initialize(from: values, count: values.count)
            return pointer
        }
        self.label = label
        self.queryLabel = queryLabel
        self.dimension = dimension
        rowCount = rows.count / dimension
        queryCount = queries.count / dimension
        self.rows = copy(rows)
        self.queries = copy(queries)
    }

    static func load(_ setup: BenchmarkSetup) throws -> VectorData {
        var random = Random(state: setup.seed)
        guard let path = setup.rowFile else { return synthetic(setup, &random) }
        let (all, dimension) = try read(path, rawDimension: setup.dimension)
        let rowCount = min(setup.rows, all.count / dimension)
        let rows = Array(all[..<(rowCount * dimension)])
        let held = all[(rowCount * dimension)...]
        var queries: [Float]
        let queryLabel: String
        if let queryPath = setup.queryFile {
            let (read, queryDimension) = try read(queryPath, rawDimension: setup.dimension)
            guard queryDimension == dimension else {
                throw TandemError.invalidArgument("\(queryPath): dimension \(queryDimension), the rows have \(dimension)")
            }
            queries = Array(read.prefix(setup.queries * dimension))
            queryLabel = "from a file"
        } else if held.count >= setup.queries * dimension {
            queries = Array(held.prefix(setup.queries * dimension))
            queryLabel = "held out"
        } else {
            queries = []
            for _ in 0..<setup.queries {
                let a = Int(random.next() % UInt64(rowCount)) * dimension
                let b = Int(random.next() % UInt64(rowCount)) * dimension
                for i in 0..<dimension { queries.append(0.7 * rows[a + i] + 0.3 * rows[b + i]) }
            }
            queryLabel = "mixed of two rows, 0.7 and 0.3"
        }
        return VectorData(label: path, queryLabel: queryLabel, dimension: dimension, rows: rows, queries: queries)
    }

    /// 1,000 centres, points around them, one point in twenty a copy of an earlier one (exact ties).
    private static func synthetic(_ setup: BenchmarkSetup, _ random: inout Random) -> VectorData {
        let d = setup.dimension
        let centres = (0..<(1000 * d)).map { _ in random.normal() }
        func point(_ random: inout Random) -> [Float] {
            let centre = Int(random.next() % 1000) * d
            return (0..<d).map { centres[centre + $0] + 0.8 * random.normal() }
        }
        var rows: [Float] = []
        rows.reserveCapacity(setup.rows * d)
        for row in 0..<setup.rows {
            if row > 0, random.next() % 20 == 0 {
                let earlier = Int(random.next() % UInt64(row)) * d
                rows.append(contentsOf: Array(rows[earlier..<(earlier + d)]))
            } else {
                rows.append(contentsOf: point(&random))
            }
        }
        var queries: [Float] = []
        for _ in 0..<setup.queries { queries.append(contentsOf: point(&random)) }
        return VectorData(label: "synthetic clusters", queryLabel: "from the same clusters", dimension: d, rows: rows, queries: queries)
    }

    private static func read(_ path: String, rawDimension: Int) throws -> (values: [Float], dimension: Int) {
        let file = try MappedFile(mapping: path)
        let bytes = file.bytes
        var dimension = rawDimension
        var body = bytes[...]
        if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) {
            // NumPy's format 1 or 2: magic, version, header length, then a Python dictionary as text.
            guard bytes.count > 12 else { throw TandemError.invalidArgument("\(path): too short for a .npy file") }
            let isFirst = bytes[6] == 1
            let length =
                isFirst
                ? Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
                : Int(bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            let start = isFirst ? 10 : 12
            guard start + length <= bytes.count else { throw TandemError.invalidArgument("\(path): its header exceeds the file") }
            let header = String(decoding: bytes[start..<(start + length)], as: UTF8.self)
            let shape =
                header.split(separator: "(").last?.split(separator: ")").first?.split(separator: ",")
                .compactMap { Int($0.filter(\.isNumber)) } ?? []
            guard header.contains("'<f4'"), header.contains("'fortran_order': False"), shape.count == 2, shape[1] > 0 else {
                throw TandemError.invalidArgument("\(path): expected a C-ordered array of little-endian float32 of two dimensions")
            }
            dimension = shape[1]
            body = bytes[(start + length)...]
        }
        let count = body.count / (4 * dimension) * dimension
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: UnsafeRawBufferPointer(rebasing: body.prefix(count * 4)))
            initialized = count
        }
        guard count > 0 else { throw TandemError.invalidArgument("\(path): holds no row of dimension \(dimension)") }
        return (values, dimension)
    }
}

/// SplitMix64.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Sum of four uniform numbers, scaled to unit variance: normal enough, and quick.
    mutating func normal() -> Float {
        let bits = next()
        var sum: Float = -2
        for shift in 0..<4 { sum += Float((bits >> UInt64(16 * shift)) & 0xFFFF) * 0x1p-16 }
        return sum * 1.7320508
    }
}
