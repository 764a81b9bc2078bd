public import SearchCore

/// Reading documents and the log.
extension DocumentStore {
    /// The current version of `id`; nil if there is no such document.
    public func current(id: String) throws -> SequenceNumber? {
        try reading { try Self.current($0, Array(id.utf8)) }
    }

    /// The current versions of many ids, in their order, looked up together.
    public func current(ids: [String]) throws -> [SequenceNumber?] {
        try reading { try Self.current($0, ids.map { Array($0.utf8) }) }
    }

    static func current(_ database: RocksDatabase, _ id: [UInt8]) throws -> SequenceNumber? {
        try database.get(.ids, id) { try $0.map { try Self.version($0, database.path) } }
    }

    static func current(_ database: RocksDatabase, _ ids: [[UInt8]]) throws -> [SequenceNumber?] {
        var found = [SequenceNumber?](repeating: nil, count: ids.count)
        try database.multiGet(.ids, ids) { i, value in found[i] = try value.map { try Self.version($0, database.path) } }
        return found
    }

    private static func version(_ value: UnsafeRawBufferPointer, _ path: String) throws -> SequenceNumber {
        guard let sequence = StoreKeys.sequence(value) else {
            throw TandemError.damaged("store \(path)", "an id's version has \(value.count) bytes, expected 8")
        }
        return sequence
    }

    /// The current document of `id` and its version; nil if there is none.
    public func document(id: String) throws -> (document: Document, version: SequenceNumber)? {
        try reading { database in
            let key = Array(id.utf8)
            var missing: SequenceNumber?
            while let version = try Self.current(database, key) {
                if let document = try Self.operation(database, version)?.document { return (document, version) }
                // Between the two reads the version may have been superseded and dropped; then the id has a newer one.
                guard missing != version else {
                    throw TandemError.damaged(OperationCodec.name(version, path), "missing, but an id names it as its current version")
                }
                missing = version
            }
            return nil
        }
    }

    /// The log's entry `sequence`; nil if it never was or was dropped.
    /// - Throws: `DATA_LOSS` naming the sequence and the store if its bytes are damaged.
    public func operation(at sequence: SequenceNumber) throws -> LoggedOperation? {
        try reading { try Self.operation($0, sequence) }
    }

    static func operation(_ database: RocksDatabase, _ sequence: SequenceNumber) throws -> LoggedOperation? {
        try database.get(.log, StoreKeys.sequence(sequence)) {
            try $0.map { try OperationCodec.decode($0, sequence: sequence, path: database.path) }
        }
    }

    /// Documents by version, in the order asked, looked up together; nil where the version was dropped or is a delete.
    public func documents(at sequences: [SequenceNumber]) throws -> [Document?] {
        try reading { database in
            var found = [Document?](repeating: nil, count: sequences.count)
            try database.multiGet(.log, sequences.map(StoreKeys.sequence)) { i, value in
                found[i] = try value.flatMap { try OperationCodec.decode($0, sequence: sequences[i], path: path).document }
            }
            return found
        }
    }

    /// The external id of the document of entry `sequence`; nil if the entry was dropped. Builds no document.
    public func documentID(at sequence: SequenceNumber) throws -> String? { try documentIDs(at: [sequence])[0] }

    /// External ids by version, in the order asked; nil where the entry was dropped.
    public func documentIDs(at sequences: [SequenceNumber]) throws -> [String?] {
        try reading { database in
            var found = [String?](repeating: nil, count: sequences.count)
            try database.multiGet(.log, sequences.map(StoreKeys.sequence)) { i, value in
                found[i] = try value.map { try OperationCodec.decodeID($0, sequence: sequences[i], path: path) }
            }
            return found
        }
    }

    // MARK: The log, for consumers

    /// The log's entries after `sequence`, in order; entries that were dropped are skipped.
    public func operations(
        after sequence: SequenceNumber, limit: Int = 1000, bytesMax: Int = 4 << 20
    ) throws -> [(sequence: SequenceNumber, operation: LoggedOperation)] {
        try page(after: sequence, limit: limit, bytesMax: bytesMax).operations
    }

    /// A run of the log after `sequence`.
    ///
    /// - Parameter limit: entries at most, at least 1.
    /// - Parameter bytesMax: encoded bytes after which the page ends; one entry is always returned if there is any.
    /// - Parameter currentOnly: leave out deletes and every version that is superseded by now: what a new generation reads;
    ///   ``LogPage/replaced`` says what they ended.
    /// - Parameter checkpoint: asked every 32 entries.
    /// - Throws: `DATA_LOSS` naming the sequence of a damaged entry; as `checkpoint`.
    /// - Complexity: O(bytes of the page), read past the block cache.
    public func page(
        after sequence: SequenceNumber, limit: Int = 1000, bytesMax: Int = 4 << 20, currentOnly: Bool = false, checkpoint: () throws -> Void = {}
    ) throws -> LogPage {
        precondition(limit > 0, "a page of \(limit) entries")
        return try reading { database in
            // Taken first: entries that a commit has written but not yet published are left for the next page.
            let last = lastSequence
            var page = LogPage(operations: [], through: max(sequence, last), hasMore: false)
            guard sequence < last else { return page }
            let iterator = database.iterator(.log, scan: true)
            iterator.seek(StoreKeys.sequence(sequence.next))
            var bytes = 0
            while iterator.isValid {
                guard let at = StoreKeys.sequence(iterator.key) else {
                    throw TandemError.damaged("store \(path): log", "a key of \(iterator.key.count) bytes, expected 8")
                }
                if at > last { break }
                if page.operations.count >= limit || (bytes > 0 && bytes + iterator.value.count > bytesMax) {
                    page.hasMore = true
                    page.through = page.operations.last!.sequence
                    break
                }
                bytes += iterator.value.count
                page.operations.append((at, try OperationCodec.decode(iterator.value, sequence: at, path: path)))
                if page.operations.count % 32 == 0 { try checkpoint() }
                iterator.next()
            }
            try iterator.check()
            if currentOnly {
                let versions = try Self.current(database, page.operations.map { Array($0.operation.documentID.utf8) })
                let entries = zip(page.operations, versions)
                page.replaced = entries.compactMap { $0.0.sequence == $0.1 ? nil : $0.0.operation.previous }
                page.operations = entries.filter { $0.0.sequence == $0.1 }.map(\.0)
            }
            return page
        }
    }

    // MARK: Metadata of the store's owner

    /// What ``setMeta(_:_:)`` stored under `name`; nil if nothing was.
    public func meta(_ name: String) throws -> [UInt8]? {
        try reading { try $0.get(.meta, StoreKeys.meta(name)) { $0.map { [UInt8]($0) } } }
    }

    /// Stores (nil: removes) a small value, durably before it returns: the schema's bytes, the collection's uuid.
    public func setMeta(_ name: String, _ value: [UInt8]?) throws {
        try writing { database in
            let batch = RocksWriteBatch(for: database)
            if let value { batch.put(.meta, StoreKeys.meta(name), value) } else { batch.delete(.meta, StoreKeys.meta(name)) }
            try write(database, batch, sync: true)
        }
    }
}
