import Foundation
import HybridSearch
import Logging
import SearchCore
import Synchronization
import Testing

/// SplitMix64; the seed comes from TANDEM_TEST_SEED, or from chance, and is printed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ name: String = #function) {
        let given = ProcessInfo.processInfo.environment["TANDEM_TEST_SEED"].flatMap(UInt64.init)
        state = given ?? UInt64.random(in: 0..<1_000_000_000)
        print("\(name): TANDEM_TEST_SEED=\(state)")
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Below `count`, small numbers far more often, like the words of a text.
    mutating func zipf(_ count: Int) -> Int {
        min(Int(pow(Double(count), Double.random(in: 0..<1, using: &self))) - 1, count - 1)
    }
}

/// A folder that goes with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tandem-engine-\(UUID().uuidString)"
        try FileSystem.createFolder(path)
    }

    deinit { try? FileSystem.removeTree(path) }
}

/// Keeps log lines, so that a test can ask what was said.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            lines.append("\(event.level) \(event.message) \(all.joined(separator: " "))")
        }
    }
}

/// Small sizes and short times, so that a few thousand documents go through every kind of merge and seal.
func tinySettings(seal: Int = 64 << 10, refresh: Duration = .milliseconds(2), checkpoint: Duration = .milliseconds(100)) -> GenerationSettings {
    var settings = GenerationSettings()
    settings.sealBytes = seal
    settings.refreshInterval = refresh
    settings.checkpointInterval = checkpoint
    settings.memoryBytesMax = max(1 << 20, seal * 8)
    return settings
}

func openEngine(_ folder: String, _ settings: GenerationSettings = GenerationSettings(), models: String? = nil, log: LogLines = LogLines()) throws
    -> SearchEngine
{
    let library = try ModelLibrary(folder: models, threads: 2, cacheFolder: nil, logger: log.logger)
    return try SearchEngine(folder: folder, models: library, settings: settings, logger: log.logger)
}

/// An engine in a folder of its own with one collection.
struct Bench {
    let folder: TemporaryFolder
    let engine: SearchEngine
    let collection: Collection
    let log: LogLines

    init(_ schema: CollectionSchema = textSchema, _ settings: GenerationSettings = GenerationSettings(), name: String = "c") throws {
        folder = try TemporaryFolder()
        log = LogLines()
        engine = try openEngine(folder.path, settings, log: log)
        collection = try engine.create(name: name, schema: schema, model: .none, reranker: .none)
    }

    func close() { engine.close(within: .seconds(5)) }
}

let textSchema = CollectionSchema()
let vectorSchema = CollectionSchema(
    attributes: [.init(name: "section", type: "keyword"), .init(name: "size", type: "int64")],
    vectorFields: [.init(name: "v", dimension: 8)])

func document(_ id: String, _ text: String, title: String = "", section: String? = nil, size: Int64? = nil, vector: [Float]? = nil) -> Document {
    Document(
        id: id, texts: title.isEmpty ? [("text", text)] : [("title", title), ("text", text)],
        attributes: (section.map { [("section", [.keyword($0)])] } ?? []) + (size.map { [("size", [.int64($0)])] } ?? []),
        vectors: vector.map { [("v", $0)] } ?? [])
}

func words(_ count: Int, of vocabulary: Int, _ random: inout SeededGenerator) -> String {
    (0..<count).map { _ in "word\(random.zipf(vocabulary))" }.joined(separator: " ")
}

func vector(_ random: inout SeededGenerator, dimension: Int = 8) -> [Float] {
    (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
}

func lexical(_ text: String, limit: Int = 50) -> SearchRequest { SearchRequest(text: text, mode: .lexical, limit: limit) }

/// What two searches must agree on to the last bit.
struct Outline: Equatable {
    var ids: [String]
    var lexical: [UInt64?]
    var semantic: [UInt64?]
    var fused: [UInt64]
    var matched: Int?

    init(_ response: SearchResponse) {
        ids = response.hits.map(\.id)
        lexical = response.hits.map { $0.lexical?.bitPattern }
        semantic = response.hits.map { $0.semantic?.bitPattern }
        fused = response.hits.map(\.fused.bitPattern)
        matched = response.lexicalMatched
    }
}

/// Polls until `condition` holds. - Returns: false after `timeout`.
func eventually(_ timeout: Duration = .seconds(20), _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + timeout
    while ContinuousClock.now < end {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: 0.005)
    }
    return try condition()
}

/// Copies a folder file by file, as a power cut would leave it: whatever is there at the moment.
func copyFolder(_ source: String, to destination: String) throws {
    try FileManager.default.copyItem(atPath: source, toPath: destination)
}

func flipByte(of path: String, at position: (Int) -> Int = { $0 / 2 }) throws {
    let bytes = try FileSystem.read(path)
    let at = position(bytes.count)
    // In place: a file that was cut for a moment would be a bus error for whoever has it mapped.
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seek(toOffset: UInt64(at))
    try handle.write(contentsOf: [bytes[at] ^ 0x40])
    try handle.close()
}

/// Runs closures on threads of their own and waits for all.
func concurrently(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for i in 0..<count {
        group.enter()
        let thread = Thread {
            body(i)
            group.leave()
        }
        thread.stackSize = 4 << 20
        thread.start()
    }
    group.wait()
}

func expectError(_ code: TandemError.Code, naming text: String, _ body: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation) {
    do {
        try body()
        Issue.record("no error; expected \(code) naming '\(text)'", sourceLocation: sourceLocation)
    } catch let error as TandemError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
