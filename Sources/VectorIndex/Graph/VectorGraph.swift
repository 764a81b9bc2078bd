import CKernels
import SearchCore
import Synchronization

/// A graph over the vectors of one segment, for approximate search; a file of its own, derived from the segment and able to
/// be built anew at any time.
///
/// A node holds its 32 neighbours' ordinals and, of each, the signs of what it differs from the node by, rotated at random:
/// one kernel call estimates all 32 similarities with the query, from memory that lies together. A visit computes the node's
/// own similarity from its int8 codes in the segment. With ``GraphQuantization/int4`` a node holds a 4-bit code of its own instead.
///
/// Immutable, so safe to share between threads. The nodes' bytes are mapped and not read on opening; whatever they are, a
/// search ends and stays within the file: it visits no node twice, and ordinals are checked where they are followed.
///
/// Sources: Gou et al., "SymphonyQG: towards symphonious integration of quantization and graph", SIGMOD 2025; Gao and Long,
/// "RaBitQ", SIGMOD 2024. Deviation: a neighbour is coded as the part of it that is orthogonal to the node, and the query's
/// part along the node, which a visit knows, is taken out of what is estimated; that leaves about a fifth less error.
public final class VectorGraph: Sendable {
    let file: SectionFile
    public let segment: VectorSegment
    let header: GraphHeader
    let rotation: Rotation
    let nodeBytes: Int
    /// Where a node's codes begin.
    let codesOffset: Int
    // Valid while `file` lives.
    nonisolated(unsafe) let nodes: UnsafeRawBufferPointer
    let entries: GraphEntries
    /// The segment's codes: with a graph in memory a copy beside it, else as they are mapped.
    nonisolated(unsafe) let codes: UnsafePointer<Int8>
    private nonisolated(unsafe) let codesCopy: UnsafeMutableRawPointer?
    private let scratches = ScratchPool()
    // Relaxed: it carries no other data.
    private let damage = Atomic<Bool>(false)

    /// Opens a graph and checks its header and shape, without reading the nodes.
    /// - Throws: `DATA_LOSS` for damage, or a graph of another segment; `FAILED_PRECONDITION` for a file of another kind or a
    ///   newer version.
    /// - Complexity: O(1).
    public init(_ mapped: MappedFile, over segment: VectorSegment) throws {
        typealias Section = GraphFormat.Section
        file = try SectionFile(mapped, kind: GraphFormat.kind, deferring: [Section.nodes])
        let header = try GraphHeader(try file.required(Section.header), name: file.name)
        guard header.dimension == segment.dimension, header.metric == segment.metric, header.count == segment.count,
            header.segmentChecksum == segment.checksum
        else { throw TandemError.damaged(file.name, "is the graph of another vector segment than \(segment.name)") }
        nodeBytes = GraphFormat.Node.byteCount(dimension: header.dimension, header.quantization)
        codesOffset = GraphFormat.Node.codes(header.quantization)
        nodes = try file.required(Section.nodes)
        guard nodes.count / nodeBytes == header.count, nodes.count % nodeBytes == 0 else {
            throw TandemError.damaged(file.name, "\(nodes.count) bytes of nodes, expected \(header.count) × \(nodeBytes)")
        }
        let entries = try file.array(Section.entries, of: UInt32.self, count: header.entries)
        guard entries.allSatisfy({ $0 < UInt32(header.count) }), header.count == 0 || !entries.isEmpty else {
            throw TandemError.damaged(file.name, "an entry is no node of \(header.count)")
        }
        self.segment = segment
        self.header = header
        rotation = Rotation(dimension: header.dimension, seed: header.rotationSeed)
        self.entries = GraphEntries(entries, of: segment, rotation: rotation, header.quantization)
        if mapped.isInMemory {
            let copy = LargeMemory.allocate(byteCount: segment.codes.count)
            if let base = segment.codes.baseAddress { copy.copyMemory(from: base, byteCount: segment.codes.count) }
            codes = UnsafePointer(copy.assumingMemoryBound(to: Int8.self))
            codesCopy = copy
            Self.residentSum.add(mapped.count + segment.codes.count, ordering: .relaxed)
        } else {
            codes = segment.codes.baseAddress ?? UnsafePointer(self.entries.codes)
            codesCopy = nil
        }
    }

    deinit {
        if let codesCopy {
            codesCopy.deallocate()
            Self.residentSum.subtract(file.byteCount + segment.codes.count, ordering: .relaxed)
        }
    }

    public var name: String { file.name }
    public var byteCount: Int { file.byteCount }
    public var checksum: UInt32 { file.checksum }
    /// True if the bytes are on the heap, and not mapped from the file.
    public var isInMemory: Bool { codesCopy != nil }
    /// What it takes on the heap, if it is there.
    public var residentByteCount: Int { file.byteCount + segment.codes.count }
    // Relaxed: a sum that decides whether more is loaded.
    private static let residentSum = Atomic<Int>(0)
    /// Bytes of all graphs of this process that are on the heap, with the codes that they copied.
    public static var residentBytes: Int { residentSum.load(ordering: .relaxed) }
    public var count: Int { header.count }
    public var quantization: GraphQuantization { header.quantization }
    /// A search or a validation has met bytes that cannot be what was written; it is not used any more.
    public var isDamaged: Bool { damage.load(ordering: .relaxed) }
    public func markDamaged() { damage.store(true, ordering: .relaxed) }

    /// Reads everything and checks what opening leaves alone: the nodes' checksum, that neighbours are nodes, that a node's
    /// document is the segment's.
    /// A graph in which something is wrong counts as damaged from then on.
    /// - Throws: `DATA_LOSS` naming the node; as `checkpoint`, which is asked every few MB.
    public func validate(checkpoint: () throws -> Void = {}) throws {
        do {
            try validateNodes(checkpoint: checkpoint)
        } catch let error as TandemError where error.code == .dataLoss {
            markDamaged()
            throw error
        }
    }

    private func validateNodes(checkpoint: () throws -> Void) throws {
        try file.verify(GraphFormat.Section.nodes, checkpoint: checkpoint)
        for ordinal in 0..<count {
            if ordinal & 0x3FFF == 0 { try checkpoint() }
            let node = nodes.baseAddress! + ordinal * nodeBytes
            func fail(_ what: String) -> TandemError { .damaged(name, "node \(ordinal): \(what)") }
            let document = node.load(fromByteOffset: GraphFormat.Node.document, as: UInt32.self)
            guard document == segment.documents[ordinal] else { throw fail("document \(document), expected \(segment.documents[ordinal])") }
            let degree = node.load(fromByteOffset: GraphFormat.Node.degree, as: UInt32.self)
            guard degree <= UInt32(GraphFormat.neighbours) else { throw fail("\(degree) neighbours") }
            for slot in 0..<GraphFormat.neighbours {
                let neighbour = node.load(fromByteOffset: GraphFormat.Node.neighbours + 4 * slot, as: UInt32.self)
                guard neighbour < UInt32(count), slot < Int(degree) || neighbour == UInt32(ordinal) else { throw fail("neighbour \(neighbour) at \(slot)") }
            }
        }
    }

    /// The neighbours of a node, for tests and reports.
    package func neighbours(of ordinal: Int) -> [UInt32] {
        let node = nodes.baseAddress! + ordinal * nodeBytes
        let degree = min(GraphFormat.neighbours, Int(node.load(fromByteOffset: GraphFormat.Node.degree, as: UInt32.self)))
        return (0..<degree).map { node.load(fromByteOffset: GraphFormat.Node.neighbours + 4 * $0, as: UInt32.self) }
    }

    // MARK: Scratch

    func takeScratch() -> GraphScratch { scratches.take() ?? GraphScratch(count: count, quantization) }

    /// Keeps as many as run at once.
    func give(_ scratch: GraphScratch) { scratches.give(scratch) }
}

/// Section 1 of a graph file.
struct GraphHeader {
    let dimension: Int
    let metric: VectorMetric
    let quantization: GraphQuantization
    let count: Int
    let segmentChecksum: UInt32
    let entries: Int
    let rotationSeed: UInt64

    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: GraphFormat.headerBytes)
        writer.append(UInt32(dimension))
        writer.append(metric.rawValue)
        writer.append(quantization.rawValue)
        writer.append(bytes: [0, 0])
        writer.append(UInt64(count))
        writer.append(segmentChecksum)
        writer.append(UInt32(entries))
        writer.append(rotationSeed)
        return writer.bytes
    }

    init(
        dimension: Int, metric: VectorMetric, quantization: GraphQuantization, count: Int, segmentChecksum: UInt32, entries: Int, rotationSeed: UInt64
    ) {
        self.dimension = dimension
        self.metric = metric
        self.quantization = quantization
        self.count = count
        self.segmentChecksum = segmentChecksum
        self.entries = entries
        self.rotationSeed = rotationSeed
    }

    init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
        guard bytes.count == GraphFormat.headerBytes else {
            throw TandemError.damaged(name, "the graph header has \(bytes.count) bytes, expected \(GraphFormat.headerBytes)")
        }
        var reader = ByteReader(bytes, name: name)
        let dimension: UInt32 = try reader.read()
        let metricNumber: UInt8 = try reader.read()
        let quantizationNumber: UInt8 = try reader.read()
        let zeros = try reader.readBytes(2)
        let count: UInt64 = try reader.read()
        let segmentChecksum: UInt32 = try reader.read()
        let entries: UInt32 = try reader.read()
        let rotationSeed: UInt64 = try reader.read()
        guard 1...Limits.dimensionsMax ~= Int(dimension), let metric = VectorMetric(rawValue: metricNumber),
            let quantization = GraphQuantization(rawValue: quantizationNumber), zeros.allSatisfy({ $0 == 0 }), count <= UInt64(VectorSegmentFormat.rowsMax),
            entries <= UInt32(GraphFormat.entriesMax)
        else { throw TandemError.damaged(name, "the graph header holds numbers out of range") }
        self.init(
            dimension: Int(dimension), metric: metric, quantization: quantization, count: Int(count), segmentChecksum: segmentChecksum,
            entries: Int(entries), rotationSeed: rotationSeed)
    }
}
