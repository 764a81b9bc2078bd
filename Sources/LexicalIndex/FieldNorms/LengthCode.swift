/// A length in one byte, rounded down: for upper bounds of scores, since a shorter text never scores less.
///
/// Exact up to 31; above, four bits behind the leading one, so at most 1/16 too short.
struct LengthCode: RawRepresentable, Sendable {
    /// Codes that a u16 length may have.
    static let count = 208

    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(of length: UInt16) {
        guard length >= 32 else {
            rawValue = UInt8(length)
            return
        }
        let exponent = 15 - length.leadingZeroBitCount
        rawValue = UInt8((exponent - 3) * 16 + Int(length >> UInt16(exponent - 4)) - 16)
    }

    /// The least length of this code.
    var lengthMin: Int {
        let code = Int(rawValue)
        guard code >= 32 else { return code }
        return (16 + code % 16) << (code / 16 - 1)
    }
}
