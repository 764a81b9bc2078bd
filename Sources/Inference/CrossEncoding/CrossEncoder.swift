import SearchCore
import Synchronization

/// How far a rerank came.
public struct RerankProgress: Sendable, Hashable {
    public enum Stop: String, Sendable, Hashable {
        /// Every passage has a score.
        case complete
        /// The next passages would not have fitted into the budget.
        case budget
        /// The call's deadline is too near.
        case deadline
        /// `onBatch` said so.
        case caller
    }
    /// Scores of the first passages, in their order: higher is better, unbounded, comparable within one query only.
    public var scores: [Float]
    public var stop: Stop
    /// Time spent, waiting for other work included.
    public var elapsed: Duration
    /// Tokens that the model read, padding included.
    public var tokens: Int
}

/// Scores passages for a query with a cross-encoder, best candidates first, and stops when told or when time is up.
///
/// Passages are taken in windows of a few small batches: each window is filled in the order given, as far as its estimated
/// cost fits the time left, and inside a window passages of equal length share a batch. Thread-safe; calls block.
public final class CrossEncoder: Sendable {
    public let folder: ModelFolder
    public let tokenizer: WordPieceTokenizer
    /// Longest pair with its three special tokens; a longer one is cut as `longest_first` does.
    public let maxTokens: Int
    private let runtime: InferenceRuntime
    private let model: Mutex<CompiledModel?>
    private let cost = CostModel()

    /// Loads, warms and measures the model.
    ///
    /// - Parameter maxTokens: nil: the model's own limit, which it may only lower.
    /// - Throws: as ``Embedder``'s initialiser; `INVALID_ARGUMENT` for a bi-encoder or a limit below 16.
    public init(_ folder: ModelFolder, runtime: InferenceRuntime, maxTokens: Int? = nil) throws {
        guard folder.kind == .crossEncoder else {
            throw TandemError.invalidArgument("model '\(folder.name)' is a \(folder.kind.rawValue), expected a cross-encoder")
        }
        guard folder.dimension == 1 else {
            throw TandemError(.unimplemented, "model '\(folder.name)' gives \(folder.dimension) scores a pair, expected 1")
        }
        if let maxTokens, maxTokens < 16 {
            throw TandemError.invalidArgument("model '\(folder.name)': a limit of \(maxTokens) tokens, expected 16 or more")
        }
        try folder.verify()
        self.folder = folder
        self.runtime = runtime
        self.maxTokens = min(maxTokens ?? folder.maxTokens, folder.maxTokens)
        tokenizer = try WordPieceTokenizer(tokenizerJSON: folder.tokenizerPath)
        model = Mutex(try runtime.compile(folder, niceness: 0))
        try warm()
    }

    /// Scores of all passages, in their order, without a budget. No passages: no scores.
    ///
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`, `UNAVAILABLE` after ``close()``, `INTERNAL`.
    public func score(query: String, passages: [String], control: QueryControl = .unlimited) throws -> [Float] {
        let progress = try score(query: query, passages: passages, budget: nil, control: control)
        guard progress.stop == .complete else {
            throw TandemError(.deadlineExceeded, "the deadline is too near to score \(passages.count) passages", isRetryable: true)
        }
        return progress.scores
    }

    /// Scores of as many of the first passages as the budget and the control's deadline allow.
    ///
    /// - Parameters:
    ///   - query: with its prefix added here, if the model has one.
    ///   - passages: best candidates first.
    ///   - budget: time for the whole call; nil: none. What does not fit by the estimate is not begun; the estimate errs by
    ///     what other work does meanwhile.
    ///   - reserve: time that the caller needs between the end of this and its deadline.
    ///   - onBatch: range of passages that just got their scores, and these; false stops.
    /// - Throws: `CANCELLED`, `UNAVAILABLE` after ``close()``, `INTERNAL`. A deadline is no error here: it ends the progress.
    public func score(
        query: String, passages: [String], budget: Duration?, reserve: Duration = .zero, control: QueryControl = .unlimited,
        onBatch: (Range<Int>, ArraySlice<Float>) -> Bool = { _, _ in true }
    ) throws -> RerankProgress {
        guard let model = model.withLock({ $0 }) else { throw TandemError(.unavailable, "model '\(folder.name)' is closed") }
        let clock = ContinuousClock()
        let start = clock.now
        let budgetEnd = budget.map { start + $0 }
        let queryIDs = tokenizer.encode(folder.queryPrefix + query)
        var scores = [Float](repeating: 0, count: passages.count)
        var progress = RerankProgress(scores: [], stop: .complete, elapsed: .zero, tokens: 0)
        var done = 0
        while done < passages.count {
            if control.isCancelled { try control.checkpoint() }
            // The nearer of the two ends.
            let budgetLeft = budgetEnd.map { clock.now.duration(to: $0) }
            // A budget may be overrun by what the estimate errs, a deadline must not: four fifths of the time are planned for.
            let deadlineLeft = control.remaining.map { ($0 - reserve) * 0.8 }
            let endsByBudget = budgetLeft.map { left in deadlineLeft.map { left <= $0 } ?? true } ?? false
            let window = fill(
                queryIDs, passages[done...], left: endsByBudget ? budgetLeft : deadlineLeft, streams: model.streams)
            if window.isEmpty {
                progress.stop = endsByBudget ? .budget : .deadline
                if done == 0 { cost.relax() }
                break
            }
            let batches = BatchPlan.plan(
                lengths: window.map(\.ids.count), maxTokens: maxTokens, tokensMax: runtime.options.rerankBatchTokens)
            do {
                try BatchRunner(model: model, gate: runtime.gate, priority: .rerank, padding: tokenizer.paddingID)
                    .run(batches, sequences: window, width: 1, control: control) { batch, values, nanoseconds in
                        cost.record(tokens: batch.paddedTokens, nanoseconds: nanoseconds)
                        progress.tokens += batch.paddedTokens
                        for (row, member) in batch.members.enumerated() {
                            guard values[row].isFinite else {
                                throw TandemError(.internal, "model '\(folder.name)' gave a score that is not finite")
                            }
                            scores[done + member] = values[row]
                        }
                    }
            } catch let error as TandemError where error.code == .deadlineExceeded {
                // Scores of a broken window have gaps: they are dropped.
                progress.stop = .deadline
                break
            }
            let range = done..<(done + window.count)
            done = range.upperBound
            if !onBatch(range, scores[range]), done < passages.count {
                progress.stop = .caller
                break
            }
        }
        progress.scores = Array(scores[..<done])
        progress.elapsed = start.duration(to: clock.now)
        return progress
    }

    /// Time that `tokens` (query, passage and three special ones, summed over the pairs) take on one core, under the
    /// present load. Divide by ``InferenceRuntime/threads`` for work that fills all of them.
    public func estimatedCost(tokens: Int) -> Duration { cost.estimate(tokens: max(tokens, 0)) }

    /// Frees the model. Running calls end normally; later ones throw `UNAVAILABLE`. May be called twice.
    public func close() { model.withLock { $0 = nil } }

    /// The next pairs: at most two batches for each core, and only what fits into `left`.
    private func fill(_ query: [Int32], _ passages: ArraySlice<String>, left: Duration?, streams: Int) -> [TokenSequence] {
        let tokensMax = runtime.options.rerankBatchTokens * streams * 2
        var window: [TokenSequence] = []
        var tokens = 0
        var longest = 0
        for passage in passages {
            let pair = tokenizer.assemble(query, tokenizer.encode(folder.passagePrefix + passage), maxTokens: maxTokens)
            let length = BatchPlan.bucket(pair.ids.count, maxTokens: maxTokens)
            if !window.isEmpty, tokens + length > tokensMax { break }
            if let left {
                // No core is done before the longest pair is, nor before its share of all pairs.
                let time = max(estimatedCost(tokens: max(longest, length)), estimatedCost(tokens: tokens + length) / min(streams, window.count + 1))
                if time > left { break }
            }
            window.append(pair)
            tokens += length
            longest = max(longest, length)
        }
        return window
    }

    /// Plans usual shapes on every stream and learns what a token costs.
    private func warm() throws {
        guard let model = model.withLock({ $0 }) else { return }
        let sequence = tokenizer.assemble([], [], maxTokens: maxTokens)
        for (rows, length) in [(1, 32), (2, 128), (3, 128), (1, 128)] where length <= maxTokens {
            for isWarm in [false, true] {
                let batches = Array(repeating: Batch(members: Array(repeating: 0, count: rows), length: length), count: runtime.threads)
                try BatchRunner(model: model, gate: runtime.gate, priority: .rerank, padding: tokenizer.paddingID)
                    .run(batches, sequences: [sequence], width: 1, control: .unlimited) { batch, _, nanoseconds in
                        if isWarm { cost.record(tokens: batch.paddedTokens, nanoseconds: nanoseconds) }
                    }
            }
        }
    }
}
