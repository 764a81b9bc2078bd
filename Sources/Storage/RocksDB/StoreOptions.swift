import CRocksDB

/// Block cache that stores share: decompressed blocks, indexes and bloom filters of their tables, at most `bytes` together.
public final class BlockCache: @unchecked Sendable {
    // SAFETY: RocksDB's cache is thread-safe; the pointer is set once and freed once.
    let handle: OpaquePointer
    public let bytesMax: Int

    /// One for the whole process, 64 MB.
    public static let shared = BlockCache(bytes: 64 << 20)

    public init(bytes: Int) {
        bytesMax = bytes
        handle = rocksdb_cache_create_lru(bytes)
    }

    /// Bytes held now.
    public var bytesUsed: Int { rocksdb_cache_get_usage(handle) }

    deinit { rocksdb_cache_destroy(handle) }
}

/// How a ``DocumentStore`` uses memory and disk. The defaults keep a store of any size below about 100 MB of memory.
public struct StoreOptions: Sendable {
    /// Bytes of all write buffers of one store together; when they are full they are flushed to tables.
    public var writeBufferBytes = 48 << 20
    /// Bytes of write-ahead log after which older buffers are flushed, which bounds the time that opening takes after a crash.
    public var logBytesMax = 128 << 20
    /// Open table files; the rest is opened when needed.
    public var openFilesMax = 256
    /// Shared by default, so that many collections need no more than one.
    public var cache: BlockCache = .shared
    /// Commits fail with RESOURCE_EXHAUSTED while the disk has less free than this or a twentieth of its size, whichever is
    /// smaller, so that flushes, manifests and the operator's own tools still have room. 0: write until the disk refuses.
    public var diskReserveBytes = 32 << 20
    /// Documents bring vectors, which no compressor makes smaller: zstd over them took a processor for most of each compaction. Without it entries of the log, which are written in
    /// ascending order, are moved down a level without being read. May change between openings.
    public var hasVectorsInLog = false
    /// Flush every commit to the disk. Off only for tests that prove what the flush is worth.
    public var syncsCommits = true

    public init() {}
}
