// Question: what does it cost to turn a text into terms, language by language; and does the fast path give the terms that ICU gives?
// Data:     a collection in BEIR layout whose documents name their language (`lang`), as xquad; tools/bench-analysis finds it.
// Method:   one thread, processor time of that thread; all texts of a language in each pass, the best pass counts, in rounds over all languages so that a
//           slow second of a shared machine does not decide about one of them. Allocations are counted by a malloc of our own in front of glibc's, in a
//           pass after all others.
// Run:      bench-analysis COLLECTION [--passes 40] [--rounds 5] [--agreement 1000000] [--also COLLECTION…]; --help lists the options
// Output:   one JSON object: for every language texts, bytes, words and, for surface forms alone and every default form, MB/s of paragraphs and of
//           texts of 64 KiB, allocations a word; and how many texts were compared. Exit status 1 where two analyses differ: a fast wrong
//           answer is no answer.
import ArgumentParser
import Foundation
import RigSupport
import TextAnalysis

@main
struct BenchAnalysis: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench-analysis", abstract: "Time the analysis of texts, on one thread, and compare the fast path with ICU.")

    @Argument(help: "Folder with corpus.jsonl: _id, title, text, lang.") var collection: String
    @Option(help: "Passes over a language's texts, in each round; the best of all counts. 0: no times.") var passes = 40
    @Option(help: "Rounds over all languages.") var rounds = 5
    @Option(help: "Texts that are analysed through the fast path and through ICU alone. 0: none.") var agreement = 1_000_000
    @Option(help: "One more collection that texts for --agreement are cut from.") var also: [String] = []
    @Option(help: "Repeats the texts of --agreement.") var seed: UInt64 = UInt64.random(in: 0...999_999_999)
    @Option(help: "Only these languages, with commas between. (default: all)") var languages: String?
    @Option(help: "Only this: surface or every. For a profiler; the other figures stay 0.") var forms: FormsChoice?

    enum FormsChoice: String, ExpressibleByArgument, CaseIterable { case surface, every }

    func validate() throws {
        guard passes >= 0, agreement >= 0 else { throw ValidationError("--passes, --agreement: expected numbers of at least 0") }
        guard rounds >= 1 else { throw ValidationError("--rounds \(rounds): expected a number of at least 1") }
    }

    struct Report: Encodable {
        var passes: Int
        var rounds: Int
        var languages: [String: LanguageReport] = [:]
        var agreement: AgreementReport?
    }

    func run() throws {
        let texts = try Texts(folder: collection)
        let wanted = languages.map { Set($0.split(separator: ",").map(String.init)) }
        var report = Report(passes: passes, rounds: rounds)
        if passes > 0 {
            let chosen = texts.byLanguage.sorted { $0.key < $1.key }.filter { wanted?.contains($0.key) ?? true }
            guard !chosen.isEmpty else { throw ValidationError("--languages: none of them is in \(collection)") }
            for round in 1...rounds {
                Progress().line("    round \(round) of \(rounds): \(chosen.map(\.key).joined(separator: " "))")
                for (language, paragraphs) in chosen {
                    let found = try LanguageReport(paragraphs, passes: passes, only: forms)
                    if report.languages[language]?.merge(found) == nil { report.languages[language] = found }
                }
            }
        }
        if agreement > 0 {
            let all = try texts.all + also.flatMap { try Texts(folder: $0).all }
            report.agreement = try Agreement(all).compare(agreement, seed: seed)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        print(String(decoding: try encoder.encode(report), as: UTF8.self))
        if let found = report.agreement, found.differences > 0 { throw ExitCode(1) }
    }
}

/// The texts of a collection, as UTF-8.
struct Texts {
    private struct Document: Decodable {
        var title: String?
        var text: String
        var lang: String?
    }

    /// Documents without a language are in `""`.
    private(set) var byLanguage: [String: [[UInt8]]] = [:]

    init(folder: String) throws {
        let decoder = JSONDecoder()
        for line in try Data(contentsOf: URL(filePath: folder + "/corpus.jsonl")).split(separator: 0x0A) {
            let document = try decoder.decode(Document.self, from: line)
            let text = [document.title, document.text].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " ")
            byLanguage[document.lang ?? "", default: []].append(Array(text.utf8))
        }
    }

    var all: [[UInt8]] { byLanguage.sorted { $0.key < $1.key }.flatMap(\.value) }
}
