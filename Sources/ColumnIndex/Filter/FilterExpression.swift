import SearchCore

/// The text form of a filter: `section = "net" and (size >= 1000 or not exists(homepage))`; grammar and examples: docs/filters.md.
public enum FilterExpression {
    public static let textBytesMax = Limits.queryBytesMax
    /// Parentheses and `not`s inside one another; bounds the parser's recursion.
    public static let depthMax = 100

    /// Parses and checks against the schema; the result is validated and its values have their fields' types.
    /// - Throws: `INVALID_ARGUMENT` that names the character column, counted from 1.
    public static func parse(_ text: String, fields: [AttributeField]) throws -> Filter {
        var parser = try FilterParser(text, fields: fields)
        return try parser.parse()
    }

    /// Parses without a schema; values have the types of their literals.
    /// - Throws: `INVALID_ARGUMENT` that names the character column, counted from 1.
    public static func parse(_ text: String) throws -> Filter {
        var parser = try FilterParser(text, fields: nil)
        return try parser.parse()
    }
}

/// Recursive descent, one method per rule of the grammar, emitting postfix as it goes.
///
/// ```
/// filter     = conjunction { "or" conjunction }
/// conjunction = negation { "and" negation }
/// negation   = "not" negation | primary
/// primary    = "(" filter ")" | "all" "(" ")" | "exists" "(" field ")" | field test | value less field [ less value ]
/// test       = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value | [ "not" ] "in" "(" [ value { "," value } ] ")"
/// less       = "<" | "<="
/// ```
private struct FilterParser {
    private static let reserved: Set<String> = ["and", "or", "not", "in", "exists", "all", "true", "false", "inf"]

    private var lexer: FilterLexer
    private var token: FilterToken
    private let fields: [AttributeField]?
    private var nodes: [FilterNode] = []
    private var depth = 0

    init(_ text: String, fields: [AttributeField]?) throws {
        guard text.utf8.count <= FilterExpression.textBytesMax else {
            throw TandemError.invalidArgument("filter: \(text.utf8.count) bytes, at most \(FilterExpression.textBytesMax) are taken")
        }
        lexer = FilterLexer(text)
        token = try lexer.next()
        self.fields = fields
    }

    mutating func parse() throws -> Filter {
        try filter()
        guard token.kind == .end else { throw expected("'and', 'or' or the end") }
        return Filter(nodes: nodes)
    }

    // MARK: Rules

    private mutating func filter() throws { try chain("or", { .or($0) }) { try $0.conjunction() } }

    private mutating func conjunction() throws { try chain("and", { .and($0) }) { try $0.negation() } }

    private mutating func chain(_ word: String, _ node: (Int) -> FilterNode, _ operand: (inout FilterParser) throws -> Void) throws {
        try operand(&self)
        let start = token.offset
        var count = 1
        while try take(word) {
            try operand(&self)
            count += 1
        }
        if count > 1 { try emit(node(count), at: start) }
    }

    private mutating func negation() throws {
        let start = token.offset
        guard try take("not") else { return try primary() }
        try nested(at: start) { try $0.negation() }
        try emit(.not, at: start)
    }

    private mutating func primary() throws {
        let start = token.offset
        if try take(symbol: "(") {
            try nested(at: start) { try $0.filter() }
            return try require(symbol: ")")
        }
        if try take("all") {
            try require(symbol: "(")
            try require(symbol: ")")
            return try emit(.all, at: start)
        }
        if try take("exists") {
            try require(symbol: "(")
            let field = try field()
            try require(symbol: ")")
            return try emit(.exists(field), at: start)
        }
        if let value = try takeValue() { return try between(value, start) }
        try test(try field(orA: "a condition"), start)
    }

    private mutating func test(_ field: String, _ start: Int) throws {
        if try take("not") {
            guard try take("in") else { throw expected("'in' after 'not'") }
            try emit(.in(field, try list()), at: start)
            return try emit(.not, at: start)
        }
        if try take("in") { return try emit(.in(field, try list()), at: start) }
        guard case .symbol(let comparison) = token.kind, ["=", "!=", "<", "<=", ">", ">="].contains(comparison) else {
            throw expected("a comparison or 'in' after the field")
        }
        try advance()
        let value = try value(after: comparison)
        switch comparison {
        case "=": try emit(.equal(field, value), at: start)
        case "!=":
            try emit(.equal(field, value), at: start)
            try emit(.not, at: start)
        case "<", "<=": try emit(.range(field, lower: nil, lowerInclusive: false, upper: value, upperInclusive: comparison == "<="), at: start)
        default: try emit(.range(field, lower: value, lowerInclusive: comparison == ">=", upper: nil, upperInclusive: false), at: start)
        }
    }

    /// `1 <= size < 5`: one value between both bounds, which two conditions on a field of several values do not say.
    private mutating func between(_ lower: FieldValue, _ start: Int) throws {
        guard let first = try takeLess() else { throw expected("'<' or '<=' after the value") }
        let field = try field()
        if let second = try takeLess() {
            let upper = try value(after: second)
            return try emit(.range(field, lower: lower, lowerInclusive: first == "<=", upper: upper, upperInclusive: second == "<="), at: start)
        }
        try emit(.range(field, lower: lower, lowerInclusive: first == "<=", upper: nil, upperInclusive: false), at: start)
    }

    private mutating func list() throws -> [FieldValue] {
        try require(symbol: "(")
        if try take(symbol: ")") { return [] }
        var values = [try value(after: "(")]
        while try take(symbol: ",") { values.append(try value(after: ",")) }
        try require(symbol: ")")
        return values
    }

    // MARK: Tokens

    private mutating func advance() throws { token = try lexer.next() }

    private func expected(_ what: String) -> TandemError {
        lexer.error(at: token.offset, "expected \(what), found \(token.description)")
    }

    /// Keywords are taken in any case.
    private mutating func take(_ keyword: String) throws -> Bool {
        guard case .word(let word, quoted: false) = token.kind, word.lowercased() == keyword else { return false }
        try advance()
        return true
    }

    private mutating func take(symbol: String) throws -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    private mutating func require(symbol: String) throws {
        guard try take(symbol: symbol) else { throw expected("'\(symbol)'") }
    }

    private mutating func takeLess() throws -> String? {
        if try take(symbol: "<") { return "<" }
        return try take(symbol: "<=") ? "<=" : nil
    }

    private mutating func takeValue() throws -> FieldValue? {
        if case .literal(let value) = token.kind {
            try advance()
            return value
        }
        if try take("true") { return .bool(true) }
        if try take("false") { return .bool(false) }
        return try take("inf") ? .float64(.infinity) : nil
    }

    private mutating func value(after: String) throws -> FieldValue {
        guard let value = try takeValue() else { throw expected("a value after '\(after)'") }
        return value
    }

    private mutating func field(orA alternative: String = "a field") throws -> String {
        guard case .word(let name, let quoted) = token.kind, quoted || !Self.reserved.contains(name.lowercased()) else {
            throw expected(alternative)
        }
        try advance()
        return name
    }

    private mutating func nested(at offset: Int, _ body: (inout FilterParser) throws -> Void) throws {
        depth += 1
        defer { depth -= 1 }
        guard depth <= FilterExpression.depthMax else {
            throw lexer.error(at: offset, "nested more than \(FilterExpression.depthMax) deep")
        }
        try body(&self)
    }

    private mutating func emit(_ node: FilterNode, at offset: Int) throws {
        guard nodes.count < Limits.filterNodesMax else {
            throw lexer.error(at: offset, "more than \(Limits.filterNodesMax) conditions and operators")
        }
        nodes.append(try fields.map { try node.coerced(to: $0, place: lexer.place(offset)) } ?? node)
    }
}
