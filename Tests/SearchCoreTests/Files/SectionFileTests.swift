import SearchCore
import Testing

private let kind = SectionFile.Kind("TEST", version: 3)

private func sample(_ kind: SectionFile.Kind = kind) -> [UInt8] {
    var writer = SectionFileWriter(kind: kind)
    writer.append(section: 7, [1, 2, 3])
    writer.append(section: 2, array: [10, 20, 30] as [UInt32])
    writer.append(section: 9, [])
    writer.append(section: 1, [UInt8](repeating: 0xAB, count: 130))
    return writer.finish()
}

private func open(_ bytes: [UInt8], _ kind: SectionFile.Kind = kind) throws -> SectionFile {
    try SectionFile(MappedFile(copying: bytes, name: "sample"), kind: kind)
}

/// Changes bytes of the header or the directory and repairs the checksums, as a hostile writer would.
private func repaired(_ bytes: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var bytes = bytes
    change(&bytes)
    func put(_ value: UInt32, _ at: Int) { withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(at..<(at + 4), with: $0) } }
    let trailer = bytes.count - SectionFile.trailerBytes
    let directory = bytes[trailer..<(trailer + 8)].enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
    if (0...trailer).contains(directory) { put(CRC32C.checksum(Array(bytes[directory..<trailer])), trailer + 12) }
    put(CRC32C.checksum(Array(bytes[..<SectionFile.headerBytes])), trailer + 16)
    return bytes
}

private var directoryStart: Int { sample().count - SectionFile.trailerBytes - 4 * SectionFile.directoryEntryBytes }

@Suite struct SectionFileTests {
    @Test("sections come back, 64-byte aligned, in any order, empty ones too")
    func roundTrip() throws {
        let file = try open(sample())
        #expect(try file.required(7).elementsEqual([1, 2, 3]))
        #expect(try file.array(2, of: UInt32.self, count: 3).elementsEqual([10, 20, 30]))
        #expect(try file.required(9).isEmpty)
        #expect(try file.required(1).count == 130)
        #expect(file.byteCount == sample().count && file.name == "sample")
        for id in [7, 2, 1] as [UInt32] { #expect(Int(bitPattern: file.section(id)!.baseAddress) % 64 == 0) }
    }

    @Test("a section that comes in pieces is the same as one appended whole, whatever capacity was foreseen", arguments: [0, 10, 10_000])
    func pieces(_ capacity: Int) throws {
        var writer = SectionFileWriter(kind: kind, capacity: capacity)
        writer.append(section: 7) { append in
            for byte in [1, 2, 3] as [UInt8] { withUnsafeBytes(of: byte) { append($0) } }
        }
        writer.append(section: 2, array: [10, 20, 30] as [UInt32])
        writer.append(section: 9) { _ in }
        writer.append(section: 1) { append in
            for count in [100, 0, 30] { [UInt8](repeating: 0xAB, count: count).withUnsafeBytes { append($0) } }
        }
        #expect(writer.finish() == sample())
    }

    @Test("writing and opening ask every few megabytes whether they are still wanted")
    func checkpoints() throws {
        struct Enough: Error {}
        let large = [UInt8](repeating: 7, count: 3 * SectionFile.pieceBytes + 1)
        var asked = 0
        var writer = SectionFileWriter(kind: kind)
        writer.append(section: 1, array: large) { asked += 1 }
        #expect(asked == 4)
        let bytes = writer.finish()
        let file = MappedFile(copying: bytes)
        asked = 0
        let opened = try SectionFile(file, kind: kind) { asked += 1 }
        #expect(asked == 4 && opened.section(1)?.count == large.count)
        asked = 0
        func giveUp() throws {
            asked += 1
            if asked == 2 { throw Enough() }
        }
        #expect(throws: Enough.self) { try SectionFile(file, kind: kind, checkpoint: giveUp) }
        var other = SectionFileWriter(kind: kind)
        asked = 0
        #expect(throws: Enough.self) { try other.append(section: 1, array: large, checkpoint: giveUp) }
    }

    @Test("a file without sections is legal")
    func noSections() throws {
        var writer = SectionFileWriter(kind: kind)
        let file = try open(writer.finish())
        #expect(file.section(1) == nil)
    }

    @Test("a missing section is nil, or damage where it is required")
    func missing() throws {
        let file = try open(sample())
        #expect(file.section(3) == nil)
        #expect(throws: TandemError(.dataLoss, "")) { try file.required(3) }
    }

    @Test("an array of another length is damage, not an overflow", arguments: [0, 2, 4, -1, Int.max, Int.max / 4 + 2])
    func wrongLength(_ count: Int) throws {
        let file = try open(sample())
        #expect(throws: TandemError(.dataLoss, "")) { try file.array(2, of: UInt32.self, count: count) }
    }

    @Test("every flipped bit is noticed")
    func everyFlip() {
        let good = sample()
        for at in good.indices {
            for bit in 0..<8 {
                var bad = good
                bad[at] ^= 1 << UInt8(bit)
                #expect(throws: TandemError.self, "byte \(at), bit \(bit)") { try open(bad) }
            }
        }
    }

    @Test("every truncation and every appended byte is noticed")
    func everyTruncation() {
        let good = sample()
        for length in good.indices { #expect(throws: TandemError.self, "\(length) bytes") { try open(Array(good[..<length])) } }
        #expect(throws: TandemError.self) { try open(good + [0]) }
    }

    @Test("another kind, or a newer version, is not damage but the wrong file")
    func otherKind() throws {
        #expect(throws: TandemError(.failedPrecondition, "")) { try open(sample(.init("ELSE", version: 3))) }
        #expect(throws: TandemError(.failedPrecondition, "")) { try open(sample(.init("TEST", version: 4))) }
        #expect(throws: TandemError(.failedPrecondition, "")) { try open(sample(.init("TEST", version: 0))) }
        _ = try open(sample(.init("TEST", version: 2)))
        // One that is no longer read has to be built anew, as what is lost has.
        let recent = SectionFile.Kind("TEST", version: 3, oldest: 3)
        #expect(throws: TandemError(.dataLoss, "")) { try SectionFile(MappedFile(copying: sample(.init("TEST", version: 2))), kind: recent) }
        _ = try SectionFile(MappedFile(copying: sample(.init("TEST", version: 3))), kind: recent)
    }

    @Test("a message names file and place")
    func message() {
        var bad = sample()
        bad[64] ^= 1
        do {
            _ = try open(bad)
            Issue.record("damage was not noticed")
        } catch {
            #expect("\(error)".contains("sample: section 7 at byte 64: checksum 0x"))
        }
    }

    @Test("a section moved off its alignment or over another is refused, though all checksums are right", arguments: [65, 0, 128, Int.max])
    func movedSection(_ offset: Int) {
        let bad = repaired(sample()) { bytes in
            withUnsafeBytes(of: UInt64(offset).littleEndian) { bytes.replaceSubrange((directoryStart + 8)..<(directoryStart + 16), with: $0) }
        }
        #expect(throws: TandemError(.dataLoss, "")) { try open(bad) }
    }

    @Test("random damage with repaired checksums never crashes")
    func fuzz() {
        var random = SeededGenerator()
        let good = sample()
        for _ in 0..<20_000 {
            let bad = repaired(good) { bytes in
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    // Mostly where the structure is: header, directory, trailer.
                    let at =
                        Bool.random(using: &random)
                        ? Int.random(in: directoryStart..<bytes.count, using: &random) : bytes.indices.randomElement(using: &random)!
                    bytes[at] = .random(in: 0...255, using: &random)
                }
            }
            guard let file = try? open(bad) else { continue }
            for id in 0..<12 as Range<UInt32> { _ = file.section(id)?.reduce(0 as UInt8, ^) }
        }
    }

    @Test("random bytes are refused")
    func randomBytes() {
        var random = SeededGenerator()
        for _ in 0..<1000 {
            let bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(throws: TandemError.self) { try open(bytes) }
        }
    }
}
