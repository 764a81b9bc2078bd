import Synchronization

/// A number that several threads count down. Relaxed order: it guards nothing but itself.
final class Counter: Sendable {
    private let count: Atomic<Int>

    init(_ value: Int) { count = Atomic(value) }

    var value: Int { count.load(ordering: .relaxed) }
    func decrement() { count.wrappingSubtract(1, ordering: .relaxed) }
}
