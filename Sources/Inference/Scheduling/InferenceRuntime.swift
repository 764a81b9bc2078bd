import SearchCore

/// What all models of a process share: OpenVINO, the cores, and the order in which batches get them.
///
/// Make one per process. Thread-safe; lives as long as a model uses it.
public final class InferenceRuntime: Sendable {
    public struct Options: Sendable {
        /// Cores for inference; each batch runs on one. 0: all that the process may use.
        public var threads: Int
        public var precision: InferencePrecision
        /// Where compiled models are kept between starts (OpenVINO's CACHE_DIR); nil: nowhere. Made if missing.
        public var cacheFolder: String?
        /// Padded tokens of an ingestion batch. At 512 the cost per token is within 2 % of the best, and the batch lasts
        /// about 30 ms on a core with MiniLM-L6; more only makes others wait. At most 2,048.
        public var ingestionBatchTokens: Int
        /// Padded tokens of a rerank batch, the grain at which a rerank can stop.
        public var rerankBatchTokens: Int
        /// An ingestion batch that has waited this long starts even if searches occupy every core.
        public var ingestionPatience: Duration

        public init(
            threads: Int = 0, precision: InferencePrecision = .automatic, cacheFolder: String? = nil, ingestionBatchTokens: Int = 512,
            rerankBatchTokens: Int = 384, ingestionPatience: Duration = .milliseconds(250)
        ) {
            self.threads = threads
            self.precision = precision
            self.cacheFolder = cacheFolder
            self.ingestionBatchTokens = ingestionBatchTokens
            self.rerankBatchTokens = rerankBatchTokens
            self.ingestionPatience = ingestionPatience
        }
    }

    /// Running and waiting batches.
    public struct Load: Sendable, Hashable {
        public var runningQueries, waitingQueries, runningReranks, waitingReranks, runningIngestion, waitingIngestion: Int
    }

    public let options: Options
    /// Cores in use.
    public let threads: Int
    let core: OpenVINOCore
    let gate: PriorityGate

    /// - Throws: `INVALID_ARGUMENT` for options out of range; `INTERNAL` if OpenVINO cannot start.
    public init(_ options: Options = Options()) throws {
        guard (0...1024).contains(options.threads) else {
            throw TandemError.invalidArgument("inference threads: \(options.threads), expected 0 (all cores) to 1024")
        }
        guard (64...2048).contains(options.ingestionBatchTokens), (64...2048).contains(options.rerankBatchTokens) else {
            throw TandemError.invalidArgument("tokens of an inference batch: expected 64 to 2048")
        }
        let cores = MachineCores.usable
        self.options = options
        // OpenVINO makes no more streams than there are cores.
        threads = options.threads == 0 ? cores : min(options.threads, cores)
        if let folder = options.cacheFolder { try FileSystem.createFolder(folder) }
        core = try OpenVINOCore()
        gate = PriorityGate(slots: threads, ingestionPatience: options.ingestionPatience)
    }

    public convenience init(threads: Int) throws { try self.init(Options(threads: threads)) }

    public var load: Load {
        let l = gate.load
        return Load(
            runningQueries: l[0].running, waitingQueries: l[0].waiting, runningReranks: l[1].running, waitingReranks: l[1].waiting,
            runningIngestion: l[2].running, waitingIngestion: l[2].waiting)
    }

    /// Number format in use.
    public var precision: InferencePrecision { options.precision.resolved }

    func compile(_ folder: ModelFolder, niceness: Int32) throws -> CompiledModel {
        try core.compile(folder, streams: threads, precision: options.precision, niceness: niceness, cacheFolder: options.cacheFolder)
    }
}
