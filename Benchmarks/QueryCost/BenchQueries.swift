// Question: what does a default keyword query cost, beside one of surface forms alone; and by how much does the index grow?
// Data:     a collection in BEIR layout (corpus.jsonl, queries.jsonl), as the judged ones are; tools/bench-analysis finds them.
// Method:   the engine in this process, one collection with every default form and one with surface forms alone, each merged into one segment; a keyword
//           search runs on the calling thread, whose processor time counts: every query once in each pass, its best time, the two kinds in turns.
// Run:      bench-queries COLLECTION [--passes 5] [--limit 10]; --help lists the options
// Output:   one JSON object: documents, queries, mean, p50 and p99 in µs of either kind, the mean of each stage, and the ratio of the means; by language (`lang` of the
//           documents) the bytes of either kind's index of keywords.
import ArgumentParser
import Foundation
import Glibc
import HybridSearch
import Logging
import SearchCore
import TextAnalysis

@main
struct BenchQueries: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-queries", abstract: "Time default keyword queries beside those of surface forms alone, on one thread.")

    @Argument(help: "Folder with corpus.jsonl and queries.jsonl.") var collection: String
    @Option(help: "Passes over the queries; a query's best time counts.") var passes = 5
    @Option(help: "Hits of a query; no stored field is fetched.") var limit = 10
    @Option(help: "Only queries of these languages, with commas between. (default: all)") var languages: String?
    @Option(help: "Only this kind: surface or default. For a profiler.") var only: Kind?

    enum Kind: String, ExpressibleByArgument, CaseIterable, Encodable { case surface, `default` }

    func validate() throws {
        guard passes > 0, limit > 0 else { throw ValidationError("--passes, --limit: expected numbers above 0") }
    }

    struct Report: Encodable {
        struct Cost: Encodable {
            var mean = 0.0
            var p50 = 0.0
            var p99 = 0.0
            /// Of wall time, in µs.
            var stages: [String: Double] = [:]
        }

        var documents: Int
        var queries: Int
        var costs: [String: Cost] = [:]
        /// Mean of default over mean of surface.
        var ratio: Double?
        /// By language, then by kind: bytes of one merged segment of that language's documents.
        var indexBytes: [String: [String: Int]] = [:]
    }

    private struct Line: Decodable {
        var _id: String
        var title: String?
        var text: String
        var lang: String?
    }

    private func lines(_ name: String) throws -> [Line] {
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: "\(collection)/\(name)")).split(separator: 0x0A).map { try decoder.decode(Line.self, from: $0) }
    }

    func run() throws {
        let documents = try lines("corpus.jsonl")
        let wanted = languages.map { Set($0.split(separator: ",").map(String.init)) }
        let queries = try lines("queries.jsonl").filter { line in wanted.map { $0.contains(line.lang ?? "") } ?? true }.map(\.text)
        guard !queries.isEmpty else { throw ValidationError("--languages: there are no such queries in \(collection)") }
        let folder = FileManager.default.temporaryDirectory.path + "/bench-queries-\(UUID().uuidString.lowercased())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var logger = Logger(label: "bench-queries")
        logger.logLevel = .error
        let engine = try SearchEngine(folder: folder, models: ModelLibrary(folder: nil, threads: 1, cacheFolder: nil, logger: logger), logger: logger)
        defer { engine.close(within: .seconds(1)) }
        let kinds = Kind.allCases.filter { only == nil || $0 == only }
        let collections = try kinds.map { try fill($0, documents, engine) }

        var best = kinds.map { _ in [Double](repeating: .infinity, count: queries.count) }
        var report = Report(documents: documents.count, queries: queries.count)
        var stages: [[String: Double]] = kinds.map { _ in [:] }
        for _ in 0..<passes {
            // In turns, so that what slows the machine slows both.
            for (number, text) in queries.enumerated() {
                for kind in kinds.indices {
                    let request = SearchRequest(text: text, mode: .lexical, limit: limit, fields: [])
                    let begin = Self.processorTime()
                    let response = try collections[kind].search(request)
                    best[kind][number] = min(best[kind][number], Self.processorTime() - begin)
                    for stage in response.stages { stages[kind][stage.name, default: 0] += Double(stage.microseconds) }
                }
            }
        }
        for (index, kind) in kinds.enumerated() {
            let sorted = best[index].sorted()
            var cost = Report.Cost()
            cost.mean = sorted.reduce(0, +) / Double(sorted.count)
            cost.p50 = sorted[sorted.count / 2]
            cost.p99 = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
            cost.stages = stages[index].mapValues { $0 / Double(passes * queries.count) }
            report.costs[kind.rawValue] = cost
        }
        if only == nil {
            for (language, documents) in Dictionary(grouping: documents, by: { $0.lang ?? "" }) where !language.isEmpty {
                for kind in kinds {
                    let collection = try fill(kind, documents, engine, name: "\(kind.rawValue)-\(language)")
                    report.indexBytes[language, default: [:]][kind.rawValue] = collection.status().indexBytes
                    try engine.drop(collection.name)
                }
            }
        }
        if let surface = report.costs["surface"], let standard = report.costs["default"] { report.ratio = standard.mean / surface.mean }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
    }

    private func fill(_ kind: Kind, _ documents: [Line], _ engine: SearchEngine, name: String? = nil) throws -> HybridSearch.Collection {
        var schema = CollectionSchema(textFields: [.init(name: "text")])
        if kind == .surface {
            schema.analyzer = AnalyzerConfiguration(
                stemmer: nil, indexParts: false, indexWholes: false, indexFolded: false, indexBigrams: false, compoundWeight: 0)
        }
        let collection = try engine.create(name: name ?? kind.rawValue, schema: schema, model: .none, reranker: .none)
        for start in stride(from: 0, to: documents.count, by: 500) {
            let batch = documents[start..<min(start + 500, documents.count)].map { line in
                WriteOperation.upsert(
                    Document(id: line._id, texts: [("text", [line.title, line.text].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " "))]))
            }
            _ = try collection.write(WriteBatch(batch), acknowledgement: .searchable)
        }
        try collection.merge()
        return collection
    }

    /// Of this thread, in µs.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) * 1e-3
    }
}
