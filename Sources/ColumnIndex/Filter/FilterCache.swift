import SearchCore
import Synchronization

/// Compressed document sets of recently used leaves, per segment; the least recently used go first.
///
/// Segments are immutable, so an entry never goes stale; entries of closed segments age out, or go at once by ``keepOnly(_:)``.
/// Thread-safe: one lock, held for a hash lookup and a few links, never while a set is computed.
public final class FilterCache: Sendable {
    /// Which set: the segment's instance number, and the leaf with its values in their fields' types, as bytes (not as
    /// `FilterNode`, whose equality would take two spellings of one Unicode keyword as the same).
    struct Key: Hashable {
        let segment: UInt64
        let leaf: [UInt8]
    }

    public struct Statistics: Sendable, Equatable {
        public var entries = 0
        public var bytes = 0
        public var hits = 0
        public var misses = 0
        public var evictions = 0
    }

    /// Doubly linked by slot number from the newest to the oldest entry; slot 0 is the ring's anchor.
    private struct Slot {
        var key: Key?
        var bitmap: RoaringBitmap?
        var bytes = 0
        var newer = 0
        var older = 0
    }

    private struct State {
        var slots = [Slot()]
        var free: [Int] = []
        var index: [Key: Int] = [:]
        var statistics = Statistics()

        mutating func unlink(_ i: Int) {
            slots[slots[i].newer].older = slots[i].older
            slots[slots[i].older].newer = slots[i].newer
        }

        mutating func linkNewest(_ i: Int) {
            let next = slots[0].older
            (slots[i].newer, slots[i].older) = (0, next)
            slots[next].newer = i
            slots[0].older = i
        }

        mutating func remove(_ i: Int) {
            unlink(i)
            index[slots[i].key!] = nil
            statistics.entries -= 1
            statistics.bytes -= slots[i].bytes
            statistics.evictions += 1
            slots[i] = Slot()
            free.append(i)
        }
    }

    public let bytesMax: Int
    private let state = Mutex(State())

    /// - Parameter bytesMax: heap bytes of all entries together; 0 keeps none.
    public init(bytesMax: Int) { self.bytesMax = bytesMax }

    public var statistics: Statistics { state.withLock { $0.statistics } }

    func bitmap(_ key: Key) -> RoaringBitmap? {
        state.withLock { state in
            guard let i = state.index[key] else {
                state.statistics.misses += 1
                return nil
            }
            state.statistics.hits += 1
            state.unlink(i)
            state.linkNewest(i)
            return state.slots[i].bitmap
        }
    }

    /// Keeps `bitmap` unless it alone exceeds the limit. A key already there, from a concurrent query, stays as it is.
    func insert(_ bitmap: RoaringBitmap, for key: Key) {
        let bytes = bitmap.memoryBytes + key.leaf.count + 200  // slot and hash entry
        guard bytes <= bytesMax else { return }
        state.withLock { state in
            guard state.index[key] == nil else { return }
            while state.statistics.bytes + bytes > bytesMax { state.remove(state.slots[0].newer) }
            let i = state.free.popLast() ?? state.slots.count
            if i == state.slots.count { state.slots.append(Slot()) }
            state.slots[i] = Slot(key: key, bitmap: bitmap, bytes: bytes)
            state.index[key] = i
            state.linkNewest(i)
            state.statistics.entries += 1
            state.statistics.bytes += bytes
        }
    }

    /// Drops the entries of all segments but these, as after a merge or a flip. - Complexity: O(entries).
    public func keepOnly(_ segments: [ColumnSegment]) {
        let kept = Set(segments.map(\.instance))
        state.withLock { state in
            for (key, i) in state.index where !kept.contains(key.segment) { state.remove(i) }
        }
    }
}
