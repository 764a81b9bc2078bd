import ColumnIndex
import SearchCore
import Testing

@Suite struct FilterExpressionTests {
    private static func above(_ field: String, _ value: FieldValue, _ inclusive: Bool) -> FilterNode {
        .range(field, lower: value, lowerInclusive: inclusive, upper: nil, upperInclusive: false)
    }
    private static func below(_ field: String, _ value: FieldValue, _ inclusive: Bool) -> FilterNode {
        .range(field, lower: nil, lowerInclusive: false, upper: value, upperInclusive: inclusive)
    }

    static let read: [(String, [FilterNode])] = [
        (#"section = "net""#, [.equal("section", .keyword("net"))]),
        ("section='net'", [.equal("section", .keyword("net"))]),
        ("size != 5", [.equal("size", .int64(5)), .not]),
        ("size>-5", [above("size", .int64(-5), false)]),
        ("size >= 5", [above("size", .int64(5), true)]),
        ("size<5", [below("size", .int64(5), false)]),
        ("size <= 9223372036854775807", [below("size", .int64(.max), true)]),
        ("size = -9223372036854775808", [.equal("size", .int64(.min))]),
        ("1 <= size < 5", [.range("size", lower: .int64(1), lowerInclusive: true, upper: .int64(5), upperInclusive: false)]),
        ("1 < size", [above("size", .int64(1), false)]),
        ("rating = 1e3", [.equal("rating", .float64(1000))]),
        ("rating = -1.5E-3", [.equal("rating", .float64(-0.0015))]),
        ("-inf < rating < inf", [.range("rating", lower: .float64(-.infinity), lowerInclusive: false, upper: .float64(.infinity), upperInclusive: false)]),
        ("rating = 3", [.equal("rating", .float64(3))]),
        ("free = TRUE", [.equal("free", .bool(true))]),
        ("section in ('a',\"b\")", [.in("section", [.keyword("a"), .keyword("b")])]),
        ("section in ()", [.in("section", [])]),
        ("section not in ('a')", [.in("section", [.keyword("a")]), .not]),
        ("exists(size)", [.exists("size")]),
        ("all()", [.all]),
        ("released >= 2024-01-01T00:00:00Z", [above("released", .timestamp(microseconds: 1_704_067_200_000_000), true)]),
        ("released >= '2024-01-01T00:00:00.000001+01:00'", [above("released", .timestamp(microseconds: 1_704_063_600_000_001), true)]),
        ("released = 2024-01-01", [.equal("released", .timestamp(microseconds: 1_704_067_200_000_000))]),
        ("released = @-1", [.equal("released", .timestamp(microseconds: -1))]),
        (
            "2024-01-01<=released<2025-01-01",
            [
                .range(
                    "released", lower: .timestamp(microseconds: 1_704_067_200_000_000), lowerInclusive: true,
                    upper: .timestamp(microseconds: 1_735_689_600_000_000), upperInclusive: false)
            ]
        ),
        ("`size` = 1", [.equal("size", .int64(1))]),
        (#"section = "a\"b\\\n\t\r\u{e9}\'""#, [.equal("section", .keyword("a\"b\\\n\t\r\u{E9}'"))]),
        (#"section = '"'"#, [.equal("section", .keyword("\""))]),
        ("section = \"語 🙂\"", [.equal("section", .keyword("語 🙂"))]),
        (" \t\n size = 1 \r\n ", [.equal("size", .int64(1))]),
        ("exists(size) and exists(free) or all()", [.exists("size"), .exists("free"), .and(2), .all, .or(2)]),
        ("exists(size) AND (exists(free) OR all())", [.exists("size"), .exists("free"), .all, .or(2), .and(2)]),
        ("not exists(size) and not not all()", [.exists("size"), .not, .all, .not, .not, .and(2)]),
        ("all() or all() or all()", [.all, .all, .all, .or(3)]),
        ("(all() or all()) or all()", [.all, .all, .or(2), .all, .or(2)]),
    ]

    @Test("reads", arguments: read)
    func reads(_ text: String, _ nodes: [FilterNode]) throws {
        #expect(try FilterExpression.parse(text, fields: schema).nodes == nodes)
    }

    static let refused: [(String, String)] = [
        ("", "column 1: expected a condition, found the end"),
        ("section = 'net' and size >= and", "column 29: expected a value after '>=', found 'and'"),
        ("size", "column 5: expected a comparison or 'in' after the field, found the end"),
        ("size = size", "column 8: expected a value after '=', found 'size'"),
        ("size == 1", "column 7: expected a value after '=', found '='"),
        ("size = 1 size", "column 10: expected 'and', 'or' or the end, found 'size'"),
        ("size = 1 'secret'", "column 10: expected 'and', 'or' or the end, found a text"),
        ("(size = 1", "column 10: expected ')', found the end"),
        ("size = 1)", "column 9: expected 'and', 'or' or the end, found ')'"),
        ("size in 1", "column 9: expected '(', found '1'"),
        ("size in (1,)", "column 12: expected a value after ',', found ')'"),
        ("size in (1 2)", "column 12: expected ')', found '2'"),
        ("size not 5", "column 10: expected 'in' after 'not', found '5'"),
        ("exists size", "column 8: expected '(', found 'size'"),
        ("exists(5)", "column 8: expected a field, found '5'"),
        ("5 = size", "column 3: expected '<' or '<=' after the value, found '='"),
        ("1 < size < ", "column 12: expected a value after '<', found the end"),
        ("size = 9223372036854775808", "column 8: the integer does not fit into 64 bits"),
        ("size = -9223372036854775809", "column 8: the integer does not fit into 64 bits"),
        ("size = @9223372036854775808", "column 8: expected microseconds"),
        ("rating = 1e999", "column 10: the number exceeds float64"),
        ("rating = 0x10", "column 10: not a number"),
        ("rating = 1.", "column 10: not a number"),
        ("rating = 1e", "column 10: not a number"),
        ("rating = -", "column 10: not a number"),
        ("rating = .5", "column 10: unexpected character '.'"),
        ("rating = nan", "column 10: expected a value"),
        ("released = 2024-02-30", "column 12: not a time"),
        ("released = 2024-01-01T00:00:00", "column 12: not a time"),
        ("section = 'net", "column 11: the text has no closing '"),
        (#"section = "\x""#, "column 12: unknown escape"),
        (#"section = "\u{110000}""#, "column 12: expected a code point"),
        (#"section = "\u{d800}""#, "column 12: expected a code point"),
        (#"section = "\u{-1}""#, "column 12: expected a code point"),
        (#"section = "\u{}""#, "column 12: expected a code point"),
        ("section = \"\\", "column 12: the text ends in a backslash"),
        ("`size = 1", "column 1: the name has no closing backquote"),
        ("size & 1", "column 6: unexpected character '&'"),
        ("'語語' = section and", "column 6: expected '<' or '<='"),
        ("section = '語🙂e\u{301}' and ?", "column 21: unexpected character '?'"),
        ("nope = 1", "column 1: field 'nope': the schema has no such attribute"),
        ("size = 1 and size = 'a'", "column 14: field 'size': has type int64, found keyword"),
        ("and = 1", "column 1: expected a condition, found 'and'"),
    ]

    @Test("refuses, naming column and what was expected", arguments: refused)
    func refuses(_ text: String, _ message: String) {
        do {
            _ = try FilterExpression.parse(text, fields: schema)
            Issue.record("taken: \(text)")
        } catch {
            #expect((error as? TandemError)?.code == .invalidArgument && "\(error)".contains("filter, \(message)"), "\(error)")
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test("depth, nodes and length are bounded; no text overflows the stack")
    func bounds() throws {
        func message(_ text: String) -> String {
            do {
                _ = try FilterExpression.parse(text)
                return "taken"
            } catch { return "\(error)" }
        }
        #expect(message(String(repeating: "(", count: 65_536)).contains("column 101: nested more than 100 deep"))
        #expect(message(String(repeating: "not ", count: 16_000)).contains("column 401: nested more than 100 deep"))
        #expect(message(String(repeating: "(", count: 65_537)).contains("65537 bytes, at most 65536"))
        #expect(message(String(repeating: "a=1 or ", count: 5000) + "a=1").contains("more than 1024 conditions"))
        #expect(message(String(repeating: "(", count: 100) + "a=1" + String(repeating: ")", count: 100)) == "taken")
        #expect(try FilterExpression.parse("a in (" + (0..<10_000).map(String.init).joined(separator: ",") + ")").nodes.count == 1)
    }

    @Test("names with odd characters are read and written between backquotes")
    func names() throws {
        for name in ["a b", "in", "EXISTS", "`", "a``b", "é", "1st", "-x", ".y", "x-1.y_z", "inf", "Größe"] {
            let filter = Filter(nodes: [.exists(name), .equal(name, .int64(1)), .and(2)])
            #expect(try FilterExpression.parse(#require(filter.expression)) == filter, "\(name)")
        }
    }

    @Test("what is written is read back to the same nodes")
    func roundTrip() throws {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let filter = randomFilter(&random)
            let text = try #require(filter.expression)
            #expect(try FilterExpression.parse(text, fields: schema) == filter, "\(text)")
        }
        #expect(Filter(nodes: [.not]).expression == nil && Filter(nodes: [.all, .all]).expression == nil && Filter(nodes: [.and(-1)]).expression == nil)
        #expect(Filter(nodes: [.all, .and(1), .not]).expression == "not all()")
        let far = Filter(nodes: [.in("released", [.timestamp(microseconds: .max), .timestamp(microseconds: .min)])])
        #expect(try FilterExpression.parse(#require(far.expression), fields: schema) == far)
    }

    @Test("random texts never crash")
    func fuzz() {
        var random = SeededGenerator()
        let pieces = [
            "(", ")", ",", "=", "!", "<", ">", "'", "\"", "\\", "`", "\\u{", "}", " ", "not ", "and ", "or ", "in ", "exists(", "all()", "size ", "released ",
            "1", "-", "@",
            "2024-01-01", "T00:00:00", "Z", "+01:00", ".5", "e9", "inf ", "語", "e\u{301}", "\0", "true ",
        ]
        for _ in 0..<30_000 {
            let text = (0..<Int.random(in: 0..<14, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            if let filter = try? FilterExpression.parse(text, fields: schema) { #expect((try? filter.validated(against: schema)) == filter) }
        }
    }
}

@Suite struct TimestampTextTests {
    static let read: [(String, Int64)] = [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("1969-12-31T23:59:59.999999Z", -1), ("1970-01-01T00:00:00.5z", 500_000),
        ("2024-02-29t12:30:45.123456+05:30", 1_709_190_045_123_456), ("1970-01-01T00:00:00-00:00", 0), ("1969-12-31T23:00:00-01:00", 0),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000), ("1582-10-10T00:00:00Z", -12_219_724_800_000_000), ("1600-01-01T00:00:00Z", -11_676_096_000_000_000),
        ("1599-12-31T23:59:59Z", -11_676_096_001_000_000), ("1000-01-01T00:00:00Z", -30_610_224_000_000_000),
    ]

    @Test("reads RFC 3339, to the microsecond, in the Gregorian calendar at all times", arguments: read)
    func reads(_ text: String, _ expected: Int64) { #expect(TimestampText.parse(text) == expected) }

    @Test(
        "refuses what is no time",
        arguments: [
            "", "2024", "2024-1-1", "2024-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "2024-01-00", "2024-01-01T", "2024-01-01T00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T23:59:60Z", "2024-01-01T00:00:00", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234567Z", "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+00:60", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00Zx", "+024-01-01", "-001-01-01", "２０２４-01-01",
            "2024/01/01",
            "2024-01-01T00:00:00Z ", " 2024-01-01", "20240101T000000Z", "2024-W01-1T00:00:00Z", "2024-01-01T00:00:00[UTC]", "1500-02-29",
        ])
    func refuses(_ text: String) { #expect(TimestampText.parse(text) == nil) }

    @Test("every time between the years 0000 and 9999 comes back; those beyond have no text")
    func roundTrip() {
        var random = SeededGenerator()
        for _ in 0..<2000 {
            let time = Int64.random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random)
            #expect(TimestampText.format(microseconds: time).flatMap(TimestampText.parse) == time)
        }
        #expect(TimestampText.format(microseconds: -1) == "1969-12-31T23:59:59.999999Z" && TimestampText.format(microseconds: 0) == "1970-01-01T00:00:00Z")
        #expect(TimestampText.format(microseconds: 253_402_300_800_000_000) == nil && TimestampText.format(microseconds: -62_167_219_200_000_001) == nil)
        #expect(TimestampText.format(microseconds: .min) == nil && TimestampText.format(microseconds: .max) == nil)
    }
}
