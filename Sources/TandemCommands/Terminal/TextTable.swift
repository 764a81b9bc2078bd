/// A table for people: aligned columns, two spaces between, cut to the width of the terminal.
///
/// One column may be flexible: it gets what the others leave, at least ``flexibleWidthMin``; without a width it is not cut.
public struct TextTable: Sendable {
    public enum Alignment: Sendable { case left, right }

    public struct Column: Sendable {
        public var title: String
        public var alignment: Alignment
        public var isFlexible: Bool

        public init(_ title: String, _ alignment: Alignment = .left, isFlexible: Bool = false) {
            self.title = title
            self.alignment = alignment
            self.isFlexible = isFlexible
        }
    }

    public static let flexibleWidthMin = 12

    public let columns: [Column]
    private var rows: [[String]] = []

    public init(_ columns: [Column]) { self.columns = columns }

    public var isEmpty: Bool { rows.isEmpty }

    /// Missing cells are empty. Control characters are taken out.
    public mutating func add(_ cells: [String]) {
        precondition(cells.count <= columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells.map { DisplayWidth.plain($0) } + Array(repeating: "", count: columns.count - cells.count))
    }

    /// Lines without trailing space, the header first, a newline after each.
    public func render(width: Int?) -> String {
        var widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column])) }
        }
        if let width, let flexible = columns.firstIndex(where: \.isFlexible) {
            let others = widths.indices.filter { $0 != flexible }.reduce(0) { $0 + widths[$1] + 2 }
            widths[flexible] = min(widths[flexible], max(width - others, Self.flexibleWidthMin))
        }
        var text = ""
        for row in [columns.map(\.title)] + rows {
            var line = ""
            for column in columns.indices {
                if column > 0 { line += "  " }
                let cell = columns[column].isFlexible ? DisplayWidth.cut(row[column], to: widths[column]) : row[column]
                let padding = String(repeating: " ", count: max(0, widths[column] - DisplayWidth.of(cell)))
                line += columns[column].alignment == .right ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}
