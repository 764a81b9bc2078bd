/// Buffers of one scan: what the kernels write for a block of rows. One per call; freed with it.
final class ScanScratch {
    let dots: UnsafeMutablePointer<Int32>
    let index: UnsafeMutablePointer<UInt32>
    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    /// Of rows picked one by one: their ordinals, and their bounds' parts side by side.
    let ordinals: UnsafeMutablePointer<UInt32>
    let scales: UnsafeMutablePointer<Float>
    let residuals: UnsafeMutablePointer<Float>
    let norms: UnsafeMutablePointer<Float>
    /// Of the rows of one block of 1-bit codes.
    let estimates: UnsafeMutablePointer<Float>

    init(rows: Int) {
        // Eight more than rows: the selecting kernel stores whole registers.
        let room = rows + 8
        dots = .allocate(capacity: room)
        index = .allocate(capacity: room)
        lower = .allocate(capacity: room)
        upper = .allocate(capacity: room)
        ordinals = .allocate(capacity: room)
        scales = .allocate(capacity: room)
        residuals = .allocate(capacity: room)
        norms = .allocate(capacity: room)
        estimates = .allocate(capacity: SignCodes.blockRows)
    }

    deinit {
        dots.deallocate()
        index.deallocate()
        lower.deallocate()
        upper.deallocate()
        ordinals.deallocate()
        scales.deallocate()
        residuals.deallocate()
        norms.deallocate()
        estimates.deallocate()
    }
}
