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
        var (capacity, room) = (256, min(text.count + 16 << 10, Self.roomMax(text.count)))
        while true {
            switch apply(text, capacity: capacity, room: room) {
            case .done(let result): return result
            case .moreMatches: capacity *= 8
            case .moreRoom: room = min(room * 8, Self.roomMax(text.count))
            }
        }
    }

    /// Replacements take no more than that; where they would, the rest of the text stays as it is. Sixteen filters one after another could fill any memory else.
    private static func roomMax(_ bytes: Int) -> Int { 4 * bytes + 64 << 10 }

    private enum Attempt {
        case done(FilteredText)
        case moreMatches
        case moreRoom
    }

    private func apply(_ text: UnsafeBufferPointer<UInt8>, capacity: Int, room: Int) -> Attempt {
        withUnsafeTemporaryAllocation(of: tandem_match.self, capacity: capacity) { matches in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { replaced in
                var isFull: Int32 = 0
                let found = tandem_pattern_matches(pattern, text.baseAddress, text.count, matches.baseAddress, capacity, replaced.baseAddress, room, &isFull)
                var result = FilteredText(reserving: text.count)
                var copied = 0
                if found == capacity, capacity <= text.count { return .moreMatches }
                if isFull != 0, room < Self.roomMax(text.count) { return .moreRoom }
                for match in matches.prefix(Int(max(found, 0))) {
                    result.copy(text, copied..<Int(match.start))
                    result.replace(Int(match.start)..<Int(match.end), by: replaced[Int(match.replaced_start)..<Int(match.replaced_end)])
                    copied = Int(match.end)
                }
                result.copy(text, copied..<text.count)
                return .done(result)
            }
        }
    }
}
