import Glibc
import SearchCore
import Storage
import Synchronization
import Testing

/// A folder that goes away with the object.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/tandem-storage-XXXXXX".utf8CString)
        path = String(cString: mkdtemp(&template)!)
    }

    deinit { try? FileSystem.removeTree(path) }
}

/// A generator with a printed seed; TANDEM_TEST_SEED repeats a run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ test: String) {
        let seed = getenv("TANDEM_TEST_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 1...UInt64(UInt32.max))
        print("\(test): TANDEM_TEST_SEED=\(seed)")
        state = seed
    }

    // SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func document(_ id: String, _ text: String = "some text") -> Document {
    Document(id: id, texts: [(name: "body", text: text)])
}

func fullDocument(_ id: String) -> Document {
    Document(
        id: id,
        texts: [(name: "title", text: "Grüße, 世界"), (name: "body", text: String(repeating: "x", count: 300))],
        attributes: [
            (name: "section", values: [.keyword("net"), .keyword("")]), (name: "size", values: [.int64(.min), .int64(7)]),
            (name: "ratio", values: [.float64(-0.5), .float64(.infinity)]), (name: "ok", values: [.bool(true), .bool(false)]),
            (name: "at", values: [.timestamp(microseconds: -1)]), (name: "none", values: []),
        ],
        vectors: [(name: "own", values: [0.25, -3, .leastNonzeroMagnitude])])
}

/// The error that `body` throws; nil if it throws none.
func failure(_ body: () throws -> Void) -> TandemError? {
    do {
        try body()
        return nil
    } catch {
        return error as? TandemError
    }
}

func expectWhole(_ path: String) throws {
    let problems = try DocumentStore.verify(path).problems
    #expect(problems.isEmpty, "\(problems.prefix(3))")
}

extension OperationResult {
    var sequence: SequenceNumber? { if case .applied(let sequence) = self { sequence } else { nil } }
}

/// A store with its committer in a folder of its own.
struct Bench {
    let folder: TemporaryFolder
    let store: DocumentStore
    let committer: Committer

    init(options: StoreOptions = StoreOptions(), limits: Committer.CommitLimits = .init()) throws {
        folder = TemporaryFolder()
        store = try DocumentStore(path: folder.path + "/store", options: options)
        committer = Committer(store: store, limits: limits)
    }

    @discardableResult
    func commit(_ operations: WriteOperation..., key: String? = nil) throws -> CommitOutcome {
        try committer.commit(WriteBatch(operations, idempotencyKey: key))
    }

    func close() {
        committer.close()
        store.close()
    }
}

/// Runs `body` on `count` threads and waits for all of them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Work: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }
    var threads: [pthread_t] = []
    for index in 0..<count {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()
                work.body(work.index)
                return nil
            }, Unmanaged.passRetained(Work(index, body)).toOpaque())
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
}
