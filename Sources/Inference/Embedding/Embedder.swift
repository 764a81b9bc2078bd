import SearchCore
import Synchronization

/// A document's text as a vector.
public struct EmbeddedText: Sendable, Hashable {
    /// [dimension] f32; of length 1 if the model normalises.
    public var vector: [Float]
    /// Tokens that the model read, with `[CLS]` and `[SEP]`.
    public var tokens: Int
    /// Tokens behind the model's limit, which the vector knows nothing of.
    public var tokensCut: Int
}

/// Turns texts into vectors with a bi-encoder.
///
/// Two copies of the model are compiled: one for queries, one whose threads have a lower priority of the kernel for
/// documents. A query therefore never waits for a batch of documents to end; the price is the weights twice in memory
/// (about 60 MB for MiniLM-L6). Texts alone or in any batch give the same vector up to the model's arithmetic (cosine
/// above .9999 at bf16). Thread-safe; calls block.
public final class Embedder: Sendable {
    private struct Models: Sendable {
        var interactive: CompiledModel
        var ingestion: CompiledModel
    }

    /// Niceness of threads that embed documents: about a tenth of a query thread's share of a core.
    private static let ingestionNiceness: Int32 = 10

    public let folder: ModelFolder
    public let tokenizer: WordPieceTokenizer
    public var dimension: Int { folder.dimension }
    public var maxTokens: Int { folder.maxTokens }
    private let runtime: InferenceRuntime
    private let models: Mutex<Models?>

    /// Loads and warms the model.
    ///
    /// - Parameter sharesOneCopy: save memory by running documents on the queries' copy; a query then waits for up to one
    ///   batch of documents.
    /// - Throws: `INVALID_ARGUMENT` for a cross-encoder, `DATA_LOSS` for damaged files, `UNIMPLEMENTED` for a tokenizer other
    ///   than WordPiece, `INTERNAL` with OpenVINO's status and the model's name.
    /// - Complexity: some hundred milliseconds; less with a cache folder.
    public init(_ folder: ModelFolder, runtime: InferenceRuntime, sharesOneCopy: Bool = false) throws {
        guard folder.kind == .biEncoder else {
            throw TandemError.invalidArgument("model '\(folder.name)' is a \(folder.kind.rawValue), expected a bi-encoder")
        }
        try folder.verify()
        self.folder = folder
        self.runtime = runtime
        tokenizer = try WordPieceTokenizer(tokenizerJSON: folder.tokenizerPath)
        let interactive = try runtime.compile(folder, niceness: 0)
        let ingestion = sharesOneCopy ? interactive : try runtime.compile(folder, niceness: Self.ingestionNiceness)
        models = Mutex(Models(interactive: interactive, ingestion: ingestion))
        try warm()
    }

    /// Vector of a query: [dimension] f32. Goes before documents and reranks.
    ///
    /// - Throws: `CANCELLED`, `DEADLINE_EXCEEDED`, `UNAVAILABLE` after ``close()``, `INTERNAL`.
    public func embedQuery(_ text: String, control: QueryControl = .unlimited) throws -> [Float] {
        try run([folder.queryPrefix + text], .query, control)[0].vector
    }

    /// Vectors of documents' texts, in the order given. Gives way to queries between batches.
    ///
    /// Memory grows with the texts, so callers pass some dozens to hundreds at a time; many short calls cost speed, since
    /// batches are made of texts of equal length within one call.
    /// - Throws: as ``embedQuery(_:control:)``.
    public func embed(_ texts: [String], control: QueryControl = .unlimited) throws -> [EmbeddedText] {
        try run(folder.passagePrefix.isEmpty ? texts : texts.map { folder.passagePrefix + $0 }, .ingestion, control)
    }

    /// Tokens that ``embed(_:control:)`` would see of `text`, without the two special ones and before any cut: what a
    /// caller needs to cut a document into passages.
    public func countTokens(_ text: String) -> Int { tokenizer.encode(text).count }

    /// Frees the model. Running calls end normally; later ones throw `UNAVAILABLE`. May be called twice.
    public func close() { models.withLock { $0 = nil } }

    private func run(_ texts: [String], _ priority: InferencePriority, _ control: QueryControl) throws -> [EmbeddedText] {
        guard let models = models.withLock({ $0 }) else { throw TandemError(.unavailable, "model '\(folder.name)' is closed") }
        let model = priority == .query ? models.interactive : models.ingestion
        var sequences: [TokenSequence] = []
        sequences.reserveCapacity(texts.count)
        for text in texts {
            try control.checkpoint()
            sequences.append(tokenizer.assemble(tokenizer.encode(text), maxTokens: maxTokens))
        }
        let batches = BatchPlan.plan(
            lengths: sequences.map(\.ids.count), maxTokens: maxTokens, tokensMax: runtime.options.ingestionBatchTokens)
        var out = sequences.map { EmbeddedText(vector: [], tokens: $0.ids.count, tokensCut: $0.tokensCut) }
        let width = dimension
        try BatchRunner(model: model, gate: runtime.gate, priority: priority, padding: tokenizer.paddingID)
            .run(batches, sequences: sequences, width: width, control: control) { batch, values, _ in
                for (row, member) in batch.members.enumerated() {
                    let vector = Array(values[(row * width)..<((row + 1) * width)])
                    // One infinite or NaN component makes the sum so.
                    guard vector.reduce(0, +).isFinite else {
                        throw TandemError(.internal, "model '\(folder.name)' gave a vector with a component that is not finite")
                    }
                    out[member].vector = vector
                }
            }
        return out
    }

    /// OpenVINO plans a shape when it first sees it, per stream: do that for the shapes of queries before the first one.
    private func warm() throws {
        guard let models = models.withLock({ $0 }) else { return }
        let sequence = tokenizer.assemble([], maxTokens: maxTokens)
        for length in [16, 32, 48].map({ min($0, maxTokens) }) {
            let batches = Array(repeating: Batch(members: [0], length: length), count: runtime.threads * 2)
            try BatchRunner(model: models.interactive, gate: runtime.gate, priority: .query, padding: tokenizer.paddingID)
                .run(batches, sequences: [sequence], width: dimension, control: .unlimited) { _, _, _ in }
        }
    }
}
