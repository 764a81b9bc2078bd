/// The character filters of a chain, opened for one workspace.
struct CharacterFilters {
    private enum Filter {
        case html
        case pattern(PatternFilter)
    }

    private let filters: [Filter]

    /// A text that filters have made so many times as long, and a MiB longer, goes through no further ones.
    private static let growthMax = 16

    var isEmpty: Bool { filters.isEmpty }

    /// - Throws: `invalidArgument` for an expression that is none.
    init(_ filters: [AnalyzerDefinition.CharacterFilter]) throws {
        self.filters = try filters.map {
            switch $0 {
            case .html: .html
            case .pattern(let expression, let replacement): .pattern(try PatternFilter(expression, replacement: replacement))
            }
        }
    }

    /// - Returns: the text after each filter, in their order.
    func apply(_ text: UnsafeBufferPointer<UInt8>) -> [FilteredText] {
        var steps: [FilteredText] = []
        for filter in filters {
            func step(_ text: UnsafeBufferPointer<UInt8>) -> FilteredText {
                switch filter {
                case .html: HTMLFilter.apply(text)
                case .pattern(let pattern): pattern.apply(text)
                }
            }
            steps.append(steps.last.map { $0.bytes.withUnsafeBufferPointer(step) } ?? step(text))
            // Each may make a text several times as long.
            if steps.last!.bytes.count > Self.growthMax * text.count + 1 << 20 { break }
        }
        return steps
    }
}
