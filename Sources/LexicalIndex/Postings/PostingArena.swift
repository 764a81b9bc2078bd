import CKernels
import Glibc

/// The growing inverted index of a segment under construction: a hash table of terms, each with a chain of byte slices.
///
/// ```
/// slots    hash (32 bits) | term number + 1        open addressing, at most ⅔ full
/// terms    one 48-byte record per (field, key)
/// arena    key bytes and slices: 12, 16, 32, … 1,024 bytes; the last four of a full slice hold the next one's offset
/// ```
///
/// The newest posting of a term stays in its record until the next document holds the term, and of a term with positions the newest
/// occurrence until the next one, so that a term of one document, which is half of a vocabulary, needs no slice. Source: Lucene's `ByteBlockPool` and `FreqProxTermsWriter`; deviation: slice
/// chains grow by doubling.
///
/// Nearly all of the time is waiting for memory, so tokens are taken in batches: what the first step of each needs is asked for before the first
/// of them begins. The first eight bytes of a key stand in its record, which spares most keys the look into the arena. Not thread-safe.
struct PostingArena: ~Copyable {
    struct TermRecord {
        /// ``keyPrefix(_:)``.
        var prefix: UInt64
        var keyOffset: UInt32
        var keyLength: UInt16
        var field: UInt8
        /// Size class of the open slice.
        var level: UInt8
        /// Newest document and its frequency, not in the slices yet. With positions: that of the newest occurrence; then the
        /// occurrences before it are in the slices.
        var document: UInt32
        var frequency: UInt32
        /// Of the newest occurrence; `.max`: the term has no positions.
        var position: UInt32
        var documentFrequency: UInt32
        /// Document after the last one in the slices. Where the newest occurrence is not its document's first: the position before it.
        var next: UInt32
        /// Offset of the first slice; 0: none.
        var head: UInt32
        /// Where the next byte goes, and where the open slice's link stands.
        var cursor: UInt32
        var limit: UInt32
    }

    private struct Pending {
        var key: UnsafeRawPointer
        var prefix: UInt64
        var hash: UInt32
        /// `.max`: none.
        var position: UInt32
        var length: Int
    }

    private static let batchTokens = 32
    private let batch: UnsafeMutablePointer<Pending>
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotCount: Int
    private(set) var terms: UnsafeMutablePointer<TermRecord>
    private var termCapacity: Int
    private(set) var termCount = 0
    private(set) var arena: UnsafeMutablePointer<UInt8>
    private var arenaCapacity: Int
    /// Offset 0 is never given out: it stands for "none".
    private(set) var arenaCount = 1

    init() {
        batch = .allocate(capacity: Self.batchTokens)
        slotCount = 1024
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
        termCapacity = 512
        terms = Self.allocate(termCapacity)
        arenaCapacity = 16 << 10
        arena = Self.allocate(arenaCapacity)
    }

    deinit {
        batch.deallocate()
        slots.deallocate()
        free(terms)
        free(arena)
    }

    var memoryBytes: Int { slotCount * 8 + termCapacity * MemoryLayout<TermRecord>.stride + arenaCapacity }

    private static func allocate<T: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<T> {
        guard let memory = malloc(count * MemoryLayout<T>.stride) else { fatalError("out of memory: \(count) × \(T.self)") }
        return memory.bindMemory(to: T.self, capacity: count)
    }

    // `realloc` moves large blocks by remapping pages, so growing costs no copy and no second peak.
    private static func grow<T: BitwiseCopyable>(_ pointer: inout UnsafeMutablePointer<T>, _ capacity: inout Int, toHold needed: Int) {
        let wanted = max(needed, capacity + capacity / 2)
        guard let memory = realloc(pointer, wanted * MemoryLayout<T>.stride) else { fatalError("out of memory: \(wanted) × \(T.self)") }
        pointer = memory.bindMemory(to: T.self, capacity: wanted)
        capacity = wanted
    }

    /// Counts the occurrences of a text's terms.
    /// - Parameters:
    ///   - document: number inside the segment, not below that of any earlier call.
    ///   - bytes: where the keys lie.
    /// - Complexity: O(bytes of the keys) expected; the hash is the standard library's, seeded per process, so no input can aim at it.
    mutating func add(field: UInt8, document: UInt32, bytes: UnsafeRawBufferPointer, tokenCount: Int, token: (Int) -> LexicalToken) {
        // Seeding costs as much as a short key.
        var seeded = Hasher()
        seeded.combine(field)
        var next = 0
        while next < tokenCount {
            let count = min(Self.batchTokens, tokenCount - next)
            for i in 0..<count {
                let token = token(next + i)
                let (start, length) = (Int(token.start), Int(token.length))
                precondition(
                    length > 0 && length <= LexicalFormat.keyBytesMax && start <= bytes.count - length && token.position != .max,
                    "token \(next + i): bytes \(start) + \(length) of \(bytes.count)")
                let key = UnsafeRawBufferPointer(start: bytes.baseAddress! + start, count: length)
                var hasher = seeded
                hasher.combine(bytes: key)
                let hash = UInt32(truncatingIfNeeded: hasher.finalize())
                tandem_prefetch_line(slots + (Int(hash) & (slotCount - 1)))
                batch[i] = Pending(
                    key: key.baseAddress!, prefix: keyPrefix(key), hash: hash, position: token.position ?? .max, length: length)
            }
            for i in 0..<count {
                let found = slots[Int(batch[i].hash) & (slotCount - 1)]
                if found != 0 { tandem_prefetch_line(terms + Int(UInt32(truncatingIfNeeded: found)) - 1) }
            }
            for i in 0..<count {
                let found = slots[Int(batch[i].hash) & (slotCount - 1)]
                if found != 0 { tandem_prefetch_line(arena + Int(terms[Int(UInt32(truncatingIfNeeded: found)) - 1].cursor)) }
            }
            for i in 0..<count { add(field: field, batch[i], document: document) }
            next += count
        }
    }

    @inline(__always) private mutating func add(field: UInt8, _ pending: Pending, document: UInt32) {
        let hash = pending.hash
        let key = UnsafeRawBufferPointer(start: pending.key, count: pending.length)
        let mask = slotCount - 1
        var slot = Int(hash) & mask
        while true {
            let found = slots[slot]
            if found == 0 { break }
            if UInt32(truncatingIfNeeded: found >> 32) == hash {
                let number = Int(UInt32(truncatingIfNeeded: found)) - 1
                let record = terms + number
                if record.pointee.prefix == pending.prefix, Int(record.pointee.keyLength) == key.count, record.pointee.field == field,
                    key.count <= 8 || memcmp(arena + Int(record.pointee.keyOffset) + 8, pending.key + 8, key.count - 8) == 0
                {
                    precondition((record.pointee.position == .max) == (pending.position == .max), "a term with and without positions")
                    if pending.position != .max {
                        addOccurrence(number, document, pending.position)
                    } else if record.pointee.document == document {
                        record.pointee.frequency &+= 1
                    } else {
                        flush(number)
                        terms[number].document = document
                        terms[number].frequency = 1
                        terms[number].documentFrequency += 1
                    }
                    return
                }
            }
            slot = (slot + 1) & mask
        }
        insert(field, key, pending, document, slot)
    }

    private mutating func addOccurrence(_ number: Int, _ document: UInt32, _ position: UInt32) {
        let isSame = terms[number].document == document
        let previous = terms[number].position
        flushOccurrence(number)
        // What is flushed next is a gap, where the document stays the same.
        terms[number].next = isSame ? previous : terms[number].document &+ 1
        if isSame {
            terms[number].frequency &+= 1
        } else {
            terms[number].document = document
            terms[number].frequency = 1
            terms[number].documentFrequency += 1
        }
        terms[number].position = position
    }

    private mutating func insert(
        _ field: UInt8, _ key: UnsafeRawBufferPointer, _ pending: Pending, _ document: UInt32, _ slot: Int
    ) {
        if termCount == termCapacity { Self.grow(&terms, &termCapacity, toHold: termCount + 1) }
        let offset = reserve(key.count)
        memcpy(arena + offset, key.baseAddress!, key.count)
        terms[termCount] = TermRecord(
            prefix: pending.prefix, keyOffset: UInt32(offset), keyLength: UInt16(key.count), field: field, level: 0, document: document, frequency: 1,
            position: pending.position, documentFrequency: 1, next: 0, head: 0, cursor: 0, limit: 0)
        termCount += 1
        slots[slot] = UInt64(pending.hash) << 32 | UInt64(termCount)
        if termCount * 3 > slotCount * 2 { growSlots() }
    }

    private mutating func growSlots() {
        let newCount = slotCount * 2
        let grown = UnsafeMutablePointer<UInt64>.allocate(capacity: newCount)
        grown.initialize(repeating: 0, count: newCount)
        for i in 0..<slotCount where slots[i] != 0 {
            var slot = Int(slots[i] >> 32) & (newCount - 1)
            while grown[slot] != 0 { slot = (slot + 1) & (newCount - 1) }
            grown[slot] = slots[i]
        }
        slots.deallocate()
        slots = grown
        slotCount = newCount
    }

    private mutating func reserve(_ count: Int) -> Int {
        let offset = arenaCount
        // Offsets are u32. The builder reports itself full long before (see `LexicalSegmentBuilder.isFull`).
        precondition(offset + count <= Int(UInt32.max), "the posting arena is over 4 GiB: the segment was not finished when full")
        if offset + count > arenaCapacity { Self.grow(&arena, &arenaCapacity, toHold: offset + count) }
        arenaCount += count
        return offset
    }

    // MARK: Slices

    private static func sliceBytes(_ level: UInt8) -> Int { level == 0 ? 12 : 8 << Int(min(level, 7)) }

    /// Moves the newest posting from the record to the slices.
    private mutating func flush(_ number: Int) {
        let record = terms[number]
        appendVarint(UInt64(record.document &- record.next) << 1 | (record.frequency == 1 ? 1 : 0), to: number)
        if record.frequency > 1 { appendVarint(UInt64(record.frequency - 1), to: number) }
        terms[number].next = record.document &+ 1
    }

    /// The same of the newest occurrence: the document's gap and a set bit before its first position, a gap and a clear bit for the others.
    private mutating func flushOccurrence(_ number: Int) {
        let record = terms[number]
        if record.frequency == 1 {
            appendVarint(UInt64(record.document &- record.next) << 1 | 1, to: number)
            appendVarint(UInt64(record.position), to: number)
        } else {
            appendVarint(UInt64(record.position &- record.next) << 1, to: number)
        }
    }

    private mutating func appendVarint(_ value: UInt64, to number: Int) {
        var value = value
        while value >= 0x80 {
            appendByte(UInt8(truncatingIfNeeded: value) | 0x80, to: number)
            value >>= 7
        }
        appendByte(UInt8(truncatingIfNeeded: value), to: number)
    }

    @inline(__always) private mutating func appendByte(_ byte: UInt8, to number: Int) {
        if terms[number].cursor == terms[number].limit { addSlice(number) }
        let cursor = terms[number].cursor
        arena[Int(cursor)] = byte
        terms[number].cursor = cursor &+ 1
    }

    private mutating func addSlice(_ number: Int) {
        let isFirst = terms[number].head == 0
        let level = isFirst ? 0 : min(terms[number].level + 1, 7)
        let size = Self.sliceBytes(level)
        let offset = reserve(size)
        if isFirst {
            terms[number].head = UInt32(offset)
        } else {
            UnsafeMutableRawPointer(arena + Int(terms[number].limit)).storeBytes(of: UInt32(offset), as: UInt32.self)
        }
        terms[number].level = level
        terms[number].cursor = UInt32(offset)
        terms[number].limit = UInt32(offset + size - 4)
    }

    // MARK: Reading back

    func key(of number: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: arena + Int(terms[number].keyOffset), count: Int(terms[number].keyLength))
    }

    /// Asks for what reading a term will need: first its record, and when that is there, its key and its first slice.
    @inline(__always) func prefetch(record number: Int) { tandem_prefetch_line(terms + number) }

    @inline(__always) func prefetch(contents number: Int) {
        tandem_prefetch_line(arena + Int(terms[number].keyOffset))
        tandem_prefetch_line(arena + Int(terms[number].head))
    }

    /// All postings of a term, in document order.
    func encode(_ number: Int, into encoder: inout PostingListEncoder) {
        let record = terms[number]
        guard record.position == .max else { return encodeOccurrences(record, into: &encoder) }
        if record.head != 0 {
            var reader = SliceReader(arena: arena, record: record)
            var next: UInt32 = 0
            for _ in 1..<record.documentFrequency {
                let code = reader.varint()
                let frequency = code & 1 == 1 ? 1 : UInt32(truncatingIfNeeded: reader.varint()) &+ 1
                let document = next &+ UInt32(truncatingIfNeeded: code >> 1)
                encoder.append(document: document, frequency: frequency)
                next = document &+ 1
            }
        }
        encoder.append(document: record.document, frequency: record.frequency)
    }

    private func encodeOccurrences(_ record: TermRecord, into encoder: inout PostingListEncoder) {
        var positions = PositionBuffer()
        var document: UInt32 = 0
        var next: UInt32 = 0
        if record.head != 0 {
            var reader = SliceReader(arena: arena, record: record)
            while reader.cursor != Int(record.cursor) {
                let code = reader.varint()
                positions.reserve(positions.count + 2)
                if code & 1 == 1 {
                    if positions.count > 0 { encoder.append(document: document, positions: positions.sorted()) }
                    positions.removeAll()
                    document = next &+ UInt32(truncatingIfNeeded: code >> 1)
                    next = document &+ 1
                    positions.append(UInt32(truncatingIfNeeded: reader.varint()))
                } else {
                    positions.append(positions[positions.count - 1] &+ UInt32(truncatingIfNeeded: code >> 1))
                }
            }
        }
        if record.frequency == 1, positions.count > 0 {
            encoder.append(document: document, positions: positions.sorted())
            positions.removeAll()
        }
        positions.reserve(positions.count + 1)
        positions.append(record.position)
        encoder.append(document: record.document, positions: positions.sorted())
    }

    private struct SliceReader {
        let arena: UnsafeMutablePointer<UInt8>
        var cursor: Int
        var limit: Int
        var level: UInt8 = 0

        init(arena: UnsafeMutablePointer<UInt8>, record: TermRecord) {
            self.arena = arena
            cursor = Int(record.head)
            limit = cursor + PostingArena.sliceBytes(0) - 4
        }

        @inline(__always) mutating func byte() -> UInt8 {
            if cursor == limit {
                level = min(level + 1, 7)
                cursor = Int(UnsafeRawPointer(arena + limit).loadUnaligned(as: UInt32.self))
                limit = cursor + PostingArena.sliceBytes(level) - 4
            }
            defer { cursor &+= 1 }
            return arena[cursor]
        }

        @inline(__always) mutating func varint() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while true {
                let next = byte()
                value |= UInt64(next & 0x7F) << shift
                if next < 0x80 { return value }
                shift += 7
            }
        }
    }

    /// Numbers of a field's terms in key order.
    func sortedTerms(of field: UInt8) -> [UInt32] {
        struct Item { var prefix: UInt64; var number: UInt32 }
        var items: [Item] = []
        for number in 0..<termCount where terms[number].field == field {
            items.append(Item(prefix: terms[number].prefix, number: UInt32(number)))
        }
        // Eight bytes decide almost always, without a walk to the arena.
        let terms = terms
        let arena = arena
        items.sort { a, b in
            if a.prefix != b.prefix { return a.prefix < b.prefix }
            let (x, y) = (terms[Int(a.number)], terms[Int(b.number)])
            return compareBytes(
                UnsafeRawBufferPointer(start: arena + Int(x.keyOffset), count: Int(x.keyLength)),
                UnsafeRawBufferPointer(start: arena + Int(y.keyOffset), count: Int(y.keyLength))) < 0
        }
        return items.map(\.number)
    }
}
