import SearchCore

extension Filter {
    /// Canonical text, which ``FilterExpression`` reads back to the same nodes (an `and` or `or` of one operand is left out).
    ///
    /// Nil where the nodes are no well-formed postfix. It holds values from the caller: not for error messages or logs.
    public var expression: String? {
        var stack: [(text: String, isAtom: Bool)] = []
        for node in nodes {
            switch node {
            case .and(let count), .or(let count):
                guard count >= 1, count <= stack.count else { return nil }
                guard count > 1 else { continue }
                let word = if case .and = node { " and " } else { " or " }
                let operands = stack.suffix(count).map { $0.isAtom ? $0.text : "(\($0.text))" }
                stack.removeLast(count)
                stack.append((operands.joined(separator: word), false))
            case .not:
                guard let last = stack.popLast() else { return nil }
                stack.append(("not " + (last.isAtom ? last.text : "(\(last.text))"), true))
            default: stack.append((node.leafExpression, true))
            }
        }
        return stack.count == 1 ? stack[0].text : nil
    }
}

extension FilterNode {
    fileprivate var leafExpression: String {
        switch self {
        case .equal(let field, let value): return "\(Self.name(field)) = \(value.filterLiteral)"
        case .in(let field, let values): return "\(Self.name(field)) in (\(values.map(\.filterLiteral).joined(separator: ", ")))"
        case .exists(let field): return "exists(\(Self.name(field)))"
        case .range(let field, let lower, let lowerInclusive, let upper, let upperInclusive):
            switch (lower, upper) {
            case (let lower?, let upper?):
                return "\(lower.filterLiteral) \(lowerInclusive ? "<=" : "<") \(Self.name(field)) \(upperInclusive ? "<=" : "<") \(upper.filterLiteral)"
            case (let lower?, nil): return "\(Self.name(field)) \(lowerInclusive ? ">=" : ">") \(lower.filterLiteral)"
            case (nil, let upper?): return "\(Self.name(field)) \(upperInclusive ? "<=" : "<") \(upper.filterLiteral)"
            case (nil, nil): return "exists(\(Self.name(field)))"
            }
        case .all: return "all()"
        case .and, .or, .not: preconditionFailure("\(self) is no leaf")
        }
    }

    private static let reserved: Set<String> = ["and", "or", "not", "in", "exists", "all", "true", "false", "inf"]

    private static func name(_ field: String) -> String {
        let isPlain =
            field.utf8.allSatisfy(FilterLexer.isNameByte) && !reserved.contains(field.lowercased())
            && field.utf8.first.map { !(0x30...0x39).contains($0) && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") } ?? false
        return isPlain ? field : "`" + field.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }
}

extension FieldValue {
    /// The value as the expression language writes it.
    var filterLiteral: String {
        switch self {
        case .int64(let number): return String(number)
        case .float64(let number): return number.description
        case .bool(let flag): return flag ? "true" : "false"
        case .timestamp(let time): return TimestampText.format(microseconds: time) ?? "@\(time)"
        case .keyword(let text):
            var literal = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"", "\\": literal += "\\\(scalar)"
                case _ where scalar.value < 0x20 || scalar.value == 0x7F: literal += "\\u{\(String(scalar.value, radix: 16))}"
                default: literal.unicodeScalars.append(scalar)
                }
            }
            return literal + "\""
        }
    }
}
