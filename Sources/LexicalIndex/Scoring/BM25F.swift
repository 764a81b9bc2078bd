import Glibc
import Synchronization

/// BM25F: term frequencies of forms and fields are weighted, normalised by length and summed before they saturate.
///
/// ```
/// x     = Σ forms, fields   w_field · w_form · tf · 1 / (1 − b + b · len / avglen_field)
/// score = Σ groups          boost · idf · x / (k1 + x)
/// ```
///
/// Everything in double, in the order written, on every path (top-k, true scores, explanation): equal documents get equal
/// bits whatever the segments, windows and paths. No factor k1 + 1: it changes no order.
/// Source: Zaragoza, Craswell, Taylor, Saria, Robertson, "Microsoft Cambridge at TREC-13", 2004. The idf is Lucene's variant,
/// which stays above 0.
enum BM25F {
    /// - Parameter documentFrequency: at most `documents`.
    static func idf(documents: Int, documentFrequency: Int) -> Double {
        log(1 + (Double(documents) - Double(documentFrequency) + 0.5) / (Double(documentFrequency) + 0.5))
    }

    /// `1 / (1 − b + b · len / avglen)`.
    @inline(__always) static func inverseNorm(length: Int, average: Double, b: Double) -> Double {
        1 / (1 - b + b * (Double(length) / average))
    }

    /// What one posting adds to its group's x.
    @inline(__always) static func weightedFrequency(weight: Double, frequency: UInt32, inverseNorm: Double) -> Double {
        (weight * Double(frequency)) * inverseNorm
    }

    /// What a group adds to the score.
    @inline(__always) static func contribution(boostedIdf: Double, x: Double, k1: Double) -> Double {
        boostedIdf * (x / (k1 + x))
    }
}

/// `inverseNorm` of one field for the lengths that texts usually have.
///
/// Longer texts are computed on the fly by the same formula: a table for all 65,536 lengths would cost more than most queries.
final class NormTable: @unchecked Sendable {
    // SAFETY (unchecked Sendable): written in init only.
    static let count = 2048
    let inverse: UnsafeMutablePointer<Double>
    /// By ``LengthCode``, of the code's least length.
    let inverseOfCode: UnsafeMutablePointer<Double>
    let average: Double
    let b: Double

    /// Tables of late, the newest last: a collection that rests asks for the same ones again and again, and 2,304 divisions are 4 µs.
    private static let recent = Mutex<[NormTable]>([])
    private static let recentMax = 16

    static func of(average: Double, b: Double) -> NormTable {
        let found = recent.withLock { tables in tables.last { $0.average == average && $0.b == b } }
        if let found { return found }
        let table = NormTable(average: average, b: b)
        recent.withLock { tables in
            if tables.count == recentMax { tables.removeFirst() }
            tables.append(table)
        }
        return table
    }

    private init(average: Double, b: Double) {
        self.average = average
        self.b = b
        inverse = .allocate(capacity: Self.count)
        for length in 0..<Self.count { inverse[length] = BM25F.inverseNorm(length: max(length, 1), average: average, b: b) }
        inverseOfCode = .allocate(capacity: LengthCode.count)
        for code in 0..<LengthCode.count {
            inverseOfCode[code] = BM25F.inverseNorm(length: max(LengthCode(rawValue: UInt8(code)).lengthMin, 1), average: average, b: b)
        }
    }

    deinit {
        inverse.deallocate()
        inverseOfCode.deallocate()
    }

    func inverseNorm(length: Int) -> Double {
        length < Self.count ? inverse[length] : BM25F.inverseNorm(length: length, average: average, b: b)
    }
}

/// Plain pointers of a ``NormTable`` and a segment's lengths, for loops; both must be kept alive.
struct Norms {
    let lengths: UnsafePointer<UInt16>
    let inverse: UnsafePointer<Double>
    let average: Double
    let b: Double

    init(_ norms: FieldNorms, _ table: NormTable) {
        lengths = norms.lengths
        inverse = UnsafePointer(table.inverse)
        average = table.average
        b = table.b
    }

    /// - Parameter document: number inside the segment, below its document count.
    @inline(__always) func inverseNorm(_ document: UInt32) -> Double {
        let length = Int(lengths[Int(document)])
        return length < NormTable.count ? inverse[length] : longInverseNorm(length)
    }

    /// For lengths past the table.
    @inline(never) func longInverseNorm(_ length: Int) -> Double {
        BM25F.inverseNorm(length: length, average: average, b: b)
    }
}
