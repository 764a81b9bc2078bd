public import SearchCore

/// One log record as bytes, for tests, fuzzing and tools that look into a store; the store itself goes through the same code.
public enum LogRecord {
    /// - Parameter change: an upsert's document must have passed ``DocumentValidation/check(_:)``.
    public static func encode(
        _ change: LoggedOperation.Change, sequence: SequenceNumber, previous: SequenceNumber?, committedMicroseconds: Int64
    ) -> [UInt8] {
        let (kind, body): (OperationCodec.Kind, [UInt8]) =
            switch change {
            case .upsert(let document): (.upsert, OperationCodec.encodeBody(document))
            case .delete(let id): (.delete, OperationCodec.encodeBody(deletionOf: id))
            }
        let header = OperationCodec.header(kind, previous: previous, committedMicroseconds: committedMicroseconds)
        var writer = ByteWriter(capacity: header.count + body.count + OperationCodec.checksumBytes)
        writer.append(bytes: header)
        writer.append(bytes: body)
        writer.append(OperationCodec.checksum(key: StoreKeys.sequence(sequence), header: header, body: body))
        return writer.bytes
    }

    /// - Parameter path: the store's, for messages.
    /// - Throws: `DATA_LOSS` naming the sequence and the store; `FAILED_PRECONDITION` for a record of a newer version.
    public static func decode(_ bytes: [UInt8], sequence: SequenceNumber, path: String) throws -> LoggedOperation {
        try bytes.withUnsafeBytes { try OperationCodec.decode($0, sequence: sequence, path: path) }
    }
}
