import HybridSearch
import SearchCore
import Testing

@Suite("Query syntax")
struct QueryStringTests {
    private static let fields = ["title", "text"]

    private func parse(_ text: String) throws -> QueryNode.Boolean {
        guard case .boolean(let boolean) = try QueryString.parse(text, fields: Self.fields).node else { throw TandemError.invalidArgument("no boolean") }
        return boolean
    }

    private static func any(_ text: String, _ field: String? = nil) -> QueryNode { .words(text, field: field, match: .any) }
    private static func all(_ text: String, _ field: String? = nil) -> QueryNode { .words(text, field: field, match: .all) }

    private static func phrase(_ text: String, _ slop: Int = 0, _ field: String? = nil) -> QueryNode { .phrase(text, field: field, slop: slop) }
    private static func fuzzy(_ text: String, _ distance: Int? = nil, _ field: String? = nil) -> QueryNode {
        .fuzzy(text, field: field, distance: distance, prefixLength: 0)
    }

    struct Reading: Sendable, CustomTestStringConvertible {
        var text: String
        var expected: QueryNode.Boolean
        var testDescription: String { text }

        init(_ text: String, must: [QueryNode] = [], should: [QueryNode] = [], mustNot: [QueryNode] = []) {
            self.text = text
            expected = QueryNode.Boolean(must: must, should: should, mustNot: mustNot)
        }
    }

    static let readings: [Reading] = [
        Reading("red blue", should: [any("red blue")]),
        Reading("+red -blue green", must: [all("red")], should: [any("green")], mustNot: [all("blue")]),
        Reading("one NOT two", should: [any("one")], mustNot: [all("two")]),
        Reading("one AND two", must: [all("one"), all("two")]),
        Reading("one^2 AND two", must: [.boost(2, all("one")), all("two")]),
        Reading("one && NOT two", must: [all("one")], mustNot: [all("two")]),
        Reading("one OR two three", should: [any("one"), any("two"), any("three")]),
        Reading("\"Exact\" word", should: [phrase("Exact"), any("word")]),
        Reading("title:word word", should: [any("word", "title"), any("word")]),
        Reading("+title:(a b) c", must: [.boolean(.init(should: [any("a b", "title")]))], should: [any("c")]),
        Reading("term^3 -(a OR b)", should: [.boost(3, any("term"))], mustNot: [.boolean(.init(should: [any("a"), any("b")]))]),
        Reading("(a b)^0.5", should: [.boost(0.5, .boolean(.init(should: [any("a b")])))]),
        Reading("one !two *:*", should: [any("one"), .all], mustNot: [all("two")]),
        Reading("wow! != \\!", should: [any("wow!"), any("!")], mustNot: [all("=")]),
        Reading("pre* +title:in*^2 a*b \\*", must: [.boost(2, .prefix("in", field: "title"))], should: [.prefix("pre", field: nil), any("a*b *")]),
        Reading("\"two words\" \"a b\"~3 \"one\"~0", should: [phrase("two words"), phrase("a b", 3), phrase("one")]),
        Reading("+title:\"two words\"^2 -\"c d\"~1^3", must: [.boost(2, phrase("two words", 0, "title"))], mustNot: [.boost(3, phrase("c d", 1))]),
        Reading(
            "colour~ +title:colour~1 -colour~2^2 a~b \\~ c\\~1", must: [fuzzy("colour", 1, "title")],
            should: [fuzzy("colour"), any("a~b ~ c~1")], mustNot: [.boost(2, fuzzy("colour", 2))]),
        Reading("* -title:*", should: [.all], mustNot: [.exists(field: "title")]),
        // What is no operator stays a word.
        Reading("C++ c# a-b std::map http://x/y? 2^x ANDROID a \\+ b", should: [any("C++ c# a-b std::map http://x/y? 2^x ANDROID a + b")]),
        Reading("a -- +- \\- b", should: [any("a -- +- - b")]),
        // A mark that combines with an operator does not hide it.
        Reading("\"one\"\u{301} +two", must: [all("two")], should: [phrase("one"), any("\u{301}")]),
        Reading("NOT\"one\" (two)", should: [.boolean(.init(should: [any("two")]))], mustNot: [phrase("one")]),
        Reading("a AND\"b\"", must: [all("a"), phrase("b")]),
        Reading("-\\AND ANDROID", should: [any("ANDROID")], mustNot: [all("AND")]),
        Reading("\\+red \\\"x \\(y", should: [any("+red \"x (y")]),
        Reading("  tabs\tand\u{2003}spaces  ", should: [any("tabs and spaces")]),
    ]

    @Test("operators say which words must, may and must not be there", arguments: readings)
    func structure(reading: Reading) throws { #expect(try parse(reading.text) == reading.expected) }

    @Test(
        "a mistake is named by its column",
        arguments: [
            ("", "column 1: the query is empty"), ("one (two", "column 5: '(' is never closed"), ("one) two", "column 4: ')' without '('"),
            ("\"one", "column 1: '\"' is never closed"), ("a \"\"", "column 3: nothing between the quotes"), ("()", "column 2: nothing between"),
            ("AND one", "column 1: an operator without a term before it"), ("one OR", "column 5: an operator without a term behind it"),
            ("one AND OR two", "column 9: an operator without a term before it"), ("one NOT", "column 8: NOT without a term"),
            ("title: word", "column 7: 'title:' without a term"), ("(one)^x", "column 7: '^' wants a number"), ("one^0", "column 5: '^' wants a number"),
            ("colour~0.8", "column 7: '~' behind a word wants a number from 0 to 2"), ("\"a b\"*", "column 6: '*' behind quotes"),
            ("\"a b\"^2~3", "column 8: '~' stands before '^'"),
            ("colour~3", "column 7: '~' behind a word wants a number from 0 to 2"), ("\"two words\"~x", "column 12: '~' behind quotes wants a number"),
            ("\"two words\"~", "column 12: '~' behind quotes wants"), ("\"two words\"~99999", "from 0 to 65535"),
            ("(docker OR)", "column 9: an operator without a term behind it"),
            ("(docker NOT)", "column 12: NOT without a term"), ("NOT NOT docker", "column 5: an operator behind NOT"),
            ("a NOT AND b", "column 7: an operator behind NOT"), ("+-docker", "column 2: an operator behind +"), ("-AND a", "column 2: an operator behind -"),
            ("+ docker", "column 1: '+' with nothing behind it"), ("a - b", "column 3: '-' with nothing behind it"), ("C +", "column 3: '+' with"),
            ("one (two !)", "column 10: '!' with nothing"), ("a AND - b", "column 7: '-' with"), ("NOT + b", "column 5: '+' with"),
            ("docker^2,5", "column 8: '^' wants a number"), ("docker^2x a", "column 8: '^' wants a number"), ("(żó\u{301}łć", "column 1: '(' is never"),
        ] as [(String, String)])
    func mistakes(text: String, reason: String) {
        let error = #expect(throws: TandemError.self) { try QueryString.parse(text, fields: Self.fields) }
        #expect(error?.code == .invalidArgument && error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(
        "in a lenient text an operator with a blank behind it is a character; the others stay operators",
        arguments: [
            ("+ docker", QueryNode.Boolean(should: [any("+ docker")])), ("a - b -c", .init(should: [any("a - b")], mustNot: [all("c")])),
            ("NOT - b", .init(should: [any("b")], mustNot: [all("-")])), ("(!)", .init(should: [.boolean(.init(should: [any("!")]))])),
        ])
    func lenientSigns(text: String, expected: QueryNode.Boolean) throws {
        #expect(try QueryString.parse(text, fields: Self.fields, isLenient: true).node == .boolean(expected))
    }

    // Goal: whatever a person, or an enemy, types ends in a tree or in an error, quickly and without a crash.
    @Test("any text ends in a tree or in an error")
    func anything() throws {
        var random = SeededGenerator()
        let pieces = ["+", "-", "(", ")", "\"", "^", "~", "*", ":", "\\", " ", "AND", "OR", "NOT", "&&", "title:", "a", "é", "東京", "👨‍👩‍👧", "\u{301}", "3", "."]
        for _ in 0..<5000 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
            do { _ = try QueryString.parse(text, fields: Self.fields) } catch let error as TandemError {
                #expect(error.message.hasPrefix("query, column "), "\(error.message)")
            }
        }
        for text in [String(repeating: "(", count: 8000), String(repeating: "+(a ", count: 31), String(repeating: "a AND ", count: 1000)] {
            #expect(throws: TandemError.self) { try QueryString.parse(text, fields: Self.fields) }
        }
    }
}

@Suite("Searches with clauses")
struct QueryClauseTests {
    let bench: Bench

    init() throws {
        bench = try Bench(vectorSchema, tinySettings())
        let texts = [
            ("red", "red apples and green pears"), ("blue", "blue apples"), ("code", "error A-123 in node.js"), ("red", "node and js apart, error 123"),
            ("", "running runners ran"), ("run", "run"), ("", "c++ here"), ("", "c here"),
        ]
        var random = SeededGenerator("clauses")
        _ = try bench.collection.write(
            WriteBatch(texts.enumerated().map { .upsert(document("d\($0)", $1.1, title: $1.0, vector: vector(&random))) }), acknowledgement: .complete)
    }

    private func ids(_ text: String, _ syntax: SearchRequest.Syntax = .strict, mode: SearchRequest.Mode = .lexical, vector: [Float]? = nil) throws -> Set<
        String
    > {
        var request = SearchRequest(text: text, vector: vector, mode: mode, limit: 50)
        request.syntax = syntax
        return Set(try bench.collection.search(request).hits.map(\.id))
    }

    @Test(
        "what must and must not be there decides the hits",
        arguments: [
            ("+apples -blue", ["d0"]), ("apples pears", ["d0", "d1"]), ("+(red blue) +apples", ["d0", "d1"]), ("title:red", ["d0", "d3"]),
            ("red", ["d0", "d3"]), ("text:red", ["d0"]), ("apples AND pears", ["d0"]), ("-apples -error", ["d4", "d5", "d6", "d7"]),
            ("title:*", ["d0", "d1", "d2", "d3", "d5"]),
            ("* -title:* -here", ["d4"]),
            // A stem match is a match; the exact form is only what is written.
            ("+runs", ["d4", "d5"]), ("\"run\"", ["d5"]), ("\"runs\"", []),
            ("app*", ["d0", "d1"]), ("text:gr* OR title:bl*", ["d0", "d1"]), ("+Run* -runners", ["d5"]), ("run*", ["d4", "d5"]), ("zzz*", []),
            ("title:ru*", ["d5"]),
            // What has no word in it asks for nothing.
            ("+& apples", ["d0", "d1"]), ("apples AND ++", ["d0", "d1"]), ("+(& ++) +apples", ["d0", "d1"]), ("&", []), ("apples -&", ["d0", "d1"]),
            // Of what is joined by symbols, the joined form is demanded and excluded, not the letter that is left of it.
            ("+c++", ["d6"]), ("-c++ +c", ["d7"]), ("c++ -c", []),
            // All parts of a code have to be there, and the joined form is what is exact.
            ("+A-123", ["d2"]), ("\"A-123\"", ["d2"]), ("+node.js", ["d2"]), ("+error +123", ["d2", "d3"]),
        ] as [(String, Set<String>)])
    func hits(text: String, expected: Set<String>) throws {
        defer { bench.close() }
        #expect(try ids(text) == expected)
    }

    @Test("in a hybrid search both legs keep to what is demanded and excluded; what is only preferred excludes nobody")
    func bothLegs() throws {
        defer { bench.close() }
        var random = SeededGenerator()
        let query = vector(&random)
        #expect(try ids("apples", mode: .hybrid, vector: query).count == 8)
        #expect(try ids("+apples", mode: .hybrid, vector: query) == ["d0", "d1"])
        #expect(try ids("error -apples", mode: .hybrid, vector: query) == ["d2", "d3", "d4", "d5", "d6", "d7"])
        #expect(try ids("+apples", mode: .semantic, vector: query) == ["d0", "d1"])
        // What has no word in it demands and excludes nothing, of either leg.
        #expect(try ids("+& apples", mode: .hybrid, vector: query).count == 8)
        #expect(try ids("+& -++ +apples", mode: .hybrid, vector: query) == ["d0", "d1"])
        // Parentheses around everything change nothing.
        #expect(try ids("(+apples -blue)", mode: .hybrid, vector: query) == ["d0"])
        var request = SearchRequest(text: "", vector: query, limit: 50)
        request.query = .boost(2, .words("apples red", field: nil, match: .all))
        #expect(try bench.collection.search(request).hits.map(\.id) == ["d0"])
    }

    @Test("a query without operators gives the very hits of a plain one, scores to the last bit")
    func plain() throws {
        defer { bench.close() }
        for text in ["red apples error", "node.js A-123", "run runs running"] {
            var request = lexical(text)
            let plain = try bench.collection.search(request)
            request.syntax = .strict
            #expect(Outline(try bench.collection.search(request)) == Outline(plain))
        }
    }

    @Test("a lenient search of a mistaken text is a plain one, and says why; a strict one fails")
    func lenient() throws {
        defer { bench.close() }
        var request = lexical("apples (pears")
        request.syntax = .lenient
        let response = try bench.collection.search(request)
        #expect(Set(response.hits.map(\.id)) == ["d0", "d1"])
        #expect(response.degraded.first?.stage == "analyze" && response.degraded.first?.reason.contains("column 8") == true)
        #expect(throws: TandemError.self) { try ids("apples (pears") }
    }

    @Test(
        "what is wrong with a clause is only known when it is compiled, and names its column all the same",
        arguments: [
            ("apples +node-js*", "query, column 9: 'node-js*' is no prefix"), ("é title:A-123~1", "query, column 3: 'A-123~' is no word"),
            ("(blue OR title:x-y*^2)", "query, column 10: 'x-y*'"), ("a -b-c*", "query, column 4: 'b-c*'"), ("b-c* b-c*", "query, column 1: 'b-c*'"),
            ("red \"\(String(repeating: "w ", count: 65))\"", "query, column 5: a phrase of 65 words"),
        ])
    func columns(text: String, reason: String) throws {
        defer { bench.close() }
        expectError(.invalidArgument, naming: reason) { _ = try ids(text) }
        // The part of a hybrid query that both legs keep to is compiled by itself.
        expectError(.invalidArgument, naming: reason) { _ = try ids(text, mode: .semantic, vector: [1, 0, 0, 0, 0, 0, 0, 0]) }
        var request = lexical(text)
        request.syntax = .lenient
        #expect(try bench.collection.search(request).degraded.first?.reason.hasPrefix(reason) == true)
    }

    @Test("a tree that a program built is searched without a text")
    func tree() throws {
        defer { bench.close() }
        var request = lexical("")
        request.query = .boolean(
            .init(
                should: [
                    .boost(2, .words("apples", field: nil, match: .any)), .constant(5, .words("error", field: "text", match: .all)),
                    .best([.words("pears", field: nil, match: .any), .words("green", field: nil, match: .any)], tieBreaker: 0.5),
                ], minimumShouldMatch: 1))
        let hits = try bench.collection.search(request).hits
        #expect(hits.map(\.id).prefix(2).sorted() == ["d2", "d3"] && hits.prefix(2).allSatisfy { $0.lexical == 5 })
        #expect(Set(hits.map(\.id)) == ["d0", "d1", "d2", "d3"])
    }

    // A later word that is also a piece of an earlier one was not demanded.
    @Test("each word of a text is demanded, also where it is a piece of another one")
    func pieces() throws {
        defer { bench.close() }
        for (text, match, expected) in [
            ("node.js js", .exact, []), ("node.js js", .all, ["d2"]), ("js node", .all, ["d2", "d3"]), ("node.js", .exact, ["d2"]),
            ("error node.js", .all, ["d2"]),
        ] as [(String, QueryNode.Match, [String])] {
            var request = lexical("")
            request.query = .words(text, field: nil, match: match)
            #expect(try bench.collection.search(request).hits.map(\.id).sorted() == expected, "\(text)")
        }
    }

    @Test("as many words as a plain query takes may have operators, and a text of many words is one clause")
    func wide() throws {
        defer { bench.close() }
        let many = (0..<600).map { "word\($0)" }.joined(separator: " ")
        var request = lexical("apples " + many)
        let plain = try bench.collection.search(request)
        request.syntax = .strict
        #expect(Outline(try bench.collection.search(request)) == Outline(plain))
        #expect(try ids("+apples " + many.split(separator: " ").map { "-\($0)" }.joined(separator: " ")) == ["d0", "d1"])
        #expect(try ids("apples" + String(repeating: " AND apples", count: 300)) == ["d0", "d1"])
        #expect(try ids((0..<300).map { "x\($0) OR " }.joined() + "pears") == ["d0"])
        // Beyond that strict refuses, and lenient searches plain words.
        let tooMany = "apples " + (0..<1100).map { "+w\($0)" }.joined(separator: " ")
        #expect(throws: TandemError.self) { try ids(tooMany) }
        #expect(try ids(tooMany, .lenient) == ["d0", "d1"])
    }

    @Test("a prefix stands for so many words and no more, and counts as one word")
    func prefixes() throws {
        defer { bench.close() }
        _ = try bench.collection.write(
            WriteBatch((0..<1100).map { .upsert(document("p\($0)", "common word\($0)x")) }), acknowledgement: .searchable)
        let error = #expect(throws: TandemError.self) { try ids("word*") }
        #expect(error?.message.contains("query, column 1: more than 1024 words begin with 'word'") == true)
        #expect(try ids("word*", .lenient).isEmpty)
        #expect(try ids("word29*") == Set(["p29"] + (290..<300).map { "p\($0)" }))
        var request = lexical("word29*")
        (request.syntax, request.explain) = (.strict, true)
        let hit = try #require(try bench.collection.search(request).hits.first)
        #expect(hit.explanation?.terms.map(\.term) == ["word29*"])
    }

    @Test(
        "phrases and fuzzy words find what they say",
        arguments: [
            ("\"red apples\"", ["d0"]), ("\"apples red\"", []), ("\"apples red\"~2", ["d0"]), ("\"red pears\"~3", ["d0"]), ("\"red pears\"~2", []),
            ("\"Green PEARS\"", ["d0"]), ("\"green pear\"", []), ("text:\"red apples\"", ["d0"]), ("title:\"red apples\"", []),
            // A title and the text behind it are two fields.
            ("\"red red\"~5", []), ("\"node and js apart\"", ["d3"]), ("\"error a 123\"", ["d2"]), ("\"error A-123 in node.js\"", ["d2"]),
            // Words that stand together without a blank are a phrase, too.
            ("\"A-123\"", ["d2"]), ("\"123-A\"", []), ("-\"123-A\" +error", ["d2", "d3"]),
            ("\"c++ here\"", ["d6"]), ("\"c++\"", ["d6"]), ("\"c here\"", ["d6", "d7"]), ("\"a &\" apples", ["d0", "d1", "d2"]),
            ("aples~", ["d0", "d1"]), ("aples~0", []), ("aplpes~1", ["d0", "d1"]), ("aplse~2", ["d0", "d1"]), ("erorr~1 -text:apart", ["d2"]),
            ("+rn~1", ["d2", "d4", "d5"]), ("title:bleu~1", ["d1"]), ("text:rde~1", ["d0"]),
        ] as [(String, Set<String>)])
    func wordsThatStandTogether(text: String, expected: Set<String>) throws {
        defer { bench.close() }
        #expect(try ids(text) == expected)
    }

    @Test("nearer words count more, and a phrase is explained as one term")
    func nearer() throws {
        defer { bench.close() }
        _ = try bench.collection.write(
            WriteBatch(["colour", "color", "colur", "coulter"].map { .upsert(document($0, $0)) }), acknowledgement: .searchable)
        var request = lexical("colour~2")
        (request.syntax, request.explain) = (.strict, true)
        let hits = try bench.collection.search(request).hits
        #expect(hits.map(\.id).first == "colour" && Set(hits.map(\.id)) == ["colour", "color", "colur"])
        #expect(hits[0].explanation?.terms.map(\.term) == ["colour~2"])
        request.text = "\"green pears\"~1 apples"
        let hit = try #require(try bench.collection.search(request).hits.first)
        let terms = try #require(hit.explanation).terms
        #expect(hit.id == "d0" && terms.map(\.term) == ["apples", "\"green pears\"~1"])
        #expect(terms[1].matches.map(\.term) == ["\"green pears\"~1"] && terms[1].score > 0)
        #expect(abs(terms.map(\.score).reduce(0, +) - hit.lexical!) < 1e-12)
    }

    // Goal: whatever stands above a word, the terms add up to the score.
    @Test(
        "an explanation adds up: boosts of parentheses, constants, filters and parts that do not match",
        arguments: [
            "red~1^7", "pla*^4", "(red OR gold)^3", "(gold \"blue red\"~3)^3", "+\"red blue\" +*", "(+\"red blue\" -gold)^2 title:*", "(red^2 plain)^0.5 blue",
            "red -missing", "+red -(gold plane)", "title:* red", "((red blue)^2 (gold)^3)^1.5",
        ])
    func explanationsAddUp(text: String) throws {
        let bench = try Bench()
        defer { bench.close() }
        _ = try bench.collection.write(
            WriteBatch([
                .upsert(document("a", "red blue gold", title: "plain")), .upsert(document("b", "red blue plane", title: "places")),
                .upsert(document("c", "gold gold rod")), .upsert(document("d", "blue and red")),
            ]), acknowledgement: .searchable)
        var request = lexical(text)
        (request.syntax, request.explain) = (.strict, true)
        let hits = try bench.collection.search(request).hits
        #expect(!hits.isEmpty)
        for hit in hits {
            let terms = try #require(hit.explanation).terms
            let sum = terms.map(\.score).reduce(0, +)
            #expect(abs(sum - hit.lexical!) <= 1e-12 * hit.lexical!, "\(hit.id): \(terms.map { "\($0.term) \($0.score)" })")
            for term in terms where term.score > 0 && term.term != Explanation.constantTerm {
                #expect(abs(term.score - term.boost * term.idf * term.frequency / (1.2 + term.frequency)) < 1e-12, "\(term.term)")
            }
        }
        if text.hasSuffix("title:*"), text.hasPrefix("(+") {
            // Its first part excludes this document, which has the phrase all the same.
            let first = try #require(hits.first { $0.id == "a" }?.explanation).terms
            #expect(first.filter { $0.score > 0 }.map(\.term) == ["*"] && first.contains { $0.term == "\"red blue\"" && $0.score == 0 })
        }
    }

    @Test("a phrase is explained by its frequency in each field, its idf and its boost, and the terms add up to the score")
    func phraseExplained() throws {
        let bench = try Bench()
        defer { bench.close() }
        _ = try bench.collection.write(
            WriteBatch([
                .upsert(document("d", "red fish, a red blue fish, a fish and a red", title: "Red fish")), .upsert(document("e", "red", title: "fish")),
            ]), acknowledgement: .searchable)
        func explained(_ text: String, of id: String = "d") throws -> (hit: Hit, terms: [Explanation.TermMatch]) {
            var request = lexical(text)
            (request.syntax, request.explain) = (.strict, true)
            let hit = try #require(try bench.collection.search(request).hits.first { $0.id == id })
            return (hit, try #require(hit.explanation).terms)
        }
        let words = try explained("\"red\" \"fish\"").terms
        let (hit, terms) = try explained("\"red fish\"~1^3 blue")
        #expect(terms.map(\.term) == ["blue", "\"red fish\"~1"])
        let phrase = try #require(terms.last)
        #expect(phrase.boost == 3 && abs(phrase.idf - words[0].idf - words[1].idf) < 1e-12)
        #expect(phrase.matches.map(\.field) == ["title", "text"] && phrase.matches.map(\.frequency) == [1, 1.5])
        #expect(phrase.matches.map(\.fieldLength) == [2, 11] && phrase.matches.allSatisfy { $0.form == "phrase" && $0.term == phrase.term })
        // BM25F as docs/semantics.md has it, b = 0.75 and k1 = 1.2.
        let x = phrase.matches.reduce(0) { $0 + $1.weight * $1.frequency / (0.25 + 0.75 * Double($1.fieldLength) / $1.averageLength) }
        #expect(abs(phrase.frequency - x) < 1e-12 && abs(phrase.score - 3 * phrase.idf * x / (1.2 + x)) < 1e-12)
        #expect(abs(terms.map(\.score).reduce(0, +) - (hit.lexical ?? 0)) < 1e-12)
        // A word's boost is the same in quotes, and a document without the phrase has nothing of it.
        let single = try explained("\"fish\"^3")
        #expect(single.terms[0].boost == 3 && abs(single.terms[0].score - 3 * words[1].score) < 1e-12 && single.terms[0].score == single.hit.lexical)
        let without = try explained("\"red fish\" red", of: "e").terms
        #expect(without.last?.term == "\"red fish\"" && without.last?.matches.isEmpty == true && without.last?.score == 0)
    }

    @Test("neighbouring words count where a search says so")
    func proximity() throws {
        defer { bench.close() }
        _ = try bench.collection.write(
            WriteBatch([.upsert(document("near", "alpha beta gamma delta")), .upsert(document("far", "beta gamma delta alpha"))]),
            acknowledgement: .searchable)
        var request = lexical("the alpha of beta")
        let plain = try bench.collection.search(request).hits
        #expect(Set(plain.map(\.id)).isSuperset(of: ["near", "far"]) && plain[0].lexical == plain[1].lexical)
        (request.proximity, request.explain) = (0.3, true)
        let hits = try bench.collection.search(request).hits
        #expect(hits.map(\.id).prefix(2) == ["near", "far"] && hits[0].lexical! > hits[1].lexical!)
        let terms = try #require(hits[0].explanation).terms
        #expect(terms.last?.term == "\"alpha beta\"~8" && abs(terms.map(\.score).reduce(0, +) - hits[0].lexical!) < 1e-12)
        request.proximity = 1.5
        #expect(throws: TandemError(.invalidArgument, "")) { try bench.collection.search(request) }
    }

    @Test("documents like a stored one: by its telling words, by its vector, never itself")
    func moreLikeThis() throws {
        defer { bench.close() }
        var request = SearchRequest(text: "", mode: .lexical, limit: 50)
        request.like = "d0"
        // Of d0's words only "apples" is anybody else's, and "red" in a title.
        #expect(Set(try bench.collection.search(request).hits.map(\.id)) == ["d1", "d3"])
        request.mode = .semantic
        let nearest = try bench.collection.search(request).hits
        #expect(nearest.count == 7 && !nearest.map(\.id).contains("d0"))
        request.mode = .hybrid
        #expect(try bench.collection.search(request).hits.count == 7)
        request.like = "nobody"
        #expect(throws: TandemError(.notFound, "")) { try bench.collection.search(request) }
        (request.like, request.text) = ("d0", "apples")
        #expect(throws: TandemError(.invalidArgument, "")) { try bench.collection.search(request) }
        // The version that was written a moment ago, and one whose first grapheme cluster is longer than a query may be.
        _ = try bench.collection.write(
            WriteBatch([.upsert(document("marks", "apples", title: "a" + String(repeating: "\u{301}", count: 100_000)))]), acknowledgement: .logged)
        (request.like, request.text, request.mode) = ("marks", "", .lexical)
        #expect(Set(try bench.collection.search(request).hits.map(\.id)) == ["d0", "d1"])
        _ = try bench.collection.write(WriteBatch([.upsert(document("bare", "unheard"))]), acknowledgement: .searchable)
        (request.like, request.text, request.mode) = ("bare", "", .semantic)
        #expect(throws: TandemError(.failedPrecondition, "")) { try bench.collection.search(request) }
        request.mode = .hybrid
        #expect(try bench.collection.search(request).hits.isEmpty)
    }

    @Test("dead words take no place in prefixes and fuzzy words")
    func deadWords() throws {
        defer { bench.close() }
        let letters = "abcdefghijk".map(String.init)
        let dead = letters.flatMap { a in letters.flatMap { b in (0..<10).map { "foo\(a)\(b)\($0)" } } }
        _ = try bench.collection.write(
            WriteBatch(dead.enumerated().map { .upsert(document("x\($0)", $1)) }), acknowledgement: .searchable)
        _ = try bench.collection.write(WriteBatch([.upsert(document("live", "foozz"))]), acknowledgement: .searchable)
        #expect(throws: TandemError.self) { try ids("foo*") }
        _ = try bench.collection.write(WriteBatch(dead.indices.map { .delete(id: "x\($0)") }), acknowledgement: .searchable)
        #expect(try ids("foo*") == ["live"] && ids("fooqq~2") == ["live"])
    }

    @Test("proximity says where it did not look at every document that might be best")
    func approximate() throws {
        defer { bench.close() }
        let far = "quick " + String(repeating: "brown ", count: 12) + "fox"
        _ = try bench.collection.write(
            WriteBatch((0..<300).map { .upsert(document("n\($0)", far)) } + [.upsert(document("best", "quick fox " + String(repeating: "brown ", count: 20)))]),
            acknowledgement: .searchable)
        var request = lexical("quick fox")
        #expect(try !bench.collection.search(request).isApproximate)
        request.proximity = 1
        #expect(try bench.collection.search(request).isApproximate)
        request.limit = 100
        let exact = try bench.collection.search(request)
        #expect(exact.hits.first?.id == "best" && !exact.isApproximate)
    }

    @Test("a phrase at the root is demanded of both legs, and excludes when it is excluded")
    func phraseConstraint() throws {
        defer { bench.close() }
        var random = SeededGenerator("phrase")
        let query = vector(&random)
        #expect(try ids("+\"red apples\"", mode: .hybrid, vector: query) == ["d0"])
        #expect(try ids("-\"red apples\"", mode: .semantic, vector: query) == Set((1..<8).map { "d\($0)" }))
        #expect(try ids("apples -\"red apples\"", vector: query) == ["d1"])
    }

    @Test("scores stay finite and above 0, however boosts multiply")
    func extremes() throws {
        defer { bench.close() }
        func boosted(_ factor: Double) -> QueryNode { (0..<20).reduce(.words("apples", field: nil, match: .any)) { node, _ in .boost(factor, node) } }
        for query in [
            boosted(1e30), boosted(1e-30), .boost(1e-30, .boost(1e-30, .words("apples", field: nil, match: .all))),
            // A stop word's own boost is below 1 already.
            .boolean(.init(must: [.words("apples", field: nil, match: .all)], should: [.boost(1e-30, .words("the and", field: nil, match: .any))])),
            .best([boosted(1e30), boosted(1e30)], tieBreaker: 0.5),
        ] {
            var request = lexical("")
            request.query = query
            let hits = try bench.collection.search(request).hits
            #expect(hits.count == 2 && hits.allSatisfy { $0.lexical!.isFinite && $0.lexical! > 0 })
        }
    }

    @Test("an explanation shows a word's boost, and leaves out what is excluded")
    func explanation() throws {
        defer { bench.close() }
        var request = lexical("+apples^3 -blue")
        request.syntax = .strict
        request.explain = true
        let hit = try #require(try bench.collection.search(request).hits.first)
        let terms = try #require(hit.explanation).terms
        #expect(terms.map(\.term) == ["apples"] && terms[0].boost == 3 && terms[0].score == hit.lexical)
    }

    @Test(
        "wrong trees are refused by what is wrong with them",
        arguments: [
            (.fuzzy("two words", field: nil, distance: 1, prefixLength: 0), "'two words~' is no word of its own"),
            (.fuzzy("word", field: nil, distance: 3, prefixLength: 0), "an edit distance of 3"),
            (.phrase(String(repeating: "a ", count: 65), field: nil, slop: 0), "a phrase of 65 words"), (.phrase("a b", field: nil, slop: -1), "a slop of -1"),
            (.exists(field: "nope"), "'nope' is no text field"), (.prefix("two words", field: nil), "'two words*' is no prefix of one word"),
            (.prefix("&", field: nil), "'&*' is no prefix"), (.words("a", field: "section", match: .any), "'section' is no text field"),
            (.boost(0, .all), "a boost of 0"), (.constant(.nan, .all), "a constant score of nan"), (.best([], tieBreaker: 0), "the best of 0"),
            ((0..<70).reduce(.all) { node, _ in .boost(1, node) }, "nested deeper than 64"),
            (.boolean(.init(should: (0..<1100).map { _ in .all })), "more than 1024 clauses and words"),
            (.boolean(.init(must: (0..<3).map { _ in .words(String(repeating: "a/", count: 15_000), field: nil, match: .all) })), "more than 65536 bytes"),
        ] as [(QueryNode, String)])
    func refused(node: QueryNode, reason: String) throws {
        defer { bench.close() }
        var request = lexical("")
        request.query = node
        let error = #expect(throws: TandemError.self) { try bench.collection.search(request) }
        #expect(error?.code == .invalidArgument && error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
}
