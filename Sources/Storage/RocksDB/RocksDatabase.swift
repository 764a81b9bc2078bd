import CRocksDB
import Glibc
import SearchCore

/// Column families of a store. The raw values index the handles; the names are on disk: never rename.
enum Column: Int, CaseIterable, Sendable {
    case meta, log, ids, vectors, superseded, idempotency

    var name: String {
        switch self {
        case .meta: "default"  // RocksDB insists on a family of this name
        case .log: "log"
        case .ids: "ids"
        case .vectors: "vectors"
        case .superseded: "superseded"
        case .idempotency: "idempotency"
        }
    }
}

/// An open RocksDB with the store's column families: gets, batched gets, iterators, atomic writes, checkpoints.
///
/// Keys and values go in and out as raw bytes; a value that is handed to a closure is pinned in RocksDB's memory and valid
/// only inside it. Thread-safe, except that nothing may run during or after `close()` (``DocumentStore`` guards that with
/// its ``ReadWriteLock``).
final class RocksDatabase: @unchecked Sendable {
    // SAFETY: RocksDB's handles are thread-safe; these are set in init and destroyed in close(), which the owner calls alone.
    private let database: OpaquePointer
    private let handles: [OpaquePointer]
    private let options: [OpaquePointer]
    private let readOptions: OpaquePointer
    private let scanOptions: OpaquePointer
    private let syncedWrite: OpaquePointer
    private let unsyncedWrite: OpaquePointer
    private var isOpen = true
    let path: String
    let isReadOnly: Bool

    /// - Throws: `NOT_FOUND` when `create` is false and nothing is there; `RESOURCE_EXHAUSTED` when the disk refuses the files
    ///   that opening writes; `DATA_LOSS` when RocksDB finds damage; `FAILED_PRECONDITION` when it is open elsewhere.
    init(path: String, options settings: StoreOptions, create: Bool, readOnly: Bool) throws {
        self.path = path
        isReadOnly = readOnly
        let base = Self.databaseOptions(settings, create: create)
        let columns = Column.allCases.map { Self.columnOptions($0, settings) }
        func freeOptions() { for pointer in [base] + columns { rocksdb_options_destroy(pointer) } }

        let names = Column.allCases.map { strdup($0.name)! }
        defer { for name in names { free(name) } }
        let constantNames: [UnsafePointer<CChar>?] = names.map { UnsafePointer($0) }
        let constantOptions: [OpaquePointer?] = columns
        var opened = [OpaquePointer?](repeating: nil, count: columns.count)
        do {
            database = try RocksError.check(path) { error in
                if readOnly {
                    rocksdb_open_for_read_only_column_families(
                        base, path, Int32(columns.count), constantNames, constantOptions, &opened, 0, error)
                } else {
                    rocksdb_open_column_families(base, path, Int32(columns.count), constantNames, constantOptions, &opened, error)
                }
            }!
        } catch {
            freeOptions()
            throw error
        }
        handles = opened.map { $0! }
        options = [base] + columns
        readOptions = rocksdb_readoptions_create()
        rocksdb_readoptions_set_verify_checksums(readOptions, 1)
        // Scans of the whole log must not push the blocks that searches fetch out of the cache.
        scanOptions = rocksdb_readoptions_create()
        rocksdb_readoptions_set_verify_checksums(scanOptions, 1)
        rocksdb_readoptions_set_fill_cache(scanOptions, 0)
        rocksdb_readoptions_set_readahead_size(scanOptions, 256 << 10)
        syncedWrite = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(syncedWrite, 1)
        unsyncedWrite = rocksdb_writeoptions_create()
    }

    private static func databaseOptions(_ settings: StoreOptions, create: Bool) -> OpaquePointer {
        let o = rocksdb_options_create()!
        rocksdb_options_set_create_if_missing(o, create ? 1 : 0)
        rocksdb_options_set_create_missing_column_families(o, create ? 1 : 0)
        rocksdb_options_set_paranoid_checks(o, 1)
        // A power cut may leave a torn tail behind the last fsynced group, in any shape. Everything acknowledged lies
        // before it, so recovery stops at the first record that does not check out.
        rocksdb_options_set_wal_recovery_mode(o, Int32(rocksdb_point_in_time_recovery))
        rocksdb_options_set_db_write_buffer_size(o, settings.writeBufferBytes)
        rocksdb_options_set_max_total_wal_size(o, UInt64(settings.logBytesMax))
        rocksdb_options_set_max_open_files(o, Int32(settings.openFilesMax))
        rocksdb_options_set_max_background_jobs(o, 2)
        // Compactions take a processor for half a second now and then, flushes some milliseconds at a time, which searches are not to wait for. Writes wait for flushes, which is all
        // right where nothing is left for them. The environment is the process's own.
        let environment = rocksdb_create_default_env()
        rocksdb_env_lower_thread_pool_cpu_priority(environment)
        rocksdb_env_lower_high_priority_thread_pool_cpu_priority(environment)
        rocksdb_env_destroy(environment)
        // Tables are written back as they grow; otherwise one flush's fsync holds up the commits' fsyncs.
        rocksdb_options_set_bytes_per_sync(o, 1 << 20)
        // RocksDB's own log file gets the options at each opening and nothing after: Debian builds with assertions, and in 7.8 one
        // of them (WritableFileWriter, "sync_without_flush_called_") ends the process at the second line that a full disk
        // refuses. The lines of an opening go out together, so there is no second. What goes wrong comes back as an error.
        rocksdb_options_set_info_log_level(o, 5)  // headers
        rocksdb_options_set_max_log_file_size(o, 0)
        rocksdb_options_set_log_file_time_to_roll(o, 0)
        rocksdb_options_set_keep_log_file_num(o, 1)
        rocksdb_options_set_stats_dump_period_sec(o, 0)
        rocksdb_options_set_stats_persist_period_sec(o, 0)
        rocksdb_options_set_skip_stats_update_on_db_open(o, 1)
        rocksdb_options_set_max_manifest_file_size(o, 4 << 20)
        return o
    }

    private static func columnOptions(_ column: Column, _ settings: StoreOptions) -> OpaquePointer {
        let o = rocksdb_options_create()!
        let large = column == .log || column == .vectors
        rocksdb_options_set_write_buffer_size(o, large ? max(settings.writeBufferBytes / 2, 1 << 20) : max(settings.writeBufferBytes / 8, 1 << 20))
        rocksdb_options_set_max_write_buffer_number(o, 2)
        rocksdb_options_set_level_compaction_dynamic_level_bytes(o, 1)
        rocksdb_options_set_compaction_filter(o, CompactionRest.filter)
        rocksdb_options_set_target_file_size_base(o, 32 << 20)
        // Merges that lag behind slow writes down, but never stop them: when a full disk fails merges only, a stopped write
        // would wait for ever instead of failing.
        rocksdb_options_set_level0_slowdown_writes_trigger(o, 64)
        rocksdb_options_set_level0_stop_writes_trigger(o, 1 << 20)
        if column == .vectors {
            // Float mantissas are noise to a byte compressor.
            rocksdb_options_set_compression(o, Int32(rocksdb_no_compression))
        } else {
            rocksdb_options_set_compression(o, Int32(rocksdb_lz4_compression))
            if column != .log || !settings.hasVectorsInLog { rocksdb_options_set_bottommost_compression(o, Int32(rocksdb_zstd_compression)) }
        }
        let table = rocksdb_block_based_options_create()!
        rocksdb_block_based_options_set_block_cache(table, settings.cache.handle)
        rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1)
        rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1)
        rocksdb_block_based_options_set_format_version(table, 5)
        rocksdb_block_based_options_set_block_size(table, column == .vectors ? 16 << 10 : 4 << 10)
        if column == .ids || column == .idempotency {
            // Most ids that an import asks for are new: a bloom filter answers without reading a block. The options own it.
            rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        }
        rocksdb_options_set_block_based_table_factory(o, table)
        rocksdb_block_based_options_destroy(table)
        return o
    }

    /// Idempotent. The write-ahead log holds what is not flushed, so nothing is lost.
    func close() {
        guard isOpen else { return }
        isOpen = false
        for handle in handles { rocksdb_column_family_handle_destroy(handle) }
        rocksdb_close(database)
        for o in options { rocksdb_options_destroy(o) }
        rocksdb_readoptions_destroy(readOptions)
        rocksdb_readoptions_destroy(scanOptions)
        rocksdb_writeoptions_destroy(syncedWrite)
        rocksdb_writeoptions_destroy(unsyncedWrite)
    }

    deinit { close() }

    // MARK: Reading

    /// Calls `body` with the value's bytes, or with nil when there is none.
    func get<R>(_ column: Column, _ key: [UInt8], _ body: (UnsafeRawBufferPointer?) throws -> R) throws -> R {
        let slice = try key.withUnsafeBytes { key in
            try RocksError.check(path) {
                rocksdb_get_pinned_cf(database, readOptions, handles[column.rawValue], RocksWriteBatch.chars(key), key.count, $0)
            }
        }
        guard let slice else { return try body(nil) }
        defer { rocksdb_pinnableslice_destroy(slice) }
        return try body(Self.bytes(slice))
    }

    /// Looks `keys` up together (one pass per table instead of one per key) and calls `body` for each, in order.
    func multiGet(_ column: Column, _ keys: [[UInt8]], _ body: (Int, UnsafeRawBufferPointer?) throws -> Void) throws {
        guard !keys.isEmpty else { return }
        // One flat buffer, so that the pointers stay put.
        var flat: [UInt8] = []
        flat.reserveCapacity(keys.reduce(0) { $0 + $1.count })
        for key in keys { flat.append(contentsOf: key) }
        if flat.isEmpty { flat.append(0) }
        var values = [OpaquePointer?](repeating: nil, count: keys.count)
        var errors = [UnsafeMutablePointer<CChar>?](repeating: nil, count: keys.count)
        let sizes = keys.map(\.count)
        flat.withUnsafeBytes { flat in
            let base = flat.baseAddress!.assumingMemoryBound(to: CChar.self)
            var pointers: [UnsafePointer<CChar>?] = []
            pointers.reserveCapacity(keys.count)
            var at = 0
            for size in sizes {
                pointers.append(base + at)
                at += size
            }
            rocksdb_batched_multi_get_cf(
                database, readOptions, handles[column.rawValue], keys.count, pointers, sizes, &values, &errors, false)
        }
        var failure: (any Error)?
        for i in keys.indices {
            defer { if let value = values[i] { rocksdb_pinnableslice_destroy(value) } }
            if let text = errors[i] {
                let error = RocksError.take(text, path)
                if failure == nil { failure = error }
                continue
            }
            guard failure == nil else { continue }
            do { try body(i, values[i].map(Self.bytes)) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// An iterator over a column as it is now; `scan` keeps what it reads out of the block cache.
    func iterator(_ column: Column, scan: Bool = false) -> RocksIterator {
        RocksIterator(rocksdb_create_iterator_cf(database, scan ? scanOptions : readOptions, handles[column.rawValue]), path)
    }

    private static func bytes(_ slice: OpaquePointer) -> UnsafeRawBufferPointer {
        var length = 0
        let base = rocksdb_pinnableslice_value(slice, &length)
        return UnsafeRawBufferPointer(start: base, count: length)
    }

    // MARK: Writing

    /// Applies `batch` as a whole or not at all; `sync` returns when it is on the disk.
    func write(_ batch: RocksWriteBatch, sync: Bool) throws {
        try RocksError.check(path) { rocksdb_write(database, sync ? syncedWrite : unsyncedWrite, batch.handle, $0) }
    }

    func handle(_ column: Column) -> OpaquePointer { handles[column.rawValue] }

    /// Writes every buffer to tables and waits.
    func flush() throws {
        let o = rocksdb_flushoptions_create()
        defer { rocksdb_flushoptions_destroy(o) }
        rocksdb_flushoptions_set_wait(o, 1)
        for column in Column.allCases {
            try RocksError.check(path) { rocksdb_flush_cf(database, o, handles[column.rawValue], $0) }
        }
    }

    /// Rewrites a column's tables without what is deleted. - Complexity: O(bytes of the column).
    func compact(_ column: Column) {
        rocksdb_compact_range_cf(database, handles[column.rawValue], nil, 0, nil, 0)
    }

    /// Makes calls that wait for room in memory or on disk return with an error, for closing. Reads go on.
    func cancelBackgroundWork() { rocksdb_cancel_all_background_work(database, 0) }

    /// A second, complete database in the new folder `target`: hard links where the file system allows, copies elsewhere.
    func checkpoint(to target: String) throws {
        let object = try RocksError.check(path) { rocksdb_checkpoint_object_create(database, $0) }
        defer { rocksdb_checkpoint_object_destroy(object) }
        // Never flush first: the log is copied instead, at most StoreOptions.logBytesMax. A flush may wait for merges, which on
        // a full disk is for ever.
        try RocksError.check(path) { rocksdb_checkpoint_create(object, target, .max, $0) }
    }

    /// One of RocksDB's integer properties, summed over the columns.
    func property(_ name: String) -> UInt64 {
        Column.allCases.reduce(0) { sum, column in
            var value: UInt64 = 0
            return rocksdb_property_int_cf(database, handles[column.rawValue], name, &value) == 0 ? sum + value : sum
        }
    }
}
