import Glibc
import Synchronization

/// The scratch of a graph's searches, without a lock: each thread looks first where it has left some, so that it finds what is in its processor's cache.
///
/// Behind a mutex two search threads waited for each other for a thirtieth of their time, since Linux puts whoever waits to sleep, and got each other's memory in turn.
/// Safe to share. - Complexity: O(1) where threads are no more than slots; a scratch that finds no slot is freed.
final class ScratchPool: Sendable {
    private typealias Slot = Atomic<Unmanaged<GraphScratch>?>

    private static let slots = 32
    /// A cache line each.
    private static let spacing = 64 / MemoryLayout<Slot>.stride
    // SAFETY: initialised in init, changed atomically only, freed in deinit.
    private nonisolated(unsafe) let base: UnsafeMutablePointer<Slot>

    init() {
        base = UnsafeMutableRawPointer.allocate(byteCount: Self.slots * 64, alignment: 64).bindMemory(to: Slot.self, capacity: Self.slots * Self.spacing)
        for number in 0..<(Self.slots * Self.spacing) { (base + number).initialize(to: Slot(nil)) }
    }

    deinit {
        while let scratch = take() { scratch.free() }
        base.deinitialize(count: Self.slots * Self.spacing)
        UnsafeMutableRawPointer(base).deallocate()
    }

    /// Nil where none is left.
    func take() -> GraphScratch? {
        let first = Self.own
        for turn in 0..<Self.slots {
            let slot = base + ((first + turn) % Self.slots) * Self.spacing
            guard slot.pointee.load(ordering: .relaxed) != nil, let taken = slot.pointee.exchange(nil, ordering: .acquiring) else { continue }
            return taken.takeRetainedValue()
        }
        return nil
    }

    func give(_ scratch: GraphScratch) {
        let given = Unmanaged.passRetained(scratch)
        let first = Self.own
        for turn in 0..<Self.slots {
            let slot = base + ((first + turn) % Self.slots) * Self.spacing
            if slot.pointee.load(ordering: .relaxed) == nil, slot.pointee.compareExchange(expected: nil, desired: given, ordering: .releasing).exchanged {
                return
            }
        }
        given.takeRetainedValue().free()
    }

    /// Where the calling thread begins to look: a thread's descriptor is on its own pages.
    private static var own: Int { Int(truncatingIfNeeded: (UInt64(pthread_self()) >> 12) &* 0x9E37_79B9_7F4A_7C15 >> 32) & (slots - 1) }
}
