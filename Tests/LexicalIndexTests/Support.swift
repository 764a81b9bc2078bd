import Glibc
import LexicalIndex
import SearchCore
import Testing

/// SplitMix64; the seed comes from TANDEM_TEST_SEED, or from the clock, and is printed.
struct TestRandom: RandomNumberGenerator {
    var state: UInt64

    init(_ name: String = #function) {
        if let text = getenv("TANDEM_TEST_SEED"), let seed = UInt64(String(cString: text)) {
            state = seed
        } else {
            state = UInt64.random(in: 0..<1_000_000_000)
        }
        print("\(name): TANDEM_TEST_SEED=\(state)")
    }

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Below `count`, small numbers far more often, like words of a text.
    mutating func zipf(_ count: Int) -> Int {
        let u = Double.random(in: 0..<1, using: &self)
        return min(Int(pow(Double(count), u)) - 1, count - 1)
    }
}

/// A text as an analyzer hands it over.
struct TestText: Equatable {
    var length: Int
    var keys: [[UInt8]]

    init(length: Int, keys: [[UInt8]]) {
        self.length = length
        self.keys = keys
    }

    /// Surface forms only, one per word.
    init(_ words: String) {
        keys = words.split(separator: " ").map { Term(form: .surface, String($0)).key }
        length = keys.count
    }

    func add(to sink: inout some LexicalFieldSink, field: Int) {
        let bytes = keys.flatMap { $0 }
        var starts: [Int] = []
        var positions: [UInt32] = []
        var at = 0
        var words: UInt32 = 0
        for key in keys {
            starts.append(at)
            at += key.count
            if key[0] == TermForm.surface.rawValue { words += 1 }
            positions.append(max(words, 1) - 1)
        }
        bytes.withUnsafeBytes { raw in
            sink.addField(field, length: length, termBytes: raw, tokenCount: keys.count) {
                // The word's number, as the surface forms count; parts have none.
                LexicalToken(
                    start: UInt32(starts[$0]), length: UInt16(keys[$0].count), position: keys[$0][0] == TermForm.part.rawValue ? nil : positions[$0])
            }
        }
    }
}

/// A document: texts by field; nil where the document lacks the field.
typealias TestDocument = [TestText?]

func add(_ document: TestDocument, to sink: inout some LexicalFieldSink) {
    for (field, text) in document.enumerated() { text?.add(to: &sink, field: field) }
}

func buildBytes(_ documents: [TestDocument], fields: Int, first: UInt32 = 0) -> [UInt8] {
    var builder = LexicalSegmentBuilder(fieldCount: fields, firstDoc: DocID(first))
    for (i, document) in documents.enumerated() {
        builder.beginDocument(DocID(first + UInt32(i)))
        add(document, to: &builder)
    }
    return builder.finish()
}

func build(_ documents: [TestDocument], fields: Int, first: UInt32 = 0) throws -> LexicalSegment {
    try LexicalSegment(MappedFile(copying: buildBytes(documents, fields: fields, first: first)), fieldCount: fields)
}

func deadDocument(_ document: TestDocument) -> DeadDocument {
    var dead = DeadDocument()
    add(document, to: &dead)
    return dead
}

/// The obvious BM25F: arrays of documents, the formula as semantics.md writes it.
struct Oracle {
    var documents: [TestDocument]
    var isLive: [Bool]

    init(_ documents: [TestDocument]) {
        self.documents = documents
        isLive = documents.map { _ in true }
    }

    func length(_ document: TestDocument, _ field: Int) -> Int {
        guard let text = document[field] else { return 0 }
        return min(max(text.length, text.keys.isEmpty ? 0 : 1), 65_535)
    }

    func scores(_ query: LexicalQuery) -> [Double?] {
        let fields = query.fieldWeights.indices.filter { query.fieldWeights[$0] > 0 }
        let live = documents.indices.filter { isLive[$0] }
        var average: [Int: Double] = [:]
        var N = 0
        for field in fields {
            let having = live.filter { length(documents[$0], field) > 0 }
            average[field] = having.isEmpty ? 1 : Double(having.reduce(0) { $0 + length(documents[$1], field) }) / Double(having.count)
            N = max(N, having.count)
        }
        func tf(_ document: Int, _ field: Int, _ key: [UInt8]) -> Int { documents[document][field]?.keys.count { $0 == key } ?? 0 }
        var total = [Double?](repeating: nil, count: documents.count)
        for group in query.groups {
            var n = 0
            for form in group.forms {
                for field in fields { n = max(n, live.count { tf($0, field, form.key) > 0 }) }
            }
            let idf = log(1 + (Double(N) - Double(n) + 0.5) / (Double(n) + 0.5))
            for d in documents.indices {
                var x = 0.0
                for form in group.forms {
                    for field in fields {
                        let count = Double(tf(d, field, form.key))
                        let len = Double(max(length(documents[d], field), 1))
                        x += query.fieldWeights[field] * form.weight * count / (1 - query.b + query.b * len / average[field]!)
                    }
                }
                if x > 0 { total[d] = (total[d] ?? 0) + group.boost * idf * x / (query.k1 + x) }
            }
        }
        return total
    }
}

extension TestText {
    /// Where the keys stand, as ``add(to:field:)`` says it: rising, each place once.
    func places(of keys: [[UInt8]]) -> [Int] {
        var words = 0
        var places: [Int] = []
        for key in self.keys {
            if key[0] == TermForm.surface.rawValue { words += 1 }
            let place = max(words, 1) - 1
            if key[0] != TermForm.part.rawValue, keys.contains(key), places.last != place { places.append(place) }
        }
        return places
    }
}

extension Oracle {
    func idf(_ group: LexicalGroup, _ query: LexicalQuery) -> Double {
        let fields = query.fieldWeights.indices.filter { query.fieldWeights[$0] > 0 }
        let live = documents.indices.filter { isLive[$0] }
        let n = group.forms.flatMap { form in fields.map { field in live.count { documents[$0][field]?.keys.contains(form.key) ?? false } } }.max() ?? 0
        let N = fields.map { field in live.count { length(documents[$0], field) > 0 } }.max() ?? 0
        return log(1 + (Double(N) - Double(n) + 0.5) / (Double(n) + 0.5))
    }

    /// A phrase's scores, given how often it is in a text of these places of its slots' words, each less the slot's offset.
    func scores(_ phrase: LexicalPhrase, _ query: LexicalQuery, frequency: ([[Int]]) -> Double) -> [Double?] {
        let fields = query.fieldWeights.indices.filter { query.fieldWeights[$0] > 0 }
        let idf = phrase.slots.reduce(0) { $0 + self.idf(query.groups[$1.group], query) }
        var average: [Int: Double] = [:]
        for field in fields {
            let having = documents.indices.filter { isLive[$0] && length(documents[$0], field) > 0 }
            average[field] = having.isEmpty ? 1 : Double(having.reduce(0) { $0 + length(documents[$1], field) }) / Double(having.count)
        }
        return documents.map { document in
            var x = 0.0
            for field in fields {
                guard let text = document[field] else { continue }
                let places = phrase.slots.map { slot in
                    text.places(of: query.groups[slot.group].forms.map(\.key)).map { $0 - slot.offset }
                }
                if places.contains([]) { continue }
                let length = Double(max(length(document, field), 1))
                x += query.fieldWeights[field] * frequency(places) / (1 - query.b + query.b * length / average[field]!)
            }
            return x > 0 ? phrase.boost * idf * x / (query.k1 + x) : nil
        }
    }
}

func key(_ word: String, _ form: TermForm = .surface) -> [UInt8] { Term(form: form, word).key }

func query(_ words: String, fields: [Double] = [1], k1: Double = 1.2, b: Double = 0.75) -> LexicalQuery {
    LexicalQuery(
        groups: words.split(separator: " ").map { LexicalGroup(text: String($0), forms: [LexicalForm(key: key(String($0)))]) },
        fieldWeights: fields, k1: k1, b: b)
}

/// Random texts over a small vocabulary of Zipf's shape, with stems ("s" + word number / 3) beside surface forms, with empty
/// texts, missing fields and now and then a long one.
struct TestCorpus {
    var random: TestRandom
    var vocabulary: Int
    var fields: Int

    func surface(_ word: Int) -> [UInt8] { key("w\(word)") }
    func stem(_ word: Int) -> [UInt8] { key("s\(word / 3)", .stem) }

    mutating func document() -> TestDocument {
        (0..<fields).map { field in
            let kind = Int.random(in: 0..<20, using: &random)
            if kind == 0 { return nil }
            if kind == 1 { return TestText(length: 0, keys: []) }
            if kind == 2 { return TestText(length: 0, keys: [key("part\(random.zipf(9))", .part)]) }
            let length = kind == 3 ? Int.random(in: 2040...2060, using: &random) : Int.random(in: 1...30, using: &random)
            let words = (0..<min(length, 40)).map { _ in random.zipf(vocabulary) }
            return TestText(length: length, keys: words.flatMap { [surface($0), stem($0)] })
        }
    }

    mutating func query() -> LexicalQuery {
        let groups = (0..<Int.random(in: 1...5, using: &random)).map { _ in
            let word = random.zipf(vocabulary + 3)
            var forms = [LexicalForm(key: surface(word), weight: 1)]
            if Bool.random(using: &random) { forms.append(LexicalForm(key: stem(word), weight: 0.6)) }
            if Int.random(in: 0..<4, using: &random) == 0 { forms.append(LexicalForm(key: surface(random.zipf(vocabulary)), weight: 0.3)) }
            return LexicalGroup(text: "w\(word)", boost: [1, 2, 0.5].randomElement(using: &random)!, forms: forms)
        }
        return LexicalQuery(
            groups: groups, fieldWeights: (0..<fields).map { _ in [0, 1, 1, 2.5].randomElement(using: &random)! },
            k1: [0, 1.2, 0.9, 3].randomElement(using: &random)!, b: [0, 0.75, 1, 0.4].randomElement(using: &random)!)
    }
}

/// Checks a searcher's three paths against one another bit for bit, and against expected scores within rounding.
func check(
    _ searcher: LexicalSearcher, capacity: Int, accept: DocBitSet, expected: [Double?], first: Int = 0, k: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let all = try searcher.score(docs: (0..<capacity).map { DocID(UInt32($0)) })
    for d in 0..<capacity {
        let want = d >= first && d - first < expected.count ? expected[d - first] : nil
        #expect((all[d] == nil) == (want == nil), "document \(d)", sourceLocation: sourceLocation)
        if let got = all[d], let want { #expect(abs(got - want) <= 1e-12 * want, "document \(d)", sourceLocation: sourceLocation) }
    }
    let matches = (0..<capacity).filter { all[$0] != nil && accept.contains(DocID(UInt32($0))) }
    let order = matches.sorted { all[$0]! != all[$1]! ? all[$0]! > all[$1]! : $0 < $1 }
    let top = try searcher.topK(k, accept: accept, control: .unlimited)
    #expect(top.matched == matches.count, sourceLocation: sourceLocation)
    #expect(top.hits == order.prefix(k).map { LexicalHit(doc: DocID(UInt32($0)), score: all[$0]!) }, sourceLocation: sourceLocation)
    let last = k > 0 && order.count >= k ? all[order[k - 1]] : nil
    let ties = order.dropFirst(k).filter { all[$0] == last }.prefix(1024)
    #expect(top.boundaryTies == ties.map { LexicalHit(doc: DocID(UInt32($0)), score: all[$0]!) }, sourceLocation: sourceLocation)
    let pruned = try searcher.topK(k, accept: accept, strategy: .alwaysPruned, control: .unlimited)
    #expect(pruned.hits == top.hits && pruned.boundaryTies == top.boundaryTies, sourceLocation: sourceLocation)
    #expect(pruned.matched <= top.matched, sourceLocation: sourceLocation)
    for d in order.prefix(3) + order.suffix(2) {
        #expect(try searcher.explain(DocID(UInt32(d))).score == all[d], sourceLocation: sourceLocation)
    }
}
