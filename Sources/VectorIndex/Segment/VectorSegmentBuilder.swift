import CKernels
import SearchCore

/// Collects vectors in document order and writes a vector segment.
///
/// A document may have none, one or several vectors, which must follow each other. Value type, single-threaded.
public struct VectorSegmentBuilder: Sendable {
    public let dimension: Int
    public let metric: VectorMetric

    private var documents: [UInt32] = []
    private var codes: [Int8] = []
    private var scales: [Float] = []
    private var residuals: [Float] = []
    private var norms: [Float] = []
    private var rows: [Float] = []
    private let codeStride: Int
    private let rowStride: Int

    /// - Parameter dimension: 1 … ``SearchCore/Limits/dimensionsMax``; the schema has checked it.
    public init(dimension: Int, metric: VectorMetric) {
        precondition(1...Limits.dimensionsMax ~= dimension, "dimension \(dimension) outside 1 … \(Limits.dimensionsMax)")
        self.dimension = dimension
        self.metric = metric
        codeStride = VectorSegmentFormat.codeStride(dimension: dimension)
        rowStride = VectorSegmentFormat.rowStride(dimension: dimension)
    }

    /// Vectors so far.
    public var count: Int { documents.count }

    /// Bytes held by what was appended (reserve not counted); the finished segment has about as many.
    public var memoryBytes: Int { documents.count * (codeStride + rowStride * 4 + 16) }

    /// Appends one vector of `doc`.
    ///
    /// `cosine` divides it by its norm, in double, and stores the result as float32: the score is that of the stored row.
    /// - Parameters:
    ///   - doc: not before the last one; the same again for a further vector of the document.
    ///   - vector: [dimension] floats.
    /// - Throws: `INVALID_ARGUMENT` as ``VectorValidation/check(_:dimension:metric:)-(UnsafeBufferPointer<Float>,_,_)``;
    ///   nothing is appended then.
    /// - Complexity: O(dimension).
    public mutating func append(doc: DocID, _ vector: UnsafeBufferPointer<Float>) throws {
        try VectorValidation.check(vector, dimension: dimension, metric: metric)
        precondition(doc < .end, "a vector of document \(doc), which is no document")
        precondition(documents.last ?? 0 <= doc.rawValue, "document \(doc) after \(documents.last ?? 0)")
        precondition(documents.count < VectorSegmentFormat.rowsMax, "a segment of over \(VectorSegmentFormat.rowsMax) vectors")
        documents.append(doc.rawValue)
        rows.append(contentsOf: vector)
        rows.append(contentsOf: repeatElement(0, count: rowStride - dimension))
        codes.append(contentsOf: repeatElement(0, count: codeStride))
        let rowStart = rows.count - rowStride
        let codeStart = codes.count - codeStride
        let quantized = rows.withUnsafeMutableBufferPointer { rows in
            let row = UnsafeMutableBufferPointer(rebasing: rows[rowStart..<(rowStart + dimension)])
            if metric == .cosine { VectorNormalization.normalize(row) }
            return codes.withUnsafeMutableBufferPointer {
                RowQuantizer.quantize(UnsafeBufferPointer(row), into: $0.baseAddress! + codeStart)
            }
        }
        scales.append(quantized.scale)
        residuals.append(quantized.residual)
        norms.append(quantized.norm)
    }

    public mutating func append(doc: DocID, _ vector: [Float]) throws {
        try vector.withUnsafeBufferPointer { try append(doc: doc, $0) }
    }

    /// The segment's bytes; legal without any vector. - Complexity: O(bytes).
    public consuming func finish() -> [UInt8] {
        typealias Section = VectorSegmentFormat.Section
        var writer = SectionFileWriter(kind: VectorSegmentFormat.kind, capacity: memoryBytes + 1024)
        writer.append(section: Section.header, VectorSegmentHeader(dimension: dimension, metric: metric, count: count).encoded)
        writer.append(section: Section.documents, array: documents)
        writer.append(section: Section.codes, array: codes)
        writer.append(section: Section.scales, array: scales)
        writer.append(section: Section.residuals, array: residuals)
        writer.append(section: Section.norms, array: norms)
        writer.append(section: Section.rows, array: rows)
        return writer.finish()
    }
}

/// Section 1 of a vector segment.
struct VectorSegmentHeader {
    let dimension: Int
    let metric: VectorMetric
    let count: Int

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: VectorSegmentFormat.headerBytes)
        writer.append(UInt32(dimension))
        writer.append(metric.rawValue)
        writer.append(bytes: [0, 0, 0])
        writer.append(UInt64(count))
        return writer.bytes
    }

    init(dimension: Int, metric: VectorMetric, count: Int) {
        self.dimension = dimension
        self.metric = metric
        self.count = count
    }

    init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
        guard bytes.count == VectorSegmentFormat.headerBytes else {
            throw TandemError.damaged(name, "the vector header has \(bytes.count) bytes, expected \(VectorSegmentFormat.headerBytes)")
        }
        var reader = ByteReader(bytes, name: name)
        let dimension: UInt32 = try reader.read()
        let metricNumber: UInt8 = try reader.read()
        let zeros = try reader.readBytes(3)
        let count: UInt64 = try reader.read()
        guard 1...Limits.dimensionsMax ~= Int(dimension) else {
            throw TandemError.damaged(name, "dimension \(dimension), expected 1 … \(Limits.dimensionsMax)")
        }
        guard let metric = VectorMetric(rawValue: metricNumber), zeros.allSatisfy({ $0 == 0 }) else {
            throw TandemError.damaged(name, "metric \(metricNumber), expected one of \(VectorMetric.allCases.map(\.rawValue))")
        }
        guard count <= UInt64(VectorSegmentFormat.rowsMax) else {
            throw TandemError.damaged(name, "\(count) vectors, at most \(VectorSegmentFormat.rowsMax) expected")
        }
        self.init(dimension: Int(dimension), metric: metric, count: Int(count))
    }
}
