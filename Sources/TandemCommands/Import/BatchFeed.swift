import Dispatch
import TandemClient

/// Reads and parses ahead: one thread reads, the batches are parsed on all cores, and come out in order.
package struct BatchFeed: ~Copyable {
    /// Owns the reader. The queue is serial, so reads never overlap; reads of a pipe may block, hence not the cooperative pool.
    private final class Source: @unchecked Sendable {
        // SAFETY: `reader` is used on `queue` only.
        private let reader: LineReader
        private let queue = DispatchQueue(label: "tandem.import.read")

        init(_ reader: consuming sending LineReader) { self.reader = reader }

        func next() async throws -> RawBatch? {
            try await withCheckedThrowingContinuation { continuation in
                queue.async { continuation.resume(with: Result { try self.reader.next() }) }
            }
        }
    }

    private let source: Source
    private let mapping: DocumentMapping
    private let skipBad: Bool
    private let lineBytesMax: Int
    private let depth: Int
    private var tasks: [Task<ParsedBatch, Never>] = []
    private var isAtEnd = false

    /// - Parameter depth: batches read ahead, which bounds the memory.
    package init(_ reader: consuming sending LineReader, mapping: DocumentMapping, skipBad: Bool, lineBytesMax: Int, depth: Int = 4) {
        source = Source(reader)
        self.mapping = mapping
        self.skipBad = skipBad
        self.lineBytesMax = lineBytesMax
        self.depth = depth
    }

    package mutating func next() async throws -> ParsedBatch? {
        while !isAtEnd, tasks.count < depth {
            guard let raw = try await source.next() else {
                isAtEnd = true
                break
            }
            tasks.append(Task.detached { [mapping, skipBad, lineBytesMax] in mapping.parse(raw, skipBad: skipBad, lineBytesMax: lineBytesMax) })
        }
        try Task.checkCancellation()
        return tasks.isEmpty ? nil : await tasks.removeFirst().value
    }
}
