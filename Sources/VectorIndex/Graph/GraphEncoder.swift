import CKernels
import Dispatch
import SearchCore

extension VectorGraph {
    /// Builds a graph over a segment's vectors and returns the bytes of its file.
    /// - Parameters:
    ///   - options: how; the bytes do not depend on the number of threads.
    ///   - seed: a graph over some of the vectors, to go on from. Edges are a little other ones than without.
    ///   - progress: told the nodes inserted, now and then.
    /// - Throws: as ``SearchCore/QueryControl/checkpoint()``, asked every millisecond or so, with several threads a few times a second.
    /// - Complexity: some hundred microseconds per vector of 384 components and thread. Memory: per vector, the bytes of the
    ///   file, 256 for the edges, and the dimension twice.
    public static func build(
        over segment: VectorSegment, options: GraphBuildOptions = GraphBuildOptions(), seed: GraphSeed? = nil, control: QueryControl = .unlimited,
        progress: (Int) -> Void = { _ in }
    ) throws -> [UInt8] {
        let builder = GraphBuilder(segment, options: options, seed: seed)
        try builder.build(control: control, progress: progress)
        let nodeBytes = GraphFormat.Node.byteCount(dimension: segment.dimension, options.quantization)
        var writer = SectionFileWriter(kind: GraphFormat.kind, capacity: segment.count * nodeBytes + 8192)
        let entries = builder.entries
        let rotationSeed: UInt64 = 1
        let header = GraphHeader(
            dimension: segment.dimension, metric: segment.metric, quantization: options.quantization, count: segment.count,
            segmentChecksum: segment.checksum, entries: entries.count, rotationSeed: rotationSeed)
        writer.append(section: GraphFormat.Section.header, header.encoded)
        writer.append(section: GraphFormat.Section.entries, array: entries)
        let encoder = NodeEncoder(builder, rotation: Rotation(dimension: segment.dimension, seed: rotationSeed), nodeBytes: nodeBytes)
        try encoder.rotateRows(control: control)
        try writer.append(section: GraphFormat.Section.nodes) { append in try encoder.encodeAll(control: control, append) }
        return writer.finish()
    }
}

/// Codes every node's neighbours relative to it, or every node by itself.
private final class NodeEncoder: Sendable {
    private static let nodesAtOnce = 1024

    private let builder: GraphBuilder
    private let segment: VectorSegment
    private let rotation: Rotation
    private let nodeBytes: Int
    // SAFETY: threads write to disjoint rows or nodes; read only after all have ended.
    private nonisolated(unsafe) let rotated: UnsafeMutablePointer<Int8>
    private nonisolated(unsafe) let scales: UnsafeMutablePointer<Float>
    /// `int4`: [count × width / 2] and [count].
    private nonisolated(unsafe) let ownCodes: UnsafeMutablePointer<UInt8>
    private nonisolated(unsafe) let ownSlopes: UnsafeMutablePointer<Float>
    private nonisolated(unsafe) let chunk: UnsafeMutableRawPointer

    init(_ builder: GraphBuilder, rotation: Rotation, nodeBytes: Int) {
        self.builder = builder
        segment = builder.segment
        self.rotation = rotation
        self.nodeBytes = nodeBytes
        rotated = LargeMemory.allocate(byteCount: segment.count * rotation.width).bindMemory(to: Int8.self, capacity: segment.count * rotation.width)
        scales = .allocate(capacity: max(1, segment.count))
        let isInt4 = builder.options.quantization == .int4
        ownCodes = .allocate(capacity: isInt4 ? segment.count * rotation.width / 2 : 0)
        ownSlopes = .allocate(capacity: isInt4 ? segment.count : 0)
        chunk = .allocate(byteCount: Self.nodesAtOnce * nodeBytes, alignment: 64)
    }

    deinit {
        rotated.deallocate()
        scales.deallocate()
        ownCodes.deallocate()
        ownSlopes.deallocate()
        chunk.deallocate()
    }

    private func inParallel(_ count: Int, _ control: QueryControl, _ body: @Sendable @escaping (Range<Int>) -> Void) throws {
        let threads = builder.options.threads
        guard threads > 1 else {
            for start in stride(from: 0, to: count, by: 64) {
                try control.checkpoint()
                body(start..<min(start + 64, count))
            }
            return
        }
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            body(count * thread / threads..<count * (thread + 1) / threads)
        }
    }

    /// Rotated rows in 8 bits: all that is needed of them is the signs of differences, and their lengths.
    func rotateRows(control: QueryControl) throws {
        for start in stride(from: 0, to: segment.count, by: 1 << 16) {
            try control.checkpoint()
            try inParallel(min(1 << 16, segment.count - start), control) { [self] range in
                let row = UnsafeMutablePointer<Float>.allocate(capacity: rotation.width)
                defer { row.deallocate() }
                for ordinal in (start + range.lowerBound)..<(start + range.upperBound) {
                    rotation.rotate(segment.vector(at: ordinal), into: row)
                    scales[ordinal] = RowQuantizer.quantize(rotated: row, rotation.width, into: rotated + ordinal * rotation.width)
                    if builder.options.quantization == .int4 {
                        tandem_encode_4bit(
                            rotated + ordinal * rotation.width, scales[ordinal], rotation.width, ownCodes + ordinal * rotation.width / 2, &ownSlopes[ordinal])
                    }
                }
            }
        }
    }

    func encodeAll(control: QueryControl, _ append: (UnsafeRawBufferPointer) -> Void) throws {
        for start in stride(from: 0, to: segment.count, by: Self.nodesAtOnce) {
            try control.checkpoint()
            let count = min(Self.nodesAtOnce, segment.count - start)
            chunk.initializeMemory(as: UInt8.self, repeating: 0, count: count * nodeBytes)
            try inParallel(count, control) { [self] range in
                for index in range { encode(start + index, at: chunk + index * nodeBytes) }
            }
            append(UnsafeRawBufferPointer(start: chunk, count: count * nodeBytes))
        }
    }

    private func encode(_ ordinal: Int, at place: UnsafeMutableRawPointer) {
        typealias Node = GraphFormat.Node
        let neighbours = builder.neighbours(of: ordinal)
        let codes = (place + Node.codes(builder.options.quantization)).assumingMemoryBound(to: UInt8.self)
        var slopes = [Float](repeating: 0, count: GraphFormat.neighbours)
        var offsets = [Float](repeating: 0, count: GraphFormat.neighbours)
        let width = rotation.width
        for slot in 0..<GraphFormat.neighbours {
            guard slot < neighbours.count else {
                // Itself: it has been visited whenever its neighbours are looked at.
                (place + Node.neighbours).storeBytes(of: UInt32(ordinal), toByteOffset: 4 * slot, as: UInt32.self)
                continue
            }
            let neighbour = Int(neighbours[slot])
            switch builder.options.quantization {
            case .binary:
                tandem_encode_neighbour(
                    rotated + ordinal * width, scales[ordinal], rotated + neighbour * width, scales[neighbour], width, slot, codes, &slopes[slot],
                    &offsets[slot])
            case .int4: slopes[slot] = ownSlopes[neighbour]
            }
            (place + Node.neighbours).storeBytes(of: UInt32(neighbour), toByteOffset: 4 * slot, as: UInt32.self)
        }
        let slopeUnit = SharedUnit.quantize(slopes, to: place + Node.slopes)
        var offsetUnit: Float = 0
        switch builder.options.quantization {
        case .binary: offsetUnit = SharedUnit.quantize(offsets, to: place + Node.offsets)
        case .int4: codes.update(from: ownCodes + ordinal * width / 2, count: width / 2)
        }
        place.storeBytes(of: segment.scales[ordinal], toByteOffset: Node.scale, as: Float.self)
        place.storeBytes(of: segment.residuals[ordinal], toByteOffset: Node.residual, as: Float.self)
        place.storeBytes(of: segment.norms[ordinal], toByteOffset: Node.norm, as: Float.self)
        place.storeBytes(of: segment.documents[ordinal], toByteOffset: Node.document, as: UInt32.self)
        place.storeBytes(of: slopeUnit, toByteOffset: Node.slopeUnit, as: Float.self)
        place.storeBytes(of: offsetUnit, toByteOffset: Node.offsetUnit, as: Float.self)
        place.storeBytes(of: UInt32(neighbours.count), toByteOffset: Node.degree, as: UInt32.self)
    }
}
