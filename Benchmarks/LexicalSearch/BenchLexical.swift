// Question: what does a keyword query cost this engine's core, and what does an index cost to build and to keep?
// Data:     a folder with docs.txt (one document a line, words between blanks) and query sets q_NAME.txt (one query a line);
//           tools/bench-lexical makes it and runs the peers over the same files.
// Method:   one thread, processor time of that thread; every query of a set is run once in each pass and its best time counts.
// Run:      bench-lexical DATA [--sets mix,long,nat] [--k 10] [--segments 1] [--hits FILE]; --help lists the options
// Output:   one JSON object: build (processor seconds, documents a second of them, bytes) and for each set mean, p50, p99 and max in µs.
//           --fuzzy: for each edit distance the same of one word's expansion, and how many keys a word has.
//           --hits writes every query's hits, so that the peers' answers can be compared: a fast wrong answer is no answer.
import ArgumentParser
import Foundation
import LexicalIndex
import SearchCore
import TextAnalysis

@main
struct BenchLexical: ParsableCommand {
    enum Chain: String, ExpressibleByArgument, CaseIterable { case words, `default` }

    static let configuration = CommandConfiguration(
        commandName: "bench-lexical", abstract: "Time keyword queries inside the engine's core, on one thread.")

    @Argument(help: "Folder with docs.txt and q_NAME.txt.") var data: String
    @Option(help: "Query sets, with commas between.") var sets = "mix,long,nat"
    @Option(help: "Hits of a query.") var k = 10
    @Option(help: "Passes over each set; a query's best time counts.") var passes = 5
    @Option(help: "words: what stands between blanks, one form each, as the peers have it; default: the daemon's chain, with stems beside surface forms.")
    var chain = Chain.words
    @Flag(help: "Instead of queries: expand misspelt words over a dictionary of --terms terms, made from DATA/words.txt (one word a line).")
    var fuzzy = false
    @Option(help: "With --fuzzy: distinct terms of the dictionary.") var terms = 1_000_000
    @Option(help: "With --fuzzy: expansions of a word that are kept.") var expansions = 50
    @Flag(help: "Score every match instead of skipping what cannot be among the best.") var exhaustive = false
    @Option(help: "Segments of the index.") var segments = 1
    @Option(help: ArgumentHelp("Instead of times: queries a second of wall time, over so many seconds a set.", valueName: "s")) var throughput: Double?
    @Option(help: "With --throughput: threads that search at a time, over one index.") var threads = 1
    @Option(help: "Documents to index, from the beginning. (default: all)") var documents: Int?
    @Option(help: ArgumentHelp("Keep the index here, and take it from here if it is there.", valueName: "folder")) var index: String?
    @Option(help: ArgumentHelp("Write the hits of every query: set, query, then document:score.", valueName: "file")) var hits: String?

    func validate() throws {
        if let throughput, !(throughput > 0 && throughput < 3600) { throw ValidationError("--throughput \(throughput): expected seconds") }
        guard threads == 1 || throughput != nil, (1...256).contains(threads) else {
            throw ValidationError("--threads \(threads): expected 1 to 256, with --throughput")
        }
        guard terms > 0, expansions > 0 else { throw ValidationError("--terms, --expansions: expected numbers above 0") }
        guard k >= 0, passes > 0, segments > 0, documents ?? 1 > 0 else {
            throw ValidationError("--k, --passes, --segments, --documents: expected numbers above 0")
        }
    }

    func run() throws {
        if fuzzy {
            let bench = try FuzzyTerms(words: data + "/words.txt", terms: terms, segments: segments)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(try bench.run(expansions: expansions, passes: passes)), as: UTF8.self))
            return
        }
        let analyzer = chain == .default ? try Analyzer() : nil
        let corpus = try CorpusIndex(folder: data, analyzer: analyzer, documents: documents, segments: segments, kept: index)
        if let throughput {
            var rates: [String: Double] = [:]
            for name in sets.split(separator: ",").map(String.init) {
                let queries = try QuerySet(name, folder: data, analyzer: analyzer)
                rates[name] = try Throughput(corpus: corpus, queries: queries.queries, k: k, seconds: throughput).run(threads)
            }
            print(String(decoding: try JSONEncoder().encode(rates), as: UTF8.self))
            return
        }
        var out: [String] = []
        var results: [SetReport] = []
        for name in sets.split(separator: ",").map(String.init) {
            let queries = try QuerySet(name, folder: data, analyzer: analyzer)
            let accept = DocBitSet(capacity: corpus.documentCount, full: true)
            var best = [Double](repeating: .infinity, count: queries.texts.count)
            for _ in 0..<passes {
                for (number, query) in queries.queries.enumerated() {
                    let begin = ThreadClock.microseconds()
                    let top = try LexicalSearcher(views: corpus.views, query: query).topK(
                        k, accept: accept, strategy: exhaustive ? .exhaustive : .pruned, control: .unlimited)
                    best[number] = min(best[number], ThreadClock.microseconds() - begin)
                    if hits != nil, out.count < results.reduce(0, { $0 + $1.queries }) + number + 1 {
                        out.append("\(name)\t\(queries.texts[number])\t" + top.hits.map { "\($0.doc.rawValue):\($0.score)" }.joined(separator: " "))
                    }
                }
            }
            results.append(SetReport(name, best))
        }
        if let hits { try (out.joined(separator: "\n") + "\n").write(toFile: hits, atomically: true, encoding: .utf8) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(Report(build: corpus.build, k: k, segments: corpus.views.count, sets: results)), as: UTF8.self))
    }

    struct Report: Encodable {
        var build: CorpusIndex.Build
        var k: Int
        var segments: Int
        var sets: [SetReport]
    }
}

/// Times of one query set, in microseconds of one thread.
struct SetReport: Encodable {
    var set: String
    var queries: Int
    var mean: Double
    var p50: Double
    var p99: Double
    var max: Double

    init(_ set: String, _ times: [Double]) {
        self.set = set
        queries = times.count
        let sorted = times.sorted()
        func rank(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[Swift.min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
        mean = sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count)
        (p50, p99, max) = (rank(0.5), rank(0.99), sorted.last ?? 0)
    }
}

enum ThreadClock {
    /// Processor time of the calling thread.
    static func microseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) * 1e-3
    }
}
