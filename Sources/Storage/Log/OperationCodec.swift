import SearchCore

/// Bytes of a log record; docs/formats/log-operation.md.
///
/// ```
/// record = version u8, kind u8, previous u64, committed i64, body, crc32c u32
/// body   = id, [fields of the document]
/// ```
/// The checksum covers the record's key (its sequence number) too, so that a record cannot pass for another one. The body is
/// encoded when a batch is submitted, on the caller's thread; the committer adds the header and the checksum.
enum OperationCodec {
    static let version: UInt8 = 1
    static let headerBytes = 18
    static let checksumBytes = 4

    /// On disk: never renumber; 0 is invalid.
    enum Kind: UInt8 {
        case upsert = 1
        case delete = 2
    }

    // MARK: Encoding

    static func encodeBody(deletionOf id: String) -> [UInt8] {
        var writer = ByteWriter(capacity: id.utf8.count + 2)
        writer.appendCounted(id)
        return writer.bytes
    }

    /// The document has passed ``DocumentValidation``, so every attribute has values of one type.
    static func encodeBody(_ document: Document) -> [UInt8] {
        var writer = ByteWriter(capacity: estimatedBytes(document))
        writer.appendCounted(document.id)
        writer.appendVarint(document.texts.count)
        for (name, text) in document.texts {
            writer.appendCounted(name)
            writer.appendCounted(text)
        }
        writer.appendVarint(document.attributes.count)
        for (name, values) in document.attributes {
            writer.appendCounted(name)
            // 0: a field that was sent without values has no type.
            writer.append(values.first?.type.rawValue ?? 0)
            writer.appendVarint(values.count)
            for value in values {
                switch value {
                case .keyword(let text): writer.appendCounted(text)
                case .int64(let number): writer.append(number)
                case .float64(let number): writer.append(number)
                case .bool(let flag): writer.append(flag ? 1 : 0 as UInt8)
                case .timestamp(let microseconds): writer.append(microseconds)
                }
            }
        }
        writer.appendVarint(document.vectors.count)
        for (name, values) in document.vectors {
            writer.appendCounted(name)
            writer.appendVarint(values.count)
            writer.append(floats: values)
        }
        return writer.bytes
    }

    /// Close to the length of the body, never a cause of failure.
    static func estimatedBytes(_ document: Document) -> Int {
        var bytes = document.id.utf8.count + 16
        for (name, text) in document.texts { bytes += name.utf8.count + text.utf8.count + 8 }
        for (name, values) in document.attributes {
            bytes += name.utf8.count + 8
            for value in values {
                if case .keyword(let text) = value { bytes += text.utf8.count + 3 } else { bytes += 8 }
            }
        }
        for (name, values) in document.vectors { bytes += name.utf8.count + values.count * 4 + 8 }
        return bytes
    }

    static func header(_ kind: Kind, previous: SequenceNumber?, committedMicroseconds: Int64) -> [UInt8] {
        var writer = ByteWriter(capacity: headerBytes)
        writer.append(version)
        writer.append(kind.rawValue)
        writer.append(previous?.rawValue ?? 0)
        writer.append(committedMicroseconds)
        return writer.bytes
    }

    /// CRC-32C over the key and the parts before the checksum.
    static func checksum(key: [UInt8], header: [UInt8], body: [UInt8]) -> UInt32 {
        CRC32C.checksum(body, seed: CRC32C.checksum(header, seed: CRC32C.checksum(key)))
    }

    // MARK: Decoding

    /// A record whose checksum matched: its header, and a reader that stands at the body.
    struct Opened {
        let kind: Kind
        let previous: SequenceNumber?
        let committedMicroseconds: Int64
        var body: ByteReader
    }

    static func name(_ sequence: SequenceNumber, _ path: String) -> String { "store \(path): log entry \(sequence)" }

    /// Checks the checksum and reads the header.
    /// - Throws: `DATA_LOSS` naming the sequence and the store; `FAILED_PRECONDITION` for a newer version.
    static func open(_ record: UnsafeRawBufferPointer, sequence: SequenceNumber, path: String) throws -> Opened {
        // Made for errors only: every entry that is read comes through here.
        var name: String { Self.name(sequence, path) }
        guard record.count >= headerBytes + checksumBytes else {
            throw TandemError.damaged(name, "\(record.count) bytes, expected at least \(headerBytes + checksumBytes)")
        }
        let end = record.count - checksumBytes
        let expected = UInt32(littleEndian: record.loadUnaligned(fromByteOffset: end, as: UInt32.self))
        let content = UnsafeRawBufferPointer(rebasing: record[0..<end])
        let found = withUnsafeBytes(of: sequence.rawValue.bigEndian) { CRC32C.checksum(content, seed: CRC32C.checksum($0)) }
        guard found == expected else {
            throw TandemError.damaged(name, "checksum 0x\(String(found, radix: 16)), expected 0x\(String(expected, radix: 16))")
        }
        var reader = ByteReader(content, name: name)
        let version: UInt8 = try reader.read()
        guard version == Self.version else {
            throw TandemError(.failedPrecondition, "\(name): record version \(version), this build reads \(Self.version): use the newer build")
        }
        let rawKind: UInt8 = try reader.read()
        guard let kind = Kind(rawValue: rawKind) else { throw TandemError.damaged(name, "unknown kind of operation \(rawKind)") }
        let previous: UInt64 = try reader.read()
        guard previous < sequence.rawValue else {
            throw TandemError.damaged(name, "supersedes entry \(previous), which is not before it")
        }
        return Opened(
            kind: kind, previous: previous == 0 ? nil : SequenceNumber(previous), committedMicroseconds: try reader.read(), body: reader)
    }

    static func decode(_ record: UnsafeRawBufferPointer, sequence: SequenceNumber, path: String) throws -> LoggedOperation {
        var opened = try open(record, sequence: sequence, path: path)
        let change: LoggedOperation.Change =
            switch opened.kind {
            case .delete: .delete(id: try opened.body.readCountedString())
            case .upsert: .upsert(try decodeDocument(&opened.body))
            }
        guard opened.body.isAtEnd else {
            throw TandemError.damaged(opened.body.name, "\(opened.body.remaining) bytes too many")
        }
        return LoggedOperation(change, previous: opened.previous, committedMicroseconds: opened.committedMicroseconds)
    }

    /// Only the id, without building the document.
    static func decodeID(_ record: UnsafeRawBufferPointer, sequence: SequenceNumber, path: String) throws -> String {
        var opened = try open(record, sequence: sequence, path: path)
        return try opened.body.readCountedString()
    }

    private static func decodeDocument(_ reader: inout ByteReader) throws -> Document {
        var document = Document(id: try reader.readCountedString())
        let texts = try reader.readCount(unit: 2)
        document.texts.reserveCapacity(texts)
        for _ in 0..<texts {
            document.texts.append((name: try reader.readCountedString(), text: try reader.readCountedString()))
        }
        let attributes = try reader.readCount(unit: 3)
        document.attributes.reserveCapacity(attributes)
        for _ in 0..<attributes {
            document.attributes.append((name: try reader.readCountedString(), values: try decodeValues(&reader)))
        }
        let vectors = try reader.readCount(unit: 2)
        document.vectors.reserveCapacity(vectors)
        for _ in 0..<vectors {
            let name = try reader.readCountedString()
            let raw = try reader.readBytes(try reader.readCount(unit: 4) * 4)
            document.vectors.append((name: name, values: floats(raw)))
        }
        return document
    }

    private static func decodeValues(_ reader: inout ByteReader) throws -> [FieldValue] {
        let rawType: UInt8 = try reader.read()
        let type = ValueType(rawValue: rawType)
        let count = try reader.readCount()
        guard type != nil || (rawType == 0 && count == 0) else {
            throw TandemError.damaged(reader.name, "at byte \(reader.offset): unknown value type \(rawType)")
        }
        guard let type else { return [] }
        var values: [FieldValue] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            switch type {
            case .keyword: values.append(.keyword(try reader.readCountedString()))
            case .int64: values.append(.int64(try reader.read()))
            case .float64: values.append(.float64(try reader.readDouble()))
            case .bool: values.append(.bool(try reader.read(UInt8.self) != 0))
            case .timestamp: values.append(.timestamp(microseconds: try reader.read()))
            }
        }
        return values
    }

    /// Little-endian f32; `raw.count` is a multiple of 4.
    static func floats(_ raw: UnsafeRawBufferPointer) -> [Float] {
        [Float](unsafeUninitializedCapacity: raw.count / 4) { buffer, count in
            count = raw.count / 4
            for i in 0..<count {
                buffer[i] = Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self)))
            }
        }
    }
}
