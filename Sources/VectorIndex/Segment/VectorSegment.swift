import SearchCore
import Synchronization

/// Reader of one immutable vector segment, mapped or in memory.
///
/// Vectors are numbered by ordinal, 0 ..< `count`, in document order; several in a row may belong to one document.
///
/// ```
/// ordinal    0   1   2   3   4        document 7 has two vectors, documents 5, 6 and 8 have none
/// documents  3   4   7   7   9        ordinals(of: 7) = 2 ..< 4
/// ```
///
/// Invariants, checked on opening: every section has the length that the header implies and a 64-byte aligned place;
/// `documents` is nondecreasing and below `DocID.end`. That codes and bounds mean what they should is checked by
/// ``validate()``; were they wrong, a search would return wrong hits but not crash.
/// Immutable, so safe to share. Bytes: docs/formats/vector-segment.md.
public final class VectorSegment: Sendable {
    let file: SectionFile
    public let dimension: Int
    public let metric: VectorMetric
    /// Vectors.
    public let count: Int
    let codeStride: Int
    let rowStride: Int

    // SAFETY: these point into `file`, which never changes and lives as long as this object.
    nonisolated(unsafe) let documents: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let codes: UnsafeBufferPointer<Int8>
    nonisolated(unsafe) let scales: UnsafeBufferPointer<Float>
    nonisolated(unsafe) let residuals: UnsafeBufferPointer<Float>
    nonisolated(unsafe) let norms: UnsafeBufferPointer<Float>
    nonisolated(unsafe) let rows: UnsafeBufferPointer<Float>

    // Relaxed: it carries no other data.
    private let verified: Atomic<Bool>

    /// Opens and verifies checksums and shape.
    /// - Parameters:
    ///   - deferring: codes and rows, nearly all of the bytes, are not read before ``verify(checkpoint:)``.
    ///   - checkpoint: asked every few MB; what it throws ends the opening.
    /// - Throws: `DATA_LOSS` for damage, `FAILED_PRECONDITION` for a file of another kind or a newer version.
    /// - Complexity: O(bytes), at the checksum's speed; `deferring`: O(count).
    public init(_ mapped: MappedFile, deferring: Bool = false, checkpoint: () throws -> Void = {}) throws {
        typealias Section = VectorSegmentFormat.Section
        let deferred: Set<UInt32> = deferring ? [Section.codes, Section.rows] : []
        let file = try SectionFile(mapped, kind: VectorSegmentFormat.kind, deferring: deferred, checkpoint: checkpoint)
        verified = Atomic(!deferring)
        let header = try VectorSegmentHeader(try file.required(Section.header), name: file.name)
        let codeStride = VectorSegmentFormat.codeStride(dimension: header.dimension)
        let rowStride = VectorSegmentFormat.rowStride(dimension: header.dimension)

        // No product overflows: count < 2³², strides ≤ 4096, elements ≤ 4 bytes.
        func array<T: BitwiseCopyable>(_ id: UInt32, _ type: T.Type, perRow: Int = 1) throws -> UnsafeBufferPointer<T> {
            let array = try file.array(id, of: type, count: header.count * perRow)
            guard UInt(bitPattern: array.baseAddress) % UInt(SectionFile.alignment) == 0 else {
                throw TandemError.damaged(file.name, "section \(id) does not start at a multiple of \(SectionFile.alignment) bytes")
            }
            return array
        }
        let documents = try array(Section.documents, UInt32.self)
        codes = try array(Section.codes, Int8.self, perRow: codeStride)
        scales = try array(Section.scales, Float.self)
        residuals = try array(Section.residuals, Float.self)
        norms = try array(Section.norms, Float.self)
        rows = try array(Section.rows, Float.self, perRow: rowStride)
        var previous: UInt32 = 0
        var repeated = false
        for ordinal in 0..<header.count {
            guard documents[ordinal] >= previous, documents[ordinal] < DocID.end.rawValue else {
                throw TandemError.damaged(
                    file.name, "vector \(ordinal) belongs to document \(documents[ordinal]), the one before to \(previous)")
            }
            repeated = repeated || (ordinal > 0 && documents[ordinal] == previous)
            previous = documents[ordinal]
        }
        hasRepeatedDocuments = repeated
        largestNorm = norms.reduce(0) { max($0, Double($1)) }
        self.file = file
        self.documents = documents
        self.codeStride = codeStride
        self.rowStride = rowStride
        dimension = header.dimension
        metric = header.metric
        count = header.count
    }

    /// True if a document has several vectors here.
    let hasRepeatedDocuments: Bool

    /// The largest of the rows' norm bounds.
    private let largestNorm: Double

    /// Whether a graph and 1-bit codes can be made: squares of norms have to stay within float32. Vectors of other lengths are compared one by one, and so are those of one component:
    /// all queries of a sign have the same hits there, and a calibration says all or nothing.
    public var canBeCoded: Bool { dimension > 1 && (metric == .cosine || Self.codedNorms.contains(largestNorm)) }

    /// Whether similarities with a query of this norm stay well within float32, as estimates do.
    func canBeEstimated(queryNorm: Double) -> Bool {
        queryNorm == 0 || (canBeCoded && Self.codedNorms.contains(queryNorm) && (1e-30...1e37).contains(queryNorm * largestNorm))
    }

    private static let codedNorms = 1e-15...1e18

    /// First and last document with a vector here; `DocID.end` for both when there is none.
    public var firstDoc: DocID { documents.first.map { DocID($0) } ?? .end }
    public var lastDoc: DocID { documents.last.map { DocID($0) } ?? .end }

    public var name: String { file.name }
    public var byteCount: Int { file.byteCount }
    /// Of those, the full-precision rows.
    public var rowBytes: Int { rows.count * 4 }
    /// Of the file: see ``SearchCore/SectionFile/checksum``.
    public var checksum: UInt32 { file.checksum }
    /// True if the bytes are on the heap, and so count against the memory budget.
    public var isInMemory: Bool { file.file.isInMemory }

    /// Checksums of all sections have been compared.
    public var isVerified: Bool { verified.load(ordering: .relaxed) }

    /// Compares the checksums that an opening has deferred.
    /// - Throws: `DATA_LOSS`; as `checkpoint`, which is asked every few MB.
    /// - Complexity: O(bytes) the first time, then nothing.
    public func verify(checkpoint: () throws -> Void = {}) throws {
        guard !isVerified else { return }
        for section in [VectorSegmentFormat.Section.codes, VectorSegmentFormat.Section.rows] { try file.verify(section, checkpoint: checkpoint) }
        verified.store(true, ordering: .relaxed)
    }

    /// Ordinals of the document's vectors; empty when it has none. - Complexity: O(log count).
    public func ordinals(of doc: DocID) -> Range<Int> {
        let start = firstOrdinal(notBefore: doc.rawValue, from: 0)
        var end = start
        while end < count, documents[end] == doc.rawValue { end += 1 }
        return start..<end
    }

    public func document(at ordinal: Int) -> DocID {
        precondition(0..<count ~= ordinal, "vector \(ordinal) of \(count)")
        return DocID(documents[ordinal])
    }

    /// The stored vector, [dimension]: under `cosine` the normalised one. Valid while the segment lives.
    public func vector(at ordinal: Int) -> UnsafeBufferPointer<Float> {
        precondition(0..<count ~= ordinal, "vector \(ordinal) of \(count)")
        return UnsafeBufferPointer(rebasing: rows[(ordinal * rowStride)..<(ordinal * rowStride + dimension)])
    }

    /// First ordinal at or after `start` whose document is not before `doc`; `count` when there is none.
    /// Gallops, so that a walk in document order costs O(log distance) a step.
    func firstOrdinal(notBefore doc: UInt32, from start: Int) -> Int {
        var low = start
        var step = 1
        while low + step <= count, documents[low + step - 1] < doc {
            low += step
            step *= 2
        }
        // All before `low` are before `doc`; the answer is at most low + step - 1, or count.
        var high = min(low + step - 1, count)
        while low < high {
            let middle = (low + high) >> 1
            if documents[middle] < doc { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
