public import SearchCore

/// Computed vectors, kept so that a vacuum or a restart copies them rather than embedding again.
///
/// They can be computed anew, so writing them does not wait for the disk: a power cut may take the last ones (not a killed
/// process), and a consumer that finds none embeds again.
extension DocumentStore {
    /// Vectors of one document version in one field: one per chunk, in order.
    public struct VectorEntry: Sendable, Equatable {
        public var sequence: SequenceNumber
        public var chunks: [[Float]]

        public init(sequence: SequenceNumber, chunks: [[Float]]) {
            self.sequence = sequence
            self.chunks = chunks
        }
    }

    /// Chunks of one document that may have a vector.
    public static let chunksMax = Int(UInt16.max) + 1

    /// Stores vectors, replacing what the same entries had. Entries whose log entry is gone (superseded and dropped while
    /// they were computed) or is a delete are left out.
    /// - Parameter model: the model's fingerprint, 1 to 128 bytes.
    /// - Parameter sync: wait until they are on the disk.
    /// - Returns: entries stored.
    @discardableResult
    public func putVectors(model: String, field: String, _ entries: [VectorEntry], sync: Bool = false) throws -> Int {
        let space = try Self.space(model, field)
        for entry in entries {
            guard entry.chunks.count <= Self.chunksMax, entry.chunks.allSatisfy({ (1...Limits.dimensionsMax).contains($0.count) }) else {
                throw TandemError.invalidArgument(
                    "vectors of entry \(entry.sequence): at most \(Self.chunksMax) chunks of 1 to \(Limits.dimensionsMax) dimensions are stored")
            }
        }
        return try maintenance.withLock { _ in
            try writing { database in
                let batch = RocksWriteBatch(for: database)
                var stored = 0
                for entry in entries {
                    let isUpsert = try database.get(.log, StoreKeys.sequence(entry.sequence)) {
                        try $0.map { try OperationCodec.open($0, sequence: entry.sequence, path: path).kind == .upsert } ?? false
                    }
                    guard isUpsert else { continue }
                    stored += 1
                    for (chunk, vector) in entry.chunks.enumerated() {
                        let key = StoreKeys.vector(space, entry.sequence, chunk: UInt16(chunk))
                        batch.put(.vectors, key, VectorValue.encode(vector, key: key))
                    }
                }
                if !batch.isEmpty { try write(database, batch, sync: sync) }
                return stored
            }
        }
    }

    /// Vectors of one entry, one per chunk; empty if none are stored.
    /// - Throws: `DATA_LOSS` naming the entry if their bytes are damaged.
    public func vectors(model: String, field: String, sequence: SequenceNumber) throws -> [[Float]] {
        let prefix = try Self.space(model, field) + StoreKeys.sequence(sequence)
        return try reading { database in
            var chunks: [[Float]] = []
            let iterator = database.iterator(.vectors)
            iterator.seek(prefix)
            while iterator.isValid, iterator.key.starts(with: prefix) {
                chunks.append(try VectorValue.decode(iterator.value, key: iterator.key, path: path))
                iterator.next()
            }
            try iterator.check()
            return chunks
        }
    }

    /// Entries that have vectors, in sequence order from after `sequence`: for building an index anew.
    public func vectors(model: String, field: String, after sequence: SequenceNumber, limit: Int = 1000) throws -> [VectorEntry] {
        let space = try Self.space(model, field)
        return try reading { database in
            var entries: [VectorEntry] = []
            let iterator = database.iterator(.vectors, scan: true)
            iterator.seek(StoreKeys.vector(space, sequence.next, chunk: 0))
            while iterator.isValid, iterator.key.starts(with: space) {
                guard let key = StoreKeys.parseVector(iterator.key) else {
                    throw TandemError.damaged("store \(path): vectors", "a key of \(iterator.key.count) bytes does not parse")
                }
                if entries.last?.sequence != key.sequence {
                    if entries.count >= limit { break }
                    entries.append(VectorEntry(sequence: key.sequence, chunks: []))
                }
                entries[entries.count - 1].chunks.append(try VectorValue.decode(iterator.value, key: iterator.key, path: path))
                iterator.next()
            }
            try iterator.check()
            return entries
        }
    }

    /// Removes every vector of a model. - Complexity: O(1) now; compaction frees the space later.
    public func deleteVectors(model: String) throws {
        _ = try Self.space(model, "field")
        let lower = StoreKeys.vectorModel(model)
        // The first byte is a length of at most 128, so there is always a greater key.
        let upper = StoreKeys.successor(of: lower)!
        try maintenance.withLock { _ in
            try writing { database in
                let batch = RocksWriteBatch(for: database)
                batch.deleteRange(.vectors, from: lower, to: upper)
                try write(database, batch, sync: false)
            }
        }
    }

    private static func space(_ model: String, _ field: String) throws -> [UInt8] {
        let allowed = 1...StoreKeys.vectorNameBytesMax
        guard allowed.contains(model.utf8.count), allowed.contains(field.utf8.count) else {
            throw TandemError.invalidArgument(
                "a vector's model and field have \(model.utf8.count) and \(field.utf8.count) bytes, expected 1 to \(StoreKeys.vectorNameBytesMax)")
        }
        return StoreKeys.vectorSpace(model, field)
    }
}

/// Bytes of one stored vector: f32 little-endian each, then the CRC-32C of key and floats.
enum VectorValue {
    static func encode(_ vector: [Float], key: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: vector.count * 4 + 4)
        for value in vector { writer.append(value) }
        writer.append(CRC32C.checksum(writer.bytes, seed: CRC32C.checksum(key)))
        return writer.bytes
    }

    static func decode(_ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, path: String) throws -> [Float] {
        let sequence = StoreKeys.parseVector(key)?.sequence
        let name = "store \(path): vector of log entry \(sequence?.description ?? "?")"
        guard bytes.count >= 8, bytes.count % 4 == 0 else { throw TandemError.damaged(name, "\(bytes.count) bytes") }
        let floats = UnsafeRawBufferPointer(rebasing: bytes[0..<(bytes.count - 4)])
        let expected = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: floats.count, as: UInt32.self))
        let found = CRC32C.checksum(floats, seed: CRC32C.checksum(key))
        guard found == expected else {
            throw TandemError.damaged(name, "checksum 0x\(String(found, radix: 16)), expected 0x\(String(expected, radix: 16))")
        }
        return OperationCodec.floats(floats)
    }
}
