import ColumnIndex
import SearchCore
import Testing

@Suite struct FilterTests {
    static let refused: [(String, [FilterNode])] = [
        ("filter: 0 nodes", []),
        ("node 1: takes 1 operands, 0 are there", [.not]),
        ("node 2: takes 2 operands, 1 are there", [.all, .and(2)]),
        ("node 2: 'and' of 0 operands", [.all, .and(0)]),
        ("node 2: 'or' of -5 operands", [.all, .or(-5)]),
        ("node 2: takes \(Int.max) operands", [.all, .and(.max)]),
        ("2 conditions are left unjoined", [.all, .all]),
        ("1025 nodes", Array(repeating: .all, count: 1025)),
        ("node 2: field 'nope': the schema has no such attribute; it has section, size", [.all, .exists("nope"), .and(2)]),
        ("node 1: field 'size': has type int64, found keyword", [.equal("size", .keyword("7"))]),
        ("node 1: field 'section': has type keyword, found int64", [.in("section", [.keyword("a"), .int64(1)])]),
        ("node 1: field 'size': has type int64, found the fraction", [.equal("size", .float64(1.5))]),
        ("node 1: field 'size': has type int64, found the fraction", [.equal("size", .float64(9.3e18))]),
        ("node 1: field 'rating': the integer 9007199254740993 has no exact float64", [.equal("rating", .int64(9_007_199_254_740_993))]),
        ("node 1: field 'rating': NaN", [.range("rating", lower: .float64(.nan), lowerInclusive: true, upper: nil, upperInclusive: false)]),
        ("node 1: field 'released': has type timestamp, found a text", [.equal("released", .keyword("yesterday"))]),
        ("node 1: field 'released': has type timestamp, found int64", [.equal("released", .int64(5))]),
        ("node 1: field 'free': has type bool, found int64", [.equal("free", .int64(1))]),
        ("node 1: field 'size': a range without bounds", [.range("size", lower: nil, lowerInclusive: true, upper: nil, upperInclusive: true)]),
        ("node 1: field 'section': a keyword of 4097 bytes", [.equal("section", .keyword(String(repeating: "a", count: 4097)))]),
        ("node 1: field 'size': a list of 65537 values", [.in("size", Array(repeating: .int64(1), count: 65_537))]),
    ]

    @Test("what cannot run is refused, naming node and field", arguments: refused)
    func refusals(_ message: String, _ nodes: [FilterNode]) {
        do {
            _ = try Filter(nodes: nodes).validated(against: schema)
            Issue.record("taken: \(message)")
        } catch {
            #expect((error as? TandemError)?.code == .invalidArgument && "\(error)".contains(message), "\(error)")
        }
    }

    @Test("a text of the caller stays out of the message")
    func privacy() {
        do {
            _ = try Filter(nodes: [.equal("released", .keyword("secret"))]).validated(against: schema)
        } catch { #expect(!"\(error)".contains("secret")) }
    }

    @Test("values take their field's type where no digit is lost")
    func coercion() throws {
        let filter = Filter(nodes: [
            .equal("rating", .int64(-3)), .in("size", [.float64(2), .int64(3), .float64(-0.0)]),
            .range("released", lower: .keyword("1970-01-01T00:00:01Z"), lowerInclusive: true, upper: nil, upperInclusive: false), .and(3),
        ])
        let validated = try filter.validated(against: schema)
        #expect(
            validated.nodes == [
                .equal("rating", .float64(-3)), .in("size", [.int64(2), .int64(3), .int64(0)]),
                .range("released", lower: .timestamp(microseconds: 1_000_000), lowerInclusive: true, upper: nil, upperInclusive: false), .and(3),
            ])
        #expect(try validated.validated(against: schema) == validated)
    }

    @Test("1024 nodes, an empty list and a lower above the upper are legal")
    func legal() throws {
        _ = try Filter(nodes: Array(repeating: .all, count: 512) + [.and(512)] + Array(repeating: .not, count: 511)).validated(against: schema)
        _ = try Filter(nodes: [.in("size", [])]).validated(against: schema)
        _ = try Filter(nodes: [.range("size", lower: .int64(2), lowerInclusive: true, upper: .int64(1), upperInclusive: true)]).validated(against: schema)
    }
}
