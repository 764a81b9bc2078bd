import SearchCore
import Testing

@Suite struct CRC32Tests {
    @Test(
        "known vectors; a seed continues where the first part ended",
        arguments: [
            ("123456789", 0xCBF4_3926), ("", 0), ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)])
    func vectors(_ text: String, _ expected: UInt32) {
        Array(text.utf8).withUnsafeBytes { bytes in
            #expect(CRC32.checksum(bytes) == expected)
            for cut in 0...bytes.count {
                let first = CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[..<cut]))
                #expect(CRC32.checksum(UnsafeRawBufferPointer(rebasing: bytes[cut...]), seed: first) == expected)
            }
        }
    }
}
