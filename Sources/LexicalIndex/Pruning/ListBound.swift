import CKernels
import SearchCore

/// What one posting list may add to its group's x, in a window and to single documents.
///
/// Bounds live in the domain of x, before saturation, because there the lists of a group simply add up:
/// ```
/// impact s of a posting of weight 1:  tf / (tf + K') ≤ s   ⇒   x ≤ w · k1 · s / (1 − s)
/// ```
/// Plain memory: `documents` and `frequencies` of the cursor, and the table, belong to the scorer. Not thread-safe.
struct ListBound {
    /// Of its own, since the one for exact scores may stand elsewhere.
    var cursor: PostingCursor
    let weight: Double
    let codes: UnsafePointer<UInt8>
    let inverseOfCode: UnsafePointer<Double>
    let codeRange: ClosedRange<Int>
    /// [16][256] by frequency and length code: units of the window's sums, or of the group's x where the group has several lists.
    let table: UnsafeMutablePointer<UInt16>
    /// Rows that are filled.
    var rows = 0
    /// What one unit of an impact code stands for, as s; above what it is, by more than rounding.
    let perImpact: Double
    let k1: Double
    /// Of any posting; may be infinite.
    let greatestX: Double
    /// First block that does not end before the window.
    var block = 0
    /// In the present window: greatest s, and postings.
    private(set) var sInWindow = 0.0
    private(set) var postings = 0
    private let greatestS: Double

    /// Rounding of the doubles that bounds are summed in, generously.
    static let slack = 1 + 1e-9

    init(
        _ planned: LexicalSearcher.PlannedList, _ segment: LexicalSegment, _ searcher: LexicalSearcher,
        buffer: UnsafeMutablePointer<UInt32>, table: UnsafeMutablePointer<UInt16>
    ) throws {
        let field = segment.fields[planned.field]
        guard let norms = field.norms, let normTable = searcher.normTables[planned.field] else {
            throw segment.damaged(planned.field, "postings without lengths")
        }
        let list = planned.list
        let correction = NominalImpact(field.statistics).correction(
            shortest: field.shortest, longest: field.longest, k1: searcher.query.k1, b: searcher.query.b, average: normTable.average)
        cursor = PostingCursor(list, documents: buffer, frequencies: buffer + LexicalFormat.blockPostings)
        weight = planned.weight
        codes = norms.codes
        inverseOfCode = UnsafePointer(normTable.inverseOfCode)
        codeRange = Int(LengthCode(of: field.shortest).rawValue)...Int(LengthCode(of: field.longest).rawValue)
        self.table = table
        perImpact = correction * Self.slack / 255
        k1 = searcher.query.k1
        if list.count == 1 {
            let x =
                Self.slack
                * BM25F.weightedFrequency(
                    weight: 1, frequency: list.singleFrequency,
                    inverseNorm: normTable.inverseNorm(length: Int(norms.lengths[Int(list.singleDocument)])))
            greatestS = k1 > 0 ? x / (k1 + x) * Self.slack : 1
        } else {
            guard list.listImpact > 0 else { throw segment.damaged(planned.field, "a posting list without impact") }
            greatestS = k1 > 0 ? perImpact * Double(list.listImpact) : 1
        }
        greatestX = Self.x(greatestS, planned.weight, k1)
    }

    @inline(__always) private static func x(_ s: Double, _ weight: Double, _ k1: Double) -> Double {
        s < 1 && k1 > 0 ? weight * (k1 * s / (1 - s)) : .infinity
    }

    /// x of the present window; may be infinite.
    @inline(__always) var xInWindow: Double { sInWindow > 0 ? Self.x(sInWindow, weight, k1) : 0 }

    /// x / (k1 + x) of the present window: what s is for another weight than 1. At most 1.
    @inline(__always) var saturatedInWindow: Double {
        let s = min(sInWindow, 1)
        return weight == 1 ? s : weight * s / (1 - s + weight * s)
    }

    /// Greatest impact code of blocks that cannot bring `x`.
    func impact(of x: Double) -> UInt8 { Self.impact(of: x, weight: weight, k1: k1, perImpact: perImpact) }

    static func impact(of x: Double, weight: Double, k1: Double, perImpact: Double) -> UInt8 {
        guard x > 0 else { return 0 }
        let s = x < .infinity ? x / (weight * k1 + x) : 1
        return UInt8(min((s / perImpact * (1 - 1e-9)).rounded(.up), 255))
    }

    /// What the list may add in [low, high), and how many postings it may have there.
    @inline(__always)
    mutating func look(_ low: UInt32, _ high: UInt32) {
        let list = cursor.list
        if list.count == 1 {
            let isInside = list.singleDocument >= low && list.singleDocument < high
            sInWindow = isInside ? greatestS : 0
            postings = isInside ? 1 : 0
            return
        }
        var block = block
        while block < list.fullBlocks, list.lastDocument(ofBlock: block) < low { block += 1 }
        self.block = block
        let start = block
        var impact: UInt8 = 0
        while block < list.fullBlocks {
            impact = max(impact, list.impact(ofBlock: block))
            // The last one may be the first of the next window.
            if list.lastDocument(ofBlock: block) >= high { break }
            block += 1
        }
        postings = (min(block + 1, list.fullBlocks) - start) * LexicalFormat.blockPostings
        if block == list.fullBlocks {
            impact = max(impact, list.restImpact)
            postings += list.count - list.fullBlocks * LexicalFormat.blockPostings
        } else {
            self.block = block
        }
        sInWindow = k1 > 0 ? min(greatestS, perImpact * Double(impact)) : impact > 0 ? 1 : 0
    }
}
