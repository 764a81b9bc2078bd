import SearchCore

/// What one dead document takes from its segment's statistics: its distinct terms and its lengths.
///
/// Filled like a segment builder, with the same analysis of the same stored version; reusable through ``removeAll()``.
public struct DeadDocument: Sendable, LexicalFieldSink {
    private(set) var lengths: [(field: UInt8, length: Int)] = []
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [(start: UInt32, length: UInt32)] = []

    public init() {}

    public mutating func removeAll() {
        lengths.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        ranges.removeAll(keepingCapacity: true)
    }

    public mutating func addField(
        _ field: Int, length: Int, termBytes: UnsafeRawBufferPointer, tokenCount: Int,
        token: (_ i: Int) -> LexicalToken
    ) {
        precondition((0..<Limits.fieldsMax).contains(field), "field \(field)")
        let counted = FieldNorms.normalised(length: length, tokens: tokenCount)
        if counted > 0 { lengths.append((UInt8(field), counted)) }
        for i in 0..<tokenCount {
            let token = token(i)
            let (start, length) = (Int(token.start), Int(token.length))
            precondition(
                start >= 0 && length > 0 && length <= LexicalFormat.keyBytesMax && start <= termBytes.count - length,
                "token \(i): bytes \(start) + \(length) of \(termBytes.count)")
            ranges.append((UInt32(bytes.count), UInt32(length + 1)))
            bytes.append(UInt8(field))
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: termBytes[start..<(start + length)]))
        }
    }

    /// Distinct (field, key) of the document, each counted once.
    func layer() -> DeadLayer {
        bytes.withUnsafeBytes { raw in
            func key(_ range: (start: UInt32, length: UInt32)) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: raw[Int(range.start)..<Int(range.start + range.length)])
            }
            let sorted = ranges.sorted { compareBytes(key($0), key($1)) < 0 }
            var builder = DeadLayer.Builder(keys: sorted.count, bytes: bytes.count)
            for (i, range) in sorted.enumerated() where i == 0 || compareBytes(key(sorted[i - 1]), key(range)) != 0 {
                builder.append(key(range), 1)
            }
            return builder.finish()
        }
    }
}

/// Sorted (field byte, key) → number of dead documents; immutable, shared by snapshots.
final class DeadLayer: Sendable {
    let bytes: [UInt8]
    /// [count + 1] starts of the keys.
    let starts: [UInt32]
    let counts: [UInt32]

    struct Builder {
        private var bytes: [UInt8] = []
        private var starts: [UInt32] = [0]
        private var counts: [UInt32] = []

        init(keys: Int, bytes byteCount: Int) {
            bytes.reserveCapacity(byteCount)
            starts.reserveCapacity(keys + 1)
            counts.reserveCapacity(keys)
        }

        /// - Parameter key: above the last one.
        mutating func append(_ key: UnsafeRawBufferPointer, _ count: UInt32) {
            bytes.append(contentsOf: key)
            starts.append(UInt32(bytes.count))
            counts.append(count)
        }

        consuming func finish() -> DeadLayer { DeadLayer(bytes: bytes, starts: starts, counts: counts) }
    }

    private init(bytes: [UInt8], starts: [UInt32], counts: [UInt32]) {
        self.bytes = bytes
        self.starts = starts
        self.counts = counts
    }

    var count: Int { counts.count }
    var memoryBytes: Int { bytes.count + 4 * (starts.count + counts.count) }

    func withKey<R>(_ i: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[Int(starts[i])..<Int(starts[i + 1])])) }
    }

    func count(of key: UnsafeRawBufferPointer) -> Int {
        bytes.withUnsafeBytes { raw in
            var low = 0
            var high = counts.count
            while low < high {
                let middle = (low + high) / 2
                let order = compareBytes(UnsafeRawBufferPointer(rebasing: raw[Int(starts[middle])..<Int(starts[middle + 1])]), key)
                if order == 0 { return Int(counts[middle]) }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return 0
        }
    }

    /// Sums or differences key by key; keys whose result is not above 0 are left out.
    func combined(with other: DeadLayer, subtracting: Bool) -> DeadLayer {
        var builder = Builder(keys: count + other.count, bytes: bytes.count + other.bytes.count)
        bytes.withUnsafeBytes { a in
            other.bytes.withUnsafeBytes { b in
                var i = 0
                var j = 0
                while i < count || j < other.count {
                    let x = i < count ? UnsafeRawBufferPointer(rebasing: a[Int(starts[i])..<Int(starts[i + 1])]) : nil
                    let y = j < other.count ? UnsafeRawBufferPointer(rebasing: b[Int(other.starts[j])..<Int(other.starts[j + 1])]) : nil
                    let order = x == nil ? 1 : y == nil ? -1 : compareBytes(x!, y!)
                    var value: Int64 = 0
                    if order <= 0 {
                        value += Int64(counts[i])
                        i += 1
                    }
                    if order >= 0 {
                        value += subtracting ? -Int64(other.counts[j]) : Int64(other.counts[j])
                        j += 1
                    }
                    if value > 0 { builder.append(order <= 0 ? x! : y!, UInt32(clamping: value)) }
                }
            }
        }
        return builder.finish()
    }
}

/// What the documents that died after a segment was built or merged take from its statistics.
///
/// With them N, df and average length are those of the live documents, whatever was merged when: `live = built − dead`. One
/// value belongs to one segment; a merge of the segment drops the dead documents and resets the counts.
///
/// A value type: cheap to copy into a snapshot (layers are shared), cheap to add to (layers merge like an LSM tree, so one
/// document costs O(terms · log documents) amortised).
public struct DeadCounts: Sendable, Equatable {
    /// Oldest and largest first; each more than twice the next.
    private var layers: [DeadLayer] = []
    private var fields: [FieldStatistics] = []
    /// Dead documents, with or without text.
    public private(set) var documentCount = 0

    /// Nothing died.
    public init() {}

    public var isEmpty: Bool { documentCount == 0 }
    public var memoryBytes: Int { layers.reduce(fields.count * 16) { $0 + $1.memoryBytes } }

    /// Counts one dead document; the caller sees to it that each document is counted once.
    public mutating func add(_ document: DeadDocument) {
        documentCount += 1
        for (field, length) in document.lengths {
            grow(to: Int(field) + 1)
            fields[Int(field)].documents += 1
            fields[Int(field)].totalLength += UInt64(length)
        }
        push(document.layer())
    }

    private mutating func grow(to count: Int) {
        if fields.count < count { fields.append(contentsOf: repeatElement(FieldStatistics(), count: count - fields.count)) }
    }

    private mutating func push(_ layer: DeadLayer) {
        var layer = layer
        while let last = layers.last, last.count <= 2 * layer.count {
            layers.removeLast()
            layer = last.combined(with: layer, subtracting: false)
        }
        if layer.count > 0 { layers.append(layer) }
    }

    private var flattened: DeadLayer {
        var result = layers.last ?? DeadLayer.Builder(keys: 0, bytes: 0).finish()
        for layer in layers.dropLast().reversed() { result = layer.combined(with: result, subtracting: false) }
        return result
    }

    /// Dead documents that have the term in the field.
    /// - Complexity: O(log terms · log documents).
    public func deadDocuments(containing key: some Sequence<UInt8>, field: Int) -> Int {
        guard !layers.isEmpty else { return 0 }
        var composite = [UInt8(truncatingIfNeeded: field)]
        composite.append(contentsOf: key)
        return composite.withUnsafeBytes { raw in layers.reduce(0) { $0 + $1.count(of: raw) } }
    }

    /// Dead documents that have the field.
    public func deadDocuments(field: Int) -> Int { field < fields.count ? fields[field].documents : 0 }

    /// Sum of their lengths.
    public func deadLength(field: Int) -> UInt64 { field < fields.count ? fields[field].totalLength : 0 }

    /// The counts of both: dead documents of two segments that are about to be one.
    public mutating func formSum(with other: DeadCounts) {
        documentCount += other.documentCount
        grow(to: other.fields.count)
        for (field, more) in other.fields.enumerated() {
            fields[field].documents += more.documents
            fields[field].totalLength += more.totalLength
        }
        for layer in other.layers { push(layer) }
    }

    /// What was added since `earlier`, an older copy of this value.
    ///
    /// For a merge that runs beside writes: the merged segment lacks the documents that were dead when it started, so its
    /// counts are the sum over its sources now, less the sum over them then.
    public func subtracting(_ earlier: DeadCounts) -> DeadCounts {
        var result = DeadCounts()
        result.documentCount = max(documentCount - earlier.documentCount, 0)
        result.fields = fields.enumerated().map { field, now in
            FieldStatistics(
                documents: max(now.documents - earlier.deadDocuments(field: field), 0),
                totalLength: now.totalLength - min(now.totalLength, earlier.deadLength(field: field)))
        }
        result.push(flattened.combined(with: earlier.flattened, subtracting: true))
        return result
    }

    /// Equal counts, however they are layered.
    public static func == (a: DeadCounts, b: DeadCounts) -> Bool {
        let (x, y) = (a.flattened, b.flattened)
        let fieldCount = max(a.fields.count, b.fields.count)
        return a.documentCount == b.documentCount && x.bytes == y.bytes && x.starts == y.starts && x.counts == y.counts
            && (0..<fieldCount).allSatisfy {
                a.deadDocuments(field: $0) == b.deadDocuments(field: $0) && a.deadLength(field: $0) == b.deadLength(field: $0)
            }
    }

    // MARK: Bytes (docs/formats/lexical-segment.md, "Dead counts")

    public func encode(into writer: inout ByteWriter) {
        writer.appendVarint(documentCount)
        writer.appendVarint(fields.count)
        for field in fields {
            writer.appendVarint(field.documents)
            writer.appendVarint(field.totalLength)
        }
        let all = flattened
        writer.appendVarint(all.count)
        var previous: [UInt8] = []
        for i in 0..<all.count {
            let key = all.withKey(i) { Array($0) }
            var shared = 0
            while shared < min(previous.count, key.count), previous[shared] == key[shared] { shared += 1 }
            writer.appendVarint(shared)
            writer.appendCounted(Array(key[shared...]))
            writer.appendVarint(UInt64(all.counts[i]))
            previous = key
        }
    }

    /// - Throws: `DATA_LOSS` when the bytes are not what ``encode(into:)`` writes.
    public init(from reader: inout ByteReader) throws {
        let name = reader.name
        func count(_ value: UInt64, _ limit: Int) throws -> Int {
            guard value <= UInt64(limit) else { throw TandemError.damaged(name, "dead counts: \(value), at most \(limit) possible") }
            return Int(value)
        }
        documentCount = try count(reader.readVarint(), Int(UInt32.max))
        let fieldCount = try count(reader.readVarint(), Limits.fieldsMax)
        for _ in 0..<fieldCount {
            let documents = try count(reader.readVarint(), documentCount)
            let length = try count(reader.readVarint(), documents * LexicalFormat.lengthMax)
            fields.append(FieldStatistics(documents: documents, totalLength: UInt64(length)))
        }
        let keys = try reader.readCount(unit: 3)
        var builder = DeadLayer.Builder(keys: keys, bytes: reader.remaining)
        var key: [UInt8] = []
        for _ in 0..<keys {
            let shared = try count(reader.readVarint(), key.count)
            let suffix = try reader.readCountedBytes()
            guard shared + suffix.count <= LexicalFormat.keyBytesMax + 1, shared + suffix.count > 1,
                key[shared...].lexicographicallyPrecedes(suffix)
            else { throw TandemError.damaged(name, "dead counts: term keys are not in order or too long") }
            key.removeSubrange(shared...)
            key.append(contentsOf: suffix)
            let documents = try count(reader.readVarint(), documentCount)
            guard documents > 0 else { throw TandemError.damaged(name, "dead counts: a term of no document") }
            key.withUnsafeBytes { builder.append($0, UInt32(documents)) }
        }
        push(builder.finish())
    }
}

/// A segment together with what died in it: what a snapshot holds.
public struct LexicalSegmentView: Sendable {
    public let segment: LexicalSegment
    public let dead: DeadCounts

    public init(segment: LexicalSegment, dead: DeadCounts = DeadCounts()) {
        self.segment = segment
        self.dead = dead
    }
}
