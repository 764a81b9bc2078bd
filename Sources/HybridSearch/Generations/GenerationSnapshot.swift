import ColumnIndex
import LexicalIndex
import SearchCore
import Storage
import Synchronization
import TextAnalysis
import VectorIndex

/// One consistent state of a generation: what a search reads from its first to its last stage.
///
/// Immutable. While it lives, the log keeps every document version that it can name (``SnapshotPins``).
final class GenerationSnapshot: Sendable {
    let generation: UInt64
    let documents: [DocumentEntry]
    /// By vector field, in the schema's order.
    let vectors: [IndexedSegments]
    let live: DocBitSet
    let applied: SequenceNumber
    let vectorApplied: SequenceNumber
    private let pins: SnapshotPins
    private let heldLanguages = Mutex<[Language]?>(nil)

    init(
        generation: UInt64, documents: [DocumentEntry], vectors: [IndexedSegments], live: DocBitSet,
        applied: SequenceNumber, vectorApplied: SequenceNumber, pins: SnapshotPins
    ) {
        self.generation = generation
        self.documents = documents
        self.vectors = vectors
        self.live = live
        self.applied = applied
        self.vectorApplied = vectorApplied
        self.pins = pins
        pins.add(applied)
    }

    deinit { pins.remove(applied) }

    var lexicalViews: [LexicalSegmentView] {
        documents.map { LexicalSegmentView(segment: $0.segment.lexical, dead: $0.dead) }
    }

    /// The languages that live documents are in, the commonest first. Looked up once for each snapshot: some tens of microseconds a segment.
    var languages: [Language] {
        heldLanguages.withLock { held in
            if let held { return held }
            var counts: [String: Int] = [:]
            for view in lexicalViews {
                for field in 0..<view.segment.fieldCount {
                    // A damaged dictionary is the search's affair, which reads it next.
                    _ = try? view.segment.keys(withPrefix: [TermForm.language.rawValue], field: field, limit: .max) { key, documents in
                        let live = documents - view.dead.deadDocuments(containing: key, field: field)
                        counts[String(decoding: key.dropFirst(), as: UTF8.self), default: 0] += max(live, 0)
                        return false
                    }
                }
            }
            let found = counts.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.compactMap { Language($0.key) }
            held = found
            return found
        }
    }

    var columns: [ColumnSegment] { documents.map(\.segment.columns) }

    /// Log sequence of a document version. - Complexity: O(log segments).
    func sequence(of doc: DocID) -> SequenceNumber {
        documents[Self.index(of: doc, in: documents)].segment.columns.sequence(of: doc)
    }

    /// External ids, in the order asked, from the segments; where these do not say, which they have done since COLS version 2, from the log.
    /// - Throws: `INTERNAL` when a document is in neither; `DATA_LOSS`.
    func ids(of docs: [DocID], store: DocumentStore) throws -> [String] {
        var ids = try docs.map { doc in
            guard let position = Self.position(of: doc, in: documents) else {
                // Of a file of vectors that changed while it was mapped.
                throw TandemError(.dataLoss, "generation \(generation): document \(doc) was found, but is in no segment; run tandem check")
            }
            return try documents[position].segment.columns.id(of: doc)
        }
        let missing = docs.indices.filter { ids[$0] == nil }
        if !missing.isEmpty {
            let sequences = missing.map { sequence(of: docs[$0]) }
            for (index, id) in zip(missing, try store.documentIDs(at: sequences)) { ids[index] = id }
        }
        return try zip(docs, ids).map { doc, id in
            guard let id else {
                throw TandemError(
                    .internal, "document \(doc) at sequence \(sequence(of: doc)) is live in generation \(generation), but not in the log")
            }
            return id
        }
    }

    /// Position of the entry that holds `doc`, which must exist.
    static func index(of doc: DocID, in documents: [DocumentEntry]) -> Int {
        guard let position = position(of: doc, in: documents) else { preconditionFailure("document \(doc) is in no segment") }
        return position
    }

    private static func position(of doc: DocID, in documents: [DocumentEntry]) -> Int? {
        var low = 0
        var high = documents.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if documents[middle].segment.firstDoc <= doc { low = middle } else { high = middle }
        }
        return low < documents.count && documents[low].segment.firstDoc <= doc && doc < documents[low].segment.endDoc ? low : nil
    }

    /// DocID of a log sequence; nil when no segment has it. - Complexity: O(log documents).
    static func document(of sequence: SequenceNumber, in documents: [DocumentEntry]) -> DocID? {
        // Segments are in sequence order, so the first whose last sequence reaches it is the only one that can have it.
        for entry in documents.reversed() {
            if let doc = entry.segment.columns.document(of: sequence) { return doc }
        }
        return nil
    }
}

/// Counts the open snapshots by their applied sequence, so that the log is not trimmed below the oldest.
final class SnapshotPins: Sendable {
    private let counts = Mutex<[SequenceNumber: Int]>([:])

    func add(_ sequence: SequenceNumber) { counts.withLock { $0[sequence, default: 0] += 1 } }

    func remove(_ sequence: SequenceNumber) {
        counts.withLock {
            $0[sequence]! -= 1
            if $0[sequence] == 0 { $0[sequence] = nil }
        }
    }

    /// Applied sequence of the oldest open snapshot; nil when none is open.
    var oldest: SequenceNumber? { counts.withLock { $0.keys.min() } }
}
