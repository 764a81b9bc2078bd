import HybridSearch
import SearchCore
import Synchronization
import WireProtocol

/// One upsert call: batches come in, each is logged in order, each is acknowledged in order at its level.
///
/// Up to ``inFlightMax`` batches are on their way at a time, so that a stream with level `searchable` is not held to one batch
/// per refresh. The next batch is asked for only when the committer has taken the one before; until then the client gets no
/// credits, which is the back-pressure.
///
/// Invariants: (1) batches reach the committer in the order of the stream; (2) responses leave in that order; (3) after a
/// batch that failed, no further one is taken, and the stream ends with its status once all before it are acknowledged.
final class UpsertStream: Sendable {
    static let inFlightMax = 32

    private let call: ServerCall
    private let router: ServiceRouter
    private let state = Mutex(UpsertStreamState())

    init(_ call: ServerCall, router: ServiceRouter) {
        self.call = call
        self.router = router
    }

    func start() { ask() }

    // MARK: In

    private func ask() {
        call.nextMessage { [self] bytes in
            guard let bytes else {
                state.withLock { $0.hasEnd = true }
                return flush()
            }
            let number = state.withLock { $0.take() }
            do {
                try router.pools.writes.submit { [self] in take(number, bytes) }
            } catch { answer(number, .failure(refused(error))) }
        }
    }

    /// On a thread of `writes`.
    private func take(_ number: Int, _ bytes: [UInt8]) {
        do {
            try call.control.checkpoint()
            let message = try ServerCall.decode(UpsertRequest.self, bytes)
            let collection = try collection(message.collection)
            let level = try HybridSearch.Acknowledgement(message.acknowledgement)
            let write = PendingWrite(batch: try WriteBatch(message), level: level, collection: collection, call: call, router: router)
            write.submit(onAccepted: { [self] in accepted() }) { [self] result in
                answer(number, result.map { UpsertResponse($0, level) })
            }
        } catch { answer(number, .failure(refused(error))) }
    }

    private func refused(_ error: any Error) -> Status { router.statuses.status(error, method: call.method, didRun: false) }

    /// The stream's collection is that of its first batch.
    private func collection(_ name: String) throws -> HybridSearch.Collection {
        if let known = state.withLock({ $0.collection }) {
            guard name.isEmpty || name == known.name else {
                throw Mapping.refuse("collection", "a stream writes to one collection, '\(known.name)'; open another stream for another one")
            }
            return known
        }
        let collection = try router.collection(name)
        state.withLock { $0.collection = collection }
        return collection
    }

    private func accepted() {
        let mayAsk = state.withLock { state in
            state.isTaking = false
            return state.mayAsk()
        }
        if mayAsk { ask() }
    }

    // MARK: Out

    private func answer(_ number: Int, _ result: Result<UpsertResponse, Status>) {
        state.withLock { $0.answer(number, result) }
        flush()
    }

    /// Does what is due. One thread at a time, and others leave their part to it: the order must not depend on who is faster.
    private func flush() {
        let isMine = state.withLock { state in
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
        guard isMine else { return }
        while true {
            switch state.withLock({ $0.next() }) {
            case .send(let response): call.send(response)
            case .finish(let status): call.finish(status)
            case .ask: ask()
            case .rest: return
            }
        }
    }
}

/// What is known of a stream's batches, and what is to be done next. A value, so that the rules stand in one place.
struct UpsertStreamState {
    enum Step {
        case send(UpsertResponse)
        case finish(Status)
        case ask
        case rest
    }

    var collection: HybridSearch.Collection?
    /// A batch was asked for, or is on its way to the committer.
    var isTaking = true
    /// Nothing more is taken: the client has ended or left, or a batch failed.
    var hasEnd = false
    var isFlushing = false
    private var isWindowFull = false
    private var isOver = false
    /// Batches taken, and answered; those between are in flight, and `done` holds the ones that are ready.
    private var taken = 0
    private var answered = 0
    private var done: [Int: Result<UpsertResponse, Status>] = [:]

    /// - Returns: the new batch's number.
    mutating func take() -> Int {
        defer { taken += 1 }
        return taken
    }

    /// True once for every batch that may be asked for.
    mutating func mayAsk() -> Bool {
        guard !hasEnd, !isTaking else { return false }
        isWindowFull = taken - answered >= UpsertStream.inFlightMax
        guard !isWindowFull else { return false }
        isTaking = true
        return true
    }

    mutating func answer(_ number: Int, _ result: Result<UpsertResponse, Status>) {
        guard !isOver else { return }
        done[number] = result
        if case .failure = result { hasEnd = true }
    }

    /// `.rest` gives back the right to flush, under the same lock as the look that found nothing to do.
    mutating func next() -> Step {
        if !isOver {
            if let result = done.removeValue(forKey: answered) {
                answered += 1
                switch result {
                case .success(let response): return .send(response)
                case .failure(var status):
                    isOver = true
                    // The batch itself did not run, but what came before in this call did.
                    if answered > 1, status.didRun == false { status.didRun = true }
                    return .finish(status)
                }
            }
            if hasEnd, taken == answered {
                isOver = true
                return .finish(.ok)
            }
            if isWindowFull, mayAsk() { return .ask }
        }
        isFlushing = false
        return .rest
    }
}
