import SearchCore

struct FilterToken: Equatable {
    enum Kind: Equatable {
        /// Field name, keyword or truth value; a quoted one (`` `in` ``) is always a name.
        case word(String, quoted: Bool)
        case literal(FieldValue)
        case symbol(String)
        case end
    }

    let kind: Kind
    /// First byte in the text.
    let offset: Int

    /// How a message names the token. The content of a text literal stays out of it.
    var description: String {
        switch kind {
        case .word(let word, _): "'\(word.prefix(40))'"
        case .literal(.keyword): "a text"
        case .literal(let value): "'\(value.filterLiteral)'"
        case .symbol(let symbol): "'\(symbol)'"
        case .end: "the end"
        }
    }
}

/// Cuts an expression's text into tokens. Every error names the character column, counted from 1.
struct FilterLexer {
    let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// How a message begins. - Complexity: O(offset).
    func place(_ offset: Int) -> String {
        "filter, column \(String(decoding: bytes[..<min(offset, bytes.count)], as: UTF8.self).count + 1)"
    }

    func error(at offset: Int, _ what: String) -> TandemError { .invalidArgument("\(place(offset)): \(what)") }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    mutating func next() throws -> FilterToken {
        while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { offset += 1 }
        let start = offset
        guard let byte = current else { return FilterToken(kind: .end, offset: start) }
        let kind: FilterToken.Kind =
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): .literal(.keyword(try text(quote: byte)))
            case UInt8(ascii: "`"): .word(try quotedName(), quoted: true)
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "@"): .literal(try number())
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
                .word(run { Self.isNameByte($0) }, quoted: false)
            default: .symbol(try symbol())
            }
        return FilterToken(kind: kind, offset: start)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private mutating func run(_ belongs: (UInt8) -> Bool) -> String {
        let start = offset
        while let byte = current, belongs(byte) { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private mutating func symbol() throws -> String {
        let start = offset
        if offset + 1 < bytes.count {
            let pair = String(decoding: bytes[offset..<(offset + 2)], as: UTF8.self)
            if ["<=", ">=", "!="].contains(pair) {
                offset += 2
                return pair
            }
        }
        offset += 1
        guard "=<>(),".utf8.contains(bytes[start]) else {
            let character = String(decoding: bytes[start...].prefix(16), as: UTF8.self).first!
            throw error(at: start, "unexpected character '\(character)'")
        }
        return String(decoding: [bytes[start]], as: UTF8.self)
    }

    /// A name between backquotes; a doubled backquote stands for one.
    private mutating func quotedName() throws -> String {
        let start = offset
        var name: [UInt8] = []
        offset += 1
        while let byte = current {
            offset += 1
            if byte == UInt8(ascii: "`") {
                if current != byte { return String(decoding: name, as: UTF8.self) }
                offset += 1
            }
            name.append(byte)
        }
        throw error(at: start, "the name has no closing backquote")
    }

    private mutating func text(quote: UInt8) throws -> String {
        let start = offset
        var text: [UInt8] = []
        offset += 1
        while let byte = current {
            offset += 1
            if byte == quote { return String(decoding: text, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { text += try escape() } else { text.append(byte) }
        }
        throw error(at: start, "the text has no closing \(quote == UInt8(ascii: "'") ? "'" : "\"")")
    }

    /// What follows a backslash: itself, n, t, r, a quote, or `u{…}` with a code point in hexadecimal.
    private mutating func escape() throws -> [UInt8] {
        let start = offset - 1
        guard let byte = current else { throw error(at: start, "the text ends in a backslash") }
        offset += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): return [byte]
        case UInt8(ascii: "u") where current == UInt8(ascii: "{"):
            offset += 1
            let digits = run { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
            // At most six digits, and none of the signs that `UInt32(_:radix:)` would take.
            guard current == UInt8(ascii: "}"), digits.utf8.count <= 6, digits.utf8.first != UInt8(ascii: "+"),
                let number = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(number)
            else { throw error(at: start, "expected a code point such as \\u{e9}") }
            offset += 1
            return Array(String(Character(scalar)).utf8)
        default: throw error(at: start, "unknown escape; a backslash itself is written \\\\")
        }
    }

    /// Integer, float, `-inf`, a time, or `@` and microseconds since 1970. There is no arithmetic, so all that sticks
    /// together is one literal.
    private mutating func number() throws -> FieldValue {
        let start = offset
        let literal = run { Self.isNameByte($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "@") }
        let shape = Array(literal.utf8)
        if shape[0] == UInt8(ascii: "@") {
            let digits = literal.dropFirst()
            guard let time = Self.isInteger(digits.utf8) ? Int64(digits) : nil else {
                throw error(at: start, "expected microseconds since 1970 after '@', as an integer of 64 bits")
            }
            return .timestamp(microseconds: time)
        }
        if Self.isInteger(shape) {
            guard let integer = Int64(literal) else { throw error(at: start, "the integer does not fit into 64 bits") }
            return .int64(integer)
        }
        if shape.count >= 10, shape[4] == UInt8(ascii: "-"), shape[7] == UInt8(ascii: "-") {
            guard let time = TimestampText.parse(literal) else { throw error(at: start, "not a time; \(TimestampText.expected)") }
            return .timestamp(microseconds: time)
        }
        if literal == "-inf" { return .float64(-.infinity) }
        guard Self.isFloat(shape), let float = Double(literal) else { throw error(at: start, "not a number: '\(literal.prefix(40))'") }
        guard float.isFinite else { throw error(at: start, "the number exceeds float64") }
        return .float64(float)
    }

    private static func isInteger(_ shape: some Collection<UInt8>) -> Bool {
        let digits = shape.first == UInt8(ascii: "-") ? shape.dropFirst() : shape.dropFirst(0)
        return !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// Decimal only: `Double(_:)` would also take "0x1p3", "nan" and a missing digit.
    private static func isFloat(_ shape: [UInt8]) -> Bool {
        var rest = shape[...]
        func digits() -> Bool {
            let run = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
            rest = rest.dropFirst(run.count)
            return !run.isEmpty
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        guard digits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard digits() else { return false }
        }
        if let e = rest.first, e | 0x20 == UInt8(ascii: "e") {
            rest = rest.dropFirst()
            if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard digits() else { return false }
        }
        return rest.isEmpty
    }
}
