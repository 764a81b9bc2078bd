import SearchCore

/// One step of a filter in postfix order. Leaves push a set of documents, operators replace the topmost sets by one.
///
/// A leaf on a field with several values matches a document if *any* of them matches; a document without the field
/// matches no leaf on it. Keywords compare by their UTF-8 bytes.
public enum FilterNode: Sendable, Hashable {
    case equal(String, FieldValue)
    /// Any of the values; none at all is legal and matches nothing.
    case `in`(String, [FieldValue])
    /// Between the bounds; nil: unbounded on that side, but one bound must be there. A lower above the upper is legal and matches nothing.
    case range(String, lower: FieldValue?, lowerInclusive: Bool, upper: FieldValue?, upperInclusive: Bool)
    /// Has at least one value.
    case exists(String)
    /// Every document.
    case all
    /// All of the topmost sets, as many as given (at least one).
    case and(Int)
    /// Any of the topmost sets, as many as given (at least one).
    case or(Int)
    /// Documents that the topmost set lacks, those without the field included.
    case not
}

/// Condition on attributes, as a flat postfix list: no recursion, so none to overflow, on the wire or here.
///
/// Equality is that of Swift's values, so it takes two spellings of one Unicode text as equal; matching never does.
public struct Filter: Sendable, Hashable {
    public var nodes: [FilterNode]

    public init(nodes: [FilterNode]) { self.nodes = nodes }
}

extension Filter {
    /// The filter with every value in its field's type, ready to run.
    ///
    /// Exact conversions only: an integer for a float64 field and a whole float for an int64 field where no digit is lost,
    /// an ISO 8601 text for a timestamp field.
    /// - Throws: `INVALID_ARGUMENT` naming node (counted from 1) and field: unknown field, value of another type, NaN, a
    ///   range without bounds, an operator with too few operands, sets left over, more than ``Limits/filterNodesMax`` nodes or as many values.
    public func validated(against fields: [AttributeField]) throws -> Filter {
        guard !nodes.isEmpty, nodes.count <= Limits.filterNodesMax else {
            throw TandemError.invalidArgument("filter: \(nodes.count) nodes, expected 1 to \(Limits.filterNodesMax)")
        }
        var result: [FilterNode] = []
        var depth = 0
        for (index, node) in nodes.enumerated() {
            let operands =
                switch node {
                case .and(let count), .or(let count): count
                case .not: 1
                default: 0
                }
            if case .and(..<1) = node { throw TandemError.invalidArgument("filter, node \(index + 1): 'and' of \(operands) operands") }
            if case .or(..<1) = node { throw TandemError.invalidArgument("filter, node \(index + 1): 'or' of \(operands) operands") }
            guard operands <= depth else {
                throw TandemError.invalidArgument("filter, node \(index + 1): takes \(operands) operands, \(depth) are there")
            }
            depth += 1 - operands
            result.append(try node.coerced(to: fields, place: "filter, node \(index + 1)"))
        }
        guard depth == 1 else {
            throw TandemError.invalidArgument(
                "filter: \(depth) conditions are left unjoined after node \(nodes.count), expected 1; join them with 'and' or 'or'")
        }
        return Filter(nodes: result)
    }
}

extension FilterNode {
    /// Field of a leaf; nil for `all` and operators.
    public var field: String? {
        switch self {
        case .equal(let field, _), .in(let field, _), .range(let field, _, _, _, _), .exists(let field): field
        case .all, .and, .or, .not: nil
        }
    }

    /// A leaf with its values in the field's type; operators pass. `place` begins the error's message.
    func coerced(to fields: [AttributeField], place: @autoclosure () -> String) throws -> FilterNode {
        guard let name = field else { return self }
        func refuse(_ reason: String) -> TandemError { .invalidArgument("\(place()): field '\(name)': \(reason)") }
        guard let field = fields.first(where: { $0.name == name }) else {
            throw refuse("the schema has no such attribute; it has \(fields.map(\.name).joined(separator: ", "))")
        }
        func coerce(_ value: FieldValue) throws -> FieldValue {
            switch (value, field.type) {
            case (.float64(let number), _) where number.isNaN:
                throw refuse("NaN compares with nothing; use 'exists'")
            case (.int64(let number), .float64):
                guard let exact = Double(exactly: number) else { throw refuse("the integer \(number) has no exact float64") }
                return .float64(exact)
            case (.float64(let number), .int64):
                guard let exact = Int64(exactly: number) else { throw refuse("has type int64, found the fraction or too large number \(number)") }
                return .int64(exact)
            case (.keyword(let text), .timestamp):
                guard let time = TimestampText.parse(text) else { throw refuse("has type timestamp, found a text that is none; \(TimestampText.expected)") }
                return .timestamp(microseconds: time)
            case (.timestamp, .timestamp), (.int64, .int64), (.float64, .float64), (.bool, .bool): return value
            case (.keyword(let text), .keyword):
                guard text.utf8.count <= Limits.keywordBytesMax else {
                    throw refuse("a keyword of \(text.utf8.count) bytes, at most \(Limits.keywordBytesMax) are taken")
                }
                return value
            default: throw refuse("has type \(field.type), found \(value.type)")
            }
        }
        switch self {
        case .equal(_, let value): return .equal(name, try coerce(value))
        case .in(_, let values):
            guard values.count <= Self.listValuesMax else { throw refuse("a list of \(values.count) values, at most \(Self.listValuesMax) are taken") }
            return .in(name, try values.map(coerce))
        case .range(_, let lower, let lowerInclusive, let upper, let upperInclusive):
            guard lower != nil || upper != nil else { throw refuse("a range without bounds; use 'exists'") }
            return .range(
                name, lower: try lower.map(coerce), lowerInclusive: lowerInclusive, upper: try upper.map(coerce), upperInclusive: upperInclusive)
        case .exists, .all, .and, .or, .not: return self
        }
    }

    /// Values of one list: access lists of a few thousand groups are ordinary, and each costs one binary search.
    public static let listValuesMax = 65_536
}
