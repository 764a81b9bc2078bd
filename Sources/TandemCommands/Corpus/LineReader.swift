import Foundation
import Synchronization

/// A run of whole lines of a file, as read.
package struct RawBatch: Sendable {
    package struct Line: Sendable {
        /// In ``RawBatch/bytes``, without the line break.
        package var range: Range<Int>
        /// From 1, counting blank lines.
        package var number: Int
    }

    package var bytes: [UInt8]
    /// Lines that are not blank.
    package var lines: [Line]
    /// Offset in the file of the first byte, and behind the last one.
    package var start: UInt64
    package var end: UInt64
    /// Number of the line that follows.
    package var nextLine: Int
    /// The batch is a single line longer than a line may be, and its bytes were dropped.
    package var isOverlong = false
}

/// Reads a file or a pipe in batches of lines, in constant memory.
///
/// Line ends are LF or CRLF, the last one may lack it; a byte order mark at the beginning and blank lines are passed over.
/// Where a batch ends depends only on where it begins, so that a resumed run cuts as the interrupted one did.
/// Not thread-safe.
package final class LineReader {
    package struct Limits: Sendable {
        package var lines: Int
        /// Where the lines so far reach this, the batch ends.
        package var bytes: Int
        /// Longer lines are reported instead of kept.
        package var lineBytes: Int

        package init(lines: Int = 256, bytes: Int = 512 << 10, lineBytes: Int = 16 << 20) {
            (self.lines, self.bytes, self.lineBytes) = (lines, bytes, lineBytes)
        }
    }

    private let descriptor: Int32
    private let limits: Limits
    private let isStopped: @Sendable () -> Bool
    private var buffer: [UInt8] = []
    /// First byte of `buffer` that no batch has taken.
    private var head = 0
    private var offset: UInt64
    private var line: Int
    private var isAtEnd = false

    static let chunkBytes = 1 << 20

    /// - Parameters:
    ///   - descriptor: open for reading, at `offset`; stays the caller's.
    ///   - line: the number of the line that begins at `offset`.
    ///   - isStopped: looked at while a pipe has nothing to read.
    package init(_ descriptor: Int32, offset: UInt64 = 0, line: Int = 1, limits: Limits = Limits(), isStopped: @escaping @Sendable () -> Bool = { false }) {
        precondition(limits.lines > 0 && limits.bytes > 0 && limits.lineBytes > 0, "\(limits)")
        self.descriptor = descriptor
        self.offset = offset
        self.line = line
        self.limits = limits
        self.isStopped = isStopped
    }

    /// The next batch; nil at the end. A batch of blank lines only has no lines.
    package func next() throws -> RawBatch? {
        if offset == 0, head == 0 { try skipByteOrderMark() }
        var lines: [RawBatch.Line] = []
        let firstNumber = line
        var number = firstNumber
        /// Relative to `head`, which `fill` moves.
        var taken = 0
        var searched = 0
        while lines.count < limits.lines, taken < limits.bytes {
            if let end = lineBreak(from: searched) {
                append(taken..<end, number, &lines)
                taken = end + 1
                searched = taken
                number += 1
                continue
            }
            searched = buffer.count - head
            if searched - taken > limits.lineBytes {
                if taken > 0 { break }
                return try overlong()
            }
            if isAtEnd {
                if searched > taken {
                    append(taken..<searched, number, &lines)
                    taken = searched
                    number += 1
                }
                break
            }
            try fill()
        }
        guard taken > 0 else { return nil }
        let batch = RawBatch(
            bytes: Array(buffer[head..<head + taken]), lines: lines, start: offset, end: offset + UInt64(taken), nextLine: number)
        head += taken
        offset = batch.end
        line = number
        return batch
    }

    /// Drops a line that is too long, up to and with its line break.
    private func overlong() throws -> RawBatch {
        let start = offset
        while true {
            if let end = lineBreak(from: 0) {
                head += end + 1
                offset += UInt64(end + 1)
                break
            }
            offset += UInt64(buffer.count - head)
            head = buffer.count
            if isAtEnd { break }
            try fill()
        }
        line += 1
        return RawBatch(
            bytes: [], lines: [.init(range: 0..<0, number: line - 1)], start: start, end: offset, nextLine: line, isOverlong: true)
    }

    private func append(_ range: Range<Int>, _ number: Int, _ lines: inout [RawBatch.Line]) {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        var range = range
        while let last = range.last, isSpace(buffer[head + last]) { range.removeLast() }
        while let first = range.first, isSpace(buffer[head + first]) { range.removeFirst() }
        if !range.isEmpty { lines.append(.init(range: range, number: number)) }
    }

    private func lineBreak(from start: Int) -> Int? {
        buffer.withUnsafeBytes { bytes -> Int? in
            let begin = head + start
            guard begin < bytes.count, let base = bytes.baseAddress else { return nil }
            return memchr(base + begin, 0x0A, bytes.count - begin).map { UnsafeRawPointer($0) - base - head }
        }
    }

    private func skipByteOrderMark() throws {
        while buffer.count < 3, !isAtEnd { try fill() }
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) {
            head = 3
            offset = 3
        }
        if buffer.starts(with: [0xFF, 0xFE]) || buffer.starts(with: [0xFE, 0xFF]) {
            throw CommandFailure("the input is UTF-16, expected UTF-8: iconv -f UTF-16 -t UTF-8 FILE | tandem import NAME -")
        }
    }

    private func fill() throws {
        if head > 0 {
            buffer.removeFirst(head)
            head = 0
        }
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&wait, 1, 200) == 0 || wait.revents == 0 {
            if isStopped() { throw CancellationError() }
        }
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunkBytes))
        var count = -1
        repeat {
            count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + old, Self.chunkBytes) }
        } while count < 0 && errno == EINTR
        let number = errno
        buffer.removeLast(Self.chunkBytes - max(0, count))
        if count < 0 { throw CommandFailure("the input cannot be read at byte \(offset): \(String(cString: strerror(number)))") }
        if count == 0 { isAtEnd = true }
    }
}
