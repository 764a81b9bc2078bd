import SearchCore
import Testing

@Suite struct CRC32CTests {
    // The check value of the CRC catalogue, and the four of RFC 3720, appendix B.4.
    static let vectors: [([UInt8], UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([], 0),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0...31), 0x46DD_794E),
        (Array((0...31).reversed()), 0x113F_DB5C),
    ]

    @Test("known vectors", arguments: vectors)
    func knownVectors(_ bytes: [UInt8], _ expected: UInt32) { #expect(CRC32C.checksum(bytes) == expected) }

    @Test("a seed continues where the first part ended, at any cut and alignment")
    func continues() {
        var random = SeededGenerator()
        let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let whole = CRC32C.checksum(bytes)
        for cut in [0, 1, 7, 8, 63, 64, 65, 999, 1000] {
            #expect(CRC32C.checksum(Array(bytes[cut...]), seed: CRC32C.checksum(Array(bytes[..<cut]))) == whole)
            bytes.withUnsafeBytes {
                let first = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[..<cut]))
                #expect(CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[cut...]), seed: first) == whole)
            }
        }
    }

    @Test("equals the definition, bit by bit")
    func definition() {
        var random = SeededGenerator()
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            var register = UInt32.max
            for byte in bytes {
                register ^= UInt32(byte)
                for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0x82F6_3B78 : register >> 1 }
            }
            #expect(CRC32C.checksum(bytes) == ~register)
        }
    }
}
