import Synchronization
import TandemClient

/// Which batches are under way, and how far all before has been acknowledged. Thread-safe: acknowledgements arrive on a
/// network thread.
package final class ImportLedger: Sendable {
    package struct Position: Sendable, Equatable {
        /// Everything before is acknowledged.
        package var offset: UInt64
        /// Number of the line there.
        package var line: Int
        package var documents = 0
        /// Documents that were not written, since their condition did not hold.
        package var unchanged = 0
        package var skippedLines = 0
        /// Token of the last acknowledged batch.
        package var sequence: UInt64 = 0
        package var lastID: String?
        package var lastVersion: UInt64 = 0
        /// Documents of batches that the daemon already had.
        package var replayed = 0
    }

    private struct State {
        var position: Position
        var pending: [ParsedBatch] = []
        /// Counts the streams; an acknowledgement of an earlier one than the present comes too late, since its batch has been
        /// sent again and will be acknowledged again.
        var stream = 0
    }

    private let state: Mutex<State>

    package init(offset: UInt64, line: Int) { state = Mutex(State(position: Position(offset: offset, line: line))) }

    package var position: Position { state.withLock { $0.position } }

    /// Batches without an acknowledgement, in order.
    var pending: [ParsedBatch] { state.withLock { $0.pending } }

    func add(_ batch: ParsedBatch) {
        state.withLock { state in
            state.pending.append(batch)
            Self.settleEmpty(&state)
        }
    }

    /// A stream begins, which sends all pending batches first.
    /// - Returns: its number, for ``acknowledgeFirst(_:stream:)``.
    func beginStream() -> Int {
        state.withLock { state in
            state.stream += 1
            return state.stream
        }
    }

    /// The first batch is acknowledged.
    func acknowledgeFirst(_ response: UpsertResponse, stream: Int) {
        state.withLock { state in
            guard stream == state.stream, !state.pending.isEmpty else { return }
            let batch = state.pending.removeFirst()
            let unchanged = response.results.count { $0.outcome == .conditionFailed }
            state.position.documents += batch.operations.count - unchanged
            state.position.unchanged += unchanged
            state.position.sequence = max(state.position.sequence, response.sequence)
            if response.wasReplayed { state.position.replayed += batch.operations.count }
            if let last = response.results.lastIndex(where: { $0.outcome == .applied }), last < batch.operations.count,
                let id = batch.operations[last].document?.id, let version = response.results[last].version
            {
                (state.position.lastID, state.position.lastVersion) = (id, version)
            }
            Self.advance(&state, over: batch)
            Self.settleEmpty(&state)
        }
    }

    /// The first batch was applied but for one document, or up to one.
    func settleFirst(documents: Int, unchanged: Int, sequence: UInt64, upTo bad: (line: Int, offset: UInt64)?, skipped: Int) {
        state.withLock { state in
            var batch = state.pending.removeFirst()
            if let bad { (batch.end, batch.nextLine) = (bad.offset, bad.line) }
            state.position.documents += documents
            state.position.unchanged += unchanged
            state.position.sequence = max(state.position.sequence, sequence)
            state.position.skippedLines += skipped
            Self.advance(&state, over: batch)
            if bad == nil { Self.settleEmpty(&state) }
        }
    }

    /// Batches of blank or skipped lines have nothing to acknowledge.
    private static func settleEmpty(_ state: inout State) {
        while let first = state.pending.first, first.operations.isEmpty { advance(&state, over: state.pending.removeFirst()) }
    }

    private static func advance(_ state: inout State, over batch: ParsedBatch) {
        state.position.offset = batch.end
        state.position.line = batch.nextLine
        state.position.skippedLines += batch.skipped.count
    }
}
