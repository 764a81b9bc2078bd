import Synchronization

/// Bytes that all connections hold together. Safe to use from any thread.
final class ByteBudget: Sendable {
    let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    // Relaxed: the number guards nothing but itself.
    func change(by bytes: Int) { if bytes != 0 { used.wrappingAdd(bytes, ordering: .relaxed) } }
    var isExceeded: Bool { used.load(ordering: .relaxed) > limit }
}

/// Counts what runs on all connections together, and says no beyond the limit. Safe to use from any thread.
public final class Admission: Sendable {
    public let limit: Int
    private let count = Atomic<Int>(0)

    public init(limit: Int) { self.limit = limit }

    // Relaxed: the number guards nothing but itself.
    public var current: Int { count.load(ordering: .relaxed) }

    /// Nil: no room. The room is given back with the ticket, at the latest when nobody holds it.
    public func enter() -> Ticket? {
        if count.wrappingAdd(1, ordering: .relaxed).newValue <= limit { return Ticket(self) }
        count.wrappingSubtract(1, ordering: .relaxed)
        return nil
    }

    public final class Ticket: Sendable {
        private let admission: Admission
        private let isGivenBack = Atomic<Bool>(false)

        fileprivate init(_ admission: Admission) { self.admission = admission }

        deinit { giveBack() }

        /// The second time and later do nothing.
        public func giveBack() {
            if !isGivenBack.exchange(true, ordering: .relaxed) { admission.count.wrappingSubtract(1, ordering: .relaxed) }
        }
    }
}
