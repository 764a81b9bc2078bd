import HybridSearch
import LexicalIndex
import SearchCore
import Storage
import TextAnalysis
import Testing

/// Words of phrases are marked where they stand together, as the index finds them, and nowhere else.
@Suite("Phrases in highlights", .timeLimit(.minutes(2)))
struct PhraseHighlightingTests {
    static func strict(_ text: String, highlight: Bool = true) -> SearchRequest {
        var request = lexical(text, limit: 1000)
        request.syntax = .strict
        request.highlight = highlight ? HighlightOptions(passages: 16, characters: 4096) : nil
        return request
    }

    static func write(_ documents: [Document], to bench: Bench) throws {
        _ = try bench.collection.write(WriteBatch(documents.map { .upsert($0) }), acknowledgement: .searchable)
    }

    /// The marked pieces of a field of a hit, in the order of the text.
    static func marks(_ hit: Hit, _ field: String = "text") -> [String] {
        let bytes = Array((hit.document?.text(field) ?? "").utf8)
        let matches = hit.highlights.filter { $0.field == field }.flatMap(\.passages).flatMap(\.matches).sorted { $0.start < $1.start }
        return matches.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) }
    }

    @Test(
        "words of a phrase are marked in its matches only, unless they stand elsewhere in the query, too",
        arguments: [
            ("\"red fish\"", "Red FISH, a red and a fish; fish red", ["Red", "FISH"]),
            ("\"red fish\" fish", "Red FISH, a red and a fish; fish red", ["Red", "FISH", "fish", "fish"]),
            ("\"red fish\" \"fish red\"", "red blue fish red fish", ["fish", "red", "fish"]),
            ("\"red fish\"~1", "red blue fish, red blue green fish", ["red", "fish"]),
            ("\"red fish\"~2", "fish red blue", ["fish", "red"]),
            ("\"red fish\"~1", "red red fish red", ["red", "fish"]),
            ("\"red red\"", "red, red blue red", ["red", "red"]),
            ("\"c++ compiler\"", "a C compiler, a C++ compiler", ["C++", "compiler"]),
            ("\"IL-6\" il", "il 6; IL-6; 6 il", ["il", "6", "IL", "6", "il"]),
            ("\"café noir\"", "cafe\u{301} NOIR", ["cafe\u{301}", "NOIR"]),
            ("red* \"reds fish\"", "reds and fish, red", ["reds", "red"]),
            ("text:\"red fish\" OR title:blue", "blue red fish", ["red", "fish"]),
            ("title:\"red fish\" OR blue", "blue red fish", ["blue"]),
            ("+blue -\"red fishes\"", "blue red fish", ["blue"]),
            // Neighbours of a plain query are no phrase.
            ("red fish", "red and fish", ["red", "fish"]),
        ])
    func together(_ query: String, _ text: String, _ expected: [String]) throws {
        let bench = try Bench()
        defer { bench.close() }
        try Self.write([document("d", text)], to: bench)
        var request = Self.strict(query + " OR *")
        if query == "red fish" { (request.text, request.proximity) = (query, 0.5) }
        let hit = try #require(try bench.collection.search(request).hits.first)
        #expect(Self.marks(hit) == expected)
    }

    @Test("a match names the phrase's words by themselves; a field without the phrase has no passage, or its beginning")
    func fields() throws {
        let bench = try Bench()
        defer { bench.close() }
        try Self.write([document("d", "a red fish", title: "fish and red")], to: bench)
        var request = Self.strict("\"red fish\"")
        let hit = try #require(try bench.collection.search(request).hits.first)
        #expect(hit.highlights.map(\.field) == ["text"])
        #expect(hit.highlights[0].passages[0].matches.map(\.terms) == [["red"], ["fish"]])
        request.highlight = HighlightOptions(noMatchCharacters: 20)
        let begun = try #require(try bench.collection.search(request).hits.first).highlights[0]
        #expect(begun.field == "title" && begun.passages.map(\.text) == ["fish and red"] && begun.passages[0].matches.isEmpty)
    }

    // Goal: highlights and index agree on what a phrase is, field by field. Method: every document is a hit of `*`; those with marks in a field have
    // to be those that the phrase in that field finds. Which words are marked is checked against all choices of occurrences.
    @Test("a field has marks if and only if the index finds the phrase in it", arguments: 0...3)
    func agreesWithTheIndex(slop: Int) throws {
        var random = SeededGenerator()
        let vocabulary = ["red", "fish", "Blue", "c++", "c", "il-6", "node.js", "RED", "fishes", "½"]
        let separators = [" ", " ", " ", ", ", ". ", "\n", " - "]
        func text(_ most: Int) -> String {
            (0..<Int.random(in: 1...most, using: &random)).map { _ in vocabulary[random.zipf(vocabulary.count)] + separators.randomElement(using: &random)! }
                .joined()
        }
        let bench = try Bench(textSchema, tinySettings())
        defer { bench.close() }
        let documents = (0..<120).map { document("d\($0)", text(14), title: text(5)) }
        for batch in [documents[..<50], documents[50...]] { try Self.write(Array(batch), to: bench) }
        let oracle = try PhraseOracle()
        var found = 0
        for _ in 0..<25 {
            let words = (0..<Int.random(in: 1...4, using: &random)).map { _ in vocabulary[random.zipf(vocabulary.count)] }.joined(separator: " ")
            let phrase = "\"\(words)\"~\(slop)"
            let hits = try bench.collection.search(Self.strict("\(phrase) OR *")).hits
            #expect(hits.count == documents.count)
            for field in ["title", "text"] {
                let matching = Set(try bench.collection.search(Self.strict("\(field):\(phrase)", highlight: false)).hits.map(\.id))
                found += matching.count
                for hit in hits {
                    let highlighted = hit.highlights.first { $0.field == field }
                    #expect((highlighted != nil) == matching.contains(hit.id), "\(phrase) in '\(hit.document?.text(field) ?? "")'")
                    guard let passages = highlighted?.passages else { continue }
                    let marked = Set(passages.flatMap(\.matches).flatMap { $0.start..<$0.end })
                    let text = try #require(hit.document?.text(field))
                    let allowed = oracle.bytesOfMatches(of: words, slop: slop, in: text)
                    // With slop, of several ways to fill a place the index counts the nearest.
                    #expect(slop == 0 ? marked == allowed : marked.isSubset(of: allowed), "\(phrase) in '\(text)': \(Self.marks(hit, field))")
                }
            }
        }
        #expect(found > 100)
    }

    @Test("a phrase on the seam of two pieces is found", arguments: 0...14)
    func seam(_ before: Int) throws {
        // Byte 65,536, where a piece may end from, lies in or beside one of the words.
        let head = String(repeating: "b ", count: 32_761) + String(repeating: "x", count: 14 - before)
        let highlighted = try Self.highlight(head + " red quokka c " + String(repeating: "b ", count: 1000) + "quokka", ["red", "quokka", "c"], slop: 0)
        #expect(highlighted.flatMap(\.matches).map { $0.end - $0.start } == [3, 6, 1])
    }

    @Test("long texts full of a phrase take time linear in them", arguments: [0, 9])
    func hostile(slop: Int) throws {
        let text = String(repeating: "a b ", count: 250_000)
        let begin = ContinuousClock.now
        let passages = try Self.highlight(text, (0..<8).map { ["a", "b"][$0 % 2] }, slop: slop)
        #expect(passages.count == 1)
        #expect(begin.duration(to: .now) < .seconds(15))
    }

    @Test("the deadline holds while a phrase is looked for in a long text", arguments: [0, 65_535])
    func deadline(slop: Int) throws {
        let text = String(repeating: "a b ", count: 200_000)
        let begin = ContinuousClock.now
        // Forty phrases of 64 words, each of which takes a second.
        expectError(.deadlineExceeded, naming: "deadline") {
            _ = try Self.highlight(text, (0..<64).map { ["a", "b"][$0 % 2] }, slop: slop, phrases: 40, QueryControl(timeout: .milliseconds(200)))
        }
        #expect(begin.duration(to: .now) < .seconds(3))
    }

    /// Passages of a text for a phrase, or for several that are the same.
    static func highlight(_ text: String, _ words: [String], slop: Int, phrases count: Int = 1, _ control: QueryControl = .unlimited) throws -> [Passage] {
        var terms: [QueryTerm] = []
        var phrases: [LexicalPhrase] = []
        for _ in 0..<count {
            var groups: [String: Int] = [:]
            for word in words where groups[word] == nil {
                groups[word] = terms.count
                terms.append(QueryTerm(text: word, boost: 1, forms: [QueryForm(term: Term(form: .surface, text: Array(word.utf8)), weight: 1)], position: 0))
            }
            phrases.append(LexicalPhrase(text: "", slots: words.enumerated().map { .init(group: groups[$1]!, offset: $0) }, slop: slop))
        }
        var highlighter = try Highlighter(
            HighlightOptions(), schema: textSchema, query: terms, searched: terms.map { _ in nil }, idf: terms.map { _ in 1 }, phrases: phrases,
            analyzers: try FieldAnalyzers(AnalyzerConfiguration(), []), control: control)
        return try highlighter.highlights(of: document("d", text)).first?.passages ?? []
    }
}

/// Tries every choice of occurrences.
private struct PhraseOracle {
    let analyzer: Analyzer
    init() throws { analyzer = try Analyzer() }

    private struct Occurrence {
        var position: Int
        var bytes: Range<Int>
    }

    /// Bytes of the words that take part in any match.
    func bytesOfMatches(of phrase: String, slop: Int, in text: String) -> Set<Int> {
        var query = AnalyzedText()
        var analyzed = AnalyzedText()
        analyzer.analyze(phrase, into: &query)
        analyzer.analyze(text, into: &analyzed)
        var words = query.tokens.filter { $0.form == .surface }
        for whole in query.tokens where whole.form == .whole {
            let inside = words.indices.filter { words[$0].start >= whole.start && words[$0].end <= whole.end }
            if inside.count == 1 { words[inside[0]] = whole }
        }
        let keys = words.map { Array(query.key(of: $0)) }
        let places = keys.map { key in
            analyzed.tokens.filter { Array(analyzed.key(of: $0)) == key }.map {
                Occurrence(position: Int($0.position), bytes: Int($0.start)..<Int($0.end))
            }
        }
        var bytes: Set<Int> = []
        func choose(_ chosen: [Occurrence]) {
            let slot = chosen.count
            if slot == places.count {
                for occurrence in chosen { bytes.formUnion(occurrence.bytes) }
                return
            }
            for occurrence in places[slot] where !chosen.indices.contains(where: { keys[$0] == keys[slot] && chosen[$0].position == occurrence.position }) {
                let all = (chosen + [occurrence]).enumerated().map { $1.position - Int(words[$0].position) }
                if all.max()! - all.min()! <= slop { choose(chosen + [occurrence]) }
            }
        }
        choose([])
        return bytes
    }
}
