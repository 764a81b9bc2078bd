import SearchCore

/// The keys that a fuzzy word stands for over several dictionaries, in key order, each once with what its sources add up to.
///
/// A binary heap of cursors, lowest key on top. Not thread-safe.
struct FuzzyMerge {
    private struct Source {
        var cursor: FuzzyCursor
        var view: LexicalSegmentView
        var field: Int
        /// Place of the field among the fields asked for.
        var slot: Int

        /// Goes to the next match. - Returns: false after the last one.
        func next(_ control: QueryControl) throws -> Bool {
            do { return try cursor.next(control) } catch let error as Damaged { throw view.segment.damaged(field, error.what) }
        }

        /// Live documents with the key.
        var documents: Int { max(cursor.documentFrequency - view.dead.deadDocuments(containing: cursor.key, field: field), 0) }
    }

    private var heap: [Source] = []
    private var distanceMax: Int
    /// By slot: documents with the current key.
    private var documents: [Int]
    private(set) var key: [UInt8] = []
    private(set) var distance = 0
    /// Live ones of the current key, at least 1: over segments the sum, over fields the largest, as a term's frequency is counted for its weight.
    var documentFrequency: Int { documents.max() ?? 0 }

    init(_ pattern: FuzzyPattern, _ views: [LexicalSegmentView], fields: [Int], _ control: QueryControl) throws {
        distanceMax = pattern.distance
        documents = Array(repeating: 0, count: fields.count)
        key.reserveCapacity(LexicalFormat.keyBytesMax)
        for view in views {
            let segment = view.segment
            for (slot, field) in fields.enumerated() where segment.fields.indices.contains(field) {
                guard let dictionary = segment.fields[field].dictionary else { continue }
                let cursor: FuzzyCursor
                do { cursor = try FuzzyCursor(dictionary, pattern) } catch { throw segment.damaged(field, error.what) }
                let source = Source(cursor: cursor, view: view, field: field, slot: slot)
                if try source.next(control) { heap.append(source) }
            }
        }
        for parent in (0..<(heap.count / 2)).reversed() { siftDown(parent) }
    }

    /// Leaves out keys of more edits from here on; one that has been walked to already still comes.
    mutating func limit(distance: Int) {
        guard distance < distanceMax else { return }
        distanceMax = distance
        for source in heap { source.cursor.distanceMax = distance }
    }

    /// Goes to the next key that a live document has: what is dead counts in no answer. - Returns: false after the last one.
    mutating func next(_ control: QueryControl) throws -> Bool {
        repeat {
            guard try nextKey(control) else { return false }
        } while documentFrequency == 0
        return true
    }

    private mutating func nextKey(_ control: QueryControl) throws -> Bool {
        guard let first = heap.first else { return false }
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: first.cursor.key)
        distance = first.cursor.distance
        for slot in documents.indices { documents[slot] = 0 }
        while let source = heap.first, isCurrent(source.cursor) {
            documents[source.slot] += source.documents
            if try !source.next(control) {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
            }
            siftDown(0)
        }
        return true
    }

    private func isCurrent(_ cursor: FuzzyCursor) -> Bool { key.withUnsafeBytes { compareBytes($0, cursor.key) == 0 } }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var lowest = 2 * parent + 1
            guard lowest < heap.count else { return }
            if lowest + 1 < heap.count, compareBytes(heap[lowest + 1].cursor.key, heap[lowest].cursor.key) < 0 { lowest += 1 }
            guard compareBytes(heap[lowest].cursor.key, heap[parent].cursor.key) < 0 else { return }
            heap.swapAt(lowest, parent)
            parent = lowest
        }
    }
}
