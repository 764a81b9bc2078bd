import CICU
import SearchCore

/// Replaces what a regular expression matches, by ICU. Belongs to one workspace, since ICU's expressions are not thread-safe.
final class PatternFilter {
    private let pattern: OpaquePointer

    /// - Throws: `invalidArgument` where the expression is wrong.
    init(_ expression: String, replacement: String) throws {
        var problem: Int32 = -1
        var (expression, replacement) = (expression, replacement)
        let opened = expression.withUTF8 { expression in
            replacement.withUTF8 { replacement in
                expression.withMemoryRebound(to: CChar.self) { expression in
                    replacement.withMemoryRebound(to: CChar.self) { replacement in
                        tandem_pattern_open(expression.baseAddress, expression.count, replacement.baseAddress, replacement.count, &problem)
                    }
                }
            }
        }
        guard let opened else {
            let place = problem > 0 ? " at character \(problem)" : ""
            throw TandemError.invalidArgument("analyzer: the pattern '\(expression.prefix(64))' is no regular expression\(place)")
        }
        pattern = opened
    }

    deinit { tandem_pattern_close(pattern) }

    /// Where the expression takes too long, what it has not got to stays as it is: a document is never lost to its analyzer.
    func apply(_ text: UnsafeBufferPointer<UInt8>) -> FilteredText {
        var capacity = 256
        while true {
            if let result = apply(text, capacity: capacity) { return result }
            capacity *= 8
        }
    }

    /// - Returns: nil where there is more than so many matches.
    private func apply(_ text: UnsafeBufferPointer<UInt8>, capacity: Int) -> FilteredText? {
        let room = text.count + 64 * capacity
        return withUnsafeTemporaryAllocation(of: tandem_match.self, capacity: capacity) { matches in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { replaced in
                let found = tandem_pattern_matches(pattern, text.baseAddress, text.count, matches.baseAddress, capacity, replaced.baseAddress, room)
                var result = FilteredText(reserving: text.count)
                var copied = 0
                if found == capacity, capacity <= text.count { return nil }
                for match in matches.prefix(Int(max(found, 0))) {
                    result.copy(text, copied..<Int(match.start))
                    result.replace(Int(match.start)..<Int(match.end), by: replaced[Int(match.replaced_start)..<Int(match.replaced_end)])
                    copied = Int(match.end)
                }
                result.copy(text, copied..<text.count)
                return result
            }
        }
    }
}
