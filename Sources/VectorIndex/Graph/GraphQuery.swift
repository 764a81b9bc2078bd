import CKernels

/// The query as a graph's estimates need it: rotated, as tables of sums of four components.
final class GraphQuery: Sendable {
    // SAFETY: written in init, freed in deinit, only read between.
    private nonisolated(unsafe) let storage: UnsafeMutableRawPointer
    /// Its pointer lives as long as this object.
    nonisolated(unsafe) let kernel: tandem_sign_query

    /// - Parameter query: [dimension], prepared as the metric demands.
    init(_ query: [Float], rotation: Rotation) {
        let tableBytes = 8 * rotation.width
        storage = .allocate(byteCount: tableBytes + 4 * rotation.width, alignment: 64)
        let rotated = (storage + tableBytes).bindMemory(to: Float.self, capacity: rotation.width)
        let tables = storage.bindMemory(to: UInt8.self, capacity: tableBytes)
        query.withUnsafeBufferPointer { rotation.rotate($0, into: rotated) }
        var base: Float = 0
        var step: Float = 0
        tandem_sign_query_fill(rotated, rotation.width, tables, &base, &step)
        kernel = tandem_sign_query(tables: tables, n: rotation.width, base: base, step: step)
    }

    deinit { storage.deallocate() }
}
