import Glibc
import SearchCore
import VectorIndex

/// SplitMix64: the same numbers on every machine.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    init(_ state: UInt64) { self.state = state }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Near enough to a normal distribution for test data.
    mutating func normal() -> Float {
        var sum: Float = -6
        for _ in 0..<12 { sum += Float(next() >> 40) * 0x1p-24 }
        return sum
    }
}

/// From TANDEM_TEST_SEED, or fixed; printed, so that a failure can be repeated.
func testSeed(_ test: String) -> UInt64 {
    let seed = getenv("TANDEM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? 20_261_120
    print("\(test) seed \(seed)")
    return seed
}

/// Rows of a test collection, in document order.
struct TestVectors {
    var dimension: Int
    var metric: VectorMetric
    var rows: [(doc: UInt32, vector: [Float])] = []

    var capacity: Int { Int(rows.last?.doc ?? 0) + 1 }

    func segment(_ range: Range<Int>) throws -> VectorSegment {
        var builder = VectorSegmentBuilder(dimension: dimension, metric: metric)
        for row in rows[range] { try builder.append(doc: DocID(row.doc), row.vector) }
        return try VectorSegment(MappedFile(copying: builder.finish()))
    }

    /// Cut at the given row numbers.
    func segments(cutAt cuts: [Int] = []) throws -> [VectorSegment] {
        let borders = [0] + cuts + [rows.count]
        return try zip(borders, borders.dropFirst()).map { try segment($0..<$1) }
    }

    /// The definition: normalise in double, round to float, score in double over 32 lanes and a tree, take the maximum
    /// of a document, sort.
    func bruteForce(_ query: [Float], k: Int, accept: DocBitSet, minScore: Double? = nil) -> (hits: [VectorHit], ties: [VectorHit]) {
        let prepared = Self.prepare(query, metric)
        var best: [UInt32: Double] = [:]
        for row in rows where accept.contains(DocID(row.doc)) {
            let score = Self.score(Self.prepare(row.vector, metric), prepared)
            best[row.doc] = max(best[row.doc] ?? -.infinity, score)
        }
        var all: [VectorHit] = []
        for (doc, score) in best where minScore == nil || score >= minScore! {
            all.append(VectorHit(doc: DocID(doc), score: score))
        }
        all.sort { a, b in a.score != b.score ? a.score > b.score : a.doc < b.doc }
        let hits = Array(all.prefix(k))
        guard hits.count == k, let last = hits.last else { return (hits, []) }
        return (hits, Array(all.dropFirst(k).prefix { $0.score == last.score }.prefix(VectorSearcher.boundaryTiesMax)))
    }

    static func prepare(_ vector: [Float], _ metric: VectorMetric) -> [Float] {
        guard metric == .cosine else { return vector }
        let norm = laneDot(vector, vector).squareRoot()
        return vector.map { Float(Double($0) / norm) }
    }

    static func score(_ row: [Float], _ query: [Float]) -> Double { laneDot(row, query) }

    private static func laneDot(_ a: [Float], _ b: [Float]) -> Double {
        var lanes = [Double](repeating: 0, count: 32)
        for i in a.indices { lanes[i & 31] += Double(a[i]) * Double(b[i]) }
        var half = 16
        while half > 0 {
            for j in 0..<half { lanes[j] += lanes[j + half] }
            half /= 2
        }
        return lanes[0]
    }
}

/// What a collection's vectors look like; each kind strains another part of the scan.
enum VectorShape: CaseIterable, Sendable {
    /// Independent components: scores lie close together around 0.
    case random
    /// Few centres with small deviations: many candidates within the error bound.
    case clustered
    /// Centres with deviations of their own size: what embeddings look like, more or less.
    case mixed
    /// A tenth as many distinct vectors as rows: exact ties everywhere.
    case duplicates
    /// One and the same vector.
    case equal
    /// Norms over twelve orders of magnitude (matters under `dot`).
    case wild
    /// Components of ±1: codes without any error.
    case signs
}

func makeVectors(
    _ shape: VectorShape, count: Int, dimension: Int, metric: VectorMetric, rowsPerDocument: ClosedRange<Int> = 1...1,
    docStep: Int = 1, random: inout SeededRandom
) -> TestVectors {
    func fresh(_ random: inout SeededRandom) -> [Float] {
        while true {
            let vector = (0..<dimension).map { _ in random.normal() }
            if vector.contains(where: { $0 != 0 }) { return vector }
        }
    }
    let centres = (0..<8).map { _ in fresh(&random) }
    let distinct = (0..<max(1, count / 10)).map { _ in fresh(&random) }
    var result = TestVectors(dimension: dimension, metric: metric)
    var doc: UInt32 = 0
    while result.rows.count < count {
        doc += UInt32(Int.random(in: 1...docStep, using: &random))
        for _ in 0..<Int.random(in: rowsPerDocument, using: &random) where result.rows.count < count {
            let vector: [Float]
            switch shape {
            case .random: vector = fresh(&random)
            case .clustered:
                let centre = centres[Int(random.next() % 8)]
                vector = centre.map { $0 + 0.02 * random.normal() }
            case .mixed:
                let centre = centres[Int(random.next() % 8)]
                vector = centre.map { $0 + 0.7 * random.normal() }
            case .duplicates: vector = distinct[Int(random.next() % UInt64(distinct.count))]
            case .equal: vector = distinct[0]
            case .wild:
                let scale = Float(pow(10, Double.random(in: -6...6, using: &random)))
                vector = fresh(&random).map { $0 * scale }
            case .signs: vector = (0..<dimension).map { _ in random.next() & 1 == 0 ? 1 : -1 }
            }
            result.rows.append((doc, vector))
        }
    }
    return result
}

/// Each document accepted with probability `share`.
func makeAccept(capacity: Int, share: Double, random: inout SeededRandom) -> DocBitSet {
    if share >= 1 { return DocBitSet(capacity: capacity, full: true) }
    var set = DocBitSet(capacity: capacity)
    for doc in 0..<capacity where Double.random(in: 0..<1, using: &random) < share { set.insert(DocID(UInt32(doc))) }
    return set
}
