import SearchCore

/// A batch that was validated and encoded on its caller's thread, ready for the committer.
struct PreparedBatch: Sendable {
    struct Operation: Sendable {
        let id: [UInt8]
        /// See ``OperationCodec``.
        let body: [UInt8]
        let isDelete: Bool
        let condition: WriteOperation.Condition
    }

    let operations: [Operation]
    let idempotencyKey: [UInt8]?
    let fingerprint: BatchFingerprint
    /// Bytes that the batch adds to the log, and close to those it holds in memory.
    let bytes: Int
    let hasUpserts: Bool

    /// - Throws: `INVALID_ARGUMENT` naming the operation by its index.
    init(_ batch: WriteBatch, limits: Committer.CommitLimits) throws {
        guard batch.operations.count <= limits.batchOperationsMax else {
            throw TandemError.invalidArgument(
                "the batch has \(batch.operations.count) operations, at most \(limits.batchOperationsMax) are allowed: split it")
        }
        if let key = batch.idempotencyKey {
            guard (1...Committer.idempotencyKeyBytesMax).contains(key.utf8.count) else {
                throw TandemError.invalidArgument(
                    "the idempotency key has \(key.utf8.count) bytes, expected 1 to \(Committer.idempotencyKeyBytesMax)")
            }
        }
        var operations: [Operation] = []
        operations.reserveCapacity(batch.operations.count)
        var bytes = 0
        var checksum: UInt32 = 0
        var hasUpserts = false
        for (index, operation) in batch.operations.enumerated() {
            do {
                let prepared: Operation
                switch operation.kind {
                case .upsert(let document):
                    try DocumentValidation.check(document)
                    prepared = Operation(
                        id: Array(document.id.utf8), body: OperationCodec.encodeBody(document), isDelete: false, condition: operation.condition)
                    hasUpserts = true
                case .delete(let id):
                    try DocumentValidation.check(id: id)
                    guard operation.condition != .insertOnly else {
                        throw TandemError.invalidArgument("a delete cannot be insert_only")
                    }
                    prepared = Operation(
                        id: Array(id.utf8), body: OperationCodec.encodeBody(deletionOf: id), isDelete: true, condition: operation.condition)
                }
                operations.append(prepared)
                bytes += prepared.body.count + prepared.id.count + OperationCodec.headerBytes + OperationCodec.checksumBytes
                if batch.idempotencyKey != nil {
                    checksum = CRC32C.checksum(prepared.body, seed: CRC32C.checksum(prepared.conditionBytes, seed: checksum))
                }
            } catch var error as TandemError {
                error.message = "operation \(index): \(error.message)"
                throw error
            }
            guard bytes <= limits.batchBytesMax else {
                throw TandemError.invalidArgument("the batch has more than \(limits.batchBytesMax) bytes: split it")
            }
        }
        self.operations = operations
        self.bytes = bytes
        self.hasUpserts = hasUpserts
        idempotencyKey = batch.idempotencyKey.map { Array($0.utf8) }
        fingerprint = BatchFingerprint(checksum: checksum, bytes: UInt64(bytes), operations: UInt32(operations.count))
    }
}

extension PreparedBatch.Operation {
    /// Kind and condition, as they go into the batch's fingerprint.
    fileprivate var conditionBytes: [UInt8] {
        var writer = ByteWriter(capacity: 10)
        writer.append(isDelete ? 2 : 1 as UInt8)
        switch condition {
        case .none: writer.append(1 as UInt8)
        case .ifVersion(let version):
            writer.append(2 as UInt8)
            writer.append(version)
        case .insertOnly: writer.append(3 as UInt8)
        case .updateOnly: writer.append(4 as UInt8)
        }
        return writer.bytes
    }
}

/// Tells a batch from another one sent under the same idempotency key by mistake. Length, count and CRC-32C: a guard against
/// slips of a client, for which one miss in four thousand million is enough; not against forgery, by which a client could
/// only cheat itself.
struct BatchFingerprint: Sendable, Equatable {
    let checksum: UInt32
    let bytes: UInt64
    let operations: UInt32
}
