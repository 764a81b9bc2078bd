/// Small groups of numbers as 16-bit multiples of a unit that they share.
enum SharedUnit {
    /// - Parameters:
    ///   - values: what is not finite becomes 0.
    ///   - place: room for two bytes a value; written.
    /// - Returns: the unit: the largest magnitude is 32,767 of it.
    static func quantize(_ values: [Float], to place: UnsafeMutableRawPointer) -> Float {
        var largest: Float = 0
        for value in values where value.isFinite { largest = max(largest, abs(value)) }
        let unit = largest / 32_767
        for (slot, value) in values.enumerated() {
            let code = unit > 0 && value.isFinite ? (value / unit).rounded(.toNearestOrEven) : 0
            place.storeBytes(of: Int16(max(-32_767, min(32_767, code))), toByteOffset: 2 * slot, as: Int16.self)
        }
        return unit
    }
}
