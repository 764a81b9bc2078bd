import SearchCore

/// The query syntax for people: `+must -not "as written"~2 colour~1 title:word term^3 (a OR b) a AND b *`. Grammar and examples: docs/query-syntax.md.
///
/// Bare words that stand together are one text, so that a query without operators is the same as a plain one.
package enum QueryString {
    /// Parentheses inside one another; bounds the parser's recursion.
    static let depthMax = 32

    /// - Parameters:
    ///   - fields: names of the text fields; before a colon, only those are fields, so `std::map` and URLs stay words.
    ///   - isLenient: `+`, `-` or `!` with a blank behind it is a character of the text, not a mistake.
    /// - Throws: `INVALID_ARGUMENT` that names the character column, counted from 1.
    package static func parse(_ text: String, fields: [String], isLenient: Bool = false) throws -> ParsedQuery {
        var parser = QueryStringParser(text, fields: Set(fields), isLenient: isLenient)
        return try parser.parse()
    }
}

/// Recursive descent over Unicode scalars: a combining mark behind an operator does not hide it. Columns count characters.
///
/// ```
/// query   = { clause }
/// clause  = [ "+" | "-" | "!" | "NOT" ] atom [ ( "AND" | "&&" | "OR" | "||" ) clause ]
/// atom    = [ field ":" ] ( "(" query ")" | '"' text '"' [ "~" number ] | word [ "*" | "~" [ number ] ] | "*" ) [ "^" number ]
/// ```
private struct QueryStringParser {
    private enum Occurrence { case must, should, mustNot }

    private struct Clause {
        var occurrence: Occurrence
        var node: QueryNode
        /// A word without any operator: joins its neighbours.
        var bareWord: String?
        /// Where it begins, its operators aside.
        var place: Int

        /// AND asks for it: all words of a text then, not one of them.
        mutating func require() {
            guard occurrence == .should else { return }
            occurrence = .must
            switch node {
            case .words(let text, let field, .any): node = .words(text, field: field, match: .all)
            case .boost(let factor, .words(let text, let field, .any)): node = .boost(factor, .words(text, field: field, match: .all))
            default: break
            }
        }
    }

    private let characters: [Unicode.Scalar]
    private let fields: Set<String>
    private let isLenient: Bool
    /// Of the tree's leaves.
    private var places: [QueryNode: Int] = [:]
    private var at = 0
    private var depth = 0

    init(_ text: String, fields: Set<String>, isLenient: Bool) {
        characters = Array(text.unicodeScalars)
        self.fields = fields
        self.isLenient = isLenient
    }

    mutating func parse() throws -> ParsedQuery {
        let node = try query(field: nil)
        guard at == characters.count else { throw error("')' without '('") }
        return ParsedQuery(node, places: places, in: characters)
    }

    private func error(_ what: String, at place: Int? = nil) -> TandemError {
        .invalidArgument("query, column \(ParsedQuery.column(of: place ?? at, in: characters)): \(what)")
    }

    private func string(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters[range])
        return String(text)
    }

    private var current: Unicode.Scalar? { at < characters.count ? characters[at] : nil }
    private var next: Unicode.Scalar? { at + 1 < characters.count ? characters[at + 1] : nil }

    private static func isSpace(_ c: Unicode.Scalar) -> Bool { c.properties.isWhitespace }
    private static func isDigit(_ c: Unicode.Scalar) -> Bool { ("0"..."9").contains(c) }

    /// The end of the text, white space, or a parenthesis that closes: what may follow a whole term.
    private func isTermEnd(_ place: Int) -> Bool {
        place >= characters.count || Self.isSpace(characters[place]) || characters[place] == ")"
    }

    private mutating func skipSpace() { while let c = current, Self.isSpace(c) { at += 1 } }

    private mutating func query(field: String?) throws -> QueryNode {
        var clauses: [Clause] = []
        /// AND stands before the next clause; where the operator stood, for the message.
        var pending: (isAnd: Bool, at: Int)?
        while true {
            skipSpace()
            guard let c = current, c != ")" else { break }
            if let (isAnd, width) = connective() {
                guard !clauses.isEmpty, pending == nil else { throw error("an operator without a term before it") }
                pending = (isAnd, at)
                at += width
                continue
            }
            var clause = try clause(field: field)
            if let operation = pending {
                clause.bareWord = nil
                clauses[clauses.count - 1].bareWord = nil
                if operation.isAnd {
                    clauses[clauses.count - 1].require()
                    clause.require()
                }
                pending = nil
            }
            clauses.append(clause)
        }
        if let pending { throw error("an operator without a term behind it", at: pending.at) }
        guard !clauses.isEmpty else { throw error(depth == 0 ? "the query is empty" : "nothing between '(' and ')'") }
        return combined(clauses, field)
    }

    /// Bare words that stand together become one text.
    private mutating func combined(_ clauses: [Clause], _ field: String?) -> QueryNode {
        var boolean = QueryNode.Boolean()
        var words: (texts: [String], place: Int) = ([], 0)
        func close(_ parser: inout QueryStringParser) {
            guard !words.texts.isEmpty else { return }
            let text = QueryNode.words(words.texts.joined(separator: " "), field: field, match: .any)
            parser.note(text, at: words.place)
            boolean.should.append(text)
            words.texts = []
        }
        for clause in clauses {
            if let word = clause.bareWord {
                if words.texts.isEmpty { words.place = clause.place }
                words.texts.append(word)
                continue
            }
            close(&self)
            note(clause.node, at: clause.place)
            switch clause.occurrence {
            case .must: boolean.must.append(clause.node)
            case .should: boolean.should.append(clause.node)
            case .mustNot: boolean.mustNot.append(clause.node)
            }
        }
        close(&self)
        return .boolean(boolean)
    }

    private mutating func note(_ node: QueryNode, at place: Int) {
        switch node {
        case .boost(_, let inner): note(inner, at: place)
        // What stands between parentheses has places of its own.
        case .boolean, .best, .constant: break
        case .words, .prefix, .phrase, .fuzzy, .all, .exists: places[node] = min(places[node] ?? place, place)
        }
    }

    /// AND, OR, &&, || as words of their own. - Returns: which, and its characters.
    private func connective() -> (isAnd: Bool, width: Int)? {
        for (word, isAnd) in [("AND", true), ("&&", true), ("OR", false), ("||", false)] where isWord(word) { return (isAnd, word.count) }
        return nil
    }

    private func isWord(_ word: String) -> Bool {
        let end = at + word.count
        guard end <= characters.count, characters[at..<end].elementsEqual(word.unicodeScalars) else { return false }
        return isTermEnd(end) || characters[end] == "(" || characters[end] == "\""
    }

    private mutating func clause(field: String?) throws -> Clause {
        var occurrence = Occurrence.should
        if isWord("NOT") {
            occurrence = .mustNot
            at += 3
            skipSpace()
            try expectTerm(behind: "NOT")
        } else if let sign = current, sign == "+" || sign == "-" || sign == "!", !isTermEnd(at + 1), !isOnlySigns() {
            occurrence = sign == "+" ? .must : .mustNot
            at += 1
            try expectTerm(behind: String(sign))
        }
        if let sign = loneSign() {
            // Lucene's classic parser takes `+ word` for `+word`. Who writes a dash between words means neither that nor to exclude one.
            throw error("'\(sign)' with nothing behind it; put it before a word, or write \\\(sign) for the character")
        }
        let start = at
        var inner = field
        if let name = fieldName() {
            inner = name
            at += name.unicodeScalars.count + 1
            guard !isTermEnd(at) else { throw error("'\(name):' without a term behind it") }
        }
        var bareWord: String?
        var node: QueryNode
        switch current {
        case "(":
            guard depth < QueryString.depthMax else { throw error("parentheses nested deeper than \(QueryString.depthMax)") }
            let open = at
            at += 1
            depth += 1
            node = try query(field: inner)
            depth -= 1
            guard current == ")" else { throw error("'(' is never closed", at: open) }
            at += 1
        case "\"":
            let text = try quoted()
            if current == "*" { throw error("'*' behind quotes: only a word without quotes can be the beginning of others") }
            node = .phrase(text, field: inner, slop: current == "~" ? try edits("'~' behind quotes", most: Int(UInt16.max)) : 0)
        case "*" where next == ":" && at + 2 < characters.count && characters[at + 2] == "*" && isTermEnd(at + 3):
            // As Lucene writes it.
            at += 3
            node = .all
        case "*" where isTermEnd(at + 1) || next == "^":
            at += 1
            node = inner.map { .exists(field: $0) } ?? .all
        default:
            let word = try word()
            if current == "*" {
                at += 1
                node = .prefix(word, field: inner)
            } else if current == "~" {
                let isBare = isTermEnd(at + 1) || next == "^"
                if isBare { at += 1 }
                node = .fuzzy(word, field: inner, distance: isBare ? nil : try edits("'~' behind a word", most: 2), prefixLength: 0)
            } else {
                bareWord = occurrence == .should && inner == field ? word : nil
                node = .words(word, field: inner, match: occurrence == .should ? .any : .all)
            }
        }
        if current == "^" {
            at += 1
            node = .boost(try number(), node)
            bareWord = nil
        }
        precondition(at > start, "a clause of no characters")
        return Clause(occurrence: occurrence, node: node, bareWord: bareWord, place: start)
    }

    /// An operator that stands before nothing, where that is a mistake.
    private func loneSign() -> Unicode.Scalar? {
        guard !isLenient, let sign = current, "+-!".unicodeScalars.contains(sign), isTermEnd(at + 1) else { return nil }
        return sign
    }

    /// `--` and the like, which are no operators of each other.
    private func isOnlySigns() -> Bool {
        var end = at
        while !isTermEnd(end) {
            guard "+-!".unicodeScalars.contains(characters[end]) else { return false }
            end += 1
        }
        return true
    }

    /// Where an operator has been read, a term has to follow and not another one.
    private func expectTerm(behind operation: String) throws {
        guard let c = current, c != ")" else { throw error("\(operation) without a term behind it") }
        if isWord("NOT") || connective() != nil || ("+-!".unicodeScalars.contains(c) && !isTermEnd(at + 1) && !isOnlySigns()) {
            throw error("an operator behind \(operation); write a \\ before what is a word")
        }
    }

    /// The field's name, where one stands here with a colon behind it.
    private func fieldName() -> String? {
        var end = at
        while end < characters.count, characters[end] != ":" {
            if Self.isSpace(characters[end]) || "()\"^".unicodeScalars.contains(characters[end]) { return nil }
            end += 1
        }
        guard end < characters.count, end > at else { return nil }
        let name = string(at..<end)
        return fields.contains(name) ? name : nil
    }

    private mutating func quoted() throws -> String {
        let open = at
        at += 1
        var text = String.UnicodeScalarView()
        while let c = current, c != "\"" {
            if c == "\\", next != nil { at += 1 }
            text.append(characters[at])
            at += 1
        }
        guard current == "\"" else { throw error("'\"' is never closed", at: open) }
        at += 1
        let words = text.split(whereSeparator: Self.isSpace).count
        guard words > 0 else { throw error("nothing between the quotes", at: open) }
        return String(text)
    }

    private mutating func word() throws -> String {
        let start = at
        var text = String.UnicodeScalarView()
        while let c = current, !Self.isSpace(c), c != "(", c != ")", c != "\"" {
            if c == "^", let following = next, Self.isDigit(following) || following == "." { break }
            if c == "\\", next != nil {
                at += 1
            } else if c == "*", at > start, isTermEnd(at + 1) || next == "^" {
                break
            } else if c == "~", at > start, isFuzzyEnd() {
                break
            }
            text.append(characters[at])
            at += 1
        }
        // A lone quote or parenthesis is none of a word's business.
        guard at > start else { throw error("'\(characters[at])' is not expected here") }
        return String(text)
    }

    /// `~` or `~2` at the end of a word.
    private func isFuzzyEnd() -> Bool {
        var end = at + 1
        // With a point it is no number of edits, and no word either.
        while end < characters.count, Self.isDigit(characters[end]) || characters[end] == "." { end += 1 }
        return isTermEnd(end) || characters[end] == "^"
    }

    /// `~` and a number.
    private mutating func edits(_ what: String, most: Int) throws -> Int {
        let start = at
        at += 1
        let digits = at
        while let c = current, Self.isDigit(c) || c == "." { at += 1 }
        guard isTermEnd(at) || current == "^", let value = Int(string(digits..<at)), value <= most else {
            throw error("\(what) wants a number from 0 to \(most) behind it", at: start)
        }
        return value
    }

    private mutating func number() throws -> Double {
        let start = at
        while let c = current, Self.isDigit(c) || c == "." { at += 1 }
        guard current != "~" else { throw error("'~' stands before '^'") }
        guard isTermEnd(at), let value = Double(string(start..<at)), value >= 1e-3, value <= 1e3 else {
            throw error("'^' wants a number from 0.001 to 1000 behind it", at: start)
        }
        return value
    }
}
