import CRocksDB

/// Changes to several columns that ``RocksDatabase/write(_:sync:)`` applies as one. Not thread-safe.
final class RocksWriteBatch {
    let handle: OpaquePointer = rocksdb_writebatch_create()
    private let database: RocksDatabase

    /// - Parameter database: where it will be written; its column handles go into the batch.
    init(for database: RocksDatabase) { self.database = database }

    deinit { rocksdb_writebatch_destroy(handle) }

    var isEmpty: Bool { rocksdb_writebatch_count(handle) == 0 }
    var count: Int { Int(rocksdb_writebatch_count(handle)) }

    func put(_ column: Column, _ key: [UInt8], _ value: [UInt8]) {
        key.withUnsafeBytes { key in
            value.withUnsafeBytes { value in
                rocksdb_writebatch_put_cf(
                    handle, database.handle(column), Self.chars(key), key.count, Self.chars(value), value.count)
            }
        }
    }

    /// A value given as parts, so that a document's body is copied once only.
    func put(_ column: Column, _ key: [UInt8], parts: [UnsafeRawBufferPointer]) {
        key.withUnsafeBytes { key in
            let keys: [UnsafePointer<CChar>?] = [Self.chars(key)]
            let keySizes = [key.count]
            let values: [UnsafePointer<CChar>?] = parts.map(Self.chars)
            let sizes = parts.map(\.count)
            rocksdb_writebatch_putv_cf(
                handle, database.handle(column), 1, keys, keySizes, Int32(parts.count), values, sizes)
        }
    }

    func delete(_ column: Column, _ key: [UInt8]) {
        key.withUnsafeBytes { rocksdb_writebatch_delete_cf(handle, database.handle(column), Self.chars($0), $0.count) }
    }

    /// Deletes the keys from `lower` up to, but without, `upper`.
    func deleteRange(_ column: Column, from lower: [UInt8], to upper: [UInt8]) {
        lower.withUnsafeBytes { lower in
            upper.withUnsafeBytes { upper in
                rocksdb_writebatch_delete_range_cf(
                    handle, database.handle(column), Self.chars(lower), lower.count, Self.chars(upper), upper.count)
            }
        }
    }

    // RocksDB asks for non-null pointers even where the length is 0; any address will do.
    static func chars(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<CChar> {
        (bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!).assumingMemoryBound(to: CChar.self)
    }
}
