import CRocksDB

/// Walks a column in key order, over the state at its creation. Not thread-safe; must end before the database closes.
///
/// `key` and `value` are valid until the next move. After a loop, ``check()`` tells the end from a failed read.
final class RocksIterator {
    private let handle: OpaquePointer
    private let path: String

    init(_ handle: OpaquePointer, _ path: String) {
        self.handle = handle
        self.path = path
    }

    deinit { rocksdb_iter_destroy(handle) }

    var isValid: Bool { rocksdb_iter_valid(handle) != 0 }
    func seekToFirst() { rocksdb_iter_seek_to_first(handle) }
    func seekToLast() { rocksdb_iter_seek_to_last(handle) }
    /// To the first key at or after `key`.
    func seek(_ key: [UInt8]) {
        key.withUnsafeBytes {
            rocksdb_iter_seek(handle, RocksWriteBatch.chars($0), $0.count)
        }
    }
    func next() { rocksdb_iter_next(handle) }

    var key: UnsafeRawBufferPointer {
        var length = 0
        let base = rocksdb_iter_key(handle, &length)
        return UnsafeRawBufferPointer(start: base, count: length)
    }

    var value: UnsafeRawBufferPointer {
        var length = 0
        let base = rocksdb_iter_value(handle, &length)
        return UnsafeRawBufferPointer(start: base, count: length)
    }

    /// - Throws: what stopped the iterator, if it was not the end: `DATA_LOSS` for a damaged block.
    func check() throws {
        try RocksError.check(path) { rocksdb_iter_get_error(handle, $0) }
    }
}
