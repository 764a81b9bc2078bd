// Makes:    the vectors that tools/bench-dense measures on: real passages through a real bi-encoder, as a .npy file.
// Input:    one passage a line. Those with more than --tokens tokens (the two special ones included) or fewer than 4 are left out.
// Output:   OUT.npy, [passages × dimension] float32, rows in the order of the lines. Its header is right after every batch, so what a
//           run that was stopped left behind is a valid file, and the next run goes on behind it.
// Run:      swift run -c release embed-passages passages.txt vectors.npy --model FOLDER; --help lists the options
import ArgumentParser
import Foundation
import Inference

@main
struct EmbedPassages: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed-passages", abstract: "Embed the lines of a text file into a .npy file; goes on where a stopped run ended.")

    @Argument(help: "Passages, one a line.") var passages: String
    @Argument(help: "The .npy file to write, or to go on with.") var output: String
    @Option(help: "Model folder of a bi-encoder, as tools/fetch-models makes.") var model: String
    @Option(help: "Vectors to end with; fewer if the passages end before.") var count = 1_000_000
    @Option(help: "Longest passage taken, in tokens.") var tokens = 40
    @Option(help: "Threads of the model; 0: all cores.") var threads = 0

    func validate() throws {
        guard count > 0, (4...512).contains(tokens), (0...1024).contains(threads) else {
            throw ValidationError("--count: expected a number above 0; --tokens: 4 to 512; --threads: 0 to 1024")
        }
    }

    func run() throws {
        let lines = try LineFile(passages)
        let embedder = try Embedder(
            ModelFolder(path: model), runtime: InferenceRuntime(.init(threads: threads, ingestionBatchTokens: 2048)), sharesOneCopy: true)
        let file = try VectorFile(path: output, dimension: embedder.dimension)
        var skip = file.count
        if skip > 0 { print("\(output): \(skip) vectors are there already") }
        let began = ContinuousClock.now
        let first = file.count
        var batch: [String] = []
        var reported = began
        for line in lines {
            if file.count + batch.count >= count { break }
            let length = embedder.countTokens(line) + 2
            guard (6...tokens).contains(length) else { continue }
            if skip > 0 {
                skip -= 1
                continue
            }
            batch.append(line)
            if batch.count == 2048 {
                try file.append(embedder.embed(batch).map(\.vector))
                batch.removeAll(keepingCapacity: true)
                let now = ContinuousClock.now
                if reported.duration(to: now) > .seconds(10) {
                    reported = now
                    let seconds = Double(began.duration(to: now).components.seconds)
                    say("\(file.count) of \(count) vectors, \(Int(Double(file.count - first) / seconds)) a second")
                }
            }
        }
        if !batch.isEmpty { try file.append(embedder.embed(batch).map(\.vector)) }
        print("\(output): \(file.count) vectors of \(embedder.dimension) dimensions")
        if file.count < count { print("the passages ended before \(count)") }
    }
}

/// The lines of a file, read as they are asked for; without the empty ones.
struct LineFile: Sequence, IteratorProtocol {
    private let text: Data
    private var position: Int

    init(_ path: String) throws {
        text = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        position = text.startIndex
    }

    mutating func next() -> String? {
        while position < text.endIndex {
            let end = text[position...].firstIndex(of: 0x0A) ?? text.endIndex
            let line = text[position..<end]
            position = end == text.endIndex ? end : end + 1
            if !line.isEmpty { return String(decoding: line, as: UTF8.self) }
        }
        return nil
    }
}

/// A .npy file of float32 that grows: NumPy's format 1.0 with a header of fixed length, whose shape is written anew after the rows are.
final class VectorFile {
    private static let headerBytes = 128
    private let handle: FileHandle
    private let dimension: Int
    private(set) var count: Int

    /// - Throws: for a file that is none of ours or has another dimension.
    init(path: String, dimension: Int) throws {
        self.dimension = dimension
        let rowBytes = dimension * 4
        if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
        guard let handle = FileHandle(forUpdatingAtPath: path) else { throw ValidationError("\(path): cannot be written") }
        self.handle = handle
        let header = try handle.read(upToCount: Self.headerBytes) ?? Data()
        if header.isEmpty {
            count = 0
        } else {
            let text = String(decoding: header.dropFirst(10), as: UTF8.self)
            let shape =
                text.split(separator: "(").last?.split(separator: ")").first?.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) } ?? []
            guard header.count == Self.headerBytes, header.starts(with: [0x93] + Array("NUMPY".utf8)), shape.count == 2, shape[1] == dimension else {
                throw ValidationError("\(path): is no .npy file with \(dimension) columns that this tool wrote")
            }
            // Rows that a stopped run wrote after its last header are whole or not; they are written again.
            let there = try Int(handle.seekToEnd()) - Self.headerBytes
            count = Swift.min(shape[0], there / rowBytes)
        }
        try handle.truncate(atOffset: UInt64(Self.headerBytes + count * rowBytes))
        try writeHeader()
    }

    func append(_ rows: [[Float]]) throws {
        var bytes = Data(capacity: rows.count * dimension * 4)
        for row in rows { row.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        try handle.seekToEnd()
        try handle.write(contentsOf: bytes)
        count += rows.count
        try writeHeader()
    }

    private func writeHeader() throws {
        let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(count), \(dimension)), }"
        let length = Self.headerBytes - 10
        var bytes = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length), 0])
        bytes.append(contentsOf: Array(dictionary.utf8))
        bytes.append(contentsOf: Array(repeating: 0x20, count: Self.headerBytes - 1 - bytes.count))
        bytes.append(0x0A)
        try handle.seek(toOffset: 0)
        try handle.write(contentsOf: bytes)
    }
}

/// A line on standard error, which is not buffered.
func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
