import CKernels

/// The query as a graph's estimates need it: rotated, as tables of sums of four components, or in 8 bits.
final class GraphQuery: Sendable {
    // SAFETY: written in init, freed in deinit, only read between.
    private nonisolated(unsafe) let storage: UnsafeMutableRawPointer
    /// Its pointer lives as long as this object.
    nonisolated(unsafe) let kernel: Kernel

    enum Kernel {
        case binary(tandem_sign_query)
        case int4(tandem_query_4bit)
    }

    /// - Parameter query: [dimension], prepared as the metric demands.
    init(_ query: [Float], rotation: Rotation, _ quantization: GraphQuantization) {
        let width = rotation.width
        let codeBytes = (width / 2 + 63) & ~63
        let tableBytes = quantization == .binary ? 12 * width : 2 * codeBytes
        storage = .allocate(byteCount: tableBytes + 4 * width, alignment: 64)
        let rotated = (storage + tableBytes).bindMemory(to: Float.self, capacity: width)
        query.withUnsafeBufferPointer { rotation.rotate($0, into: rotated) }
        switch quantization {
        case .binary:
            let tables = storage.bindMemory(to: UInt8.self, capacity: tableBytes)
            var base: Float = 0
            var step: Float = 0
            tandem_sign_query_fill(rotated, width, tables, &base, &step)
            kernel = .binary(tandem_sign_query(tables: tables, n: width, base: base, step: step))
        case .int4:
            let codes = storage.bindMemory(to: Int8.self, capacity: tableBytes)
            var offset: Int32 = 0
            var scale: Float = 0
            tandem_query_4bit_fill(rotated, width, codes, &offset, &scale)
            kernel = .int4(tandem_query_4bit(codes: codes, bytes: codeBytes, offset: offset, scale: scale))
        }
    }

    deinit { storage.deallocate() }
}
