/// Buffers of one scan: what the kernels write for a block of rows. One per call; freed with it.
final class ScanScratch {
    let dots: UnsafeMutablePointer<Int32>
    let index: UnsafeMutablePointer<UInt32>
    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    /// Of rows picked one by one: their ordinals, and their bounds' parts side by side.
    private(set) var ordinals: UnsafeMutablePointer<UInt32>
    /// Ordinals of rows that are on their way from memory.
    private(set) var awaited: UnsafeMutablePointer<UInt32>
    let scales: UnsafeMutablePointer<Float>
    let residuals: UnsafeMutablePointer<Float>
    let norms: UnsafeMutablePointer<Float>

    init(rows: Int) {
        // The selecting kernels store whole registers, of up to sixteen.
        let room = rows + 16
        dots = .allocate(capacity: room)
        index = .allocate(capacity: room)
        lower = .allocate(capacity: room)
        upper = .allocate(capacity: room)
        ordinals = .allocate(capacity: room)
        awaited = .allocate(capacity: room)
        scales = .allocate(capacity: room)
        residuals = .allocate(capacity: room)
        norms = .allocate(capacity: room)
    }

    func swapOrdinals() { swap(&ordinals, &awaited) }

    deinit {
        dots.deallocate()
        index.deallocate()
        lower.deallocate()
        upper.deallocate()
        ordinals.deallocate()
        awaited.deallocate()
        scales.deallocate()
        residuals.deallocate()
        norms.deallocate()
    }
}
