import ArgumentParser
import Foundation
import Glibc
import RigSupport
import TextAnalysis

/// Feeds hostile texts to text analysis, in this process: made to be built with the address sanitizer, which ends it at the first byte read or written out
/// of place, and with its leak checker.
///
/// What must hold is in `Checks`. Case N of a seed is the same whatever ran before it, so that a crash is repeated by its number; a case that fails a check
/// is saved whole.
@main
struct AnalysisFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analysis-fuzz", abstract: "Hostile texts against text analysis, in process.")

    @Option(help: "Cases, each one text through two chains.") var cases: Int?
    @Option(help: "End after so many seconds instead.") var seconds: Double?
    @Option(help: "Repeats a run.") var seed: UInt64 = UInt64.random(in: 0...999_999_999)
    @Option(help: "The first case's number.") var first = 0
    @Option(help: ArgumentHelp("A collection in BEIR layout that texts are cut from. (default: samples)", valueName: "folder")) var collection: [String] = []
    @Option(help: ArgumentHelp("Where a failing case is saved, and `current` names the one under work.", valueName: "folder")) var out: String?
    @Option(help: ArgumentHelp("Check this saved case only.", valueName: "file")) var replay: String?
    @Flag(help: "Save the first case instead of checking it.") var saveOnly = false
    @Flag(help: "Print the figures as one JSON object.") var json = false
    @Flag(help: "Read one byte out of bounds: succeeds only where no sanitizer watches.") var outOfBounds = false
    @Flag(help: "Forget an allocation: succeeds only where no leak checker watches.") var leak = false

    func validate() throws {
        guard cases ?? 1 >= 0, seconds ?? 1 > 0, first >= 0 else { throw ValidationError("--cases, --seconds, --first: expected numbers above 0") }
    }

    func run() throws {
        if outOfBounds { return Canaries.readOutOfBounds() }
        if leak { return Canaries.forgetAnAllocation() }
        if let replay { return try check(replay) }
        let progress = Progress()
        let source = try CaseSource(seed: seed, collections: collection)
        if saveOnly {
            progress.line("saved as \(try save(source.fuzzCase(first), number: first, reason: "saved by --save-only"))")
            return
        }
        progress.line("seed \(seed), \(seconds.map { "\($0) seconds" } ?? "\(cases ?? 20_000) cases")")
        var checks = Checks()
        var (number, failed) = (first, 0)
        let begin = ContinuousClock.now
        var shown = progress
        let current = try out.map { try CurrentCase(folder: $0) }
        while seconds.map({ begin.duration(to: .now) < .seconds($0) }) ?? (number - first < cases ?? 20_000) {
            current?.write(number)
            let fuzzCase = source.fuzzCase(number)
            do {
                try checks.check(fuzzCase)
            } catch let finding as Finding {
                failed += 1
                let file = try save(fuzzCase, number: number, reason: finding.description)
                progress.line("  ✗ case \(number): \(finding.description)\n    saved as \(file); to repeat: tools/fuzz-analysis --replay \(file)")
                if failed == Self.failuresMax { break }
            }
            number += 1
            shown.show("\(number - first) cases, \(checks.bytes >> 20) MiB, \(checks.tokens) tokens, \(failed) failed")
        }
        current?.close()
        printSummary(
            [
                ("cases", number - first), ("seed", seed), ("bytes", checks.bytes), ("tokens", checks.tokens), ("queries", checks.queries),
                ("chains", checks.chains), ("failed", failed),
            ],
            sentence: "\(number - first) cases of seed \(seed): \(checks.bytes) bytes through \(checks.chains) chains gave \(checks.tokens) tokens, "
                + "\(checks.queries) queries; \(failed) failed, nothing out of bounds",
            asJSON: json)
        if failed > 0 { throw ExitCode(1) }
    }

    /// One defect may fail many cases.
    private static let failuresMax = 10

    private func check(_ file: String) throws {
        let fuzzCase = try JSONDecoder().decode(FuzzCase.self, from: Data(contentsOf: URL(filePath: file)))
        var checks = Checks()
        do {
            try checks.check(fuzzCase)
        } catch let finding as Finding {
            Progress().line("  ✗ \(finding.description)")
            throw ExitCode(1)
        }
        print("\(file): \(checks.bytes) bytes, \(checks.tokens) tokens; nothing is wrong")
    }

    private func save(_ fuzzCase: FuzzCase, number: Int, reason: String) throws -> String {
        let folder = out ?? FileManager.default.currentDirectoryPath
        var fuzzCase = fuzzCase
        fuzzCase.reason = reason
        let file = "\(folder)/analysis-fuzz-\(seed)-\(number).json"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(fuzzCase).write(to: URL(filePath: file))
        return file
    }
}

/// What a check found wrong.
struct Finding: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// The number of the case under work, in a file that outlives this process: mapped, so that naming a case costs no system call.
final class CurrentCase {
    private let path: String
    private let number: UnsafeMutablePointer<UInt8>
    private static let bytes = 20

    init(folder: String) throws {
        path = folder + "/current"
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        guard file >= 0, ftruncate(file, off_t(Self.bytes)) == 0, let mapped = mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            mapped != MAP_FAILED
        else { throw Finding("\(path): \(String(cString: strerror(errno)))") }
        Glibc.close(file)
        number = mapped.assumingMemoryBound(to: UInt8.self)
    }

    func write(_ value: Int) {
        var rest = value
        for index in (0..<Self.bytes - 1).reversed() {
            number[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        number[Self.bytes - 1] = UInt8(ascii: "\n")
    }

    func close() {
        munmap(number, Self.bytes)
        unlink(path)
    }
}

/// They prove that the sanitizer is there.
enum Canaries {
    static func readOutOfBounds() {
        let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
        defer { pointer.deallocate() }
        pointer.initialize(repeating: 1, count: 8)
        print("read \(pointer[CommandLine.arguments.count + 10]) where nothing is: no sanitizer watches")
    }

    static func forgetAnAllocation() {
        // Several, since a stale register or stack slot may still name the last one.
        for size in 1...20 {
            let pointer = UnsafeMutablePointer<UInt8>.allocate(capacity: size * 1000)
            pointer.initialize(repeating: 1, count: size * 1000)
            if pointer[CommandLine.arguments.count] == 7 { print(pointer) }
        }
        print("twenty allocations forgotten: no leak checker watches, unless it speaks at the end")
    }
}
