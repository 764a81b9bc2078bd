import ColumnIndex
import LexicalIndex
import SearchCore
import VectorIndex

/// Postings and columns of one run of documents: they are built, merged and sealed together.
final class DocumentSegment: Sendable {
    let lexical: LexicalSegment
    let columns: ColumnSegment
    /// Number of the file pair on disk; nil while the bytes are on the heap.
    let file: UInt64?
    /// Every operation up to here is reflected in this segment and those before it.
    let appliedThrough: SequenceNumber

    var firstDoc: DocID { lexical.firstDoc }
    var endDoc: DocID { lexical.endDoc }
    var byteCount: Int { lexical.byteCount + columns.byteCount }
    var isInMemory: Bool { file == nil }

    init(lexical: LexicalSegment, columns: ColumnSegment, file: UInt64?, appliedThrough: SequenceNumber) {
        precondition(
            lexical.firstDoc == columns.firstDoc && lexical.endDoc == columns.endDoc,
            "postings of \(lexical.firstDoc)..<\(lexical.endDoc) beside columns of \(columns.firstDoc)..<\(columns.endDoc)")
        self.lexical = lexical
        self.columns = columns
        self.file = file
        self.appliedThrough = appliedThrough
    }
}

/// A document segment in a generation's list, with what has died in it since it was built.
struct DocumentEntry: Sendable {
    let segment: DocumentSegment
    var dead: DeadCounts
}

/// A vector segment in a generation's list of one vector field.
struct VectorEntry: Sendable {
    let segment: VectorSegment
    let file: UInt64?
    let appliedThrough: SequenceNumber
    /// Nil while the segment is small or unsealed, or its graph is still to be built: it is scanned then.
    var graph: GraphEntry? { didSet { if graph != nil { signs = nil } } }
    /// What scans read first, where there is no graph.
    private(set) var signs: SignCodes?

    /// - Throws: as `control`.
    /// - Complexity: where there is no graph, as ``VectorIndex/SignCodes/init(over:checkpoint:)``.
    init(segment: VectorSegment, file: UInt64?, appliedThrough: SequenceNumber, graph: GraphEntry? = nil, control: QueryControl = .unlimited) throws {
        self.segment = segment
        self.file = file
        self.appliedThrough = appliedThrough
        self.graph = graph
        if graph == nil, SignCodes.areWorthwhile(for: segment) {
            signs = try SignCodes(over: segment, checkpoint: control.checkpoint)
        }
    }

    var isInMemory: Bool { file == nil }

    var indexed: IndexedVectors { IndexedVectors(segment, graph: graph?.graph, calibration: graph?.calibration ?? .typical, signs: signs) }

    /// Names of its files.
    var fileNames: [String] {
        (file.map { [GenerationManifest.vectorName($0)] } ?? []) + (graph.map { [GenerationManifest.graphName($0.file)] } ?? [])
    }
}

/// The graph over a vector segment, and its file.
struct GraphEntry: Sendable {
    let graph: VectorGraph
    let file: UInt64
    let calibration: GraphCalibration
}

/// A merge that is under way: deaths in its range are counted twice, once in the inputs that searches still use and once
/// here, for the segment that will take their place.
struct ActiveMerge: Sendable {
    let id: UInt64
    let docs: Range<UInt32>
    var dead: DeadCounts
}
