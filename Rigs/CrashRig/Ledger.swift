import Synchronization
import TandemClient

/// One operation as the rig sent it.
struct Operation: Sendable {
    enum Change: Sendable, Equatable {
        case upsert(word: String)
        case delete
    }

    let id: String
    let change: Change
    var condition: Condition?
    /// What it must answer, where that is known when it is sent: ids that have one writer.
    var expected: OperationOutcome?
}

/// One batch: all of it is applied, or nothing.
struct Batch: Sendable {
    let writer: Int
    let operations: [Operation]
    let key: String?
    var level: Acknowledgement
    /// By the delete call rather than by upsert: holds deletes only.
    var isDelete: Bool { operations.contains { $0.change == .delete } }
}

/// A version of a document: what is there from `sequence` on. No word: the document is not there.
struct Version: Sendable, Equatable {
    var sequence: UInt64 = 0
    var word: String?
}

/// Everything that the rig knows of what it wrote: what was acknowledged, and what may or may not have been applied because the
/// daemon was killed before it answered.
///
/// Thread-safe. Failed expectations are collected, not thrown: the round ends, and says all that is wrong.
final class Ledger: Sendable {
    struct State {
        var documents: [String: Version] = [:]
        /// Sent and never answered, by writer, in the order of sending.
        var pending: [Int: [Batch]] = [:]
        /// Ids touched since the last verification.
        var touched: Set<String> = []
        /// Words that no search may find any more (or ever), since the last verification.
        var retired: [String] = []
        /// Versions that a conditional write has replaced: two writes with the same one would be a lost update.
        var replaced: Set<String> = []
        /// The last acknowledged batches that have a key, with their answers.
        var keyed: [(batch: Batch, results: [OperationResult])] = []
        var highest: UInt64 = 0
        var nextWord: UInt64 = 0
        var findings: [String] = []
        var figures = Figures()
    }

    struct Figures: Sendable {
        var acknowledgedBatches = 0
        var acknowledgedOperations = 0
        var refusedBatches = 0
        var unansweredBatches = 0
        var appliedUnanswered = 0
        var searchableAtOnce = 0
    }

    private let state = Mutex(State())

    func withState<T>(_ body: (inout State) throws -> T) rethrows -> T { try state.withLock { try body(&$0) } }

    func note(_ finding: String) { state.withLock { if $0.findings.count < 100 { $0.findings.append(finding) } } }

    /// A word that was never given out in this data folder.
    func newWord() -> String {
        state.withLock { state in
            state.nextWord += 1
            return Content.word(state.nextWord)
        }
    }

    func version(_ id: String) -> Version { state.withLock { $0.documents[id] ?? Version() } }

    // MARK: Traffic

    func sending(_ batch: Batch) { state.withLock { $0.pending[batch.writer, default: []].append(batch) } }

    /// The daemon answered the oldest batch of this writer.
    func acknowledged(_ writer: Int, _ results: [OperationResult], sequence: UInt64, level: Acknowledgement, wasReplayed: Bool) {
        state.withLock { state in
            guard state.pending[writer]?.isEmpty == false else { return state.findings.append("writer \(writer): an answer to nothing") }
            let batch = state.pending[writer]!.removeFirst()
            state.apply(batch, results, sequence: sequence)
            if wasReplayed { state.findings.append("writer \(writer): a batch sent for the first time is said to be known") }
            if level.rawValue < batch.level.rawValue { state.findings.append("writer \(writer): asked for \(batch.level), got \(level)") }
            state.figures.acknowledgedBatches += 1
            state.figures.acknowledgedOperations += batch.operations.count
            if batch.key != nil { state.keyed = state.keyed.suffix(15) + [(batch, results)] }
        }
    }

    /// The daemon says that nothing of this writer's oldest batch was done.
    func refused(_ writer: Int) {
        state.withLock { state in
            guard let batch = state.pending[writer]?.first else { return }
            state.pending[writer]!.removeFirst()
            state.retire(batch)
            state.touched.formUnion(batch.operations.map(\.id))
            state.figures.refusedBatches += 1
        }
    }
}

extension Ledger.State {
    /// Enters the answer to a batch, and checks it against what was expected.
    mutating func apply(_ batch: Batch, _ results: [OperationResult], sequence: UInt64) {
        guard results.count == batch.operations.count else {
            return findings.append("writer \(batch.writer): \(results.count) results for \(batch.operations.count) operations")
        }
        for (operation, result) in zip(batch.operations, results) {
            touched.insert(operation.id)
            if let expected = operation.expected, result.outcome != expected {
                findings.append("\(operation.id): answered \(result.outcome), expected \(expected)")
            }
            guard result.outcome == .applied else {
                if case .upsert(let word) = operation.change { retired.append(word) }
                continue
            }
            guard let version = result.version, version > 0 else {
                findings.append("\(operation.id): applied without a version")
                continue
            }
            if let condition = operation.condition, condition.kind == .ifVersion {
                if version <= condition.version { findings.append("\(operation.id): version \(version) replaced \(condition.version)") }
                if !replaced.insert("\(operation.id) \(condition.version)").inserted {
                    findings.append("\(operation.id): version \(condition.version) was replaced twice: a lost update")
                }
            }
            highest = max(highest, version)
            let word: String? = if case .upsert(let word) = operation.change { word } else { nil }
            enter(operation.id, Version(sequence: version, word: word))
        }
        highest = max(highest, sequence)
    }

    /// Answers of several writers to one id come in any order; the higher version is the later one.
    mutating func enter(_ id: String, _ version: Version) {
        let known = documents[id] ?? Version()
        guard version.sequence != known.sequence else {
            if version != known { findings.append("\(id): two writes with version \(version.sequence)") }
            return
        }
        let (older, newer) = version.sequence > known.sequence ? (known, version) : (version, known)
        if let word = older.word { retired.append(word) }
        documents[id] = newer
    }

    /// The batch was not applied: none of its words may ever be found.
    mutating func retire(_ batch: Batch) {
        for operation in batch.operations { if case .upsert(let word) = operation.change { retired.append(word) } }
    }
}
