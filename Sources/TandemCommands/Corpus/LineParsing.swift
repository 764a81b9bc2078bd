import Foundation
import TandemClient

/// A line that is no document.
public struct BadLine: Error, Sendable, Equatable, CustomStringConvertible {
    public var number: Int
    public var reason: String

    public var description: String { "line \(number): \(reason)" }
}

/// Documents of a run of lines, ready to be sent.
package struct ParsedBatch: Sendable {
    package var operations: [UpsertOperation] = []
    /// Number of each operation's line, and where it begins in the file.
    package var lines: [(number: Int, offset: UInt64)] = []
    package var start: UInt64
    package var end: UInt64
    /// Number of the line at `end`.
    package var nextLine: Int
    package var skipped: [BadLine] = []
    /// The line at which reading stopped; the batch ends before it.
    package var failure: BadLine?
    package var ignoredKeys: Set<String> = []
}

extension DocumentMapping {
    /// Parses the lines of a batch. The first bad line ends it, unless those are to be skipped.
    package func parse(_ raw: RawBatch, skipBad: Bool, lineBytesMax: Int) -> ParsedBatch {
        var batch = ParsedBatch(start: raw.start, end: raw.end, nextLine: raw.nextLine)
        batch.operations.reserveCapacity(raw.lines.count)
        batch.lines.reserveCapacity(raw.lines.count)
        raw.bytes.withUnsafeBytes { bytes in
            for line in raw.lines {
                let offset = raw.start + UInt64(line.range.lowerBound)
                do throws(LineProblem) {
                    if raw.isOverlong { throw LineProblem("longer than \(lineBytesMax) bytes") }
                    let document = try document(UnsafeRawBufferPointer(rebasing: bytes[line.range]), ignored: &batch.ignoredKeys)
                    batch.operations.append(UpsertOperation(document: document))
                    batch.lines.append((line.number, offset))
                } catch {
                    let bad = BadLine(number: line.number, reason: error.description)
                    if skipBad {
                        batch.skipped.append(bad)
                        continue
                    }
                    batch.failure = bad
                    batch.end = offset
                    batch.nextLine = line.number
                    return
                }
            }
        }
        return batch
    }
}
