import CKernels
import Testing

@Suite("Unpack kernels")
struct UnpackTests {
    static let levels = (0..<Int32(TANDEM_UNPACK_LEVELS)).filter { tandem_unpack_level($0) != nil }

    @Test("every width on every instruction set gives back what was packed, and the running sums", arguments: 0...32)
    func roundTrip(bits: Int) {
        var random = TestRandom(seed: UInt64(bits))
        for round in 0..<20 {
            let mask = bits == 32 ? UInt32.max : UInt32(1) << UInt32(bits) - 1
            let values = (0..<128).map { _ in round == 0 ? mask : UInt32.random(in: 0...mask, using: &random) }
            // The block lies at an odd address, and is followed by exactly the slack that kernels may read.
            var packed = [UInt8](repeating: 0xA5, count: 1 + 16 * bits + Int(TANDEM_UNPACK_SLACK))
            packed.withUnsafeMutableBufferPointer { tandem_pack(values, UInt32(bits), $0.baseAddress! + 1) }
            #expect(packed[0] == 0xA5 && packed[(1 + 16 * bits)...].allSatisfy { $0 == 0xA5 })
            let previous = round % 2 == 0 ? UInt32.max : UInt32.random(in: 0...1000, using: &random)
            var sum = previous
            let sums = values.map { value in
                sum = sum &+ value &+ 1
                return sum
            }
            for level in Self.levels {
                let kernels = tandem_unpack_level(level).pointee
                var out = [UInt32](repeating: 7, count: 129)
                packed.withUnsafeBufferPointer { kernels.unpack($0.baseAddress! + 1, UInt32(bits), 5, &out) }
                #expect(out[..<128].elementsEqual(values.map { $0 &+ 5 }) && out[128] == 7, "\(String(cString: kernels.name))")
                packed.withUnsafeBufferPointer { kernels.unpack_delta($0.baseAddress! + 1, UInt32(bits), previous, &out) }
                #expect(out[..<128].elementsEqual(sums) && out[128] == 7, "\(String(cString: kernels.name))")
            }
        }
    }

    @Test("the best level of this processor is in use")
    func best() {
        var out = [UInt32](repeating: 0, count: 128)
        tandem_unpack([], 0, 3, &out)
        #expect(out.allSatisfy { $0 == 3 })
        #expect(!Self.levels.isEmpty)
    }
}
