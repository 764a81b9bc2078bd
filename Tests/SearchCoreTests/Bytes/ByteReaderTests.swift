import SearchCore
import Testing

private func read<T>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> T) rethrows -> T {
    try bytes.withUnsafeBytes {
        var reader = ByteReader($0, name: "test")
        return try body(&reader)
    }
}

@Suite struct ByteReaderTests {
    @Test("integers, floats, varints, texts come back as they were written")
    func roundTrip() throws {
        var random = SeededGenerator()
        for _ in 0..<200 {
            let byte = UInt8.random(in: 0...255, using: &random)
            let short = UInt16.random(in: 0 ... .max, using: &random)
            let wide = UInt64.random(in: 0 ... .max, using: &random) >> UInt64.random(in: 0..<64, using: &random)
            let signed = Int64.random(in: .min ... .max, using: &random)
            let double = Double(bitPattern: .random(in: 0 ... .max, using: &random))
            let float = Float(bitPattern: .random(in: 0 ... .max, using: &random))
            let text = String((0..<Int.random(in: 0..<200, using: &random)).map { _ in "aß語🙂".randomElement(using: &random)! })
            var writer = ByteWriter()
            writer.append(byte)
            writer.append(short)
            writer.appendVarint(wide)
            writer.append(signed)
            writer.append(double)
            writer.append(float)
            writer.appendCounted(text)
            writer.appendCounted([byte, byte])
            try read(writer.bytes) { (reader: inout ByteReader) throws in
                #expect(try reader.read(UInt8.self) == byte)
                #expect(try reader.read(UInt16.self) == short)
                #expect(try reader.readVarint() == wide)
                #expect(try reader.read(Int64.self) == signed)
                #expect(try reader.readDouble().bitPattern == double.bitPattern)
                #expect(try reader.readFloat().bitPattern == float.bitPattern)
                #expect(try reader.readCountedString() == text)
                #expect(try reader.readCountedBytes().elementsEqual([byte, byte]))
                #expect(reader.isAtEnd && reader.remaining == 0)
            }
        }
    }

    @Test("integers are little-endian")
    func littleEndian() {
        var writer = ByteWriter()
        writer.append(0x0403_0201 as UInt32)
        #expect(writer.bytes == [1, 2, 3, 4])
    }

    @Test(
        "varints at the edges of their lengths",
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7F]), (128, [0x80, 1]), (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 1]),
            (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        ] as [(UInt64, [UInt8])])
    func varintEdges(_ value: UInt64, _ bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.appendVarint(value)
        #expect(writer.bytes == bytes)
        #expect(try read(bytes) { try $0.readVarint() } == value)
    }

    @Test(
        "hostile varints are errors",
        arguments: [
            [], [0x80], [0xFF, 0xFF],
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 2],  // bit 65
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0],  // eleven bytes
            [UInt8](repeating: 0x80, count: 100),
        ] as [[UInt8]])
    func hostileVarints(_ bytes: [UInt8]) {
        #expect(throws: TandemError(.dataLoss, "")) { try read(bytes) { try $0.readVarint() } }
    }

    @Test("every read past the end is an error and leaves the reader where it was")
    func pastTheEnd() {
        read([1, 2, 3]) { reader in
            #expect(throws: TandemError(.dataLoss, "")) { try reader.read(UInt32.self) }
            #expect(throws: TandemError(.dataLoss, "")) { try reader.readDouble() }
            #expect(throws: TandemError(.dataLoss, "")) { try reader.readBytes(4) }
            #expect(throws: TandemError(.dataLoss, "")) { try reader.readBytes(-1) }
            #expect(throws: TandemError(.dataLoss, "")) { try reader.readBytes(.max) }
            #expect(reader.offset == 0 && reader.remaining == 3)
        }
    }

    @Test("a count may not promise more than the bytes that are left", arguments: [(4, 1, true), (5, 1, false), (2, 2, true), (3, 2, false)])
    func counts(_ count: UInt64, _ unit: Int, _ fits: Bool) {
        var writer = ByteWriter()
        writer.appendVarint(count)
        writer.append(bytes: [0, 0, 0, 0])
        #expect((try? read(writer.bytes) { try $0.readCount(unit: unit) }) == (fits ? Int(count) : nil))
    }

    @Test("a count of 2^64 - 1 is an error, not an overflow", arguments: [0, 1, 8])
    func hugeCount(_ unit: Int) {
        var writer = ByteWriter()
        writer.appendVarint(UInt64.max)
        #expect(throws: TandemError(.dataLoss, "")) { try read(writer.bytes) { try $0.readCount(unit: unit) } }
    }

    @Test("ill-formed UTF-8 is an error", arguments: [[0xC0, 0x80], [0xED, 0xA0, 0x80], [0xFF], [0xE2, 0x82]] as [[UInt8]])
    func illFormedText(_ text: [UInt8]) {
        var writer = ByteWriter()
        writer.appendCounted(text)
        #expect(throws: TandemError(.dataLoss, "")) { try read(writer.bytes) { try $0.readCountedString() } }
    }

    @Test("a NUL inside a text stays")
    func embeddedNul() throws {
        var writer = ByteWriter()
        writer.appendCounted("a\0b")
        #expect(try read(writer.bytes) { try $0.readCountedString() } == "a\0b")
    }

    @Test("random bytes never crash a reader")
    func randomBytes() {
        var random = SeededGenerator()
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            read(bytes) { reader in
                while !reader.isAtEnd {
                    let before = reader.offset
                    switch UInt8.random(in: 0..<6, using: &random) {
                    case 0: _ = try? reader.read(UInt32.self)
                    case 1: _ = try? reader.readVarint()
                    case 2: _ = try? reader.readCount(unit: 3)
                    case 3: _ = try? reader.readCountedString()
                    case 4: _ = try? reader.readCountedBytes()
                    default: _ = try? reader.read(UInt8.self)
                    }
                    #expect(reader.offset >= before && reader.offset <= bytes.count)
                }
            }
        }
    }
}

@Suite struct ByteWriterTests {
    @Test("aligning fills with zeros, and does nothing where it fits", arguments: [(0, 0), (1, 64), (63, 64), (64, 64), (65, 128)])
    func align(_ count: Int, _ aligned: Int) {
        var writer = ByteWriter()
        writer.append(bytes: [UInt8](repeating: 7, count: count))
        writer.align(to: 64)
        #expect(writer.count == aligned && writer.bytes[count...].allSatisfy { $0 == 0 })
    }
}
